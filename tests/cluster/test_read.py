"""Raw replies → the view of one node."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster import commands
from cluster.commands import Meaning
from cluster.decide import decide
from cluster.read import read_node
from cluster.readers.services import read_services
from cluster.replies import Replies
from cluster.types import Alone, ClusterView, NodeView, NotRunning, Quorum, Receiver, Result, Standby, Unknown, Why
from tests.samples.cluster import replies, views
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.damage import damaged


def read(**others: Result | Unknown) -> NodeView:
    view = read_node(healthy(**others))
    assert isinstance(view, NodeView)
    return view


def failed(code: int, text: str) -> Result:
    return Result((), code, "", text)


def test_a_healthy_node_is_read_whole() -> None:
    view = read()
    expected = replace(
        views.NORTH,
        interfaces=view.interfaces,
        postgres=view.postgres,
        standbys=(Standby("south", "streaming", "async", 0x3000100, 0x3000000),),
        receiver=NotRunning("This server receives from nobody."),
        services=None,
    )
    assert view == expected


def test_its_own_services_are_read_where_they_were_asked() -> None:
    assert read(services=Result((), 0, replies.SERVICES, "")).services == read_services(replies.SERVICES)
    assert read(services=Unknown(Why.LATE, "No answer.")).services == Unknown(Why.LATE, "No answer.")
    assert read(services=Result((), 0, "?", "")).services == Unknown(
        Why.UNREADABLE, "What the node tells of its own services cannot be read."
    )


@pytest.mark.parametrize(
    ("part", "command", "text"),
    [
        ("quorum", commands.QUORUM, "Cannot initialize CMAP service"),
        ("links", commands.LINKS, "Could not initialize corosync configuration API error 2"),
        ("drbd", commands.DRBD_PROC, "cat: /proc/drbd: No such file or directory"),
        ("postgres", commands.POSTGRES, 'connection to server on socket "/s" failed: No such file or directory'),
        ("postgres", commands.POSTGRES, 'connection to server on socket "/s" failed: Connection refused'),
        (
            "standbys",
            commands.STANDBYS,
            'connection to server on socket "/s" failed: FATAL:  the database system is starting up',
        ),
    ],
)
def test_a_part_that_is_off_is_known_to_be_off(part: str, command: commands.Command, text: str) -> None:
    code = next(code for code, meaning in command.codes.items() if meaning is Meaning.ASK_TEXT)
    view = read(**{command.name.replace("-", "_"): failed(code, text)})
    assert getattr(view, part) == NotRunning(text)


@pytest.mark.parametrize(
    ("part", "name", "result", "detail"),
    [
        ("quorum", "quorum", failed(1, "Permission denied"), "exit code 1: Permission denied"),
        ("quorum", "quorum", failed(77, ""), "exit code 77: it said nothing."),
        ("postgres", "postgres", failed(1, "runuser: may not be used by non-root users"), "non-root users"),
        ("postgres", "postgres", failed(2, 'failed: FATAL:  role "postgres" does not exist'), "does not exist"),
        ("control", "control", failed(1, "Permission denied"), "Permission denied"),
        ("clock", "clock", failed(1, "Host is down"), "Host is down"),
        ("drbd", "drbd_proc", failed(1, "cat: /proc/drbd: Permission denied"), "Permission denied"),
        ("pacemaker", "pacemaker", Result((), 0, "<html/>", ""), "not crm_mon's"),
        ("configuration", "configuration", failed(1, "cat: Permission denied"), "Permission denied"),
    ],
)
def test_what_nobody_understands_is_unknown(part: str, name: str, result: Result, detail: str) -> None:
    found = getattr(read(**{name: result}), part)
    assert isinstance(found, Unknown)
    assert (found.why, detail in found.detail) == (Why.UNREADABLE, True)


def test_what_came_too_late_stays_unknown() -> None:
    late = Unknown(Why.LATE, "No answer within 10 seconds.")
    assert read(pacemaker=late).pacemaker == late


def test_what_was_not_asked_is_unknown() -> None:
    whole = healthy()
    left = {name: result for name, result in whole.results.items() if name not in {"links", "drbd-proc"}}
    view = read_node(Replies("north", 0.0, left))
    assert isinstance(view, NodeView)
    assert (view.links, view.drbd) == (
        Unknown(Why.MISSING, "links was not asked."),
        Unknown(Why.MISSING, "DRBD was not asked."),
    )


def test_pacemaker_that_does_not_run_answers_with_its_own_code() -> None:
    assert read(pacemaker=Result((), 102, replies.PACEMAKER_OFF, "")).pacemaker == NotRunning(
        "Pacemaker does not run here."
    )


def test_a_minority_answers_with_its_own_code() -> None:
    text = replies.QUORUM.replace("Quorate:          Yes", "Quorate:          No")
    assert read(quorum=Result((), 2, text, "")).quorum == Quorum(False, 3, 3, ("north", "south"), 1)


def test_a_standby_has_a_receiver() -> None:
    assert read(receiver=Result((), 0, replies.RECEIVER, "")).receiver == Receiver("streaming", 5, 0x103000060, 2.75)


def test_the_protocol_comes_from_the_configuration_where_the_source_does_not_tell_it() -> None:
    view = read(
        drbd_proc=Result((), 0, replies.PROC_9, ""),
        drbd_json=Result((), 0, replies.JSON, ""),
        drbd_show=Result((), 0, replies.SHOW, ""),
    )
    assert view.drbd == views.DRBD


def test_a_protocol_that_cannot_be_read_is_not_known() -> None:
    view = read(drbd_json=Result((), 0, replies.JSON, ""), drbd_show=failed(20, "usage"))
    assert view.drbd == replace(views.DRBD, protocol=None)


@pytest.mark.parametrize(
    "configuration",
    [
        failed(1, "cat: /etc/corosync/corosync.conf: No such file or directory"),
        Result((), 0, "nodelist {\nnode {\nname: node1\nnodeid: 1\nring0_addr: 127.0.0.1\n}\n}\n", ""),
    ],
)
def test_a_machine_without_a_pair_stands_alone(configuration: Result) -> None:
    assert read_node(healthy(configuration=configuration)) == Alone("north")


# Asked only where the first source does not tell enough; DRBD's later sources replace it.
OPTIONAL = {commands.DRBD_SHOW.name, commands.DRBD_PROC.name}
COMMANDS = [*commands.EVERYWHERE, commands.CONFIGURATION, commands.DRBD_PROC, commands.DRBD_JSON, commands.DRBD_SHOW]
TEXTS = [replies.PACEMAKER, replies.QUORUM, replies.LINKS, replies.CONFIGURATION, replies.PROC_SYNC, replies.JSON]


@given(
    st.dictionaries(
        st.sampled_from([command.name for command in COMMANDS]),
        st.builds(Result, st.just(()), st.sampled_from([0, 0, 0, 1, 2, 10, 102]), damaged(*TEXTS), st.text(max_size=9))
        | st.builds(Unknown, st.sampled_from(Why), st.text(max_size=9)),
    )
)
def test_any_replies_are_read_and_judged(changes: dict[str, Result | Unknown]) -> None:
    whole = healthy()
    view = read_node(Replies("north", 0.0, {**whole.results, **changes}))
    judgement = decide(view if isinstance(view, Alone) else ClusterView(view))
    assert judgement.sentence().endswith(".")
    asked = [one for name, one in changes.items() if name not in OPTIONAL]
    assert not (judgement.ready and any(isinstance(one, Unknown) for one in asked))
