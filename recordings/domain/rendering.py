"""The door to the process that decodes foreign media; `worker` provides it, as nothing here may import a worker."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from recordings.pipeline.render.request import RenderRequest, RenderResult


class RenderFailure(Exception):
    """No recording. `killed` says that the render's process died or had to be killed: the call may be poison."""

    def __init__(self, reason: str, *, killed: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.killed = killed


class Renderer(Protocol):
    """A render process; for one thread."""

    def render(self, request: RenderRequest) -> RenderResult:
        """Raises RenderFailure."""
        ...

    def transcode(self, source: Path, target: Path, form: str, channel: str) -> None:
        """Make target, whole or not at all, of a stored recording. Raises RenderFailure."""
        ...


Factory = Callable[[], AbstractContextManager[Renderer]]
_provided: list[Factory] = []


def provide(factory: Factory) -> None:
    """Say how render processes are started; the last word counts."""
    _provided[:] = [factory]


def renderer() -> AbstractContextManager[Renderer]:
    """A render process, for a `with`."""
    if not _provided:
        raise RuntimeError("no render process was provided; is the app worker installed?")
    return _provided[0]()
