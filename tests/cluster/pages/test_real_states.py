"""The page of every sampled node: no state that a cluster was really in breaks it."""

import pytest
from django.test import Client
from django.utils.html import escape

from apresa.shared import clock
from cluster.models import Observation
from tests.apresa.accounts.people import anna
from tests.samples.cluster.real_states import EXPECTED
from tests.samples.cluster.shared import sampled

pytestmark = [
    pytest.mark.shared,
    pytest.mark.django_db(databases=["default", "node"]),
    pytest.mark.usefixtures("platform"),
]


def test_every_sampled_state_has_its_sentence_on_the_page() -> None:
    client = Client()
    client.force_login(anna())
    wrong = []
    for node, (sentence, _codes) in EXPECTED.items():
        kept = {"at": clock.now(), "report": sampled(node).to_json()}
        Observation.objects.update_or_create(id=1, defaults=kept)
        page = client.get("/cluster/state/").content.decode()
        if f'<h2 id="sentence">{escape(sentence)}</h2>' not in page:
            wrong.append(node)
    assert wrong == []
