"""`aset NAME VALUE`: the manual's command for this machine's own values; without a name it lists them."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from apresa.audit import domain as audit
from apresa.node.domain import BadPlace, identity, place
from apresa.node.models import Role
from cluster.management.helped import HelpedCommand

NAMES: Mapping[str, str] = {"IPmask": "mask", "IPaddress": "address", "IPname": "name", "role": "initial_role"}


class Command(HelpedCommand):
    help = "Set one of this machine's own values, such as: aset IPmask 255.255.255.0. Without a name: list them."
    examples = ("", "IPmask", "IPmask 255.255.255.0")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", metavar="NAME", help=", ".join(NAMES))
        parser.add_argument("value", nargs="?", metavar="VALUE", help="without a value it is shown")

    def handle(self, *_args: Any, **options: Any) -> None:
        name, value = options["name"], options["value"]
        if name is None:
            for one in NAMES:
                self.stdout.write(f"{one} = {_shown(one)}")
            return
        wanted = next((one for one in NAMES if one.lower() == name.lower()), None)
        if wanted is None:
            raise CommandError(
                _("There is no %(name)s; there are: %(names)s.") % {"name": name, "names": ", ".join(NAMES)}
            )
        if value is not None:
            _set(wanted, value)
        self.stdout.write(f"{wanted} = {_shown(wanted)}")


def _shown(name: str) -> str:
    node = identity()
    found = {"IPmask": node.mask, "IPaddress": node.address, "IPname": node.name, "role": node.initial_role}[name]
    return "" if found is None else str(found)


def _set(name: str, value: str) -> None:
    if name == "role" and value not in Role.values:
        raise CommandError(_("A role is one of: %(roles)s.") % {"roles": ", ".join(Role.values)})
    try:
        place(**{NAMES[name]: value})
    except BadPlace as error:
        raise CommandError(str(error)) from None
    audit.record("command line", "node-set", name, value=value)
