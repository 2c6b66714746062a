"""Load a checked plan file: create a new plan, or amend a loaded one by its differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from django.db import models, transaction
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
from commitments.ledger.documents import Document
from commitments.models import (
    ActionArea,
    Commitment,
    Criterion,
    Forum,
    Milestone,
    Office,
    Partnership,
    Plan,
    ProgressUpdate,
    StrategicGoal,
)
from commitments.texts.text import Text
from commitments.workflow.locks import locked_plans

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Numbered = TypeVar("Numbered", StrategicGoal, ActionArea)
Shared = TypeVar("Shared", Forum, Office)


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
        _PlanWriter(plan, at).write(document)
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
        _PlanWriter(plan, at).write(document)
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
        _merged(getattr(row, name), item.get(name, {}), plan.languages) == getattr(row, name)
        for name in ("text", "quote")
    )


@dataclass
class _PlanWriter:
    """Creates and updates the rows of a plan from a document. `at` is the time of the decision."""

    plan: Plan
    at: datetime

    def write(self, document: Document) -> None:
        _assign(
            self.plan, _columns(document["plan"], skip=("code",)), document["plan"]["languages"]
        )
        self.plan.full_clean(exclude=["code"] if self.plan.pk else None)
        self.plan.save()
        self.goals = self._write_numbered(StrategicGoal, document.get("goals", []))
        self.areas = self._write_numbered(ActionArea, document.get("areas", []))
        self.forums = write_forums(document.get("forums", []))
        self.offices = _write_shared(Office, document.get("offices", []))
        self._write_commitments(document["commitments"])

    def _write_numbered(self, model: type[Numbered], items: list[Document]) -> dict[int, Numbered]:
        rows = {row.number: row for row in model.objects.filter(plan=self.plan)}
        for item in items:
            row = rows.setdefault(item["number"], model(plan=self.plan))
            self._save(row, _columns(item))
        return rows

    def _write_commitments(self, items: list[Document]) -> None:
        rows = {row.number: row for row in self.plan.commitments.all()}
        next_position = 1 + max((row.position for row in rows.values()), default=0)
        for item in items:
            row = rows.get(item["number"])
            if row is None:
                row = Commitment(plan=self.plan, position=next_position)
                next_position += 1
            self._write_commitment(row, item)

    def _write_commitment(self, row: Commitment, item: Document) -> None:
        columns = _columns(
            item,
            skip=(
                "area",
                "goal",
                "lead_office",
                "supporting_goals",
                "supporting_offices",
                "forums",
                "criteria",
                "milestones",
            ),
        )
        for name, targets in (
            ("area", self.areas),
            ("goal", self.goals),
            ("lead_office", self.offices),
        ):
            if name in item:
                columns[name] = targets[item[name]]
        wording = _merged(row.text, item["text"], self.plan.languages)
        columns["text_sha256"] = ledger.wording_sha256(wording)
        self._save(row, columns)
        if "supporting_goals" in item:
            row.supporting_goals.set([self.goals[number] for number in item["supporting_goals"]])
        if "supporting_offices" in item:
            row.supporting_offices.set([self.offices[code] for code in item["supporting_offices"]])
        self._write_partnerships(row, item.get("forums", []))
        if "criteria" in item:
            self._write_criteria(row, item["criteria"])
        self._write_milestones(row, item.get("milestones", []))

    def _write_criteria(self, commitment: Commitment, items: list[Document]) -> None:
        """Add the criteria that are new, and replace those that the file no longer has."""
        in_use = {row.key for row in commitment.criteria.known(None)}
        keys = [item["key"] for item in items]
        commitment.criteria.known(None).exclude(key__in=keys).update(retired_at=self.at)
        for position, item in enumerate(items, start=1):
            if item["key"] in in_use:
                commitment.criteria.filter(key=item["key"]).update(position=position)
            else:
                row = Criterion(commitment=commitment, position=position, added_at=self.at)
                self._save(row, _columns(item))

    def _write_partnerships(self, commitment: Commitment, items: list[Document]) -> None:
        rows = {row.forum_id: row for row in commitment.partnerships.all()}
        for item in items:
            forum = self.forums[item["code"]]
            row = rows.get(forum.pk) or Partnership(commitment=commitment, forum=forum)
            self._save(row, _columns(item, skip=("code",)))

    def _write_milestones(self, commitment: Commitment, items: list[Document]) -> None:
        rows = {row.key: row for row in commitment.milestones.all()}
        for item in items:
            self._save(rows.get(item["key"]) or Milestone(commitment=commitment), _columns(item))

    def _save(self, row: models.Model, columns: Mapping[str, object]) -> None:
        _save_changes(row, columns, self.plan.languages)


def write_forums(items: list[Document]) -> dict[str, Forum]:
    """Create and update forums from the items of a file; return all forums by code."""
    forums = _write_shared(Forum, items)
    # Parents and predecessors may come later in the file than the forums that name them.
    for item in items:
        links: dict[str, object] = {
            link: forums[item[link]] for link in ("parent", "successor_of") if link in item
        }
        _save_changes(forums[item["code"]], links)
    return forums


def _write_shared(model: type[Shared], items: list[Document]) -> dict[str, Shared]:
    rows = {row.code: row for row in model.objects.all()}
    for item in items:
        row = rows.setdefault(item["code"], model())
        _save_changes(row, _columns(item, skip=("parent", "successor_of")))
    return rows


def _save_changes(
    row: models.Model,
    columns: Mapping[str, object],
    languages: Sequence[str] = (),
) -> None:
    """Save the row if it is new or a column changes; `languages` are those of its plan."""
    if _assign(row, columns, languages) or row.pk is None:
        row.save()


def _columns(item: Document, skip: Iterable[str] = ()) -> dict[str, object]:
    """Return an item of a file as columns, with its texts and dates."""
    columns: dict[str, object] = {}
    for key, value in item.items():
        if key in skip:
            continue
        if isinstance(value, dict):
            # A text, whose empty words take away those of a language.
            columns[key] = value
        else:
            columns[key] = date.fromisoformat(value) if key.endswith("_on") else value
    return columns


def _assign(row: models.Model, columns: Mapping[str, object], languages: Sequence[str]) -> bool:
    """Set the columns of a row and return whether any value changed. A language that a text of the
    file does not have keeps its words."""
    changed = False
    for name, value in columns.items():
        present = getattr(row, name)
        new = _merged(present, value, languages) if isinstance(value, dict) else value
        if new != present:
            setattr(row, name, new)
            changed = True
    return changed


def _merged(present: Text, new: Document, languages: Sequence[str]) -> Text:
    """Return the words of the new text over those present, in the order of the languages."""
    return Text(present.as_dict() | new).ordered(languages)
