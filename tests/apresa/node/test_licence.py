"""The licence: shown and alarmed, and never in a call's way."""

import pytest
from django.test import Client

from apresa.accounts.models import User
from apresa.config import domain as config
from apresa.config.registry import BadSetting
from apresa.events.queries import open_alarms
from apresa.node import domain as node
from apresa.node import licence

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def alarms() -> list[str]:
    return [alarm.sentence for alarm in open_alarms()]


def test_without_a_limit_any_number_is_allowed() -> None:
    licence.watch(5000)
    assert (licence.licence(), alarms()) == (licence.Licence("", None), [])


def test_more_calls_than_the_licence_allows_are_an_alarm_until_they_are_fewer() -> None:
    config.set("licence.calls", 20, by="anna")
    seen = []
    for calls in (20, 21, 30, 20):
        licence.watch(calls)
        seen.append(alarms())
    one = ["21 calls at once are more than the 20 of this machine's licence. All are recorded."]
    assert seen == [[], one, one, []]


def test_licence_is_this_machines_own_and_can_be_changed_on_a_secondary() -> None:
    node.join_as_secondary("192.0.2.11")
    config.set("licence.text", "Example Ltd, until 2030", by="anna")
    assert licence.licence().text == "Example Ltd, until 2030"


@pytest.mark.parametrize("value", [7, None, "a\nb", "x" * 501])
def test_licence_is_one_line_of_text(value: object) -> None:
    with pytest.raises(BadSetting, match="at most 500 letters on one line"):
        config.set("licence.text", value, by="anna")


def test_system_page_shows_machine_and_licence(client: Client, platform: None) -> None:
    config.set("licence.text", "Example Ltd", by="anna")
    node.place(name="myrec1", address="192.0.2.11", mask="24")
    client.force_login(User.objects.create_superuser("anna", password="x"))
    page = client.get("/system/").content.decode()
    assert [text in page for text in ("Example Ltd", "192.0.2.11/24", "Any number")] == [True, True, True]
