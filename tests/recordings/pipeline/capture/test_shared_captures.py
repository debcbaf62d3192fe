from collections import Counter
from pathlib import Path

import pytest

from recordings.pipeline.capture.fragments import Reassembler
from recordings.pipeline.capture.frames import Datagram, Fragment, Frame
from recordings.pipeline.capture.link import decode
from recordings.pipeline.capture.pcap import read_frames

pytestmark = pytest.mark.shared
ENCAPSULATION = {
    "erspan1": "erspan",
    "erspan2": "erspan",
    "erspan3": "erspan",
    "geneve": "geneve",
    "gre": "gre",
    "gretap": "gre",
    "gtpu": "gtpu",
    "ipip": "ipip",
    "mplspw": "mpls",
    "pppoe": "pppoe",
    "tzsp": "tzsp",
    "vxlan": "vxlan",
}
VLAN: dict[str, tuple[int, ...]] = {"vlan": (100,), "qinq": (200, 100)}
WITHOUT = ["ipfrag576", "mpls", "null", "ppp", "raw", "sll", "sll2"]


def read(path: Path) -> list[Datagram]:
    reassembler, out = Reassembler(), []
    for one in read_frames(path):
        decoded = decode(one)
        if isinstance(decoded, Fragment):
            whole = reassembler.add(one, decoded)
            decoded = None if whole is None else whole.decoded
        if isinstance(decoded, Datagram):
            out.append(decoded)
    return out


def bare(datagrams: list[Datagram]) -> list[tuple[str, str, bytes]]:
    return [(one.source, one.destination, one.payload) for one in datagrams]


@pytest.fixture
def plain(shared_captures: Path) -> list[Datagram]:
    return read(shared_captures / "NormB+sipnab/tests/pcap-samples/sip-rtp-g711.pcap")


@pytest.mark.parametrize("name", [*ENCAPSULATION, *VLAN, *WITHOUT])
def test_a_call_is_the_same_in_every_wrapping(shared_captures: Path, plain: list[Datagram], name: str) -> None:
    wrapped = read(shared_captures / f"derived+encap/sip-rtp-g711.{name}.pcap")
    assert bare(wrapped) == bare(plain)
    assert Counter((one.encapsulation, one.vlan) for one in wrapped) == {
        (ENCAPSULATION.get(name, ""), VLAN.get(name, ())): len(plain)
    }


@pytest.mark.parametrize("name", ["hep2", "hep3"])
def test_signalling_in_hep_has_the_addresses_of_the_call(
    shared_captures: Path, plain: list[Datagram], name: str
) -> None:
    wrapped = read(shared_captures / f"derived+encap/sip-rtp-g711.{name}.pcap")
    assert Counter(bare(wrapped)) == Counter(bare(plain))
    assert {one.encapsulation for one in wrapped if b"SIP/2.0" in one.payload} == {"hep"}


def test_a_frame_seen_twice_is_two_datagrams(shared_captures: Path, plain: list[Datagram]) -> None:
    doubled = read(shared_captures / "derived+encap/sip-rtp-g711.dup.pcap")
    assert Counter(bare(doubled)) == Counter(bare(plain) * 2)


def test_frames_have_the_times_of_the_capture(shared_captures: Path) -> None:
    frames: list[Frame] = list(read_frames(shared_captures / "local+sipp/sipp_uac_pcap_udp4_echo.pcap"))
    times = [one.time_ns for one in frames]
    assert times == sorted(times)
    assert 5 * 10**9 < times[-1] - times[0] < 60 * 10**9
