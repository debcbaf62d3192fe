"""What is said of a finding: templates for str.format."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Said:
    """What was found, the likely cause, and what to change; the last two are empty where all is well."""

    sentence: str | Promise
    cause: str | Promise = ""
    cure: str | Promise = ""
