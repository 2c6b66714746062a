"""The canonical content of an update, which the digests of the ledger cover.

A version is a list of the fields of the update and of its evidence. Versions never change. Every
decision records the version of its digest, so that the digest can be checked later. A new field of
an update needs a new version: see CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from commitments.ledger.erasures import ERASED, erased_parts, sorted_parts
from commitments.ledger.hashing import canonical_json, salted_digest
from commitments.models import Evidence, Finding, ProgressUpdate
from commitments.texts.text import Text

Content = dict[str, object]


@dataclass(frozen=True)
class ContentVersion:
    """The fields in one version of the canonical content, and the version of the methodology by
    which assessments were made then."""

    methodology: int
    update_fields: tuple[str, ...]
    evidence_fields: tuple[str, ...]


CONTENT_VERSIONS: dict[int, ContentVersion] = {
    1: ContentVersion(
        methodology=2,
        update_fields=(
            "effective_on",
            "date_precision",
            "event_type",
            "summary",
            "forums",
            "criteria",
            "meets",
            "status",
            "covers_from",
            "findings",
            "rests_on",
            "search_note",
            "external_ref",
            "corrects",
        ),
        evidence_fields=(
            "title",
            "publisher",
            "url",
            "citation",
            "language",
            "dated_on",
            "kind",
            "source",
            "public",
        ),
    ),
}

# How relations become JSON values. All other fields are dates, texts, strings and booleans.
RELATIONS: Mapping[str, Callable[[Any], object]] = {
    "forums": lambda update: sorted(forum.code for forum in update.forums.all()),
    "corrects": lambda update: update.corrects_id,
    "criteria": lambda update: sorted(row.key for row in update.criteria.all()),
    "meets": lambda update: sorted(row.key for row in update.meets.all()),
    "findings": lambda update: {row.criterion.key: _finding(row) for row in update.findings.all()},
    "rests_on": lambda update: sorted(
        row.event_id for row in update.bases.all() if row.event_id != update.pk
    ),
    "publisher": lambda item: item.publisher and item.publisher.key,
}


def current_version() -> int:
    """Return the version of new digests."""
    return max(CONTENT_VERSIONS)


def canonical_content(update: ProgressUpdate, version: int, erasing: Iterable[str] = ()) -> Content:
    """Return the content of an update, ready for canonical JSON.

    Public evidence is sorted by id. Internal evidence is represented by one salted digest, present
    even if there is none. `erased` names the parts that were erased, and those that the decision
    about to be recorded erases, `erasing`; they have no value, except for the digest, size and type
    of a file. Raise KeyError for an unknown version.
    """
    fields = CONTENT_VERSIONS[version]
    evidence = _sorted_evidence(update)
    public = [_evidence(item, fields) for item in evidence if item.public]
    internal = [_evidence(item, fields) for item in evidence if not item.public]
    erased = sorted_parts([*map(str, erased_parts(update)), *erasing])
    return {
        "v": version,
        "update": update.pk,
        "commitment": update.commitment.code,
        "methodology": fields.methodology if update.status else None,
        **{name: _value(update, name) for name in fields.update_fields},
        "evidence": public,
        "internal_commit": salted_digest(update.internal_salt, canonical_json(internal).decode()),
        ERASED: [str(part) for part in erased],
    }


def full_content(update: ProgressUpdate) -> Content:
    """Return everything that an author set of an update, for staff: the fields of the newest
    version, and internal evidence beside the public."""
    fields = CONTENT_VERSIONS[current_version()]
    return {
        **{name: _value(update, name) for name in fields.update_fields},
        "evidence": [_evidence(item, fields) for item in _sorted_evidence(update)],
    }


def _sorted_evidence(update: ProgressUpdate) -> list[Evidence]:
    return sorted(update.evidence.all(), key=lambda item: item.pk)


def _value(row: ProgressUpdate | Evidence, name: str) -> object:
    relation = RELATIONS.get(name)
    return relation(row) if relation else _json_value(getattr(row, name))


def _evidence(item: Evidence, fields: ContentVersion) -> Content:
    file = {
        "name": item.file_name,
        "size": item.file_size,
        "sha256": item.file_sha256,
        "media_type": item.file_type,
    }
    values = {name: _value(item, name) for name in fields.evidence_fields}
    return {"id": item.pk, **values, "file": file if item.file_sha256 else None}


def _finding(row: Finding) -> Content:
    return {"result": row.result, "events": sorted(event.pk for event in row.events.all())}


def _json_value(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case Text():
            return value.as_dict()
        case _:
            return value
