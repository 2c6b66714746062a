"""The canonical content of an update, which the digests of the ledger cover.

A version is a list of the fields of the update and of its evidence. Versions never change. Every
decision records the version of its digest, so that the digest can be checked later. A new field of
an update needs a new version: see CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from commitments.ledger.erasures import ERASED, Part, erased_parts, sorted_parts
from commitments.ledger.hashing import canonical_json, salted_digest
from commitments.models import Evidence, Finding, ProgressUpdate
from commitments.models.base import rows_in
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


@dataclass(frozen=True)
class NamedKeys:
    """What an update names in other tables: forums by code, criteria and milestones by key, and
    events by id; a finding is its result and its events, by the key of its criterion."""

    forums: Sequence[str]
    criteria: Sequence[str]
    meets: Sequence[str]
    findings: Mapping[str, tuple[str, Sequence[int]]]
    rests_on: Sequence[int]

    @classmethod
    def of(cls, update: ProgressUpdate) -> NamedKeys:
        """Return what an update names; prefetch `CONTENT_RELATIONS` to avoid queries."""
        return cls(
            forums=[forum.code for forum in rows_in(update, "forums")],
            criteria=[row.key for row in rows_in(update, "criteria")],
            meets=[row.key for row in rows_in(update, "meets")],
            findings={row.criterion.key: _found(row) for row in rows_in(update, "findings")},
            rests_on=[
                row.event_id for row in rows_in(update, "bases") if row.event_id != update.pk
            ],
        )


@dataclass(frozen=True)
class ContentRows:
    """An update with all that its content is made of: the code of its commitment, what it names,
    its evidence, and the parts that were erased of both."""

    update: ProgressUpdate
    commitment_code: str
    named: NamedKeys
    evidence: Iterable[Evidence]
    erased: Iterable[Part]


# How relations become JSON values, first those of an update, then those of its evidence. All other
# fields of both are dates, texts, strings and booleans.
RELATIONS: Mapping[str, Callable[[ProgressUpdate, NamedKeys], object]] = {
    "forums": lambda update, named: sorted(named.forums),
    "corrects": lambda update, named: update.corrects_id,
    "criteria": lambda update, named: sorted(named.criteria),
    "meets": lambda update, named: sorted(named.meets),
    "findings": lambda update, named: {
        key: {"result": result, "events": sorted(events)}
        for key, (result, events) in named.findings.items()
    },
    "rests_on": lambda update, named: sorted(named.rests_on),
}
EVIDENCE_RELATIONS: Mapping[str, Callable[[Evidence], object]] = {
    "publisher": lambda item: item.publisher and item.publisher.key,
}


def current_version() -> int:
    """Return the version of new digests."""
    return max(CONTENT_VERSIONS)


def canonical_content(update: ProgressUpdate, version: int, erasing: Iterable[str] = ()) -> Content:
    """Return the content of an update, ready for canonical JSON.

    Public evidence is sorted by id. Internal evidence is represented by one salted digest, present
    even if there is none. The key `erased` names the parts that were erased, and those in
    `erasing`, which the decision about to be recorded erases; they have no value, except for the
    digest, size and type of a file. Raise KeyError for an unknown version.
    """
    erased = sorted_parts([*map(str, erased_parts(update)), *erasing])
    code, named = update.commitment.code, NamedKeys.of(update)
    return content_of_rows(
        ContentRows(update, code, named, rows_in(update, "evidence"), erased), version
    )


def content_of_rows(rows: ContentRows, version: int) -> Content:
    """Return the `canonical_content` of an update from rows that were already read."""
    fields, update = CONTENT_VERSIONS[version], rows.update
    evidence = _sorted_evidence(rows.evidence)
    public = [_evidence(item, fields) for item in evidence if item.public]
    internal = [_evidence(item, fields) for item in evidence if not item.public]
    return {
        "v": version,
        "update": update.pk,
        "commitment": rows.commitment_code,
        "methodology": fields.methodology if update.status else None,
        **_values(update, rows.named, fields),
        "evidence": public,
        "internal_commit": salted_digest(update.internal_salt, canonical_json(internal).decode()),
        ERASED: [str(part) for part in rows.erased],
    }


def full_content(update: ProgressUpdate) -> Content:
    """Return everything that an author set of an update, for staff: the fields of the newest
    version, and internal evidence besides the public evidence."""
    fields = CONTENT_VERSIONS[current_version()]
    evidence = _sorted_evidence(rows_in(update, "evidence"))
    return {
        **_values(update, NamedKeys.of(update), fields),
        "evidence": [_evidence(item, fields) for item in evidence],
    }


def _sorted_evidence(evidence: Iterable[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda item: item.pk)


def _values(update: ProgressUpdate, named: NamedKeys, fields: ContentVersion) -> Content:
    values: Content = {}
    for name in fields.update_fields:
        relation = RELATIONS.get(name)
        value = relation(update, named) if relation else _json_value(getattr(update, name))
        values[name] = value
    return values


def _evidence(item: Evidence, fields: ContentVersion) -> Content:
    values: Content = {"id": item.pk, "file": _file(item) if item.file_sha256 else None}
    for name in fields.evidence_fields:
        relation = EVIDENCE_RELATIONS.get(name)
        values[name] = relation(item) if relation else _json_value(getattr(item, name))
    return values


def _file(item: Evidence) -> Content:
    return {
        "name": item.file_name,
        "size": item.file_size,
        "sha256": item.file_sha256,
        "media_type": item.file_type,
    }


def _found(row: Finding) -> tuple[str, Sequence[int]]:
    return row.result, [event.pk for event in rows_in(row, "events")]


def _json_value(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case Text():
            return value.as_dict()
        case _:
            return value
