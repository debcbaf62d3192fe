"""Whether a view of a stored call brings anything that is not stored yet."""

from recordings.domain.coverage import Coverage, covers
from recordings.domain.evidence import Evidence
from recordings.domain.facts import adds_nothing
from recordings.domain.lookup import Found
from recordings.domain.packets import stored_call
from recordings.domain.place import Place
from recordings.models import State, Version
from recordings.pipeline.spool.errors import SpoolError


def nothing_new(place: Place, evidence: Evidence, found: Found) -> bool:
    """Whether the stored version covers these packets and says all that this view says."""
    if len(found.rows) != 1 or found.rows[0].version is None or found.rows[0].call.state != State.STORED:
        return False
    known = found.rows[0]
    wanted = evidence.coverage()
    if known.version is None or not _is_there(place, known.version):
        return False
    if place.cluster and known.version.signalling is None:
        return False  # of a release that did not note it: without it no copy could ever be released
    held = known.view.coverage
    try:
        stored = stored_call(place.library / known.version.packets)
    except (FileNotFoundError, SpoolError):  # its packets are lost: whatever has less must not replace it
        return not adds_packets(held, wanted, unitable=False)
    if not covers(held, wanted):
        return not adds_packets(held, wanted, unitable=not held or bool(stored.streams))
    return adds_nothing(stored, evidence.call)


def adds_packets(held: Coverage, wanted: Coverage, *, unitable: bool) -> bool:
    """Whether a new version would have more than the stored one holds. Pure.

    Packets that were not kept, or are lost, cannot be united with others: then the fuller recording stays.
    """
    return not covers(held, wanted) and (unitable or covers(wanted, held))


def _is_there(place: Place, version: Version) -> bool:
    """Whether the recording is where it should be, as far as a look tells; if not, it counts as not stored (S3)."""
    try:
        return not version.file or (place.library / version.file).stat().st_size == version.size
    except FileNotFoundError:
        return False
