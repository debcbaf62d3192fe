"""`manage.py setting`."""

import io

import pytest
from django.core.management import CommandError, call_command

from apresa.config import registry

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def setting(*arguments: str) -> str:
    output = io.StringIO()
    call_command("setting", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize(
    ("name", "before", "given", "after"),
    [
        ("recording.format", "flac", "opus", "opus"),
        ("capture.interfaces", "none", "eth1,eth2", "eth1, eth2"),
        ("capture.silence_timeout", "60", "90", "90"),
        ("storage.keep_packets", "true", "no", "false"),
    ],
)
def test_setting_is_shown_changed_and_shown(name: str, before: str, given: str, after: str) -> None:
    answers = [setting(name), setting(name, given), setting(name)]
    assert answers == [f"{before}\n", f"{name} is now {after}.\n", f"{after}\n"]


def test_setting_gets_its_default_again() -> None:
    setting("recording.format", "opus")
    assert setting("recording.format", "--reset") == "recording.format has its default again: flac.\n"
    assert setting("recording.format") == "flac\n"


def test_all_settings_are_listed_with_their_meaning() -> None:
    text = setting()
    shown = [entry.name for entry in registry.entries() if f"{entry.name} = " in text and str(entry.help) in text]
    assert shown == [entry.name for entry in registry.entries()]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("colour",), "no setting called colour"), (("recording.format", "x"), "Choose one of")],
)
def test_bad_input_gets_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        setting(*arguments)
