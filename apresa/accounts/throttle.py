"""Wrong passwords cost time: after five in a row the next try waits, longer each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apresa.accounts.models import LogonThrottle
from apresa.shared import clock

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many wrong passwords in a row one key may give before it waits."""

    key: str
    failures: int


def limits(username: str, address: str) -> tuple[Limit, ...]:
    """A person at one place, a place, a person anywhere: the wider the key, the more tries a stranger has to waste."""
    name = username.strip().lower()[:150]
    return (Limit(f"both:{name}|{address}", 5), Limit(f"address:{address}", 30), Limit(f"name:{name}", 50))


def wait_left(username: str, address: str) -> timedelta:
    """How long the next try must wait; zero when it may come now."""
    keys = [limit.key for limit in limits(username, address)]
    now = clock.now()
    ends = LogonThrottle.objects.filter(key__in=keys, wait_until__gt=now).values_list("wait_until", flat=True)
    return max((end - now for end in ends if end), default=timedelta(0))


def failed(username: str, address: str) -> None:
    """Count a wrong password."""
    now = clock.now()
    with transaction.atomic(using="node"):
        for limit in limits(username, address):
            _count(limit, now)


def succeeded(username: str, address: str) -> None:
    """Forget the wrong ones of this person at this place."""
    LogonThrottle.objects.filter(key=limits(username, address)[0].key).delete()


def forget_old() -> None:
    """Remove what no longer counts."""
    LogonThrottle.objects.filter(last_failure__lt=clock.now() - FORGOTTEN_AFTER).delete()


def _count(limit: Limit, now: datetime) -> None:
    row, _ = LogonThrottle.objects.get_or_create(key=limit.key, defaults={"last_failure": now})
    row.failures = 1 if now - row.last_failure > FORGOTTEN_AFTER else row.failures + 1
    row.last_failure = now
    over = row.failures - limit.failures
    # The exponent is bounded: 2**5 is already beyond the longest wait.
    row.wait_until = now + min(FIRST_WAIT * 2 ** min(over, 5), LONGEST_WAIT) if over >= 0 else None
    row.save()
