"""Plan files: read and check one, and write a loaded plan back as one. The format and its JSON
Schema (`schemas/plan.schema.json`) are explained in `docs/plan-file.md`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from commitments import yamlfile
from commitments.bilingual import Text
from commitments.choices import Kind
from commitments.exceptions import Path, PlanFileError, Problem
from commitments.models import ActionArea, Commitment, Forum, Milestone, Office, Plan, StrategicGoal

FORMAT = 1
Document = dict[str, Any]

# The parts of a file that are lists of things with a key of their own.
KEYS = {
    "goals": "number",
    "areas": "number",
    "forums": "code",
    "offices": "code",
    "commitments": "number",
}


def read(path: str) -> Document:
    """The file's content, checked in itself and against the forums and offices that are there.

    Raises PlanFileError with every error and its place.
    """
    document = yamlfile.read(path, PlanFileError).value
    problems = yamlfile.schema_problems(document, "plan.schema.json")
    if not problems:
        problems = check(document)
    if problems:
        raise PlanFileError(_("%(path)s cannot be used.") % {"path": path}, problems)
    checked: Document = document
    return checked


def check(document: Document) -> list[Problem]:
    """What a schema cannot say, of a document that fits the schema."""
    return [
        *_plan_problems(document["plan"]),
        *_numbering_problems(document, "goals"),
        *_numbering_problems(document, "areas"),
        *(
            problem
            for part in KEYS
            for problem in repeats(document.get(part, []), part, KEYS[part])
        ),
        *forum_problems(document),
        *(
            problem
            for index, item in enumerate(document["commitments"])
            for problem in _commitment_problems(document, item, ("commitments", index))
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
            _("%(number)s stands where %(expected)s is due: numbers run 1, 2, … without a gap")
            % {"number": item["number"], "expected": index + 1},
        )
        for index, item in enumerate(document.get(part, []))
        if item["number"] != index + 1
    ]


def repeats(items: Sequence[Document], part: str, key: str, within: Path = ()) -> list[Problem]:
    """Items of the list `part` whose key an earlier one has."""
    first: dict[Any, int] = {}
    problems = []
    for index, item in enumerate(items):
        if first.setdefault(item[key], index) != index:
            problems.append(
                Problem(
                    (*within, part, index, key),
                    _("%(key)s is there already, as %(place)s")
                    % {"key": item[key], "place": f"{part}[{first[item[key]]}]"},
                )
            )
    return problems


def forum_problems(document: Document) -> list[Problem]:
    """References of the file's forums exist, and neither parents nor predecessors run in a
    circle."""
    known = set(Forum.objects.values_list("code", flat=True)) | _codes(document, "forums")
    forums = document.get("forums", [])
    problems = []
    for link in ("parent", "successor_of"):
        step = {forum["code"]: forum[link] for forum in forums if link in forum}
        for index, forum in enumerate(forums):
            place: Path = ("forums", index, link)
            if link in forum and forum[link] not in known:
                problems.append(Problem(place, _("no forum “%(code)s”") % {"code": forum[link]}))
            elif _circles(forum["code"], step):
                problems.append(Problem(place, _("this leads back to the forum itself")))
    return problems


def _circles(start: str, step: dict[str, str]) -> bool:
    here, seen = step.get(start), set()
    while here is not None and here != start and here not in seen:
        seen.add(here)
        here = step.get(here)
    return here == start


def _reference_problems(document: Document) -> list[Problem]:
    """Each commitment refers to goals, areas, forums and offices that there are."""
    goals, areas = _codes(document, "goals"), _codes(document, "areas")
    forums = set(Forum.objects.values_list("code", flat=True)) | _codes(document, "forums")
    offices = set(Office.objects.values_list("code", flat=True)) | _codes(document, "offices")
    problems = []
    for index, item in enumerate(document["commitments"]):
        at: Path = ("commitments", index)
        wanted: list[tuple[Path, Any, set[Any], Callable[[], str]]] = [
            ((*at, "goal"), item.get("goal"), goals, lambda: _("no goal %(key)s")),
            ((*at, "area"), item.get("area"), areas, lambda: _("no area %(key)s")),
            (
                (*at, "lead_office"),
                item.get("lead_office"),
                offices,
                lambda: _("no office “%(key)s”"),
            ),
        ]
        wanted += [
            ((*at, "supporting_goals", place), number, goals, lambda: _("no goal %(key)s"))
            for place, number in enumerate(item.get("supporting_goals", []))
        ]
        wanted += [
            ((*at, "forums", place), partner["code"], forums, lambda: _("no forum “%(key)s”"))
            for place, partner in enumerate(item.get("forums", []))
        ]
        wanted += [
            ((*at, "supporting_offices", place), code, offices, lambda: _("no office “%(key)s”"))
            for place, code in enumerate(item.get("supporting_offices", []))
        ]
        problems += [
            Problem(path, sentence() % {"key": key})
            for path, key, known, sentence in wanted
            if key is not None and key not in known
        ]
    return problems


def _closed_office_problems(document: Document) -> list[Problem]:
    closed = set(Office.objects.filter(closed_on__isnull=False).values_list("code", flat=True))
    places: list[tuple[Path, Any]] = []
    for index, item in enumerate(document["commitments"]):
        at: Path = ("commitments", index)
        places.append(((*at, "lead_office"), item.get("lead_office")))
        for place, code in enumerate(item.get("supporting_offices", [])):
            places.append(((*at, "supporting_offices", place), code))
    return [
        Problem(path, _("office “%(code)s” is closed") % {"code": code})
        for path, code in places
        if code in closed
    ]


def _commitment_problems(document: Document, item: Document, at: Path) -> list[Problem]:
    problems = repeats(item.get("forums", []), "forums", "code", at)
    for index, partner in enumerate(item.get("forums", [])):
        problems += [
            Problem(
                (*at, "forums", index, "quote", language),
                _("“%(quote)s” does not occur in the text") % {"quote": quote},
            )
            for language, quote in partner.get("quote", {}).items()
            if quote not in item["text"].get(language, "")
        ]
    if "due_on" in item and item["kind"] != Kind.DELIVERABLE:
        problems.append(Problem((*at, "due_on"), _("only a deliverable has a due date")))
    if "due_on" in item and item.get("start_on", "") > item["due_on"]:
        problems.append(Problem((*at, "due_on"), _("the due date is before the start")))
    problems += [Problem((*at, *twice.path), twice.message) for twice in named_twice(item)]
    titles = [Text.of(milestone["title"]) for milestone in item.get("milestones", [])]
    problems += [
        Problem((*at, "milestones", index, "title"), _("two milestones have this title"))
        for index, title in enumerate(titles)
        if title in titles[:index]
    ]
    return problems


def named_twice(item: Mapping[str, Any]) -> list[Problem]:
    """A goal or office that a commitment names first and again among the supporting ones; of a
    file's item or of a form's rows."""
    pairs = (
        ("goal", "supporting_goals", _("the primary goal is among them")),
        ("lead_office", "supporting_offices", _("the lead office is among them")),
    )
    return [
        Problem((others,), message)
        for first, others, message in pairs
        if item.get(first) is not None and item[first] in (item.get(others) or ())
    ]


def _codes(document: Document, part: str) -> set[Any]:
    return {item[KEYS[part]] for item in document.get(part, [])}


def dump(plan: Plan) -> str:
    """The plan as a file; loading that file elsewhere and dumping it gives the same bytes."""
    return yamlfile.dump(document_of(plan))


def document_of(plan: Plan) -> Document:
    """The plan as a file's content: what is empty is left out."""
    commitments = list(
        plan.commitments.in_order()
        .select_related("plan", "area", "goal", "lead_office")
        .prefetch_related(
            "supporting_goals", "supporting_offices", "partnerships__forum", "milestones"
        )
    )
    parts = {
        "format": FORMAT,
        "plan": _plan(plan),
        "goals": [_goal(goal) for goal in plan.goals.order_by("number")],
        "areas": [_area(area) for area in plan.areas.order_by("number")],
        "forums": [forum_document(forum) for forum in _forums_of(plan)],
        "offices": [office_document(office) for office in _offices_of(commitments)],
        "commitments": [_commitment(commitment) for commitment in commitments],
    }
    return _filled(parts)


def _filled(item: Document) -> Document:
    return {key: value for key, value in item.items() if value not in (None, "", [], {})}


def _text(text: Text) -> Document:
    return _filled(text.as_dict())


def _plan(plan: Plan) -> Document:
    return _filled(
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


def _goal(goal: StrategicGoal) -> Document:
    return _filled({"number": goal.number, "title": _text(goal.title), "text": _text(goal.text)})


def _area(area: ActionArea) -> Document:
    return {"number": area.number, "title": _text(area.title)}


def forum_document(forum: Forum) -> Document:
    return _filled(
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
    """The forums that the plan's commitments name, and those that these are part of or follow."""
    by_id = {
        forum.pk: forum
        for forum in Forum.objects.select_related("parent", "successor_of").order_by("pk")
    }
    wanted: set[int] = set()
    waiting = list(
        Forum.objects.filter(commitments__plan=plan).values_list("pk", flat=True).distinct()
    )
    while waiting:
        here = waiting.pop()
        if here not in wanted:
            wanted.add(here)
            forum = by_id[here]
            waiting += [pk for pk in (forum.parent_id, forum.successor_of_id) if pk is not None]
    return [forum for pk, forum in by_id.items() if pk in wanted]


def _offices_of(commitments: Iterable[Commitment]) -> list[Office]:
    found: dict[str, Office] = {}
    for commitment in commitments:
        for office in (commitment.lead_office, *commitment.supporting_offices.all()):
            if office is not None:
                found.setdefault(office.code, office)
    return [found[code] for code in sorted(found)]


def _commitment(commitment: Commitment) -> Document:
    partnerships = sorted(commitment.partnerships.all(), key=lambda row: row.pk)
    milestones = sorted(commitment.milestones.all(), key=lambda row: (row.due_on, row.pk))
    return _filled(
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
                _filled({"code": row.forum.code, "quote": _text(row.quote)}) for row in partnerships
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
    return _filled(
        {
            "title": _text(milestone.title),
            "due_on": milestone.due_on.isoformat(),
            "done_on": milestone.done_on and milestone.done_on.isoformat(),
        }
    )
