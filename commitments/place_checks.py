"""Where a site keeps what is private: never among files for everybody, where the user that runs the
tracker can write, and where nobody else can read it. Each check names the setting to change.

`manage.py check` shows them, and the server does not start with an error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from pwd import getpwuid
from typing import Any, cast

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from commitments.files.folder import nearest_folder

BUCKET = "commitments.files.bucket.Bucket"


def check_served_folders() -> Iterator[CheckMessage]:
    """Check that no private file is served as a static file: a view that checks permissions sends
    evidence, and the other files are sent to nobody."""
    private = {
        "EVIDENCE_DIR": _evidence_folder(),
        "DATABASE_URL": _database_file(),
        "LEDGER_KEY": Path(settings.LEDGER_KEY).resolve(),
        "CACHE_URL": _cache_folder(),
    }
    for name, place in private.items():
        for served, folder in _static_folders():
            if place is None:
                continue
            is_served = folder in (place, *place.parents)
            # Static files would be collected among those of evidence.
            is_mixed = (name, served) == ("EVIDENCE_DIR", "STATIC_ROOT") and place in folder.parents
            if is_served or is_mixed:
                yield Error(
                    f"{name} ({place}) and {served} ({folder}) share a folder.",
                    hint="Static files are served to everybody. Choose folders apart from one "
                    "another.",
                    id="commitments.E002",
                )


def _evidence_folder() -> Path | None:
    evidence = cast(dict[str, Any], settings.STORAGES["evidence"])
    location = evidence.get("OPTIONS", {}).get("location")
    return Path(location).resolve() if location and evidence.get("BACKEND") != BUCKET else None


def _database_file() -> Path | None:
    database = settings.DATABASES["default"]
    name = str(database["NAME"])
    if "sqlite" not in database["ENGINE"] or name == ":memory:" or "mode=memory" in name:
        return None
    return Path(name).resolve()


def _cache_folder() -> Path | None:
    cache = settings.CACHES["counts"]
    is_folder = cache["BACKEND"].endswith("FileBasedCache")
    return Path(str(cache["LOCATION"])).resolve() if is_folder else None


def _static_folders() -> Iterator[tuple[str, Path]]:
    """Yield the folders whose files are served, or collected to be served."""
    if settings.STATIC_ROOT:
        yield "STATIC_ROOT", Path(settings.STATIC_ROOT).resolve()
    for finder in get_finders():
        for storage in getattr(finder, "storages", {}).values():
            yield "static files of the source", Path(storage.location).resolve()


def check_evidence_folder() -> Iterator[CheckMessage]:
    """Warn if evidence cannot be stored. Pages and commands that store none do without, so the
    server starts."""
    folder = _evidence_folder()
    if folder is None:
        return
    if not os.access(nearest_folder(folder), os.W_OK | os.X_OK):
        yield Warning(
            f"EVIDENCE_DIR ({folder}) cannot be written, so no evidence is stored.",
            hint="Make it a folder of the user that runs the tracker.",
            id="commitments.W003",
        )


def check_database_file() -> Iterator[CheckMessage]:
    """Warn if others may read the file of an SQLite database, which has drafts, internal evidence
    and names."""
    file = _database_file()
    if file is None:
        return
    yield from _check_private(file, "database", "commitments.W004")
    if not os.access(file.parent, os.W_OK | os.X_OK):
        yield Error(
            f"DATABASE_URL ({file}) is in a folder that does not exist or cannot be written.",
            hint="SQLite writes files beside it. Make it a folder of the user that runs the "
            "tracker.",
            id="commitments.E021",
        )


def check_ledger_key() -> Iterator[CheckMessage]:
    """Warn if others may read the ledger's key, since they could sign another ledger in the site's
    name, or if it cannot be used."""
    file = Path(settings.LEDGER_KEY).resolve()
    yield from _check_private(file, "ledger's key", "commitments.W009")
    if not _can_be_read_or_made(file):
        yield Warning(
            f"LEDGER_KEY ({file}) can neither be read nor made, so nothing is signed.",
            hint="Make it a file of the user that runs the tracker, in a folder of theirs.",
            id="commitments.W023",
        )


def _can_be_read_or_made(file: Path) -> bool:
    if os.path.exists(file):
        return not file.is_dir() and os.access(file, os.R_OK)
    return os.access(file.parent, os.W_OK | os.X_OK)


def _check_private(file: Path, what: str, check_id: str) -> Iterator[CheckMessage]:
    """Warn if people other than its owner may read a file."""
    if os.path.isfile(file) and file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Warning(
            f"Others than its owner may read the {what} {file}.",
            hint=f"chmod 600 {file}",
            id=check_id,
        )


def check_owner() -> Iterator[CheckMessage]:
    """Warn root of a site of another user, who could not write the files that root makes there."""
    if os.geteuid():
        return
    for name, place in (("EVIDENCE_DIR", _evidence_folder()), ("DATABASE_URL", _database_file())):
        if place is None or not os.path.exists(place):
            continue
        if owner := place.stat().st_uid:
            user = _name_of(owner)
            yield Warning(
                f"{name} ({place}) belongs to {user}, who cannot use the files that root makes.",
                hint=f"Run this as that user: runuser -u {user} -- …",
                id="commitments.W036",
            )
            return


def _name_of(user: int) -> str:
    try:
        return getpwuid(user).pw_name
    except KeyError:  # A container may have files of users that it does not know.
        return str(user)


PLACE_CHECKS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    check_served_folders,
    check_evidence_folder,
    check_database_file,
    check_ledger_key,
    check_owner,
)


@register(Tags.security)
def check_places(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [message for check in PLACE_CHECKS for message in check()]
