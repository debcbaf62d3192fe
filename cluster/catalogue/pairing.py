"""What both sides of a pairing say. It crosses as English text: a page finds the template again, to translate it."""

import re
from collections.abc import Callable

from cluster.catalogue.mark import gettext_noop as _

SENTENCES = (
    _("A pairing code has eight groups of four letters and digits; copy all of it."),
    _("This pairing code has a typing error; compare it with the primary's screen."),
    _("No code is open on the primary; make one there."),
    _("This code is too old; make a new one on the primary."),
    _("A wrong code came before; try again in {seconds} seconds."),
    _("This code was used by another machine; make a new one on the primary."),
    _("The code was wrong too often and is void; make a new one on the primary."),
    _("The code is wrong; compare it with the primary's screen."),
    _("The clocks of the two machines differ by {much}; set both by NTP first."),
    _("The secondary has release {theirs} and the primary {ours}; install the same on both."),
    _("Both machines have the same number; is one a copy of the other's disk?"),
    _("This machine is already paired with {name} ({address})."),
    _(
        "The machine at {address} is not the one that showed this code: check the address, "
        "and that nobody stands between the two."
    ),
    _("{address} does not answer in time; is its pairing page open?"),
    _("{address} speaks no TLS that this cluster knows ({reason})."),
    _("Pairing with {address} failed: {reason}."),
    _("The primary did not send all secrets; is it of the same release?"),
    _("The primary names its library by no number; is it of the same release?"),
    _("The primary did not take note of the pairing; try again."),
    _("The primary answers something else; is it of the same release?"),
    _("The other machine asks something else; is it of the same release?"),
    _("The other machine says too much; it is no Apresa."),
    _("The other machine's words cannot be read; it is no Apresa."),
    _("The other machine hung up in the middle of a word."),
    _("The stored pairing offer cannot be read; make a new code."),
    _("The answers of the set-up cannot be read; answer the set-up screen again."),
    _("The answers of the set-up are of another release; answer the set-up screen again."),
)


def _pattern(template: str) -> re.Pattern[str]:
    """The template with each {name} standing for any text."""
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL
    )


PATTERNS = tuple((template, _pattern(template)) for template in SENTENCES)


def retold(text: str, translate: Callable[[str], str]) -> str:
    """The sentence in the reader's language; one that nobody knows stays as it is."""
    for template, pattern in PATTERNS:
        if found := pattern.fullmatch(text):
            return translate(template).format_map(found.groupdict())
    return text
