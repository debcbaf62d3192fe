"""Following the set-up on a terminal: a bar where there is one, else a line for each step that ends."""

import time
from collections.abc import Callable

from django.core.management.base import CommandError, OutputWrapper
from django.utils.translation import gettext as _

from cluster.queries.setup import SetupState, StepLine
from cluster.queries.setup_review import UNDER_WAY

EVERY = 0.5
WIDTH = 30
PATIENCE = 60.0  # seconds until a job that nobody takes is told of


def follow(out: OutputWrapper, ask: Callable[[], SetupState], sleep: Callable[[float], None] = time.sleep) -> None:
    """Until the set-up has ended. Raises CommandError where it failed; Ctrl-C leaves it to go on."""
    told: dict[str, str] = {}
    waited = 0.0
    bar = out.isatty()
    try:
        while (found := ask()).state in UNDER_WAY:
            _tell(out, found, told, bar=bar)
            waited = waited + EVERY if found.state == "queued" else 0.0
            if waited == PATIENCE:
                out.write(_("Nobody has taken it up yet. See whether Apresa's worker runs on this machine."))
            sleep(EVERY)
    except KeyboardInterrupt:
        out.write(_("\nThe set-up goes on without this command. Follow it with: manage.py cluster_setup status"))
        return
    _tell(out, found, told, bar=False)
    if not found.state:  # given up to its end
        out.write(_("Done: this machine works alone again."))
        return
    if found.state != "done":
        why, next_step = found.error or _("It was stopped."), _("Go on with: manage.py cluster_setup again")
        raise CommandError(f"{why} {next_step}")
    out.write(_("Done."))


def line(step: StepLine) -> str:
    words = {"waiting": _("waits"), "running": _("goes on"), "done": _("done"), "failed": _("failed")}
    return f"{_(step.title)}: {words.get(step.state, step.state)}"


def _tell(out: OutputWrapper, found: SetupState, told: dict[str, str], *, bar: bool) -> None:
    if bar:
        doing = next((_(step.title) for step in found.steps if step.state == "running"), "")
        filled = round(WIDTH * found.percent / 100)
        out.write(f"\r\033[K[{'#' * filled}{'-' * (WIDTH - filled)}] {found.percent:3d} % {doing}", ending="")
        out.flush()
        return
    for step in found.steps:
        if step.state in {"done", "failed"} and told.get(step.code) != step.state:
            told[step.code] = step.state
            out.write(line(step))
