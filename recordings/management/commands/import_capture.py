"""`import_capture FILE…`: capture files through the same path as live calls."""

import argparse
import json
import shutil
import sys
import uuid
from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from apresa import replicated
from apresa.layout import LibraryMissing
from apresa.node.activation import Superseded
from apresa.node.domain import is_active
from apresa.shared.names import file_name
from recordings.domain.here import here
from recordings.domain.importing import OK, UNREADABLE, Imported, ImportRefused, forget, take_in
from recordings.domain.place import Place
from recordings.domain.rendering import Renderer, renderer
from recordings.domain.scratch import scratch_place
from recordings.domain.settling import SessionOutcome, settle_session
from recordings.models import Call, CallAlias, Stream, Version
from recordings.queries.export import call_json

FORMATS = ("flac", "wav", "ulaw", "opus", "mp3")
EPILOG = """exit status: 0 all files were imported (a call that is stored already is not stored again);
1 a file is no capture, damaged or cut short (what was whole is kept), or a call could not be rendered or must wait;
2 wrong usage or settings; 5 the same capture is being imported by another process"""


class Command(BaseCommand):
    help = "Import capture files (pcap, pcapng, also in gzip): each call in them is stored once."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.epilog = EPILOG
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.add_argument("files", nargs="+", metavar="FILE", help="a capture file, or - for standard input")
        parser.add_argument("--json", action="store_true", help="print one JSON object per call, one per line")
        parser.add_argument("--format", choices=FORMATS, help="the recordings' format (else as the settings say)")
        parser.add_argument("--audio-dir", type=Path, metavar="DIR", help="put each call's audio here too")
        parser.add_argument("--key-log", type=Path, metavar="FILE", help="secrets of TLS connections (an NSS key log)")
        parser.add_argument("--max-size", type=int, metavar="BYTES", help="most bytes to read of a file, once unpacked")
        parser.add_argument(
            "--scratch", action="store_true", help="work in a temporary spool, library and database; leave nothing"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["max_size"] is not None and options["max_size"] <= 0:
            raise CommandError("--max-size must be a positive number of bytes.", returncode=2)
        if options["audio_dir"]:
            try:
                options["audio_dir"].mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CommandError(f"--audio-dir cannot be used: {error}.", returncode=2) from None
        status = OK
        try:
            with self._place(options) as place, renderer() as render:
                for file in options["files"]:
                    status = max(status, self._import(place, render, file, options))
        except KeyboardInterrupt:
            raise CommandError("Stopped: import the capture again to store the rest of it.", returncode=130) from None
        if status:
            sys.exit(status)

    def _place(self, options: dict[str, Any]) -> AbstractContextManager[Place]:
        if options["scratch"]:
            return scratch_place(options["format"] or "flac", _size(options["files"]))
        try:
            return nullcontext(here(options["format"]))
        except (OSError, DatabaseError) as error:
            raise CommandError(f"This installation is not ready: {error} Run manage.py migrate first.") from None

    def _import(self, place: Place, render: Renderer, file: str, options: dict[str, Any]) -> int:
        console = Console(stderr=True)
        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        with bar:
            task = bar.add_task(f"{Path(file).name}: reading", total=None)

            def read(packets: int) -> None:
                bar.update(task, description=f"{Path(file).name}: {packets} packets")

            def settled(done: int) -> None:
                bar.update(task, description=f"{Path(file).name}: {done} calls stored")

            imported: Imported | None = None
            try:
                imported = take_in(place, file, max_size=options["max_size"], progress=read, key_log=options["key_log"])
                if not options["scratch"] and not is_active():
                    self.stderr.write("This machine is not the cluster's active node: the calls wait in its spool.")
                    return UNREADABLE
                outcome = settle_session(place, render, imported.session, settled)
            except ImportRefused as refused:
                self.stderr.write(f"{refused}")
                return refused.status
            except (LibraryMissing, OSError, DatabaseError, Superseded) as error:
                if imported is None:
                    self.stderr.write(f"{file} cannot be taken into the spool, nothing of it was stored: {error}")
                    return UNREADABLE
                said = f"{error.strerror}." if isinstance(error, OSError) and error.strerror else str(error)
                self.stderr.write(f"{said} The calls wait in the spool and are stored later.")
                return UNREADABLE
        forget(imported)
        try:
            self._tell(place, imported, outcome, options)
        except OSError as error:
            self.stderr.write(f"The calls are stored, but their audio could not be put aside: {error}")
            return UNREADABLE
        for reason in outcome.failed:
            self.stderr.write(f"A call could not be rendered, and is tried again later: {reason}")
        if imported.fault:
            self.stderr.write(imported.fault)
        return UNREADABLE if imported.fault or outcome.failed else OK

    def _tell(self, place: Place, imported: Imported, outcome: SessionOutcome, options: dict[str, Any]) -> None:
        calls = _stored_calls(imported, outcome)
        versions = {(row.call_id, row.number): row for row in Version.objects.filter(call__in=calls)}
        streams: dict[uuid.UUID, list[Stream]] = defaultdict(list)
        for row in Stream.objects.filter(call__in=calls).order_by("position"):
            streams[row.call_id].append(row)
        for call in calls:
            version = versions.get((call.pk, call.version))
            audio = place.library / version.file if version and version.file else None
            if audio and options["audio_dir"]:
                audio = _copy_audio(audio, call, options["audio_dir"])
            if options["json"]:
                self.stdout.write(json.dumps(call_json(call, version, streams[call.pk], audio)))
        old = sum(call.pk not in outcome.stored for call in calls)
        gone = f", {outcome.dropped} not stored as deleted before or refused by a rule" if outcome.dropped else ""
        if not options["json"] or old or gone:
            already = f", {old} of them already stored" if old else ""
            self.stderr.write(f"{len(calls)} call{'' if len(calls) == 1 else 's'}{already}{gone}.")
        if calls and not replicated.is_saved():
            self.stderr.write("The calls are stored here, not yet on the other node. They follow by themselves.")


def _size(files: list[str]) -> int | None:
    """Bytes of all captures; None when standard input is among them, or one cannot be asked."""
    try:
        return None if "-" in files else sum(Path(file).stat().st_size for file in files)
    except OSError:
        return None


def _stored_calls(imported: Imported, outcome: SessionOutcome) -> list[Call]:
    """The rows of the capture's calls, each once, in the order of their first packets."""
    names = [outcome.named.get(call.local) or uuid.UUID(call.uuid) for call in imported.calls]
    aliases = dict(CallAlias.objects.filter(pk__in=names).values_list("pk", "call_id"))
    rows = Call.objects.in_bulk([aliases.get(name, name) for name in names])
    return sorted(rows.values(), key=lambda call: (call.started, str(call.pk)))


def _copy_audio(audio: Path, call: Call, folder: Path) -> Path:
    stem = file_name(call.call_ids[0] if call.call_ids else str(call.pk))
    target = folder / f"{stem}{audio.suffix}"
    if target.exists():  # another call with the same Call-ID
        target = folder / f"{stem}.{str(call.pk)[:8]}{audio.suffix}"
    shutil.copyfile(audio, target)
    return target
