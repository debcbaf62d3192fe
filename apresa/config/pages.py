"""The settings page. It needs no database but this machine's own."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apresa.accounts.backends import client_address
from apresa.accounts.models import User
from apresa.accounts.people import signed_in
from apresa.config import domain as config
from apresa.config.forms import ThemeForm, in_words
from apresa.config.queries import lines, themes
from apresa.config.registry import BadSetting

LONGEST_SEARCH = 100


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    _administrator(request)
    return _page(request)


@require_POST
def save(request: HttpRequest, theme: str) -> HttpResponse:
    """Save the settings of one theme, all or none."""
    user = _administrator(request)
    if theme not in themes():
        raise Http404
    form = ThemeForm(theme, [line for line in lines() if line.entry.theme == theme], request.POST.dict())
    changes = form.changes()
    if form.has_errors:
        return _page(request, form, status=400)
    try:
        good = config.set_all(changes, by=user.username, address=client_address(request))
    except config.NotHere as error:  # since the form was read
        return _page(request, form, problem=str(error), status=409)
    _tell(request, form, good)
    return redirect(f"{reverse('settings')}#{theme}")


@require_POST
def reset(request: HttpRequest) -> HttpResponse:
    """One setting back to its default."""
    user = _administrator(request)
    name = request.POST.get("name", "")
    try:
        [line] = lines(name)
        value = config.reset(name, by=user.username, address=client_address(request))
    except BadSetting:
        raise Http404 from None
    except config.NotHere as error:
        return _page(request, problem=str(error), status=409)
    facts = {"setting": line.label, "value": in_words(value)}
    messages.success(request, _("%(setting)s has its default again: %(value)s.") % facts)
    return redirect(f"{reverse('settings')}#{line.entry.theme}")


def _tell(request: HttpRequest, form: ThemeForm, good: dict[str, Any]) -> None:
    changed = [field.line for field in form.fields if field.name in good]
    if not changed:
        messages.info(request, _("Nothing was changed."))
        return
    if len(changed) == 1:
        facts = {"setting": changed[0].label, "value": in_words(good[changed[0].entry.name])}
        sentence = _("%(setting)s is now %(value)s.") % facts
    else:
        number = len(changed)
        sentence = ngettext("%(number)d setting was saved.", "%(number)d settings were saved.", number)
        sentence %= {"number": number}
    if any(line.entry.restart for line in changed):
        sentence += " " + _("It holds once the recording component was restarted (Tools > System).")
    messages.success(request, sentence)


def _page(
    request: HttpRequest, tried: ThemeForm | None = None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    found = lines()
    forms = [
        tried
        if tried is not None and tried.theme == theme
        else ThemeForm(theme, [line for line in found if line.entry.theme == theme])
        for theme in themes()
    ]
    search = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    wanted = search.casefold().split()
    hidden = {line.entry.name for line in found if not all(word in line.words for word in wanted)}
    context = {
        "forms": forms,
        "search": search,
        "hidden": hidden,
        "none_found": len(hidden) == len(found),
        "hidden_themes": {form.theme for form in forms if all(field.name in hidden for field in form.fields)},
        "problem": problem,
    }
    return render(request, "config/settings.html", context, status=status)


def _administrator(request: HttpRequest) -> User:
    user = signed_in(request)
    if not user.is_superuser:
        raise PermissionDenied
    return user
