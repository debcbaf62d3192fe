"""The set-up by API: where it stands, what it would do, begin, go on."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apresa.jobs.models import Job
from cluster.api.access import ADMINISTRATOR
from cluster.api.acts import ActRefused, address_of, user_of
from cluster.domain import setup
from cluster.domain.setup import SetupRefused
from cluster.pairing.domain import store
from cluster.pairing.store import StoreError
from cluster.queries.setup import setup_state
from cluster.queries.setup_review import Review, begun, review_giving_up, review_primary, review_secondary, sentence
from cluster.queries.setup_told import kept_answers, setup_as_data
from cluster.setup import given
from cluster.setup.answers import Answers
from cluster.setup.answers import Role as NodeRole
from cluster.setup.kept import AnswersError
from cluster.setup.validate import Fault


class SetupSerializer(serializers.Serializer[object]):
    """`state` is that of the job; empty where no set-up was asked for. `agreed`: the answers of the cluster."""

    role = serializers.CharField()
    installed_for = serializers.ChoiceField(choices=("single", "cluster"))
    state = serializers.CharField()
    percent = serializers.IntegerField()
    error = serializers.CharField()
    steps = serializers.ListField()
    gives_up = serializers.BooleanField(help_text="Whether what was done is taken back.")
    untouched = serializers.BooleanField(help_text="It failed before anything was changed: it may be asked for anew.")
    agreed = serializers.DictField(allow_null=True)
    why_fixed = serializers.CharField(help_text="Why names and addresses cannot be changed; empty when they can.")


class WantedSetupSerializer(serializers.Serializer[object]):
    """Without confirm nothing is done: the answer says what would be. A secondary has its answers from the pairing."""

    part = serializers.ChoiceField(choices=("primary", "secondary"))
    answers = serializers.DictField(default=dict, help_text="As in docs/nodes.md; of the primary only.")
    confirm = serializers.BooleanField(default=False)


class SetupFaultSerializer(serializers.Serializer[object]):
    where = serializers.CharField(help_text='The answer, such as "second.mask".')
    code = serializers.CharField()
    sentence = serializers.CharField()


class SetupPreviewSerializer(serializers.Serializer[object]):
    allowed = serializers.BooleanField()
    danger = serializers.ListField(child=serializers.CharField(), help_text="What is lost by it.")
    will = serializers.ListField(child=serializers.CharField())
    faults = SetupFaultSerializer(many=True)


class SetupBegunSerializer(serializers.Serializer[object]):
    id = serializers.UUIDField()
    state = serializers.CharField()


class Setup(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(summary="How far the set-up of the cluster has come", responses=SetupSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- REST framework's signature
        return Response(setup_as_data())

    @extend_schema(
        summary="Set this machine up as a node of a cluster",
        request=WantedSetupSerializer,
        responses={200: SetupPreviewSerializer, 202: SetupBegunSerializer},
    )
    def post(self, request: Request) -> Response:
        form = WantedSetupSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted: dict[str, Any] = form.validated_data
        if begun(setup_state()):
            raise ActRefused(_("A set-up was begun here already, or the cluster stands. Ask how far it is, or go on."))
        answers = _given(wanted["answers"]) if wanted["part"] == "primary" else _agreed()
        if not wanted["confirm"]:
            return Response(_preview(wanted["part"], answers))
        who = {"by": user_of(request).username, "address": address_of(request)}
        try:
            job = setup.ask_primary(answers, **who) if wanted["part"] == "primary" else setup.ask_secondary(**who)
        except SetupRefused as error:
            raise _refused(error.faults) from None
        return Response(_begun(job), status=status.HTTP_202_ACCEPTED)


class SetupAgain(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(summary="Go on with a set-up that failed", request=None, responses={202: SetupBegunSerializer})
    def post(self, request: Request) -> Response:
        try:
            job = setup.again(by=user_of(request).username, address=address_of(request))
        except SetupRefused as error:
            raise _refused(error.faults) from None
        return Response(_begun(job), status=status.HTTP_202_ACCEPTED)


class GiveUpSerializer(serializers.Serializer[object]):
    confirm = serializers.BooleanField(
        default=False, help_text="Without it nothing is done: the answer says what would."
    )


class SetupGiveUp(APIView):
    permission_classes = ADMINISTRATOR

    @extend_schema(
        summary="Give a set-up up that failed: the machine works alone again",
        request=GiveUpSerializer,
        responses={200: SetupPreviewSerializer, 202: SetupBegunSerializer},
    )
    def post(self, request: Request) -> Response:
        form = GiveUpSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        if not form.validated_data["confirm"]:
            return Response(_preview_giving_up())
        try:
            job = setup.give_up(by=user_of(request).username, address=address_of(request))
        except SetupRefused as error:
            raise ActRefused(" ".join(sentence(one) for one in error.faults)) from None
        return Response(_begun(job), status=status.HTTP_202_ACCEPTED)


def _preview_giving_up() -> dict[str, Any]:
    found, agreed = setup_state(), kept_answers()
    reason = setup.against_giving_up()
    faults = () if reason is None else (Fault("", reason),)
    review = Review((), ()) if faults or agreed is None else review_giving_up(agreed, found.role, found)
    told = [{"where": one.where, "code": one.finding.code, "sentence": sentence(one)} for one in faults]
    return {"allowed": not faults, **asdict(review), "faults": told}


def _preview(part: NodeRole, answers: Answers) -> dict[str, Any]:
    faults = setup.faults(part, answers)
    review = Review((), ()) if faults else review_primary(answers) if part == "primary" else review_secondary(answers)
    told = [{"where": one.where, "code": one.finding.code, "sentence": sentence(one)} for one in faults]
    return {"allowed": not faults, **asdict(review), "faults": told}


def _given(found: dict[str, Any]) -> Answers:
    try:
        return given.answers(found)
    except AnswersError as error:
        raise ValidationError({"answers": [str(error)]}) from None


def _agreed() -> Answers:
    try:
        answers = store().answers() if store().peer() else None
    except StoreError as error:
        raise ActRefused(str(error)) from None
    if answers is None:
        raise ActRefused(_("This machine has no answers of a primary yet; pair it with the primary first."))
    return answers


def _refused(faults: tuple[Fault, ...]) -> ValidationError:
    told: dict[str, list[str]] = {}
    for fault in faults:
        told.setdefault(fault.where, []).append(sentence(fault))
    return ValidationError(told)


def _begun(job: Job) -> dict[str, Any]:
    return {"id": job.pk, "state": job.state}
