"""Becoming and ceasing to be the active node (PROTOCOL T1, S3); Pacemaker's agent asks for it through its unit."""

import time
import uuid
from pathlib import Path

from django.db import connections, transaction
from django.db.utils import Error as DatabaseError

from apresa import database, layout, replicated
from apresa.database import DatabaseState
from apresa.node.domain import identity
from apresa.node.models import Activation, NodeIdentity, Role
from apresa.shared import clock

PAUSE = 0.5  # seconds between two looks at a database that is just being promoted


class CannotActivate(RuntimeError):
    """This machine cannot be the active one now; the text is one sentence that says why."""


class Superseded(RuntimeError):
    """Another activation is newer: what this one prepared may not be committed."""


def activate(library: Path, *, patience: float) -> Activation:
    """Be the active node: a row in the line of history, then this machine's role. Raises CannotActivate."""
    boot = clock.boot_id()
    if boot == clock.UNKNOWN_BOOT:
        raise CannotActivate("The kernel does not tell this boot's name (/proc/sys/kernel/random/boot_id).")
    _wait_until_writable(patience)
    try:
        marker = layout.check_library(library)
    except layout.LibraryMissing as error:
        raise CannotActivate(str(error)) from None
    node = identity()
    try:
        made = _add(node, marker, library)
    except DatabaseError as error:
        database.forget()
        raise CannotActivate(f"The cluster's database took no activation: {error}") from error
    with transaction.atomic(using="node"):
        node.role, node.activation, node.activated_boot, node.library = Role.PRIMARY, made.uuid, boot, marker
        node.save(using="node", update_fields=["role", "activation", "activated_boot", "library"])
        _own(made)
    return made


def deactivate() -> bool:
    """Stand by; False on a machine without a cluster. Needs this machine's own database only."""
    node = identity()
    if node.role == Role.STANDALONE:
        return False
    node.role, node.activated_boot = Role.SECONDARY, ""
    node.save(update_fields=["role", "activated_boot"])
    return True


def newest() -> Activation | None:
    """The last one of the cluster's line of history."""
    return Activation.objects.using("default").order_by("-number").first()


def confirm(activation: uuid.UUID | None) -> None:
    """Within the transaction of a settle: this activation is the newest until it commits (S3). Raises Superseded.

    None is a machine that never was in a cluster.
    """
    rows = Activation.objects.using("default")
    mine = rows.select_for_update().filter(uuid=activation).first() if activation else None
    # Asked after the lock: who activates locks the newest row, and adds the next one.
    last = rows.order_by("-number").values_list("uuid", flat=True).first()
    if last != activation or (activation is not None and mine is None):
        raise Superseded(f"activation {activation} is not the newest one ({last}); nothing is stored by it")


def _wait_until_writable(patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        database.forget()
        state = database.state()
        if state is DatabaseState.WRITABLE:
            return
        if time.monotonic() >= until:
            raise CannotActivate(f"The cluster's database is {state.value}; the active node must write it.")
        time.sleep(PAUSE)


def _add(node: NodeIdentity, marker: uuid.UUID, library: Path) -> Activation:
    with transaction.atomic(using="default"):
        if connections["default"].vendor == "postgresql":
            with connections["default"].cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '10s'")
        last = Activation.objects.using("default").select_for_update().order_by("-number").first()
        known = last.library if last else node.library
        if known and marker != known:
            raise CannotActivate(
                f"The library {library} is not the cluster's: its marker is {marker}, expected was {known}."
            )
        return Activation.objects.using("default").create(
            uuid=uuid.uuid4(),
            number=last.number + 1 if last else 1,
            node=node.uuid,
            name=node.name,
            parent=last.uuid if last else None,
            library=marker,
            timeline=replicated.timeline(),
            at=clock.now(),
        )


def _own(made: Activation) -> None:
    """What this machine keeps of it. After a recovery the numbers of a lost line may come again: the newer holds."""
    rows = Activation.objects.using("node")
    rows.filter(number=made.number).delete()
    rows.create(**{field.attname: getattr(made, field.attname) for field in Activation._meta.concrete_fields})  # noqa: SLF001 -- Django's public interface, for all its underscore
