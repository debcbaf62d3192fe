"""What can be wrong with the answers of the set-up screen: code → one sentence that says what to do."""

from collections.abc import Mapping
from types import MappingProxyType

from cluster.catalogue.mark import gettext_noop as _
from cluster.catalogue.setup_steps import GIVE_UP

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
        "name-other": _("This machine is called {own}, not {value}; write its own name, or give it that one."),
        "name-elsewhere": _(
            "The name {value} leads to {other} here; correct the name server or /etc/hosts, or the address."
        ),
        "address-not-here": _("This machine has not the address {value}; give it to one of its interfaces first."),
        "mask-other": _("On this machine this address has a mask of {own} bits, not {value}; correct one of them."),
        "interface-not-here": _("This machine has no network interface {value} with an address."),
        "floating-taken": _("{value} is in use by a machine of this network; choose a free address."),
        "floating-unknown": _(
            "It cannot be told whether {value} is free: look at the root helper's log, then try again."
        ),
        "disk-missing": _("There is no partition {value} on this machine; make it, or name another one."),
        "disk-used": _("{value} is in use (mounted, swap, or part of something larger); name a free partition."),
        "disk-unknown": _(
            "It cannot be told what lies on {value}, so it is not touched; look at the log of the helper."
        ),
        "disk-not-blank": _(
            "{value} holds something already ({what}), and is not overwritten. "
            "Where nobody needs it, empty it with wipefs -a {value} first."
        ),
        "disk-unequal": _("{value} has {size} bytes here and {other} on the primary; both must be equally large."),
        "directory": _("The recordings must be mounted on {library}, where Apresa keeps them; write that."),
        "port-taken": _("Another program uses port {value} of this machine; end it, or move it to another port."),
        "programs-missing": _("This is not installed on this machine: {value}. Install its packages (docs/setup.md)."),
        "helper": _("The root helper does not answer: {detail}"),
        "database-others": _(
            "The PostgreSQL server of this machine holds databases of others; a node of a cluster needs one of its own."
        ),
        "database-there": _("{value} exists already, and may hold data of others; move it away first."),
        "not-paired": _("This machine is not paired with a primary yet, or has no answers from it; pair it first."),
        "own-calls": _(
            "This machine holds recordings of its own, which would be lost; make it the primary, or move them away."
        ),
        "under-way": _("A set-up was begun here already; follow it, or let it go on."),
        "in-cluster": _("This machine belongs to a cluster already."),
        **GIVE_UP,
        "nothing-to-give-up": _("There is no set-up here that could be given up."),
        "nothing-to-go-on": _("There is no set-up here that could go on."),
    }
)
