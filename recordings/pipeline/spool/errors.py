"""What can be wrong with a spool, for its readers and writers."""


class SpoolError(ValueError):
    """The bytes of a spool file break the format (docs/spool.md); the message says which rule."""


class SpoolBusy(RuntimeError):
    """Another process writes this spool session."""


class SpoolForeign(RuntimeError):
    """The spool belongs to another node, or to a newer release: nothing of it may be settled or removed."""
