"""What can be wrong with the answers of the set-up screen: code → one sentence that says what to do."""

from collections.abc import Mapping
from types import MappingProxyType

from cluster.catalogue.mark import gettext_noop as _

FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "roles": _("One node begins as primary, the other as secondary; choose one of each."),
        "name": _('"{value}" is no name of a node; use small letters, digits and hyphens, such as myrec1.'),
        "name-local": _('Every machine calls itself "{value}"; give this node a name of its own, such as myrec1.'),
        "name-twice": _('Both nodes are called "{value}"; give each a name of its own.'),
        "address": _('"{value}" is no IP address; write one such as 192.168.2.11.'),
        "address-kind": _("{value} is not an address that one machine can have in a network; write one that is."),
        "address-twice": _("{value} stands here twice; every address belongs to one place."),
        "families": _(
            "{value} is of another kind (IPv4, IPv6) than the first node's address; use one kind throughout."
        ),
        "mask": _('"{value}" is no IP mask; write one such as 255.255.255.0, or the number of its bits, such as 24.'),
        "mask-narrow": _("With the mask {value} there is no room for both nodes; leave at least {bits} bits."),
        "masks-differ": _("The nodes have different masks; in one network both have the same."),
        "outside": _(
            "{value} and {other} are not in the same network with this mask; correct the address or the mask."
        ),
        "network-address": _("{value} is the address of the network itself or of all in it; no machine can have it."),
        "link-one-sided": _("The replication link has an address on one node only; give both, or none."),
        "link-not-apart": _("The replication link lies in the nodes' own network; a second link is one of its own."),
        "interface": _('"{value}" is no name of a network interface; eth0 is one.'),
        "path": _('"{value}" is no path for this; write one from the root, such as {example}.'),
        "device": _('"{value}" is no device of DRBD; its first one is /dev/drbd0.'),
        "mode": _('"{value}" is no kind of replication; write async or sync.'),
        "witness": _('"{value}" is no name or address of a witness; leave it empty where there is none.'),
        "witness-inside": _("The witness {value} is one of the nodes; it must be a third machine."),
    }
)
