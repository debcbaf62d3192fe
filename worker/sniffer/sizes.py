"""What a batch shows of the mirror port itself, from its arrays alone: sizes, cut frames, times that go back."""

import numpy as np

from recordings.pipeline.capture.batch import Batch
from worker.sniffer.shared import Control, Word

NEAR, BEYOND = 1490, 1522  # a full frame of 1500 bytes has a header of 14, with two tags 22
BACK_NS = 10**9


class Sizes:
    """Counts on in the shared memory; `latest_ns` is of this process."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.latest_ns = 0

    def take(self, batch: Batch) -> None:
        if not len(batch):
            return
        control, lengths = self.control, batch.lengths
        largest = int(lengths.max())
        if largest > control.get(Word.LARGEST):
            control.set(Word.LARGEST, largest)
        if largest >= NEAR:
            beyond = int(np.count_nonzero(lengths > BEYOND))
            control.add(Word.NEAR_MTU, int(np.count_nonzero(lengths >= NEAR)) - beyond)
            control.add(Word.BEYOND_MTU, beyond)
        cut = int(np.count_nonzero(batch.caplens < lengths))
        if cut:
            control.add(Word.CUT, cut)
        if self.latest_ns - int(batch.time_ns.min()) > BACK_NS:
            control.add(Word.TIME_BACK, 1)
        self.latest_ns = int(batch.time_ns.max())
