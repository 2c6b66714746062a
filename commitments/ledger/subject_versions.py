"""The fields of the contents of what curators maintain, by version.

A version that has been used never changes. A later one has the fields of the version before it, and
more. Contents leave out fields without a value, so one of an earlier version also says that the
fields added since were empty. A new field needs a new version: see CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from commitments.choices import SubjectType
from commitments.ledger.documents import Document

# What says which subject a content is about, and in which version it is.
CONTENT_HEAD = ("v", "type", "key", "plan")
# Names of fields by type of subject; `forums.code` is that of the items in the list `forums`.
SUBJECT_VERSIONS: dict[int, Mapping[SubjectType, tuple[str, ...]]] = {
    1: {
        SubjectType.PLAN: (
            "code",
            "languages",
            "title",
            "issuer",
            "adopted_on",
            "time_zone",
            "review_interval_days",
            "notice",
            "licence",
            "licence_url",
            "locality",
            "plan_number",
            "words",
            "visibility",
            "second_rating",
            "commitments",
        ),
        SubjectType.GOAL: ("number", "title", "text"),
        SubjectType.AREA: ("number", "title"),
        SubjectType.COMMITMENT: (
            "number",
            "area",
            "title",
            "text",
            "note",
            "kind",
            "kind_reason",
            "goal",
            "goal_reason",
            "supporting_goals",
            "forums",
            "forums.code",
            "forums.quote",
            "criteria",
            "criteria.key",
            "criteria.text",
            "criteria.quote",
            "criteria_reason",
            "start_on",
            "due_on",
            "ends_on",
            "lead_office",
            "supporting_offices",
            "milestones",
            "milestones.key",
            "milestones.title",
            "milestones.due_on",
        ),
        SubjectType.FORUM: (
            "code",
            "name",
            "kind",
            "parent",
            "successor_of",
            "closed_on",
            "same_as",
        ),
        SubjectType.OFFICE: ("code", "name", "closed_on"),
        SubjectType.PUBLISHER: ("name",),
    },
}


def current_subject_version() -> int:
    """Return the version in which contents are recorded."""
    return max(SUBJECT_VERSIONS)


def in_version(content: Document, version: int) -> Document:
    """Return a content with the fields that a version has. Raise KeyError for an unknown one."""
    fields = SUBJECT_VERSIONS[version][SubjectType(content["type"])]
    kept = {
        name: _with_fields(value, name, fields)
        for name, value in content.items()
        if name in fields or name in CONTENT_HEAD
    }
    return kept | {"v": version}


def _with_fields(value: object, name: str, fields: tuple[str, ...]) -> object:
    """Return the value of a field; if it is a list of items, with the fields of these alone."""
    if not isinstance(value, list):
        return value
    return [
        {key: part for key, part in item.items() if f"{name}.{key}" in fields}
        if isinstance(item, dict)
        else item
        for item in value
    ]
