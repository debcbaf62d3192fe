"""Sessions in signed cookies, which survive a failover, with a list of those that their users ended."""

import secrets
from typing import Any

from django.contrib.sessions.backends import signed_cookies

from apresa.accounts.models import EndedSession
from apresa.shared import clock

NAME = "_session"


class SessionStore(signed_cookies.SessionStore):
    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        if NAME in data and EndedSession.objects.filter(session=data[NAME]).exists():
            self.create()
            return {}
        return data

    def cycle_key(self) -> None:
        """A sign-in or a changed password: the old cookie ends, a new name begins."""
        self._end()
        super().cycle_key()
        self[NAME] = secrets.token_hex(16)

    def flush(self) -> None:
        """A sign-out: whoever kept a copy of the cookie is signed out too."""
        self._end()
        super().flush()

    def _end(self) -> None:
        if name := self.get(NAME):
            EndedSession.objects.get_or_create(session=name, defaults={"ended_at": clock.now()})
