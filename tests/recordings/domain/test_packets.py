"""The packets file: what goes in comes out, and no bytes break its reader."""

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.domain.evidence import gather
from recordings.domain.packets import extract_packets, stored_call, write_packets
from recordings.pipeline.spool.calls import CallFile
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.layout import Session
from tests.samples.spool import NODE, packets, sip_call, with_streams


def spooled(root: Path) -> tuple[Session, CallFile]:
    session = Session(root / "live")
    session.create(NODE)
    return session, with_streams(session, sip_call(), {"caller": packets("caller"), "callee": packets("callee")})


def test_a_part_of_a_stream_comes_out_as_it_went_in(tmp_path: Path) -> None:
    session, call = spooled(tmp_path)
    first = call.streams[0]
    half = replace(call, streams=(replace(first, to_ns=first.from_ns + 10**8),))
    evidence = gather(half, session.streams)
    write_packets(tmp_path / "packets", half, evidence)
    out = tmp_path / "out"
    out.mkdir()
    again = gather(extract_packets(tmp_path / "packets", out), out)
    assert len(again.parts[0].packets) == 6
    assert again.coverage() == evidence.coverage()
    assert [*again.parts[0].packets.payloads()] == [*evidence.parts[0].packets.payloads()]


def whole_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        session, call = spooled(root)
        write_packets(root / "packets", call, gather(call, session.streams))
        return (root / "packets").read_bytes()


WHOLE = whole_file()


def read_all(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "packets"
        path.write_bytes(data)
        try:
            stored_call(path)
            gather(extract_packets(path, Path(folder)), Path(folder)).coverage()
        except (SpoolError, FileNotFoundError):
            return


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=3000))
def test_arbitrary_bytes_give_one_error(data: bytes) -> None:
    read_all(data)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 4000), st.binary(min_size=1, max_size=30))
def test_damaged_bytes_give_one_error(at: int, change: bytes) -> None:
    read_all(WHOLE[:at] + change + WHOLE[at + len(change) :])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, len(WHOLE)))
def test_a_cut_file_gives_one_error(length: int) -> None:
    read_all(WHOLE[:length])
