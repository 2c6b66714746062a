"""My desk: what waits for a person, each line with a link to the work itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from commitments import workflow
from commitments.accounts import last_visit
from commitments.accounts.words import request_words
from commitments.admin.days import staff_day
from commitments.admin.workbench.base import StaffPage
from commitments.choices import Role, State
from commitments.clocks import Clock
from commitments.models import Plan, ProgressUpdate
from commitments.models.querysets import MeetingQuerySet, ProgressUpdateQuerySet
from commitments.roles import roles_of
from commitments.templatetags.tracker import on_day
from commitments.workflow import work_queue

# A section with more rows links to the list of all.
ROWS_PER_SECTION = 30
# News is glanced at.
ROWS_OF_NEWS = 5
# What is missing takes queries for each draft, so it is said of the first ones.
MAX_CHECKED_DRAFTS = 10

Remark = Callable[[Any], str]


def _nothing(row: object) -> str:
    return ""


@dataclass(frozen=True)
class DeskSection:
    """A section of the desk.

    `kind` names the template of its rows. `list_url` is the address of the list of all its rows, if
    there is one, `plan_path` leads from its rows to their plan, if they have one. `remark` says
    something of a row, of the first `max_remarks`.
    """

    name: str
    kind: str
    title: str
    all_rows: QuerySet[Any]
    list_url: str = ""
    plan_path: str = "commitment__plan"
    remark: Remark = field(default=_nothing)
    max_remarks: int = ROWS_PER_SECTION
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
            return self
        rows = self.all_rows.filter((self.plan_path, plan))
        in_list = urlencode({f"{self.plan_path}__id__exact": plan.pk})
        return replace(self, all_rows=rows, list_url=self.list_url and f"{self.list_url}&{in_list}")

    @cached_property
    def rows(self) -> list[tuple[Model, str]]:
        """Return the first rows, each with the remark on it."""
        return [
            (row, self.remark(row) if index < self.max_remarks else "")
            for index, row in enumerate(self.all_rows[: self.limit])
        ]

    @cached_property
    def count(self) -> int:
        return len(self.rows) if len(self.rows) < self.limit else self.all_rows.count()

    @property
    def more(self) -> str:
        """Return the address of the list of all rows if there are more than shown."""
        return self.list_url if self.count > len(self.rows) else ""


def _missing(update: ProgressUpdate) -> str:
    """Return what a draft lacks before it can be submitted, in one line, or that it is ready."""
    missing = [str(problem.message) for problem in workflow.check(update)]
    return " ".join(missing) or _("Ready to submit.")


def desk_sections(user: User, plan: Plan | None = None) -> list[DeskSection]:
    """Return the sections of the user's desk that are not empty, of all plans or of one."""
    sections = all_sections(user, Clock(now=timezone.now()))
    if plan is not None:
        sections = [section.of_plan(plan) for section in sections]
    return [section for section in sections if section.rows]


def all_sections(user: User, clock: Clock) -> list[DeskSection]:
    """Return all sections of the user's desk. None of them is read yet."""
    return [*_own_work(user), *_work_of_others(user), *_what_is_due(user, clock)]


def _own_work(user: User) -> list[DeskSection]:
    return [
        _updates(
            user,
            "returned",
            _("Returned to me"),
            work_queue.returned_to(user),
            _list_of(user, State.RETURNED),
            remark=work_queue.return_reason,
        ),
        _updates(
            user,
            "drafts",
            _("My drafts"),
            work_queue.drafts_of(user),
            _list_of(user, State.DRAFT),
            remark=_missing,
            max_remarks=MAX_CHECKED_DRAFTS,
        ),
    ]


def _work_of_others(user: User) -> list[DeskSection]:
    return [
        _updates(user, "to_review", _("Waiting for my review"), work_queue.to_review_by(user)),
        _updates(
            user, "orphaned_drafts", _("Drafts by former staff"), work_queue.orphaned_drafts(user)
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
            f"{reverse('admin:commitments_accountrequest_changelist')}?state__exact=open",
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
        ),
        DeskSection(
            "needs_attention",
            "commitment",
            _("To be assessed: overdue, lapsed, due, or due within %(days)s days") % {"days": days},
            work_queue.needs_attention(user, clock),
            plan_path="plan",
        ),
        DeskSection(
            "milestones",
            "milestone",
            _("Milestones overdue or due within %(days)s days") % {"days": days},
            work_queue.milestones_ahead(user, clock),
        ),
        *_meetings_around(user, today),
        _updates(
            user,
            "in_review",
            _("Submitted by me, in review"),
            work_queue.in_review_of(user),
            _list_of(user, State.SUBMITTED),
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
    """Return what was published since the person was here last; without a record of that, what was
    published lately."""
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
        f"{reverse('admin:commitments_progressupdate_changelist')}?state__exact=published",
        max_rows=ROWS_OF_NEWS,
    )


def _meetings_around(user: User, today: date) -> list[DeskSection]:
    meetings = work_queue.meetings_around(user, today)
    near = work_queue.meetings_to_prepare(user, today)
    return [
        _meetings(
            "prepare",
            _("To prepare: your meetings within %(days)s days")
            % {"days": work_queue.PREPARE_DAYS.days},
            near,
        ),
        _meetings(
            "follow_up",
            _("Past meetings without a report"),
            meetings.over(today).held().unreported(),
            kind="follow_up",
        ),
        _meetings(
            "meetings",
            _("Meetings within %(days)s days") % {"days": work_queue.DAYS_AHEAD.days},
            meetings.ahead(today).exclude(pk__in=near.values("pk")),
        ),
    ]


def _meetings(name: str, title: str, rows: MeetingQuerySet, kind: str = "meeting") -> DeskSection:
    all_meetings = f"{reverse('admin:meetings')}?"
    return DeskSection(name, kind, title, rows, all_meetings, plan_path="")


def _list_of(author: User, state: State) -> str:
    path = reverse("admin:commitments_progressupdate_changelist")
    return f"{path}?{urlencode({'state__exact': state, 'author__id__exact': author.pk})}"


def _updates(
    user: User,
    name: str,
    title: str,
    rows: ProgressUpdateQuerySet,
    list_url: str = "",
    **options: Any,
) -> DeskSection:
    rows = rows.select_related("commitment__plan", "author").with_is_withheld(user)
    rows = rows.with_content() if "remark" in options else rows.prefetch_related("decisions")
    return DeskSection(name, "update", title, rows, list_url, **options)


class DeskPage(StaffPage):
    """The desk of whoever is signed in; `?plan=` shows that of one plan."""

    template_name = "workbench/desk.html"
    menu_entry = "desk"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        plans = list(Plan.objects.in_order())
        given = self.request.GET.get("plan", "")
        plan = next((row for row in plans if row.code == given), None)
        if given and plan is None:
            values = {"code": given, "codes": ", ".join(row.code for row in plans)}
            messages.warning(self.request, _("No plan “%(code)s”; there are: %(codes)s.") % values)
        return super().get_context_data(
            desk=desk_sections(self.user, plan),
            now=timezone.now(),
            desk_plans=plans if len(plans) > 1 else [],
            desk_plan=plan,
            may_log=Role.REPORTER in roles_of(self.user),
            **kwargs,
        )
