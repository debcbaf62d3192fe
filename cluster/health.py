"""One sample a minute of how the cluster does, and what a day of them says by the hour. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cluster.decide import Judgement
from cluster.drbd_types import Drbd
from cluster.types import Alone, ClusterView, NodeView

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sample:
    """None: nobody could tell."""

    at: datetime
    behind: int | None
    """Bytes that the standby's database lacks."""
    percent: float | None
    """How much of the recordings is on both disks."""
    active: str
    ready: bool
    load: float
    """Of this machine, over one minute."""

    @property
    def serves(self) -> bool:
        return bool(self.active)


@dataclass(frozen=True, slots=True)
class Hour:
    """The worst of each within one hour; `unserved` counts the samples with no active node."""

    at: datetime
    samples: int
    behind: int | None
    percent: float | None
    unserved: int
    unready: int
    load: float


def sample(view: ClusterView | Alone, judgement: Judgement, at: datetime, load: float) -> Sample | None:
    """None for a machine that stands alone: it has nothing to follow."""
    if isinstance(view, Alone):
        return None
    reports = [view.own, *([view.peer] if isinstance(view.peer, NodeView) else [])]
    return Sample(
        at,
        max(_behind(reports), default=None),
        min(_percent(reports), default=None),
        judgement.active or "",
        judgement.ready,
        load,
    )


def _behind(reports: list[NodeView]) -> Iterator[int]:
    for report in reports:
        for row in report.standbys if isinstance(report.standbys, tuple) else ():
            if row.behind is not None:
                yield row.behind


def _percent(reports: list[NodeView]) -> Iterator[float]:
    for report in reports:
        volume = report.drbd
        if isinstance(volume, Drbd) and volume.percent is not None:
            yield volume.percent
        elif isinstance(volume, Drbd) and volume.connected and volume.out_of_sync == 0:
            yield 100.0


def by_hour(samples: Iterable[Sample]) -> list[Hour]:
    """The newest first; hours without a sample have no row, as nobody looked."""
    hours: dict[datetime, list[Sample]] = {}
    for one in samples:
        hours.setdefault(one.at.replace(minute=0, second=0, microsecond=0), []).append(one)
    return [_hour(at, hours[at]) for at in sorted(hours, reverse=True)]


def _hour(at: datetime, samples: list[Sample]) -> Hour:
    return Hour(
        at,
        len(samples),
        max((one.behind for one in samples if one.behind is not None), default=None),
        min((one.percent for one in samples if one.percent is not None), default=None),
        sum(not one.serves for one in samples),
        sum(not one.ready for one in samples),
        max(one.load for one in samples),
    )
