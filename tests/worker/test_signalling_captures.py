"""Signalling over the reference captures: calls, how they ended, and which streams are whose."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from recordings.pipeline.signalling.identity import DEFAULT_CLUSTER
from recordings.pipeline.spool.calls import CallFile, read_call
from recordings.pipeline.spool.layout import Session
from tests.samples.shared import CAPTURES, captures
from worker.sniffer import offline
from worker.sniffer.signalling import Signalling, finish

LARGEST = 1 << 20


def expected() -> list[dict[str, Any]]:
    path = CAPTURES / "expected.json"
    found: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    return [want for want in found if (CAPTURES / want["file"]).stat().st_size < LARGEST]


def recorded(capture: Path, folder: Path) -> list[CallFile]:
    session = Session(folder)
    session.create("node")
    offline.run(session, "node", capture, max_size=1 << 28)
    assert finish(Signalling(session, "node", DEFAULT_CLUSTER))
    assert [path for path in session.streams.glob("*.stream") if not path.with_suffix(".resolved").exists()] == []
    return [read_call(path) for path in sorted(session.calls.glob("*.call"))]


def user(text: str) -> str:
    return re.sub(r"^(sips?|tel):", "", text).casefold()


def differences(want: dict[str, Any], calls: list[CallFile]) -> list[str]:
    wrong = []
    seen = [call_id for call in calls for call_id in call.call_ids]
    if want["calls"]["count"] not in {None, len(set(seen))}:
        wrong.append(f"{len(set(seen))} calls, expected {want['calls']['count']}")
    for dialog in want["calls"]["dialogs"]:
        holders = [call for call in calls if dialog["call_id"] in call.call_ids]
        if len(holders) != 1:
            wrong.append(f"{dialog['call_id']} in {len(holders)} calls")
        else:
            wrong += dialog_differences(dialog, holders[0])
    for stream in want["streams"]:
        key = ("stream", stream["ssrc"], stream["src"], stream["dst"])
        named = [call for call in calls if key in call.keys]
        if not named:
            wrong.append(f"{key} is in no call")
        elif stream.get("call_id") and not any(stream["call_id"] in call.call_ids for call in named):
            wrong.append(f"{key} is in another call")
    return wrong


def dialog_differences(dialog: dict[str, Any], call: CallFile) -> list[str]:
    end = {"timeout": "capture_end"}.get(call.end_reason, call.end_reason)
    got = {"answered": call.answered_ns is not None, "end": end, "status": call.status}
    got |= {"caller": user(call.caller), "callee": user(call.callee)}
    wrong = []
    for name, value in got.items():
        right = [dialog[name], *dialog.get(f"{name}_also", [])]
        right = [user(item) if isinstance(item, str) else item for item in right]
        if dialog[name] is not None and value not in right:
            wrong.append(f"{dialog['call_id']}: {name} {value!r}, expected {right}")
    return wrong


@pytest.mark.shared
@pytest.mark.parametrize("want", expected(), ids=lambda want: Path(want["file"]).name)
def test_calls_of_a_reference_capture_are_right(want: dict[str, Any], tmp_path: Path) -> None:
    assert differences(want, recorded(captures() / want["file"], tmp_path / "session")) == []
