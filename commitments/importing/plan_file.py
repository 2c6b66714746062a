"""Read, check and dump plan files. `docs/plan-file.md` explains the format and its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from commitments.choices import Kind
from commitments.curation import edits
from commitments.exceptions import PlanFileError, Problem, ProblemPath
from commitments.importing import yaml_file
from commitments.models import ActionArea, Commitment, Forum, Milestone, Office, Plan, StrategicGoal
from commitments.texts.bilingual import Text

PLAN_FORMAT = 1
Document = dict[str, Any]

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
    if plan["time_zone"] in available_timezones():
        return []
    return [
        Problem(("plan", "time_zone"), _("no time zone “%(name)s”") % {"name": plan["time_zone"]})
    ]


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
    for index, partner in enumerate(item.get("forums", [])):
        problems += [
            Problem(
                (*path, "forums", index, "quote", language),
                _("“%(quote)s” does not occur in the text") % {"quote": quote},
            )
            for language, quote in partner.get("quote", {}).items()
            if quote not in item["text"].get(language, "")
        ]
    if "due_on" in item and item["kind"] != Kind.DELIVERABLE:
        problems.append(Problem((*path, "due_on"), _("only a deliverable can have a due date")))
    if "due_on" in item and item.get("start_on", "") > item["due_on"]:
        problems.append(Problem((*path, "due_on"), _("the due date is before the start date")))
    problems += [
        Problem((*path, *found.path), found.message) for found in edits.overlap_problems(item)
    ]
    titles = [Text.of(milestone["title"]) for milestone in item.get("milestones", [])]
    problems += [
        Problem((*path, "milestones", index, "title"), _("another milestone has the same title"))
        for index, title in enumerate(titles)
        if title in titles[:index]
    ]
    return problems


def _codes(document: Document, part: str) -> set[str | int]:
    return {item[ITEM_KEYS[part]] for item in document.get(part, [])}


def dump_plan(plan: Plan) -> str:
    """Return the plan as a plan file. Loading that file and dumping it gives the same bytes."""
    return yaml_file.dump_yaml(plan_document(plan))


def plan_document(plan: Plan) -> Document:
    """Return the plan as the content of a plan file, without empty values."""
    commitments = list(
        plan.commitments.in_order()
        .select_related("plan", "area", "goal", "lead_office")
        .prefetch_related(
            "supporting_goals", "supporting_offices", "partnerships__forum", "milestones"
        )
    )
    parts = {
        "format": PLAN_FORMAT,
        "plan": _plan_attributes(plan),
        "goals": [_goal_document(goal) for goal in plan.goals.order_by("number")],
        "areas": [_area_document(area) for area in plan.areas.order_by("number")],
        "forums": [forum_document(forum) for forum in _forums_of(plan)],
        "offices": [office_document(office) for office in _offices_of(commitments)],
        "commitments": [_commitment_document(commitment) for commitment in commitments],
    }
    return _without_empty(parts)


def _without_empty(item: Document) -> Document:
    return {key: value for key, value in item.items() if value not in (None, "", [], {})}


def _text(text: Text) -> Document:
    return _without_empty(text.as_dict())


def _plan_attributes(plan: Plan) -> Document:
    return _without_empty(
        {
            "code": plan.code,
            "title": _text(plan.title),
            "issuer": _text(plan.issuer),
            "adopted_on": plan.adopted_on and plan.adopted_on.isoformat(),
            "time_zone": plan.time_zone,
            "review_interval_days": plan.review_interval_days,
            "notice": _text(plan.notice),
            "licence": _text(plan.licence),
            "locality": plan.locality,
            "plan_number": plan.plan_number,
        }
    )


def _goal_document(goal: StrategicGoal) -> Document:
    return _without_empty(
        {"number": goal.number, "title": _text(goal.title), "text": _text(goal.text)}
    )


def _area_document(area: ActionArea) -> Document:
    return {"number": area.number, "title": _text(area.title)}


def forum_document(forum: Forum) -> Document:
    return _without_empty(
        {
            "code": forum.code,
            "name": _text(forum.name),
            "kind": forum.kind,
            "parent": forum.parent and forum.parent.code,
            "successor_of": forum.successor_of and forum.successor_of.code,
            "closed_on": forum.closed_on and forum.closed_on.isoformat(),
        }
    )


def office_document(office: Office) -> Document:
    return {"code": office.code, "name": _text(office.name)}


def _forums_of(plan: Plan) -> Iterable[Forum]:
    """Return the forums that the commitments name, with their ancestors and predecessors."""
    by_id = {
        forum.pk: forum
        for forum in Forum.objects.select_related("parent", "successor_of").order_by("pk")
    }
    included: set[int] = set()
    pending = list(
        Forum.objects.filter(commitments__plan=plan).values_list("pk", flat=True).distinct()
    )
    while pending:
        current = pending.pop()
        if current not in included:
            included.add(current)
            forum = by_id[current]
            pending += [pk for pk in (forum.parent_id, forum.successor_of_id) if pk is not None]
    return [forum for pk, forum in by_id.items() if pk in included]


def _offices_of(commitments: Iterable[Commitment]) -> list[Office]:
    offices: dict[str, Office] = {}
    for commitment in commitments:
        for office in (commitment.lead_office, *commitment.supporting_offices.all()):
            if office is not None:
                offices.setdefault(office.code, office)
    return [offices[code] for code in sorted(offices)]


def _commitment_document(commitment: Commitment) -> Document:
    partnerships = sorted(commitment.partnerships.all(), key=lambda row: row.pk)
    milestones = sorted(commitment.milestones.all(), key=lambda row: (row.due_on, row.pk))
    return _without_empty(
        {
            "number": commitment.number,
            "area": commitment.area and commitment.area.number,
            "title": _text(commitment.title),
            "text": _text(commitment.text),
            "kind": commitment.kind,
            "kind_reason": _text(commitment.kind_reason),
            "goal": commitment.goal and commitment.goal.number,
            "goal_reason": _text(commitment.goal_reason),
            "supporting_goals": sorted(goal.number for goal in commitment.supporting_goals.all()),
            "forums": [
                _without_empty({"code": row.forum.code, "quote": _text(row.quote)})
                for row in partnerships
            ],
            "note": _text(commitment.note),
            "start_on": commitment.start_on and commitment.start_on.isoformat(),
            "due_on": commitment.due_on and commitment.due_on.isoformat(),
            "lead_office": commitment.lead_office and commitment.lead_office.code,
            "supporting_offices": sorted(
                office.code for office in commitment.supporting_offices.all()
            ),
            "milestones": [milestone_document(row) for row in milestones],
        }
    )


def milestone_document(milestone: Milestone) -> Document:
    return _without_empty(
        {
            "title": _text(milestone.title),
            "due_on": milestone.due_on.isoformat(),
            "done_on": milestone.done_on and milestone.done_on.isoformat(),
        }
    )
