"""The account page: one's own preferences, password and API tokens."""

import zoneinfo
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from apresa import database
from apresa.accounts import copies, domain, tokens
from apresa.accounts.models import Theme, Token, TokenUse, User
from apresa.accounts.people import signed_in
from apresa.audit import domain as audit
from apresa.database import DatabaseState

LIFETIMES = {"30": gettext_lazy("30 days"), "365": gettext_lazy("1 year"), "": gettext_lazy("Never")}
MOST_TOKENS = 50


def _zones() -> list[tuple[str, str]]:
    zones = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC")
    return [("", _("As the browser")), *((zone, zone) for zone in zones)]


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(required=False, choices=[("", gettext_lazy("As the browser")), *settings.LANGUAGES])
    time_zone = forms.ChoiceField(required=False, choices=_zones)
    theme = forms.ChoiceField(choices=Theme.choices)

    @classmethod
    def of(cls, user: User) -> "PreferencesForm":
        return cls(initial={name: getattr(user, name) for name in cls.base_fields})

    def save(self, user: User) -> None:
        for name, value in self.cleaned_data.items():
            setattr(user, name, value)
        user.save(update_fields=list(self.cleaned_data))


class TokenForm(forms.Form):
    name = forms.CharField(max_length=100)
    may_write = forms.BooleanField(required=False)
    days = forms.ChoiceField(required=False, choices=list(LIFETIMES.items()))


class PasswordForm(forms.Form):
    old = forms.CharField(strip=False, max_length=200)
    new = forms.CharField(strip=False, max_length=200)

    def __init__(self, user: User, *args: Any) -> None:
        super().__init__(*args)
        self.user = user

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise ValidationError(_("This is not your present password."))
        return old


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    user = _writable_user(request)
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return _page(request, preferences_form=form, status=400)
    form.save(user)
    _copy(user)
    messages.success(request, _("Your preferences were saved."))
    return redirect("account")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    user = _writable_user(request)
    chosen = request.POST.get("theme", "")
    if chosen in Theme.values:
        user.theme = chosen
        user.save(update_fields=["theme"])
        _copy(user)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "account")


@require_POST
def password(request: HttpRequest) -> HttpResponse:
    user = _writable_user(request)
    form = PasswordForm(user, request.POST)
    if form.is_valid():
        try:
            domain.change_password(user, form.cleaned_data["new"], by=user.username)
        except ValidationError as error:
            form.add_error("new", error)
    if form.errors:
        return _page(request, password_form=form, status=400)
    update_session_auth_hash(request, user)
    _copy(user)
    messages.success(request, _("Your password was changed. Your other sessions are signed out."))
    return redirect("account")


@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    user = _writable_user(request)
    form = TokenForm(request.POST)
    if form.is_valid() and user.tokens.count() >= MOST_TOKENS:
        form.add_error("name", _("You have as many tokens as one person may have. Revoke one that is not used."))
    if not form.is_valid():
        return _page(request, token_form=form, status=400)
    days = form.cleaned_data["days"]
    expires_at = timezone.now() + timedelta(days=int(days)) if days else None
    name, may_write = form.cleaned_data["name"], form.cleaned_data["may_write"]
    token, secret = tokens.create(user=user, name=name, may_write=may_write, expires_at=expires_at)
    audit.record(user, "token-created", token.prefix, name=name, may_write=may_write)
    response = _page(request, secret=secret)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    user = _writable_user(request)
    token = Token.objects.filter(user_id=user.pk, pk=token_id).first()
    if token is not None:
        token.delete()
        audit.record(user, "token-revoked", token.prefix, name=token.name)
        messages.success(request, _("The token was revoked; programs that use it are refused from now on."))
    return redirect("account")


def _writable_user(request: HttpRequest) -> User:
    """Who asks. A copy of an administrator has no row to change while the database of users is absent."""
    user = signed_in(request)
    if user.is_copy:
        raise PermissionDenied
    return user


def _copy(user: User) -> None:
    if user.is_superuser:
        copies.refresh()


def _page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    user = signed_in(request)
    there = database.state() is not DatabaseState.ABSENT and not user.is_copy
    context = {
        "preferences_form": PreferencesForm.of(user),
        "token_form": TokenForm(),
        "password_form": PasswordForm(user),
        "tokens": _tokens(user) if there else [],
        "lifetimes": LIFETIMES,
        "may_change": database.state() is DatabaseState.WRITABLE and there,
        **more,
    }
    return render(request, "accounts/account.html", context, status=status)


def _tokens(user: User) -> list[tuple[Token, TokenUse | None]]:
    own = list(Token.objects.filter(user_id=user.pk).order_by("name"))
    uses = TokenUse.objects.in_bulk([token.pk for token in own])
    return [(token, uses.get(token.pk)) for token in own]
