"""The JSON Schemas of plan files and update files.

The documents beside this module name lists of codes, `{"x-codes": "ForumKind"}`; the codes come
from `choices/`, where each list is defined once.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from commitments.choices import (
    DatePrecision,
    EventType,
    EvidenceKind,
    FindingResult,
    ForumKind,
    Kind,
    SecondRating,
    Source,
    Status,
    Visibility,
)

FOLDER = Path(__file__).parent
CODES: dict[str, list[str]] = {
    "AssessmentStatus": [code for code in Status.values() if code != Status.UNASSESSED],
    "CommitmentKind": Kind.values(),
    "DatePrecision": DatePrecision.values(),
    "EventType": EventType.values(),
    "EvidenceKind": EvidenceKind.values(),
    "FindingResult": FindingResult.values(),
    "ForumKind": ForumKind.values(),
    "Source": Source.values(),
    "SecondRating": SecondRating.values(),
    "Visibility": Visibility.values(),
}


@cache
def schema_documents() -> dict[str, object]:
    """Return the complete JSON Schemas by the names of their files."""
    return {
        path.name: _with_codes(json.loads(path.read_text("utf-8")))
        for path in sorted(FOLDER.glob("*.json"))
    }


def _with_codes(value: object) -> object:
    """Replace each name of a list of codes by the `enum` of the codes."""
    match value:
        case {"x-codes": str(name), **others}:
            return {**others, "enum": CODES[name]}
        case dict():
            return {key: _with_codes(item) for key, item in value.items()}
        case list():
            return [_with_codes(item) for item in value]
        case _:
            return value
