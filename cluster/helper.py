"""The door to commands for a process without rights: what needs root is asked of the root helper, as values."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import structlog

from cluster.commands import Command, Order
from cluster.runner import CommandUnavailable, Runner, SystemRunner
from cluster.types import Result, Why

SOCKET = Path("/run/apresa-helper.sock")
LONGEST_REPLY = 16 * 1024 * 1024  # 2 MiB of output, each byte at most six characters of JSON
GRACE = 65.0  # seconds that a change may wait for another one
FREE = frozenset({"cat", "ip", "systemctl", "timedatectl"})  # programs that need no rights

log = structlog.get_logger(__name__)


class OrderRefused(CommandUnavailable):
    """The helper does not do this; the text is its one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Why.MISSING, sentence)


class HelperRunner:
    """Runs harmless programs itself, and asks the helper for the rest."""

    def __init__(self, path: Path = SOCKET, own: Runner | None = None) -> None:
        self._path = path
        self._own = own or SystemRunner()

    def run(self, command: Command) -> Result:
        """Raises CommandUnavailable; OrderRefused where the helper says no."""
        if command.order is None and command.argv[0] in FREE:
            return self._own.run(command)
        order = command.order or Order("ask", (("what", command.name),))
        seconds = command.seconds + (GRACE if command.order else 0.0)
        return _result(_ask(self._path, order, seconds), command)


def runner_here() -> Runner:
    """Root runs the programs itself; the service's user goes through the helper."""
    return SystemRunner() if os.geteuid() == 0 else HelperRunner()


def _ask(path: Path, order: Order, seconds: float) -> dict[str, Any]:
    request = json.dumps({"verb": order.verb, "values": dict(order.values)}).encode() + b"\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds + 5.0)
        try:
            connection.connect(str(path))
            connection.sendall(request)
            line = _read(connection)
        except TimeoutError:
            raise CommandUnavailable(Why.LATE, "The root helper gave no answer in time.") from None
        except OSError as error:
            raise CommandUnavailable(
                Why.MISSING, f"The root helper does not answer ({error.strerror}): start apresa-helper.socket."
            ) from None
    return parse(line)


def _read(connection: socket.socket) -> bytes:
    line = bytearray()
    while chunk := connection.recv(65536):
        line += chunk
        if len(line) > LONGEST_REPLY:
            raise CommandUnavailable(Why.UNREADABLE, "The root helper said too much.")
    return bytes(line)


def parse(line: bytes) -> dict[str, Any]:
    """The helper's answer. Raises CommandUnavailable whatever the bytes."""
    try:
        reply = json.loads(line)
    except (ValueError, RecursionError):
        reply = None
    if not isinstance(reply, dict):
        raise CommandUnavailable(Why.UNREADABLE, "The root helper's answer cannot be read.")
    return reply


def _result(reply: dict[str, Any], command: Command) -> Result:
    match reply:
        case {"refused": str(sentence)}:
            log.warning("order refused", name=command.name, reason=sentence)
            raise OrderRefused(sentence)
        case {"unavailable": str(why), "sentence": str(sentence)} if why in list(Why):
            raise CommandUnavailable(Why(why), sentence)
        case {"argv": list(argv), "code": int(code), "out": str(out), "err": str(err)}:
            return Result(tuple(str(word) for word in argv), code, out, err)
    raise CommandUnavailable(Why.UNREADABLE, "The root helper's answer cannot be read.")
