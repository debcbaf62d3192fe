"""The sniffer's core without its process, fed as from the wire."""

from pathlib import Path

from recordings.pipeline.capture.batch import Batch
from recordings.pipeline.capture.pcap import read_blocks
from recordings.pipeline.capture.write import write_pcap
from recordings.pipeline.spool.layout import Session
from tests.samples.flows import START, Sent
from worker.sniffer.arena import Arena
from worker.sniffer.core import Core
from worker.sniffer.files import Identity
from worker.sniffer.offline import steps
from worker.sniffer.shared import Word

SLOTS = 64


def new_core(session: Session, memory: Arena) -> Core:
    """As a sniffer begins."""
    memory.control.add(Word.CHILDREN, 1)
    core = Core(session, Identity("n1", "b", memory.control.get(Word.CHILDREN)), memory)
    core.begin("start", START)
    return core


def write(folder: Path, sent: list[Sent]) -> Path:
    capture = folder / "capture.pcap"
    with capture.open("wb") as file:
        write_pcap(file, [one.frame() for one in sent])
    return capture


def batches(folder: Path, sent: list[Sent]) -> list[Batch]:
    """The packets in batches of a quarter of a second."""
    return [batch for block in read_blocks(write(folder, sent)) for batch in steps(block)]
