"""Archives of a site: tar files that are, to the byte, what their manifest says.

An archive is a plain tar file that any tar reads. Its members follow one another in this order:

    manifest.json       what is in the archive, padded with blanks
    manifest.json.sig   the SHA-256 of manifest.json with its signature
    database.…          the database
    evidence/…          the files of evidence, under their names in the storage

A manifest determines every other byte, so whoever reads an archive compares rather than interprets:
no link, no device, no name that is not in the manifest can be in it.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from commitments.exceptions import BackupError, RestoreError
from commitments.operations.backup.manifest import (
    Manifest,
    Member,
    is_signed_here,
    manifest_bytes,
    parse_manifest,
    signature_of,
)

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
CHUNK_BYTES = 2**20
END = bytes(2 * tarfile.BLOCKSIZE)


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    def write(self, data: bytes, /) -> object: ...


def _header(name: str, size: int) -> bytes:
    """Return the header of a member, which has the same bytes for the same name and size."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


def _framed(name: str, content: bytes) -> bytes:
    """Return a small member as the archive contains it: header, content and padding."""
    return _header(name, len(content)) + content + _padding(len(content))


def _front(manifest: bytes) -> bytes:
    """Return the beginning of an archive: its manifest and the manifest's signature."""
    return _framed(MANIFEST, manifest) + _framed(SIGNATURE, signature_of(manifest))


# Writing


class ArchiveWriter:
    """Writes an archive to a new file. The manifest comes first but is complete only when
    everything else has been hashed, so space as long as `largest`, a manifest at least as long, is
    reserved until `finish`."""

    def __init__(self, file: BinaryIO, largest: Manifest) -> None:
        self._file = file
        self._manifest_size = len(manifest_bytes(largest))
        file.write(_front(bytes(self._manifest_size)))

    def add(self, name: str, source: Readable, size: int) -> Member:
        """Copy a file of this size, in bytes, into the archive. Raise BackupError if its size
        differs. If it cannot be read to its end, nothing of it stays in the archive."""
        begin = self._file.tell()
        try:
            return self._added(name, source, size)
        except OSError:
            self._file.seek(begin)
            self._file.truncate()
            raise

    def _added(self, name: str, source: Readable, size: int) -> Member:
        digest, left = hashlib.sha256(), size
        chunk = source.read(CHUNK_BYTES)
        self._file.write(_header(name, size))
        while chunk:
            left -= len(chunk)
            digest.update(chunk)
            self._file.write(chunk)
            chunk = source.read(CHUNK_BYTES)
        if left:
            raise BackupError(f"{name} changed while it was copied.")
        self._file.write(_padding(size))
        return Member(name, size, digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """End the archive, write the manifest in its place, and flush everything to the disk."""
        self._file.write(END)
        self._file.seek(0)
        self._file.write(_front(manifest_bytes(manifest).ljust(self._manifest_size)))
        self._file.flush()
        os.fsync(self._file.fileno())


# Reading


class Archive:
    """An archive that was found complete; `is_own` says whether this site signed it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file_size = os.fstat(file.fileno()).st_size
        content = self._read_manifest(file_size)
        signature = self._read_signature(content)
        self.is_own = is_signed_here(content, signature)
        self.manifest = parse_manifest(content)
        self._members_begin = place = file.tell()
        self._places: dict[str, int] = {}
        for member in self.manifest.members:
            place += len(_header(member.name, member.size))
            self._places[member.name] = place
            place += member.size + len(_padding(member.size))
        if file_size != place + len(END):
            raise RestoreError(
                f"The archive is damaged or incomplete: it has {file_size} bytes instead of "
                f"{place + len(END)}."
            )

    def _read_manifest(self, file_size: int) -> bytes:
        block = self._file.read(tarfile.BLOCKSIZE)
        try:
            size = tarfile.TarInfo.frombuf(block, "utf-8", "strict").size
        except (tarfile.HeaderError, ValueError):
            size = -1
        if not 0 <= size <= file_size or block != _header(MANIFEST, size):
            raise RestoreError("The file is no backup of a tracker, or is damaged.")
        content = self._file.read(size)
        self._expect(_padding(size), MANIFEST)
        return content

    def _read_signature(self, manifest: bytes) -> bytes:
        size = len(signature_of(manifest))
        self._expect(_header(SIGNATURE, size), SIGNATURE)
        signature = self._file.read(size)
        self._expect(_padding(size), SIGNATURE)
        return signature

    def check(self) -> None:
        """Raise RestoreError unless every byte is what the manifest says."""
        self._file.seek(self._members_begin)
        for member in self.manifest.members:
            self._expect(_header(member.name, member.size), member.name)
            self._pass_on(member, None)
            self._expect(_padding(member.size), member.name)
        self._expect(END, "its end")

    def copy(self, member: Member, target: Writable) -> None:
        """Write the content of a member to an open file. Raise RestoreError if it differs from the
        manifest: the archive may have been changed since it was checked."""
        self._file.seek(self._places[member.name])
        self._pass_on(member, target)

    def _pass_on(self, member: Member, target: Writable | None) -> None:
        digest, left = hashlib.sha256(), member.size
        while left and (chunk := self._file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            digest.update(chunk)
            if target is not None:
                target.write(chunk)
        if digest.hexdigest() != member.sha256:
            raise RestoreError(f"The archive is damaged: {member.name} has another digest.")

    def _expect(self, expected: bytes, place: str) -> None:
        if self._file.read(len(expected)) != expected:
            raise RestoreError(f"The archive is damaged at {place}.")


@contextmanager
def open_archive(path: Path, *, accept_foreign: bool = False) -> Iterator[Archive]:
    """Open an archive and check every byte of it. Raise RestoreError if it is not an archive, if it
    is damaged or altered or, unless `accept_foreign`, if another site signed it."""
    if not path.is_file():
        raise RestoreError(f"There is no file {path}.")
    with path.open("rb") as file:
        archive = Archive(file)
        if not (archive.is_own or accept_foreign):
            raise RestoreError(
                "The archive was signed with another SECRET_KEY, or altered. If it is from this "
                "site, carry the SECRET_KEY over; if you trust it, add --accept-foreign."
            )
        archive.check()
        yield archive
