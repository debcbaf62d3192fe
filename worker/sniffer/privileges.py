"""Giving up what a process need not be allowed to do, and telling systemd how we are. Standard library only."""

import ctypes
import os
import pwd
import resource
import signal
import socket
import struct
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_PDEATHSIG, _DUMPABLE, _KEEPCAPS, _NO_NEW_PRIVS = 1, 4, 8, 38
_CAP_NET_RAW = 13
_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x20080522


def die_with_parent() -> None:
    """Be told to end (SIGTERM) when the parent dies, whatever it dies of."""
    _prctl(_PDEATHSIG, signal.SIGTERM)


def as_child() -> None:
    """What a child does between fork and exec: end with its parent, and inherit no capability from it."""
    die_with_parent()
    _prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL)


def no_dumps() -> None:
    """Calls and keys in this process's memory never become a file, whatever it dies of."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(_DUMPABLE, 0)


def owner(path: Path) -> str:
    """The name of the user who owns the nearest folder that exists; "" when that is root or has no name."""
    while not path.exists():
        path = path.parent
    try:
        found = pwd.getpwuid(path.stat().st_uid)
    except KeyError:
        return ""
    return "" if found.pw_uid == 0 else found.pw_name


def give(folder: Path, name: str) -> None:
    """Make a folder for this user alone, as root; one that is there stays as it is. Raises KeyError for an unknown
    user, OSError."""
    user = pwd.getpwnam(name)
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        os.chown(folder, user.pw_uid, user.pw_gid)


def become(name: str) -> None:
    """From root to this user, for ever; only CAP_NET_RAW is kept. Raises KeyError for an unknown user, OSError."""
    user = pwd.getpwnam(name)
    _prctl(_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    _keep_only(1 << _CAP_NET_RAW)
    _prctl(_NO_NEW_PRIVS, 1)


def _keep_only(mask: int) -> None:
    header = struct.pack("II", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("6I", mask, mask, 0, 0, 0, 0)
    if _libc.capset(header, data) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def notify(message: str) -> None:
    """Tell systemd (READY=1, WATCHDOG=1, STOPPING=1) when it started us."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    target = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
        try:
            out.sendto(message.encode(), target)
        except OSError:
            return  # systemd's socket is full or gone: the next message tells the same
