"""A hand-over over the real link: taken, synced, acknowledged once; and what is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apresa.handover import Origin, Record, sealed
from apresa.nodelink import LinkError
from cluster.domain.handing import PATH
from cluster.domain.holding import KNOWN
from tests.worker.link.nodes import Served, manage, serving

pytestmark = pytest.mark.embedded
ORIGIN = Origin("7" * 32, "north", "0123abcd")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("link")) as one:
        yield one


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one.jsonl"
    sealed.write(path, ORIGIN, [Record("setting", "audio.format", {"there": "wav", "here": "flac"})])
    return path


def test_a_file_of_records_lies_whole_on_the_active_node(served: Served, file: Path) -> None:
    first, second = (served.link().upload(f"{PATH}{ORIGIN.file}", file) for _ in range(2))
    assert first == second == {"taken": ORIGIN.file}
    (taken,) = (served.data / "handover").iterdir()
    assert (taken.name, taken.read_bytes()) == (f"{ORIGIN.file}.jsonl", file.read_bytes())


def test_a_file_that_was_cut_is_refused_with_a_sentence(served: Served, file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])
    name = f"{'8' * 32}-0123abcd"
    with pytest.raises(
        LinkError, match=r"The file of records (is not whole|has a line that cannot be read)"
    ) as refused:
        served.link().upload(f"{PATH}{name}", file)
    assert (refused.value.code, refused.value.status) == ("unreadable", 400)
    assert [path for path in (served.data / "handover").glob("*") if name in path.name] == []


def test_which_calls_are_known_is_answered(served: Served) -> None:
    assert served.link().post(KNOWN, {"names": ["0" * 36]}) == {"known": []}


def test_a_node_that_stands_by_takes_no_records(tmp_path: Path, file: Path) -> None:
    with serving(tmp_path) as one:
        manage(one.data, "shell", "-v", "0", "-c", "from apresa.node import domain; domain.join_as_secondary('')")
        with pytest.raises(LinkError, match="records go to the active one") as refused:
            one.link().upload(f"{PATH}{ORIGIN.file}", file)
    assert (refused.value.code, refused.value.status) == ("not-active", 409)
