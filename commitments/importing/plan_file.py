"""Read and check plan files. `docs/plan-file.md` explains the format and its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from commitments.choices import Kind
from commitments.clocks import EARLIEST_END
from commitments.curation import edits
from commitments.exceptions import PlanFileError, Problem, ProblemPath
from commitments.importing import languages, yaml_file
from commitments.ledger.documents import Document
from commitments.models import Forum, Office
from commitments.texts.languages import canonical_tag

# The lists of a plan file, and the key that identifies an item of each.
ITEM_KEYS = {
    "goals": "number",
    "areas": "number",
    "forums": "code",
    "offices": "code",
    "commitments": "number",
}


def read_plan_file(path: str) -> Document:
    """Return the content of a plan file after checking it.

    Commitments may refer to forums and offices of the file or of the tracker. Raise PlanFileError
    with every error and its place in the file.
    """
    document = yaml_file.read_yaml(path, PlanFileError).value
    problems = yaml_file.schema_problems(document, "plan.schema.json")
    if not problems:
        problems = check_plan(document)
    if problems:
        raise PlanFileError(_("%(path)s cannot be used.") % {"path": path}, problems)
    checked: Document = document
    return checked


def check_plan(document: Document) -> list[Problem]:
    """Return the errors that a schema cannot express, of a document that fits the schema."""
    return [
        *_plan_problems(document["plan"]),
        *languages.problems_of(document, document["plan"]["languages"], names=("name",)),
        *_numbering_problems(document, "goals"),
        *_numbering_problems(document, "areas"),
        *(
            problem
            for part in ITEM_KEYS
            for problem in duplicate_problems(document.get(part, []), part, ITEM_KEYS[part])
        ),
        *forum_problems(document),
        *(
            problem
            for index, item in enumerate(document["commitments"])
            for problem in _commitment_problems(item, ("commitments", index))
        ),
        *_reference_problems(document),
        *_closed_office_problems(document),
    ]


def _plan_problems(plan: Document) -> list[Problem]:
    problems = [
        Problem(("plan", "languages", index), languages.unknown_language(tag))
        for index, tag in enumerate(plan["languages"])
        if canonical_tag(tag) != tag
    ]
    if plan["time_zone"] not in available_timezones():
        message = _("no time zone “%(name)s”") % {"name": plan["time_zone"]}
        problems.append(Problem(("plan", "time_zone"), message))
    return problems


def _numbering_problems(document: Document, part: str) -> list[Problem]:
    return [
        Problem(
            (part, index, "number"),
            _("expected %(expected)s, found %(number)s: numbers must run 1, 2, … without gaps")
            % {"number": item["number"], "expected": index + 1},
        )
        for index, item in enumerate(document.get(part, []))
        if item["number"] != index + 1
    ]


def duplicate_problems(
    items: Sequence[Document], part: str, key: str, within: ProblemPath = ()
) -> list[Problem]:
    """Return an error for each item whose `key` an earlier item of the same list has.

    `part` is the name of the list, `within` the path of the object that contains it.
    """
    first: dict[Any, int] = {}
    problems = []
    for index, item in enumerate(items):
        if first.setdefault(item[key], index) != index:
            problems.append(
                Problem(
                    (*within, part, index, key),
                    _("%(key)s is already used by %(place)s")
                    % {"key": item[key], "place": f"{part}[{first[item[key]]}]"},
                )
            )
    return problems


def known_forums(document: Document) -> set[str]:
    """Return the codes of the forums of the tracker and of the file."""
    codes = {forum["code"] for forum in document.get("forums", [])}
    return codes | set(Forum.objects.values_list("code", flat=True))


def forum_problems(document: Document) -> list[Problem]:
    """Return an error for each unknown parent or predecessor of a forum, and for each cycle."""
    known = known_forums(document)
    forums = document.get("forums", [])
    problems = []
    for link in ("parent", "successor_of"):
        targets = {forum["code"]: forum[link] for forum in forums if link in forum}
        for index, forum in enumerate(forums):
            path: ProblemPath = ("forums", index, link)
            if link in forum and forum[link] not in known:
                problems.append(Problem(path, _("no forum “%(key)s”") % {"key": forum[link]}))
            elif _is_in_cycle(forum["code"], targets):
                problems.append(Problem(path, _("the forum leads back to itself")))
    return problems


def _is_in_cycle(start: str, targets: Mapping[str, str]) -> bool:
    code, visited = targets.get(start), set()
    while code is not None and code != start and code not in visited:
        visited.add(code)
        code = targets.get(code)
    return code == start


def _reference_problems(document: Document) -> list[Problem]:
    """Return an error for each reference of a commitment to something unknown."""
    known: dict[str, set[Any]] = {
        "goals": _codes(document, "goals"),
        "areas": _codes(document, "areas"),
        "forums": known_forums(document),
        "offices": {*Office.objects.values_list("code", flat=True), *_codes(document, "offices")},
    }
    messages = {
        "goals": _("no goal %(key)s"),
        "areas": _("no area %(key)s"),
        "forums": _("no forum “%(key)s”"),
        "offices": _("no office “%(key)s”"),
    }
    return [
        Problem(path, messages[part] % {"key": key})
        for path, part, key in _references(document)
        if key not in known[part]
    ]


def _closed_office_problems(document: Document) -> list[Problem]:
    closed = set(Office.objects.filter(closed_on__isnull=False).values_list("code", flat=True))
    return [
        Problem(path, _("office “%(code)s” is closed") % {"code": key})
        for path, part, key in _references(document)
        if part == "offices" and key in closed
    ]


def _references(document: Document) -> Iterator[tuple[ProblemPath, str, Any]]:
    """Yield the path, the part and the key of each item to which a commitment refers."""
    for index, item in enumerate(document["commitments"]):
        path: ProblemPath = ("commitments", index)
        for name, part in (("goal", "goals"), ("area", "areas"), ("lead_office", "offices")):
            if item.get(name) is not None:
                yield (*path, name), part, item[name]
        lists = (
            ("supporting_goals", "goals", item.get("supporting_goals", [])),
            ("forums", "forums", [partner["code"] for partner in item.get("forums", [])]),
            ("supporting_offices", "offices", item.get("supporting_offices", [])),
        )
        for name, part, keys in lists:
            for position, key in enumerate(keys):
                yield (*path, name, position), part, key


def _commitment_problems(item: Document, path: ProblemPath) -> list[Problem]:
    problems = duplicate_problems(item.get("forums", []), "forums", "code", path)
    for part in ("criteria", "milestones"):
        problems += duplicate_problems(item.get(part, []), part, "key", path)
    for part in ("forums", "criteria"):
        problems += _quote_problems(item, part, path)
    problems += _date_problems(item, path)
    problems += [
        Problem((*path, *found.path), found.message) for found in edits.overlap_problems(item)
    ]
    return problems


def _date_problems(item: Document, path: ProblemPath) -> list[Problem]:
    """Return an error for a last day that does not suit the kind, or the start date."""
    messages = []
    if "due_on" in item:
        if item["kind"] != Kind.DELIVERABLE:
            messages.append(("due_on", _("only a deliverable can have a due date")))
        if item.get("start_on", "") > item["due_on"]:
            messages.append(("due_on", _("the due date is before the start date")))
    if "ends_on" in item:
        if item["kind"] != Kind.STANDING:
            messages.append(("ends_on", _("only a standing duty can have an end date")))
        if item.get("start_on", "") > item["ends_on"]:
            messages.append(("ends_on", _("the end date is before the start date")))
        if item["ends_on"] < EARLIEST_END.isoformat():
            messages.append(("ends_on", _("the end date is too early")))
    return [Problem((*path, name), message) for name, message in messages]


def _quote_problems(item: Document, part: str, path: ProblemPath) -> list[Problem]:
    """Return an error for each quote of the forums or criteria that the text does not contain."""
    return [
        Problem(
            (*path, part, index, "quote", language),
            _("“%(quote)s” does not occur in the text") % {"quote": quote},
        )
        for index, row in enumerate(item.get(part, []))
        for language, quote in row.get("quote", {}).items()
        if quote not in item["text"].get(language, "")
    ]


def _codes(document: Document, part: str) -> set[str | int]:
    return {item[ITEM_KEYS[part]] for item in document.get(part, [])}
