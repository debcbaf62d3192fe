"""The evidence package: one zip that is checked without Apresa. Stored, not compressed, so that any reader can."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from recordings.evidence import statement
from recordings.evidence.chain import ProofError, canonical
from recordings.evidence.keys import NodeKey

FORMAT = "apresa-evidence-1"
READERS = ("verify.py", "verify.html", "README.txt")
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
CHUNK = 1 << 20
LARGEST = (1 << 31) - 1  # of one file, without ZIP64
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same content is the same zip; when it was made is in the manifest


@dataclass(slots=True)
class Package:
    """A zip in the making; each file's digest goes into the signed manifest."""

    zip: zipfile.ZipFile
    files: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        with self._open(name) as file:
            file.write(content)
        self.files[name] = hashlib.sha256(content).hexdigest()

    def add_file(self, name: str, path: Path) -> None:
        """Copy a file piece by piece. Raises OSError; ProofError for one that is too large."""
        if path.stat().st_size > LARGEST:
            raise ProofError(f"{name} is larger than 2 GiB, more than the package's readers take.")
        digest = hashlib.sha256()
        with path.open("rb") as source, self._open(name) as file:
            while data := source.read(CHUNK):
                digest.update(data)
                file.write(data)
        self.files[name] = digest.hexdigest()

    def close(self, call: str, made: str, key: NodeKey) -> None:
        manifest = canonical({"format": FORMAT, "call": call, "made": made, "files": self.files})
        signature = canonical({"key": key.public, "signature": key.sign(statement.package(manifest))})
        for name, text in ((MANIFEST, manifest), (SIGNATURE, signature)):
            with self._open(name) as file:
                file.write(text.encode())

    def _open(self, name: str) -> IO[bytes]:
        return self.zip.open(zipfile.ZipInfo(name, LONG_AGO), "w", force_zip64=False)


@contextmanager
def writing(path: Path) -> Iterator[Package]:
    """Write a package with the tools that check it. Raises OSError."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        package = Package(archive)
        folder = Path(__file__).parent / "reader"
        for name in READERS:
            package.add_file(name, folder / name)
        yield package
