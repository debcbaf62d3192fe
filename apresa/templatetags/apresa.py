"""What every template needs: icons, moments, lengths."""

import datetime as dt

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the vendored sprite, hidden from screen readers: words beside it say what it means."""
    sprite = static("vendor/icons.svg")
    return format_html(
        '<svg class="icon {}" width="24" height="24" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
        ' aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        css,
        sprite,
        name,
    )


@register.simple_tag
def moment(value: dt.datetime | None, style: str = "short") -> SafeString | str:
    """A point in time in the reader's zone; the tooltip has the full stamp with the zone.

    `style`: "short" (the date only if it is not today), "full" (date and time to the second), "time" (time
    alone), "minute" (short, without the seconds).
    """
    if value is None:
        return "–"
    local = timezone.localtime(value)
    stamp = f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d} {local.tzname()} ({local:%z})"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), stamp, _written(local, style))


def _written(local: dt.datetime, style: str) -> str:
    clock = f"{local:%H:%M:%S}"
    brief = style in {"short", "minute"}
    if style == "time" or (brief and local.date() == timezone.localtime().date()):
        return f"{local:%H:%M}" if style == "minute" else clock
    day = formats.date_format(local, "SHORT_DATE_FORMAT" if brief else "DATE_FORMAT")
    return f"{day} {clock}" if style == "full" else f"{day} {local:%H:%M}"


@register.filter
def duration(milliseconds: int | None) -> str:
    """A length in milliseconds as m:ss, or h:mm:ss from an hour on."""
    if milliseconds is None:
        return "–"
    seconds = round(milliseconds / 1000)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


@register.filter
def words(text: str) -> list[str]:
    return text.split()
