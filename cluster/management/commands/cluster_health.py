"""`cluster_health`: how the cluster did in the last hours."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cluster.health import Hour
from cluster.management.helped import HelpedCommand
from cluster.queries.health import hours

HEADER = "hour              looked  no active node  not ready  behind (bytes)  copied (%)  load"


class Command(HelpedCommand):
    help = (
        "Tell, hour by hour, how the cluster did in the last day: the worst of each hour, in minutes where it is time."
    )
    examples = ("",)

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = hours()
        if not found:
            self.stdout.write(_("There is no sample of the last day. See whether the worker runs."))
            return
        self.stdout.write("\n".join([HEADER, *map(_line, found)]))


def _line(hour: Hour) -> str:
    at = timezone.localtime(hour.at).strftime("%Y-%m-%d %H:%M")
    behind = "?" if hour.behind is None else str(hour.behind)
    percent = "?" if hour.percent is None else f"{hour.percent:.1f}"
    return (
        f"{at}  {hour.samples:>6}  {hour.unserved:>14}  {hour.unready:>9}  {behind:>14}  {percent:>10}  {hour.load:.1f}"
    )
