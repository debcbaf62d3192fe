"""How icons, moments and lengths are written; and that no template names an icon that the sprite lacks."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from apresa.templatetags import apresa as tags

ICON = re.compile(r"""{% icon "([a-z0-9-]+)\"""")


@pytest.mark.parametrize(
    ("milliseconds", "written"), [(None, "–"), (0, "0:00"), (999, "0:01"), (61_000, "1:01"), (3_661_000, "1:01:01")]
)
def test_duration_is_written_as_a_clock_shows_it(milliseconds: int | None, written: str) -> None:
    assert tags.duration(milliseconds) == written


def test_moment_is_written_in_the_readers_zone_with_the_full_stamp_behind_it() -> None:
    with timezone.override(ZoneInfo("Europe/Amsterdam")):
        written = tags.moment(datetime(2026, 7, 1, 10, 0, 5, 250_000, tzinfo=UTC), "time")
    assert written == (
        '<time datetime="2026-07-01T12:00:05.250000+02:00" title="2026-07-01 12:00:05.250 CEST (+0200)">12:00:05</time>'
    )


@pytest.mark.parametrize(("days", "written"), [(0, ">12:00</time>"), (1, " 12:00</time>")])
def test_a_moment_to_the_minute_has_the_date_only_where_it_is_not_today(days: int, written: str) -> None:
    noon = timezone.localtime().replace(hour=12, minute=0, second=5)
    assert tags.moment(noon - timedelta(days=days), "minute").endswith(written)


def test_every_icon_of_the_templates_is_in_the_sprite_and_no_other() -> None:
    vendor = settings.BASE_DIR / "apresa" / "static" / "vendor"
    in_sprite = set(re.findall(r"<symbol id='([^']+)'", (vendor / "icons.svg").read_text()))
    used = set()
    for room in ("apresa", "recordings", "cluster"):
        for path in Path(settings.BASE_DIR / room).rglob("*.html"):
            used |= set(ICON.findall(path.read_text())) | set(re.findall(r'symbol="([a-z-]+)"', path.read_text()))
    from recordings.pages import words  # noqa: PLC0415 -- needs the app registry

    assert used | set(words.END_ICONS.values()) == in_sprite


def test_vendored_files_come_with_version_licence_and_integrity() -> None:
    packages = json.loads((settings.BASE_DIR / "apresa" / "static" / "vendor" / "VENDOR.json").read_text())["packages"]
    assert {package["name"]: bool(package["version"] and package["licence"]) for package in packages} == {
        "@tabler/core": True,
        "@tabler/icons": True,
        "wavesurfer.js": True,
    }
    assert all(package["integrity"].startswith("sha512-") for package in packages)
