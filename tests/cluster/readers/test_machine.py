"""Interfaces and clock."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.readers.machine import read_clock, read_interfaces
from cluster.readers.reply import ReplyError
from cluster.types import Clock, Interface
from tests.samples.cluster.damage import damaged, read_or_refuse
from tests.samples.cluster.replies import CLOCK, INTERFACES


def test_interfaces_tell_their_carrier_and_addresses() -> None:
    assert read_interfaces(INTERFACES) == (
        Interface("lo", carrier=True, addresses=("127.0.0.1",)),
        Interface("eth0", carrier=True, addresses=("192.0.2.1", "2001:db8::1")),
        Interface("eth1", carrier=False, addresses=("198.51.100.1",)),
    )


@pytest.mark.parametrize("text", ["", "{}x", "[1]", '[{"ifname": "eth0"}]', "null", '{"a": 1}', "[" * 100_000])
def test_interfaces_that_nobody_understands_are_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        read_interfaces(text)


@pytest.mark.parametrize(("word", "synchronised"), [("yes", True), ("no", False)])
def test_the_clock_tells_whether_it_is_synchronised(word: str, synchronised: bool) -> None:
    assert read_clock(CLOCK.replace("NTPSynchronized=yes", f"NTPSynchronized={word}")) == Clock(synchronised)


@pytest.mark.parametrize("text", ["", "NTPSynchronized=perhaps\n"])
def test_a_clock_that_does_not_tell_is_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        read_clock(text)


@given(damaged(CLOCK))
def test_any_clock_is_read_or_refused(text: str) -> None:
    assert read_or_refuse(read_clock, text) in {True, False}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["ifname", "flags", "addr_info", "local"]), inner, max_size=4)
    ),
)


@given(damaged(INTERFACES) | JSON.map(json.dumps))
def test_any_interfaces_are_read_or_refused(text: str) -> None:
    assert read_or_refuse(read_interfaces, text) in {True, False}
