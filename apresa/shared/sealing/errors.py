"""What can be wrong with sealed files and with what opens them. Each carries one sentence for a person."""


class SealingError(Exception):
    """Something that is sealed cannot be opened."""


class Damaged(SealingError):
    """The bytes are not those that were sealed: changed, cut off, reordered, or of another file."""


class UnknownKey(SealingError):
    """Sealed for a key pair that is not the one at hand."""


class NotOpened(SealingError):
    """A passphrase, recovery key or set of shares does not open the private key."""
