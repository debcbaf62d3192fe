"""What this node knows of the cluster now: the last observation, judged, and how old it is."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from apresa.shared import clock
from cluster.decide import Judgement, decide
from cluster.domain.observing import host, view
from cluster.models import Observation
from cluster.picture import Picture, picture
from cluster.readers.reply import ReplyError
from cluster.stale import aged, never
from cluster.status import as_data
from cluster.told import Repairing, from_json
from cluster.types import Alone, ClusterView


@dataclass(frozen=True, slots=True)
class State:
    """`at` and `view` are None before the first look; `picture` also for a machine that stands alone."""

    node: str
    at: datetime | None
    view: ClusterView | Alone | None
    judgement: Judgement
    picture: Picture | None
    other_repair: Repairing | None = None

    @property
    def alone(self) -> bool:
        return isinstance(self.view, Alone) and not self.view.lost_its_cluster

    @property
    def fresh(self) -> bool:
        return self.at is not None and not any(one.code == "observation-old" for one in self.judgement.findings)


def state() -> State:
    node = host()
    observation = Observation.objects.first()
    if observation is None:
        return State(node, None, None, never(node), None)
    seen = view(observation)
    judgement = decide(seen)
    age = (clock.now() - observation.at).total_seconds()
    node = seen.name if isinstance(seen, Alone) else seen.own.name
    return State(
        node, observation.at, seen, aged(judgement, node, age), picture(seen, judgement), _other_repair(observation)
    )


def _other_repair(observation: Observation) -> Repairing | None:
    """What the other node told of its recovery in that look."""
    try:
        return from_json(observation.told).repair
    except ReplyError:
        return None


def state_as_data(found: State) -> dict[str, Any]:
    """For programs: the judgement as `cluster_status --json` has it, and the parts that it was made from."""
    return {
        "node": found.node,
        "observed_at": found.at,
        "fresh": found.fresh,
        "standalone": found.alone,
        **as_data(found.judgement),
        "other_repair": asdict(found.other_repair) if found.other_repair else None,
        "parts": asdict(found.picture) if found.picture else None,
    }
