"""API tokens: made, shown once, found by digest, and their use noted on this machine."""

import hashlib
import secrets
from datetime import datetime

from apresa.accounts.models import Token, TokenUse, User
from apresa.shared import clock

BEGINNING = "apr_"
LONGEST = 200


def create(*, user: User, name: str, may_write: bool = False, expires_at: datetime | None = None) -> tuple[Token, str]:
    """A new token and its secret, which is nowhere kept."""
    secret = BEGINNING + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        name=name,
        prefix=secret[:8],
        digest=_digest(secret),
        may_write=may_write,
        created_at=clock.now(),
        expires_at=expires_at,
    )
    return token, secret


def find(secret: str) -> Token | None:
    """The token of this secret, unless it expired or its user is disabled."""
    if not secret.startswith(BEGINNING) or len(secret) > LONGEST:
        return None
    token = Token.objects.select_related("user").filter(digest=_digest(secret), user__is_active=True).first()
    if token is None or (token.expires_at and token.expires_at <= clock.now()):
        return None
    return token


def note_use(token: Token, address: str) -> None:
    """Remember the last use, at most once a minute, in this machine's database: `default` may be read-only."""
    now = clock.now()
    last = TokenUse.objects.filter(token_id=token.pk).first()
    if last is None or (now - last.at).total_seconds() > 60 or last.address != address:
        TokenUse.objects.update_or_create(token_id=token.pk, defaults={"at": now, "address": address})


def _digest(secret: str) -> str:
    # The secret has 256 random bits, so a fast digest is enough.
    return hashlib.sha256(secret.encode()).hexdigest()
