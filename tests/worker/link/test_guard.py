"""What the link's server takes from a caller, without a network."""

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from cluster.pairing.store import Peer, Store
from worker.link import guard
from worker.link.guard import FILES, MOST_JSON, Guard, Message, Receive, Send

NODE = uuid.UUID(int=2)
JSON = b"application/json"


async def reads_all(_scope: Message, receive: Receive, send: Send) -> None:
    """An application that says how much it was sent."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b'{"code": "%d"}' % size})


def asked(folder: Path, *pieces: bytes, kind: bytes = JSON, node: uuid.UUID = NODE, silent: bool = False) -> Any:
    """Number and code that a caller gets which sends these pieces, and is silent after them or ends."""
    store = Store(folder)
    store.prepare()
    store.keep_peer(Peer(str(NODE), "myrec2", "192.0.2.2"))
    rest = [{"body": piece, "more_body": True} for piece in pieces]
    told: list[Message] = []

    async def receive() -> Message:
        if rest:
            return {"type": "http.request", **rest.pop(0)}
        if silent:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    scope = {"type": "http", "path": "/", "headers": [(b"content-type", kind)]}
    asyncio.run(Guard(reads_all, store, node)(scope, receive, send))
    return told[0]["status"], json.loads(told[1]["body"])["code"]


def test_what_the_paired_node_sends_is_taken(tmp_path: Path) -> None:
    assert asked(tmp_path, b"12", b"345") == (200, "5")


def test_another_node_is_refused(tmp_path: Path) -> None:
    assert asked(tmp_path, b"12", node=uuid.UUID(int=3)) == (403, "foreign-node")


def test_a_pairing_that_cannot_be_read_lets_nobody_in(tmp_path: Path) -> None:
    async def nothing() -> Message:
        raise AssertionError

    told: list[Message] = []

    async def send(message: Message) -> None:
        told.append(message)

    (tmp_path / "peer.json").write_text("[")
    scope = {"type": "http", "path": "/", "headers": []}
    asyncio.run(Guard(reads_all, Store(tmp_path), NODE)(scope, nothing, send))
    assert told[0]["status"] == 403


def test_more_than_was_announced_is_cut_off(tmp_path: Path) -> None:
    piece = b"x" * (MOST_JSON // 2 + 1)
    assert asked(tmp_path, piece, piece) == (413, "too-long")


def test_a_file_may_be_longer_than_a_question(tmp_path: Path) -> None:
    piece = b"x" * (MOST_JSON // 2 + 1)
    assert asked(tmp_path, piece, piece, kind=FILES) == (200, str(len(piece) * 2))


def test_a_sender_that_falls_silent_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SILENCE", 0.05)
    assert asked(tmp_path, b"12", silent=True) == (408, "slow")
