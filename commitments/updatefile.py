"""Update files: read and check one. The format and its JSON Schema (`schemas/updates.schema.json`)
are explained in `docs/plan-file.md`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from commitments import planfile, yamlfile
from commitments.bilingual import Text
from commitments.choices import DatePrecision
from commitments.clocks import period
from commitments.drafts import EVIDENCE_FIELDS
from commitments.exceptions import Path, Problem, UpdateFileError
from commitments.models import Evidence, Forum, Plan, ProgressUpdate
from commitments.planfile import Document

# A piece of evidence of which a file says nothing.
BLANK: Document = dict.fromkeys(EVIDENCE_FIELDS, "") | {"dated_on": None, "public": True}


def read(path: str) -> yamlfile.File:
    """The file's content and digest, checked in itself and against the plan that it speaks of.

    What the workflow refuses shows only when the updates are loaded: `updateload.load`.
    Raises UpdateFileError with every error and its place.
    """
    file = yamlfile.read(path, UpdateFileError)
    problems = yamlfile.schema_problems(file.value, "updates.schema.json")
    if not problems:
        problems = check(file.value)
    if problems:
        raise UpdateFileError(_("%(path)s cannot be used.") % {"path": path}, problems)
    return file


def check(document: Document) -> list[Problem]:
    """What a schema cannot say, of a document that fits the schema."""
    plan = Plan.objects.filter(code=document["plan"]).first()
    if plan is None:
        return [Problem(("plan",), _("no plan “%(code)s”") % {"code": document["plan"]})]
    return [
        *planfile.repeats(document.get("forums", []), "forums", "code"),
        *planfile.forum_problems(document),
        *planfile.repeats(document["updates"], "updates", "external_ref"),
        *_reference_problems(document, plan),
        *_basis_problems(document),
    ]


def evidence_of(document: Document) -> list[list[Document]]:
    """For each update of the file its evidence, with every field: its own, then that of the
    updates it is based on, every piece once."""
    own = {item["external_ref"]: item.get("evidence", []) for item in document["updates"]}
    every = []
    for item in document["updates"]:
        pieces = [{**BLANK, **piece} for piece in item.get("evidence", [])]
        for reference in item.get("based_on", []):
            borrowed = [{**BLANK, **piece} for piece in own[reference]]
            pieces += [piece for piece in borrowed if piece not in pieces]
        every.append(pieces)
    return every


def _reference_problems(document: Document, plan: Plan) -> list[Problem]:
    """Each update refers to a commitment, forums and a corrected update that there are."""
    numbers = set(plan.commitments.values_list("number", flat=True))
    forums = set(Forum.objects.values_list("code", flat=True))
    forums |= {forum["code"] for forum in document.get("forums", [])}
    updates = ProgressUpdate.objects.filter(commitment__plan=plan, external_ref__isnull=False)
    earlier = set(updates.values_list("external_ref", flat=True))
    problems = []
    for index, item in enumerate(document["updates"]):
        at: Path = ("updates", index)
        if item["commitment"] not in numbers:
            sentence = _("plan %(plan)s has no commitment “%(number)s”")
            said = {"plan": plan.code, "number": item["commitment"]}
            problems.append(Problem((*at, "commitment"), sentence % said))
        problems += [
            Problem((*at, "forums", place), _("no forum “%(key)s”") % {"key": code})
            for place, code in enumerate(item.get("forums", []))
            if code not in forums
        ]
        corrected = item.get("corrects")
        if corrected is not None and corrected not in earlier:
            sentence = _("no update “%(key)s” stands before this one, here or in the tracker")
            problems.append(Problem((*at, "corrects"), sentence % {"key": corrected}))
        earlier.add(item["external_ref"])
    return problems


def _basis_problems(document: Document) -> list[Problem]:
    """An update is based on others of the file that are about the same commitment, took effect by
    then, and have evidence of their own."""
    rows = {item["external_ref"]: item for item in document["updates"]}
    problems = []
    for index, item in enumerate(document["updates"]):
        for place, reference in enumerate(item.get("based_on", [])):
            sentence = _basis_problem(item, rows.get(reference))
            if sentence:
                path: Path = ("updates", index, "based_on", place)
                problems.append(Problem(path, sentence % {"key": reference}))
    return problems


def _basis_problem(item: Document, basis: Document | None) -> str:
    if basis is None:
        return _("this file has no update “%(key)s”")
    if basis["commitment"] != item["commitment"]:
        return _("“%(key)s” is about another commitment")
    if _period(basis)[0] > _period(item)[1]:
        return _("“%(key)s” took effect later")
    if not basis.get("evidence"):
        return _("“%(key)s” has no evidence of its own")
    return ""


def differences(item: Document, evidence: list[Document], update: ProgressUpdate) -> list[str]:
    """The keys under which the file's item says otherwise than the update that has its reference;
    `evidence` is the item's by `evidence_of`."""
    said, held = _said(item, evidence), _held(update)
    return [key for key, value in said.items() if value != held[key]]


def _said(item: Document, evidence: list[Document]) -> Document:
    return {
        "commitment": item["commitment"],
        "effective_on": _period(item),
        "status": item.get("status"),
        "summary": Text.of(item["summary"]),
        "search_note": Text.of(item.get("search_note")),
        "forums": sorted(item.get("forums", [])),
        "corrects": item.get("corrects"),
        "evidence": _in_order(evidence),
    }


def _held(update: ProgressUpdate) -> Document:
    return {
        "commitment": update.commitment.number,
        "effective_on": period(update.effective_on, update.date_precision),
        "status": update.status,
        "summary": update.summary,
        "search_note": update.search_note,
        "forums": sorted(forum.code for forum in update.forums.all()),
        "corrects": update.corrects and update.corrects.external_ref,
        "evidence": _in_order(_piece(piece) for piece in update.evidence.all()),
    }


def _period(item: Document) -> tuple[date, date]:
    day = date.fromisoformat(item["effective_on"])
    return period(day, item.get("date_precision", DatePrecision.DAY))


def _piece(evidence: Evidence) -> Document:
    fields = {name: getattr(evidence, name) for name in EVIDENCE_FIELDS}
    return fields | {"dated_on": evidence.dated_on and evidence.dated_on.isoformat()}


def _in_order(pieces: Iterable[Document]) -> list[str]:
    """Comparable whatever their order."""
    return sorted(json.dumps(piece, sort_keys=True) for piece in pieces)
