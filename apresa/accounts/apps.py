"""The accounts app: keeps this machine's copy of the administrators fresh."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_delete, post_save


class AccountsConfig(AppConfig):
    name = "apresa.accounts"

    def ready(self) -> None:
        import_module("apresa.accounts.schema")
        user = self.get_model("User")
        for signal in (post_save, post_delete):
            signal.connect(_refresh_copies, sender=user, dispatch_uid="refresh-administrator-copies")


def _refresh_copies(**_: Any) -> None:
    from apresa.accounts import copies  # noqa: PLC0415 -- models load after this module

    transaction.on_commit(copies.refresh, using="default")
