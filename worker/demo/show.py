"""The demonstration from its user account to its end."""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from worker.demo.check import check, playable
from worker.demo.node import PROJECT, DemoError, Node
from worker.demo.place import go_where_reachable, ready_user
from worker.run.privileges import PrivilegeError, may_capture, own_data, run_as

CALLER, CALLEE = "127.0.0.2", "127.0.0.3"


def show(chosen: argparse.Namespace, arguments: list[str]) -> int:
    """Run the demonstration or the check; the exit code."""
    signal.signal(signal.SIGTERM, _stop)
    temporary = chosen.check and not chosen.data
    node = None
    try:
        user = ready_user()
        go_where_reachable(user, arguments)
        data = Path(tempfile.mkdtemp(prefix="apresa-demo-")) if temporary else chosen.data or PROJECT / "var" / "demo"
        node = Node(data.absolute(), user)
        if user:
            own_data(node.data, user)
        return _with(node, chosen)
    except (DemoError, PrivilegeError) as error:
        if node and node.log.exists():
            say(node.last_words())
        say(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if node:
            node.stop()
            if temporary:
                shutil.rmtree(node.data, ignore_errors=True)


def _with(node: Node, chosen: argparse.Namespace) -> int:
    """Start the node, place the call, then measure or wait."""
    live = may_capture()
    port = chosen.port if chosen.port is not None else (0 if chosen.check else 8000)
    say(f"starting Apresa on {node.data}")
    node.start(chosen.interface or "lo", port)
    password = node.make_user("demo")
    if live:
        node.wait_for_capture()
    else:
        say("this user may not capture packets (root may), so the call will come from a capture file")
    if chosen.interface:
        say(f"listening on {chosen.interface}: recordings appear on the page")
    else:
        report = place_call(node, live=live)
        if chosen.check:
            return _measure(node, report, live=live, began=chosen.began)
        call, _recording = playable(node, report["call_id"])
        say(f"\n  recording  {node.address}/calls/{call['id']}/")
    say(f"  address    {node.address}/\n  user       demo\n  password   {password}\n\nCtrl-C ends it.")
    node.wait()
    return 1


def place_call(node: Node, *, live: bool) -> dict[str, Any]:
    """One call in real time, on the wire or into a file that is imported; the telephones' report. Raises DemoError."""
    say(f"placing a call from {CALLER} to {CALLEE}: eleven seconds")
    capture = node.data / "run" / "demo.pcap"
    command = [sys.executable, "-m", "worker.demo.agents", "--caller", CALLER, "--callee", CALLEE]
    command += [] if live else ["--pcap", str(capture)]
    done = run_as(node.user, command, cwd=PROJECT, timeout=60, data=node.data)
    if done.returncode:
        raise DemoError(f"The call failed:\n{done.stderr.strip()[-2000:]}")
    if not live:
        node.manage("import_capture", str(capture))
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _measure(node: Node, report: dict[str, Any], *, live: bool, began: float) -> int:
    identity, good = check(node, report, live=live)
    node.stop()
    say(f"  {'page of the recording':<28} /calls/{identity}/\n  {'whole run':<28} {time.time() - began:.1f} s")
    say("\nthe demonstration " + ("is good" if good else "FAILED; the lines marked WRONG say where"))
    return 0 if good else 1


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 -- the output of this program
