"""Frames of link types that `capture.link` does not know (802.11, radiotap, …): scapy finds the datagram in them.

scapy (GPL-2.0-only) is imported here alone, on the first such frame, in a process without Django, Celery or PyAV.
"""

import logging
from typing import Any

from recordings.pipeline.capture.frames import Datagram, DecodeError, Frame, Segment, endpoint, parse_endpoint

MOST_LAYERS = 32


def dissect(frame: Frame) -> Datagram | Segment | None:
    """What UDP or TCP the frame holds, None where there is none; raises DecodeError."""
    try:
        return _dissect(frame)
    except Exception as error:
        raise DecodeError(f"scapy cannot read the frame: {type(error).__name__}") from error


def _dissect(frame: Frame) -> Datagram | Segment | None:
    logging.getLogger("scapy").setLevel(logging.ERROR)
    from scapy.config import conf  # noqa: PLC0415 -- half a second, for frames that hardly anybody has
    from scapy.layers import all as layers  # noqa: PLC0415 -- the same

    first = conf.l2types.num2layer.get(frame.link)
    packet: Any = first(frame.data) if first else None
    innermost: Any = None
    for _ in range(MOST_LAYERS):
        if not packet:
            break
        if isinstance(packet, layers.IP | layers.IPv6):
            innermost = packet
        packet = packet.payload
    return _carried(frame, innermost, innermost.payload, layers) if innermost else None


def _carried(frame: Frame, packet: Any, carried: Any, layers: Any) -> Datagram | Segment | None:
    if not isinstance(carried, layers.UDP | layers.TCP):
        return None
    ends = _address(packet.src, carried.sport), _address(packet.dst, carried.dport)
    data = bytes(carried.payload)
    if isinstance(carried, layers.UDP):
        return Datagram(frame.time_ns, *ends, data, encapsulation="scapy")
    numbers = int(carried.seq), int(carried.ack), int(carried.flags)
    return Segment(frame.time_ns, *ends, *numbers, data, encapsulation="scapy")


def _address(host: str, port: int) -> str:
    packed, number = parse_endpoint(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return endpoint(packed, number)
