"""The words of a recovery: which case it is, what speaks for and against a side, what will be done."""

from collections.abc import Mapping
from types import MappingProxyType

from cluster.catalogue.mark import gettext_noop as _

CASES: Mapping[str, str] = MappingProxyType(
    {
        "nothing-to-do": _("Nothing needs to be recovered: {other} stands by for {node}, or the other way round."),
        "failed-node": _("One node has failed and must be brought back: its database comes anew from the active node."),
        "split-brain": _("Both nodes were active at once (split brain): one of them gives way to the other."),
        "databases-only-broken": _("No node has a database that takes writes. One of them must become the active one."),
        "both-off": _("The cluster runs on no node. The one with the newest data is started first."),
        "sides-unknown": _("Not enough is known of the two sides to recover anything."),
    }
)
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "recover-node": _("Repair this node"),
        "recover-databases": _("Make this node's database the active one"),
        "recover-first": _("Start this node first"),
        "recover-connect": _("Let the other node's recordings connect"),
        "recover-end": _("End of a repair"),
    }
)
WILL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "recover-node": (
            _("{survivor} stays as it is and goes on serving. What follows is done to {loser}."),
            _(
                "The database of {loser} is copied anew from {survivor}; "
                "the old one is kept beside it until the next recovery."
            ),
            _(
                "Deletions and audit entries that only the old database of {loser} knows are handed over "
                "to {survivor}; users and settings that differ are listed for you."
            ),
            _("Where the recordings have parted, the copy on {loser} gives way to that on {survivor}."),
            _(
                "{loser} joins the cluster as the one that stands by. "
                "Until its copies are whole it cannot become active."
            ),
            _("Calls that {loser} keeps in its spool stay there until {survivor} has them."),
        ),
        "recover-databases": (
            _(
                "In maintenance mode the database of {survivor} is started as the active one; "
                "then the cluster takes it over."
            ),
            _("What only {loser} has stays there, and is handed over when {loser} is repaired."),
        ),
        "recover-first": (
            _("{survivor} starts the cluster, and becomes the active node. It can take two minutes."),
            _("Then repair {loser} from its own page."),
        ),
        "recover-connect": (
            _("{survivor} takes the connection of {loser} again. Its own recordings stay as they are."),
        ),
    }
)
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "nothing": _("Nothing needs to be recovered here."),
        "alone": _("This machine stands alone: there is no cluster."),
        "sides-unknown": _("Not enough is known of the two sides: {detail}"),
        "nothing-here": _(
            "There is nothing to do on this node: repair {loser} from its own page, or there in the shell."
        ),
        "there-first": _("{survivor} is the one to go on: repair it there first, then come back to this node."),
        "line-unknown": _("It is not known where the database of {node} stands: {detail}"),
        "lines-unknown": _("It cannot be told which of the two databases is the newer one."),
        "strangers": _("The databases of {survivor} and {loser} are not copies of each other. Nothing is replaced."),
        "older-database": _(
            "The database of {loser} has what that of {survivor} lacks ({bytes} bytes or more), "
            "and nothing the other way round: the newer data are never discarded."
        ),
        "older-recordings": _(
            "The recordings on {loser} are newer than those on {survivor}: "
            "database and recordings must come from one side."
        ),
        "foreign-recordings": _("The recordings of {survivor} and {loser} have never been copies of each other."),
        "loser-serves": _("{loser} is active, and {survivor} is not: what serves is not discarded."),
        "survivor-disk": _("The copy of the recordings on {node} is not good (DRBD: {disk})."),
        "other-survivor": _("A recovery is open that keeps {survivor}. It is chosen once: end that recovery first."),
        "not-active": _("{address} is not the active node: its database takes no writes."),
        "survivor-silent": _("{survivor} is not active, or does not answer."),
        "sides-changed": _("The two sides are not as they were when this was asked for."),
        "own-address": _("{address} is this node itself. Name the node that still works."),
        "not-the-other": _("{address} is not an address of {other}, the other node of this cluster."),
        "unseen": _("{sentence} If you know better, confirm that it need not be compared."),
        "under-way": _("Something else is being done to the cluster: {what}. Wait until it has ended."),
    }
)
UNSEEN: Mapping[str, str] = MappingProxyType(
    {
        "other-unseen": _(
            "{node} could not be asked ({detail}) It may have the newer data: what only it has would be handed over "
            "later, and until then it is missing."
        ),
        "recordings-unseen": _("The recordings of {survivor} and {loser} could not be compared."),
        "calls-unseen": _("The calls of {survivor} and {loser} could not be compared one by one."),
    }
)
COSTS: Mapping[str, str] = MappingProxyType(
    {
        "own-history": _("The database of {loser} went its own way: {bytes} bytes of its log are not in {survivor}."),
        "own-history-unknown": _("The database of {loser} went its own way; how far cannot be told."),
        "last-bytes": _(
            "{loser} may have written a last part of its log that {survivor} never got; it stays in the old database."
        ),
        "only-there-calls": _(
            "{count} of the newest calls are stored on {loser} only. They are in its spool still, "
            "and are offered to {survivor} afterwards."
        ),
        "only-there-spooled": _("{count} calls in the spool of {loser} are offered to {survivor} afterwards."),
        "only-there-acts": _("{count} acts by people are known to {loser} only."),
        "recordings-discarded": _("What the recordings' volume of {loser} has written alone is discarded."),
        "recordings-down": _(
            "The recordings' volume of {loser} is not in use; whether it has parted shows when it starts."
        ),
    }
)
WHY: Mapping[str, str] = MappingProxyType(
    {
        "only-choice": _("Only {survivor} can survive; the other way is refused."),
        "serves": _(
            "{survivor} is active now. Which of two active nodes stays so after a cut link is Pacemaker's choice."
        ),
        "more-acts": _("More was done by people on {survivor}."),
        "more-calls": _("{survivor} has recorded more calls that the other node lacks."),
        "promoted": _("{survivor} has the floating address."),
        "newer-line": _("{survivor} was promoted last."),
        "alike": _("Both sides are alike; either choice loses nothing."),
    }
)
STEPS: Mapping[str, str] = MappingProxyType(
    {
        "compare": _("Comparing both sides"),
        "export": _("Keeping what only this node has"),
        "hand-over": _("Handing over what only the old database of this node knew"),
        "ban": _("Keeping the cluster's hands off the database"),
        "stop-database": _("Stopping the database"),
        "copy-database": _("Copying the database from the active node"),
        "swap-database": _("Putting the copy in place of the old database"),
        "agent-marks": _("Removing the marks of the failure"),
        "secondary": _("Taking the recordings out of use"),
        "discard": _("Giving way to the other copy of the recordings"),
        "ban-promotion": _("Keeping this node from becoming active"),
        "follow": _("Waiting until the database follows"),
        "connect": _("Connecting the recordings"),
        "copy-recordings": _("Waiting until the recordings are copied"),
        "clear-ban": _("Letting this node become active again"),
        "promotable": _("Letting the database of this node become active again"),
        "agree": _("Waiting until kernel, Pacemaker and PostgreSQL agree"),
        "primary-files": _("Making the files those of an active database"),
        "start-database": _("Starting the database"),
        "adopt": _("Letting the cluster see the database"),
        "serve-here": _("Waiting until this node serves"),
        "first-mark": _("Removing the mark of the failure"),
    }
)
FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "not-connecting": _(
            "The database of this node follows {other}, but the recordings do not connect. On {other}, open the "
            "cluster's page and press Repair (or type cluster_recover there); then repair this node again."
        ),
    }
)
NOTES: Mapping[str, str] = MappingProxyType(
    {
        "copying-goes-on": _(
            "The database follows. The recordings are still being copied; when both copies are whole, this node "
            "may become active again. That happens by itself."
        ),
    }
)
# What a side's database does.
SERVER: Mapping[str, str] = MappingProxyType({"writes": _("writes"), "follows": _("follows"), "stopped": _("stopped")})
HANDED: Mapping[str, str] = MappingProxyType(
    {
        "nothing": _("The old database of this node knew nothing that the active one lacks."),
        "unreadable": _(
            "The old database of this node could not be read ({reason}). What it alone knew was not handed over; "
            "it is kept in {kept} until the next recovery."
        ),
        "given": _("It was handed over to the active node, which merges it."),
        "waits": _("It lies ready on this node, and is handed over by itself as soon as the active node takes it."),
        "more": _("{count} further differences are listed in the audit trail, or in {kept}."),
    }
)
HANDED_COUNTS: Mapping[str, str] = MappingProxyType(
    {
        "audit": _("{count} entries of the audit trail were known to the old database only."),
        "hold": _("{count} holds were known to the old database only, or changed there."),
        "held": _("{count} calls under a hold were known to the old database only, or changed there."),
        "note": _("{count} notes were known to the old database only, or changed there."),
        "tag": _("{count} tags were known to the old database only, or changed there."),
        "evidence": _("{count} links of evidence were known to the old database only; they are kept as a branch."),
        "tombstone": _("{count} deletions of calls were known to the old database only."),
    }
)
# Not merged: an administrator decides.
HANDED_TOLD: Mapping[str, str] = MappingProxyType(
    {
        "setting": _("The setting {key} was {there} in the old database, and is {here} now."),
        "user": _("The user {key} existed in the old database only."),
        "user-differs": _("The user {key} was another one in the old database: {fields}."),
        "note-text": _("A note was changed on both nodes, and the later text holds: {there} · {here}"),
        "number": _("The old database let somebody see a number that they may not see now: {key}."),
    }
)
# What is compared, in the order of the table.
ROWS: Mapping[str, str] = MappingProxyType(
    {
        "cluster": _("In the cluster"),
        "database": _("Database"),
        "timeline": _("Timeline of the database"),
        "position": _("Position in its log"),
        "recordings": _("Recordings (DRBD)"),
        "generation": _("Generation of the recordings"),
        "calls": _("Calls stored"),
        "last-call": _("Last call (UTC)"),
        "only-calls": _("Calls stored only there"),
        "only-spooled": _("Calls in the spool that the other lacks"),
        "only-acts": _("Acts by people known only there"),
    }
)
