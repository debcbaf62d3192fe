"""What the mirror report is made from: rows of the last hours, the recording component's counters, the kernel."""

from datetime import datetime, timedelta
from math import ceil
from pathlib import Path as File
from statistics import median
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from apresa import services
from apresa.node.domain import identity, is_in_cluster
from apresa.shared import clock
from recordings.domain import rows
from recordings.domain.verdict import Reason
from recordings.mirror.types import Calls, Capture, Evidence, Heard, Path, Port, Streams
from recordings.models import Decision, Kept, Stream
from recordings.queries.capture import Capture as Told
from recordings.queries.capture import Interface, capture, number, read_status

HOURS, MOST_HOURS = 24, 24 * 92
LONG_SECONDS = 300  # of a stream whose clock is compared: jitter of 20 ms is 67 millionths of it
LEAST_STREAMS, MOST_STREAMS = 5, 500
LAST_PACKET = 0.02  # seconds: the last packet's own length has not passed when it arrives
REFUSED = (Reason.RULE, Reason.SWITCHED_OFF, Reason.WITHOUT_SIGNALLING, Reason.DAMAGED, Reason.DELETED)
SILENT = (Reason.NO_MEDIA, Reason.NO_ROOM, Reason.NOT_HEARD)
COUNTERS = (
    "packets", "refused", "lost", "frames_lost", "unknown", "fragments", "fragments_lost", "largest", "near_mtu",
    "beyond_mtu", "cut", "time_back", "clock_steps", "clock_step_ms",
)  # fmt: skip
NET = File("/sys/class/net")


def gather(hours: int = HOURS) -> Evidence:
    """Raises a database error."""
    since = clock.now() - timedelta(hours=hours)
    heard = services.heard_by_both()
    told = capture()
    ports = tuple(_port(interface) for interface in told.interfaces[:16])
    return Evidence(
        hours=hours,
        calls=_calls(since),
        streams=_streams(since),
        capture=Capture(running=told.running, ports=ports, **_counters(told)),
        synchronised=clock.is_synchronised(),
        in_cluster=is_in_cluster(),
        heard=Heard(*heard) if heard else None,
    )


def gather_import(name: str, session: File) -> Evidence:
    """Of a capture file that was taken into a database of its own. What it says of a clock is that of the recording
    machine then."""
    counters = _counters(read_status(session))
    spans = Decision.objects.aggregate(first=Min("started"), last=Max("ended"))
    lasted = spans["last"] - spans["first"] if spans["first"] else timedelta()
    port = Port(name, received=counters["packets"])
    return Evidence(
        hours=max(1, ceil(lasted / timedelta(hours=1))),
        calls=_calls(rows.EPOCH),
        streams=_streams(rows.EPOCH),
        capture=Capture(running=True, ports=(port,), **counters),
    )


def _calls(since: datetime) -> Calls:
    own = str(identity().uuid)
    sip = Q(protocol="sip", answered=True)
    sound = sip & (Q(kept=Kept.RECORDED) | Q(packets__gt=0))
    counts = {
        "n_all": Count("pk"),
        "n_answered": Count("pk", filter=sip),
        "n_silent": Count("pk", filter=sip & Q(reason__in=SILENT)),
        "n_sounding": Count("pk", filter=sound),
        "n_one_side": Count("pk", filter=sound & Q(remarks__contains=Reason.ONE_SIDE)),
        "n_by_sound": Count("pk", filter=Q(protocol="rtp")),
        "n_mid_call": Count("pk", filter=Q(protocol="sip", remarks__contains=Reason.MID_CALL)),
        "n_only_other": Count("pk", filter=Q(node=own) & ~Q(heard_by__contains=own)),
    }
    # What capture was not to record has no sound, and joined rows are counted as the call that they became.
    lines = Decision.objects.filter(started__gte=since).exclude(kept=Kept.JOINED)
    wanted = lines.exclude(Q(reason__in=REFUSED) & ~Q(protocol="rtp"))
    found = wanted.order_by().aggregate(**counts)
    return Calls(**{name.removeprefix("n_"): count for name, count in found.items()})  # a column is called "answered"


def _streams(since: datetime) -> Streams:
    heard: Any = Stream.objects.filter(call__started__gte=since, media="audio").order_by()
    counts = Count("pk"), Sum("packets"), Sum("lost"), Sum("duplicates")
    found = list(heard.values_list("wrapping").annotate(*counts))
    paths = tuple(Path(wrapping, streams, packets) for wrapping, streams, packets, _lost, _again in found)
    packets, lost, again = (sum(row[place] for row in found) for place in (2, 3, 4))
    return Streams(packets, lost, again, paths, _skew(heard))


def _skew(heard: Any) -> int | None:
    """By how many millionths streams took longer for this machine's clock than for their sender's: the middle one."""
    long = heard.filter(seconds__gte=LONG_SECONDS, first__isnull=False, last__isnull=False)
    found = list(long.order_by("-pk").values_list("first", "last", "seconds")[:MOST_STREAMS])
    if len(found) < LEAST_STREAMS:
        return None
    took = [((last - first).total_seconds() + LAST_PACKET, sent) for first, last, sent in found]
    return int(median(1e6 * (here - sent) / sent for here, sent in took))


def _counters(told: Told) -> dict[str, int]:
    return {name: number(told.facts.get(name)) for name in COUNTERS}


def _port(told: Interface) -> Port:
    missed = [_kernel(told.name, f"statistics/{name}") for name in ("rx_missed_errors", "rx_fifo_errors")]
    known = [one for one in missed if one is not None]
    mtu = _kernel(told.name, "mtu")
    return Port(told.name, told.up, told.received, told.dropped, mtu, sum(known) if known else None)


def _kernel(interface: str, name: str) -> int | None:
    """What the kernel says of an interface; None where there is none of this name."""
    if "/" in interface or interface in {"", ".", ".."}:
        return None
    try:
        return int((NET / interface / name).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
