"""This node's place, from its settings."""

from django.conf import settings

from apresa.config import domain as config
from apresa.node.domain import identity
from apresa.node.models import Role
from recordings.domain.place import Place


def here(form: str | None = None) -> Place:
    """Where this node settles; form overrides the format of the settings."""
    node = identity()
    place = settings.APRESA
    cluster = node.role != Role.STANDALONE
    work = place.run / "work"
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Place(
        spool=place.spool,
        library=place.library,
        work=work,
        node=str(node.uuid),
        marker=node.library,
        activation=node.activation,
        format=form or config.get("recording.format"),
        # The other node's copy of a call is united packet by packet with what is stored.
        keep_packets=cluster or config.get("storage.keep_packets"),
        cluster=cluster,
    )
