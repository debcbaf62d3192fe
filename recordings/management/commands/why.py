"""`why`: why calls were recorded, or not; how many a day; whether a number is missing."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apresa.audit import domain as audit
from apresa.node.domain import is_active
from recordings.catalogue.why import words
from recordings.domain import ledger
from recordings.models import Decision
from recordings.queries.decisions import daily_totals, node_names, numbers

MOST = 1000


class Command(BaseCommand):
    help = "Say why calls were recorded or not: every call that was seen has a numbered line."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.epilog = "exit status: 0 done, 1 numbers are missing (--check), or nothing could be read"
        parser.add_argument(
            "number", nargs="?", default="", help="any part of the calling or called number, or a call's id"
        )
        parser.add_argument("--days", type=int, default=7, help="how far back, today included (%(default)s)")
        parser.add_argument("--reason", default="", help="only calls with this reason, such as no-media")
        parser.add_argument("--totals", action="store_true", help="how many a day, by reason, instead of the calls")
        parser.add_argument("--check", action="store_true", help="whether any number is missing")
        parser.add_argument(
            "--erase",
            metavar="NUMBER",
            help="take a person's whole number out of all lines; the lines stay. For those whose data must be erased",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["erase"]:
                self._erase(options["erase"])
            elif options["check"]:
                self._check(as_json=options["json"])
            elif options["totals"]:
                self._totals(options)
            else:
                self._list(options)
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used now: {str(error).strip().splitlines()[0]}") from None

    def _rows(self, options: dict[str, Any]) -> Any:
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        begin = midnight - timedelta(days=max(1, min(options["days"], 36_500)) - 1)
        rows = Decision.objects.filter(started__gte=begin)
        if options["reason"]:
            rows = rows.filter(reason=options["reason"])
        if wanted := options["number"]:
            condition = Q(caller__icontains=wanted) | Q(callee__icontains=wanted)
            rows = rows.filter(condition | Q(pk=wanted)) if _is_id(wanted) else rows.filter(condition)
        return rows

    def _list(self, options: dict[str, Any]) -> None:
        rows = list(self._rows(options)[: MOST + 1])
        if options["json"]:
            self.stdout.write(json.dumps([_as_data(row) for row in rows[:MOST]], indent=2))
            return
        names = node_names()
        for row in rows[:MOST]:
            self._say(row, names)
        if len(rows) > MOST:
            self.stdout.write(f"Only the newest {MOST} are shown; name a number, a reason or fewer --days.")
        if not rows:
            self.stdout.write("No such call was seen. Did the mirror port bring it? “manage.py mirror_report” tells.")

    def _say(self, row: Decision, names: dict[str, str]) -> None:
        at = timezone.localtime(row.started)
        parties = "deleted" if row.erased_at else f"{_plain(row.caller) or '?'} → {_plain(row.callee) or '?'}"
        detail = f" ({_plain(row.detail)})" if row.detail else ""
        place = f"{names.get(row.node, row.node)} {row.number}"
        said = f"{place}  {at:%Y-%m-%d %H:%M:%S}  {parties}  {row.kept}: {words(row.reason).sentence}{detail}"
        self.stdout.write(said)

    def _totals(self, options: dict[str, Any]) -> None:
        totals = daily_totals(self._rows(options))
        if options["json"]:
            self.stdout.write(json.dumps([{**asdict(total), "day": str(total.day)} for total in totals], indent=2))
            return
        for total in totals:
            self.stdout.write(f"{total.day}  {total.count:>8}  {total.kept:<13} {words(total.reason).label}")
        if not totals:
            self.stdout.write("No call was seen in these days.")

    def _check(self, *, as_json: bool) -> None:
        found = numbers()
        if as_json:
            self.stdout.write(json.dumps([{**asdict(one), "whole": one.whole} for one in found], indent=2))
        else:
            for one in found:
                self.stdout.write(f"{one.name}: {one.rows} lines, last number {one.last}: {_spans(one.missing)}")
            if not found:
                self.stdout.write("No call has a line yet.")
        if not all(one.whole for one in found):
            sys.exit(1)

    def _erase(self, number: str) -> None:
        if not is_active():
            raise CommandError("This machine is not the cluster's active node: erase it there.")
        with transaction.atomic():
            count = ledger.forget_number(number)
        audit.record("command line", "number-erased", "the ledger", lines=count)  # not the number: it is to be gone
        self.stdout.write(f"{count} lines no longer have the number. Recorded calls are deleted on their own page.")


def _spans(missing: tuple[tuple[int, int], ...]) -> str:
    if not missing:
        return "none is missing."
    spans = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in missing)
    return f"missing {spans}."


def _is_id(text: str) -> bool:
    digits = text.replace("-", "")
    return len(digits) == 32 and all(one in "0123456789abcdefABCDEF" for one in digits)


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)


def _as_data(row: Decision) -> dict[str, Any]:
    names = ("node", "number", "caller", "callee", "answered", "kept", "reason", "detail", "remarks", "packets")
    times = {name: getattr(row, name).isoformat() for name in ("started", "ended", "at")}
    return {"id": str(row.pk), **{name: getattr(row, name) for name in names}, **times}
