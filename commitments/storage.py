"""Where evidence files are kept: under a random name, apart from everything that is served; how
large they may be; and how they come and go with the transaction that speaks of them."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.db import transaction
from django.utils.translation import gettext as _

from commitments.exceptions import FileTooLarge
from commitments.filetypes import recognise

if TYPE_CHECKING:
    from commitments.models import Evidence

LONGEST_NAME = 255
# So many of the largest files may come in one request.
MOST_FILES = 4
# Control characters, and those that turn the direction of what follows: a name that shows as
# “cod.exe” backwards.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def evidence_storage() -> Storage:
    """The storage named `evidence` in the settings."""
    return storages["evidence"]


def random_name(evidence: Evidence, original: str = "") -> str:
    """A name that says nothing of the file and cannot be guessed."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name}"


# How large


class TooLarge(UploadedFile):  # type: ignore[type-arg]
    """Stands for an upload that was larger than is taken; nothing of it is kept."""


class SizeLimit(FileUploadHandler):
    """Keeps no more of a file than may be taken. The rest is read and dropped, so that whoever
    sends it can read the answer."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0
        self.all_received = getattr(self, "all_received", 0)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        self.all_received += len(raw_data)
        return None if self._is_too_much() else raw_data

    def _is_too_much(self) -> bool:
        most: int = settings.EVIDENCE_MAX_BYTES
        return self.received > most or self.all_received > MOST_FILES * most

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if not self._is_too_much():
            return None
        for handler in self.request.upload_handlers if self.request else ():
            # What they have of it so far.
            handler.upload_interrupted()
        return TooLarge(name=self.file_name, size=self.received)


# What a file is


def described(upload: UploadedFile[Any]) -> dict[str, Any]:
    """The columns of an evidence file: its own name, size, digest and media type.

    Raises FileTooLarge or FileRefused with the reason.
    """
    if isinstance(upload, TooLarge) or (upload.size or 0) > settings.EVIDENCE_MAX_BYTES:
        sentence = _("The file is larger than %(most)s MB, the most that is taken.")
        raise FileTooLarge(sentence % {"most": most_megabytes()})
    name = shown_name(upload.name or "")
    kind = recognise(cast("IO[bytes]", upload.file), name)
    digest, size = hashlib.sha256(), 0
    for chunk in upload.chunks():
        digest.update(chunk)
        size += len(chunk)
    return {
        "file_name": name,
        "file_size": size,
        "file_sha256": digest.hexdigest(),
        "file_type": kind.media_type,
    }


def most_megabytes() -> str:
    """The largest size that is taken, to be read."""
    return f"{round(settings.EVIDENCE_MAX_BYTES / 2**20, 1):g}"


def shown_name(name: str) -> str:
    """A file's own name without a path and without what cannot be seen, its ending kept."""
    name = _UNSEEN.sub("", unicodedata.normalize("NFC", name))
    name = re.split(r"[/\\]", name)[-1].strip()
    ending = PurePosixPath(name).suffix[:20]
    return name[: LONGEST_NAME - len(ending)].removesuffix(ending) + ending


# With the transaction

_stored: ContextVar[list[str] | None] = ContextVar("_stored", default=None)


@contextmanager
def undone_on_failure() -> Iterator[None]:
    """Files stored inside are deleted again if what is done inside fails. Put it around the
    transaction; of several around one another the outermost does it."""
    if _stored.get() is not None:
        yield
        return
    names: list[str] = []
    token = _stored.set(names)
    try:
        yield
    except BaseException:
        for name in names:
            evidence_storage().delete(name)
        raise
    finally:
        _stored.reset(token)


def keep(evidence: Evidence) -> None:
    """Stores the uploaded file of a piece of evidence that is about to be saved."""
    upload = evidence.file.file
    upload.seek(0)
    name = evidence_storage().save(random_name(evidence), upload)
    names = _stored.get()
    if names is not None:
        names.append(name)
        transaction.on_commit(partial(_committed, names, name))
    evidence.file = name


def _committed(names: list[str], name: str) -> None:
    """Its row names it now: it stays, whatever fails afterwards."""
    if name in names:
        names.remove(name)


def drop_later(name: str) -> None:
    """Deletes a stored file once the transaction is through."""

    def drop() -> None:
        evidence_storage().delete(name)

    transaction.on_commit(drop, robust=True)


def stored_before(moment: datetime) -> Iterator[str]:
    """Names of all stored files that are older."""
    storage = evidence_storage()
    try:
        folders, _files = storage.listdir("")
    except FileNotFoundError:
        # Nothing was ever stored.
        return
    for folder in sorted(folders):
        for name in sorted(storage.listdir(folder)[1]):
            path = f"{folder}/{name}"
            with suppress(FileNotFoundError):
                if storage.get_modified_time(path) < moment:
                    yield path
