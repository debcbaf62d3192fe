"""A machine becomes a node of a cluster, once."""

import pytest

from apresa.node.domain import become, identity
from apresa.node.models import Role

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def test_a_lone_machine_becomes_what_its_set_up_says() -> None:
    become(Role.SECONDARY, "192.0.2.12", 24, "192.0.2.10")
    node = identity()
    assert (node.role, node.initial_role, node.address, node.mask, node.primary_address) == (
        *(Role.SECONDARY, Role.SECONDARY, "192.0.2.12", 24, "192.0.2.10"),
    )


def test_a_node_that_took_over_meanwhile_keeps_its_role() -> None:
    become(Role.SECONDARY, "192.0.2.12", 24, "192.0.2.10")
    node = identity()
    node.role = Role.PRIMARY
    node.save()
    become(Role.SECONDARY, "192.0.2.12", 24, "192.0.2.10")
    assert (identity().role, identity().initial_role) == (Role.PRIMARY, Role.SECONDARY)
