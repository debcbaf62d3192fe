"""How far the set-up has come, for pages and programs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepLine:
    """`state`: waiting, running, done or failed; `commands`: argv as text, exit code, what was said."""

    code: str
    title: str
    state: str
    commands: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SetupState:
    """`state`: that of the job; "" where none was ever asked for."""

    role: str
    state: str = ""
    percent: int = 0
    steps: tuple[StepLine, ...] = ()
    error: str = ""


def setup_state() -> SetupState:
    return SetupState("")
