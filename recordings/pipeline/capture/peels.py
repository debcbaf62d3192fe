"""The layers that lie between a frame and the IP packet of a call, each peeled off many rows at once.

Equal to what `layers`, `network` and `tunnels` do with one frame; what is rare or odd is given up, and left to them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture.batch import Bytes, Int64s
from recordings.pipeline.capture.tunnels import UDP_PORTS

Bools = NDArray[np.bool_]
IPV4, IPV6, ETHERNET, PPP = 0x0800, 0x86DD, 0x6558, 0x880B
TUNNEL_PROTOCOLS = (4, 41, 47)
NAMES = ("", "ipip", "4in6", "6in4", "6in6", "gre", "erspan", "vxlan", "geneve", "gtpu", "pppoe", "mpls")
DONE, GIVEN_UP = -1, -2
_MOST_NAMES = 1 << 4 * 7  # eight tunnels, four bits each, as `walk.MAX_TUNNELS`
_MOST_TAGS = 1 << 13 * 3  # four tags, thirteen bits each
_VXLAN = (4789, 8472)


@dataclass(slots=True, eq=False)
class Inward:
    """Rows on their way in. `tags` and `names` hold what was gone through, the outermost highest."""

    data: Bytes
    at: Int64s
    end: Int64s
    kind: Int64s
    tags: Int64s
    names: Int64s
    state: Int64s = field(init=False)  # the kind that is next to be peeled, DONE or GIVEN_UP

    def __post_init__(self) -> None:
        self.state = self.kind.copy()

    def head(self, rows: Int64s, size: int, skip: int = 0) -> tuple[Int64s, Int64s]:
        """The rows that have `size` bytes from `skip` on, and those bytes as numbers; the others are given up."""
        whole = self.end[rows] - self.at[rows] >= skip + size
        self.state[rows[~whole]] = GIVEN_UP
        rows = rows[whole]
        if not len(rows):
            return rows, np.zeros((0, size), np.int64)
        window: NDArray[np.void] = np.ndarray((len(self.data) - size + 1,), f"V{size}", self.data, strides=(1,))
        found = window[self.at[rows] + skip].view(np.uint8).reshape(-1, size)
        return rows, found.astype(np.int64)

    def keep(self, rows: Int64s, good: Bools) -> Int64s:
        """The good rows; the others are given up."""
        self.state[rows[~good]] = GIVEN_UP
        return rows[good]

    def step(self, rows: Int64s, by: Int64s | int, kind: Int64s | int) -> None:
        """Go on behind a header, to a layer of this kind."""
        self.at[rows] += by
        self.state[rows] = self.kind[rows] = kind

    def enter(self, rows: Int64s, name: str) -> None:
        full = self.names[rows] >= _MOST_NAMES
        self.names[rows] = self.names[rows] << 4 | NAMES.index(name)
        self.state[rows[full]] = GIVEN_UP

    def tag(self, rows: Int64s, control: Int64s) -> None:
        full = self.tags[rows] >= _MOST_TAGS
        self.tags[rows] = self.tags[rows] << 13 | (control & 0xFFF) + 1
        self.state[rows[full]] = GIVEN_UP


def _big16(head: Int64s, column: int) -> Int64s:
    result: Int64s = head[:, column] << 8 | head[:, column + 1]
    return result


def _vlan(way: Inward, rows: Int64s) -> None:
    rows, head = way.head(rows, 4)
    way.step(rows, 4, _big16(head, 2))
    way.tag(rows, _big16(head, 0))


def _ethernet(way: Inward, rows: Int64s) -> None:
    rows, head = way.head(rows, 14)
    kind = _big16(head, 12)
    typed = kind > 1500
    way.step(way.keep(rows, typed), 14, kind[typed])


def _mpls(way: Inward, rows: Int64s) -> None:
    """One label per round."""
    rows, head = way.head(rows, 5)
    bottom = head[:, 2] & 1 == 1
    way.step(rows[~bottom], 4, 0x8847)
    rows, below = rows[bottom], head[bottom, 4] >> 4
    is_ip = (below == 4) | (below == 6)
    way.step(rows[is_ip], 4, np.where(below[is_ip] == 4, IPV4, IPV6))
    wire = rows[~is_ip]
    way.step(wire, 4 + 4 * (below[~is_ip] == 0), ETHERNET)  # a pseudowire, with its control word or without
    way.enter(wire, "mpls")


def _pppoe(way: Inward, rows: Int64s) -> None:
    rows, head = way.head(rows, 6)
    size = 6 + _big16(head, 4)
    good = (head[:, 0] == 0x11) & (head[:, 1] == 0) & (size <= way.end[rows] - way.at[rows])
    rows = way.keep(rows, good)
    way.end[rows] = way.at[rows] + size[good]
    way.step(rows, 6, PPP)
    way.enter(rows, "pppoe")


def _ppp(way: Inward, rows: Int64s) -> None:
    """A protocol in two bytes, behind address and control or not; one in a single byte is rare."""
    rows, head = way.head(rows, 4)
    framed = (head[:, 0] == 0xFF) & (head[:, 1] == 3)
    protocol = np.where(framed, _big16(head, 2), _big16(head, 0))
    good = (protocol == 0x21) | (protocol == 0x57)
    way.step(way.keep(rows, good), 2 + 2 * framed[good], np.where(protocol[good] == 0x21, IPV4, IPV6))


def _ipv4(way: Inward, rows: Int64s) -> None:
    rows, head = way.head(rows, 20)
    total = _big16(head, 2)
    plain = (head[:, 0] == 0x45) & (_big16(head, 6) & 0x3FFF == 0) & (total >= 20)
    plain &= total <= way.end[rows] - way.at[rows]
    _ip(way, rows, plain, total, 20, head[:, 9], ("ipip", "6in4"))


def _ipv6(way: Inward, rows: Int64s) -> None:
    rows, head = way.head(rows, 40)
    payload = _big16(head, 4)
    plain = (head[:, 0] >> 4 == 6) & (payload > 0) & (payload + 40 <= way.end[rows] - way.at[rows])
    _ip(way, rows, plain, payload + 40, 40, head[:, 6], ("4in6", "6in6"))


def _ip(
    way: Inward, rows: Int64s, plain: Bools, total: Int64s, header: int, protocol: Int64s, names: tuple[str, str]
) -> None:
    """A row is done here unless a tunnel begins; `_udp` says whether it does in a datagram."""
    tunnel = plain & np.isin(protocol, TUNNEL_PROTOCOLS)
    datagram = plain & (protocol == 17)
    way.state[rows[~tunnel & ~datagram]] = DONE
    _udp(way, rows[datagram], total[datagram], header)
    way.end[rows[tunnel]] = way.at[rows[tunnel]] + total[tunnel]
    for number, name, kind in ((4, names[0], IPV4), (41, names[1], IPV6)):
        inside = rows[tunnel & (protocol == number)]
        way.step(inside, header, kind)
        way.enter(inside, name)
    generic = rows[tunnel & (protocol == 47)]
    way.at[generic] += header
    _gre(way, generic)


def _gre(way: Inward, rows: Int64s) -> None:
    """Version 0 without routes."""
    rows, head = way.head(rows, 4)
    flags, kind = _big16(head, 0), _big16(head, 2)
    plain = flags & 0x4007 == 0
    rows, flags, kind = way.keep(rows, plain), flags[plain], kind[plain]
    way.at[rows] += 4 + 4 * ((flags & 0x8000) >> 15) + 4 * ((flags & 0x2000) >> 13) + 4 * ((flags & 0x1000) >> 12)
    mirrored = kind == 0x88BE
    headed = (mirrored & (flags & 0x1000 != 0)) | (kind == 0x22EB)
    other = ~mirrored & ~headed
    way.step(rows[other], 0, kind[other])
    way.enter(rows[other], "gre")
    way.step(rows[mirrored & ~headed], 0, ETHERNET)
    way.enter(rows[mirrored & ~headed], "erspan")
    _erspan(way, rows[headed])


def _erspan(way: Inward, rows: Int64s) -> None:
    rows, head = way.head(rows, 12)
    version = head[:, 0] >> 4
    second, third = version == 1, (version == 2) & (head[:, 10] >> 2 & 31 != 2)
    size = np.where(second, 8, 12 + 8 * (head[:, 11] & 1))
    good = second | third
    rows = way.keep(rows, good)
    way.step(rows, size[good], ETHERNET)
    way.enter(rows, "erspan")


def _udp(way: Inward, rows: Int64s, total: Int64s, header: int) -> None:
    """A datagram on a tunnel's port that is none known here is given up; on any other port the row is done."""
    whole = total >= header + 16
    way.state[rows[~whole]] = GIVEN_UP
    rows, total = rows[whole], total[whole]
    rows, head = way.head(rows, 16, header)  # it has them: `total` fits
    ports = np.where(np.isin(_big16(head, 2), UDP_PORTS), _big16(head, 2), _big16(head, 0))
    size = _big16(head, 4)
    tunnel = np.isin(ports, UDP_PORTS)
    way.state[rows[~tunnel]] = DONE
    good = tunnel & (size >= 16) & (header + size <= total)
    way.state[rows[tunnel & ~good]] = GIVEN_UP
    rows, head, ports, size = rows[good], head[good, 8:], ports[good], size[good]
    way.at[rows] += header + 8
    way.end[rows] = way.at[rows] + size - 8
    for several, peel in ((_VXLAN, _vxlan), ((6081,), _geneve), ((2152,), _gtpu)):
        mine = np.isin(ports, several)
        peel(way, rows[mine], head[mine])
    way.state[rows[~np.isin(ports, (*_VXLAN, 6081, 2152))]] = GIVEN_UP


def _vxlan(way: Inward, rows: Int64s, head: Int64s) -> None:
    rows = way.keep(rows, ((head[:, 0] == 0x08) | (head[:, 0] == 0x88)) & (head[:, 7] == 0))
    way.step(rows, 8, ETHERNET)
    way.enter(rows, "vxlan")


def _geneve(way: Inward, rows: Int64s, head: Int64s) -> None:
    size, kind = 8 + 4 * (head[:, 0] & 63), _big16(head, 2)
    good = (head[:, 0] >> 6 == 0) & (head[:, 7] == 0) & np.isin(kind, (ETHERNET, IPV4, IPV6))
    good &= size <= way.end[rows] - way.at[rows]
    way.step(way.keep(rows, good), size[good], kind[good])
    way.enter(rows[good], "geneve")


def _gtpu(way: Inward, rows: Int64s, head: Int64s) -> None:
    """With at most one extension header, as 5G has it."""
    good = (head[:, 0] & 0xF0 == 0x30) & (head[:, 1] == 255)
    good &= _big16(head, 2) + 8 == way.end[rows] - way.at[rows]
    rows, flags = way.keep(rows, good), head[good, 0] & 7
    bare = flags == 0
    way.at[rows[bare]] += 8
    longer, more = way.head(rows[~bare], 13)
    kept = np.isin(rows, longer)
    rows, bare, flags = rows[bare | kept], bare[bare | kept], flags[bare | kept]
    extended = np.zeros(len(rows), np.int64)
    extended[~bare] = np.where((flags[~bare] & 4 != 0) & (more[:, 11] != 0), 4 * more[:, 12], 0)
    broken = np.zeros(len(rows), np.bool_)
    broken[~bare] = (flags[~bare] & 4 != 0) & (more[:, 11] != 0) & (more[:, 12] == 0)
    last = ~bare & (extended > 0)
    room = way.end[rows] - way.at[rows] > 12 + extended
    ends = np.minimum(way.at[rows] + 11 + extended, len(way.data) - 1)
    broken |= last & (~room | (way.data[ends] != 0))
    way.at[rows] += np.where(bare, 0, 12 + extended)
    rows = way.keep(rows, ~broken)
    rows, first = way.head(rows, 1)
    version = first[:, 0] >> 4
    good = (version == 4) | (version == 6)
    way.step(way.keep(rows, good), 0, np.where(version[good] == 4, IPV4, IPV6))
    way.enter(rows[good], "gtpu")


PEELS: dict[int, Callable[[Inward, Int64s], None]] = {
    IPV4: _ipv4,
    IPV6: _ipv6,
    ETHERNET: _ethernet,
    PPP: _ppp,
    0x8100: _vlan,
    0x88A8: _vlan,
    0x9100: _vlan,
    0x8847: _mpls,
    0x8848: _mpls,
    0x8864: _pppoe,
}
CARRIERS = tuple(kind for kind in PEELS if kind not in {IPV4, IPV6})
