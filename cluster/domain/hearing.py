"""How many calls the two nodes heard, for the room that reports on the mirror ports."""

from cluster.domain.observing import view
from cluster.models import Observation
from cluster.rules.facts import gather
from cluster.rules.services import heard_by_each
from cluster.types import Alone


def heard_by_both() -> tuple[int, int, int] | None:
    """Calls that ended here, there, and in how many minutes, by the last look; None where they were not compared."""
    observation = Observation.objects.first()
    seen = view(observation) if observation else None
    if seen is None or isinstance(seen, Alone):
        return None
    facts = gather(seen)
    compared = heard_by_each(facts)
    if compared is None or facts.other is None:
        return None
    counts, minutes = compared
    return counts.get(facts.me, 0), counts.get(facts.other, 0), minutes
