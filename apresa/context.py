"""What every page knows: which machine serves it, and how the database is."""

from typing import Any

from django.http import HttpRequest

from apresa import database
from apresa.node.domain import awaits_set_up, identity


def platform(request: HttpRequest) -> dict[str, Any]:
    """`database_state` ("writable", "read-only", "absent"), `node`, `awaits_set_up` and `theme`."""
    user = getattr(request, "user", None)
    theme = user.theme if user is not None and user.is_authenticated else "auto"
    return {
        "database_state": database.state().value,
        "node": identity(),
        "awaits_set_up": awaits_set_up(),
        "theme": theme,
    }
