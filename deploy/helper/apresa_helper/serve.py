"""A process for each request: who asks, one line in, one deed, one line out, and every change is logged."""

import fcntl
import json
import os
import pwd
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

from apresa_helper import commands, verbs
from apresa_helper.commands import Unavailable
from apresa_helper.deeds import Chain, Deed, Edit, Run, Write
from apresa_helper.values import Refused

LONGEST_REQUEST = 16 * 1024
LONGEST_FILE = 1024 * 1024  # of those that are edited
SECONDS_TO_ASK = 5.0
LOCK = Path("/run/apresa-helper.lock")
SECONDS_TO_WAIT = 60.0  # for another change to end
MOST_AT_ONCE = 32
IDLE = 60.0  # seconds without a request after which the helper ends; systemd starts it for the next one
LISTENER = 3  # where systemd hands the socket over (sd_listen_fds(3))


def main(arguments: list[str]) -> int:
    """`USER`: the one who may ask."""
    with socket.socket(fileno=LISTENER) as listener:
        listen(listener, pwd.getpwnam(arguments[0]).pw_uid)
    return 0


def listen(listener: socket.socket, allowed: int, idle: float = IDLE) -> None:
    """Give each connection a process of its own, until nobody has asked for a while."""
    listener.settimeout(idle)
    children: set[int] = set()
    while True:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            _reap(children)
            if not children:
                return
            continue
        _reap(children)
        if len(children) < MOST_AT_ONCE:
            children.add(_serve_apart(listener, connection, allowed))
        connection.close()


def _serve_apart(listener: socket.socket, connection: socket.socket, allowed: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        listener.close()
        serve(connection, allowed)
    except Exception as error:  # noqa: BLE001 -- the last word of this process
        log("failed", error=repr(error))
    finally:
        os._exit(0)


def _reap(children: set[int]) -> None:
    for child in list(children):
        if os.waitpid(child, os.WNOHANG)[0]:
            children.remove(child)


def serve(connection: socket.socket, allowed: int) -> None:
    """Answer one request of the user with this number; anyone else gets no answer but a refusal."""
    quiet = False
    pid, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    try:
        if uid != allowed:
            raise Refused("Only the service's own user may ask the root helper.")
        verb, values = parse(_line(connection))
        deed = verbs.deed(verb, values)
        quiet = isinstance(deed, Run) and not deed.changes  # comes every few seconds, and changes nothing
        if not quiet:
            log("asked", pid=pid, uid=uid, verb=verb, values=shown(values))  # only now is it known what must be hidden
        reply = perform(deed)
    except Refused as refusal:
        reply = {"refused": str(refusal)}
    except Unavailable as error:
        reply = {"unavailable": error.why, "sentence": str(error)}
    except OSError as error:
        reply = {"refused": f"It could not be done: {error.strerror or error}."}
    told = {name: reply[name] for name in ("refused", "unavailable", "sentence", "argv", "code") if name in reply}
    if not quiet or "code" not in reply:
        log("answered", pid=pid, uid=uid, **told)
    _send(connection, reply)


def parse(line: bytes) -> tuple[object, object]:
    """A request: one line of JSON with "verb" and "values". Raises Refused whatever the bytes."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        raise Refused("A request is one line of JSON.") from None
    if not isinstance(request, dict) or set(request) != {"verb", "values"}:
        raise Refused('A request has exactly "verb" and "values".')
    return request["verb"], request["values"]


def perform(deed: Deed) -> dict[str, Any]:
    """Do it; changes one after the other. Raises Refused, Unavailable or OSError."""
    if isinstance(deed, Run) and not (deed.changes and deed.alone):
        return _run(deed)
    with LOCK.open("w") as lock:
        _take(lock.fileno())
        return _chain(deed.deeds) if isinstance(deed, Chain) else _one(deed)


def _chain(deeds: tuple[Run | Write | Edit, ...]) -> dict[str, Any]:
    """The last one's reply, with what all of them said."""
    reply: dict[str, Any] = {"argv": [], "code": 0, "out": "", "err": ""}
    for deed in deeds:
        before, reply = reply, _one(deed)
        reply |= {said: before[said] + reply[said] for said in ("out", "err")}
        if reply["code"]:
            break
    return reply


def _one(deed: Run | Write | Edit) -> dict[str, Any]:
    if isinstance(deed, Run):
        return _run(deed)
    return _write(deed) if isinstance(deed, Write) else _edit(deed)


def shown(values: object) -> object:
    """The values as a log may hold them."""
    if not isinstance(values, dict):
        return None
    return {name: "***" if name in verbs.SECRET else value for name, value in values.items()}


def log(what: str, **facts: Any) -> None:
    """To the journal, by way of standard error."""
    sys.stderr.write(json.dumps({"event": f"root helper {what}", **facts}) + "\n")
    sys.stderr.flush()


def _run(deed: Run) -> dict[str, Any]:
    if deed.wanted is not None:
        before = commands.run(deed.guard, deed.seconds)
        if before.code != deed.guard_code or not deed.wanted.fullmatch(before.out):
            raise Refused(deed.otherwise)
    answer = commands.run(deed.argv, deed.seconds, deed.stdin)
    return {"argv": list(answer.argv), "code": answer.code, "out": answer.out, "err": answer.err}


def _write(deed: Write) -> dict[str, Any]:
    """Temporary file, fsync, rename, fsync of the folder: the old file or the new one, whatever dies."""
    path = Path(deed.path)
    done = {"argv": ["write", deed.path], "code": 0, "out": "", "err": ""}
    if deed.only_new and path.exists():
        return done
    if deed.owner and not _known(deed.owner):
        raise Refused(f"There is no user {deed.owner} on this machine.")
    temporary = path.with_name(f".{path.name}.apresa")
    temporary.unlink(missing_ok=True)  # of one that was killed
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, deed.mode)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), deed.mode)
            if deed.owner:
                user = pwd.getpwnam(deed.owner)
                os.fchown(file.fileno(), user.pw_uid, user.pw_gid)
            file.write(deed.content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return done


def _edit(deed: Edit) -> dict[str, Any]:
    """Raises Refused where the file is none that people write."""
    path = Path(deed.path)
    before = path.read_bytes() if path.exists() else b""
    if path.is_symlink() or len(before) > LONGEST_FILE:
        raise Refused(f"{deed.path} is a link or too long: it is left as it is.")
    after = deed.change(before)
    if after == before:
        return {"argv": ["write", deed.path], "code": 0, "out": "", "err": ""}
    return _write(Write(deed.path, after, path.stat().st_mode & 0o777 if path.exists() else 0o644, _owner(path)))


def _owner(path: Path) -> str:
    """The user that a file belongs to, as `Write` names it."""
    owner = path.owner() if path.exists() else "root"
    return "" if owner == "root" else owner


def _known(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _take(handle: int) -> None:
    end = time.monotonic() + SECONDS_TO_WAIT
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise Unavailable("late", "Another change of this machine has not ended yet.") from None
            time.sleep(0.1)
        else:
            return


def _line(connection: socket.socket) -> bytes:
    """One line, bounded in bytes and seconds. Raises Refused."""
    end, line = time.monotonic() + SECONDS_TO_ASK, b""
    while not line.endswith(b"\n"):
        connection.settimeout(max(0.001, end - time.monotonic()))
        try:
            chunk = connection.recv(4096)
        except TimeoutError:
            raise Refused("The request did not come in time.") from None
        line += chunk
        if not chunk or len(line) > LONGEST_REQUEST:
            raise Refused(f"A request is one line of at most {LONGEST_REQUEST} bytes.")
    return line


def _send(connection: socket.socket, reply: dict[str, Any]) -> None:
    connection.settimeout(SECONDS_TO_ASK)
    try:
        connection.sendall(json.dumps(reply).encode() + b"\n")
    except OSError:
        log("unheard")  # whoever asked is gone; the deed stands in the log
