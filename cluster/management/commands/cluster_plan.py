"""`cluster_plan`: check the answers for a cluster's set-up, and show what its files would say. Nothing is touched."""

import sys
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cluster.catalogue.setup import FAULTS
from cluster.findings import fill
from cluster.setup import render
from cluster.setup.answers import Answers, NodeAnswers, Plan
from cluster.setup.validate import check

LONGEST = 64 * 1024
Kind = TypeVar("Kind", Answers, NodeAnswers)
FILES = {"corosync.conf": render.corosync, "cluster.crm": render.crm, "pg_hba.conf": render.pg_hba}


class Command(BaseCommand):
    help = "Check the answers for setting up a cluster of two nodes, and show the files that it would be made from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the answers in TOML, as docs/cluster.md shows; - is standard input")
        parser.add_argument("--show", choices=sorted(FILES), help="print this file instead of the summary")

    def handle(self, *_args: Any, **options: Any) -> None:
        found = check(_answers(_read(options["file"])))
        if not isinstance(found, Plan):
            said = [f"{fault.where}: {fill(FAULTS[fault.finding.code], fault.finding.parameters)}" for fault in found]
            raise CommandError("\n".join(said))
        site = found.site()
        if options["show"]:
            self.stdout.write(FILES[options["show"]](site), ending="")
            return
        for node in found.nodes:
            links = " and ".join(str(one) for one in (node.address, node.link) if one is not None)
            self.stdout.write(f"{node.name}: begins as {node.role}, {links}")
        self.stdout.write(f"The floating address is {site.floating} on {site.interface}.")


def _read(name: str) -> dict[str, Any]:
    try:
        if name == "-":
            data = sys.stdin.buffer.read(LONGEST)
        else:
            with Path(name).open("rb") as file:
                data = file.read(LONGEST)
        return tomllib.loads(data.decode())
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{name} is no valid TOML: {error}.") from None


def _answers(found: dict[str, Any]) -> Answers:
    nodes = {place: _filled(NodeAnswers, found.pop(place, {}), f"{place}.") for place in ("first", "second")}
    return _filled(Answers, {**found, **nodes}, "")


def _filled(kind: type[Kind], found: object, where: str) -> Kind:
    """The answers of one table; what is missing is empty, and so gets its own sentence."""
    if not isinstance(found, dict):
        raise CommandError(f"{where.rstrip('.')} is a table of answers.")
    known = {field.name: field.default for field in fields(kind)}
    if unknown := sorted(set(found) - set(known)):
        raise CommandError(f"Nothing is asked by the name {where}{unknown[0][:60]!r}; there are: {', '.join(known)}.")
    given = {name: found.get(name, "" if default is MISSING else default) for name, default in known.items()}
    if wrong := [name for name, value in given.items() if not isinstance(value, str | NodeAnswers)]:
        raise CommandError(f"{where}{wrong[0]} is a text: write it in quotes.")
    return kind(**given)
