"""The counters of the mirror report on a real interface, as the status file tells them."""

import json
import os
import signal
from pathlib import Path

import pytest

from recordings.pipeline.capture.write import udp_frame
from recordings.pipeline.spool.layout import Session
from tests.samples.cable import laid, send, wait_for
from tests.samples.flows import rtp
from tests.samples.packets import fragments
from tests.worker.sniffer.test_live import recording, sniffer_of

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="making network interfaces and capturing from them needs root"),
]
ENDS = "192.0.2.1:4000", "198.51.100.1:5000"
FULL = 1500 - 20 - 8 - 12


def told(session: Session) -> dict[str, int]:
    try:
        found = json.loads((session.path / "status.json").read_text())
    except FileNotFoundError:
        return {}
    names = ("packets", "near_mtu", "beyond_mtu", "largest", "fragments", "fragments_lost", "cut", "time_back")
    return {name: found[name] for name in names}


def test_sizes_and_pieces_are_counted_on_the_wire_also_after_a_kill(tmp_path: Path) -> None:
    session = Session(tmp_path / "live")
    full = udp_frame(*ENDS, rtp(1, payload=bytes(FULL)))
    pieces = [full[:14] + piece for piece in fragments(full[14:], 400, identification=7)]
    with laid() as cable, recording(session, cable[0]) as holder:
        send(cable[1], [full, *pieces, udp_frame(*ENDS, rtp(2))])
        wait_for(lambda: told(session).get("packets") == len(pieces) + 2)
        pid = sniffer_of(holder)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: sniffer_of(holder) not in (0, pid))
        send(cable[1], [full])
        wait_for(lambda: told(session).get("packets") == len(pieces) + 3)
        assert told(session) == {
            "packets": len(pieces) + 3,
            "near_mtu": 2,
            "beyond_mtu": 0,
            "largest": 1514,
            "fragments": len(pieces),
            "fragments_lost": 0,
            "cut": 0,
            "time_back": 0,
        }
