"""The answers that the lab gives to the set-up are a cluster with two links, and with a witness where there is one."""

import tomllib

import pytest

from cluster.setup.answers import Plan
from cluster.setup.given import answers as given
from cluster.setup.validate import check
from tests.lab.cluster.configure import answers
from tests.lab.cluster.network import LINKS
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import NUMBERS, address


@pytest.mark.parametrize("witness", ["", address(3)])
def test_the_answers_make_a_plan_with_each_link_of_the_lab(witness: str) -> None:
    first, second = (Node(number) for number in NUMBERS)
    plan = check(given(tomllib.loads(answers(first, second, witness))))
    assert isinstance(plan, Plan)
    told = [(one.name, [str(ip) for ip in one.addresses]) for one in plan.site().members]
    expected = [(node.name, [link.address(node.number) for link in LINKS]) for node in (first, second)]
    assert (told, plan.witness) == (expected, witness)
