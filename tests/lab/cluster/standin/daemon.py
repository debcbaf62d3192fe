"""The stand-in's "kernel module": one process on each lab node.

It answers drbdadm and drbdsetup at a local socket, tells its peer its state, and copies the recordings with rsync.

Arguments: this node's address, the peer's."""

import asyncio
import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from tests.lab.cluster.standin.answer import answer
from tests.lab.cluster.standin.device import Device, Refused
from tests.lab.cluster.standin.line import Line

HOME = Path("/var/lib/drbd-standin")
COPY = HOME / "r0"
STATE = HOME / "state.json"
SOCKET = "/run/drbd-standin.sock"
PORT, RSYNC_PORT = 7788, 7789
PAUSE = 0.25  # seconds between two looks at the peer; a primary's files are copied as often
PATIENCE = 1.0  # seconds until a silent peer is lost


class Daemon:
    def __init__(self, address: str, peer: str) -> None:
        self.address, self.peer = address, peer
        self.device = _load()
        self._heard_at = 0.0

    async def run(self) -> None:
        COPY.mkdir(parents=True, exist_ok=True)
        Path(SOCKET).unlink(missing_ok=True)
        await asyncio.start_unix_server(self._command, SOCKET)
        await asyncio.start_server(self._peer_asks, self.address, PORT, reuse_address=True)
        await _rsync_server(self.address, self.peer)
        while True:
            await self._look()
            await asyncio.sleep(PAUSE)

    async def _look(self) -> None:
        told = await self._ask({"ask": "state"}) if self.device.up else None
        now = time.monotonic()
        if told is not None:
            self._heard_at = now
        elif self.device.up and now < self._heard_at + PATIENCE:
            return  # a primary whose plug is being pulled must not find the time to begin a history of its own
        before = self.device.line
        must_copy = self.device.peer_says(told)
        if self.device.line != before:
            self._save()
        if must_copy:
            if await self._copy():
                await self._ask({"ask": "synced", **self.device.told_peer()})
        elif self.device.role == "Primary" and self.device.replication == "Established":
            await self._copy()

    async def _copy(self) -> bool:
        process = await asyncio.create_subprocess_exec(
            "rsync", "-a", "--delete", "--contimeout=1", "--timeout=5", f"{COPY}/", f"rsync://{self.peer}:{RSYNC_PORT}/r0/",
            stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        return await process.wait() == 0

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_connection(self.peer, PORT)
                try:
                    writer.write(json.dumps(request).encode() + b"\n")
                    return dict(json.loads(await reader.readline()))
                finally:
                    writer.close()
        except (OSError, ValueError, TimeoutError):
            return None

    async def _peer_asks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError):
            request = json.loads(await reader.readline())
            if request["ask"] == "synced":
                self.device.synced_from(request)
                self._save()
            writer.write(json.dumps(self.device.told_peer()).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def _command(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words = json.loads(await reader.readline())
        if words[1:2] == ["secondary"] and self.device.replication == "Established":
            await self._copy()  # nothing is left behind: the demoted side was replicated synchronously
        try:
            code, text = answer(self.device, self.address, self.peer, words)
        except Refused as error:
            code, text = 17, f"{error}\n"
        self._save()
        writer.write(json.dumps([code, text]).encode() + b"\n")
        await writer.drain()
        writer.close()

    def _save(self) -> None:
        if not self.device.made:
            return
        new = STATE.with_suffix(".new")
        line = self.device.line
        new.write_text(json.dumps({"generation": line.generation, "before": line.before, "disk": self.device.disk}))
        new.replace(STATE)


def _load() -> Device:
    try:
        kept = json.loads(STATE.read_text())
    except FileNotFoundError:
        return Device(made=False)
    return Device(Line(kept["generation"], tuple(kept["before"])), kept["disk"])


async def _rsync_server(address: str, peer: str) -> None:
    config = HOME / "rsyncd.conf"
    config.write_text(
        f"address = {address}\nport = {RSYNC_PORT}\nuse chroot = no\n"
        f"[r0]\npath = {COPY}\nread only = no\nuid = 0\ngid = 0\nhosts allow = {peer}\n"
    )
    await asyncio.create_subprocess_exec("rsync", "--daemon", "--no-detach", f"--config={config}")


if __name__ == "__main__":
    os.umask(0o022)
    HOME.mkdir(parents=True, exist_ok=True)
    asyncio.run(Daemon(*sys.argv[1:3]).run())
