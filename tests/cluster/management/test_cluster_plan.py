"""`manage.py cluster_plan`."""

import io
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

GOOD = """
floating = "192.168.2.10"
interface = "eth0"
device = "/dev/drbd0"
disk = "/dev/sdb1"
directory = "/recordings"

[first]
role = "primary"
name = "myrec1"
address = "192.168.2.11"
mask = "255.255.255.0"

[second]
role = "secondary"
name = "myrec2"
address = "192.168.2.12"
mask = "24"
"""


def planned(text: str | bytes, folder: Path, *options: str) -> str:
    path = folder / "answers.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = io.StringIO()
    call_command("cluster_plan", str(path), *options, stdout=out)
    return out.getvalue()


def test_good_answers_are_summed_up(tmp_path: Path) -> None:
    assert planned(GOOD, tmp_path).splitlines() == [
        "myrec1: begins as primary, 192.168.2.11/24",
        "myrec2: begins as secondary, 192.168.2.12/24",
        "The floating address is 192.168.2.10/24 on eth0.",
    ]


@pytest.mark.parametrize("name", ["corosync.conf", "cluster.crm", "pg_hba.conf"])
def test_each_file_can_be_looked_at(tmp_path: Path, name: str) -> None:
    text = planned(GOOD, tmp_path, "--show", name)
    assert ("192.168.2.1" in text, "$" in text) == (True, False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x", "is no valid TOML"),
        (b"\xff", "is no valid TOML"),
        (GOOD.replace('mask = "24"', "mask = 24"), r"^second\.mask is a text: write it in quotes\.$"),
        (
            GOOD.replace('mask = "24"', 'netmask = "24"'),
            r"^Nothing is asked by the name second\.'netmask'; there are: role",
        ),
        ('first = "x"', r"^first is a table of answers\.$"),
        (GOOD.replace('"24"', '"25"'), r"^second\.mask: The nodes have different masks; in one network"),
        ("", r"^first\.role: One node begins as primary, the other as secondary; choose one of each\.\nfirst\.name: "),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str | bytes, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        planned(text, tmp_path)


def test_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        call_command("cluster_plan", str(tmp_path / "none"))


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(GOOD) - 1), byte=st.binary(min_size=1, max_size=3))
def test_spoilt_answers_are_a_plan_or_told(tmp_path: Path, at: int, byte: bytes) -> None:
    data = GOOD.encode()
    with suppress(CommandError):
        planned(data[:at] + byte + data[at + 1 :], tmp_path)
