"""Notes and tags of a call."""

import uuid

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recordings.api.access import SIGNED_IN, call_or_404, check, reader
from recordings.api.acts import MayNote, given, told, who
from recordings.api.serializers import ERRORS, ErrorSerializer
from recordings.domain import notes
from recordings.models import Note
from recordings.queries.acts import notes_on, tags_offered, words_on
from recordings.queries.calls import visible_calls

CHANGES = {400: ErrorSerializer, 409: ErrorSerializer, **ERRORS}
REMOVED = {204: None, 202: OpenApiTypes.OBJECT, **CHANGES}


class NoteSerializer(serializers.ModelSerializer[Note]):
    """`changed` and `changed_by` tell of the last change; the former text is in the audit trail."""

    author = serializers.CharField(source="by")
    changed = serializers.DateTimeField(source="stamp")

    class Meta:
        model = Note
        fields = ["id", "text", "author", "at", "changed", "changed_by"]


class NoteTextSerializer(serializers.Serializer[object]):
    text = serializers.CharField(help_text="1 to 4000 characters.")


class TagsSerializer(serializers.Serializer[object]):
    tags = serializers.ListField(child=serializers.CharField())


class TagWordSerializer(serializers.Serializer[object]):
    word = serializers.CharField(help_text="1 to 40 characters; kept in small letters.")


class CallNotes(APIView):
    permission_classes = SIGNED_IN
    parser_classes = (JSONParser,)

    @extend_schema(summary="The notes of a call, oldest first", responses={200: NoteSerializer(many=True), **ERRORS})
    def get(self, request: Request, call_id: uuid.UUID) -> Response:
        return Response(NoteSerializer(notes_on(call_or_404(request, call_id)), many=True).data)

    @extend_schema(summary="Write a note", request=NoteTextSerializer, responses={201: NoteSerializer, **CHANGES})
    def post(self, request: Request, call_id: uuid.UUID) -> Response:
        check(request, self, MayNote)
        call = call_or_404(request, call_id)
        with told():
            note = notes.add_note(call, given(request, "text")["text"], **who(request))
        return Response(NoteSerializer(note).data, status=status.HTTP_201_CREATED)


class CallNote(APIView):
    permission_classes = SIGNED_IN
    parser_classes = (JSONParser,)

    @extend_schema(summary="Change an own note", request=NoteTextSerializer, responses={200: NoteSerializer, **CHANGES})
    def patch(self, request: Request, call_id: uuid.UUID, note_id: uuid.UUID) -> Response:
        call = call_or_404(request, call_id)
        with told():
            note = notes.change_note(call, note_id, given(request, "text")["text"], **who(request))
        return Response(NoteSerializer(note).data)

    @extend_schema(summary="Remove a note", responses=REMOVED)
    def delete(self, request: Request, call_id: uuid.UUID, note_id: uuid.UUID) -> Response:
        call = call_or_404(request, call_id)
        with told():
            notes.remove_note(call, note_id, **who(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CallTags(APIView):
    permission_classes = SIGNED_IN
    parser_classes = (JSONParser,)

    @extend_schema(summary="The tags of a call", responses={200: TagsSerializer, **ERRORS})
    def get(self, request: Request, call_id: uuid.UUID) -> Response:
        return Response({"tags": words_on(call_or_404(request, call_id))})

    @extend_schema(summary="Put a tag on a call", request=TagWordSerializer, responses={201: TagsSerializer, **CHANGES})
    def post(self, request: Request, call_id: uuid.UUID) -> Response:
        check(request, self, MayNote)
        call = call_or_404(request, call_id)
        with told():
            notes.add_tag(call, given(request, "word")["word"], **who(request))
        return Response({"tags": words_on(call)}, status=status.HTTP_201_CREATED)


class CallTag(APIView):
    permission_classes = (*SIGNED_IN, MayNote)

    @extend_schema(summary="Take a tag off a call; one that is not on it is no error", responses=REMOVED)
    def delete(self, request: Request, call_id: uuid.UUID, word: str) -> Response:
        call = call_or_404(request, call_id)
        with told():
            notes.remove_tag(call, word, **who(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Tags(APIView):
    permission_classes = SIGNED_IN

    @extend_schema(
        summary="Tags in use on the calls that you may see, the most frequent first; at most 20",
        parameters=[OpenApiParameter("q", OpenApiTypes.STR, description="Any part of the tag")],
        responses=TagsSerializer,
    )
    def get(self, request: Request) -> Response:
        user = reader(request)
        return Response({"tags": tags_offered(visible_calls(user), request.query_params.get("q", ""))})
