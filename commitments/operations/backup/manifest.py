"""The manifest of an archive, which lists its content and how it was made, and its signature."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer

from commitments.exceptions import RestoreError
from commitments.verification import PinnedHead

# The format that this code writes and the only one that it reads.
FORMAT = 1
SIGNATURE_SALT = "manifest of a backup"
DATABASE_MEMBERS = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
EVIDENCE_FOLDER = "evidence/"
# No part of a path begins with a dot, so a name cannot lead out of the folder of evidence.
STORED_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Member:
    """A file in an archive: its name, its size in bytes, and its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The content of an archive.

    `release` and `made_at` (ISO 8601, UTC) say which release made it and when. `vendor` is the
    database system as Django names it, `migrations` are those applied to the database, as
    `app.name`, and `head` is the last link of the ledger in it. `members` are the database and then
    the files of evidence, in the order of the archive. `missing` are the names of files that had
    been lost before, or could not be read.
    """

    release: str
    made_at: str
    vendor: str
    migrations: tuple[str, ...]
    head: PinnedHead
    members: tuple[Member, ...]
    missing: tuple[str, ...] = ()

    @property
    def database(self) -> Member:
        return self.members[0]

    @property
    def evidence(self) -> tuple[Member, ...]:
        return self.members[1:]

    @property
    def size(self) -> int:
        """The total size of all members in bytes."""
        return sum(member.size for member in self.members)


def stored_name(member: Member) -> str:
    """Return the name that a file of evidence has in the storage."""
    return member.name.removeprefix(EVIDENCE_FOLDER)


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return a manifest as JSON."""
    document = {"format": FORMAT, **vars(manifest), "head": vars(manifest.head)}
    document["members"] = [vars(member) for member in manifest.members]
    return json.dumps(document, indent=1).encode()


def parse_manifest(content: bytes) -> Manifest:
    """Return the manifest in this JSON. Raise RestoreError if it has another format, or if it names
    anything that cannot be in an archive of a tracker."""
    try:
        document = json.loads(content)
        if document["format"] != FORMAT:
            raise RestoreError(
                f"The archive has format {document['format']}, but this release reads format "
                f"{FORMAT} only. Release {document['release']} made it; restore it with that."
            )
        manifest = _manifest(document)
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise RestoreError("The manifest of the archive cannot be read.") from error
    names = [member.name for member in manifest.members]
    for member in manifest.evidence:
        if not (
            member.name.startswith(EVIDENCE_FOLDER) and STORED_NAME.fullmatch(stored_name(member))
        ):
            raise RestoreError(f"The archive has a file with the name {member.name!r}.")
    if names[:1] != [DATABASE_MEMBERS.get(manifest.vendor)] or len(set(names)) < len(names):
        raise RestoreError("The archive does not have one database, and each file once.")
    return manifest


def _manifest(document: Mapping[str, Any]) -> Manifest:
    head, members = document["head"], [_member(**row) for row in document["members"]]
    return Manifest(
        release=str(document["release"]),
        made_at=datetime.fromisoformat(document["made_at"]).isoformat(),
        vendor=str(document["vendor"]),
        migrations=tuple(map(str, document["migrations"])),
        head=PinnedHead(int(head["seq"]), str(head["hash"])),
        members=tuple(members),
        missing=tuple(map(str, document["missing"])),
    )


def _member(name: str, size: int, sha256: str) -> Member:
    if type(size) is not int or size < 0 or not SHA256.fullmatch(sha256):
        raise ValueError(name)
    return Member(str(name), size, sha256)


# The signature


def signature_of(manifest: bytes) -> bytes:
    """Return the SHA-256 of a manifest, signed with the site's SECRET_KEY. The result always has
    the same length."""
    return Signer(salt=SIGNATURE_SALT).sign(hashlib.sha256(manifest).hexdigest()).encode()


def is_signed_here(manifest: bytes, signature: bytes) -> bool:
    """Return whether this site signed a manifest. Raise RestoreError if the signature belongs to
    another manifest, whoever signed it."""
    digest = hashlib.sha256(manifest).hexdigest()
    text = signature.decode("ascii", "replace")
    if not text.startswith(f"{digest}:"):
        raise RestoreError("The archive is damaged: its manifest is not what was signed.")
    try:
        return Signer(salt=SIGNATURE_SALT).unsign(text) == digest
    except BadSignature:
        return False
