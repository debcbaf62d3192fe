"""One call: play it, see how it went, take it along, delete it."""

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apresa.audit import domain as audit
from apresa.node.domain import identity
from recordings.catalogue.why import words as why_words
from recordings.domain.deletion import delete_call
from recordings.domain.holds import OnHold
from recordings.models import Call, Decision, Why
from recordings.pages import words
from recordings.pages.ladder import ladder
from recordings.pages.noted import held, noted
from recordings.pages.reader import reader
from recordings.queries.calls import current_version, find_call, silenced, streams_of, was_deleted
from recordings.queries.details import Details, read_details

DOWNLOADS = (("wav", "WAV"), ("mp3", "MP3"), ("opus", "Opus"), ("flac", "FLAC"))
TOO_SHORT_GAP = 0.001


@require_safe
def call(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    found = find(request, call_id)
    return found if isinstance(found, HttpResponse) else call_page(request, found)


def call_page(request: HttpRequest, found: Call, *, status: int = 200, **typed: Any) -> HttpResponse:
    """`typed`: what a refused form held, and why it was refused."""
    user = reader(request)
    version = current_version(found)
    details = read_details(Path(settings.APRESA.library), version)
    may = {name: request.user.has_perm(f"recordings.{name}") for name in ("listen_call", "download_call")}
    may["signalling"] = request.user.has_perm("recordings.view_signalling")
    may["export_evidence"] = may_export_evidence(request.user)
    may["verify"] = request.user.has_perm("recordings.verify_call")
    may["delete"] = request.user.has_perm("recordings.delete_call")
    decision = Decision.objects.filter(pk=found.pk).first()
    context = {
        "call": found,
        "version": version,
        "streams": streams_of(found),
        "digits": _digits(found, details),
        "gaps": _gaps(found),
        "silenced": silenced(found, version),
        "ladder": ladder(details.messages) if may["signalling"] else None,
        "warnings": [*found.notes, *details.warnings],
        "may": may,
        "addresses": _addresses(found),
        "downloads": DOWNLOADS,
        "rang_ms": _rang_ms(found),
        "this_node": str(identity().uuid),
        "decision": decision,
        "why": why_words(decision.reason) if decision else None,
        **held(found, user),
        **noted(found, user, **typed),
    }
    response = render(request, "recordings/call.html", context, status=status)
    response["Cache-Control"] = "private, no-store"  # the way back shows the notes that were written meanwhile
    return response


@require_POST
def delete(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    user = reader(request)
    found = find(request, call_id)
    if isinstance(found, HttpResponse):
        return found
    if not request.user.has_perm("recordings.delete_call"):
        raise PermissionDenied
    try:
        delete_call(found, who=user.username, why=Why.PERSON)
    except OnHold as error:
        audit.record(user, "deletion-refused", f"call {found.pk}", holds=", ".join(error.names))
        return call_page(request, found, status=409, refused=error.told_to(user))
    audit.record(user, "call-deleted", f"call {found.pk}")
    messages.success(request, _("The call and its recording were deleted."))
    return redirect("calls")


def find(request: HttpRequest, call_id: uuid.UUID) -> Call | HttpResponse:
    """The call; a page that says it was deleted, for those who may know that; or 404, whoever may not see it."""
    try:
        return find_call(reader(request), call_id)
    except Call.DoesNotExist:
        if request.user.has_perm("recordings.view_all_calls") and was_deleted(call_id):
            line = Decision.objects.filter(pk=call_id).first()
            return render(request, "recordings/deleted.html", {"decision": line}, status=410)
        raise Http404 from None


def may_export_evidence(user: Any) -> bool:
    """The package holds audio, signalling and who did what: the right to each is needed."""
    return all(user.has_perm(f"recordings.{name}") for name in ("export_evidence", "download_call", "view_signalling"))


def _addresses(found: Call) -> dict[str, str]:
    return {name: reverse(f"api-call-{name}", args=[found.pk]) for name in ("audio", "peaks", "pcap", "evidence")}


def _rang_ms(found: Call) -> int | None:
    return round((found.answered - found.started).total_seconds() * 1000) if found.answered else None


def _digits(found: Call, details: Details) -> list[dict[str, Any]]:
    """The keys pressed, each with the second of the audio and who pressed it."""
    begin = found.answered or found.started
    rows = []
    for item in (details.digits or found.digits)[:500]:
        if not isinstance(item, dict):
            continue
        at = datetime.fromtimestamp(int(item.get("time_ns", 0)) / 1e9, UTC)
        rows.append(
            {
                "digit": str(item.get("digit", "")),
                "at": at,
                "side": item.get("side", ""),
                "second": (at - begin).total_seconds(),
            }
        )
    return rows


def _gaps(found: Call) -> str:
    """One sentence on what was not heard, or nothing."""
    seconds = [(gap["to_ns"] - gap["from_ns"]) / 1e9 for gap in found.gaps]
    seconds = [length for length in seconds if length > TOO_SHORT_GAP]
    return words.gap_sentence(seconds) if seconds else ""
