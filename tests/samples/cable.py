"""A virtual network cable between two interfaces of this machine."""

import itertools
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_NUMBERS = itertools.count()


@contextmanager
def laid() -> Iterator[tuple[str, str]]:
    """The names of its ends, both up, without any traffic of the kernel's own."""
    name = f"apl{os.getpid() % 100000}n{next(_NUMBERS)}"
    ends = f"{name}a", f"{name}b"
    connect(ends)
    try:
        yield ends
    finally:
        subprocess.run(["ip", "link", "del", ends[0]], check=False, capture_output=True)


def connect(ends: tuple[str, str]) -> None:
    """Make the cable."""
    subprocess.run(["ip", "link", "add", ends[0], "type", "veth", "peer", "name", ends[1]], check=True)
    for end in ends:
        Path(f"/proc/sys/net/ipv6/conf/{end}/disable_ipv6").write_text("1")
        subprocess.run(["ip", "link", "set", end, "up"], check=True)


def cut(ends: tuple[str, str]) -> None:
    """Take the cable away with its interfaces."""
    subprocess.run(["ip", "link", "del", ends[0]], check=True)


def send(
    interface: str, frames: Iterable[bytes], *, per_second: int = 0, meanwhile: Callable[[int], None] = lambda _: None
) -> None:
    """Put frames on the cable, at an even pace if one is given; `meanwhile` hears the number sent, now and then."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.bind((interface, 0))
        begin = time.monotonic()
        for number, data in enumerate(frames):
            out.send(data)
            if per_second and number % 100 == 99:
                meanwhile(number)
                time.sleep(max(0.0, begin + number / per_second - time.monotonic()))


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Until it is so; an AssertionError after these seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
