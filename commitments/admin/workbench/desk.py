"""My desk: what waits for a person, each line with a link to the work itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from commitments import workflow
from commitments.accounts import last_visit
from commitments.accounts.words import request_words
from commitments.admin.base.days import staff_day
from commitments.admin.workbench.base import StaffPage
from commitments.choices import Role, Schedule
from commitments.clocks import Clock
from commitments.models import Commitment, Plan, ProgressUpdate
from commitments.models.querysets import MeetingQuerySet, ProgressUpdateQuerySet
from commitments.roles import roles_of
from commitments.templatetags.tracker import on_day
from commitments.texts.lists import ITEMS, join_list, join_sentences
from commitments.workflow import work_queue

if TYPE_CHECKING:
    from commitments.models.querysets.commitments import CommitmentAtClock
    from commitments.models.querysets.milestones import MilestoneAtClock

# A section with more rows links to the list of all.
ROWS_PER_SECTION = 30
# News sections are short: people only glance at them.
ROWS_OF_NEWS = 5
# These sections show what others do; they contain no tasks.
NEWS_SECTIONS = ("in_review", "around", "published")
# Listing what a draft lacks takes queries for each draft, so only the first ones show it.
MAX_CHECKED_DRAFTS = 10

Remark = Callable[[Any], str]


def _nothing(row: object) -> str:
    return ""


@dataclass(frozen=True)
class DeskSection:
    """A section of the desk.

    `kind` names the template of its rows. `plan_path` leads from its rows to their plan, if they
    have one; `plan` is set if all rows belong to one plan. `remark` returns a remark on a row,
    shown for the first `max_remarks`.
    """

    name: str
    kind: str
    title: str
    all_rows: QuerySet[Any]
    plan_path: str = "commitment__plan"
    plan: Plan | None = None
    remark: Remark = field(default=_nothing)
    max_remarks: int | None = None
    max_rows: int | None = None

    @property
    def limit(self) -> int:
        return self.max_rows or ROWS_PER_SECTION

    @property
    def template(self) -> str:
        return f"workbench/_desk_{self.kind}.html"

    def of_plan(self, plan: Plan) -> DeskSection:
        """Return the section with the rows of one plan only."""
        if not self.plan_path:
            return replace(self, plan=plan)
        return replace(self, all_rows=self.all_rows.filter((self.plan_path, plan)), plan=plan)

    def with_remarks(self, rows: Iterable[Model]) -> list[tuple[Model, str]]:
        """Return rows of the section, each with the remark on it."""
        return [
            (row, self.remark(row) if self.max_remarks is None or index < self.max_remarks else "")
            for index, row in enumerate(rows)
        ]

    @cached_property
    def rows(self) -> list[tuple[Model, str]]:
        """Return the first rows, each with the remark on it."""
        return self.with_remarks(self.all_rows[: self.limit])

    @cached_property
    def count(self) -> int:
        return len(self.rows) if len(self.rows) < self.limit else self.all_rows.count()

    @property
    def address(self) -> str:
        """Return the query of the page of all its rows."""
        named = {"section": self.name, **({"plan": self.plan.code} if self.plan else {})}
        return f"?{urlencode(named)}"

    @property
    def more(self) -> str:
        """Return the address of the list of all rows if there are more than shown."""
        return self.address if self.count > len(self.rows) else ""


def _missing(update: ProgressUpdate) -> str:
    """Return what a draft lacks before it can be submitted, in one line, or that it is ready."""
    missing = join_sentences(problem.message for problem in workflow.check(update))
    return missing or _("Ready to submit.")


def desk_sections(user: User, plan: Plan | None = None) -> list[DeskSection]:
    """Return the sections of the user's desk that are not empty, of all plans or of one."""
    sections = _of_plan(all_sections(user, Clock(now=timezone.now())), plan)
    return [section for section in sections if section.rows]


def all_sections(user: User, clock: Clock) -> list[DeskSection]:
    """Return all sections of the user's desk. None of them is read yet."""
    return [*_own_work(user), *_work_of_others(user), *_what_is_due(user, clock)]


def all_due(clock: Clock, plan: Plan | None = None) -> DeskSection:
    """Return the commitments to be assessed, of all plans or of one, regardless of who is in
    charge."""
    title = _("To be assessed by any office: overdue, lapsed, due, or due within %(days)s days")
    rows = work_queue.to_be_assessed(Commitment.objects.all(), clock)
    values = {"days": work_queue.DAYS_AHEAD.days}
    section = DeskSection(
        "all_due", "commitment", title % values, rows, plan_path="plan", remark=what_is_late
    )
    return section if plan is None else section.of_plan(plan)


def call_deadline(clock: Clock, row: Any) -> str:
    """Return until when a report is asked for, or since when it is missing, by the day of its
    plan."""
    is_over = row.call_due_on < clock.day(row.plan.time_zone)
    words = _("overdue since %(day)s") if is_over else _("due on %(day)s")
    return words % {"day": on_day(row.call_due_on)}


def what_is_late(row: CommitmentAtClock) -> str:
    """Return in words that a commitment at a clock is past its own due date or, if not, that one of
    its milestones is; "" if neither is."""
    if row.schedule != Schedule.OVERDUE:
        return ""
    if work_queue.is_overdue_by(row, row.known_due_on):
        return str(Schedule.OVERDUE.label)
    return _("a milestone is overdue")


def late_milestone(clock: Clock, row: MilestoneAtClock) -> str:
    """Return “Overdue” if the day of a milestone has passed, else ""."""
    return str(Schedule.OVERDUE.label) if work_queue.is_late_milestone(row, clock) else ""


def _of_plan(sections: list[DeskSection], plan: Plan | None) -> list[DeskSection]:
    return sections if plan is None else [section.of_plan(plan) for section in sections]


def _own_work(user: User) -> list[DeskSection]:
    return [
        _updates(
            user,
            "returned",
            _("Returned to me"),
            work_queue.returned_to(user),
            remark=work_queue.return_reason,
        ),
        _updates(
            user,
            "drafts",
            _("My drafts"),
            work_queue.drafts_of(user),
            remark=_missing,
            max_remarks=MAX_CHECKED_DRAFTS,
        ),
    ]


def _work_of_others(user: User) -> list[DeskSection]:
    return [
        _updates(user, "to_review", _("Waiting for my review"), work_queue.to_review_by(user)),
        _updates(
            user,
            "orphaned_drafts",
            _("Drafts by former reporters"),
            work_queue.orphaned_drafts(user),
        ),
        DeskSection(
            "erasures",
            "erasure",
            _("Erasure requests"),
            work_queue.erasures_to_confirm(user),
            plan_path="",
        ),
        DeskSection(
            "accounts",
            "account",
            _("Account requests"),
            work_queue.accounts_to_confirm(user).prefetch_related("account__groups"),
            plan_path="",
            remark=request_words,
        ),
    ]


def _what_is_due(user: User, clock: Clock) -> list[DeskSection]:
    days = work_queue.DAYS_AHEAD.days
    today = staff_day(clock.now)
    return [
        DeskSection(
            "asked_for",
            "asked_for",
            _("Requested reports"),
            work_queue.asked_for(user),
            plan_path="plan",
            remark=partial(call_deadline, clock),
        ),
        DeskSection(
            "needs_attention",
            "commitment",
            _("To be assessed: overdue, lapsed, due, or due within %(days)s days") % {"days": days},
            work_queue.needs_attention(user, clock),
            plan_path="plan",
            remark=what_is_late,
        ),
        DeskSection(
            "milestones",
            "milestone",
            _("Milestones overdue or due within %(days)s days") % {"days": days},
            work_queue.milestones_ahead(user, clock),
            remark=partial(late_milestone, clock),
        ),
        *_meetings_around(user, today),
        _updates(
            user,
            "in_review",
            _("Submitted by me, in review"),
            work_queue.in_review_of(user),
        ),
        _updates(
            user,
            "around",
            _("In progress with colleagues"),
            work_queue.in_progress_around(user),
        ),
        _news(user, clock.now),
    ]


def _news(user: User, now: datetime) -> DeskSection:
    """Return what was published since the person's last visit or, if none is recorded, recently."""
    since = last_visit(user)
    if since is None:
        title = _("Published in the past %(days)s days") % {"days": work_queue.NEWS_DAYS.days}
    else:
        title = _("Published since my last visit, %(day)s") % {"day": on_day(staff_day(since))}
    return _updates(
        user,
        "published",
        title,
        work_queue.published_since(user, since or now - work_queue.NEWS_DAYS),
        max_rows=ROWS_OF_NEWS,
    )


def _meetings_around(user: User, today: date) -> list[DeskSection]:
    meetings = work_queue.meetings_around(user, today)
    near = work_queue.meetings_to_prepare(user, today)
    return [
        _meetings(
            "prepare",
            _("To prepare: meetings and papers due within %(days)s days")
            % {"days": work_queue.PREPARE_DAYS.days},
            near,
        ),
        _meetings(
            "follow_up",
            _("Past meetings without a report"),
            work_queue.meetings_to_report(user, today),
            kind="follow_up",
        ),
        _meetings(
            "meetings",
            _("Meetings within %(days)s days") % {"days": work_queue.DAYS_AHEAD.days},
            meetings.ahead(today).exclude(pk__in=near.values("pk")),
        ),
    ]


def _meetings(name: str, title: str, rows: MeetingQuerySet, kind: str = "meeting") -> DeskSection:
    return DeskSection(name, kind, title, rows, plan_path="")


def _updates(
    user: User,
    name: str,
    title: str,
    rows: ProgressUpdateQuerySet,
    **options: Any,
) -> DeskSection:
    rows = rows.select_related("commitment__plan", "author").with_is_withheld(user)
    rows = rows.with_content() if "remark" in options else rows.prefetch_related("decisions")
    return DeskSection(name, "update", title, rows, **options)


class DeskPage(StaffPage):
    """The person's desk; `?plan=` limits it to one plan, `?section=` shows all rows of a section,
    in pages."""

    menu_entry = "desk"

    def get_template_names(self) -> list[str]:
        return ["workbench/desk.html" if self.section is None else "workbench/desk_section.html"]

    @cached_property
    def plans(self) -> list[Plan]:
        return list(Plan.objects.in_order())

    @cached_property
    def plan(self) -> Plan | None:
        given = self.request.GET.get("plan", "")
        plan = next((row for row in self.plans if row.code == given), None)
        if given and plan is None:
            values = {"code": given, "codes": join_list((row.code for row in self.plans), ITEMS)}
            messages.warning(self.request, _("No plan “%(code)s”; there are: %(codes)s.") % values)
        return plan

    @cached_property
    def section(self) -> DeskSection | None:
        given, clock = self.request.GET.get("section", ""), Clock(now=timezone.now())
        if not given:
            return None
        sections = _of_plan([*all_sections(self.user, clock), all_due(clock)], self.plan)
        found = next((section for section in sections if section.name == given), None)
        if found is None:
            message = _("The desk has no section “%(name)s”.") % {"name": given}
            messages.warning(self.request, message)
        return found

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        shown = self._desk() if self.section is None else self._in_full(self.section)
        return super().get_context_data(
            now=timezone.now(),
            desk_plans=self.plans if len(self.plans) > 1 else [],
            desk_plan=self.plan,
            may_log=Role.REPORTER in roles_of(self.user),
            **shown,
            **kwargs,
        )

    def _desk(self) -> dict[str, object]:
        desk = desk_sections(self.user, self.plan)
        is_idle = all(section.name in NEWS_SECTIONS for section in desk)
        due = all_due(Clock(now=timezone.now()), self.plan) if is_idle else None
        return {"desk": desk, "is_idle": is_idle, "due": due}

    def _in_full(self, section: DeskSection) -> dict[str, object]:
        pages = Paginator(section.all_rows, ROWS_PER_SECTION)
        page = pages.get_page(self.request.GET.get("page"))
        return {"section": section, "page": page, "rows": section.with_remarks(page)}
