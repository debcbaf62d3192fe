"""What giving a set-up up does itself, without root: compare, and give the lone machine its own back."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from apresa import layout
from apresa.audit import domain as audit
from apresa.moving import Changed, MoveError, held_unchanged
from apresa.node.domain import become_alone
from apresa.shared.files import sync_folder
from cluster.act import ActFailed, run_one
from cluster.domain.setup_looking import KEPT, library_aside
from cluster.findings import finding
from cluster.pairing.domain import store
from cluster.setup import orders

if TYPE_CHECKING:
    from cluster.domain.setup_doing import Run


def _compare(run: "Run", _width: int) -> None:
    """Nobody may write between the comparison and the server's end. Raises ActFailed."""
    own: Path = settings.APRESA.default_database
    kept = own if own.exists() else own.with_name(KEPT)
    try:
        with held_unchanged(kept, run.tell):
            run.keep(f"compare {kept}", 0, "nothing was changed since the database was moved")
            run_one(orders.database_server("stop"), run, run.tell)
    except Changed as error:
        raise ActFailed(finding("changed-since", table=str(error))) from None
    except MoveError as error:
        raise ActFailed(finding("not-compared", detail=str(error))) from None


def _back(run: "Run", _width: int) -> None:
    """Database and recordings of the lone machine in their places, and last its role: "done". Raises ActFailed."""
    own: Path = settings.APRESA.default_database
    library: Path = settings.APRESA.library
    kept, aside = own.with_name(KEPT), library_aside()
    try:
        if aside.exists():
            with suppress(FileNotFoundError):
                library.rmdir()  # refuses one that holds anything
            aside.rename(library)
            sync_folder(library.parent)
        if kept.exists() and not own.exists():
            kept.chmod(0o600)
            kept.rename(own)
            sync_folder(own.parent)
        marker = layout.check_library(library)
    except (OSError, layout.LibraryMissing) as error:
        raise ActFailed(finding("not-back", detail=str(error))) from None
    become_alone(marker)
    run.keep(f"mv {kept} {own}; mv {aside} {library}", 0, "")


def _forget(run: "Run", _width: int) -> None:
    """The next set-up makes a new cluster. What a secondary was paired with is for its own page to forget."""
    if run.one.role == "primary":
        store().forget()
    audit.record(run.job.owner, "cluster-setup-given-up", run.one.role, job=str(run.job.pk))


WORKS: Mapping[str, Callable[["Run", int], None]] = {"compare": _compare, "back": _back, "forget": _forget}
