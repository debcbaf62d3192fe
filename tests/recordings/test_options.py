"""Where HEP agents may be heard: what people write, made good or refused with one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apresa.config.registry import BadSetting, entry

LISTEN, SOURCES = entry("capture.hep_listen").clean, entry("capture.hep_sources").clean


@pytest.mark.parametrize(
    ("words", "good"),
    [
        ("", []),
        ("192.0.2.5:9060, [2001:DB8:0::5]:9063", ["192.0.2.5:9060", "[2001:db8::5]:9063"]),
        (["0.0.0.0:9060", "0.0.0.0:9060"], ["0.0.0.0:9060"]),
    ],
)
def test_addresses_to_listen_on_are_kept_in_their_usual_form(words: object, good: list[str]) -> None:
    assert LISTEN(words) == good


@pytest.mark.parametrize("word", ["192.0.2.5", "192.0.2.5:0", "192.0.2.5:70000", "host:9060", "[fe80::1%eth0]:9060"])
def test_an_address_that_cannot_be_listened_on_is_refused(word: str) -> None:
    with pytest.raises(BadSetting) as caught:
        LISTEN(word)
    assert str(caught.value) == f"{word} does not fit; 192.0.2.5:9060 does."


def test_sources_are_addresses_and_networks() -> None:
    assert SOURCES("192.0.2.7 192.0.2.9/24 2001:db8::/32") == ["192.0.2.7", "192.0.2.0/24", "2001:db8::/32"]
    with pytest.raises(BadSetting, match=r"^Give at most 64 addresses\.$"):
        SOURCES(["192.0.2.7"] * 65)


@given(st.text(max_size=40) | st.lists(st.text(max_size=20) | st.integers(), max_size=6) | st.none())
def test_any_value_is_refused_or_taken_again(value: object) -> None:
    for clean in (LISTEN, SOURCES):
        try:
            good = clean(value)
        except BadSetting as error:
            str(error).encode()
        else:
            assert clean(good) == good
