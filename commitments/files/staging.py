"""Uploads that wait for the rest of their form.

A form with a mistake is shown again to be corrected, and browsers cannot fill in a file again. So
the file waits in the storage of the evidence, under a random name that only a signed token
contains. `manage.py orphaned_files` removes files that nobody comes back for.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile

from commitments.files.storage import (
    UploadTooLarge,
    display_name,
    evidence_storage,
    store,
)

SALT = "upload that waits for its form"
STAGED_UPLOAD_LIFETIME = timedelta(days=2)


class StagedUpload(SimpleUploadedFile):
    """An upload that waited; `stored_name` is its name in the storage."""

    stored_name = ""


def stage(upload: UploadedFile[Any], owner: int) -> str:
    """Store an upload until its form is complete and return a token for it; "" if the upload is too
    large. `owner` is the id of the person who sent it."""
    if isinstance(upload, UploadTooLarge):
        return ""
    stored = store(upload)
    facts = {"stored": stored, "name": display_name(upload.name or ""), "owner": owner}
    return signing.dumps(facts, salt=SALT)


def staged_name(token: str, owner: int) -> str:
    """Return the file name of the upload of a token; "" if the token is too old or somebody else's,
    or if the file is gone."""
    facts = _facts(token, owner)
    return str(facts["name"]) if facts else ""


def staged(token: str, owner: int) -> StagedUpload | None:
    """Return the upload of a token, or None where `staged_name` returns ""."""
    facts = _facts(token, owner)
    if not facts:
        return None
    with evidence_storage().open(facts["stored"]) as file:
        upload = StagedUpload(facts["name"], file.read())
    upload.stored_name = facts["stored"]
    return upload


def _facts(token: str, owner: int) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = signing.loads(token, salt=SALT, max_age=STAGED_UPLOAD_LIFETIME)
    except signing.BadSignature:
        return {}
    is_there = facts["owner"] == owner and evidence_storage().exists(facts["stored"])
    return facts if is_there else {}


def discard(upload: object) -> None:
    """Delete an upload that waited: the evidence has a copy of its own. Others are left alone.
    What cannot be deleted now is left to `orphaned_files`: what was saved is saved."""
    if isinstance(upload, StagedUpload):
        with suppress(OSError):
            evidence_storage().delete(upload.stored_name)
