"""Asks the render process, waits no longer than the call deserves, and starts it anew when it died."""

import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from recordings.pipeline.render.errors import RenderError
from recordings.pipeline.render.request import RenderRequest, RenderResult, parse_result

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "worker.renderer.child")
LARGEST_ANSWER = 256 << 20


class RenderFailed(Exception):
    """No recording: `reason` is one sentence, `code` failed (it said so), died or timeout (a render may be poison)."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def deadline(request: RenderRequest) -> float:
    """Seconds that a render may take: by the size of its streams and the length of the call."""
    paths = {source.path for source in request.sources}
    octets = sum(Path(path).stat().st_size for path in paths if Path(path).exists())
    starts = [source.binding.from_ns for source in request.sources]
    ends = [source.binding.to_ns for source in request.sources]
    span = min(max(0.0, (max(ends) - min(starts)) / 1e9), 13 * 3600.0) if starts else 0.0
    return 60 + 2 * octets / 1e6 + 0.05 * span


class Renderer:
    """Context manager around one long-lived child; not for several threads at once."""

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def render(self, request: RenderRequest, seconds: float | None = None) -> RenderResult:
        """Raises RenderFailed. seconds overrides the deadline. The caller counts the attempts before it asks."""
        allowed = deadline(request) if seconds is None else seconds
        result = self._answer({"request": asdict(request)}, allowed)
        try:
            return parse_result(json.dumps(result))
        except RenderError as error:
            raise self._unreadable(error) from error

    def transcode(self, source: Path, target: Path, form: str, channel: str) -> None:
        """Make target of a stored recording, whole or not at all. Raises RenderFailed."""
        wanted = {"source": str(source), "target": str(target), "form": form, "channel": channel}
        octets = source.stat().st_size if source.exists() else 0
        self._answer({"transcode": wanted}, 30 + 10 * octets / 1e6)

    def _answer(self, asked: dict[str, object], allowed: float) -> object:
        line = self._ask(json.dumps({**asked, "cpu_seconds": int(allowed) + 1}).encode() + b"\n", allowed)
        try:
            said = json.loads(line)
            if "error" in said:
                raise RenderFailed("failed", str(said["error"]))
            return said["result"]
        except (ValueError, TypeError, KeyError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> RenderFailed:
        self._end()
        return RenderFailed("died", f"the render process gave no answer that can be read: {error}")

    def close(self) -> None:
        """Let the child finish; it ends when its standard input ends."""
        if self.process and self.process.stdin:
            try:
                self.process.stdin.close()
                self.process.wait(5)
            except (OSError, subprocess.TimeoutExpired):
                pass
        self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        if self.process and self.process.poll() is None:
            return self.process
        self._end()
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
        return self.process

    def _ask(self, line: bytes, seconds: float) -> bytes:
        process = self._start()
        try:
            if process.stdin is None or process.stdout is None:
                raise BrokenPipeError
            process.stdin.write(line)
            process.stdin.flush()
            return self._read(process.stdout.fileno(), time.monotonic() + seconds)
        except TimeoutError as error:
            self._end()
            raise RenderFailed("timeout", f"the render took longer than {seconds:.0f} s") from error
        except (EOFError, OSError) as error:
            status = self._end()
            raise RenderFailed("died", f"the render process ended in the middle of the call ({status})") from error

    def _read(self, handle: int, until: float) -> bytes:
        """One line; raises EOFError at its end, TimeoutError at the deadline."""
        parts: list[bytes] = []
        size = 0
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            while size < LARGEST_ANSWER:
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise TimeoutError
                part = os.read(handle, 1 << 16)
                if not part:
                    raise EOFError
                parts.append(part)
                size += len(part)
                if part.endswith(b"\n"):
                    return b"".join(parts)
        raise EOFError

    def _end(self) -> str:
        """Kill what is left of the child; returns how it ended."""
        process, self.process = self.process, None
        if process is None:
            return "not running"
        process.kill()
        code = process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    continue
        return f"signal {-code}" if code < 0 else f"exit status {code}"
