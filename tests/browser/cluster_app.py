"""The web application of a node in a cluster that is only pretended; GET /pretend/NAME brings it into a state."""

import socket
from typing import Any

from asgiref.sync import sync_to_async

from apresa import database
from apresa.asgi import application as served
from apresa.database import DatabaseState
from cluster.domain.comparing import Compared
from cluster.pages import recovery
from cluster.queries import fencing, recovery_preview, state
from cluster.queries.recovery import Choice, commands
from recordings.link import asking
from tests.browser.cluster_states import Pretended, pretend
from tests.browser.site import PROJECT

DOOR = "/pretend/"


def observed() -> DatabaseState:
    return DatabaseState.READ_ONLY if Pretended.read_only else DatabaseState.WRITABLE


def installed(found: Choice, compared: Compared) -> tuple[str, ...]:
    """The commands as they are on an installed machine."""
    return tuple(one.replace(str(PROJECT), "/opt/apresa") for one in commands(found, compared))


vars(socket)["gethostname"] = lambda: "north.example.org"
vars(database)["_observe"] = observed
vars(state)["aged"] = lambda judgement, _node, _seconds: judgement  # it stays fresh while somebody looks
vars(recovery_preview)["commands"] = installed
vars(fencing)["installed"] = lambda _place: Pretended.agents
vars(recovery)["runner_here"] = lambda: Pretended.runner
vars(asking)["is_active"] = lambda: True  # the recordings lie here, as if they came from the other node


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http" or not scope["path"].startswith(DOOR):
        await served(scope, receive, send)
        return
    await sync_to_async(_change)(scope["path"].removeprefix(DOOR))
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _change(name: str) -> None:
    pretend(name)
    database.forget()
