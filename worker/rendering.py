"""The renderer's client as the calls know it."""

from pathlib import Path
from types import TracebackType
from typing import Self

from recordings.domain.rendering import RenderFailure
from recordings.pipeline.render.request import RenderRequest, RenderResult


class Renderer:
    """Context manager around one render process, which starts at its first request."""

    def __init__(self) -> None:
        from worker.renderer import client  # noqa: PLC0415 -- few processes render, all load this module

        self.failed = client.RenderFailed
        self.client = client.Renderer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.client.close()

    def render(self, request: RenderRequest) -> RenderResult:
        """Raises RenderFailure."""
        try:
            return self.client.render(request)
        except self.failed as error:
            raise RenderFailure(error.reason, killed=error.code != "failed") from error

    def transcode(self, source: Path, target: Path, form: str, channel: str) -> None:
        """Raises RenderFailure."""
        try:
            self.client.transcode(source, target, form, channel)
        except self.failed as error:
            raise RenderFailure(error.reason, killed=error.code != "failed") from error
