"""A whole batch of frames at once → RTP packets, the few frames that need a closer look, and the rest, counted.

Only what is plain is taken here: Ethernet with at most one tag (or cooked, raw, loopback), IPv4 without options or IPv6
without extension headers, a whole packet. Everything else is left to `link.decode`, which must come to the same result.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture import flowkey
from recordings.pipeline.capture.batch import Batch, Bytes, Int64s
from recordings.pipeline.capture.tunnels import UDP_PORTS

Bools = NDArray[np.bool_]
SIP_START = re.compile(rb"\s{0,8}(?:SIP/2\.0 +[0-9]|[A-Za-z][\w.!%*+`'~-]{0,31} +(?:[sS][iI][pP][sS]?|[tT][eE][lL]):)")
_UDP, _TCP = 17, 6
TURN_PORT = 3478
CARRIERS = (4, 6, 17, 41, 44, 47, 51, 97, 137, 0, 43, 60, 135, 139, 140)  # protocols in which a call may hide
_LINKS = {1: (12, 14), 113: (14, 16), 276: (0, 20), 12: (-1, 0), 14: (-1, 0), 101: (-1, 0), 228: (-1, 0), 229: (-1, 0)}
_TEXT = np.zeros(256, np.bool_)
_TEXT[[*range(65, 91), *range(97, 123), *range(48, 58), *range(9, 14), *b" /_.!%*+`'~-"]] = True  # as SIP_START takes
RTCP_TYPES = (*range(192, 196), *range(200, 214))  # with the marker bit; other payload types above 63 are RTP
_CONTROL = np.zeros(256, np.bool_)
_CONTROL[[*RTCP_TYPES]] = True
_ANY, _SYN_FIN_RST = 0x3FFF, 0x07


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """RTP packets inside `data`: packet i is `length[i]` bytes from `start[i]`, came as row `row[i]` of its batch.

    `key` is (n, 5) words of flowkey; `flags` as in the records of stream files.
    """

    data: Bytes
    row: Int64s
    start: Int64s
    length: Int64s
    time_ns: Int64s
    key: NDArray[np.uint64]
    flags: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True, eq=False)
class Classified:
    """`slow`: rows for `link.decode`; `rtcp`, `other`: how many were counted and dropped."""

    packets: Packets
    slow: Int64s
    rtcp: int
    other: int


@dataclass(slots=True, eq=False)
class Interest:
    """What is looked at more closely: ports where SIP is spoken, and TCP connections on which it was heard."""

    sip_ports: tuple[int, ...]
    connections: NDArray[np.uint64]


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


def gather(data: Bytes, at: Int64s, size: int) -> Bytes:
    """(n, size) bytes from each place; the caller has made sure that they are there."""
    window: NDArray[np.void] = np.ndarray((len(data) - size + 1,), f"V{size}", data, strides=(1,))
    return window[at].view(np.uint8).reshape(-1, size)


def big16(head: Bytes, column: int) -> Int64s:
    """The 16-bit numbers in network byte order that stand at a column."""
    result: Int64s = head[:, column].astype(np.int64) << 8 | head[:, column + 1]
    return result


def classify(batch: Batch, interest: Interest) -> Classified:
    """Sort out a batch."""
    slow = np.ones(len(batch), np.bool_)
    found: list[Packets] = []
    rtcp = other = 0
    if batch.link in _LINKS and len(batch):
        level3, kind, path = _network_layer(batch)
        for ethertype, shape in ((0x0800, _V4), (0x86DD, _V6)):
            room = batch.offsets + batch.caplens - level3
            rows = np.flatnonzero((kind == ethertype) & (room >= shape.need))
            if len(rows):
                part = _Part(batch, rows, level3[rows], room[rows], path[rows], shape)
                slow[rows[~part.keep_slow(interest)]] = False
                found.append(part.packets())
                rtcp += part.rtcp
                other += part.other
    return Classified(_join(batch, found), np.flatnonzero(slow), rtcp, other)


def _network_layer(batch: Batch) -> tuple[Int64s, Int64s, Int64s]:
    """Per frame: where the network layer begins, its EtherType (0: look closer), the path word of its tags."""
    type_at, header = _LINKS[batch.link]
    kind = np.zeros(len(batch), np.int64)
    path = np.zeros(len(batch), np.int64)
    level3 = batch.offsets + header
    whole = np.flatnonzero(batch.caplens >= header + 4)
    if type_at < 0:
        version = batch.data[level3[whole]] >> 4
        kind[whole] = np.where(version == 4, 0x0800, np.where(version == 6, 0x86DD, 0))
        return level3, kind, path
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
    return level3, kind, path


class _Part:
    """The frames of a batch with one IP version."""

    def __init__(self, batch: Batch, rows: Int64s, level3: Int64s, room: Int64s, path: Int64s, shape: _Shape) -> None:
        self.batch = batch
        self.rows = rows
        self.level3 = level3
        self.path = path
        self.shape = shape
        head = self.head = gather(batch.data, level3, shape.need)
        if shape is _V4:
            self.total = big16(head, 2)
            plain = (head[:, 0] == 0x45) & (big16(head, 6) & _ANY == 0)
        else:
            payload = big16(head, 4)
            self.total = np.where(payload > 0, payload + 40, 0)
            plain = head[:, 0] >> 4 == 6
        self.plain = plain & (self.total >= shape.header + 8) & (self.total <= room)
        protocol = head[:, shape.protocol]
        self.dull = ~np.isin(protocol, CARRIERS)
        self.udp = self.plain & (protocol == _UDP)
        self.tcp: Bools = self.plain & (protocol == _TCP)
        self.ports = (big16(head, shape.header), big16(head, shape.header + 2))
        self._look_at_udp()
        self.rtcp = self.other = 0

    def _look_at_udp(self) -> None:
        head, at = self.head, self.shape.header
        self.size = big16(head, at + 4) - 8
        good = self.udp & (self.size >= 0) & (at + 8 + self.size <= self.total) & ~self._on(UDP_PORTS)
        version = good & (head[:, at + 8] >> 6 == 2)
        control = _CONTROL[head[:, at + 9]]
        least = 12 + 4 * (head[:, at + 8] & 15).astype(np.int64)
        self.rtp = version & ~control & (self.size >= least)
        self.control = version & control & (self.size >= 8)
        self.quiet = good & ~self.rtp & ~self.control

    def _on(self, ports: tuple[int, ...]) -> Bools:
        """Which frames have one of these ports at either end."""
        found: Bools = np.isin(self.ports[0], ports) | np.isin(self.ports[1], ports)
        return found

    def keep_slow(self, interest: Interest) -> Bools:
        """Which frames need a closer look; also counts the others."""
        on_sip = self._on(interest.sip_ports)
        texts = self._texts(self.quiet & ~on_sip, self.level3 + self.shape.header + 8, self.size)
        head, at = self.head, self.shape.header + 8
        relayed = (head[:, at] >> 4 == 4) & (abs(self.size - 4 - big16(head, at + 2)) < 4)  # TURN ChannelData
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
            known |= np.isin(connection_keys(self.keys()), interest.connections)
        bare = (size == 0) & (self.head[:, at + 13] & _SYN_FIN_RST == 0)
        texts = self._texts(good & ~known & (size > 0), self.level3 + at + header, size)
        dull: Bools = good & (bare | ~known) & ~texts
        return dull

    def _texts(self, wanted: Bools, at: Int64s, size: Int64s) -> Bools:
        """Which of the wanted payloads begin like SIP (or HEP, which holds SIP)."""
        result = np.zeros(len(wanted), np.bool_)
        rows = np.flatnonzero(wanted & (size >= 4))
        if len(rows):
            rows = rows[_TEXT[gather(self.batch.data, at[rows], 4)].all(axis=1)]
            for row in rows.tolist():
                begin = int(at[row])
                start = self.batch.data[begin : begin + min(64, int(size[row]))].tobytes()
                result[row] = SIP_START.match(start) is not None or start.startswith(b"HEP3")
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


def connection_keys(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One word per flow key that is the same in both directions of a connection."""
    raw = keys.view(np.uint8).reshape(-1, flowkey.SIZE)
    six = (keys[:, 4] >> np.uint64(32)) & np.uint64(flowkey.IPV6) != 0
    result = np.empty(len(keys), np.uint64)
    for mask, size in ((~six, 4), (six, 16)):
        part = raw[mask]
        ends = []
        for address, port in ((0, 2 * size), (size, 2 * size + 2)):
            end = np.zeros((len(part), 24), np.uint8)
            end[:, :size] = part[:, address : address + size]
            end[:, 16:18] = part[:, port : port + 2]
            w = end.view(np.uint64)
            mixed = w[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ w[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F)
            mixed ^= mixed >> np.uint64(29)
            ends.append((mixed ^ w[:, 2]) * np.uint64(0xD6E8FEB86659FD93))
        result[mask] = ends[0] + ends[1]
    return result


def _join(batch: Batch, found: list[Packets]) -> Packets:
    filled = [part for part in found if len(part)]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        none = np.zeros(0, np.int64)
        return Packets(
            batch.data, none, none, none, none, np.zeros((0, flowkey.WORDS), np.uint64), np.zeros(0, np.uint8)
        )
    order = np.argsort(np.concatenate([part.row for part in filled]), kind="stable")
    return Packets(
        batch.data,
        np.concatenate([part.row for part in filled])[order],
        np.concatenate([part.start for part in filled])[order],
        np.concatenate([part.length for part in filled])[order],
        np.concatenate([part.time_ns for part in filled])[order],
        np.concatenate([part.key for part in filled])[order],
        np.concatenate([part.flags for part in filled])[order],
    )
