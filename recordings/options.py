"""The settings of this room: how long a call can be silenced, where HEP agents are heard."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apresa.config.registry import BadSetting, Entry, register, whole_number
from recordings.pipeline.capture.frames import endpoint, parse_endpoint

LONGEST_SILENCE = register(
    Entry(
        "capture.longest_silence",
        "cluster",
        300,
        whole_number(10, 3600),
        gettext_lazy(
            "The longest time, in seconds, for which a call that goes on can be silenced at once. Then it is recorded "
            "again by itself, so that a forgotten silence does not lose the rest of the call."
        ),
        label=gettext_lazy("Longest silence"),
    )
)

MOST_ADDRESSES, MOST_SOURCES = 4, 64


def _listed(most: int, one: Callable[[str], str], example: str) -> Callable[[Any], list[str]]:
    """Words, each as `one` writes it (ValueError refuses it)."""

    def clean(value: Any) -> list[str]:
        words = value.replace(",", " ").split() if isinstance(value, str) else value
        if not isinstance(words, list) or len(words) > most:
            raise BadSetting(_("Give at most %(most)d addresses.") % {"most": most})
        found = []
        for word in words:
            try:
                found.append(one(word if isinstance(word, str) else ""))
            except ValueError:
                shown = str(word)[:60].encode(errors="replace").decode()
                raise BadSetting(
                    _("%(word)s does not fit; %(example)s does.") % {"word": shown, "example": example}
                ) from None
        return list(dict.fromkeys(found))

    return clean


def _listening(word: str) -> str:
    packed, port = parse_endpoint(word)
    if not port or "%" in word:
        raise ValueError("port 0 is any port")
    return endpoint(packed, port)


def _network(word: str) -> str:
    found = ip_network(word, strict=False)
    return str(found.network_address if found.prefixlen == found.max_prefixlen else found)


_networks = _listed(MOST_SOURCES, _network, "192.0.2.0/24")

HEP_LISTEN = register(
    Entry(
        "capture.hep_listen",
        "node",
        [],
        _listed(MOST_ADDRESSES, _listening, "192.0.2.5:9060"),
        gettext_lazy(
            "Addresses of this machine, each with a port, to which agents send copies of calls "
            "(HEP version 1 to 3 over UDP, version 3 over TCP). None: nothing is listened on."
        ),
        restart=True,
        label=gettext_lazy("Listen for HEP agents"),
    )
)
HEP_SOURCES = register(
    Entry(
        "capture.hep_sources",
        "cluster",
        [],
        _networks,
        gettext_lazy(
            "The agents' addresses or networks. Who is not among them is refused; none: everybody is refused."
        ),
        restart=True,
        label=gettext_lazy("HEP agents allowed"),
    )
)
HEP_BOTH = register(
    Entry(
        "capture.hep_both_nodes",
        "cluster",
        [],
        _networks,
        gettext_lazy(
            "Those of the agents that send to both nodes of the cluster. "
            "The calls of the others are lost while the node to which they send is down."
        ),
        label=gettext_lazy("HEP agents that send to both nodes"),
    )
)
