"""`cluster_status`: what state the cluster is in, for people and for monitoring. Works whatever is down."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from cluster import replies
from cluster.catalogue import kind
from cluster.decide import Judgement, decide
from cluster.domain import observing
from cluster.findings import fill
from cluster.helper import runner_here
from cluster.management.helped import HelpedCommand
from cluster.observe import DEADLINE
from cluster.readers.reply import ReplyError
from cluster.replies import Replies
from cluster.runner import Runner
from cluster.status import EXIT_CODES, WORDS, as_data, view_of
from cluster.told import Told


class Command(HelpedCommand):
    help = (
        "Say what state the cluster is in. Exit code: 0 good, or this machine stands alone; 1 warning; 2 critical; "
        "3 unknown. Run it as root: some of the tools answer nobody else."
    )
    more = (
        "The first line is the one big sentence; the findings follow, worst first, each with its technical fact "
        "and the next step. It answers within 20 seconds, whatever hangs: what gave no answer is unknown. "
        "See docs/cluster.md."
    )
    exit_codes: Mapping[int, str] = MappingProxyType(
        {
            0: "good, or this machine stands alone",
            1: "warning: calls are recorded, something is not as it should be",
            2: "critical: nobody or both are active, or data are in danger; also wrong arguments",
            3: "unknown: it cannot be told; also a report that cannot be read",
        }
    )
    examples = ("", "--json", "--report >report.json", "--peer report.json")
    runner: Runner = runner_here()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the judgement as JSON")
        parser.add_argument("--report", action="store_true", help="print this node's raw replies as JSON, unjudged")
        parser.add_argument(
            "--peer",
            metavar="FILE",
            help="the other node's --report, where it cannot be asked over the link; - reads it here",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["report"]:
            self.stdout.write(observing.ask(self.runner).to_json())
            return
        own, told = self._both(_read_peer(options["peer"]) if options["peer"] else None)
        judgement = decide(view_of(own, told.replies, in_cluster=observing.in_cluster(), link=told.link))
        self.stdout.write(json.dumps(as_data(judgement), indent=2) if options["json"] else _text(judgement))
        if code := EXIT_CODES[judgement.level]:
            raise SystemExit(code)

    def _both(self, peer: Replies | None) -> tuple[Replies, Told]:
        """This node's replies, and the other's: those that were given, else what it says over the link."""
        if peer:
            return observing.ask(self.runner), Told(peer)
        other = observing.ask_other(DEADLINE)
        return observing.ask(self.runner), other()


def _read_peer(name: str) -> Replies:
    try:
        text = sys.stdin.read(replies.LONGEST + 1) if name == "-" else _start_of(Path(name))
        return replies.from_json(text)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            _("The report %(name)s cannot be read: %(error)s.") % {"name": name, "error": error}, returncode=3
        ) from None
    except ReplyError as error:
        raise CommandError(
            _("%(error)s Make it on the other node with cluster_status --report.") % {"error": error}, returncode=3
        ) from None


def _start_of(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(replies.LONGEST + 1)


def _text(judgement: Judgement) -> str:
    lines = [judgement.sentence(_)]
    for finding in judgement.findings:
        about = kind(finding)
        sentence, fact, step = (fill(text, finding.parameters, _) for text in (about.sentence, about.fact, about.step))
        lines += ["", f"{WORDS[about.level].upper()}: {sentence}", f"    {fact}", f"    -> {step}"]
    return "\n".join(lines)
