"""Evidence in a folder of this machine, or of another one that is mounted here."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from django.core.files import File
from django.core.files.storage import FileSystemStorage

from commitments.exceptions import StorageUnavailable, StoredFileUnreadable

# Mounted read-only or not at all, owned by another user, a broken disk, an unreachable file server.
OUTAGES = frozenset(
    {
        errno.EACCES,
        errno.EIO,
        errno.ENOTCONN,
        errno.ENOTDIR,
        errno.EPERM,
        errno.EROFS,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)

# Those that may concern a single file: its permissions, or the part of the disk where it is.
OF_ONE_FILE = frozenset({errno.EACCES, errno.EIO, errno.EPERM})

_logger = logging.getLogger(__name__)


@contextmanager
def _outages() -> Iterator[None]:
    """Log errors that the operator has to fix, and raise StorageUnavailable."""
    try:
        yield
    except OSError as error:
        if error.errno not in OUTAGES:
            raise
        _logger.error("The folder of evidence cannot be used: %s", error)
        raise StorageUnavailable(str(error)) from error


@contextmanager
def _outages_of_file(folder: str, path: str) -> Iterator[None]:
    """Do as `_outages`, but raise StoredFileUnreadable if the folder can be read and this file in
    it cannot."""
    with _outages():
        try:
            yield
        except OSError as error:
            is_there = _is_readable(folder) and os.path.isfile(path)
            if error.errno not in OF_ONE_FILE or not is_there:
                raise
            _logger.error("A file of evidence cannot be read: %s", error)
            raise StoredFileUnreadable(str(error)) from error


def _is_readable(folder: str) -> bool:
    try:
        with os.scandir(folder):
            return True
    except OSError:
        return False


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _OpenFile(File):  # type: ignore[type-arg]
    """A file of the folder, whose reading can fail as the opening can."""

    def __init__(self, file: IO[bytes], folder: str, path: str) -> None:
        super().__init__(file)
        self._folder, self._path = folder, path

    def read(self, size: int = -1) -> bytes:
        with _outages_of_file(self._folder, self._path):
            return cast("IO[bytes]", self.file).read(size)


class Folder(FileSystemStorage):
    """Django's storage in a folder. As with `Bucket`, FileNotFoundError is raised for a file that
    is not there, and StorageUnavailable if the folder cannot be used; StoredFileUnreadable, if only
    the one file cannot be read."""

    @property
    def place(self) -> str:
        """The folder and its setting, in words for an operator."""
        return f"the folder {self.location} (EVIDENCE_DIR)"

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        path = self.path(name)
        with _outages_of_file(str(self.location), path):
            opened = super()._open(name, mode)  # type: ignore[misc]
            return _OpenFile(opened.file, str(self.location), path)

    @_outages()
    def _save(self, name: str, content: File[bytes]) -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]
        self._flush(saved)
        return saved

    def _flush(self, name: str) -> None:
        """Have the disk keep a file, and the names by which it is found, before a row of the
        database says that it is there: after a power failure it would be empty or missing."""
        path, top = Path(self.path(name)), Path(self.location)
        _fsync(path)
        for folder in path.parents:
            if folder.is_relative_to(top):
                # Some file servers can do this for files only.
                with suppress(OSError):
                    _fsync(folder)

    @_outages()
    def delete(self, name: str) -> None:
        super().delete(name)

    @_outages()
    def exists(self, name: str) -> bool:
        # Django's finds no file in a folder that cannot be entered.
        try:
            os.lstat(self.path(name))
        except FileNotFoundError:
            return False
        return True

    @_outages()
    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        folders, files = super().listdir(path)
        return folders, files

    @_outages()
    def size(self, name: str) -> int:
        return super().size(name)

    @_outages()
    def get_modified_time(self, name: str) -> datetime:
        return super().get_modified_time(name)


def nearest_folder(folder: Path) -> Path:
    """Return an absolute folder or, while it does not exist, the nearest one above that does: who
    may write there can make it."""
    return next(part for part in (folder, *folder.parents) if os.path.exists(part))
