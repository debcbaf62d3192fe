"""Beginnings of histories that a search from the very start would take too long to come to."""

SPLIT_BRAIN = (
    "packet 1 of call 0 reaches North",
    "packet 2 of call 0 reaches South",
    "call 0 ends",
    "all links are cut",
    "the standby notices that DRBD is cut",
    "South is promoted",
    "North begins to settle call 0",
    "North publishes version 1 of call 0",
    "North commits the row of call 0 with packets 1",
    "North puts its spool entry of call 0 by",
    "South begins to settle call 0",
    "South publishes version 1 of call 0",
    "South commits the row of call 0 with packets 10",
    "South puts its spool entry of call 0 by",
    "the cluster's link heals",
    "Pacemaker stops North, one of two that are active",
    "the recordings' link heals",
    "DRBD finds a split brain",
    "the database's link heals",
    "a recovery begins: North gives way",
)
"""Both nodes store the call as version 1, each with the packets that only it heard; then South is to survive."""

LOSER_IS_BACK = (
    *SPLIT_BRAIN,
    "North hands over what was deleted there",
    "the recordings of North are discarded",
    "the database of North is restored from South",
    "DRBD's sync is done",
    "the recovery is closed",
)
"""North stands by again, and has offered nothing yet."""

TWO_SURVIVORS = (
    *SPLIT_BRAIN,
    "North hands over what was deleted there",
    "the recordings of South are discarded",
    "DRBD's sync is done",
    "South finds no good file of call 0: its row awaits one",
    "South hands its spool entry of call 0 back to settle",
    "South begins to settle call 0",
    "the database of North is restored from South",
    "the recovery is closed",
    "all links are cut",
    "South publishes version 2 of call 0",
    "South commits the row of call 0 with packets 10",
    "the database's link heals",
)
"""Without J1: the database of one side survives, and the recordings of the other; then the second failure."""
