import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.pipeline.signalling.parties import Party, party, user_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"Alice \\"A\\"" <sip:alice@h;x=y>;tag=1', Party('Alice "A"', "sip:alice@h;x=y", "alice", "1")),
        ("Bob <sips:bob:secret@h>", Party("Bob", "sips:bob:secret@h", "bob", "")),
        ("sip:+4930@h;tag=77", Party("", "sip:+4930@h", "+4930", "77")),
        ("<tel:+88270006;phone-context=x> ; TAG = 9", Party("", "tel:+88270006;phone-context=x", "+88270006", "9")),
        ("<sip:h>", Party("", "sip:h", "", "")),
        ("<urn:service:sos>", Party("", "urn:service:sos", "urn:service:sos", "")),
        ('"J\xc3\xb6rg" <sip:j%C3%B6rg@h>', Party("Jörg", "sip:j%C3%B6rg@h", "jörg", "")),
        ('"a<b;tag=x" <sip:c@h>;tag=y', Party("a<b;tag=x", "sip:c@h", "c", "y")),
        ("", Party("", "", "", "")),
    ],
)
def test_party_of_a_header(value: str, expected: Party) -> None:
    assert party(value) == expected


def test_user_whose_escapes_hide_control_characters_stays_as_written() -> None:
    assert user_of("sip:a%00b@h") == "a%00b"


@given(st.text(max_size=200))
def test_any_header_is_a_party(value: str) -> None:
    assert len(party(value).tag) <= len(value)
