"""Asking for a set-up."""

from apresa.jobs.models import Job
from cluster.setup.answers import Answers
from cluster.setup.validate import Fault


class SetupRefused(RuntimeError):
    """It is not done; `faults` say why, each at its answer."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("refused")
        self.faults = faults


def ask_primary(answers: Answers, *, by: str, address: str = "") -> Job:
    raise NotImplementedError


def ask_secondary(*, by: str, address: str = "") -> Job:
    raise NotImplementedError


def again(*, by: str, address: str = "") -> Job:
    raise NotImplementedError
