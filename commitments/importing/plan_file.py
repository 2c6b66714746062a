"""Read and check plan files. `docs/plan-file.md` explains the format and its JSON Schema."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace
from typing import Any
from unicodedata import normalize
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from commitments.choices import Kind
from commitments.clocks import EARLIEST_END
from commitments.curation import edits
from commitments.curation.keyed_rows import milestone_problems
from commitments.exceptions import PlanFileError, Problem, ProblemPath
from commitments.importing import checks, languages
from commitments.importing.members import member_problems
from commitments.importing.references import (
    KEYS,
    forum_problems,
    meant,
    readable_items,
    reference_problems,
)
from commitments.importing.sheets import SheetFile, read_sheet
from commitments.importing.step_output import Progress, in_silence
from commitments.importing.yaml_file import YamlFile, read_yaml
from commitments.ledger.documents import Document
from commitments.texts.highlight import same_words_in
from commitments.texts.languages import canonical_tag

# The lists of a plan file, and the key that identifies an item of each.
ITEM_KEYS = {**KEYS, "commitments": "number"}


def read_plan_file(path: str, progress: Progress = in_silence) -> YamlFile:
    """Return a plan file after checking it.

    Commitments may refer to forums and offices of the file or of the tracker. Raise PlanFileError
    with every error and its place in the file.
    """
    return checks.read_checked(path, "plan.schema.json", check_plan, PlanFileError, progress)


def read_plan_sheet(
    path: str, base: str | None, kind: str | None, progress: Progress = in_silence
) -> SheetFile:
    """Return a table of commitments as a plan file after checking it, as `read_sheet` reads it.
    `base` is a plan file with all but the commitments. Raise PlanFileError with the errors of that
    file, or else with those of the table."""
    progress(_("reading the file"))
    file = read_sheet(path, read_base(base) if base is not None else None, kind)
    progress(_("checking what it says"))
    return checks.sound(file, path, "plan.schema.json", check_plan, PlanFileError)


def read_base(path: str) -> Document:
    """Return the content of a plan file without commitments, after checking it as one. Raise
    PlanFileError with every error and its place, or if it has commitments."""
    file = read_yaml(path, PlanFileError)
    if isinstance(file.value, dict) and file.value.get("commitments"):
        message = _("%(path)s has commitments; give a plan file without: the table has them")
        raise PlanFileError(message % {"path": path})
    if isinstance(file.value, dict):
        file = replace(file, value={**file.value, "commitments": []})
    # The schema wants commitments: the table has them.
    base: Document = checks.sound(
        file, path, "plan.schema.json", check_plan, PlanFileError, left_out=("commitments",)
    ).value
    return base


def check_plan(document: Document) -> list[Problem]:
    """Return the errors that a schema cannot express. Parts that do not fit the schema may be
    missing; what depends on them is not checked."""
    return [
        *_plan_problems(document.get("plan") or {}),
        *_language_problems(document),
        *_numbering_problems(document, "goals"),
        *_numbering_problems(document, "areas"),
        *(
            problem
            for part, key in ITEM_KEYS.items()
            for problem in duplicate_problems(document, part, key)
        ),
        *forum_problems(document),
        *(
            problem
            for index, item in readable_items(document, "commitments")
            for problem in _commitment_problems(item, ("commitments", index))
        ),
        *reference_problems(document),
        *member_problems(document),
    ]


def _plan_problems(plan: Document) -> list[Problem]:
    problems = [
        Problem(("plan", "languages", index), languages.unknown_language(tag))
        for index, tag in enumerate(plan.get("languages") or ())
        if tag is not None and canonical_tag(tag) != tag
    ]
    zone, zones = plan.get("time_zone"), available_timezones()
    if zone is not None and zone not in zones:
        message = (_("no time zone “%(name)s”") % {"name": zone}) + meant(zone, zones)
        problems.append(Problem(("plan", "time_zone"), message))
    return problems


def _language_problems(document: Document) -> Iterable[Problem]:
    """Return an error for each text in a language that the plan does not list; an empty list if the
    list itself is wrong."""
    listed = (document.get("plan") or {}).get("languages")
    if not listed or None in listed or len(set(listed)) < len(listed):
        return ()
    return languages.problems_of(document, listed, names=("name",))


def _numbering_problems(document: Document, part: str) -> list[Problem]:
    return [
        Problem(
            (part, index, "number"),
            _("expected %(expected)s, found %(number)s: numbers must run 1, 2, … without gaps")
            % {"number": item["number"], "expected": index + 1},
        )
        for index, item in readable_items(document, part)
        if item.get("number") not in (None, index + 1)
    ]


def duplicate_problems(
    document: Document, part: str, key: str, within: ProblemPath = ()
) -> list[Problem]:
    """Return an error for each item whose `key` an earlier item of the same list has.

    `part` is the name of the list, `within` the path of `document`, which contains it.
    """
    first: dict[Any, int] = {}
    problems = []
    for index, item in readable_items(document, part):
        if key in item and (earlier := first.setdefault(_as_seen(item[key]), index)) != index:
            message = _("%(key)s is already used by item %(n)s of %(list)s")
            values = {"key": item[key], "n": earlier + 1, "list": part}
            problems.append(Problem((*within, part, index, key), message % values))
    return problems


def _as_seen(key: str | int) -> str | int:
    """Return a key without a difference that nobody sees: a letter with an accent may be one
    character or two."""
    return normalize("NFC", key) if isinstance(key, str) else key


def _commitment_problems(item: Document, path: ProblemPath) -> list[Problem]:
    problems = duplicate_problems(item, "forums", "code", path)
    for part in ("criteria", "milestones"):
        problems += duplicate_problems(item, part, "key", path)
    for part in ("forums", "criteria"):
        problems += _quote_problems(item, part, path)
    problems += [Problem((*path, *found), message) for found, message in _date_problems(item)]
    problems += [
        Problem((*path, *found.path), found.message) for found in edits.mismatch_problems(item)
    ]
    return problems


def number_problems(document: Document, known: Container[str] = ()) -> list[Problem]:
    """Return an error for each new commitment whose number has neither a letter nor a digit: a
    schema cannot tell the letters of all scripts from other signs. `known` are the numbers that the
    plan has already, and keeps."""
    message = _("“%(number)s” has no letter or digit")
    return [
        Problem(("commitments", index, "number"), message % {"number": item["number"]})
        for index, item in enumerate(document["commitments"])
        if item["number"] not in known and not any(sign.isalnum() for sign in item["number"])
    ]


def _date_problems(item: Document) -> list[tuple[ProblemPath, str]]:
    """Return what is wrong with the dates of a commitment, each with its path in the commitment."""
    start, due, end = (item.get(name) for name in ("start_on", "due_on", "ends_on"))
    kind = item.get("kind")
    found: list[tuple[ProblemPath, str]] = []
    if due:
        if kind == Kind.STANDING:
            found.append((("due_on",), _("only a deliverable can have a due date")))
        if start and start > due:
            found.append((("due_on",), _("the due date is before the start date")))
    if end:
        if kind == Kind.DELIVERABLE:
            found.append((("ends_on",), _("only a standing duty can have an end date")))
        if start and start > end:
            found.append((("ends_on",), _("the end date is before the start date")))
        if end < EARLIEST_END.isoformat():
            found.append((("ends_on",), _("the end date is too early")))
    return found + _milestone_problems(item, start, due or end)


def _milestone_problems(
    item: Document, start: str | None, last: str | None
) -> list[tuple[ProblemPath, str]]:
    """Return the milestones of a commitment that are before its first day or after its last one."""
    return [
        (("milestones", index, "due_on"), problem)
        for index, milestone in readable_items(item, "milestones")
        if (day := milestone.get("due_on"))
        for problem in milestone_problems(day, start, last)
    ]


def _quote_problems(item: Document, part: str, path: ProblemPath) -> list[Problem]:
    """Return an error for each quote of the forums or criteria that the text does not contain."""
    texts: Document = item.get("text") or {}
    if not texts:
        return []
    return [
        Problem(
            (*path, part, index, "quote", language),
            _("“%(quote)s” does not occur in the text") % {"quote": quote},
        )
        for index, row in readable_items(item, part)
        for language, quote in (row.get("quote") or {}).items()
        if not same_words_in(quote, texts.get(language, ""))
    ]
