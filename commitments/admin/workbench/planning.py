"""Planning: all commitments of a plan in a table with offices, dates, assessments and what is under
way; curators edit its cells in place or load them from a sheet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Count, F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments import ledger
from commitments.access import policies
from commitments.admin.workbench.base import StaffPage
from commitments.admin.workbench.planning_selection import PlanningSelection
from commitments.admin.workbench.sheets import SheetPage
from commitments.choices import EDITABLE_STATES, State
from commitments.clocks import Clock
from commitments.curation.history import FIELD_LABELS
from commitments.curation.planning import (
    PLANNED_FIELDS,
    PLANNED_RELATIONS,
    PlannedChange,
    planned_cells,
    planned_changes,
    save_planned,
)
from commitments.curation.report_calls import calls_in_force
from commitments.exceptions import Problem, TrackerError
from commitments.files import staging
from commitments.importing.planning_sheet import read_planning
from commitments.importing.table_file import SheetRow
from commitments.models import (
    Commitment,
    Decision,
    NothingNew,
    Office,
    Plan,
    ProgressUpdate,
    ReportCall,
)
from commitments.models.querysets import CommitmentQuerySet
from commitments.models.querysets.report_answers import IS_REPORT
from commitments.texts.lists import ITEMS, join_list
from commitments.workflow.work_queue import is_overdue_by, unanswered_of

# The page of a plan with all columns filled stays below 200 KB.
ROWS_PER_PAGE = 80
ORDERS = {"": (), "due": (F("assessment_effective_on").asc(nulls_first=True),)}


@dataclass(frozen=True)
class PlanningCell:
    """A cell of the table: the name of its input, its label, the entered and the stored value, and
    its error."""

    name: str
    label: object
    value: str
    before: str
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CallAnswer:
    """Who answered a call for reports first, and with which update; None if they said that there is
    nothing new."""

    person: User
    update: ProgressUpdate | None = None


@dataclass(frozen=True)
class PlanningRow:
    """A commitment at the clock `with_due_days`, its cells by field, how much is under way, and the
    first answer to the call for reports, if there is one that the reader may see."""

    commitment: Any
    cells: dict[str, PlanningCell]
    drafts: int
    in_review: int
    answer: CallAnswer | None

    @property
    def answer_offices(self) -> str:
        """The codes of the offices of the person who answered: of those that lead or support the
        commitment, if they are of any."""
        held = (
            {office.code for office in self.answer.person.offices.all()} if self.answer else set()
        )
        row = self.commitment
        concerned = {
            office.code for office in (row.lead_office, *row.supporting_offices.all()) if office
        }
        return join_list(sorted(held & concerned or held), ITEMS)

    @property
    def milestones_met(self) -> int:
        return sum(step.met_on is not None for step in self.commitment.known_milestones)

    @property
    def next_milestone(self) -> Any:
        """The milestone that is due first of those not met, None if there is none."""
        steps = (step for step in self.commitment.known_milestones if step.met_on is None)
        return next(steps, None)

    @property
    def is_milestone_overdue(self) -> bool:
        step = self.next_milestone
        return step is not None and is_overdue_by(self.commitment, step.known_due_on)

    @property
    def is_past_due(self) -> bool:
        """Return whether the due date of the commitment itself is over."""
        return is_overdue_by(self.commitment, self.commitment.known_due_on)


class PlanningPage(PlanningSelection, SheetPage):
    """The table of a plan, filtered as `PlanningSelection` says; `?sort=due` puts first what was
    assessed longest ago."""

    template_name = "workbench/planning.html"
    menu_entry = "planning"

    @property
    def may_edit(self) -> bool:
        return policies.may_curate(self.user)

    @property
    def address(self) -> str:
        return reverse("admin:planning", args=[self.plan.code])

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not self.may_edit:
            raise Http404
        if {"load", "check", "look"} & {*request.POST}:
            return self.take_sheet()
        return self._save_table()

    def _save_table(self) -> HttpResponse:
        """Save the cells that the person has changed, and leave the others alone."""
        sent = self.request.POST
        cells: dict[str, dict[str, str]] = {}
        before: dict[tuple[str, str], str] = {}
        for commitment in self.plan.commitments.in_order():
            for name in PLANNED_FIELDS:
                value, was = (sent.get(f"{kind}{commitment.pk}-{name}") for kind in ("c", "w"))
                if value is not None and value != was:
                    cells.setdefault(commitment.number, {})[name] = value
                    before[commitment.number, name] = was or ""
        changes, problems = planned_changes(self.plan, cells)
        changes = [replace(row, before=before[row.commitment.number, row.field]) for row in changes]
        wrong = self.reason_problem
        problems += self._save(changes, dry_run=bool(wrong))
        if changes and wrong:
            problems.append(Problem(("reason",), wrong))
        if problems:
            return self.render_to_response(self.get_context_data(problems=problems))
        return HttpResponseRedirect(self.request.get_full_path())

    def _save(self, changes: list[PlannedChange], *, dry_run: bool) -> list[Problem]:
        """Try to save the changes, and return the problems that prevent it. A dry run needs no
        reason."""
        if not changes:
            messages.info(self.request, _("Nothing to change: all values are as on record."))
            return []
        try:
            reason = "-" if dry_run else self.reason
            n = save_planned(
                changes, by=self.user, at=timezone.now(), reason=reason, dry_run=dry_run
            )
        except TrackerError as error:
            return list(error.problems) or [Problem((), str(error))]
        if not dry_run:
            sentence = ngettext(
                "%(n)s commitment was changed.", "%(n)s commitments were changed.", n
            )
            messages.success(self.request, sentence % {"n": n})
        return []

    def show_sheet(
        self, upload: staging.StagedUpload, token: str, rows: Sequence[SheetRow]
    ) -> HttpResponse:
        """Show the changes and errors of a sheet, or load it if its changes are still those that
        were shown."""
        numbers = set(self.plan.commitments.values_list("number", flat=True))
        sheet = read_planning(rows, numbers)
        changes, problems = planned_changes(self.plan, sheet.cells)
        problems = [*sheet.problems, *problems]
        shown = ledger.sha256_of([[row.path, row.before, row.after] for row in changes])
        is_new = self.was_shown and self.request.POST.get("shown") != shown
        wanted = "load" in self.request.POST and not is_new
        reason_problem = self.reason_problem if wanted else ""
        loads = wanted and not reason_problem and not problems
        if changes or not problems:
            problems += self._save(changes, dry_run=not loads)
        if loads and not problems:
            staging.discard(upload)
            return HttpResponseRedirect(self.address)
        if is_new and not problems:
            sentence = _("Something has changed since; see what would change now.")
            messages.warning(self.request, sentence)
        return self.render_to_response(
            super().get_context_data(
                of_plan=self.plan,
                sheet=sheet,
                sheet_name=upload.name,
                staged=token,
                shown=shown,
                changes=[] if problems else changes,
                changed_fields=Counter(str(row.label) for row in changes).most_common(),
                changed_commitments=len({row.commitment.pk for row in changes}),
                page=self.lines_to_show(sheet.located(problems) or changes, from_start=is_new),
                reason=self.reason,
                reason_problem=reason_problem,
                sheet_problems=sheet.located(problems),
            )
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        found = self.selected()
        paginator = Paginator(self._at_clock(found), ROWS_PER_PAGE)
        # Without the columns of the clock, which make counting slow.
        paginator.count = found.count()
        page = paginator.get_page(self.request.GET.get("page"))
        problems: Iterable[Problem] = kwargs.get("problems", ())
        rows = self._rows(list(page), problems)
        return super().get_context_data(
            of_plan=self.plan,
            plans=list(Plan.objects.in_order()),
            query=self.query,
            office=self.office,
            only_open=self.only_open,
            plan_offices=self.plan_offices,
            sort=self.request.GET.get("sort", ""),
            page=page,
            rows=rows,
            has_milestones=any(row.commitment.known_milestones for row in rows),
            may_edit=self.may_edit,
            call=self._call(),
            latest_call=self._latest_call,
            offices=list(Office.objects.open()),
            reason=self.reason,
            general_problems=[problem for problem in problems if len(problem.path) < 2],  # noqa: PLR2004
            **kwargs,
        )

    @cached_property
    def plan_offices(self) -> list[Office]:
        return list(Office.objects.of_plan(self.plan))

    def _call(self) -> dict[str, object] | None:
        """Return the call for reports that is in force, and how many commitments were answered."""
        call = self._latest_call
        if call is not None and call.withdrawn_at is not None:
            call = calls_in_force().filter(plan=self.plan).first()
        if call is None:
            return None
        unanswered = unanswered_of(self.plan, self.plan_offices)
        of = self.plan.commitments.count()
        answered = of - unanswered.commitments
        return {"call": call, "answered": answered, "of": of, "unanswered": unanswered}

    @cached_property
    def _latest_call(self) -> ReportCall | None:
        """The latest call for reports, withdrawn or not."""
        calls = self.plan.report_calls.select_related("withdrawn_by")
        return calls.order_by("-id").first()

    def _at_clock(self, found: CommitmentQuerySet) -> CommitmentQuerySet:
        clock = Clock(timezone.now())
        periods = self.plan.review_periods(clock)
        rows = found.at(clock, periods).with_due_days(periods)
        rows = rows.with_answers().with_milestones(clock, periods)
        rows = rows.select_related("plan", "lead_office").prefetch_related(*PLANNED_RELATIONS)
        order = ORDERS.get(self.request.GET.get("sort", ""), ())
        return rows.order_by(*order, "position", "id")

    def _rows(
        self, commitments: Sequence[Commitment], problems: Iterable[Problem]
    ) -> list[PlanningRow]:
        """Return the rows of these commitments, with how many updates are under way on each."""
        states = (*EDITABLE_STATES, State.SUBMITTED)
        updates = ProgressUpdate.objects.filter(commitment__in=commitments, state__in=states)
        counted = updates.values_list("commitment", "state").annotate(n=Count("pk"))
        under_way: dict[int, Counter[str]] = defaultdict(Counter)
        for pk, state, n in counted:
            under_way[pk][state if state == State.SUBMITTED else State.DRAFT] += n
        answers = first_answers(commitments, self.user)
        return [
            self._row(row, under_way[row.pk], answers.get(row.pk), problems) for row in commitments
        ]

    def _row(
        self,
        commitment: Any,
        under_way: Counter[str],
        answer: CallAnswer | None,
        problems: Iterable[Problem],
    ) -> PlanningRow:
        sent, cells = self.request.POST, {}
        for name, before in planned_cells(commitment).items():
            key = f"{commitment.pk}-{name}"
            wrong = [
                problem.message
                for problem in problems
                if problem.path[:2] in ((commitment.code, name), (commitment.number, name))
            ]
            # Show the stored value as the one before, so that the person may now replace it.
            cells[name] = PlanningCell(
                key, FIELD_LABELS[name], sent.get(f"c{key}", before), before, wrong
            )
        drafts, in_review = under_way[State.DRAFT], under_way[State.SUBMITTED]
        return PlanningRow(commitment, cells, drafts, in_review, answer)


def first_answers(commitments: Iterable[Any], reader: User) -> dict[int, CallAnswer]:
    """Return the first answer to the call for each of these commitments, by id: the one at
    `reported_at`, or else at `checked_at`. The commitments are read `with_answers`. Three queries
    for each kind of answer that there is."""
    reported = {row.pk: row.reported_at for row in commitments if row.reported_at}
    checked = {
        row.pk: row.checked_at for row in commitments if row.checked_at and row.pk not in reported
    }
    updates = ProgressUpdate.objects.visible_to(reader)
    reports = Decision.objects.filter(IS_REPORT, update__in=updates)
    return {
        row.about: CallAnswer(row.by)
        for row in _at_times(NothingNew.objects.all(), "commitment", "by", checked)
    } | {
        row.about: CallAnswer(row.update.author, row.update)
        for row in _at_times(reports, "update__commitment", "update__author", reported)
    }


def _at_times(rows: Any, about: str, person: str, times: Mapping[int, datetime]) -> Iterable[Any]:
    """Return the rows about each commitment at its time in `times`, with the person and their
    offices. Rows come in reverse order, so that in a dict the first one wins. No query if there are
    no times."""
    if not times:
        return ()
    named = rows.annotate(about=F(about)).filter(about__in=times, at__gte=min(times.values()))
    named = named.select_related(person).prefetch_related(f"{person}__offices")
    return (row for row in named.order_by("-at", "-pk") if row.at == times[row.about])


class PlanningHome(StaffPage):
    """Redirects to the table of the first plan."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        plan = Plan.objects.in_order().first()
        if plan is None:
            raise Http404
        return HttpResponseRedirect(reverse("admin:planning", args=[plan.code]))
