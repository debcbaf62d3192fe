"""Failures on the running lab, timed. Each begins with a healthy cluster and ends with one."""

import sys
import time
from collections.abc import Callable, Sequence

from tests.lab.cluster import network, state
from tests.lab.cluster.configure import LONG
from tests.lab.cluster.drills_calls import calls_during_poweroff, silence
from tests.lab.cluster.drills_databases import databases
from tests.lab.cluster.drills_fencing import fencing
from tests.lab.cluster.drills_giveup import BARE
from tests.lab.cluster.drills_handover import handover
from tests.lab.cluster.drills_links import nocable, onelink
from tests.lab.cluster.drills_recovery import recoverdb, recoverfirst, standbydatabase
from tests.lab.cluster.drills_rejoin import crm_standby, restart, storm, switchover
from tests.lab.cluster.drills_saved import saved
from tests.lab.cluster.drills_update import update
from tests.lab.cluster.drills_witness import witnesscut, witnessdies
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import FLOATING, NUMBERS, LabError, address
from tests.lab.cluster.probe import Probe
from tests.lab.cluster.repair import act
from tests.lab.cluster.report import Report
from tests.lab.cluster.scene import STOPPED, Scene


def poweroff_active(scene: Scene) -> None:
    """The active node loses its power."""
    scene.active.off()
    scene.taken_over()
    scene.report.told(scene.other, {"node-offline"})
    scene.repaired(scene.active, scene.other)


def maintenance(scene: Scene) -> None:
    """Maintenance mode on, a reboot of the other node, off again: no node takes over."""
    act(scene.active, "maintenance-on")
    scene.report.told(scene.active, {"maintenance"}, also=scene.other)
    scene.other.off()
    state.wait("it is alone", scene.active, lambda seen: len(seen.online) == 1, STOPPED)
    act(scene.active, "maintenance-off")
    scene.report.row("outage of the floating address", scene.probe.outage(FLOATING, scene.began))
    scene.repaired(scene.other, scene.active)


def poweroff_standby(scene: Scene) -> None:
    """The other node loses its power: nobody may notice. It joins again without a copy."""
    scene.other.off()
    state.wait("it is alone", scene.active, lambda seen: len(seen.online) == 1, STOPPED)
    scene.report.told(scene.active, {"node-offline", "drbd-not-connected"})
    scene.report.row("outage of the floating address", scene.probe.outage(FLOATING, scene.began))
    scene.joined(scene.other, scene.active)


def linkcut(scene: Scene) -> None:
    """The link between the nodes is cut, without witness or fencing: a split brain, and its repair."""
    network.cut(whole=False)
    try:
        state.wait("both are active", scene.other, lambda s: s.active == scene.other.name and s.serves, STOPPED)
        scene.report.row("until both are active", time.time() - scene.began)
        scene.report.told(scene.other, {"node-offline"}, also=scene.active, together={"two-active"})
    finally:
        network.cut(whole=True)
    bad, good = scene.parted()
    scene.report.row("both answered /readyz", scene.probe.both(address(1), address(2), scene.began))
    scene.repaired(bad, good)


def both_off(scene: Scene) -> None:
    """Both nodes lose their power; the one that was active last is started first, alone."""
    scene.other.off()
    scene.active.off()
    began = time.time()
    scene.active.on()
    scene.report.told(scene.active, {"not-joined"})
    act(scene.active, "start")
    state.wait("the first node serves", scene.active, lambda seen: seen.serves, LONG)
    scene.answers()
    scene.report.row("first node from power on until it serves", time.time() - began)
    scene.report.told(scene.active, {"node-offline"})
    scene.repaired(scene.other, scene.active)


DRILLS: dict[str, Callable[[Scene], None]] = {
    "restart": restart,
    "switchover": switchover,
    "crmstandby": crm_standby,
    "storm": storm,
    "maintenance": maintenance,
    "poweroff": poweroff_active,
    "standbyoff": poweroff_standby,
    "onelink": onelink,
    "nocable": nocable,
    "linkcut": linkcut,
    "witnesscut": witnesscut,
    "witnessdies": witnessdies,
    "fencing": fencing,
    "bothoff": both_off,
    "databases": databases,
    "recoverfirst": recoverfirst,
    "recoverdb": recoverdb,
    "standbydatabase": standbydatabase,
    "handover": handover,
    "calls": calls_during_poweroff,
    "silence": silence,
    "saved": saved,
    "update": update,
}
NAMES = {name: made.__doc__ or "" for name, made in (*DRILLS.items(), *BARE.items())}


def drill(names: Sequence[str], nodes: Sequence[Node], *, repeat: int = 1, seed: int = 1, as_json: bool = False) -> int:
    """Run them, print the table; 1 when one failed. After a failure the cluster is no ground for the next one."""
    report = Report(sys.stderr if as_json else sys.stdout)
    with Probe(FLOATING, *(address(number) for number in NUMBERS)) as probe:
        for name in (one for one in names for _ in range(repeat)):
            report.begin(name, NAMES[name])
            try:
                _run(name, nodes, probe, report, seed)
            except LabError as error:
                report.failed(str(error))
            if report.faults:
                break
    print(report.as_json() if as_json else report.table())
    return report.exit_code()


def _run(name: str, nodes: Sequence[Node], probe: Probe, report: Report, seed: int) -> None:
    """Raises LabError."""
    if name in BARE:
        BARE[name](nodes, report)
        return
    state.wait("the cluster is healthy", nodes[0], lambda seen: seen.healthy, 60)
    scene = Scene(nodes, probe, report, seed)
    scene.answers()
    scene.began = time.time()
    DRILLS[name](scene)
    report.told(scene.active, set(), also=scene.other, good=True)
