"""Frames of link types that `capture.link` does not know (802.11, radiotap, …): scapy finds the datagram in them.

scapy (GPL-2.0-only) is imported here alone, on the first such frame, in a process without Django, Celery or PyAV.
"""

import logging
from importlib import import_module
from typing import Any

from recordings.pipeline.capture.frames import Datagram, DecodeError, Frame, Segment, endpoint, parse_endpoint

MOST_LAYERS = 32


def dissect(frame: Frame) -> Datagram | Segment | None:
    """What UDP or TCP the frame holds, None where there is none; raises DecodeError."""
    try:
        packet = _scapy(frame)
    except Exception as error:
        raise DecodeError(f"scapy cannot read the frame: {type(error).__name__}") from error
    return packet


def _scapy(frame: Frame) -> Datagram | Segment | None:
    logging.getLogger("scapy").setLevel(logging.ERROR)
    layers: Any = import_module("scapy.layers.all")
    config: Any = import_module("scapy.config").conf
    link = config.l2types.num2layer.get(frame.link)
    if link is None:
        return None
    packet = link(frame.data)
    inner: Any = None
    for _ in range(MOST_LAYERS):
        if packet is None or (packet is None):
            break
        if isinstance(packet, layers.IP | layers.IPv6):
            inner = packet
        packet = packet.payload or None
    return _transport(frame, inner, layers) if inner is not None else None


def _transport(frame: Frame, inner: Any, layers: Any) -> Datagram | Segment | None:
    carried = inner.payload
    if isinstance(carried, layers.UDP):
        source, destination = _address(inner.src, carried.sport), _address(inner.dst, carried.dport)
        return Datagram(frame.time_ns, source, destination, bytes(carried.payload), encapsulation="scapy")
    if isinstance(carried, layers.TCP):
        source, destination = _address(inner.src, carried.sport), _address(inner.dst, carried.dport)
        numbers = (int(carried.seq), int(carried.ack), int(carried.flags))
        return Segment(frame.time_ns, source, destination, *numbers, bytes(carried.payload), encapsulation="scapy")
    return None


def _address(host: str, port: int) -> str:
    return endpoint(parse_endpoint(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")[0], port)
