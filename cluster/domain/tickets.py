"""The ticket of a recovery in this machine's own database: opened once, turned only while nothing is gone, closed."""

import uuid

from django.db import transaction

from apresa.shared import clock
from cluster.models import Ticket


class OtherSurvivor(RuntimeError):
    """A recovery with another survivor is open here, and has replaced something already (J1)."""

    def __init__(self, survivor: str) -> None:
        super().__init__(f"A recovery that keeps {survivor} is open.")
        self.survivor = survivor


def current() -> Ticket | None:
    """The open one."""
    return Ticket.objects.filter(closed_at=None).first()


def open_ticket(*, case: str, survivor: str, loser: str, by: str, number: uuid.UUID | None = None) -> Ticket:
    """A new ticket, or the open one where it has the same sides. Raises OtherSurvivor."""
    with transaction.atomic(using="node"):
        found = current()
        if found and found.survivor == survivor and (number is None or found.pk == number):
            return found
        if found and (found.destroyed and found.survivor != survivor):
            raise OtherSurvivor(found.survivor)
        if found:
            close(found, step="turned")
        return Ticket.objects.create(
            id=number or uuid.uuid4(), case=case, survivor=survivor, loser=loser, by=by, opened_at=clock.now()
        )


def reach(ticket: Ticket, step: str, *, destroyed: bool = False) -> None:
    """The step that a recovery has come to; what replaces something says so before it does."""
    ticket.step, ticket.destroyed = step[:30], ticket.destroyed or destroyed
    ticket.save(update_fields=["step", "destroyed"])


def close(ticket: Ticket, *, step: str = "done") -> None:
    ticket.step, ticket.closed_at = step, clock.now()
    ticket.save(update_fields=["step", "closed_at"])
