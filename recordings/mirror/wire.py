"""Findings about the port and the wire itself: listening, drops, wrappings, fragments, sizes, clocks."""

from recordings.mirror.types import Capture, Evidence, Finding, Level, Value

MUCH = 0.001  # of packets that were dropped: calls have holes
MANY_PIECES = 0.01  # of packets that are fragments
LEAST_GIVEN_UP = 10
SKEW_PPM = 300  # a quartz is within 100
SHOWN = 8  # wrappings that are named
OVERHEAD = frozenset({"erspan", "vxlan", "gre", "nvgre", "geneve", "tzsp"})


def listening(capture: Capture) -> Finding:
    """Whether anything comes at all."""
    names: dict[str, Value] = {"ports": ", ".join(port.name for port in capture.ports) or "–"}
    if not capture.running:
        return Finding("port", "not-listening", Level.BAD, names)
    down = [port.name for port in capture.ports if not port.up]
    if down or not capture.ports:
        return Finding("port", "port-down", Level.BAD, {"ports": ", ".join(down) or "–"})
    dumb = [port.name for port in capture.ports if not port.received]
    if dumb:
        return Finding("port", "port-silent", Level.BAD, {"ports": ", ".join(dumb)})
    return Finding("port", "port-hears", Level.GOOD, {**names, "packets": capture.packets})


def drops(capture: Capture) -> Finding:
    """Packets that reached this machine and not the spool, the last stage at which they were lost first."""
    if not capture.running:
        return Finding("drops", "not-known", Level.UNKNOWN)
    received = sum(port.received for port in capture.ports)
    dropped = sum(port.dropped for port in capture.ports)
    missed = sum(port.missed or 0 for port in capture.ports)
    numbers: dict[str, Value] = {"dropped": dropped, "received": received, "missed": missed}
    if capture.lost or capture.frames_lost:
        return Finding("drops", "disk-refused", Level.BAD, {"packets": capture.lost + capture.frames_lost})
    if capture.refused:
        return Finding("drops", "too-many-streams", Level.BAD, {"packets": capture.refused})
    if dropped:
        return Finding("drops", "ring-full", Level.BAD if dropped >= MUCH * received else Level.NOTICE, numbers)
    if missed:
        return Finding("drops", "card-missed", Level.BAD if missed >= MUCH * received else Level.NOTICE, numbers)
    return Finding("drops", "none-dropped", Level.GOOD, numbers)


def paths(found: Evidence) -> Finding:
    """VLANs and tunnels by which the sound came, and frames in a wrapping that nobody knows."""
    known = sorted(found.streams.paths, key=lambda path: (-path.packets, path.wrapping))
    seen = ", ".join(f"{path.wrapping or 'untagged'} ({path.streams})" for path in known[:SHOWN])
    more = len(known) - SHOWN
    numbers: dict[str, Value] = {"seen": seen + (f" +{more}" if more > 0 else ""), "unknown": found.capture.unknown}
    if found.capture.unknown:
        return Finding("paths", "unknown-wrapping", Level.BAD, numbers)
    if not known:
        return Finding("paths", "no-streams", Level.UNKNOWN, numbers)
    return Finding("paths", "wrappings", Level.GOOD, numbers)


def fragments(capture: Capture) -> Finding:
    if not capture.running:
        return Finding("fragments", "not-known", Level.UNKNOWN)
    whole = capture.packets
    share = max(0.1, round(100 * capture.fragments / whole, 1)) if whole and capture.fragments else 0.0
    numbers: dict[str, Value] = {"pieces": capture.fragments, "percent": share, "given_up": capture.fragments_lost}
    if capture.fragments_lost >= LEAST_GIVEN_UP:
        return Finding("fragments", "pieces-missing", Level.BAD, numbers)
    if capture.fragments and capture.fragments >= MANY_PIECES * whole:
        return Finding("fragments", "many-pieces", Level.NOTICE, numbers)
    return Finding("fragments", "few-pieces", Level.GOOD, numbers)


def sizes(found: Evidence) -> Finding:
    """Frames cut off, or as large as the wire takes: what a tunnel adds may not fit."""
    capture = found.capture
    if not capture.running:
        return Finding("sizes", "not-known", Level.UNKNOWN)
    mtus = [port.mtu for port in capture.ports if port.mtu]
    numbers: dict[str, Value] = {
        "largest": capture.largest,
        "near": capture.near_mtu,
        "beyond": capture.beyond_mtu,
        "cut": capture.cut,
        "mtu": min(mtus) if mtus else 0,
    }
    if capture.cut:
        return Finding("sizes", "cut-frames", Level.BAD, numbers)
    tunnelled = any(set(path.wrapping.replace("/", " ").split()) & OVERHEAD for path in found.streams.paths)
    if tunnelled and capture.near_mtu and not capture.beyond_mtu:
        return Finding("sizes", "tunnel-full", Level.NOTICE, numbers)
    if capture.beyond_mtu and not tunnelled:
        return Finding("sizes", "merged-frames", Level.NOTICE, numbers)
    return Finding("sizes", "sizes-fit", Level.GOOD, numbers)


def clock(found: Evidence) -> Finding:
    """This machine's own clock: what it writes on packets is the calls' time."""
    capture, skew = found.capture, found.streams.skew_ppm
    numbers: dict[str, Value] = {
        "steps": capture.clock_steps,
        "milliseconds": capture.clock_step_ms,
        "back": capture.time_back,
        "ppm": skew or 0,
    }
    if capture.clock_steps or capture.time_back:
        return Finding("clock", "clock-set", Level.NOTICE, numbers)
    if found.synchronised is False:
        return Finding("clock", "clock-free", Level.NOTICE, numbers)
    if skew is not None and abs(skew) >= SKEW_PPM:
        return Finding("clock", "clock-skewed", Level.NOTICE, numbers)
    if found.synchronised is None and skew is None:
        return Finding("clock", "clock-not-known", Level.UNKNOWN, numbers)
    return Finding("clock", "clock-good", Level.GOOD, numbers)
