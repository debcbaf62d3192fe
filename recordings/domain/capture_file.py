"""A call's packets as a capture file: its SIP messages and its RTP, each in a frame of our own making.

The link layer is not what was on the wire, and SIP that came over TCP stands in UDP datagrams.
"""

import tempfile
from collections.abc import Iterator
from heapq import merge
from pathlib import Path

from recordings.domain.evidence import Part, gather
from recordings.domain.packets import extract_packets
from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import LINK_ETHERNET, MAX_PAYLOAD, udp_frame, write_pcap
from recordings.pipeline.spool.calls import CallFile


def write_capture(packets: Path, target: Path) -> int:
    """Write a packets file as pcap; the number of frames. Raises SpoolError, OSError."""
    with tempfile.TemporaryDirectory(prefix="capture-", dir=target.parent) as folder:
        call = extract_packets(packets, Path(folder))
        evidence = gather(call, Path(folder))
        frames = merge(_signalling(call), *map(_media, evidence.parts), key=lambda frame: frame.time_ns)
        with target.open("wb") as file:
            return write_pcap(file, frames)


def _signalling(call: CallFile) -> Iterator[Frame]:
    for message in sorted(call.messages, key=lambda item: item.time_ns):
        payload = message.text.encode("latin-1", "replace")[:MAX_PAYLOAD]
        yield from _frame(message.time_ns, message.source, message.destination, payload)


def _media(part: Part) -> Iterator[Frame]:
    data = part.data
    for index in part.chosen.tolist():
        begin = int(data.offsets[index])
        payload = data.data[begin : begin + int(data.lengths[index])]
        yield from _frame(int(data.time_ns[index]), part.binding.source, part.binding.destination, payload)


def _frame(time_ns: int, source: str, destination: str, payload: bytes) -> Iterator[Frame]:
    try:
        data = udp_frame(source, destination, payload)
    except ValueError:
        return  # addresses of two IP versions, or none: a proxy's view that no frame can show
    yield Frame(time_ns, LINK_ETHERNET, data, len(data))
