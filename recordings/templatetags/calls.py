"""How a call's facts are written in the pages."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recordings.models import Call, Stream
from recordings.pages import words
from recordings.queries.acts import words_on
from recordings.queries.filters import END_REASONS

register = template.Library()


@register.filter
def how_it_ended(call: Call) -> str:
    return words.how_it_ended(call.end_reason, call.status, answered=call.answered is not None, by=call.ended_by)


@register.filter
def technical_end(call: Call) -> str:
    return words.technical_end(call.end_reason, call.status)


@register.filter
def end_words(call: Call) -> str:
    return str(dict(END_REASONS).get(call.end_reason, call.end_reason))


@register.filter
def end_icon(call: Call) -> str:
    return words.END_ICONS.get(call.end_reason, "phone")


@register.filter
def why_no_audio(call: Call) -> str:
    return words.why_no_audio(call.why_no_audio, answered=call.answered is not None)


@register.filter
def what_changed(codes: str) -> str:
    return words.what_changed(codes)


@register.filter
def tag_words(call: Call) -> list[str]:
    return words_on(call)


@register.filter
def lost_share(stream: Stream) -> str:
    """The lost packets as a share of those sent."""
    return f"{100 * stream.lost / max(1, stream.packets + stream.lost):.1f} %"


@register.filter
def field_label(fields: dict[str, object], name: str) -> str:
    return str(getattr(fields.get(name), "label", "") or name)


@register.filter
def of(names: dict[str, str], key: str) -> str:
    """A machine's name, or its id where nobody knows it."""
    return names.get(key, key)


@register.simple_tag
def quality_pill(mos: float | None) -> SafeString | str:
    """The quality as a word with the figure; nothing where it was not measured."""
    word, colour = words.quality(mos)
    if mos is None or not word:
        return "–"
    title = _("Mean opinion score, from 1 (worst) to 4.5 (best)")
    return format_html('<span class="pill pill-{}" title="{}">{} {}</span>', colour, title, word, f"{mos:.1f}")
