"""API tokens."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from apresa.accounts import tokens
from apresa.accounts.api import TokenAuthentication, TokenScope
from apresa.accounts.models import Token, TokenUse
from apresa.shared import clock
from tests.apresa.accounts.people import anna

KINDS = st.sampled_from(["Bearer ", "Token ", "Bearer apr_", "", "Basic "])
pytestmark = pytest.mark.django_db(databases=["default", "node"])


def test_secret_finds_its_token_and_is_kept_nowhere() -> None:
    token, secret = tokens.create(user=anna(), name="crm")
    row = Token.objects.filter(pk=token.pk).values_list().get()
    assert tokens.find(secret) == token
    assert [value for value in row if secret in str(value)] == []


def test_expired_token_is_not_found() -> None:
    _, secret = tokens.create(user=anna(), name="crm", expires_at=clock.now() - timedelta(seconds=1))
    assert tokens.find(secret) is None


def test_token_of_a_disabled_user_is_not_found() -> None:
    user = anna()
    _, secret = tokens.create(user=user, name="crm")
    user.is_active = False
    user.save()
    assert tokens.find(secret) is None


def test_use_is_noted_on_this_machine() -> None:
    token, secret = tokens.create(user=anna(), name="crm")
    request = Request(APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {secret}", REMOTE_ADDR="192.0.2.9"))
    assert TokenAuthentication().authenticate(request) == (token.user, token)
    assert TokenUse.objects.get(token_id=token.pk).address == "192.0.2.9"


@pytest.mark.parametrize(
    ("method", "may_write", "allowed"), [("GET", False, True), ("POST", False, False), ("POST", True, True)]
)
def test_token_that_may_only_read_changes_nothing(method: str, may_write: bool, allowed: bool) -> None:
    token, _ = tokens.create(user=anna(), name="crm", may_write=may_write)
    request = Request(APIRequestFactory().generic(method, "/"))
    request.auth = token
    assert TokenScope().has_permission(request, APIView()) is allowed


class TestHeader(TestCase):
    """Whatever the header, the answer is "none of mine" or a refusal."""

    databases = {"default", "node"}

    @settings(max_examples=50, deadline=None)
    @given(
        st.sampled_from(["Bearer ", "Token ", "Bearer apr_", "", "Basic "]),
        st.text(st.characters(max_codepoint=255), max_size=300),
    )
    def test_arbitrary_header_never_signs_in(self, kind: str, rest: str) -> None:
        request = Request(APIRequestFactory().get("/", HTTP_AUTHORIZATION=(kind + rest)))
        try:
            outcome = TokenAuthentication().authenticate(request)
        except AuthenticationFailed:
            outcome = None
        assert outcome is None
