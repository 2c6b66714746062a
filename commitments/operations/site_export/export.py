"""Writing an export: all pages that the sitemaps and links lead to, with the files that they load,
and then the record."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from shutil import rmtree
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from commitments.db import consistent_read
from commitments.exceptions import (
    CacheUnavailable,
    ExportError,
    Problem,
    StorageUnavailable,
    StoredFileChanged,
)
from commitments.models import Evidence, LedgerHead
from commitments.operations.site_export.addresses import DATA, INDEX, ExportedAddresses
from commitments.operations.site_export.answers import AnonymousReader
from commitments.operations.site_export.links import addresses_in_css, with_links
from commitments.operations.site_export.record import export_record, write_file
from commitments.roles import ANONYMOUS
from commitments.verification import file_differences

SUMS = "SHA256SUMS"
# The end of the address of a plan's Data Package.
PACKAGE = "/datapackage.json"
PAGES_PER_STEP = 500

PageCount = Callable[[int], object]


class Exported(NamedTuple):
    """The number of files of an export, and the problems of public files of evidence that are left
    out, since they are missing from storage or are not what was recorded."""

    files: int
    damaged: list[Problem]


def export_site(folder: Path, address: str, at: datetime, progress: PageCount) -> Exported:
    """Write everything public into a new folder, as of one moment, and return what was written.
    `address` is the address of the site for readers. `progress` is called with the number of pages
    from time to time.

    Raise ExportError if the folder exists or cannot be written, or the site does not respond. Until
    everything has been written, the folder is named `….part`.
    """
    try:
        return _export_site(folder, address, at, progress)
    except (StorageUnavailable, StoredFileChanged, CacheUnavailable):
        raise
    except OSError as error:
        raise ExportError(f"{folder} cannot be made: {error}") from error


def _export_site(folder: Path, address: str, at: datetime, progress: PageCount) -> Exported:
    part = folder.with_name(f"{folder.name}.part")
    if folder.exists():
        raise ExportError(f"{folder} exists already.")
    if part.exists():
        raise ExportError(
            f"{part} exists: another process writes it, or one that was killed has left it. If no "
            "other runs, delete it."
        )
    part.mkdir(parents=True)
    try:
        with consistent_read():
            exported = _Export(AnonymousReader(address), part, at).write(progress)
        os.replace(part, folder)
    finally:
        rmtree(part, ignore_errors=True)
    return exported


class _Export:
    def __init__(self, reader: AnonymousReader, folder: Path, at: datetime) -> None:
        self._reader, self._folder, self._at = reader, folder, at
        self._damaged: list[Problem] = []
        self._addresses = ExportedAddresses(self._suffixes_of_evidence())
        self._found: set[str] = set()
        self._waiting: deque[tuple[str, PurePosixPath]] = deque()

    def write(self, progress: PageCount) -> Exported:
        self._write_entrance()
        for address in self._reader.pages():
            self._path_to(address, "/")
        written = 0
        while self._waiting:
            next_address, file = self._waiting.popleft()
            write_file(self._folder / file, self._content(next_address))
            written += 1
            if written % PAGES_PER_STEP == 0:
                progress(written)
        export_record(self._reader, self._folder / DATA)
        return Exported(_write_sums(self._folder), self._damaged)

    def _suffixes_of_evidence(self) -> Mapping[int, str]:
        """Return the ending of the name of each public file that is as it was recorded."""
        suffixes = {}
        for item in Evidence.objects.visible_to(ANONYMOUS).exclude(file="").order_by("pk"):
            problems = list(file_differences(item))
            self._damaged += problems
            if not problems:
                suffixes[item.pk] = PurePosixPath(item.file_name).suffix.lower()
        return suffixes

    def _write_entrance(self) -> None:
        """Write the entrance page, which links to each language, and the text for people who open
        the folder."""
        facts = {
            "address": self._reader.address,
            "at": self._at,
            "head": LedgerHead.objects.get(),
            "release": settings.RELEASE,
        }
        page = render_to_string("commitments/export/index.html", facts)
        write_file(self._folder / INDEX, self._page("/", page).encode())
        readme = render_to_string("commitments/export/readme.txt", facts)
        write_file(self._folder / "README.txt", readme.encode())

    def _content(self, address: str) -> bytes:
        answer = self._reader.get(address)
        if answer.media_type == "text/html":
            return self._page(address, answer.body.decode()).encode()
        if answer.media_type == "text/css":
            for loaded in addresses_in_css(answer.body.decode()):
                self._path_to(urljoin(address, loaded), address)
        if address.endswith(PACKAGE):
            return self._package(address, json.loads(answer.body))
        return answer.body

    def _page(self, address: str, html: str) -> str:
        here = self._reader.address + address
        return with_links(
            html,
            exported=lambda target: self._link(urljoin(here, target), address),
            on_site=partial(urljoin, here),
            notice=self._notice(address),
        )

    def _package(self, address: str, descriptor: dict[str, Any]) -> bytes:
        """Return a Data Package that refers to the tables in the same folder."""
        for resource in descriptor["resources"]:
            resource["path"] = self._link(resource["path"], address)
        return json.dumps(descriptor, ensure_ascii=False, indent=2).encode()

    def _link(self, target: str, page: str) -> str:
        """Return the link that a page has in place of an absolute address."""
        own, fragment = urldefrag(target)
        if not own.startswith(f"{self._reader.address}/"):
            return target
        path = self._path_to(own.removeprefix(self._reader.address), page)
        if path is None:
            return target
        return f"{path}#{fragment}" if fragment else path

    def _path_to(self, address: str, page: str) -> str | None:
        """Return the relative path from a page to the file for an address, and have that file
        written too. Return None if the address is not exported."""
        file = self._addresses.file_of(address)
        if file is None:
            return None
        if address not in self._found:
            self._found.add(address)
            self._waiting.append((address, file))
        here = self._addresses.file_of(page) or PurePosixPath(INDEX)
        return os.path.relpath(file, here.parent)

    def _notice(self, address: str) -> str:
        language = translation.get_language_from_path(address)
        if language is None:
            return ""
        with translation.override(language):
            return render_to_string(
                "commitments/export/_notice.html",
                {"address": self._reader.address + address, "at": self._at},
            )


def _write_sums(folder: Path) -> int:
    """Write the digests of all files in the format of `sha256sum --check`, and return their
    number."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    with (folder / SUMS).open("w", encoding="utf-8") as sums:
        for path in paths:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            sums.write(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    return len(paths)
