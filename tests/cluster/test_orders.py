"""The commands that change the cluster: for root and through the helper they are the same."""

import pytest
from apresa_helper.deeds import Run
from apresa_helper.verbs import deed

from cluster import orders
from cluster.commands import PROGRAMS, Command

ORDERS = [
    orders.maintenance(on=True),
    orders.maintenance(on=False),
    orders.standby("north", on=True),
    orders.standby("north", on=False),
    orders.refresh("postgresql", "south"),
    orders.JOIN,
    orders.RECONNECT,
    orders.RECORDER,
    orders.WITNESS_RELOAD,
    orders.quorum_policy("stop"),
    orders.quorum_policy("ignore"),
]


@pytest.mark.parametrize("command", ORDERS)
def test_the_helper_does_what_root_would_do(command: Command) -> None:
    assert command.order is not None
    done = deed(command.order.verb, dict(command.order.values))
    assert isinstance(done, Run)
    assert done.argv == (PROGRAMS[command.argv[0]], *command.argv[1:])
