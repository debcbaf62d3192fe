"""`cluster_pair`: make this machine and another one know and trust each other, before the cluster is set up."""

import getpass
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from cluster.management.helped import HelpedCommand
from cluster.pairing import domain
from cluster.pairing.primary import PORT, Event
from cluster.pairing.secondary import PairingError

WHO = "command line"


class Command(HelpedCommand):
    help = "Pair two machines: `offer` on the primary shows a code, `join ADDRESS` on the secondary asks for it."
    examples = ("offer --listen 192.168.2.11", "join 192.168.2.11", "show", "forget")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=PORT, help=f"of the primary while it pairs (default: {PORT})")
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("offer", help="on the primary: show a code and wait").add_argument(
            "--listen", required=True, metavar="ADDRESS", help="this machine's address for the other one"
        )
        acts.add_parser("join", help="on the secondary: type the code (or send it by standard input)").add_argument(
            "address", help="the primary's name or address"
        )
        acts.add_parser("show", help="with which machine this one is paired")
        acts.add_parser("forget", help="forget the other machine, so that pairing can begin anew")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not 1 <= options["port"] <= 65535:
            raise CommandError("A port is a number from 1 to 65535.")
        try:
            getattr(self, f"_{options['act']}")(options)
        except PairingError as error:
            again = f" Try again in {error.wait:.0f} seconds." if error.wait else ""
            raise CommandError(f"{error}{again if 'try again' not in str(error) else ''}") from None
        except OSError as error:
            raise CommandError(f"The data directory cannot be used: {error}.") from None

    def _offer(self, options: dict[str, Any]) -> None:
        code = domain.offer(by=WHO)
        events = domain.serve(options["listen"], options["port"], by=WHO)
        self.stdout.write(f"Pairing code: {code}")
        self.stdout.write("Type it on the secondary within 15 minutes: manage.py cluster_pair join ADDRESS")
        self.stdout.flush()
        last: Event | None = None
        for event in events:
            if event is not None:
                last = event
                self.stdout.write(_told(event))
                self.stdout.flush()
        if last is None or last.what != "paired":
            raise CommandError("Nobody was paired, and the code is void now. Make a new one.")

    def _join(self, options: dict[str, Any]) -> None:
        asked = getpass.getpass("Pairing code: ") if sys.stdin.isatty() else sys.stdin.readline(200)
        peer = domain.join(options["address"], options["port"], asked, by=WHO)
        self.stdout.write(f"Paired with {peer.name}. Restart Apresa here: its secret key is the cluster's now.")

    def _show(self, _options: dict[str, Any]) -> None:
        peer = domain.store().peer()
        self.stdout.write(f"{peer.name} {peer.address} {peer.node}" if peer else "This machine is not paired.")

    def _forget(self, _options: dict[str, Any]) -> None:
        domain.forget(by=WHO)
        self.stdout.write("This machine knows no other one now.")


def _told(event: Event) -> str:
    who = f"{event.name!r} at {event.address}" if event.name else event.address
    match event.what:
        case "paired":
            return f"Paired with {who}."
        case "granted":
            return f"{who} has the right code and gets its certificate."
        case _:
            return f"Refused {who}: {event.reason}"
