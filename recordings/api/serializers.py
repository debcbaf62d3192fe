"""Calls as JSON."""

import uuid

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recordings.models import Call, CallAlias, Stream, Version
from recordings.queries.acts import words_on
from recordings.queries.calls import current_version, silenced


class StreamSerializer(serializers.ModelSerializer[Stream]):
    class Meta:
        model = Stream
        fields = [
            "ssrc", "codec", "media", "source", "destination", "side", "encrypted", "packets", "lost", "late",
            "duplicates", "jitter_ms", "mos", "seconds", "first", "last",
        ]  # fmt: skip


class CallSerializer(serializers.ModelSerializer[Call]):
    """A call in a list."""

    duration = serializers.SerializerMethodField(help_text="Seconds from the answer, else from the start, to the end.")

    tags = serializers.SerializerMethodField()
    on_hold = serializers.SerializerMethodField(
        help_text="Whether a hold keeps it from being deleted; null for who may not see holds."
    )

    class Meta:
        model = Call
        fields = [
            "id", "protocol", "caller", "callee", "caller_name", "callee_name", "started", "answered", "ended",
            "duration", "end_reason", "ended_by", "status", "state", "has_audio", "why_no_audio", "codecs", "mos",
            "node", "tags", "on_hold",
        ]  # fmt: skip

    def get_duration(self, call: Call) -> float:
        return call.duration_ms / 1000

    def get_tags(self, call: Call) -> list[str]:
        return words_on(call)

    def get_on_hold(self, call: Call) -> bool | None:
        return getattr(call, "on_hold", None)


class DigitSerializer(serializers.Serializer[dict[str, object]]):
    time_ns = serializers.IntegerField()
    digit = serializers.CharField()
    side = serializers.CharField()
    ms = serializers.IntegerField()


class RecordingSerializer(serializers.Serializer[Version]):
    """The current version's file."""

    version = serializers.IntegerField(source="number")
    format = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    sample_rate = serializers.IntegerField()
    duration = serializers.SerializerMethodField(help_text="Seconds of audio.")

    def get_duration(self, version: Version) -> float:
        return version.duration_ms / 1000


class SilencedSpanSerializer(serializers.Serializer[object]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class CallDetailSerializer(CallSerializer):
    """One call with all that is known of it."""

    streams = StreamSerializer(many=True)
    digits = DigitSerializer(many=True)
    recording = serializers.SerializerMethodField()
    aliases = serializers.SerializerMethodField(help_text="Other ids that name this call.")
    silenced = serializers.SerializerMethodField(help_text="Spans that nobody may hear: they were silenced by hand.")

    class Meta(CallSerializer.Meta):
        fields = [
            *CallSerializer.Meta.fields,
            "caller_uri", "callee_uri", "call_ids", "problem", "gaps", "notes", "policy", "version", "digits",
            "streams", "recording", "aliases", "silenced",
        ]  # fmt: skip

    @extend_schema_field(RecordingSerializer(allow_null=True))
    def get_recording(self, call: Call) -> dict[str, object] | None:
        version = current_version(call)
        return dict(RecordingSerializer(version).data) if version and version.file else None

    @extend_schema_field(SilencedSpanSerializer(many=True))
    def get_silenced(self, call: Call) -> list[dict[str, object]]:
        return [dict(SilencedSpanSerializer(span).data) for span in silenced(call, current_version(call))]

    def get_aliases(self, call: Call) -> list[uuid.UUID]:
        return list(CallAlias.objects.filter(call=call).order_by("pk").values_list("pk", flat=True))


class MessageSerializer(serializers.Serializer[object]):
    """A SIP message; text holds each byte as the character of that number (Latin-1)."""

    number = serializers.IntegerField()
    time_ns = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of this name hides the base's option
    destination = serializers.CharField()
    transport = serializers.CharField()
    leg = serializers.IntegerField()
    text = serializers.CharField()


class PeaksSerializer(serializers.Serializer[object]):
    """peaks holds, for each channel, the least and greatest sample in turn, from -1 to 1."""

    duration = serializers.FloatField()
    sample_rate = serializers.IntegerField()
    per_second = serializers.FloatField(help_text="Pairs a second: 50, less for a long call.")
    peaks = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class ErrorSerializer(serializers.Serializer[object]):
    code = serializers.CharField()
    message = serializers.CharField()


ERRORS = {403: ErrorSerializer, 404: ErrorSerializer, 410: ErrorSerializer, 503: ErrorSerializer}
