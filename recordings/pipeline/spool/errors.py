"""What can be wrong with a spool, for its readers and writers."""

import errno

from apresa.shared.sealing.header import Header


class SpoolError(ValueError):
    """The bytes of a spool file break the format (docs/spool.md); the message says which rule."""


class SpoolBusy(RuntimeError):
    """Another process writes this spool session."""


class SpoolForeign(RuntimeError):
    """The spool belongs to another node, or to a newer release: nothing of it may be settled or removed."""


class SpoolLocked(OSError):
    """Sealed in an earlier boot, whose keys are gone: the file is whole, and waits for an unlock. Like anything that
    cannot be read now it is kept and tried again, never put aside as damaged."""

    def __init__(self, run: Header) -> None:
        super().__init__(errno.ENOKEY, "sealed, waits for unlock")
        self.run = run
