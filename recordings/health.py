"""Whether this machine records, for `/readyz` and the system page."""

import errno
import os

from django.conf import settings

from apresa import health, services
from apresa.config import domain as config
from recordings.domain.unlocking import waiting
from recordings.queries.capture import STALE_AFTER, capture
from recordings.queries.live import how_many_ended

services.count_calls_by(how_many_ended)


@health.register("sealed calls")
def check_sealed() -> health.Finding:
    """Calls of an earlier boot that nobody can hear, on either page, before an unlock."""
    found = waiting(settings.APRESA.spool)
    if not found.any:
        return health.Finding(ok=True, sentence="No recorded call waits for an unlock.")
    boots = (
        f", and {found.sessions} earlier starts of this machine in which calls were going on" if found.sessions else ""
    )
    return health.Finding(
        ok=False,
        sentence=f"Sealed, waits for unlock: {found.calls} ended calls{boots}. Unlock this machine to store them.",
    )


@health.register("capture")
def check_capture() -> health.Finding:
    """The recording component must be heard when interfaces are set, or when it ran here before."""
    found = capture()
    if found.running and found.disk_error == os.strerror(errno.ENOKEY):
        return health.Finding(
            ok=False,
            sentence="Encryption is on and no key can be used: nothing is recorded, rather than in clear.",
        )
    if found.running:
        if gone := [one.name for one in found.interfaces if not one.up]:
            return health.Finding(
                ok=False,
                sentence=f"There is no network interface {', '.join(gone)}: what it would bring is not recorded.",
            )
        return health.Finding(ok=True, sentence="The recording component runs.")
    if found.seen is not None:
        since = found.seen.isoformat(timespec="seconds")
        return health.Finding(
            ok=False, sentence=f"The recording component has not been heard since {since}: nothing is recorded."
        )
    if config.get("capture.interfaces") or config.get("capture.hep_listen"):
        return health.Finding(
            ok=False, sentence=f"The recording component does not run (no status within {STALE_AFTER:.0f} seconds)."
        )
    return health.Finding(ok=True, sentence="No interface is set, so nothing is recorded here.")
