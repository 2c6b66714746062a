"""Load a checked plan file: create a plan, or amend a loaded one by merging the file with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.access import policies
from commitments.accounts.followers import end_following_goals
from commitments.choices import Action
from commitments.curation.recording import ChangeReason, record_plan
from commitments.exceptions import NotPermitted, PlanDiffers, PlanFileError, Problem
from commitments.importing import amendment_rules, comparison, plan_dump, sharing
from commitments.importing.members import (
    Members,
    add_members,
    member_lines,
    missing_members,
    taken_out,
)
from commitments.importing.merge import (
    Difference,
    Merge,
    Side,
    TakenSides,
    merge,
    normal_form,
    path_in,
)
from commitments.importing.places import FileProblem
from commitments.importing.plan_file import number_problems
from commitments.importing.plan_write import PlanWriter
from commitments.importing.report import change_lines
from commitments.importing.step_output import Progress, in_silence
from commitments.ledger.documents import Document
from commitments.ledger.hashing import sha256_of
from commitments.models import Plan, PlanFile, StrategicGoal
from commitments.workflow.locks import locked_plans
from commitments.workflow.reasons import reason_problems

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass
class PlanLoad:
    """What loading a file did: the plan; a line for each public change; the user names of those who
    became members of offices; the values that stay as they are in the tracker although the file has
    others; the numbers of commitments that the file lacks; and, if the file is an earlier version
    than the one loaded last, when it was loaded."""

    plan: Plan
    changes: Sequence[str] = ()
    members: Members = field(default_factory=dict)
    kept: Sequence[Difference] = ()
    missing: Sequence[str] = ()
    loaded_before: datetime | None = None

    @property
    def differs(self) -> bool:
        """Whether the file differs from the tracker, even if only in values that stay."""
        return bool(self.changes or self.members or self.kept or self.missing)


@dataclass
class _Comparison:
    """A file, the plan as it is in the tracker, the file loaded last, empty if there is none, and
    what they make merged."""

    plan: Plan
    file: Document
    members: Members
    tracker: Document
    last: Document
    merged: Merge
    changes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.changes = change_lines(self.tracker, self.merged.document)

    @cached_property
    def sha256(self) -> str:
        return sha256_of(self.file)

    def file_with_changes(self) -> Document:
        """Return the file loaded last with what this one changes in the tracker; this one if there
        is none."""
        if not self.last:
            return self.file
        sides = TakenSides({"": Side.FILE})
        return merge(self.tracker, self.file, self.last, sides, {}).document

    def result(self) -> PlanLoad:
        return PlanLoad(
            self.plan,
            self.changes,
            self.members,
            self.merged.kept,
            self.merged.missing,
            self.loaded_before,
        )

    def conflict_problems(self) -> list[Problem]:
        return [Problem(row.path, comparison.conflict_text(row)) for row in self.merged.conflicts]

    def rule_problems(self) -> list[Problem]:
        """Return what is wrong with the merged plan, with paths in the file."""
        document = self.merged.document
        return [
            Problem(path_in(self.file, document, problem.path), problem.message)
            for problem in amendment_rules.amendment_problems(document, self.tracker, self.plan)
        ]

    @cached_property
    def loaded_before(self) -> datetime | None:
        """When the file was loaded, if another version of it has been loaded since."""
        loaded_at = dict(self.plan.files.order_by("pk").values_list("sha256", "at"))
        latest = self.plan.files.order_by("-pk").values_list("sha256", flat=True).first()
        return None if latest == self.sha256 else loaded_at.get(self.sha256)

    def explained(self, problems: Sequence[Problem]) -> list[Problem]:
        """Return these problems and, if there are any and the file is an earlier version, that it
        is: it then contradicts what was amended since."""
        if not problems or self.loaded_before is None:
            return [*problems]
        return [*problems, _without_place(earlier_version(self.loaded_before))]


def earlier_version(loaded_before: datetime) -> str:
    """Return a sentence that a file was loaded at this time and is not the latest version."""
    sentence = _("This file was loaded on %(time)s UTC; another version has been loaded since.")
    return sentence % {"time": f"{loaded_before:%Y-%m-%d %H:%M}"}


def load_plan(document: Document, *, at: datetime, progress: Progress = in_silence) -> PlanLoad:
    """Create the plan of a checked document in one transaction.

    If the plan is already loaded, change nothing in it, and raise PlanDiffers, with all changes and
    all conflicts, if an amendment would change anything. The file is then kept for the next
    comparison only if there is none to compare with. Raise PlanFileError if a forum or office
    in the document differs from the one in the tracker.
    """
    file, members = taken_out(normal_form(document))
    with transaction.atomic():
        code = file["plan"]["code"]
        plan = Plan.objects.select_for_update().filter(code=code).first()
        if plan is None:
            # This locks the ledger's head: another process may have loaded the plan meanwhile.
            at = ledger.next_timestamp(at)
            plan = Plan.objects.filter(code=code).first()
        if plan is not None:
            progress(_("comparing it with the tracker"))
            return _unchanged(_compared(file, members, plan, TakenSides()), at)
        _raise_if_any([*number_problems(file), *comparison.shared_problems(file)])
        plan = Plan(code=code)
        progress(_("writing %(count)s commitments") % {"count": len(file["commitments"])})
        PlanWriter(plan, at).write(_with_stored_items(file))
        _keep_file(plan, file, at)
        progress(_("recording them in the ledger"))
        record_plan(Action.LOAD, plan, ChangeReason(None, at))
        missing = missing_members(members)
        add_members(missing)
    return PlanLoad(plan, members=missing)


def amend_plan(
    document: Document,
    *,
    reason: str,
    by: User,
    at: datetime,
    taken: TakenSides | None = None,
    changes_only: bool = False,
    progress: Progress = in_silence,
) -> PlanLoad:
    """Merge a checked document with the loaded plan.

    What only the document changed since the file was loaded last is applied, what only curators
    changed stays, and `taken` says which side to take in conflicts. `changes_only` is for a
    document that takes from the tracker what it does not change itself. The ledger keeps what is
    replaced, and the reason is published with the role of `by`. If the document differs only in
    values that stay, the result has no changes; conflicts in which a side was taken are settled.

    Raise NotPermitted if `by` is not a curator. Raise PlanFileError if this cannot be the reason,
    the plan is not loaded, the document does not differ from it, a conflict is left, a side is
    taken where there is none, or the result would break a rule of plan files or of amendments.
    """
    if not policies.may_curate(by):
        raise NotPermitted(_("Only a curator may amend a plan."))
    if problems := reason_problems(reason):
        raise PlanFileError(problems[0].message)
    file, members = taken_out(normal_form(document))
    taken, code = taken or TakenSides(), file["plan"]["code"]
    with transaction.atomic():
        # Forums and offices are shared by all plans, so the revision of every plan changes.
        plan = locked_plans().get(code)
        if plan is None:
            raise PlanFileError(_("There is no plan %(code)s to amend.") % {"code": code})
        list(plan.commitments.select_for_update().order_by("pk").values("pk"))
        progress(_("comparing it with the tracker"))
        compared = _compared(file, members, plan, taken)
        _raise_if_any(compared.explained([*compared.conflict_problems(), *_unused(taken)]))
        result = compared.result()
        if not result.differs:
            raise PlanFileError(_("The file does not differ from plan %(code)s.") % {"code": code})
        _raise_if_any(compared.explained(compared.rule_problems()))
        # What curators changed would seem to be in the file, and be taken back by the next one.
        kept = compared.file_with_changes() if changes_only else file
        if compared.changes:
            progress(_("writing what has changed"))
            _amend(compared, ChangeReason(by, ledger.next_timestamp(at), reason.strip()), kept)
        elif taken.used:
            # The same conflicts are not to come back with the next amendment.
            _keep_file(plan, kept, at)
        add_members(compared.members)
    return result


def _amend(compared: _Comparison, change: ChangeReason, kept: Document) -> None:
    writer = PlanWriter(compared.plan, change.at, compared.tracker)
    writer.write(compared.merged.document)
    _keep_file(compared.plan, kept, change.at)
    record_plan(Action.AMEND, compared.plan, change, writer.removed)
    goals = [row.number for row in writer.removed if isinstance(row, StrategicGoal)]
    end_following_goals(compared.plan, goals, change.at)
    Plan.objects.all().bump_revision()


def _unchanged(compared: _Comparison, at: datetime) -> PlanLoad:
    """Return a result without changes; raise PlanDiffers if the file would change something. Keep
    the file for the next comparison only if it is the first one."""
    members = member_lines(compared.members)
    lines = [_without_place(line) for line in (*compared.changes, *members)]
    problems = compared.explained([*compared.conflict_problems(), *lines])
    if problems:
        raise PlanDiffers(
            _("Plan %(code)s is already loaded and differs from the file.")
            % {"code": compared.plan.code},
            problems,
        )
    # A dump has the curators' edits: compared with it, the file that is maintained outside would
    # seem to change them back.
    if not compared.plan.files.exists():
        _keep_file(compared.plan, compared.file, at)
    return compared.result()


def _compared(file: Document, members: Members, plan: Plan, taken: TakenSides) -> _Comparison:
    last = plan.files.order_by("-pk").first()
    tracker = normal_form(plan_dump.plan_document(plan)) | {
        part: list(items.values()) for part, items in comparison.stored_items(file).items()
    }
    users = sharing.other_users(plan)
    base = last.document if last else {}
    merged = merge(base, file, tracker, taken, users)
    return _Comparison(plan, file, missing_members(members), tracker, base, merged)


def _keep_file(plan: Plan, file: Document, at: datetime) -> None:
    """Keep the file for the next comparison, unless it is the one loaded last."""
    sha256 = sha256_of(file)
    last = plan.files.order_by("-pk").values_list("sha256", flat=True).first()
    if sha256 != last:
        PlanFile.objects.create(plan=plan, at=at, sha256=sha256, document=file)


def _with_stored_items(file: Document) -> Document:
    """Return the file with those of its forums and offices that the tracker has in their stored
    form."""
    stored = comparison.stored_items(file)
    return file | {
        part: [items.get(item["code"], item) for item in file.get(part, ())]
        for part, items in stored.items()
    }


def _unused(taken: TakenSides) -> list[Problem]:
    message = _("there is no conflict at “%(place)s”")
    return [_without_place(message % {"place": place}) for place in taken.unused]


def _without_place(message: str) -> Problem:
    """Return an error that concerns no place in the file."""
    return FileProblem((), message)


def _raise_if_any(problems: list[Problem]) -> None:
    if problems:
        raise PlanFileError(_("The file cannot be loaded."), problems)
