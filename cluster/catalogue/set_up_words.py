"""What a set-up will do, one plain sentence after the other; the dangerous ones stand apart."""

from cluster.catalogue.mark import gettext_noop as _

# A fault of an answer that nobody gave.
EMPTY = {
    "name": _("Write a name for this node, such as myrec1."),
    "address": _("Write an IP address such as 192.168.2.11."),
    "mask": _("Write an IP mask such as 255.255.255.0, or the number of its bits, such as 24."),
    "interface": _("Write the name of a network interface, such as eth0."),
    "path": _("Write a path from the root, such as {example}."),
}
DANGER = _("{disk} is overwritten: whatever lies on it is lost. From then on it holds the recordings.")
DANGER_SECONDARY = _("The users, settings and passwords of this machine are replaced by those of {primary}.")
PRIMARY = (
    _("{name} ({address}) becomes the primary of a cluster, alone at first. {other} ({other_address}) joins later."),
    _("Calls, users and settings of this machine are kept: they move into the database that both nodes share."),
    _("The floating address {floating} appears on {interface}; people use it from then on."),
    _("Recordings lie on the replicated volume, mounted on {directory}."),
)
MODES = {
    "async": _(
        "The database is copied without waiting (async): a sudden death of the primary can cost the last moments of "
        "what people changed. Calls are not lost by it: both nodes keep them until they are stored on both."
    ),
    "sync": _(
        "A change counts only when the other node has it too (sync): nothing that was shown as saved is lost, and each "
        "change waits for the other node while it is there."
    ),
}
WITNESS = _(
    "The witness {witness} gets its vote at the end of the second machine's set-up. It must run corosync-qnetd, and "
    "let both nodes reach its TCP port 5403. Until it votes, a cut link makes both nodes primary (split brain)."
)
NO_WITNESS = _(
    "There is no witness: if the link between the nodes is cut, both go on as primary (split brain), and one must be "
    "recovered afterwards."
)
RESTART = _(
    "Apresa restarts while this is done. Recording pauses for some seconds, and these pages do not answer for up to a "
    "minute; they come back by themselves."
)
SECONDARY = (
    _("{name} ({address}) becomes the secondary of the cluster of {primary}, and stands by for it."),
    _("Its database becomes a copy of the one on {primary}, and follows it from then on."),
    _(
        "The recordings are copied from {primary}. Depending on the size of the disk this takes hours: until it is "
        "done, {name} cannot take over."
    ),
)
SIGN_IN = _(
    "You will be asked to sign in again, with the name and password that you have on {primary}: the sign-in key of "
    "this machine becomes that of the cluster."
)
GIVE_UP_UNTOUCHED = _("Nothing was changed on this machine yet: the set-up is only forgotten.")
GIVE_UP = (
    _("What the set-up did on {name} is taken back, step by step; {name} works alone again."),
    _("Calls, users and settings are those that {name} had before. Calls that were recorded since then are kept."),
    _(
        "The database server of the cluster is put aside into /database/db/given-up, "
        "and Debian's own has its place again."
    ),
    _("Configuration of DRBD, Corosync, Pacemaker and Redis goes, and the names in /etc/hosts."),
)
GIVE_UP_MOVED = _(
    "It is compared first: where people changed something since the database was moved, nothing is taken back."
)
GIVE_UP_RESTART = _("Apresa restarts once; recording pauses for some seconds.")
GIVE_UP_DISK = _("{disk} becomes blank again: the copy of the recordings on it goes; they lie where they always lay.")
GIVE_UP_DISK_STAYS = _(
    "What lies on {disk} stays, as nobody here can tell whether it is the only copy. Before another set-up, and when "
    "{primary} has all recordings, empty it with wipefs -a {disk}."
)
GIVE_UP_LEFT = _("The packages stay installed; Corosync and Pacemaker do not start by themselves.")
GIVE_UP_PAIRING = _("The pairing with {primary} stays, and can be forgotten on the page of the set-up.")
