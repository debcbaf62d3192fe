"""Every setting that people change while Apresa runs: type, scope, default, and what it means."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class BadSetting(ValueError):
    """The value does not fit; the text is one sentence for the person who gave it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting. `clean` takes any JSON value and returns the good one, or raises BadSetting."""

    name: str
    scope: Literal["cluster", "node"]
    default: Any
    clean: Callable[[Any], Any]
    help: str | Promise
    choices: tuple[str, ...] = ()
    restart: bool = False
    """Whether the change holds only after a restart."""
    label: str | Promise = ""
    """What people call it; without one they read its name."""

    @property
    def theme(self) -> str:
        """The first part of the name: settings of one theme are shown and saved together."""
        return self.name.partition(".")[0]


_entries: dict[str, Entry] = {}


def register(entry: Entry) -> Entry:
    """Make a setting known. Its default must be a good value."""
    _entries[entry.name] = entry
    return entry


def entry(name: str) -> Entry:
    """The setting of this name. Raises BadSetting."""
    try:
        return _entries[name]
    except KeyError:
        raise BadSetting(_("There is no setting called %(name)s.") % {"name": name}) from None


def entries() -> list[Entry]:
    return sorted(_entries.values(), key=lambda entry: entry.name)


def one_of(*choices: str) -> Callable[[Any], str]:
    def clean(value: Any) -> str:
        if value not in choices:
            raise BadSetting(_("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)})
        return str(value)

    return clean


def whole_number(least: int, most: int) -> Callable[[Any], int]:
    def clean(value: Any) -> int:
        digits = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
        number = int(digits) if re.fullmatch(r"-?[0-9]{1,15}", digits) else None
        if number is None or not least <= number <= most:
            raise BadSetting(_("Give a whole number from %(least)d to %(most)d.") % {"least": least, "most": most})
        return number

    return clean


def yes_or_no(value: Any) -> bool:
    if value in (True, "true", "yes", "on"):
        return True
    if value in (False, "false", "no", "off"):
        return False
    raise BadSetting(_("Answer yes or no."))


def text(longest: int) -> Callable[[Any], str]:
    """Words for people, on one line."""

    def clean(value: Any) -> str:
        words = value.strip() if isinstance(value, str) else None
        if words is None or len(words) > longest or not words.isprintable():
            raise BadSetting(_("Write at most %(longest)d letters on one line.") % {"longest": longest})
        return words

    return clean


def interfaces(value: Any) -> list[str]:
    """Names of network interfaces, at most 16; the kernel's own limits (15 bytes, no "/" or space)."""
    names = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(names, list) or len(names) > 16:
        raise BadSetting(_("Give at most 16 names of network interfaces."))
    for name in names:
        if not _names_interface(name):
            # Half a character (a lone surrogate) could not be sent back.
            shown = str(name)[:40].encode(errors="replace").decode()
            raise BadSetting(_("%(name)s is no name of a network interface; eth1 is one.") % {"name": shown})
    return list(dict.fromkeys(names))


def _names_interface(name: object) -> bool:
    if not isinstance(name, str) or not name.isprintable() or name in {".", ".."}:
        return False
    return re.fullmatch(r"[^\s/:]{1,15}", name) is not None and len(name.encode()) <= 15


_SHARED_HEADERS = re.compile(
    "[cdefiklmorstuvx]|accept.*|alert-info|allow.*|authorization|contact|content-.*|cseq|date|diversion|event|expires"
    "|from|max-forwards|mime-version|min-se|organization|p-(asserted|preferred)-identity|priority|privacy|proxy-.*"
    "|record-route|refer-to|referred-by|reply-to|require|route|server|session-expires|subject|supported|timestamp|to"
    "|user-agent|via|warning"
)
"""What calls of the same phone or person have in common, too (RFC 3261 section 20, and the compact forms)."""


def leg_headers(value: Any) -> list[str]:
    """Names of SIP headers (RFC 3261 token) in lower case, at most 8, none that unrelated calls share."""
    names = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(names, list) or len(names) > 8:
        raise BadSetting(_("Give at most 8 names of SIP headers."))
    for name in names:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9.!%*_+`'~-]{1,64}", name):
            shown = str(name)[:40].encode(errors="replace").decode()
            raise BadSetting(_("%(name)s is no name of a SIP header; X-CID is one.") % {"name": shown})
        if _SHARED_HEADERS.fullmatch(name.lower()):
            raise BadSetting(_("%(name)s is the same in calls that are not one call; choose another.") % {"name": name})
    return list(dict.fromkeys(name.lower() for name in names))


FORMAT = register(
    Entry(
        "recording.format",
        "cluster",
        "flac",
        one_of("flac", "wav", "ulaw", "opus", "mp3"),
        gettext_lazy("The format in which recordings are kept. FLAC loses nothing and halves the size of WAV."),
        choices=("flac", "wav", "ulaw", "opus", "mp3"),
        label=gettext_lazy("Format of recordings"),
    )
)
KEEP_PACKETS = register(
    Entry(
        "storage.keep_packets",
        "cluster",
        True,
        yes_or_no,
        gettext_lazy("Whether the packets of a call are kept beside its audio (pcap)."),
        label=gettext_lazy("Keep the packets"),
    )
)
KEEP_PARTIES = register(
    Entry(
        "storage.keep_parties",
        "cluster",
        365,
        whole_number(1, 36_500),
        gettext_lazy(
            "Days after which the line of a call of which nothing is stored no longer has the numbers of the parties."
        ),
        label=gettext_lazy("Keep the numbers of calls not recorded"),
    )
)
INTERFACES = register(
    Entry(
        "capture.interfaces",
        "node",
        [],
        interfaces,
        gettext_lazy("The network interfaces of this machine on which calls are heard."),
        restart=True,
        label=gettext_lazy("Network interfaces"),
    )
)
SILENCE_TIMEOUT = register(
    Entry(
        "capture.silence_timeout",
        "cluster",
        60,
        whole_number(5, 86_400),
        gettext_lazy("Seconds without packets after which a call without signalling has ended."),
        label=gettext_lazy("Silence that ends a call"),
    )
)
RTP_ONLY_CALLS = register(
    Entry(
        "capture.calls_without_signalling",
        "cluster",
        True,
        yes_or_no,
        gettext_lazy("Whether speech without any signalling (RTP without SIP) becomes a call."),
        label=gettext_lazy("Calls without signalling"),
    )
)
LEG_HEADERS = register(
    Entry(
        "capture.leg_headers",
        "cluster",
        [],
        leg_headers,
        gettext_lazy(
            "SIP headers that the telephone exchange hands through from one part of a call to the next, such as "
            "Session-ID or X-CID. Parts (legs behind a B2BUA) with the same value in one of them are one recording. "
            "Without a name each Call-ID is a recording of its own."
        ),
        label=gettext_lazy("Headers that join the legs of a call"),
    )
)
SPOOL_LIMIT = register(
    Entry(
        "capture.spool_limit",
        "node",
        20_000,
        whole_number(100, 100_000_000),
        gettext_lazy("Megabytes that calls not yet settled may take on this machine's disk before an alarm."),
        label=gettext_lazy("Room for calls not yet settled"),
    )
)
LICENCE_TEXT = register(
    Entry(
        "licence.text",
        "node",
        "",
        text(500),
        gettext_lazy("The licence of this machine, as it was given: to whom, until when."),
        label=gettext_lazy("Licence"),
    )
)
LICENCE_CALLS = register(
    Entry(
        "licence.calls",
        "node",
        0,
        whole_number(0, 100_000),
        gettext_lazy(
            "How many calls at once the licence of this machine allows; 0 is any number. "
            "More are recorded all the same, with an alarm."
        ),
        label=gettext_lazy("Calls at once"),
    )
)
