"""The reference captures that lie beside the project; tests that need them are skipped where they are missing."""

from pathlib import Path

import pytest

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"


def captures() -> Path:
    """The directory of the reference captures, or a skip with the reason."""
    if not CAPTURES.is_dir():
        pytest.skip(f"the reference captures are not at {CAPTURES}")
    return CAPTURES


def capture_files() -> list[Path]:
    """All reference captures, none where they are missing."""
    endings = {".pcap", ".pcapng", ".cap", ""}
    return sorted(path for path in CAPTURES.rglob("*") if path.is_file() and path.suffix in endings)
