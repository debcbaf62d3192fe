"""What people can do to the cluster: its name, what it will do, and why it may be refused."""

from collections.abc import Mapping
from types import MappingProxyType

from cluster.catalogue.mark import gettext_noop as _

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "maintenance-on": _("Maintenance mode on"),
        "maintenance-off": _("Maintenance mode off"),
        "cleanup": _("Clean up a failed resource"),
        "switchover": _("Switch over"),
        "join": _("Join this node"),
        "start": _("Start the cluster here"),
        "witness-add": _("Add a witness"),
        "witness-remove": _("Remove the witness"),
        "witness-alone": _("Go on without witness"),
        "fencing-add": _("Set up the power switch"),
        "fencing-test": _("Ask the power switch"),
        "fencing-on": _("Switch fencing on"),
        "fencing-off": _("Switch fencing off"),
        "fencing-remove": _("Remove the power switch"),
    }
)
# What happens, one sentence after the other.
WILL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "maintenance-on": (
            _("Everything goes on as it is, and calls are recorded."),
            _("Until maintenance mode is off again, no node takes over, whatever fails."),
        ),
        "maintenance-off": (
            _("The cluster looks after its resources again, and starts what should run and does not."),
            _("From then on the other node takes over if the active one fails."),
        ),
        "cleanup": (
            _("The cluster forgets the failures of {resource} on {node}, and looks at it anew."),
            _("What should run there is started again."),
        ),
        "switchover": (
            _("{node} hands over to {other}: database, recordings and the floating address move."),
            _("For some seconds the pages do not answer. Calls go on being recorded on both nodes."),
            _(
                "Then {node} stands by: its database follows that of {other}, without a copy, once both sides prove "
                "that nothing of it would be discarded. Where they do not, it must be recovered first."
            ),
        ),
        "join": (
            _("{node} joins the cluster, and stands by for the active node. Its database is not copied."),
            _("It can take a minute until it is there."),
        ),
        "start": (
            _("{node} starts the cluster as its first node, and becomes the active one."),
            _("The other node must be off: if it runs the cluster unseen, both become primary."),
            _("It can take two minutes. Join the other node only when this one serves."),
        ),
        "witness-add": (
            _("{host} gets a vote: if the link between the nodes is cut, the active one goes on, the other stops."),
            _("Nothing is stopped or moved. If {host} does not vote for both nodes, everything is put back as it was."),
            _("From then on two of the three must be there: a node that loses {host} and the other node stops."),
            _(
                "What nodes and witness tell each other (names, numbers, votes; no calls) is not encrypted, and nobody "
                "proves who he is: let only the two nodes reach TCP port 5403 of {host}."
            ),
        ),
        "witness-remove": (
            _("The witness's vote is taken away on both nodes. Nothing is stopped or moved."),
            _("From then on a cut link makes both nodes primary (split brain)."),
        ),
        "witness-alone": (
            _("{node} goes on alone, without the witness and without {other}."),
            _("{other} must be off: if it runs unseen, both become primary (split brain)."),
            _("When {other} is back, remove the witness once more, so that both nodes agree; then add it again."),
        ),
        "fencing-add": (
            _("This node will be able to cut the power of {other}, and asks its switch first: nothing is switched."),
            _("When both nodes can, fencing is on: a node that is lost is cut off before it is taken over."),
            _("With fencing on and a switch that does not answer, nothing is taken over at all."),
        ),
        "fencing-test": (_("The switch for the power of {other} is asked whether it answers. Nothing is switched."),),
        "fencing-on": (
            _("A node that is lost is cut off before the other one takes over."),
            _("With fencing on and a switch that does not answer, nothing is taken over at all."),
        ),
        "fencing-off": (
            _("A node that is lost is taken over without its power being cut."),
            _("Without a witness, a cut link then makes both nodes primary (split brain)."),
        ),
        "fencing-remove": (
            _("Fencing is switched off, and this node forgets how to cut the power of {other}."),
            _("Without a witness, a cut link then makes both nodes primary (split brain)."),
        ),
    }
)
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "alone": _("This machine stands alone: there is no cluster."),
        "not-fresh": _(
            "Nobody has looked at the cluster for a while, so its state is not known. See whether the worker runs."
        ),
        "under-way": _("Something else is being done to the cluster: {what}. Wait until it has ended."),
        "pacemaker-unknown": _("This node cannot see the cluster's state: {detail}"),
        "not-joined": _("{node} has not joined the cluster. Join it first, or do this on the other node."),
        "split": _("Both nodes act as primary (split brain). Compare both sides and recover the one that loses first."),
        "already-on": _("Maintenance mode is on already."),
        "already-off": _("Maintenance mode is off already."),
        "refresh-first": _("The cluster's picture of {what} is wrong, and it would act on it. Clean that up first."),
        "nothing-failed": _("Nothing is known to have failed of {resource} on {node}."),
        "no-such-resource": _("The cluster has no resource {resource}."),
        "no-such-node": _("The cluster has no node {node}."),
        "blocked": _("{resource} could not be stopped and may still run. Make sure that it does not, before this."),
        "maintenance": _("The cluster is in maintenance mode, so nothing would move. Switch it off first."),
        "moving": _("The active node is changing, or seems to; look again in a minute."),
        "nobody-active": _("No node is active, so there is nothing to hand over."),
        "not-here": _("Do this on {node}, the active node: only there it can be seen whether {other} has everything."),
        "not-ready": _("{other} would not take over: {sentence}"),
        "not-certain": _("It is not certain that {other} would take over: {sentence}"),
        "not-on-both-disks": _("The recordings are not all on both disks. {detail}"),
        "behind": _("The database of {other} lacks {bytes} bytes. Wait a moment and try again."),
        "behind-unknown": _("It is not known whether the database of {other} has everything."),
        "joined-already": _("{node} has joined the cluster already."),
        "start-unknown": _("The state of {part} is not known on {node}, and unknown is not good enough here: {detail}"),
        "acts-as-primary": _("{node} acts as primary outside the cluster: {evidence}. Stop that first."),
        "recordings-apart": _(
            "The recordings on {node} have gone their own way (DRBD: StandAlone). Recover them first."
        ),
        "disk-bad": _("The copy of the recordings on {node} is not good (DRBD: {disk}). Repair the disk first."),
        "name": _("{node} is not one of the nodes that the cluster's configuration names."),
        "link": _("{node} has no network connection with its address {address}. Check cable and interface."),
        "was-primary": _(
            "The database of {node} was the active one when it stopped ({state}), and it is not proven that the other "
            "node has all of it. {why} Recover it from the active node (recoverdb), let it run as the standby, then "
            "join. If both nodes are off, start the cluster here instead."
        ),
        "was-standby": _(
            "The database of {node} was the standby when it stopped ({state}): the other node has the newer data. "
            "Start the cluster there, then join {node}."
        ),
        "ticket-open": _(
            "A recovery of {loser} is open, and {loser} must not become active before it has ended. Repair it first."
        ),
        "not-let-follow": _("Its database could not be let follow the active one. {detail}"),
        "other-unknown": _(
            "{other} does not tell its state, so it cannot be compared: {detail} See that it is on and that its "
            "apresa-link runs."
        ),
        "nothing-to-join": _(
            "{other} is not active, so there is nothing to stand by for. Start the cluster on the node with the newer "
            "data, then join the other."
        ),
        "other-runs": _(
            "{other} runs the cluster, or acts as primary. Join this node instead of starting a second one."
        ),
        "other-newer": _(
            "The database of {other} is the newer one (timeline {newer}, here {older}). Start the cluster there."
        ),
        "strangers": _(
            "The databases of both nodes are not copies of each other. Recover this one from {other} (recoverdb) first."
        ),
        "parted": _(
            "The database of {node} went its own way (timeline {newer}, on {other} {older}). Recover it from {other} "
            "(recoverdb) first."
        ),
        "node-away": _("{other} is away: both nodes must be there for this. Join it first."),
        "no-majority": _("{node} has no majority of the votes, or nobody can tell. Look at the findings first."),
        "majority": _("{node} has a majority, or nobody can tell: it goes on as it is."),
        "other-answers": _("{other} answers: this is only for a node that is left alone."),
        "no-witness": _("There is no witness."),
        "witness-name": _('"{value}" is no name or address of a witness: give that of a third machine.'),
        "witness-inside": _("{value} is one of the nodes; the witness must be a third machine."),
        "witness-other": _("There is another witness: {value}. Remove it first."),
        "witness-already": _("{value} is the witness already, and votes."),
        "fence-exists": _("There is a switch for the power of {node} already. Remove it first."),
        "fence-not-ready": _("The switch for the power of {node} is not set up, or does not answer."),
        "fence-not-kept": _("The password could not be kept: {detail}"),
        "fencing-on-already": _("Fencing is on already."),
        "fencing-off-already": _("Fencing is off already."),
        "fence-agent": _('"{value}" is no agent that can be set up; there are: {agents}.'),
        "fence-plug": _("{agent} needs the name of the other machine at its host."),
        "fence-no-plug": _("{agent} switches one machine alone: leave the name of the machine away."),
        "fence-value": _('"{value}" is no name or address that may be used here.'),
        "fence-password": _("A password is 1 to 128 letters, digits and signs, without spaces."),
        "no-fencing": _("This node has no switch for the power of {node}."),
        "server-down": _("The files of the database of {node} are in a state that no server leaves: {state}."),
    }
)
# What goes on, and what went wrong with it.
STEPS: Mapping[str, str] = MappingProxyType(
    {
        "look": _("Looking at the cluster"),
        "maintenance": _("Setting maintenance mode"),
        "standby": _("Handing over"),
        "rejoin": _("Letting the database follow the active one again"),
        "serve": _("Letting the node serve again"),
        "refresh": _("Looking at the resource anew"),
        "first-mark": _("Removing the mark of the failure"),
        "join": _("Starting the cluster's programs"),
        "witness-reach": _("Asking the witness for an answer"),
        "witness-file": _("Writing Corosync's file"),
        "witness-reload": _("Letting Corosync read its file"),
        "witness-service": _("Starting or stopping the witness's client"),
        "quorum-policy": _("Setting what a node without a majority does"),
        "fence-check": _("Asking the power switch"),
        "fence-query": _("Asking the power switch by way of the cluster"),
        "fence-add": _("Naming the power switch to the cluster"),
        "fence-remove": _("Taking the power switch out of the cluster"),
        "fence-forget": _("Removing the password"),
        "fencing-on": _("Switching fencing on"),
        "fencing-off": _("Switching fencing off"),
    }
)
FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "refused": _("It was not done. {reasons}"),
        "unavailable": _("A command gave no answer: {detail}"),
        "no-rights": _(
            "Apresa may not do this ({program}: {said}). Run the root helper (apresa-helper.socket), or do it as root."
        ),
        "command-failed": _("{program} ended with exit code {exit}: {said}"),
        "witness-no-vote": _(
            "The witness {host} did not vote for both nodes within {seconds} seconds, so everything was put back. See "
            "that it is on, that corosync-qnetd runs there, and that its TCP port 5403 lets both nodes in."
        ),
        "fence-no-answer": _("Nothing was set up: the power switch at {address} does not answer {agent}: {said}"),
        "fence-not-started": _(
            "The power switch of {node} answered, but the cluster did not get it ready within {seconds} seconds, so it "
            "was taken away again."
        ),
        "fence-silent": _("The power switch of {node} does not answer: {said}"),
        "not-reached": _("It was done, but its effect was not seen within {seconds} seconds. Look at the findings."),
    }
)
