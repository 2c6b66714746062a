"""Load a checked plan file: create a new plan, or amend a loaded one by its differences."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.access import policies
from commitments.choices import Action
from commitments.curation.recording import ChangeReason, record_plan
from commitments.exceptions import (
    NotPermitted,
    PlanDiffers,
    PlanFileError,
    Problem,
    ProblemPath,
)
from commitments.importing import comparison, plan_file
from commitments.importing.plan_write import PlanWriter, merged
from commitments.ledger.documents import Document
from commitments.models import (
    Criterion,
    Milestone,
    Plan,
    ProgressUpdate,
)
from commitments.workflow.locks import locked_plans

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def load_plan(document: Document, *, at: datetime) -> Plan:
    """Create the plan of a checked document in one transaction, and return it.

    If the plan is already loaded, return it unchanged, or raise PlanDiffers with every difference
    from the document. What the document does not mention is not a difference. Raise PlanFileError
    if a forum or office in the document differs from the one in the tracker.
    """
    with transaction.atomic():
        code = document["plan"]["code"]
        plan = Plan.objects.select_for_update().filter(code=code).first()
        if plan is None:
            # This locks the ledger's head: another process may have loaded the plan meanwhile.
            at = ledger.next_timestamp(at)
            plan = Plan.objects.filter(code=code).first()
        if plan is not None:
            differences = comparison.plan_differences(document, plan)
            if differences:
                raise PlanDiffers(
                    _("Plan %(code)s is already loaded and differs from the file.")
                    % {"code": code},
                    differences,
                )
            return plan
        _raise_if_any(comparison.shared_problems(document))
        plan = Plan(code=code)
        PlanWriter(plan, at).write(document)
        record_plan(Action.LOAD, plan, ChangeReason(None, at))
    return plan


def amend_plan(document: Document, *, reason: str, by: User, at: datetime) -> Plan:
    """Apply every difference between a checked document and the loaded plan, and return the plan.

    The ledger keeps what is replaced, and the reason is published with the role of `by`.
    Raise NotPermitted if `by` is not a curator. Raise PlanFileError if the reason is blank, the
    plan is not loaded, nothing differs, the result would break a rule of plan files, or the
    amendment would change the kind of a commitment with a published assessment or the time zone
    of a plan with a published update.
    """
    if not policies.may_curate(by):
        raise NotPermitted(_("Only a curator may amend a plan."))
    if not reason.strip():
        raise PlanFileError(_("An amendment requires a reason."))
    code = document["plan"]["code"]
    with transaction.atomic():
        # Forums and offices are shared by all plans, so the revision of every plan changes.
        plan = locked_plans().get(code)
        if plan is None:
            raise PlanFileError(_("There is no plan %(code)s to amend.") % {"code": code})
        if not comparison.plan_differences(document, plan):
            raise PlanFileError(_("The file does not differ from plan %(code)s.") % {"code": code})
        list(plan.commitments.select_for_update().order_by("pk"))
        _raise_if_any(
            [
                *_language_problems(document, plan),
                *_zone_problems(document, plan),
                *_kind_problems(document, plan),
                *_criteria_problems(document, plan),
                *_milestone_problems(document, plan),
            ]
        )
        _raise_if_any(plan_file.check_plan(comparison.amended_document(document, plan)))
        at = ledger.next_timestamp(at)
        PlanWriter(plan, at).write(document)
        record_plan(Action.AMEND, plan, ChangeReason(by, at, reason.strip()))
        Plan.objects.all().bump_revision()
    return plan


def _raise_if_any(problems: list[Problem]) -> None:
    if problems:
        raise PlanFileError(_("The file cannot be loaded."), problems)


def _language_problems(document: Document, plan: Plan) -> list[Problem]:
    """Return an error if the languages would change in any other way than by new ones at the end:
    texts keep the order of their languages, and updates may be in any of them."""
    if document["plan"]["languages"][: len(plan.languages)] == plan.languages:
        return []
    message = _("languages can only be added, after those that the plan has: %(languages)s")
    languages = ", ".join(plan.languages)
    return [Problem(("plan", "languages"), message % {"languages": languages})]


def _zone_problems(document: Document, plan: Plan) -> list[Problem]:
    """Return an error if the time zone would change although dates in it have been published."""
    public = ProgressUpdate.objects.filter(commitment__plan=plan, published_at__isnull=False)
    if document["plan"]["time_zone"] == plan.time_zone or not public.exists():
        return []
    message = _("the time zone cannot be changed once an update has been published")
    return [Problem(("plan", "time_zone"), message)]


def _kind_problems(document: Document, plan: Plan) -> list[Problem]:
    rows = {row.number: row for row in plan.commitments.all()}
    return [
        Problem(
            ("commitments", index, "kind"),
            _("the kind cannot be changed once an assessment has been published"),
        )
        for index, item in enumerate(document["commitments"])
        if (row := rows.get(item["number"]))
        and row.kind != item["kind"]
        and policies.kind_is_fixed(row)
    ]


def _criteria_problems(document: Document, plan: Plan) -> list[Problem]:
    """Return an error for each criterion that would change, or whose key was used before."""
    stored = {
        (row.commitment.number, row.key): row
        for row in Criterion.objects.filter(commitment__plan=plan).select_related("commitment")
    }
    problems = []
    for index, item in enumerate(document["commitments"]):
        for position, criterion in enumerate(item.get("criteria", [])):
            row = stored.get((item["number"], criterion["key"]))
            if row is None or _same_criterion(row, criterion, plan):
                continue
            message = _("criterion “%(key)s” never changes; give the new one a key of its own")
            path: ProblemPath = ("commitments", index, "criteria", position)
            problems.append(Problem(path, message % {"key": criterion["key"]}))
    return problems


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


def _same_criterion(row: Criterion, item: Document, plan: Plan) -> bool:
    return row.retired_at is None and all(
        merged(getattr(row, name), item.get(name, {}), plan.languages) == getattr(row, name)
        for name in ("text", "quote")
    )
