"""Read and check update files. `docs/plan-file.md` explains the format and its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.translation import gettext as _

from commitments.choices import DatePrecision
from commitments.clocks import period
from commitments.exceptions import Problem, ProblemPath, UpdateFileError
from commitments.importing import checks, languages, plan_file
from commitments.importing.references import (
    forum_problems,
    is_readable,
    known_forums,
    meant,
    readable_items,
    unknown,
)
from commitments.importing.yaml_file import YamlFile
from commitments.ledger.documents import Document
from commitments.models import Evidence, Plan, ProgressUpdate
from commitments.models.querysets.evidence import PublisherKeys
from commitments.texts.text import NO_TEXT, Text
from commitments.workflow import EVIDENCE_FIELDS, UPDATE_FIELDS

# The values of the evidence fields that a file leaves out.
EVIDENCE_DEFAULTS: Document = dict.fromkeys(EVIDENCE_FIELDS, "") | {
    "title": NO_TEXT,
    "publisher": NO_TEXT,
    "dated_on": None,
    "public": True,
}

# Fields whose values in a file have to be converted: dates, texts and relations.
CONVERTED_FIELDS = {
    "effective_on",
    "date_precision",
    "summary",
    "search_note",
    "forums",
    "corrects",
    "criteria",
    "meets",
    "covers_from",
    "findings",
    "rests_on",
}
# The other fields of an update, each with its value if a file leaves it out.
PLAIN_FIELDS: Document = {
    name: getattr(ProgressUpdate(), name) for name in UPDATE_FIELDS if name not in CONVERTED_FIELDS
}


def read_update_file(path: str) -> YamlFile:
    """Return the content and digest of an update file after checking it against its plan.

    The rules of the workflow are checked only by `update_load.load_updates`. Raise UpdateFileError
    with every error and its place in the file.
    """
    return checks.read_checked(path, "updates.schema.json", check_update_file, UpdateFileError)


def check_update_file(document: Document) -> list[Problem]:
    """Return the errors that a schema cannot express. Parts that do not fit the schema may be
    missing; what depends on them is not checked."""
    problems = [
        *plan_file.duplicate_problems(document, "forums", "code"),
        *forum_problems(document),
        *plan_file.duplicate_problems(document, "updates", "external_ref"),
    ]
    code = document.get("plan")
    plan = Plan.objects.filter(code=code).first() if isinstance(code, str) else None
    if plan is not None:
        names = ("name", "title", "publisher")
        problems += languages.problems_of(document, plan.languages, names=names)
        problems += _reference_problems(document, plan)
        problems += _event_problems(document, plan)
    elif code is not None:
        codes = Plan.objects.values_list("code", flat=True)
        message = (_("no plan “%(code)s”") % {"code": code}) + meant(code, codes)
        problems.append(Problem(("plan",), message))
    return problems


def evidence_of(document: Document, plan: Plan) -> list[list[Document]]:
    """Return the evidence of each update in the order of the file, with every field filled in, and
    with titles and publishers as texts."""
    return [
        [_complete(piece, plan) for piece in item.get("evidence", [])]
        for item in document["updates"]
    ]


def _complete(piece: Document, plan: Plan) -> Document:
    """Return a piece of evidence with every field. A plain title or name is in the language of the
    source, else in the plan's first."""
    language = piece.get("language") or plan.languages[0]
    texts = {
        name: Text({language: value} if isinstance(value, str) else value)
        for name in ("title", "publisher")
        if (value := piece.get(name))
    }
    return EVIDENCE_DEFAULTS | piece | texts


def _reference_problems(document: Document, plan: Plan) -> list[Problem]:
    """Return an error for each unknown commitment, forum or corrected update."""
    numbers = set(plan.commitments.values_list("number", flat=True))
    forums = known_forums(document)
    updates = ProgressUpdate.objects.filter(commitment__plan=plan, external_ref__isnull=False)
    earlier = set(updates.values_list("external_ref", flat=True))
    is_complete = is_readable(document, "updates", "external_ref")
    problems = []
    for index, item in readable_items(document, "updates"):
        path: ProblemPath = ("updates", index)
        number = item.get("commitment")
        if number is not None and number not in numbers:
            message = _("plan %(plan)s has no commitment “%(number)s”")
            values = {"plan": plan.code, "number": number}
            problems.append(Problem((*path, "commitment"), message % values))
        problems += [
            Problem((*path, "forums", position), unknown("forums", code, forums))
            for position, code in enumerate(item.get("forums") or ())
            if code not in (None, *forums) and is_readable(document, "forums", "code")
        ]
        corrected = item.get("corrects")
        if corrected is not None and corrected not in earlier and is_complete:
            message = _("no earlier update “%(key)s”, in this file or in the tracker")
            problems.append(Problem((*path, "corrects"), message % {"key": corrected}))
        earlier.add(item.get("external_ref"))
    return problems


def event_references(item: Document) -> Iterator[tuple[ProblemPath, str]]:
    """Yield the external reference of each event that an item names, with its path in the item."""
    for position, reference in enumerate(item.get("rests_on") or ()):
        if reference is not None:
            yield ("rests_on", position), reference
    for key, finding in (item.get("findings") or {}).items():
        for position, reference in enumerate(finding.get("events") or ()):
            if reference is not None:
                yield ("findings", key, "events", position), reference


def _event_problems(document: Document, plan: Plan) -> list[Problem]:
    """Return an error for each named event that is not an earlier update on the same commitment, in
    the file or in the tracker."""
    updates = ProgressUpdate.objects.filter(commitment__plan=plan, external_ref__isnull=False)
    rows = updates.values_list("external_ref", "commitment__number", "event_type")
    earlier: EarlierUpdates = {reference: (number, kind) for reference, number, kind in rows}
    is_complete = is_readable(document, "updates", "external_ref")
    problems = []
    for index, item in readable_items(document, "updates"):
        for path, reference in event_references(item):
            message = _event_message(item, reference, earlier)
            if message and (is_complete or reference in earlier):
                problems.append(Problem(("updates", index, *path), message % {"key": reference}))
        # An item with neither an event type nor a status is reported elsewhere.
        kind = item.get("event_type") or (None if "status" in item else "")
        earlier[item.get("external_ref")] = item.get("commitment"), kind
    return problems


# By external reference: the number of the commitment, and the event type; None if it is no event.
EarlierUpdates = dict[str | None, tuple[str | None, str | None]]


def _event_message(item: Document, reference: str, earlier: EarlierUpdates) -> str:
    """Return why an item cannot rest on the update of this reference, "" if it can."""
    if reference not in earlier:
        return _("no earlier update “%(key)s”, in this file or in the tracker")
    number, event_type = earlier[reference]
    if None not in (number, item.get("commitment")) and number != item["commitment"]:
        return _("“%(key)s” is about another commitment")
    return _("“%(key)s” is not an event") if event_type is None else ""


def content_differences(
    item: Document, evidence: list[Document], update: ProgressUpdate, publishers: PublisherKeys
) -> list[str]:
    """Return the keys of a file's item whose values differ from those of the stored update.

    `evidence` is the evidence of the item as `evidence_of` returns it; `publishers` are those of
    the tracker.
    """
    new, stored = _item_content(item, evidence, publishers), _update_content(update)
    return [key for key, value in new.items() if value != stored[key]]


def _item_content(item: Document, evidence: list[Document], publishers: PublisherKeys) -> Document:
    return {
        "commitment": item["commitment"],
        "effective_on": _period(item),
        **{name: item.get(name, default) for name, default in PLAIN_FIELDS.items()},
        "summary": Text(item["summary"]),
        "search_note": Text(item.get("search_note")),
        "forums": sorted(item.get("forums", [])),
        "corrects": item.get("corrects"),
        "criteria": sorted(item.get("criteria", [])),
        "meets": sorted(item.get("meets", [])),
        "covers_from": item.get("covers_from"),
        "findings": {
            key: (finding["result"], sorted(finding.get("events", [])))
            for key, finding in item.get("findings", {}).items()
        },
        "rests_on": sorted({reference for _path, reference in event_references(item)}),
        "evidence": _sorted_json(
            piece
            | {
                "title": piece["title"].as_dict(),
                "publisher": publishers.key_of(piece["publisher"]),
            }
            for piece in evidence
        ),
    }


def _update_content(update: ProgressUpdate) -> Document:
    return {
        "commitment": update.commitment.number,
        "effective_on": period(update.effective_on, update.date_precision),
        **{name: getattr(update, name) for name in PLAIN_FIELDS},
        "summary": update.summary,
        "search_note": update.search_note,
        "forums": sorted(forum.code for forum in update.forums.all()),
        "corrects": update.corrects and update.corrects.external_ref,
        "criteria": sorted(row.key for row in update.criteria.all()),
        "meets": sorted(row.key for row in update.meets.all()),
        "covers_from": update.covers_from and update.covers_from.isoformat(),
        "findings": {
            row.criterion.key: (
                row.result,
                sorted(str(event.external_ref) for event in row.events.all()),
            )
            for row in update.findings.all()
        },
        "rests_on": sorted(
            str(row.event.external_ref) for row in update.bases.all() if row.event_id != update.pk
        ),
        "evidence": _sorted_json(_evidence_document(piece) for piece in update.evidence.all()),
    }


def _period(item: Document) -> tuple[date, date]:
    day = date.fromisoformat(item["effective_on"])
    return period(day, item.get("date_precision", DatePrecision.DAY))


def _evidence_document(evidence: Evidence) -> Document:
    fields = {name: getattr(evidence, name) for name in EVIDENCE_FIELDS}
    return fields | {
        "title": evidence.title.as_dict(),
        "publisher": evidence.publisher and evidence.publisher.key,
        "dated_on": evidence.dated_on and evidence.dated_on.isoformat(),
    }


def _sorted_json(pieces: Iterable[Document]) -> list[str]:
    """Return the pieces as JSON in sorted order, to compare them regardless of their order."""
    return sorted(json.dumps(piece, sort_keys=True) for piece in pieces)
