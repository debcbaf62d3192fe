"""Which machine this is, and whether it may write the library."""

from pathlib import Path

import pytest

from apresa.layout import MARKER, LibraryMissing
from apresa.node import domain as node
from apresa.node.models import NodeIdentity

pytestmark = pytest.mark.django_db(databases=["node"])


def test_identity_is_made_once() -> None:
    assert node.identity().uuid == node.identity().uuid
    assert NodeIdentity.objects.count() == 1


def test_new_machine_is_active_and_a_secondary_is_not() -> None:
    before = node.is_active()
    node.join_as_secondary("recorder-1")
    assert (before, node.is_active()) == (True, False)


def test_new_library_gets_a_marker_that_this_machine_remembers(tmp_path: Path) -> None:
    made = node.claim_library(tmp_path)
    assert (node.open_library(tmp_path), node.claim_library(tmp_path)) == (made, made)


def test_mount_point_without_its_volume_is_not_a_new_library(tmp_path: Path) -> None:
    node.claim_library(tmp_path)
    (tmp_path / MARKER).unlink()
    with pytest.raises(LibraryMissing, match="is its volume mounted"):
        node.claim_library(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"\xff", b"nonsense", b"7c9e6679-7425-40de-944b-e07fc1f90ae7\n"])
def test_other_marker_is_refused(tmp_path: Path, content: bytes) -> None:
    node.claim_library(tmp_path)
    (tmp_path / MARKER).write_bytes(content)
    with pytest.raises(LibraryMissing):
        node.open_library(tmp_path)
