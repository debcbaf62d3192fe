"""The web application with a set-up that only pretends: how far it is stands in a file of the data directory."""

import json
from typing import Any

from django.conf import settings

from apresa.asgi import application
from cluster.domain import setup as engine
from cluster.findings import Finding, finding
from cluster.pages import setup, setup_give_up, setup_pairing
from cluster.pairing import listening
from cluster.pairing.domain import store
from cluster.queries.setup import SetupState, StepLine
from cluster.setup.answers import Answers
from tests.browser.set_up import FILE, write
from tests.samples.cluster.set_up import answers_only

__all__ = ["application"]
PORT_FILE = "pairing-port"  # where it is there, the worker's part of the pairing is done here, at this port


def read() -> SetupState:
    try:
        found = json.loads((settings.APRESA.data / FILE).read_text())
    except FileNotFoundError:
        return SetupState("")
    steps = tuple(
        StepLine(**{**step, "commands": tuple(tuple(one) for one in step["commands"])}) for step in found.pop("steps")
    )
    return SetupState(**found, steps=steps)


def ask_primary(answers: Answers, **_who: Any) -> None:
    store().keep_answers(answers)
    write(settings.APRESA.data, SetupState("primary", "queued"))


def ask_secondary(**_who: Any) -> None:
    write(settings.APRESA.data, SetupState("secondary", "queued"))


def against_giving_up() -> Finding | None:
    return finding("served") if any(one.code == "start" and one.state == "done" for one in read().steps) else None


def give_up(**_who: Any) -> None:
    write(settings.APRESA.data, SetupState(read().role, "queued", gives_up=True))


def again(**_who: Any) -> None:
    write(settings.APRESA.data, SetupState(read().role, "queued", steps=read().steps))


def listen(*_task: Any, **_options: Any) -> None:
    """There is no worker here: the web application does its work."""
    listening.begin()


listening_port = settings.APRESA.data / PORT_FILE
if listening_port.exists():
    for _module in (listening, setup_pairing):
        vars(_module)["PORT"] = int(listening_port.read_text())
    vars(listening)["ring"] = listen
for _module in (setup, setup_give_up, setup_pairing):
    vars(_module)["setup_state"] = read
for _instead in (ask_primary, ask_secondary, again, against_giving_up, give_up):
    setattr(engine, _instead.__name__, _instead)
vars(engine)["faults"] = answers_only
