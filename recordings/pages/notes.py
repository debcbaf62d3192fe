"""Writing notes and tags on a call: the page's part is answered, so that a recording plays on meanwhile."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apresa.accounts.backends import client_address
from apresa.accounts.models import User
from recordings.domain import notes
from recordings.domain.acting import ActRefused
from recordings.models import Call, Note
from recordings.pages.call import call_page, find
from recordings.pages.listing import part_only
from recordings.pages.noted import noted
from recordings.pages.reader import reader
from recordings.queries.acts import tags_offered
from recordings.queries.calls import visible_calls


@require_POST
def add_note(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    text = request.POST.get("text", "")
    return _do(request, call_id, "note", {"draft": text}, lambda call, who: notes.add_note(call, text, **who))


@require_POST
def change_note(request: HttpRequest, call_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    text, typed = request.POST.get("text", ""), {"changed": request.POST.get("text", "")}
    return _do(request, call_id, str(note_id), typed, lambda call, who: notes.change_note(call, note_id, text, **who))


@require_POST
def remove_note(request: HttpRequest, call_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    return _do(request, call_id, str(note_id), {}, lambda call, who: notes.remove_note(call, note_id, **who))


@require_POST
def add_tag(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    word = request.POST.get("word", "")
    return _do(request, call_id, "tag", {"word": word}, lambda call, who: notes.add_tag(call, word, **who))


@require_POST
def remove_tag(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    word = request.POST.get("word", "")
    return _do(request, call_id, "tag", {}, lambda call, who: notes.remove_tag(call, word, **who))


@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """Words to choose from while somebody types one, as options of a list."""
    user = reader(request)
    typed = request.GET.get("word") or request.GET.get("tag") or ""
    return render(request, "recordings/parts/tag_words.html", {"words": tags_offered(visible_calls(user), typed)})


def _do(
    request: HttpRequest,
    call_id: uuid.UUID,
    form: str,
    typed: dict[str, Any],
    act: Callable[[Call, dict[str, Any]], object],
) -> HttpResponse:
    user = reader(request)
    call = find(request, call_id)
    if isinstance(call, HttpResponse):
        return call
    if form in {"note", "tag"} and not user.has_perm("recordings.note_call"):
        raise PermissionDenied  # of one note its author, too, is asked for
    try:
        act(call, {"by": user, "address": client_address(request)})
    except ActRefused as error:
        return _answer(request, call, user, status=400, problem=str(error), problem_at=form, **typed)
    except (Note.DoesNotExist, Call.DoesNotExist):
        raise Http404 from None  # removed by somebody else, a moment ago
    return _answer(request, call, user)


def _answer(request: HttpRequest, call: Call, user: User, *, status: int = 200, **typed: Any) -> HttpResponse:
    if part_only(request):
        return render(request, "recordings/parts/notes.html", noted(call, user, **typed), status=status)
    if status != 200:
        return call_page(request, call, status=status, **typed)
    return redirect(f"{reverse('call', args=[call.pk])}#notes")
