"""People, their tokens, and what this machine remembers about sign-ins."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Theme(models.TextChoices):
    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class User(AbstractUser):
    """A person. An administrator is a superuser; the other roles are groups."""

    last_login = None  # a sign-in must work while this database is read-only: see LastLogon
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    theme = models.CharField(_("theme"), max_length=8, choices=Theme, default=Theme.AUTO)

    is_copy = False
    """True for a user built from this machine's copy, while the database of users is absent."""

    def check_password(self, raw_password: str | None) -> bool:
        """As Django's, without its upgrade of old hashes: signing in writes nothing here."""
        from django.contrib.auth.hashers import check_password  # noqa: PLC0415 -- the method shadows it

        return check_password(raw_password, self.password)


class Token(models.Model):
    """An API token, kept as a digest; its secret was shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    may_write = models.BooleanField(_("may change things"), default=False)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("user", "name")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AdministratorCopy(models.Model):
    """What an enabled administrator needs to sign in here while the database of users is absent (node)."""

    user_id = models.BigIntegerField(primary_key=True)
    username = models.CharField(max_length=150, unique=True)
    password = models.CharField(max_length=128)
    preferences = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.username

    def as_user(self) -> User:
        user = User(
            pk=self.user_id,
            username=self.username,
            password=self.password,
            is_superuser=True,
            is_staff=True,
            **self.preferences,
        )
        user._state.adding = False  # noqa: SLF001 -- the documented way to say "not a new row"
        user.is_copy = True
        return user


class LastLogon(models.Model):
    """When a user last signed in on this machine (node)."""

    user_id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"


class LogonThrottle(models.Model):
    """Wrong passwords in a row for one key: a name, an address, or both (node)."""

    key = models.CharField(max_length=250, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_failure = models.DateTimeField()
    wait_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key


class EndedSession(models.Model):
    """A session that its user ended: its cookie stays valid elsewhere in the world, not here (node)."""

    session = models.CharField(max_length=32, primary_key=True)
    ended_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.session


class TokenUse(models.Model):
    """When a token was last used on this machine (node)."""

    token_id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)

    def __str__(self) -> str:
        return f"{self.token_id} {self.at}"


class VisibleQuerySet(models.QuerySet[Any]):
    """A queryset that knows who may see its rows. Every model of what people see has one."""

    def visible_to(self, user: User) -> "VisibleQuerySet":
        """The rows that this user may know of. Each model says which; there is no default."""
        raise NotImplementedError(f"{self.model.__name__} does not say who may see it")
