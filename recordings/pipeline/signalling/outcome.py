"""Ended calls → call files."""

from dataclasses import dataclass
from uuid import UUID

from recordings.pipeline.signalling import identity
from recordings.pipeline.signalling.call import Call
from recordings.pipeline.signalling.flows import Claim, Flow
from recordings.pipeline.spool.calls import Binding, CallFile
from recordings.pipeline.spool.masking import masked
from recordings.pipeline.spool.policy import SWITCHED_OFF, WITHOUT_SIGNALLING, Policy
from recordings.pipeline.spool.silences import Silence, spans_of

MOST_GAPS = 1000


@dataclass(frozen=True, slots=True)
class Origin:
    """Which node decides, in which cluster."""

    node: str
    cluster: UUID


def call_id(origin: Origin, call: Call) -> str:
    """The id of a SIP call."""
    initiator = call.caller.tag or min(call.tags, default="")
    return identity.sip_id(origin.cluster, call.call_id, initiator, call.invite if call.reused else None)


def alone_id(origin: Origin, flows: list[Flow]) -> str:
    """The id of a call that no signalling explains."""
    keys = [key for flow in flows for key in identity.stream_keys(flow)]
    first = flows[0]
    return identity.rtp_id(origin.cluster, keys or [("stream", "", first.source, first.destination)])


def sip_call(
    origin: Origin,
    call: Call,
    bindings: list[Binding],
    flows: list[Flow],
    policy: Policy,
    silences: tuple[Silence, ...] = (),
) -> CallFile:
    """The call file of an ended SIP call; `flows` are those of the bindings, in the same order."""
    keys = [key for name, tags in call.call_ids.items() for key in identity.dialog_keys(name, list(tags))]
    for binding, flow in zip(bindings, flows, strict=True):
        keys += identity.stream_keys(flow, binding.ssrcs)
    keys += identity.media_keys(call.announced, flows)
    name = call_id(origin, call)
    extra = call.message_count - len(call.messages)
    record = call.policy.record or policy.record  # as at its beginning, unless it was switched on since
    found = CallFile(
        local=call.local,
        node=origin.node,
        uuid=name,
        protocol="sip",
        started_ns=call.started_ns,
        ended_ns=call.ended_ns or call.last_ns,
        end_reason=call.end_reason,
        answered_ns=call.answered_ns,
        status=call.status,
        caller=call.caller.user,
        callee=call.callee.user,
        caller_uri=call.caller.uri,
        callee_uri=call.callee.uri,
        ended_by=call.ended_by,
        caller_name=call.caller.name,
        callee_name=call.callee.name,
        call_ids=tuple(call.call_ids),
        keys=tuple(dict.fromkeys(keys)),
        streams=tuple(bindings),
        messages=tuple(call.messages),
        digits=tuple(call.digits),
        gaps=tuple(call.gaps),
        record=record,
        reason="" if record else SWITCHED_OFF,
        policy=policy.number,
        notes=(*call.remarks, *([f"{extra} more SIP messages were not kept"] if extra else [])),
    )
    return masked(found, spans_of(name, call.call_ids, silences))


def rtp_call(
    origin: Origin, flows: list[Flow], end_reason: str, policy: Policy, silences: tuple[Silence, ...] = ()
) -> CallFile:
    """The call of streams that no signalling explains; whoever sent first is the caller. Claims the streams."""
    first = flows[0]
    local = f"{first.number:012d}"
    record = policy.record and policy.calls_without_signalling
    keys = [key for flow in flows for key in identity.stream_keys(flow)]
    bindings = []
    for flow in flows:
        flow.claims.append(Claim(local, flow.first_ns, flow.last_ns + 1))
        side = "caller" if flow.source == first.source else "callee"
        place = (flow.stream, flow.source, flow.destination, flow.first_ns, flow.last_ns + 1)
        bindings.append(Binding(*place, side))
    name = alone_id(origin, flows)
    call = CallFile(
        local=local,
        node=origin.node,
        uuid=name,
        protocol="rtp",
        started_ns=first.first_ns,
        ended_ns=max(flow.last_ns for flow in flows),
        end_reason=end_reason,
        answered_ns=first.first_ns,
        caller=first.source,
        callee=first.destination,
        keys=tuple(dict.fromkeys([*keys, *identity.media_keys(None, flows)])),
        streams=tuple(bindings),
        record=record,
        reason="" if record else _why_not(policy),
        policy=policy.number,
    )
    return masked(call, spans_of(name, (), silences))


def _why_not(policy: Policy) -> str:
    return WITHOUT_SIGNALLING if policy.record else SWITCHED_OFF
