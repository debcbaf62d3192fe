"""A captured frame → the datagram, segment or fragment inside it, whatever it is wrapped in."""

from recordings.pipeline.capture import layers, network, tunnels
from recordings.pipeline.capture.frames import Decoded, DecodeError, Fragment, Frame
from recordings.pipeline.capture.walk import Layer, Peel, Step, Walk

_PEELS: dict[Layer, Peel] = {**layers.PEELS, **network.PEELS, **tunnels.PEELS}
_LINKS: dict[int, Layer] = {  # LINKTYPE_ numbers, and the DLT_ ones that some programs write in their place
    0: "null",
    1: "ethernet",
    9: "ppp",
    12: "ip",
    14: "ip",
    50: "ppp",
    51: "pppoe",
    101: "ip",
    104: "chdlc",
    108: "loop",
    113: "sll",
    228: "ipv4",
    229: "ipv6",
    276: "sll2",
}
_MAX_LAYERS = 64


def is_known_link(link: int) -> bool:
    """Whether `decode` can read frames of this LINKTYPE_."""
    return link in _LINKS


def decode(frame: Frame) -> Decoded | None:
    """What the frame carries, or None where that cannot belong to a call (ARP, ICMP, an unknown link type).

    Raises DecodeError where its bytes break a protocol's rules.
    """
    layer = _LINKS.get(frame.link)
    if layer is None:
        return None
    walk = Walk(frame.time_ns, max(0, frame.length - len(frame.data)))
    return _run(walk, (layer, frame.data))


def decode_whole(fragment: Fragment, protocol: int, payload: bytes) -> Decoded | None:
    """What the IP packet carries that `fragment` was part of; `payload` is all that its fragments held."""
    walk = Walk(fragment.time_ns, 0, fragment.vlan, fragment.encapsulation, fragment.source, fragment.destination)
    return _run(walk, network.carried(walk, protocol, payload))


def _run(walk: Walk, step: Step) -> Decoded | None:
    for _ in range(_MAX_LAYERS):
        if not isinstance(step, tuple):
            return step
        step = _PEELS[step[0]](walk, step[1])
    raise DecodeError(f"more than {_MAX_LAYERS} layers in one frame")
