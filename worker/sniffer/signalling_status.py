"""The Unix socket that tells what signalling knows at this moment: one JSON document per connection."""

import contextlib
import json
import socket
from pathlib import Path
from typing import Any

from recordings.pipeline.signalling.call import Call
from recordings.pipeline.signalling.engine import Engine
from recordings.pipeline.signalling.flows import Flow
from recordings.pipeline.signalling.matching import matches
from recordings.pipeline.signalling.outcome import alone_id

MOST_CALLS = 5000


def report(engine: Engine) -> dict[str, Any]:
    """The calls in progress, newest first, and counters."""
    live = [_sip(engine, call) for call in list(engine.live.values())[-MOST_CALLS:] if call.ended_ns is None]
    alone = [_rtp(engine, flows) for flows in engine.unexplained()[-MOST_CALLS:]]
    calls = sorted(live + alone, key=lambda call: int(call["started_ns"]), reverse=True)
    counters = {
        **engine.counters,
        "active": len(engine.live),
        "messages": engine.wire.messages,
        "malformed": engine.wire.malformed,
        "compressed": engine.wire.connections.compressed,
        "streams": len(engine.flows.all),
        "record": engine.number,
    }
    return {"component": "signalling", "calls": calls, "counters": counters}


def _sip(engine: Engine, call: Call) -> dict[str, Any]:
    return {
        "local": call.local,
        "uuid": engine.identify(call),
        "protocol": "sip",
        "caller": call.caller.user,
        "callee": call.callee.user,
        "state": "ringing" if call.answered_ns is None else "answered",
        "started_ns": call.started_ns,
        "answered_ns": call.answered_ns,
        "call_ids": list(call.call_ids),
        "streams": len(matches(call, engine.flows)),
    }


def _rtp(engine: Engine, flows: list[Flow]) -> dict[str, Any]:
    return {
        "local": f"{flows[0].number:012d}",
        "uuid": alone_id(engine.origin, flows),
        "protocol": "rtp",
        "caller": flows[0].source,
        "callee": flows[0].destination,
        "state": "answered",
        "started_ns": flows[0].first_ns,
        "answered_ns": flows[0].first_ns,
        "call_ids": [],
        "streams": len(flows),
    }


class StatusSocket:
    """Answers whoever connects, and never waits for them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self.server.bind(str(path))
        path.chmod(0o660)
        self.server.listen(16)

    def serve(self, engine: Engine, seconds: float) -> None:
        """Wait up to that long for one connection, and answer it."""
        self.server.settimeout(seconds)
        with contextlib.suppress(TimeoutError, OSError):
            client, _ = self.server.accept()
            with client:
                client.settimeout(0.5)
                client.sendall(json.dumps(report(engine), separators=(",", ":")).encode())

    def close(self) -> None:
        self.server.close()
        self.path.unlink(missing_ok=True)
