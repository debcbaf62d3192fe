"""What names a call: keys are facts in packets, equal on every node that saw them; the id is a name made of them."""

from uuid import UUID, uuid5

from recordings.pipeline.signalling.announced import Announced
from recordings.pipeline.signalling.flows import Flow

DEFAULT_CLUSTER = UUID("6f0e4bd2-3a0c-5d7e-9b1e-0a7c5e1f9d10")
Key = tuple[str, ...]


def dialog_keys(call_id: str, tags: list[str]) -> list[Key]:
    """PROTOCOL ID1 (a): one per tag, From or To alike."""
    return [("dialog", call_id, tag) for tag in tags]


def stream_keys(flow: Flow, ssrcs: tuple[int, ...] = ()) -> list[Key]:
    """PROTOCOL ID1 (b): SSRC and both addresses."""
    chosen = sorted(ssrc for ssrc in flow.ssrcs if not ssrcs or ssrc in ssrcs)
    return [("stream", f"0x{ssrc:08x}", flow.source, flow.destination) for ssrc in chosen]


def media_keys(announced: Announced | None, flows: list[Flow]) -> list[Key]:
    """PROTOCOL ID1 (c): announced addresses and those of the streams."""
    said = announced.said() if announced else []
    seen = [address for flow in flows for address in (flow.source, flow.destination)]
    return [("media", address) for address in dict.fromkeys([*said, *seen])]


def sip_id(cluster: UUID, call_id: str, tag: str, again: tuple[str, int] | None) -> str:
    """PROTOCOL ID2 and ID4: `again` is branch and CSeq of the first INVITE of a Call-ID that is used once more."""
    more = [again[0], str(again[1])] if again else []
    return str(uuid5(cluster, "\0".join(["sip", call_id, tag, *more])))


def rtp_id(cluster: UUID, keys: list[Key]) -> str:
    """PROTOCOL ID2: a call without signalling is named after its smallest stream key."""
    return str(uuid5(cluster, "\0".join(["rtp", *min(keys, default=())])))
