"""What the link between the nodes must carry, from the calls recorded of late."""

from apresa import load
from cluster.bandwidth import Need, Recorded, at_once, need

DAYS = 28


def bandwidth() -> Need:
    """Raises a database error where the calls cannot be read."""
    spans = load.recorded(DAYS)
    seconds = sum(max(0.0, span.end - span.begin) for span in spans)
    most = at_once((span.begin, span.end) for span in spans)
    return need(Recorded(most, len(spans), seconds, sum(span.size for span in spans)))
