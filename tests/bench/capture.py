"""What capture costs: reading files, sorting out packets, storing them, decoding frames one by one."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recordings.pipeline.capture import classify, link
from recordings.pipeline.capture.batch import from_block
from recordings.pipeline.capture.pcap import read_blocks
from recordings.pipeline.capture.write import write_pcap
from recordings.pipeline.spool.layout import Session
from tests.bench.measure import Result, measure
from tests.samples.flows import talk
from worker.sniffer import offline
from worker.sniffer.shared import CONTROL_BYTES, Control
from worker.sniffer.sizes import Sizes


def results(folder: Path, *, flows: int, packets: int) -> Iterator[Result]:
    """Over a file of `flows` streams with `packets` packets each."""
    capture = folder / "calls.pcap"
    with capture.open("wb") as file:
        write_pcap(file, (one.frame() for one in talk(range(flows), packets)))
    blocks = list(read_blocks(capture))
    batches = [from_block(block) for block in blocks]
    frames = [frame for block in blocks[:5] for frame in block.frames()]
    interest = classify.Interest((5060,), np.zeros(0, np.uint64))

    def classified() -> float:
        return sum(len(classify.classify(batch, interest).packets) for batch in batches)

    def sized() -> float:
        sizes = Sizes(Control(bytearray(CONTROL_BYTES)))
        for batch in batches:
            sizes.take(batch)
        return sum(map(len, batches))

    def decoded() -> float:
        return sum(link.decode(frame) is not None for frame in frames)

    def stored() -> float:
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            session = Session(Path(temporary) / "session")
            session.create("bench")
            return offline.run(session, "bench", capture, max_size=1 << 40).packets

    yield measure("read a capture file", "packets", lambda: sum(len(block) for block in read_blocks(capture)))
    yield measure("sort out packets", "packets", classified)
    yield measure("count sizes for the mirror report", "packets", sized)
    yield measure("decode frames one by one", "frames", decoded)
    yield measure(f"capture file to spool, {flows} streams", "packets", stored)
