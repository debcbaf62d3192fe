"""The table of command lines."""

import re

from cluster import commands
from cluster.commands import EVERYWHERE, PROGRAMS, Command, Meaning
from cluster.observe import DEADLINE

ALL = [value for value in vars(commands).values() if isinstance(value, Command)]


def test_every_program_has_a_full_path() -> None:
    assert {command.argv[0] for command in ALL} - PROGRAMS.keys() == set()
    assert [path for path in PROGRAMS.values() if not path.startswith("/")] == []


def test_names_are_unique() -> None:
    assert len({command.name for command in ALL}) == len(ALL)


def test_a_code_that_leaves_it_to_the_text_names_the_words() -> None:
    for command in ALL:
        assert (Meaning.ASK_TEXT in command.codes.values()) == bool(command.off)
        re.compile(command.off)


def test_each_command_ends_before_the_deadline_of_all() -> None:
    assert [command.name for command in EVERYWHERE if command.seconds >= DEADLINE] == []


def test_nothing_that_is_run_here_changes_anything() -> None:
    words = {word for command in ALL for word in command.argv}
    assert words & {"primary", "secondary", "connect", "disconnect", "up", "down", "adjust", "invalidate"} == set()
