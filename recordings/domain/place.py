"""Where settling works: the spool it takes from, the library it fills, and the settings that hold."""

import uuid
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """marker is the library's name that this machine knows (law 4); work holds temporary files only."""

    spool: Path
    library: Path
    work: Path
    node: str
    marker: uuid.UUID | None = None
    activation: uuid.UUID | None = None
    format: str = "flac"
    keep_packets: bool = True
    cluster: bool = False
    """Whether what is settled stays in the spool until both nodes have it (PROTOCOL R1, R2)."""
