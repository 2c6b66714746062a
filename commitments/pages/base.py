"""The base classes of all pages of a plan: the plan, its clocks, its menu and its notices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

import django_filters as df
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from commitments import rollups
from commitments.choices import ErrorCode
from commitments.clocks import Clock, local_day
from commitments.filters import CommitmentFilter, PlanCommitmentFilter
from commitments.filters.query import query_sentence
from commitments.models import Decision, Plan
from commitments.models.plan_parts import PlanParts
from commitments.models.querysets import CommitmentQuerySet, ReviewPeriod
from commitments.models.querysets.composed import read_by
from commitments.pages.grid import GridTable, HeadingRule, grid_table, without_headings
from commitments.pages.lasting import lasting_address
from commitments.pages.phrases import activity_period
from commitments.pages.public import PublicPage
from commitments.pages.querystrings import CLOCKS, redirect_query, without_blanks
from commitments.pages.rows import ListSubject
from commitments.pages.sharing import Addresses, share_picture
from commitments.pages.terms import DEFAULT_TERMS, terms_of
from commitments.roles import is_staff
from commitments.templatetags.tracker import languages, on_day, paragraphs, time_in
from commitments.texts.lists import join_sentences

FilterSetType = TypeVar("FilterSetType", bound=df.FilterSet)

# What parameters are called on pages.
PARAMETER_LABELS = {
    "as_of": gettext_lazy("Date"),
    "known_at": gettext_lazy("Time"),
    "changed_since": gettext_lazy("Changed since"),
    "status": gettext_lazy("Status"),
    "tone": gettext_lazy("Counts as"),
    "kind": gettext_lazy("Kind"),
    "goal": gettext_lazy("Goal"),
    "area": gettext_lazy("Area"),
    "forum": gettext_lazy("Forum"),
    "office": gettext_lazy("Office"),
    "freshness": gettext_lazy("Freshness"),
    "schedule": gettext_lazy("Schedule"),
    "coverage": gettext_lazy("Weak basis"),
    "criterion": gettext_lazy("With a criterion"),
    "evidence_level_min": gettext_lazy("Minimum evidence level"),
    "event_type": gettext_lazy("Event type"),
    "effective_from": gettext_lazy("First day"),
    "effective_to": gettext_lazy("Last day"),
    "since": gettext_lazy("First day"),
    "acted_since": gettext_lazy("Last action since"),
    "type": gettext_lazy("Type"),
    "languages": gettext_lazy("Languages"),
}
# Routes of the main menu, each with the parts that a plan must have for it to appear.
MENU: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("overview", gettext_lazy("Overview"), ()),
    ("commitments", gettext_lazy("Commitments"), ()),
    ("forums", gettext_lazy("Partner forums"), ("forums",)),
    ("offices", gettext_lazy("Offices"), ("offices",)),
    ("events", gettext_lazy("Events"), ()),
    ("time", gettext_lazy("Over time"), ()),
    ("changes", gettext_lazy("Changes"), ()),
    ("methodology", gettext_lazy("Methodology"), ()),
)


def menu_of(plan: Plan) -> list[tuple[str, object]]:
    """Return (route, label) for each entry of the plan's main menu, in the plan's own words. The
    plan must have been read `with_parts`."""
    labels = {"forums": terms_of(plan)["forum"].many}
    return [
        (route, labels.get(route, label)) for route, label, needs in MENU if has_parts(plan, needs)
    ]


def has_parts(plan: Plan, parts: Iterable[str]) -> bool:
    """Return whether a plan that was read `with_parts` has all of these parts."""
    return all(getattr(plan, f"has_{part}") for part in parts)


def ignored_notice(name: str, message: Any, plan: Plan | None = None) -> str:
    """Return the notice that a parameter was ignored because its value is wrong; `plan` may have
    words of its own for what the parameter selects."""
    label: object = PARAMETER_LABELS.get(name)
    if plan is not None and name in DEFAULT_TERMS:
        label = terms_of(plan)[name].or_else(PARAMETER_LABELS[name])
    label = f"{label} ({name})" if label else name
    return _("%(name)s: %(message)s It was ignored.") % {"name": label, "message": message}


@dataclass(frozen=True)
class PlanNotice:
    """A plan's notice, in the reader's language if it has a text in that."""

    language: str
    paragraphs: list[str]

    @property
    def first(self) -> str:
        """The first paragraph, which stands on every page and on every card and picture."""
        return self.paragraphs[0]

    @property
    def continues(self) -> bool:
        """Return whether the notice goes on after its first paragraph."""
        return len(self.paragraphs) > 1


def latest_entry_by(time: datetime | None) -> Coalesce:
    """Return the number of the latest public ledger entry by a time, or until now, as a column of
    any query; 0 if there is none."""
    return Coalesce(Subquery(Decision.objects.latest_public(time).values("seq")), 0)


# What `read_by` returns for commitments under a clock, with a plan as the first value.
ReadOfPlan = Callable[[Sequence[object], Clock, Sequence[ReviewPeriod]], list[Any]]

_read_plans = read_by(Plan.objects.with_parts, "code")


def visible_plan(request: HttpRequest, code: str) -> Plan:
    """Return the plan with this code, `with_parts`. Raise Http404 if there is none, or if it is a
    draft and the reader is not on the staff. For a public plan the reader's account is not looked
    up."""
    plan: Plan | None = next(iter(_read_plans([code])), None)
    if plan is not None and not plan.is_draft:
        return plan
    # Also without a plan: by its headers the response would tell a draft from what does not exist.
    if not is_staff(request.user) or plan is None:
        raise Http404
    return plan


def plan_notice(plan: Plan) -> PlanNotice | None:
    """Return the notice of a plan, or None if it has none."""
    if not plan.notice:
        return None
    language, text = languages(plan.notice)[0]
    return PlanNotice(language, paragraphs(text))


class SitePage(TemplateView):
    """A page of the whole site rather than of one plan. It has no parameters."""

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        canonical = self.request.build_absolute_uri(self.request.path)
        return super().get_context_data(canonical=canonical, **kwargs)


class PlanPage(PublicPage, TemplateView):
    """A page of one plan.

    `parameters` are the query parameters that the page understands; others are ignored, and a
    notice says so. `menu_entry` is the route of the menu entry that the page belongs to. A plan
    that lacks one of the parts in `needs` does not have the page. `picture_route` is the route of
    the picture shown when the page is shared, which takes the same arguments; without it, the
    plan's picture is used.
    """

    parameters: tuple[str, ...] = CLOCKS
    menu_entry = ""
    needs: tuple[str, ...] = ()
    picture_route = ""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not has_parts(self.plan, self.needs):
            raise Http404
        query = redirect_query(request.GET, self.plan.time_zone, self.now)
        if query is not None:
            return redirect(f"{request.path}?{query.urlencode()}".rstrip("?"))
        response = super().get(request, *args, **kwargs)
        if self.plan.is_draft:
            response["Cache-Control"] = "private, no-store"
        return response

    @cached_property
    def plan(self) -> Plan:
        return visible_plan(self.request, self.kwargs["plan"])

    @cached_property
    def parts(self) -> PlanParts:
        return PlanParts(self.plan)

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def notices(self) -> list[str]:
        """Notices about the query. Reading `query` and calling `valid_filterset` add to them."""
        return []

    @cached_property
    def query(self) -> QueryDict:
        """The query parameters that this page understands."""
        query = self.request.GET.copy()
        for name in list(query):
            if name not in self.parameters:
                del query[name]
                message = _("Unknown parameter “%(name)s”; it was ignored.")
                self.notices.append(message % {"name": name})
        return query

    def valid_filterset(self, make: Callable[[QueryDict], FilterSetType]) -> FilterSetType:
        """Return the filter set of the query, leaving out parameters whose values are wrong."""
        while True:
            filterset = make(self.query)
            if filterset.is_valid():
                return filterset
            if filterset.form.has_error("known_at", ErrorCode.IN_FUTURE):
                self.is_momentary = True
            for name, errors in filterset.form.errors.as_data().items():
                self.notices += [
                    ignored_notice(name, query_sentence(error), self.plan) for error in errors
                ]
                self.query.pop(name, None)

    @cached_property
    def filterset(self) -> CommitmentFilter:
        """The filter set of the plan's commitments."""
        return self.valid_filterset(self.commitments_by)

    def commitments_by(self, query: QueryDict) -> CommitmentFilter:
        return PlanCommitmentFilter(query, self.parts, now=self.now)

    @cached_property
    def selected(self) -> CommitmentQuerySet:
        """The commitments that the query selects, annotated under the clock, `with_findings`."""
        rows: Any = self.filterset.commitments.with_findings()
        return cast(CommitmentQuerySet, rows)

    @property
    def listed(self) -> CommitmentQuerySet:
        """The `selected` commitments with the relations that lists and roll-ups show."""
        return self.selected.with_listed_relations()

    def read_commitments(self, read: ReadOfPlan, *values: object) -> list[Any]:
        """Return the commitments of the plan that `read` finds for these values under the clock."""
        periods = tuple(self.filterset.periods)
        rows = read([self.plan.pk, *values], self.clock.of_day, periods)
        for row in rows:
            row.plan = self.plan
        return rows

    @property
    def clock(self) -> Clock:
        return self.filterset.clock

    @property
    def day(self) -> date:
        """The date shown, on the plan's calendar."""
        return self.clock.day(self.plan.time_zone)

    @cached_property
    def review_period(self) -> ReviewPeriod:
        """The plan's day and its review interval, as known at the clock."""
        [period] = self.filterset.periods
        return period

    @property
    def interval(self) -> int:
        """The plan's review interval in days, as known at the clock."""
        return self.review_period.interval_days

    def read_record(self, commitments: Iterable[int]) -> rollups.Record:
        """Return the record of each of these commitments under the clock, by the commitment's
        id."""
        plans = dict.fromkeys(commitments, self.plan)
        return rollups.read_record(plans, self.clock, self.filterset.periods)

    def grid(
        self,
        commitments: Sequence[Any],
        heading: HeadingRule = without_headings,
        subject: ListSubject | None = None,
        counted: Sequence[Any] | None = None,
    ) -> GridTable:
        """Return the grid of these commitments of the plan under the clock; see `grid_table`."""
        record = self.read_record(row.pk for row in (*commitments, *(counted or ())))
        clocks = self.clock_parameters
        return grid_table(
            commitments,
            record,
            self.plan,
            self.day,
            clocks=clocks,
            heading=heading,
            subject=subject,
            counted=counted,
        )

    @cached_property
    def lasting_address(self) -> str:
        """The lasting address of this page as it is now."""
        return lasting_address(self.request, self.day, self.latest_entry)

    @property
    def latest_entry(self) -> int:
        """The number of the latest public ledger entry known at the clock; 0 if there is none."""
        found = Decision.objects.latest_public(self.clock.known_at or self.now)
        return found.values_list("seq", flat=True).first() or 0

    def with_latest_entry(self, rows: Any) -> Any:
        """Annotate a queryset that the page reads anyway with `latest_entry`, which saves a
        query."""
        return rows.annotate(latest_entry=latest_entry_by(self.clock.known_at or self.now))

    @property
    def clock_parameters(self) -> dict[str, str]:
        """The reader's clocks as they are in the address. Links within the plan keep them."""
        return {name: str(self.query[name]) for name in CLOCKS if name in self.query}

    @cached_property
    def addresses(self) -> Addresses:
        return Addresses(self.request, self.plan, self.clock_parameters)

    def _share_picture(self, title: object) -> str:
        names = [value for name, value in self.kwargs.items() if name != "plan"]
        return share_picture(self.addresses, self.picture_route, names, title)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        adopted = self.plan.adopted_on
        clocks = self.clock_parameters
        return super().get_context_data(**kwargs) | {
            "plan": self.plan,
            "plan_notice": plan_notice(self.plan),
            "description": self._description(),
            "menu": menu_of(self.plan),
            "terms": terms_of(self.plan),
            "menu_entry": self.menu_entry,
            "clock": self.clock,
            "clock_summary": self._clock_summary(),
            "day": self.day,
            "review_interval_days": self.interval,
            "today": local_day(self.now, self.plan.time_zone),
            # The clock form keeps all other parameters.
            "clocks": clocks,
            "clock_query": f"?{urlencode(clocks)}" if clocks else "",
            "other_parameters": [
                (name, value)
                for name, values in self.query.lists()
                if name not in CLOCKS
                for value in values
            ],
            "notices": self.notices,
            "before_adoption": adopted is not None and self.day < adopted,
            "activity_period": activity_period(self.interval),
            "canonical": self._canonical(),
            # In words, a picture has the title that it draws.
            "share_picture": self._share_picture(kwargs.get("share_alt", "")),
        }

    def _description(self) -> str:
        message = _("%(title)s: each commitment with its status, freshness and evidence.")
        return message % {"title": self.plan.title.inline()}

    def _clock_summary(self) -> str:
        clock, day = self.clock, on_day(self.day)
        if clock.is_default:
            return _("As of today, %(day)s") % {"day": day}
        summary = _("As of %(day)s.") % {"day": day}
        if clock.known_at is None:
            return summary
        time = time_in(clock.known_at, self.plan.time_zone)
        known = _("Only what was public at %(time)s counts.") % {"time": time}
        return join_sentences([summary, known])

    def _canonical(self) -> str:
        """Return the address of the page with the parameters that it understands and that are
        set."""
        query = without_blanks(self.query).urlencode()
        return self.request.build_absolute_uri(self.request.path + (f"?{query}" if query else ""))
