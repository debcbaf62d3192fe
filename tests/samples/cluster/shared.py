"""Real replies of a cluster in many states, beside the project; tests that need them skip where they are missing."""

from pathlib import Path

import pytest

from cluster import commands
from cluster.commands import Command
from cluster.replies import Replies
from cluster.types import Result, Unknown

SAMPLES = Path(__file__).parents[4] / "shared" / "ha" / "samples"
FILES: tuple[tuple[Command, str], ...] = (
    (commands.PACEMAKER, "crm_mon.xml"),
    (commands.QUORUM, "quorumtool.txt"),
    (commands.LINKS, "cfgtool.txt"),
    (commands.WITNESS, "qdevice_status.txt"),
    (commands.POSTGRES, "pg_recovery.txt"),
    (commands.STANDBYS, "pg_stat_replication.csv"),
    (commands.RECEIVER, "pg_stat_wal_receiver.csv"),
    (commands.CONTROL, "pg_controldata.txt"),
    (commands.DRBD_PROC, "proc_drbd.txt"),
)
# Here the files of exit codes are left over from an earlier sampling: its texts are answers.
STALE_CODES = {("linkcut_fenced", "myrec2")}
ADDRESSES = {"ns": "10.77.1.1", "vm": "192.168.2.1"}


def samples() -> Path:
    if not SAMPLES.is_dir():
        pytest.skip(f"the reference replies are not at {SAMPLES}")
    return SAMPLES


def states() -> list[str]:
    """All sampled nodes as "lab/state/node", none where the samples are missing."""
    return sorted(str(path.parent.relative_to(SAMPLES)) for path in SAMPLES.glob("*/*/myrec?/crm_mon.xml"))


def sampled(node: str) -> Replies:
    """The replies of one sampled node ("vm/healthy/myrec1"), with what the sample lacks made healthy.

    Not sampled were corosync.conf (in most states), the interfaces and the synchronisation of the clock.
    """
    folder = samples() / node
    results: dict[str, Result | Unknown] = {
        command.name: result(folder, command, name) for command, name in FILES if (folder / name).exists()
    }
    witness = "Qdevice" in (folder / "quorumtool.txt").read_text(encoding="utf-8")
    net = ADDRESSES[node[:2]]
    mine = f"{net}{node[-1]}"
    if (folder / "cfgtool.txt").exists() and "addr" in (text := (folder / "cfgtool.txt").read_text(encoding="utf-8")):
        mine = text.partition("addr\t= ")[2].split()[0]
        net = mine[:-1]
    results[commands.CONFIGURATION.name] = Result((), 0, _configuration(net, witness=witness), "")
    interfaces = f'[{{"ifname": "eth0", "flags": ["UP", "LOWER_UP"], "addr_info": [{{"local": "{mine}"}}]}}]'
    results[commands.INTERFACES.name] = Result((), 0, interfaces, "")
    results[commands.CLOCK.name] = Result((), 0, "NTPSynchronized=yes\n", "")
    results[commands.MARKS.name] = Result((), 0, "", "")
    results.setdefault(commands.DRBD_PROC.name, Result((), 1, "", "cat: /proc/drbd: No such file or directory"))
    return Replies(node.rpartition("/")[2], 0.0, results)


def result(folder: Path, command: Command, name: str) -> Result:
    """One reply as the tool gave it: both its outputs are in the one file, its exit code, if not 0, in another."""
    text = (folder / name).read_text(encoding="utf-8")
    text = "".join(line for line in text.splitlines(keepends=True) if "could not change directory" not in line)
    code_file = folder / f"{name}.rc"
    has_code = code_file.exists() and folder.parts[-2:] not in STALE_CODES
    code = int(code_file.read_text(encoding="utf-8").split()[2]) if has_code else 0
    return Result(command.argv, code, text, "")


def _configuration(net: str, *, witness: bool) -> str:
    nodes = "".join(
        f"    node {{\n    ring0_addr: {net}{number}\n    name: myrec{number}\n    nodeid: {number}\n    }}\n"
        for number in (1, 2)
    )
    device = "    device {\n        model: net\n    }\n" if witness else ""
    return f"nodelist {{\n{nodes}}}\nquorum {{\n    provider: corosync_votequorum\n{device}}}\n"


def sampled_texts(name: str) -> list[tuple[str, str]]:
    """All sampled replies of one name, with their nodes ("vm/healthy/myrec1")."""
    paths = sorted(samples().glob(f"*/*/myrec?/{name}"))
    return [(str(path.parent.relative_to(SAMPLES)), path.read_text(encoding="utf-8")) for path in paths]
