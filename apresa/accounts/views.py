"""Signing in and out."""

from contextlib import suppress
from math import ceil
from typing import Any

from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.db.utils import Error as DatabaseError
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apresa import database
from apresa.accounts import copies, throttle
from apresa.accounts.backends import client_address
from apresa.accounts.models import LastLogon, User
from apresa.audit import domain as audit
from apresa.database import DatabaseState
from apresa.shared import clock


class SignInForm(AuthenticationForm):
    """Django's form, with a plain sentence for a wrong password and for a wait."""

    error_messages = {
        "invalid_login": _("This name and password do not belong together. Mind upper and lower case."),
        "inactive": _("This user is disabled. Ask an administrator."),
    }

    waiting = False
    """Whether this try came too early, and was not even looked at."""

    def clean(self) -> dict[str, Any]:
        seconds = self._seconds_left()
        if seconds > 0:
            self.waiting = True
            raise ValidationError(_wait_sentence(seconds), code="wait")
        return super().clean()

    def get_invalid_login_error(self) -> ValidationError:
        seconds = self._seconds_left()
        if seconds > 0:
            return ValidationError(_wait_sentence(seconds), code="wait")
        if database.state() is DatabaseState.ABSENT:
            return ValidationError(
                _("This did not work. The database of users cannot be reached, so only administrators can sign in."),
                code="invalid_login",
            )
        return super().get_invalid_login_error()

    def _seconds_left(self) -> float:
        name = self.cleaned_data.get("username") or ""
        return throttle.wait_left(name, client_address(self.request)).total_seconds()


class SignInView(auth_views.LoginView):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        user = form.get_user()
        address = client_address(self.request)
        LastLogon.objects.update_or_create(user_id=user.pk, defaults={"at": clock.now(), "address": address})
        audit.record(user, "sign-in", address=address)
        if isinstance(user, User) and user.is_superuser and not user.is_copy:
            with suppress(DatabaseError):  # the next minute does it again
                copies.refresh()
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        name = str(form.data.get("username", ""))[:150]
        if not getattr(form, "waiting", False):  # else a guesser would fill the disk
            audit.record(name, "sign-in-refused", address=client_address(self.request))
        return super().form_invalid(form)


class SignOutView(auth_views.LogoutView):
    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            audit.record(request.user, "sign-out", address=client_address(request))
        return super().post(request, *args, **kwargs)


def _wait_sentence(seconds: float) -> str:
    if seconds < 90:
        number = ceil(seconds)
        return ngettext(
            "Too many wrong passwords. Try again in %(number)d second.",
            "Too many wrong passwords. Try again in %(number)d seconds.",
            number,
        ) % {"number": number}
    number = ceil(seconds / 60)
    return ngettext(
        "Too many wrong passwords. Try again in %(number)d minute.",
        "Too many wrong passwords. Try again in %(number)d minutes.",
        number,
    ) % {"number": number}
