"""This machine and its licence on the system page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apresa.node.domain import identity, why_fixed
from apresa.node.licence import licence
from apresa.sections import Section, register


def shown() -> dict[str, Any]:
    return {"node": identity(), "licence": licence(), "why_fixed": why_fixed()}


SECTION = register(Section("node", _("This machine"), "node/section.html", shown))
