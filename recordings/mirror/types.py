"""What the mirror report is made of, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

Value = str | int | float


class Level(IntEnum):
    """Worst last. Nobody knows: worse than a notice, as it may hide anything."""

    GOOD = 0
    NOTICE = 1
    UNKNOWN = 2
    BAD = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: `topic` is always there, `code` says what was found."""

    topic: str
    code: str
    level: Level
    parameters: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the time that is looked at, without those that a rule refused; `sounding` are answered ones whose
    sound was seen, `by_sound` those of which only the sound was seen."""

    all: int = 0
    answered: int = 0
    silent: int = 0
    sounding: int = 0
    one_side: int = 0
    by_sound: int = 0
    mid_call: int = 0
    only_other: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """How streams came: "" for plain, else "vlan 100", "vlan 7 gre" and the like."""

    wrapping: str
    streams: int
    packets: int


@dataclass(frozen=True, slots=True)
class Streams:
    """`packets` counts each once; `skew_ppm` is how far this machine's clock runs from the telephones', where enough
    long streams tell."""

    packets: int = 0
    lost: int = 0
    duplicates: int = 0
    paths: tuple[Path, ...] = ()
    skew_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """One interface since capture began; `missed` is what the network card let go before the kernel saw it."""

    name: str
    up: bool = True
    received: int = 0
    dropped: int = 0
    mtu: int | None = None
    missed: int | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """The recording component's counters since it began. `running`: they are of this moment."""

    running: bool = False
    ports: tuple[Port, ...] = ()
    packets: int = 0
    refused: int = 0
    lost: int = 0
    frames_lost: int = 0
    unknown: int = 0
    fragments: int = 0
    fragments_lost: int = 0
    largest: int = 0
    near_mtu: int = 0
    beyond_mtu: int = 0
    cut: int = 0
    time_back: int = 0
    clock_steps: int = 0
    clock_step_ms: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """Calls that each of two nodes heard end, in the minutes in which both could listen."""

    here: int
    there: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the report is made from. `pair` is None for a machine that stands alone; `synchronised` is what the
    kernel says of the clock, None where it says nothing."""

    hours: int
    calls: Calls = field(default_factory=Calls)
    streams: Streams = field(default_factory=Streams)
    capture: Capture = field(default_factory=Capture)
    synchronised: bool | None = None
    in_cluster: bool = False
    heard: Heard | None = None
