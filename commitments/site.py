"""The staff side, whose first page is the desk: what waits for whoever signed in.

Beside `admin`, which registers its pages with this site and so cannot hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import desk
from commitments.choices import Role, State
from commitments.clocks import Clock
from commitments.roles import roles_of

# Of each sort; the list behind it has them all.
SHOWN = 30


class StaffSide(admin.AdminSite):
    site_title = gettext_lazy("Commitment tracker")
    site_header = gettext_lazy("Commitment tracker")
    index_title = gettext_lazy("My desk")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        user = cast(User, request.user)
        desk_of = {"desk": sections(user), "may_log": Role.REPORTER in roles_of(user)}
        return super().index(request, desk_of | (extra_context or {}))


@dataclass(frozen=True)
class Section:
    """A part of the desk: so many rows, the first of them shown, and where all of them are."""

    name: str
    title: str
    all_rows: QuerySet[Any]
    every: str = ""

    @cached_property
    def rows(self) -> list[tuple[Any, str]]:
        """Each with the reason why it came back, where it did."""
        returned = self.name == "returned"
        return [(row, desk.why_returned(row) if returned else "") for row in self.all_rows[:SHOWN]]

    @cached_property
    def count(self) -> int:
        return len(self.rows) if len(self.rows) < SHOWN else self.all_rows.count()

    @property
    def more(self) -> str:
        return self.every if self.count > len(self.rows) else ""


def sections(user: User) -> list[Section]:
    """The parts that have something in them."""
    clock = Clock(now=timezone.now())
    title = _("Milestones in the next %(days)s days") % {"days": desk.AHEAD.days}
    found = [
        _updates("returned", _("Returned to me"), desk.returned_to(user), State.RETURNED, user),
        _updates("drafts", _("My drafts"), desk.drafts_of(user), State.DRAFT, user),
        _updates("to_review", _("Waiting for my review"), desk.to_review_by(user)),
        _updates("left_behind", _("Drafts of people who left"), desk.left_behind(user)),
        Section("in_need", _("Due, lapsed or overdue"), desk.in_need(user, clock)),
        Section("milestones", title, desk.milestones_ahead(user, clock)),
    ]
    return [section for section in found if section.rows]


def _updates(
    name: str, title: str, rows: Any, state: State | None = None, author: User | None = None
) -> Section:
    """`state` and `author` where the list can be asked for just these."""
    query = {"state__exact": state, "author__id__exact": author.pk} if state and author else {}
    page = reverse("admin:commitments_progressupdate_changelist")
    every = f"{page}?{urlencode(query)}" if query else ""
    rows = rows.select_related("commitment__plan", "author").prefetch_related("decisions")
    return Section(name, title, rows, every)
