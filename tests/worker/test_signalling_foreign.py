"""scapy is imported in a process of its own alone: here, as in the product, that is signalling's."""

import subprocess
import sys
from pathlib import Path

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.spool.calls import read_call
from recordings.pipeline.spool.journal import Kind, frame_payload
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.segments import JournalWriter
from tests.samples.signalling import Story

RADIOTAP = 127
ETHERNET_HEADER = 14
WIRELESS = bytes.fromhex("0000080000000000" + "08000000" + "02" * 18 + "0000" + "aaaa030000000800")


def test_sip_inside_wireless_frames_is_read_by_scapy(tmp_path: Path) -> None:
    session = Session(tmp_path / "s")
    session.create("node")
    writer = JournalWriter(session.journal, {"node": "node"})
    broken = Frame(0, RADIOTAP, WIRELESS[:9], 9)
    writer.append(Kind.FRAME, 0, frame_payload(broken))
    story = Story()
    story.answered()
    story.bye()
    story.end()
    for record in story.records:
        payload = record.payload
        if record.kind is Kind.FRAME:
            data = WIRELESS + record.frame().data[ETHERNET_HEADER:]
            payload = frame_payload(Frame(record.time_ns, RADIOTAP, data, len(data)))
        writer.append(record.kind, record.time_ns, payload)
    writer.close()
    argv = ["--session", str(session.path), "--node", "node", "--until-end"]
    done = subprocess.run([sys.executable, "-m", "worker.sniffer.signalling", *argv], check=False, timeout=60)
    [call] = [read_call(path) for path in session.calls.glob("*.call")]
    assert (done.returncode, call.call_ids, call.end_reason) == (0, ("call-1",), "bye")
