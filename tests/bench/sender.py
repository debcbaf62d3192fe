"""Puts RTP of many streams on an interface at a pace: `python -m tests.bench.sender --help`.

Cheap, so that one machine can offer 100,000 packets/s and capture them: frames are made once, their numbers and times
are counted on by NumPy, and each turn of 20 ms goes to the kernel by sendmmsg. Its processor time is not capture's.
"""

import argparse
import ctypes
import json
import os
import resource
import socket
import sys
import time
from contextlib import suppress

import numpy as np

from recordings.pipeline.capture.write import udp_frame

TURN_S = 0.02
SEQUENCE_AT, STAMP_AT = 44, 46  # behind Ethernet, IPv4, UDP and two octets of RTP
_HEAD = bytes.fromhex("8000 0000 00000000")
_libc = ctypes.CDLL(None, use_errno=True)
_MESSAGE = np.dtype([("name", "<u8"), ("name_size", "<u8"), ("parts", "<u8"), ("count", "<u8"), ("more", "<u8", 4)])
_PART = np.dtype([("base", "<u8"), ("size", "<u8")])
MOST_AT_ONCE = 1024  # of sendmmsg (UIO_MAXIOV)


class Frames:
    """One frame per stream in one buffer; `next` makes it that of the next 20 ms. UDP checksums are left out (0)."""

    def __init__(self, streams: int, sizes: tuple[int, ...]) -> None:
        made = [self._frame(number, sizes[number % len(sizes)]) for number in range(streams)]
        lengths = np.array([len(frame) for frame in made])
        self.octets = np.frombuffer(bytearray(b"".join(made)), np.uint8)
        self.starts = np.cumsum(lengths) - lengths
        base = self.octets.ctypes.data
        self.parts = np.zeros(streams, _PART)
        self.parts["base"], self.parts["size"] = base + self.starts, lengths
        self.messages = np.zeros(streams, _MESSAGE)
        self.messages["parts"] = self.parts.ctypes.data + np.arange(streams) * _PART.itemsize
        self.messages["count"] = 1
        self.number = 0

    @staticmethod
    def _frame(number: int, size: int) -> bytes:
        call, back = divmod(number, 2)
        host = f"{call >> 8}.{call & 255}"
        port = 2 * (call % 10000)
        ends = f"10.1.{host}:{10000 + port}", f"10.2.{host}:{30000 + port}"
        payload = _HEAD + (0x10000 + number).to_bytes(4) + np.random.default_rng(number).bytes(size)
        frame = bytearray(udp_frame(ends[back], ends[1 - back], payload))
        frame[40:42] = b"\0\0"
        return bytes(frame)

    def next(self) -> None:
        """Count sequence numbers and time stamps on."""
        self.number += 1
        for at, value, width in ((SEQUENCE_AT, self.number & 0xFFFF, 2), (STAMP_AT, self.number * 160 & 0xFFFFFFFF, 4)):
            for place, octet in enumerate(value.to_bytes(width)):
                self.octets[self.starts + at + place] = octet

    def send(self, handle: int) -> int:
        """All frames once; how many the kernel took. Raises OSError."""
        sent = 0
        while sent < len(self.messages):
            at = self.messages.ctypes.data + sent * _MESSAGE.itemsize
            count = min(MOST_AT_ONCE, len(self.messages) - sent)
            done = _libc.sendmmsg(handle, ctypes.c_void_p(at), count, 0)
            if done < 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
            sent += done
        return sent


def main() -> int:
    """Send, and tell {"sent", "seconds", "cpu_seconds"} as one line of JSON."""
    made = argparse.ArgumentParser(prog="python -m tests.bench.sender", description=__doc__)
    made.add_argument("interface")
    made.add_argument("--streams", type=int, default=2000, help="each sends 50 packets/s (%(default)s)")
    made.add_argument("--seconds", type=float, default=10)
    made.add_argument("--sizes", default="160", help="octets of payload, one after the other: 160 or 20,33,61")
    options = made.parse_args()
    with suppress(OSError):
        os.nice(-15)  # who offers too little measures nothing
    frames = Frames(options.streams, tuple(int(size) for size in options.sizes.split(",")))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.bind((options.interface, 0))
        begin, sent = time.monotonic(), 0
        for turn in range(round(options.seconds / TURN_S)):
            sent += frames.send(out.fileno())
            frames.next()
            time.sleep(max(0.0, begin + (turn + 1) * TURN_S - time.monotonic()))
        seconds = time.monotonic() - begin
    used = resource.getrusage(resource.RUSAGE_SELF)
    said = {"sent": sent, "seconds": round(seconds, 3), "cpu_seconds": round(used.ru_utime + used.ru_stime, 2)}
    sys.stdout.write(json.dumps(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
