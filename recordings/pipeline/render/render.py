"""One call's stream files to one recording: the only entry for whoever wants audio."""

import hashlib
import os
from pathlib import Path

from recordings.pipeline.media.dtmf import digits
from recordings.pipeline.media.quality import Impairment, measure
from recordings.pipeline.render.coverage import coverage
from recordings.pipeline.render.encode import audio_format, encoding
from recordings.pipeline.render.mix import LONGEST_S, common_rate, mixed
from recordings.pipeline.render.peaks import PeakMeter
from recordings.pipeline.render.request import DigitRow, RenderRequest, RenderResult, StreamRow
from recordings.pipeline.render.track import CALLER, Track
from recordings.pipeline.render.tracks import load
from recordings.pipeline.render.voice import Voice
from recordings.pipeline.render.voices import Speaker, speakers, spoken_seconds, voices
from recordings.pipeline.spool.silences import Spans


def render(request: RenderRequest) -> RenderResult:
    """Make the recording's files; a call without sound gives a result with why_no_audio.

    Files appear under their names only when whole. Raises RenderError with the reason, or OSError (disk).
    """
    form = audio_format(request.format)
    folder = Path(request.folder)
    tracks, warnings = load(request.sources, request.silences)
    heard = speakers([track for track in tracks if track.binding.media == "audio" and not track.encrypted])
    spoken = [(speaker, voice) for speaker in heard for voice in voices(speaker)]
    audio = peaks = None
    seconds, rate, started_ns, size, sha256 = 0.0, 0, 0, 0, ""
    if spoken:
        rate = common_rate([voice.rate for _, voice in spoken])
        started_ns = min(voice.origin_ns for _, voice in spoken)
        audio, peaks = request.name + form.suffix, request.name + ".peaks"
        samples = _write(spoken, folder, audio, peaks, form.name, rate, started_ns)
        seconds = samples / rate
        warnings += [f"only the first {LONGEST_S // 3600} hours are in the recording"] if seconds >= LONGEST_S else []
        if samples:
            size, sha256 = (folder / audio).stat().st_size, _sha256(folder / audio)
        else:
            audio = peaks = None
    return RenderResult(
        audio=audio,
        peaks=peaks,
        why_no_audio="" if audio else why_silent(tracks, heard),
        format=form.name,
        seconds=round(seconds, 3),
        sample_rate=rate,
        started_ns=started_ns,
        size=size,
        sha256=sha256,
        streams=tuple(_row(track, _speaker_of(track, heard), request.silences) for track in tracks),
        digits=_digits(heard, started_ns),
        coverage=tuple(coverage(track) for track in tracks),
        warnings=(*warnings, *_complaints(tracks, heard, bool(audio))),
    )


def _write(
    spoken: list[tuple[Speaker, Voice]], folder: Path, audio: str, peaks: str, form: str, rate: int, zero_ns: int
) -> int:
    """Write both files, first under temporary names; returns the samples per channel."""
    left = [voice for speaker, voice in spoken if speaker.side == CALLER]
    right = [voice for speaker, voice in spoken if speaker.side != CALLER]
    meter = PeakMeter(rate)
    count = 0
    part = folder / f".{audio}.part"
    with encoding(part, form, rate) as write:
        for window in mixed(left, right, rate, zero_ns):
            write(window)
            meter.add(window)
            count += len(window)
    waveform = folder / f".{peaks}.part"
    waveform.write_bytes(meter.pack())
    if count:
        os.replace(waveform, folder / peaks)
        os.replace(part, folder / audio)
    else:
        waveform.unlink()
        part.unlink()
    return count


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def why_silent(tracks: list[Track], heard: list[Speaker]) -> str:
    """One sentence for a call without audio."""
    audio = [track for track in tracks if track.binding.media == "audio"]
    if not audio:
        return "no RTP packets"
    if any(track.encrypted for track in audio):
        return "encrypted (SRTP); no key"
    reasons = sorted({reason for track in audio for reason in track.unknown.values()})
    reasons += sorted({f"no packet could be decoded: {s.faults.example}" for s in heard if s.faults.packets})
    if reasons:
        return "; ".join(f"{reason}; its packets are kept" for reason in reasons)
    return "no sound was sent, only telephone events or comfort noise"


def _complaints(tracks: list[Track], heard: list[Speaker], audible: bool) -> list[str]:
    """What is amiss though there is audio."""
    said = [f"{s.faults.packets} packets could not be decoded: {s.faults.example}" for s in heard if s.faults.packets]
    if audible:
        unknown = {reason for track in tracks for reason in track.unknown.values() if track.binding.media == "audio"}
        said += sorted(f"{reason}; its packets are kept" for reason in unknown)
        said += ["one stream is encrypted (SRTP) and silent"] if any(track.encrypted for track in tracks) else []
    conflicts = sum(track.ordered.conflicts for track in tracks)
    return [*said, *([f"{conflicts} packets came twice with different content"] if conflicts else [])]


def _speaker_of(track: Track, heard: list[Speaker]) -> Speaker | None:
    return next((speaker for speaker in heard if track in speaker.tracks), None)


def _row(track: Track, speaker: Speaker | None, silences: Spans) -> StreamRow:
    codec = track.codecs.get(track.main_type)
    impairment = codec.impairment if codec else Impairment()
    quality = measure(track.packets, track.ordered, track.clock(), impairment, silences)
    return StreamRow(
        ssrc=f"0x{track.ssrc:08x}",
        codec=track.codec_name(),
        source=track.binding.source,
        destination=track.binding.destination,
        side=track.side,
        packets=quality.packets,
        lost=quality.lost,
        late=quality.late,
        duplicates=quality.duplicates,
        conflicts=track.ordered.conflicts,
        jitter_ms=quality.jitter_ms,
        jitter_max_ms=quality.jitter_max_ms,
        max_gap_ms=quality.max_gap_ms,
        mos=quality.mos,
        r_factor=quality.r_factor,
        seconds=round(spoken_seconds(track), 3),
        first_ns=int(track.packets.time_ns.min()),
        last_ns=int(track.packets.time_ns.max()),
        encrypted=track.encrypted,
        undecodable=speaker.faults.packets if speaker else 0,
        holes=tuple((hole.start_ns, hole.end_ns, hole.packets, hole.reason) for hole in track.holes),
    )


def _digits(heard: list[Speaker], started_ns: int) -> tuple[DigitRow, ...]:
    rows = []
    for speaker in heard:
        track = speaker.tracks[0]
        for number in track.events:
            packets = speaker.ordered.packets
            for digit in digits(packets.take(packets.payload_type == number), track.clock(number)):
                second = (digit.start_ns - started_ns) / 1e9 if started_ns else 0.0
                rows.append(DigitRow(digit.start_ns, digit.digit, digit.milliseconds, speaker.side, round(second, 3)))
    return tuple(sorted(rows, key=lambda row: row.time_ns))
