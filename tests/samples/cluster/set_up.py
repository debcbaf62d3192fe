"""Answers of a set-up without a fault: the manual's own example."""

from cluster.setup.answers import Answers, NodeAnswers

FIRST = NodeAnswers("primary", "myrec1", "192.168.2.11", "255.255.255.0")
SECOND = NodeAnswers("secondary", "myrec2", "192.168.2.12", "255.255.255.0")
GOOD = Answers(FIRST, SECOND, "192.168.2.10", "eth0", "/dev/drbd0", "/recordings", disk="/dev/sdb1")
