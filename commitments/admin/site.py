"""The admin site. Its first page is the work queue of the user, “My desk”."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.choices import Role, State
from commitments.clocks import Clock
from commitments.models import Plan, ProgressUpdate
from commitments.models.querysets import ProgressUpdateQuerySet
from commitments.roles import is_staff, roles_of, signed_in
from commitments.workflow import work_queue

# A section with more rows links to the list of all.
ROWS_PER_SECTION = 30


class SignInForm(AdminAuthenticationForm):
    """Signs in whoever holds a role."""

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if not is_staff(user):
            raise self.get_invalid_login_error()


class TrackerAdminSite(admin.AdminSite):
    site_title = gettext_lazy("Commitment tracker")
    site_header = gettext_lazy("Commitment tracker")
    index_title = gettext_lazy("My desk")
    login_template = "admin/sign_in.html"
    login_form = SignInForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the caller may open the admin: whoever holds a role. Django's own flag,
        “staff status”, says nothing here."""
        return is_staff(request.user)

    def index(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> TemplateResponse:
        user, plans = signed_in(request.user), list(Plan.objects.in_order())
        given = request.GET.get("plan", "")
        plan = next((row for row in plans if row.code == given), None)
        if given and plan is None:
            values = {"code": given, "codes": ", ".join(row.code for row in plans)}
            messages.warning(request, _("No plan “%(code)s”; there are: %(codes)s.") % values)
        context = {
            "desk": desk_sections(user, plan),
            "desk_plans": plans if len(plans) > 1 else [],
            "desk_plan": plan,
            "may_log": Role.REPORTER in roles_of(user),
        }
        return super().index(request, context | (extra_context or {}))


@dataclass(frozen=True)
class DeskSection:
    """A section of the desk. `list_url` is the address of the list of all its rows, if there is
    one, `plan_path` leads from its rows to their plan, if they have one."""

    name: str
    title: str
    all_rows: QuerySet[Model]
    list_url: str = ""
    plan_path: str = "commitment__plan"

    def of_plan(self, plan: Plan) -> DeskSection:
        """Return the section with the rows of one plan only."""
        if not self.plan_path:
            return self
        rows = self.all_rows.filter((self.plan_path, plan))
        in_list = urlencode({f"{self.plan_path}__id__exact": plan.pk})
        return replace(self, all_rows=rows, list_url=self.list_url and f"{self.list_url}&{in_list}")

    @cached_property
    def rows(self) -> list[tuple[Model, str]]:
        """Return the first rows, each with the reason for its return if it was returned."""
        return [(row, self._return_reason(row)) for row in self.all_rows[:ROWS_PER_SECTION]]

    def _return_reason(self, row: Model) -> str:
        if self.name == "returned" and isinstance(row, ProgressUpdate):
            return work_queue.return_reason(row)
        return ""

    @cached_property
    def count(self) -> int:
        return len(self.rows) if len(self.rows) < ROWS_PER_SECTION else self.all_rows.count()

    @property
    def more(self) -> str:
        """Return the address of the list of all rows if there are more than shown."""
        return self.list_url if self.count > len(self.rows) else ""


def desk_sections(user: User, plan: Plan | None = None) -> list[DeskSection]:
    """Return the sections of the user's desk that are not empty, of all plans or of one."""
    clock = Clock(now=timezone.now())
    title = _("Milestones in the next %(days)s days") % {"days": work_queue.MILESTONES_AHEAD.days}
    sections = [
        _update_section(
            "returned", _("Returned to me"), work_queue.returned_to(user), State.RETURNED, user
        ),
        _update_section("drafts", _("My drafts"), work_queue.drafts_of(user), State.DRAFT, user),
        _update_section("to_review", _("Waiting for my review"), work_queue.to_review_by(user)),
        _update_section(
            "orphaned_drafts", _("Drafts by former staff"), work_queue.orphaned_drafts(user)
        ),
        DeskSection(
            "erasures",
            _("Erasure requests"),
            work_queue.erasures_to_confirm(user),
            plan_path="",
        ),
        DeskSection(
            "needs_attention",
            _("Due for review, lapsed or overdue"),
            work_queue.needs_attention(user, clock),
            plan_path="plan",
        ),
        DeskSection("milestones", title, work_queue.milestones_ahead(user, clock)),
    ]
    if plan is not None:
        sections = [section.of_plan(plan) for section in sections]
    return [section for section in sections if section.rows]


def _update_section(
    name: str,
    title: str,
    rows: ProgressUpdateQuerySet,
    state: State | None = None,
    author: User | None = None,
) -> DeskSection:
    """Return a section of updates. With a state and an author, it links to the list of updates
    filtered by both."""
    query = {"state__exact": state, "author__id__exact": author.pk} if state and author else {}
    path = reverse("admin:commitments_progressupdate_changelist")
    list_url = f"{path}?{urlencode(query)}" if query else ""
    rows = rows.select_related("commitment__plan", "author").prefetch_related("decisions")
    return DeskSection(name, title, rows, list_url)
