"""A whole batch of frames at once → RTP packets, the few frames that need a closer look, and the rest, counted.

Only what is plain is taken here: IPv4 without options or IPv6 without extension headers, a whole packet, straight on
the link or in the tags and tunnels of `inward`. All else is left to `link.decode`, which must come to the same result.
"""

from collections.abc import Set
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture import flowkey, inward
from recordings.pipeline.capture.batch import Batch, Int64s
from recordings.pipeline.capture.beginnings import TLS_HANDSHAKE, WEBSOCKET_OCTETS, begins_sip, client_random
from recordings.pipeline.capture.inward import View, Wrapping
from recordings.pipeline.capture.merged import LEAST, look_merged
from recordings.pipeline.capture.packets import Packets, big16, gather, join
from recordings.pipeline.capture.peels import CARRIERS as LAYERS
from recordings.pipeline.capture.peels import TUNNEL_PROTOCOLS
from recordings.pipeline.capture.tunnels import UDP_PORTS

Bools = NDArray[np.bool_]
_UDP, _TCP = 17, 6
TURN_PORT = 3478
CARRIERS = (4, 6, 17, 41, 44, 47, 51, 97, 137, 0, 43, 60, 135, 139, 140)  # protocols in which a call may hide
_LINKS = {1: (12, 14), 113: (14, 16), 276: (0, 20), 12: (-1, 0), 14: (-1, 0), 101: (-1, 0), 228: (-1, 0), 229: (-1, 0)}
_TEXT = np.zeros(256, np.bool_)
_TEXT[[*range(65, 91), *range(97, 123), *range(48, 58), *range(9, 14), *b" /_.!%*+`'~-"]] = True  # as SIP_START takes
RTCP_TYPES = (*range(192, 196), *range(200, 214))  # with the marker bit; other payload types above 63 are RTP
_CONTROL = np.zeros(256, np.bool_)
_CONTROL[[*RTCP_TYPES]] = True
_DULL = np.ones(256, np.bool_)
_DULL[[*CARRIERS]] = False
_TUNNEL_PORTS = np.zeros(1 << 16, np.bool_)
_TUNNEL_PORTS[[*UDP_PORTS]] = True
_TUNNELS = np.zeros(256, np.bool_)
_TUNNELS[[*TUNNEL_PROTOCOLS]] = True
_ANY, _SYN_FIN_RST = 0x3FFF, 0x07


@dataclass(frozen=True, slots=True, eq=False)
class Classified:
    """`slow`: rows for `link.decode`; `rtcp`, `other`: how many were counted and dropped; `wrappings`: what the path
    words of packets in tunnels mean."""

    packets: Packets
    slow: Int64s
    rtcp: int
    other: int
    wrappings: dict[int, Wrapping] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Interest:
    """What is looked at more closely: ports where SIP is spoken, TCP connections on which it was heard, and TLS
    connections whose keys are known, by the random number of their client."""

    sip_ports: tuple[int, ...]
    connections: NDArray[np.uint64]
    randoms: Set[bytes] = frozenset()

    def begins(self, payload: bytes) -> bool:
        """Whether what begins with these bytes belongs in the journal."""
        return begins_sip(payload) or (bool(self.randoms) and client_random(payload) in self.randoms)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where an IP header has its fields; `need`: it, UDP and the fixed part of RTP."""

    header: int
    protocol: int
    addresses: int
    size: int
    bit: int

    @property
    def need(self) -> int:
        return self.header + 20


_V4 = _Shape(20, 9, 12, 4, 0)
_V6 = _Shape(40, 6, 8, 16, flowkey.IPV6)


def classify(batch: Batch, interest: Interest) -> Classified:
    """Sort out a batch."""
    sorting = _Sorting(batch, interest)
    wrappings: dict[int, Wrapping] = {}
    if batch.link in _LINKS and len(batch):
        outer = _network_layer(batch)
        tunnels = sorting.take(outer)
        odd = (outer.kind != 0x0800) & (outer.kind != 0x86DD)
        if odd.any():
            tunnels |= odd & np.isin(outer.kind, LAYERS)
        if tunnels.any():
            inner, wrappings = inward.peel(batch.data, outer.select(tunnels))
            sorting.take(inner)
    slow = np.flatnonzero(sorting.slow)
    return Classified(join(batch.data, sorting.found), slow, sorting.rtcp, sorting.other, wrappings)


class _Sorting:
    """What has been found in a batch so far."""

    def __init__(self, batch: Batch, interest: Interest) -> None:
        self.batch = batch
        self.interest = interest
        self.slow = np.ones(len(batch), np.bool_)
        self.found: list[Packets] = []
        self.rtcp = self.other = 0

    def take(self, view: View) -> Bools:
        """Sort out the rows that are plain; which of the view's rows begin a tunnel."""
        tunnels = np.zeros(len(view.rows), np.bool_)
        for ethertype, shape in ((0x0800, _V4), (0x86DD, _V6)):
            mine = np.flatnonzero((view.kind == ethertype) & (view.end - view.at >= shape.need))
            if len(mine):
                part = _Part(self.batch, view.select(mine), shape)
                self.slow[part.rows[~part.keep_slow(self.interest)]] = False
                self.found.append(part.packets())
                self.rtcp += part.rtcp
                self.other += part.other
                tunnels[mine[part.tunnels]] = True
        return tunnels


def _network_layer(batch: Batch) -> View:
    """The outer network layer of each frame (EtherType 0: look closer), behind at most one tag."""
    type_at, header = _LINKS[batch.link]
    kind = np.zeros(len(batch), np.int64)
    path = np.zeros(len(batch), np.int64)
    level3 = batch.offsets + header
    view = View(np.arange(len(batch)), level3, batch.offsets + batch.caplens, kind, path)
    whole = np.flatnonzero(batch.caplens >= header + 4)
    if type_at < 0:
        version = batch.data[level3[whole]] >> 4
        kind[whole] = np.where(version == 4, 0x0800, np.where(version == 6, 0x86DD, 0))
        return view
    kind[whole] = big16(gather(batch.data, batch.offsets[whole] + type_at, 2), 0)
    if batch.link == 1:
        tagged = np.flatnonzero((kind == 0x8100) | (kind == 0x88A8))
        if len(tagged):
            head = gather(batch.data, level3[tagged], 4)
            path[tagged] = (big16(head, 0) & 0xFFF) + 1
            kind[tagged] = big16(head, 2)
            level3[tagged] += 4
        outer = np.flatnonzero(batch.tags)
        if len(outer):
            tag = (batch.tags[outer].astype(np.int64) & 0xFFF) + 1
            inner = path[outer]
            path[outer] = np.where(inner > 0, tag << 13 | inner, tag)
    return view


class _Part:
    """The frames of a batch with one IP version."""

    def __init__(self, batch: Batch, view: View, shape: _Shape) -> None:
        self.batch = batch
        self.rows = view.rows
        self.level3 = view.at
        self.path = view.path
        self.shape = shape
        room = view.end - view.at
        head = self.head = gather(batch.data, view.at, shape.need)
        if shape is _V4:
            self.total = big16(head, 2)
            plain = (head[:, 0] == 0x45) & (big16(head, 6) & _ANY == 0)
        else:
            payload = big16(head, 4)
            self.total = np.where(payload > 0, payload + 40, 0)
            plain = head[:, 0] >> 4 == 6
        self.plain = plain & (self.total >= shape.header + 8) & (self.total <= room)
        protocol = head[:, shape.protocol]
        self.dull = _DULL[protocol]
        self.udp = self.plain & (protocol == _UDP)
        self.tcp: Bools = self.plain & (protocol == _TCP)
        self.ports = (big16(head, shape.header), big16(head, shape.header + 2))
        self._look_at_udp()
        self.rtcp = self.other = 0

    def _look_at_udp(self) -> None:
        head, at = self.head, self.shape.header
        self.size = big16(head, at + 4) - 8
        tunnel = self.udp & (_TUNNEL_PORTS[self.ports[0]] | _TUNNEL_PORTS[self.ports[1]])
        self.tunnels = tunnel | (self.plain & _TUNNELS[head[:, self.shape.protocol]])
        good = self.udp & (self.size >= 0) & (at + 8 + self.size <= self.total) & ~tunnel
        version = good & (head[:, at + 8] >> 6 == 2)
        control = _CONTROL[head[:, at + 9]]
        least = 12 + 4 * (head[:, at + 8] & 15).astype(np.int64)
        self.rtp = version & ~control & (self.size >= least)
        self.merged = np.zeros(len(self.rows), np.bool_)
        large = np.flatnonzero(self.rtp & (self.size >= LEAST))
        if len(large):
            self.merged[large] = look_merged(self.batch.data, self.level3[large] + at + 8, self.size[large])
            self.rtp &= ~self.merged
        self.control = version & control & (self.size >= 8)
        self.quiet = good & ~self.rtp & ~self.control & ~self.merged

    def _on(self, ports: tuple[int, ...]) -> Bools:
        """Which frames have one of these ports at either end."""
        found: Bools = np.isin(self.ports[0], ports) | np.isin(self.ports[1], ports)
        return found

    def keep_slow(self, interest: Interest) -> Bools:
        """Which frames need a closer look; also counts the others."""
        on_sip = self._on(interest.sip_ports)
        texts = self._texts(interest, self.quiet & ~on_sip, self.level3 + self.shape.header + 8, self.size)
        head, at = self.head, self.shape.header + 8
        relayed = (head[:, at] >> 4 == 4) & (abs(self.size - 4 - big16(head, at + 2)) < 4)  # TURN ChannelData
        indicated = (big16(head, at) | 1 == 0x17) & (big16(head, at + 4) == 0x2112) & (big16(head, at + 6) == 0xA442)
        relayed |= indicated  # TURN Send and Data
        look_udp = self.quiet & (on_sip | relayed) | texts
        settled: Bools = self.rtp | self.control | (self.quiet & ~look_udp) | self.dull
        settled |= self._dull_tcp(interest, on_sip)
        self.rtcp = int(self.control.sum())
        self.other = int((settled & ~self.rtp & ~self.control).sum())
        closer: Bools = ~settled
        return closer

    def _dull_tcp(self, interest: Interest, on_sip: Bools) -> Bools:
        """TCP that is no SIP: on other ports without its beginning, or bare acknowledgements."""
        if not self.tcp.any():
            return self.tcp
        at = self.shape.header
        header = (self.head[:, at + 12] >> 4).astype(np.int64) * 4
        size = self.total - at - header
        good = self.tcp & (header >= 20) & (size >= 0)
        known = on_sip | self._on((TURN_PORT,))
        if len(interest.connections):
            known |= np.isin(flowkey.connection_keys(self.keys()), interest.connections)
        bare = (size == 0) & (self.head[:, at + 13] & _SYN_FIN_RST == 0)
        texts = self._texts(interest, good & ~known & (size > 0), self.level3 + at + header, size)
        dull: Bools = good & (bare | ~known) & ~texts
        return dull

    def _texts(self, interest: Interest, wanted: Bools, at: Int64s, size: Int64s) -> Bools:
        """Which of the wanted payloads begin like SIP, or like what holds SIP."""
        result = np.zeros(len(wanted), np.bool_)
        rows = np.flatnonzero(wanted & (size >= 4))
        if len(rows):
            first = gather(self.batch.data, at[rows], 4)
            octets = (*WEBSOCKET_OCTETS, TLS_HANDSHAKE) if interest.randoms else WEBSOCKET_OCTETS
            rows = rows[_TEXT[first].all(axis=1) | np.isin(first[:, 0], octets)]
            for row in rows.tolist():
                begin = int(at[row])
                result[row] = interest.begins(self.batch.data[begin : begin + min(2048, int(size[row]))].tobytes())
        return result

    def keys(self, rows: Int64s | None = None) -> NDArray[np.uint64]:
        """Flow keys of these frames."""
        shape = self.shape
        head = self.head if rows is None else self.head[rows]
        path = self.path if rows is None else self.path[rows]
        key = np.zeros((len(head), flowkey.SIZE), np.uint8)
        both = 2 * shape.size
        key[:, :both] = head[:, shape.addresses : shape.addresses + both]
        key[:, both : both + 4] = head[:, shape.header : shape.header + 4]
        key[:, both + 4 : both + 8] = (path | shape.bit).astype("<u4").view(np.uint8).reshape(-1, 4)
        return key.view(np.uint64)

    def packets(self) -> Packets:
        rows = np.flatnonzero(self.rtp)
        frames = self.rows[rows]
        return Packets(
            self.batch.data,
            frames,
            self.level3[rows] + self.shape.header + 8,
            self.size[rows],
            self.batch.time_ns[frames],
            self.keys(rows),
            np.zeros(len(rows), np.uint8),
        )
