"""Rows of every model of the shared database, whatever its fields: `fill()` within a node's own process."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.db.utils import IntegrityError

from apresa.moving import models as shared_models

ROWS = 3
FIRST_KEY = 5000  # beyond what any sequence has given


def fill() -> dict[str, int]:
    """How many rows each table has now. A table that another one needs comes before it."""
    left, before = list(shared_models()), -1
    while left and len(left) != before:
        before = len(left)
        left = [model for model in left if not _fill(model)]
    return {model._meta.label: _count(model) for model in shared_models()}


def _count(model: type[models.Model]) -> int:
    return model._base_manager.using("default").count()


def _fill(model: type[models.Model]) -> bool:
    """False while a row that one of these must point to is still missing."""
    fields: list[Any] = list(model._meta.local_concrete_fields)
    for number in range(ROWS):
        try:
            values = {field.attname: _value(field, number) for field in fields}
        except LookupError:
            return False
        rows: Any = model._base_manager.using("default")
        try:
            with transaction.atomic("default"):
                rows._insert([model(**values)], fields=fields, using="default", raw=True)
        except IntegrityError:  # a table of one row, or one with a rule of its own
            return _count(model) > 0 or number > 0
    return True


def _value(field: Any, number: int) -> Any:
    if field.is_relation:
        return _target(field, number)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.AutoField | models.BigAutoField):
        return FIRST_KEY + number
    return _plain(field, number)


def _target(field: Any, number: int) -> Any:
    keys = list(field.related_model._base_manager.using("default").order_by("-pk").values_list("pk", flat=True)[:ROWS])
    if len(keys) > number:
        return keys[number]
    if field.null:
        return None
    raise LookupError(field.name)


def _plain(field: Any, number: int) -> Any:
    moment = datetime(2026, 3, 1, 12, 30, number, 123456 + number, tzinfo=UTC)
    by_kind: dict[str, Any] = {
        "UUIDField": uuid.uuid5(uuid.NAMESPACE_DNS, f"{field.name}{number}"),
        "JSONField": {"b": [1, 2.5, None], "a": f"é{number}", "Z": True},
        "DateTimeField": moment,
        "DateField": date(2026, 3, 1 + number),
        "BooleanField": bool(number % 2),
        "BinaryField": bytes([0, 255, number]),
        "FloatField": number + 0.1,
        "DecimalField": Decimal("1.50"),
        "DurationField": timedelta(seconds=number, microseconds=5),
        "GenericIPAddressField": f"192.0.2.{number + 1}",
    }
    kind = field.get_internal_type()
    if kind in by_kind:
        return by_kind[kind]
    if "Integer" in kind or kind == "BigAutoField":
        return number + 7
    return f"é \N{SNOWMAN} {number}"[: field.max_length]
