"""What an amended plan must keep, besides the rules of plan files."""

from __future__ import annotations

from datetime import date

from django.db.models import Min
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.exceptions import Problem
from commitments.importing import plan_file
from commitments.ledger.documents import Document
from commitments.models import Criterion, Milestone, Plan, ProgressUpdate
from commitments.texts.lists import ITEMS, join_list


def amendment_problems(document: Document, tracker: Document, plan: Plan) -> list[Problem]:
    """Return the errors of the plan as it would be, with paths in `document`; `tracker` is the plan
    as it is now."""
    return [
        *_language_problems(document, plan),
        *_zone_problems(document, plan),
        *_adoption_problems(document, plan),
        *_visibility_problems(document, plan),
        *_kind_problems(document, tracker, plan),
        *_criteria_problems(document, tracker, plan),
        *_milestone_problems(document, plan),
        *plan_file.number_problems(document, {row["number"] for row in tracker["commitments"]}),
        *plan_file.check_plan(document),
    ]


def _language_problems(document: Document, plan: Plan) -> list[Problem]:
    """Return an error if the languages would change in any way other than by new ones at the end:
    texts keep the order of their languages, and updates may be in any of them."""
    if document["plan"]["languages"][: len(plan.languages)] == plan.languages:
        return []
    message = _("languages can only be added, after those that the plan has: %(languages)s")
    languages = join_list(plan.languages, ITEMS)
    return [Problem(("plan", "languages"), message % {"languages": languages})]


def _zone_problems(document: Document, plan: Plan) -> list[Problem]:
    """Return an error if the time zone would change although dates in it have been published."""
    public = ProgressUpdate.objects.filter(commitment__plan=plan, published_at__isnull=False)
    if document["plan"]["time_zone"] == plan.time_zone or not public.exists():
        return []
    message = _("the time zone cannot be changed once an update has been published")
    return [Problem(("plan", "time_zone"), message)]


def _adoption_problems(document: Document, plan: Plan) -> list[Problem]:
    """Return an error if the plan would have been adopted after an event, or the first day of a
    period, that is published."""
    public = ProgressUpdate.objects.published().filter(commitment__plan=plan)
    events = public.filter(event_type__isnull=False).aggregate(day=Min("effective_on"))
    periods = public.aggregate(day=Min("covers_from"))
    first = min((row["day"] for row in (events, periods) if row["day"]), default=None)
    adopted_on = document["plan"].get("adopted_on")
    if first is None or adopted_on is None or date.fromisoformat(adopted_on) <= first:
        return []
    message = _("the plan cannot have been adopted after %(day)s, of which an update is published")
    return [Problem(("plan", "adopted_on"), message % {"day": first})]


def _visibility_problems(document: Document, plan: Plan) -> list[Problem]:
    if policies.may_become(plan, document["plan"]["visibility"]):
        return []
    message = _("a plan that has been public does not become a draft again")
    return [Problem(("plan", "visibility"), message)]


def _kind_problems(document: Document, tracker: Document, plan: Plan) -> list[Problem]:
    kinds = {item["number"]: item["kind"] for item in tracker["commitments"]}
    changed = {
        item["number"]: index
        for index, item in enumerate(document["commitments"])
        if kinds.get(item["number"], item["kind"]) != item["kind"]
    }
    return [
        Problem(
            ("commitments", changed[row.number], "kind"),
            _("the kind cannot be changed once an assessment has been published"),
        )
        for row in plan.commitments.filter(number__in=changed).order_by("pk")
        if policies.kind_is_fixed(row)
    ]


def _criteria_problems(document: Document, tracker: Document, plan: Plan) -> list[Problem]:
    """Return an error for each criterion that would change, or whose key was used before."""
    stored = {
        (item["number"], criterion["key"]): criterion
        for item in tracker["commitments"]
        for criterion in item.get("criteria", [])
    }
    retired = Criterion.objects.filter(commitment__plan=plan, retired_at__isnull=False)
    used = dict.fromkeys(retired.values_list("commitment__number", "key"))
    known = stored | used
    message = _("criterion “%(key)s” never changes; give the new one a key of its own")
    return [
        Problem(("commitments", index, "criteria", position), message % {"key": criterion["key"]})
        for index, item in enumerate(document["commitments"])
        for position, criterion in enumerate(item.get("criteria", []))
        if known.get((item["number"], criterion["key"]), criterion) != criterion
    ]


def _milestone_problems(document: Document, plan: Plan) -> list[Problem]:
    """Return an error for each milestone with the key of one that was dropped."""
    dropped = Milestone.objects.filter(commitment__plan=plan, retired_at__isnull=False)
    used = set(dropped.values_list("commitment__number", "key"))
    message = _("milestone “%(key)s” was dropped; give the new one a key of its own")
    return [
        Problem(
            ("commitments", index, "milestones", position, "key"), message % {"key": item["key"]}
        )
        for index, commitment in enumerate(document["commitments"])
        for position, item in enumerate(commitment.get("milestones", []))
        if (commitment["number"], item["key"]) in used
    ]
