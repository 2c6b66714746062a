"""Evidence files: where they are stored, how large they can be, and how storing and deleting them
follows the database transaction.

They are stored under random names in a folder that no web server serves.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Any, cast

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.db import connection, transaction
from django.utils.translation import gettext as _

from commitments.exceptions import FileRefused, FileTooLarge, StorageUnavailable
from commitments.files.file_types import recognise
from commitments.files.metadata import without_metadata
from commitments.files.picture_size import harm_of_picture
from commitments.texts.visible import is_blank

MAX_FILE_NAME_LENGTH = 255
# The limit of all files of one request together, in multiples of the limit of one file.
MAX_FULL_SIZE_FILES = 4
# The name of a file whose own name has no visible characters.
UNNAMED = "file"
# Control characters, and those that reverse the direction of text: with one, “fdp.exe” is displayed
# as “exe.pdf”.
INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def evidence_storage() -> Storage:
    """Return the storage named `evidence` in the settings."""
    return storages["evidence"]


def storage_place() -> str:
    """Return where the evidence is stored, and which setting says so, in words for an operator."""
    storage = evidence_storage()
    return str(getattr(storage, "place", type(storage).__name__))


# What `random_name` returns.
RANDOM_NAME = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{30}")


def random_name(instance: object = None, original: str = "") -> str:
    """Return a name in the storage that cannot be guessed and reveals nothing about the file. The
    arguments are those that Django passes to a field's `upload_to`."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name}"


# Uploads


class UploadTooLarge(UploadedFile):  # type: ignore[type-arg]
    """Placeholder for an upload beyond the size limit, without its content."""


class UploadSizeLimit(FileUploadHandler):
    """Upload handler that discards what exceeds the size limits. It still reads the request to its
    end: a client that is still sending would not read the response."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received_of_file = 0
        self.received_in_request = getattr(self, "received_in_request", 0)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received_of_file += len(raw_data)
        self.received_in_request += len(raw_data)
        return None if self._exceeds_limits() else raw_data

    def _exceeds_limits(self) -> bool:
        limit: int = settings.EVIDENCE_MAX_BYTES
        limit_of_request = MAX_FULL_SIZE_FILES * limit
        return self.received_of_file > limit or self.received_in_request > limit_of_request

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if not self._exceeds_limits():
            return None
        for handler in self.request.upload_handlers if self.request else ():
            # Let the other handlers discard what they have received of this file.
            handler.upload_interrupted()
        return UploadTooLarge(name=self.file_name, size=self.received_of_file)


def inspect_upload(upload: UploadedFile[Any]) -> dict[str, Any]:
    """Return the columns of Evidence for an upload: the file to store, its name, its size in bytes,
    its SHA-256 in hexadecimal and its media type. The file is the upload, unless that is an image
    with metadata, which are taken out. Raise FileTooLarge or FileRefused with the reason."""
    if isinstance(upload, UploadTooLarge) or (upload.size or 0) > settings.EVIDENCE_MAX_BYTES:
        sentence = _("The file is larger than the limit of %(most)s MB.")
        raise FileTooLarge(sentence % {"most": max_megabytes()})
    name = display_name(upload.name or "")
    file_type = recognise(cast("IO[bytes]", upload.file), name)
    file = _file_to_store(upload, file_type.media_type)
    digest, size = digest_and_size(file)
    return {
        "file": file,
        "file_name": name,
        "file_size": size,
        "file_sha256": digest,
        "file_type": file_type.media_type,
    }


def _file_to_store(upload: UploadedFile[Any], media_type: str) -> File[Any]:
    upload.seek(0)
    content = upload.read()
    kept = without_metadata(content, media_type)
    harm = harm_of_picture(kept, media_type)
    if harm:
        raise FileRefused(str(harm))
    # The upload itself may be on disk; the limits of a request say how much is held in memory.
    return upload if kept == content else ContentFile(kept, name=upload.name)


def digest_and_size(file: File[Any]) -> tuple[str, int]:
    """Return the SHA-256 of a file in hexadecimal and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    for chunk in file.chunks():
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def max_megabytes() -> str:
    """Return the size limit of a file in MB, with at most one decimal, for messages."""
    return f"{round(settings.EVIDENCE_MAX_BYTES / 2**20, 1):g}"


def display_name(name: str) -> str:
    """Return the file name of an upload without its path and invisible characters, shortened to
    MAX_FILE_NAME_LENGTH with its extension kept; one that shows nothing becomes UNNAMED."""
    name = INVISIBLE.sub("", unicodedata.normalize("NFC", name))
    name = re.split(r"[/\\]", name)[-1].strip()
    # With a letter before it, even a name that is only an extension, such as “.txt”, has one.
    extension = PurePosixPath(f"x{name}").suffix[:20]
    stem = name[: MAX_FILE_NAME_LENGTH - len(extension)].removesuffix(extension)
    return (UNNAMED if is_blank(stem) else stem) + extension


# Transactions


@dataclass
class _NewFiles:
    """Names of the files stored inside `delete_unused_files`: those that no row has yet, and those
    of rows whose transaction has not been committed, with the session of the database that this
    transaction belongs to."""

    unclaimed: list[str] = field(default_factory=list)
    uncommitted: list[str] = field(default_factory=list)
    session: object = None


_new_files: ContextVar[_NewFiles] = ContextVar("_new_files")


@contextmanager
def delete_unused_files() -> Iterator[None]:
    """Delete, at the end of this block, the files that were stored inside it and that no row has:
    those that were not claimed and, if the block raises, those whose transaction was rolled back.
    It belongs around the transaction; of nested blocks only the outermost has an effect.

    Files are left to `orphaned_files` where it is not known whether the transaction was rolled
    back: when the session was lost, or the process is told to stop, its COMMIT may have been done.
    So they are when the storage does not respond, since each file would take as long to fail.
    """
    if _new_files.get(None) is not None:
        yield
        return
    files = _NewFiles()
    token = _new_files.set(files)
    try:
        yield
    except StorageUnavailable:
        raise
    except Exception:
        is_rolled_back = files.session is connection.connection
        _delete([*files.unclaimed, *(files.uncommitted if is_rolled_back else ())])
        raise
    else:
        _delete(files.unclaimed)
    finally:
        _new_files.reset(token)


def _delete(names: Iterable[str]) -> None:
    """Delete new files. What cannot be deleted now is left to `orphaned_files`: what was done, or
    why it failed, matters more."""
    with suppress(OSError):
        for name in names:
            evidence_storage().delete(name)


def store(upload: File[Any]) -> str:
    """Store a file under a random name and return it. A part of a file for which there was no room
    is deleted at once."""
    storage, name = evidence_storage(), random_name()
    upload.seek(0)
    try:
        # A large upload is a temporary file, which Django would move instead of copying it. It may
        # be needed again: if the form is refused, it waits for the next one.
        return storage.save(name, File(upload))
    except StorageUnavailable:
        # To delete would take as long to fail; `orphaned_files` finds what was stored nevertheless.
        raise
    except OSError:
        with suppress(StorageUnavailable):
            storage.delete(name)
        raise


def store_upload(file: File[Any]) -> str:
    """Store the file that `inspect_upload` returned and return its name in the storage. Call it
    inside `delete_unused_files`, before the transaction that saves a row with this name, which
    has to `claim` it: a slow storage then holds no locks."""
    name = store(file)
    _new_files.get().unclaimed.append(name)
    return name


def claim(name: str) -> None:
    """Keep a file that `store_upload` stored, if the current transaction is committed, which saves
    a row with this name."""
    files = _new_files.get()
    files.unclaimed.remove(name)
    files.uncommitted.append(name)
    files.session = connection.connection
    # After the commit the file belongs to a row, even if something fails later in the block.
    transaction.on_commit(partial(files.uncommitted.remove, name))


def delete_on_commit(name: str) -> None:
    """Delete a stored file when the current transaction is committed. A failure is logged."""

    def delete() -> None:
        evidence_storage().delete(name)

    transaction.on_commit(delete, robust=True)


def stored_before(time: datetime) -> Iterator[str]:
    """Return the names of all files of evidence last modified before this time. Others that are in
    the folder too, such as backups, are left out: nothing that is done with these concerns them."""
    storage = evidence_storage()
    try:
        folders, _files = storage.listdir("")
    except FileNotFoundError:
        # The folder is created with the first file.
        return
    for folder in sorted(folders):
        for name in sorted(storage.listdir(folder)[1]):
            path = f"{folder}/{name}"
            if not RANDOM_NAME.fullmatch(path):
                continue
            with suppress(FileNotFoundError):
                if storage.get_modified_time(path) < time:
                    yield path
