"""Answers of a set-up without a fault: the manual's own example."""

from cluster.findings import finding
from cluster.setup.answers import Answers, NodeAnswers
from cluster.setup.validate import Fault, check

FIRST = NodeAnswers("primary", "myrec1", "192.168.2.11", "255.255.255.0")
SECOND = NodeAnswers("secondary", "myrec2", "192.168.2.12", "255.255.255.0")
GOOD = Answers(FIRST, SECOND, "192.168.2.10", "eth0", "/dev/drbd0", "/recordings", disk="/dev/sdb1")


def answers_only(_role: str, answers: Answers) -> tuple[Fault, ...]:
    """The faults of the answers, on a machine that has none."""
    found = check(answers)
    return found if isinstance(found, tuple) else ()


def not_blank(_role: str, answers: Answers) -> tuple[Fault, ...]:
    """The faults of a machine whose partition holds something."""
    return (Fault("disk", finding("disk-not-blank", value=answers.disk, what="ext4")),)
