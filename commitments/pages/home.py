"""The home page: what the site is, who runs it, and its plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Max
from django.utils import timezone

from commitments import rollups
from commitments.clocks import Clock, local_day
from commitments.models import Commitment, Decision, Plan
from commitments.models.querysets import CommitmentQuerySet, ReviewPeriod
from commitments.models.querysets.composed import composed_once
from commitments.pages import charts
from commitments.pages.base import SitePage
from commitments.pages.grid import GridPicture, grid_picture
from commitments.pages.phrases import commitments_phrase
from commitments.pages.public import PublicPage
from commitments.pages.summary import summarise
from commitments.rollups import Group
from commitments.texts.phrases import sentence_of

PLANS_PER_PAGE = 20
# More rows would make a card as long as the page that it links to.
MAX_PICTURED = 60
# The limit for all cards of the page together. If there are more rows, each card has bars instead.
MAX_PICTURED_IN_ALL = 240


@dataclass(frozen=True)
class PlanCard:
    """A plan with the roll-up of its commitments today, their grid as a picture, and the day of its
    last public change. There is no picture if the plan has more than `MAX_PICTURED` commitments, or
    if all plans together have more than `MAX_PICTURED_IN_ALL`."""

    plan: Plan
    group: Group
    day: date
    picture: GridPicture | None
    changed_on: date | None

    @property
    def count(self) -> str:
        return commitments_phrase(self.group.commitments)

    @property
    def sentence(self) -> str:
        """The counts of each kind, in words."""
        return sentence_of(summarise(self.group, self.day))

    @property
    def bars(self) -> list[charts.Bar]:
        return charts.bars(self.group, self.plan.review_interval_days, self.day)


class HomePage(PublicPage, SitePage):
    template_name = "commitments/home.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        plans = Plan.objects.visible_to(self.request.user).for_home()
        page = Paginator(plans, PLANS_PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            cards=plan_cards(page.object_list, timezone.now()), page=page, **kwargs
        )


def plan_cards(plans: Iterable[Plan], at: datetime) -> list[PlanCard]:
    """Return a card for each of these plans; a fixed number of queries."""
    chosen, clock = list(plans), Clock(at)
    periods = Plan.objects.review_periods(clock, chosen)
    commitments = _every_commitment(clock.of_day, tuple(periods)).filter(plan__in=chosen)
    items: dict[int | None, list[rollups.Item]] = defaultdict(list)
    for item in rollups.items_of(commitments):
        items[item.plan].append(item)
    pictured = [plan for plan in chosen if len(items[plan.pk]) <= MAX_PICTURED]
    if sum(len(items[plan.pk]) for plan in pictured) > MAX_PICTURED_IN_ALL:
        pictured = []
    pictures = _pictures(pictured, commitments, clock, periods)
    changes = Decision.objects.public().filter(plan__in=chosen).order_by()
    latest = dict(changes.values_list("plan").annotate(Max("at")))
    return [
        PlanCard(
            plan,
            rollups.group(items[plan.pk], rollups.ALL),
            clock.day(plan.time_zone),
            pictures.get(plan.pk),
            local_day(latest[plan.pk], plan.time_zone) if plan.pk in latest else None,
        )
        for plan in chosen
    ]


@composed_once
def _every_commitment(clock: Clock, periods: Sequence[ReviewPeriod]) -> CommitmentQuerySet:
    return Commitment.objects.at(clock, periods)


def _pictures(
    plans: Iterable[Plan],
    commitments: CommitmentQuerySet,
    clock: Clock,
    periods: Sequence[ReviewPeriod],
) -> dict[int, GridPicture]:
    """Return the pictures of the grids of these plans that have commitments, by id."""
    by_id = {plan.pk: plan for plan in plans}
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in commitments.filter(plan__in=by_id).select_related("goal", "area").in_order():
        rows[row.plan_id].append(row)
    of_rows = {row.pk: by_id[pk] for pk, found in rows.items() for row in found}
    record = rollups.read_record(of_rows, clock, periods)
    return {
        pk: grid_picture(
            found,
            {row.pk: record[row.pk] for row in found},
            by_id[pk],
            clock.day(by_id[pk].time_zone),
        )
        for pk, found in rows.items()
    }
