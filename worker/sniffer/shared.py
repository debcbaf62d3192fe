"""The memory that outlives a sniffer: counters, one slot per flow, one slab per slot. Standard library only."""

import mmap
import os
from enum import IntEnum

CONTROL_BYTES = 8192
SLOT_BYTES = 256
SLAB_BYTES = 1 << 16
MAX_RINGS = 16
MAX_SLOTS = 1 << 16
RING_WORDS = 16
FIRST_RING_WORD = 128


class Word(IntEnum):
    """A 64-bit number in the control page; who writes it stands behind it."""

    CHILDREN = 0  # sniffer: how many have been started in this boot
    NUMBER = 1  # sniffer: streams opened in this boot
    BOOTED = 2  # sniffer: 1 when the BOOT record is in the journal
    HEARTBEAT = 3  # sniffer: monotonic nanoseconds of its last turn
    PACKETS = 4
    RTP = 5
    RTCP = 6
    OTHER = 7
    FRAMES = 8  # frames in the journal
    MALFORMED = 9
    REFUSED = 10  # RTP packets without a free slot
    LOST = 11  # RTP packets that the disk did not take
    OPEN = 12  # streams open
    TICK_NS = 13  # everything that arrived before is on disk
    DISK_ERROR = 14  # errno of the last failed write, 0 when the last one went well
    UNKNOWN = 15  # frames in wrappings that nobody knows
    FRAMES_LOST = 16  # frames that the disk did not take
    FRAGMENTS = 17  # frames that are a piece of an IP packet
    FRAGMENTS_LOST = 18  # IP packets given up, as a piece never came
    LARGEST = 19  # bytes of the largest frame
    NEAR_MTU = 20  # frames as large as Ethernet takes
    BEYOND_MTU = 21  # and larger
    CUT = 22  # frames that came cut off
    TIME_BACK = 23  # batches whose frames are more than a second older than those before
    RESTARTS = 32  # holder: children started again
    POISONED = 33  # holder: blocks put aside
    CLOCK_STEPS = 34  # holder: how often this machine's clock was set
    CLOCK_STEP_MS = 35  # holder: by how much at most


class RingWord(IntEnum):
    """A number in the control page that exists once per ring."""

    RECEIVED = 0  # holder: packets that the kernel saw, drops included
    DROPS = 1  # holder: packets that found the ring full
    DROPS_SINCE_NS = 2  # holder: Unix time of the statistics before the last drops
    DROPS_UNTIL_NS = 3  # holder: and of those that showed them
    REPORTED = 4  # sniffer: drops that stand in the journal
    BLOCK = 5  # sniffer: sequence number + 1 of the block that it works on, 0 between blocks
    SKIP = 6  # holder: sequence number + 1 of a block that must be put aside
    WAITING = 7  # sniffer: full blocks in the ring
    BLOCKS = 8  # holder: blocks in the ring


def total_bytes(slots: int) -> int:
    return CONTROL_BYTES + slots * (SLOT_BYTES + SLAB_BYTES)


def create(slots: int) -> int:
    """A file descriptor of new shared memory for this many flows; pages cost nothing until they are used."""
    if not 0 < slots <= MAX_SLOTS:
        raise ValueError(f"the number of streams must be 1 to {MAX_SLOTS}")
    handle = os.memfd_create("apresa-arena")
    os.ftruncate(handle, total_bytes(slots))
    return handle


class Control:
    """The control page as numbers."""

    def __init__(self, memory: mmap.mmap | bytearray) -> None:
        self._words = memoryview(memory)[:CONTROL_BYTES].cast("q")

    def get(self, word: Word) -> int:
        return self._words[word]

    def set(self, word: Word, value: int) -> None:
        self._words[word] = value

    def add(self, word: Word, value: int) -> None:
        self._words[word] += value

    def ring(self, number: int, word: RingWord) -> int:
        return self._words[FIRST_RING_WORD + number * RING_WORDS + word]

    def set_ring(self, number: int, word: RingWord, value: int) -> None:
        self._words[FIRST_RING_WORD + number * RING_WORDS + word] = value

    def release(self) -> None:
        self._words.release()


def control_of(handle: int) -> Control:
    """The control page of shared memory."""
    return Control(mmap.mmap(handle, CONTROL_BYTES))
