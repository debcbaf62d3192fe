"""The files of a call and the figures of its streams."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recordings.models.call import Call
from recordings.pipeline.spool.silences import Spans


class Version(models.Model):
    """One immutable set of library files; paths are relative to the library. A better one gets the next number."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    file = models.CharField(_("audio file"), max_length=200, blank=True)
    format = models.CharField(_("format"), max_length=8, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    sample_rate = models.PositiveIntegerField(_("sample rate"), default=0)
    duration_ms = models.PositiveBigIntegerField(_("length in milliseconds"), default=0)
    details = models.CharField(_("details file"), max_length=200, blank=True)
    peaks = models.CharField(_("waveform file"), max_length=200, blank=True)
    packets = models.CharField(_("packets file"), max_length=200, blank=True)
    packets_sha256 = models.CharField(max_length=64, blank=True)
    coverage = models.JSONField(_("coverage"), default=dict)
    signalling = models.JSONField(_("signalling"), null=True, blank=True)
    """Digests of the SIP messages that it holds, to compare copies without their files; None was not noted."""
    silences = models.JSONField(_("silenced spans"), null=True, blank=True)
    """[[from, to], …] in nanoseconds since 1970, which nobody may hear; their packets are not in it. None: none."""
    activation = models.UUIDField(_("activation"), null=True, blank=True)
    created = models.DateTimeField(_("stored"), auto_now_add=True)
    details_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    """Empty for a version stored before this was noted."""
    linked = models.BooleanField(default=False, db_default=False, editable=False)
    """Whether it stands in a chain of evidence."""
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    check_found = models.CharField(max_length=200, blank=True, default="", db_default="")
    """Codes of what differed at the last check, separated by spaces."""

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ("call", "number")
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="one_version_per_number")]
        indexes = [models.Index(fields=["id"], condition=models.Q(linked=False), name="version_to_link")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.number}"

    @property
    def spans(self) -> Spans:
        return tuple((start, end) for start, end in self.silences or ())

    def files(self) -> list[str]:
        """All library files of this version, relative to the library."""
        return [name for name in (self.file, self.details, self.peaks, self.packets) if name]


class Stream(models.Model):
    """One direction of one RTP source in the call's current version; `side` is who speaks: caller, callee or empty."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="streams")
    position = models.PositiveIntegerField()
    ssrc = models.CharField("SSRC", max_length=10)
    codec = models.CharField(_("codec"), max_length=40)
    source = models.CharField(_("source"), max_length=64)
    destination = models.CharField(_("destination"), max_length=64)
    side = models.CharField(_("side"), max_length=8, blank=True)
    media = models.CharField(_("media"), max_length=16, default="audio")
    encrypted = models.BooleanField(_("encrypted"), default=False)
    wrapping = models.CharField(_("VLAN and tunnel"), max_length=120, blank=True, default="", db_default="")
    """How the mirror port brought it: "vlan 100", "vlan 7 gre", empty for plain."""
    packets = models.PositiveBigIntegerField(_("packets"), default=0)
    lost = models.PositiveBigIntegerField(_("lost"), default=0)
    late = models.PositiveBigIntegerField(_("late"), default=0)
    duplicates = models.PositiveBigIntegerField(_("duplicates"), default=0)
    jitter_ms = models.FloatField(_("jitter in milliseconds"), default=0)
    mos = models.FloatField("MOS", null=True, blank=True)
    seconds = models.FloatField(_("seconds"), default=0)
    first = models.DateTimeField(_("first packet"), null=True, blank=True)
    last = models.DateTimeField(_("last packet"), null=True, blank=True)

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        ordering = ("call", "position")
        constraints = [models.UniqueConstraint(fields=["call", "position"], name="one_stream_per_position")]

    def __str__(self) -> str:
        return f"{self.ssrc} {self.codec}"
