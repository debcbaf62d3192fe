"""crm_mon's XML."""

import pytest
from hypothesis import given

from cluster.pacemaker_types import FailedAction, Pacemaker, ResourceKind, ResourceRole
from cluster.readers.pacemaker import read_pacemaker
from cluster.readers.reply import ReplyError
from cluster.types import NotRunning
from tests.samples.cluster import views
from tests.samples.cluster.damage import damaged, read_or_refuse
from tests.samples.cluster.replies import PACEMAKER, PACEMAKER_OFF


def read(text: str) -> Pacemaker:
    pacemaker = read_pacemaker(text)
    assert isinstance(pacemaker, Pacemaker)
    return pacemaker


def test_a_healthy_pair_is_read() -> None:
    assert read_pacemaker(PACEMAKER) == views.PACEMAKER


def test_pacemaker_that_does_not_run_is_an_answer() -> None:
    assert read_pacemaker(PACEMAKER_OFF) == NotRunning("Pacemaker does not run here.")


def test_a_node_without_a_coordinator_has_no_quorum() -> None:
    text = PACEMAKER.replace('<current_dc present="true"', '<current_dc present="false"')
    assert (read(text).has_controller, read(text).quorate) == (False, False)


@pytest.mark.parametrize(
    ("north", "south", "mixed"),
    [
        ("3.16.1", "3.17.0", True),
        ("3.16.1", "3.16.1", False),
        ("3.16.1", "&lt;3.15.1", False),  # it has come back, and has not told yet
        ("3.16.1", "", False),
        ("", "", True),  # of a release that names none; then Pacemaker's own word counts
    ],
)
def test_versions_are_mixed_where_two_nodes_tell_different_feature_sets(north: str, south: str, mixed: bool) -> None:
    text = PACEMAKER.replace('mixed_version="false"', 'mixed_version="true"')
    for name, told in (("north", north), ("south", south)):
        text = text.replace(f'<node name="{name}" ', f'<node name="{name}" feature_set="{told}" ', 1)
    assert read(text).mixed_version is mixed


def test_failed_actions_are_read() -> None:
    failures = '<failures><failure op_key="postgresql_monitor_9000" node="south" exitstatus="not running"/></failures>'
    text = PACEMAKER.replace('<status code="0"', failures + '<status code="0"')
    assert read(text).failures == (FailedAction("postgresql_monitor_9000", "south", "not running", ""),)


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("Master", ResourceRole.PROMOTED),
        ("Slave", ResourceRole.UNPROMOTED),
        ("Stopping", ResourceRole.CHANGING),
        ("Dancing", ResourceRole.UNKNOWN),
    ],
)
def test_roles_have_old_new_and_unknown_names(word: str, role: ResourceRole) -> None:
    pacemaker = read(PACEMAKER.replace('role="Started"', f'role="{word}"'))
    assert {one.role for one in pacemaker.of_kind(ResourceKind.SERVICE)} == {role}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('online="true"', 'online="perhaps"', "\"online\" is 'perhaps'"),
        ('online="true"', "", '<node> has no "online"'),
        ("<summary>", '<!DOCTYPE a [<!ENTITY b "c">]><summary>', "declares a document type"),
        ("</summary>", "", "is no XML"),
        ("pacemaker-result", "html", "is not crm_mon's"),
        ('<status code="0"', '<status code="65"', "reports the fault 65"),
        ("cluster_options", "options", "has no summary/cluster_options"),
    ],
)
def test_a_reply_that_nobody_understands_is_refused(old: str, new: str, words: str) -> None:
    with pytest.raises(ReplyError, match=words):
        read_pacemaker(PACEMAKER.replace(old, new))


def test_a_reply_with_too_many_nodes_is_refused() -> None:
    node = PACEMAKER.partition("<nodes>")[2].partition("/>")[0] + "/>"
    with pytest.raises(ReplyError, match="more than 200 of nodes/node"):
        read_pacemaker(PACEMAKER.replace("<nodes>", "<nodes>" + node * 200))


@given(damaged(PACEMAKER, PACEMAKER_OFF))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert read_or_refuse(read_pacemaker, text) in {True, False}
