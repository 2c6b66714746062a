"""The home page: what this is, who runs it, and the plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Max
from django.utils import timezone
from django.views.generic import TemplateView

from commitments import rollups
from commitments.clocks import Clock, local_day
from commitments.models import Commitment, Decision, Plan
from commitments.pages import charts
from commitments.pages.phrases import commitments_phrase
from commitments.rollups import Group

PLANS_PER_PAGE = 20


@dataclass(frozen=True)
class PlanCard:
    """A plan with the roll-up of its commitments today and the day of its last public change."""

    plan: Plan
    group: Group
    changed_on: date | None

    @property
    def count(self) -> str:
        return commitments_phrase(self.group.commitments)

    @property
    def bars(self) -> list[charts.Bar]:
        return charts.bars(self.group, self.plan.review_interval_days)


class HomePage(TemplateView):
    template_name = "commitments/home.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        plans = Plan.objects.visible_to(self.request.user).for_home()
        page = Paginator(plans, PLANS_PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            cards=plan_cards(page.object_list, timezone.now()), page=page, **kwargs
        )


def plan_cards(plans: Iterable[Plan], at: datetime) -> list[PlanCard]:
    """Return a card for each of these plans; a fixed number of queries."""
    chosen = list(plans)
    commitments: Any = Commitment.objects.filter(plan__in=chosen).select_related("goal", "area")
    rows: dict[int, list[Any]] = defaultdict(list)
    clock = Clock(at)
    for row in commitments.at(clock, Plan.objects.review_periods(clock, chosen)):
        rows[row.plan_id].append(row)
    changes = Decision.objects.public().filter(plan__in=chosen).order_by()
    latest = dict(changes.values_list("plan").annotate(Max("at")))
    return [
        PlanCard(
            plan,
            rollups.total(rows[plan.pk]),
            local_day(latest[plan.pk], plan.time_zone) if plan.pk in latest else None,
        )
        for plan in chosen
    ]
