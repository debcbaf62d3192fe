"""What the recording component says of itself: `status.json` in the session, once a second. Standard library only."""

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

from worker.sniffer.children import Child
from worker.sniffer.interfaces import Port
from worker.sniffer.shared import Control, RingWord, Word

_COUNTERS = {
    "packets": Word.PACKETS,
    "rtp": Word.RTP,
    "rtcp": Word.RTCP,
    "other": Word.OTHER,
    "frames": Word.FRAMES,
    "malformed": Word.MALFORMED,
    "refused": Word.REFUSED,
    "lost": Word.LOST,
    "frames_lost": Word.FRAMES_LOST,
    "streams": Word.OPEN,
    "unknown": Word.UNKNOWN,
    "poisoned": Word.POISONED,
    "fragments": Word.FRAGMENTS,
    "fragments_lost": Word.FRAGMENTS_LOST,
    "largest": Word.LARGEST,
    "near_mtu": Word.NEAR_MTU,
    "beyond_mtu": Word.BEYOND_MTU,
    "cut": Word.CUT,
    "time_back": Word.TIME_BACK,
    "clock_steps": Word.CLOCK_STEPS,
    "clock_step_ms": Word.CLOCK_STEP_MS,
    "sniffers": Word.CHILDREN,
    "last_tick_ns": Word.TICK_NS,
}


def describe(boot: str, control: Control, ports: list[Port], children: Iterable[Child]) -> dict[str, object]:
    """All counters since the holder started; names are those of docs/spool.md."""
    error = control.get(Word.DISK_ERROR)
    return {
        "component": "sniffer",
        "boot": boot,
        "time_ns": time.time_ns(),
        **{name: control.get(word) for name, word in _COUNTERS.items()},
        "disk_error": os.strerror(error) if error else "",
        "interfaces": [
            {
                "name": port.name,
                "up": port.up,
                "received": control.ring(port.number, RingWord.RECEIVED),
                "dropped": control.ring(port.number, RingWord.DROPS),
                "blocks": port.blocks,
                "waiting": control.ring(port.number, RingWord.WAITING),
            }
            for port in ports
        ],
        "children": {
            child.name: {"pid": child.pid, "restarts": child.restarts, "last_exit": child.last_exit}
            for child in children
        },
    }


def write_status(folder: Path, boot: str, control: Control, ports: list[Port], children: Iterable[Child]) -> None:
    """Replace the file; not synced, as nothing in it outlives the holder. A full disk keeps the old one."""
    facts = describe(boot, control, ports, children)
    temporary = folder / ".status.tmp"
    try:
        facts["disk_free"] = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        temporary.write_text(json.dumps(facts))
        temporary.rename(folder / "status.json")
    except OSError:
        temporary.unlink(missing_ok=True)
