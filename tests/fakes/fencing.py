"""A cluster whose devices of fencing come and go by the orders of the root helper."""

from cluster.commands import Command
from cluster.types import Result
from tests.fakes.cluster import FakeCluster
from tests.samples.cluster import replies
from tests.samples.cluster.kept import said

DEVICE = (
    '<resource id="fence_{0}" resource_agent="stonith:fence_ipmilan" role="{2}" active="true" orphaned="false" '
    'blocked="false" managed="true" failed="{3}" failure_ignored="false" nodes_running_on="1">'
    '<node name="{1}" id="1" cached="true"/></resource>'
)
SOUTHS = DEVICE.format("south", "north", "Started", "false")
NORTHS = DEVICE.format("north", "south", "Started", "false")
WARNED = "from pipes import quote\n09:00 ERROR: No route\nPlease use -h\n"


def with_devices(*devices: str, on: bool = False) -> Result:
    text = replies.PACEMAKER.replace("<resources>", "<resources>" + "".join(devices), 1)
    return said(text.replace('stonith-enabled="false"', 'stonith-enabled="true"') if on else text)


class FencedCluster(FakeCluster):
    """`power`: the switch's answer as an exit code; `starts`: whether Pacemaker gets it ready."""

    def __init__(self, *devices: str, power: int = 0, starts: bool = True, on: bool = False, **others: Result) -> None:
        super().__init__(None, **{"pacemaker": with_devices(*devices, on=on), **others})
        self.devices, self.power, self.starts, self.on = list(devices), power, starts, on
        self.given: list[tuple[str, dict[str, object]]] = []

    def run(self, command: Command) -> Result:
        if command.order is None:
            return super().run(command)
        verb, values = command.order.verb, dict(command.order.values)
        self.given.append((verb, values))
        if verb == "fence-add":
            self.devices.append(SOUTHS if self.starts else SOUTHS.replace("Started", "Stopped"))
        if verb == "fence-remove":
            self.devices = [one for one in self.devices if f"fence_{values['node']}" not in one]
        if verb == "fencing":
            self.on = bool(values["on"])
        self.now(pacemaker=with_devices(*self.devices, on=self.on))
        code = self.power if verb in {"fence-check", "fence-query"} else 0
        return Result(command.argv, code, "", WARNED if code == 1 else "")

    @property
    def verbs(self) -> list[str]:
        return [verb for verb, _values in self.given]
