"""The pages of commitments: the list, one commitment, its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from commitments import history, ledger, policies
from commitments.bilingual import reading_order
from commitments.choices import Kind
from commitments.clocks import local_day
from commitments.filters import CommitmentFilter
from commitments.models import (
    Milestone,
    Office,
    Partnership,
    Plan,
    ProgressUpdate,
    StrategicGoal,
)
from commitments.trend import held_since
from commitments.views import course
from commitments.views.base import PUBLIC, PlanPage
from commitments.views.filters import asked_of_the_api, chips, choice, filters_of, timeless


class PlansPage(TemplateView):
    """Where one begins: the plans, or the only one."""

    template_name = "commitments/plans.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        plans = list(Plan.objects.in_order())
        if len(plans) == 1:
            return redirect("pages:dashboard", plan=plans[0].code)
        return self.render_to_response({"plans": plans})


class CommitmentsPage(PlanPage):
    """The list, by the filters of the API."""

    template_name = "commitments/commitments.html"
    parameters = tuple(CommitmentFilter.base_filters)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self.selected.select_related("goal", "area")
        filters = filters_of(self.plan, self.query)
        return super().get_context_data(
            page="commitments",
            commitments=list(rows),
            of=self.plan.commitments.count(),
            filters=filters,
            chips=chips(filters, self.query, apart=["ordering"]),
            changed_since=self.filterset.form.cleaned_data["changed_since"],
            orders=choice("ordering", _("Order"), ORDERS, self.query),
            asked=asked_of_the_api(self.plan, self.query),
            timeless=timeless(self.query),
            **kwargs,
        )


ORDERS = [
    ("number", gettext_lazy("As in the plan")),
    ("-effective_on", gettext_lazy("Latest claim first")),
    ("effective_on", gettext_lazy("Oldest claim first")),
    ("status", gettext_lazy("By status")),
    ("due_on", gettext_lazy("By deadline")),
]


@dataclass(frozen=True)
class Entry:
    """One thing of a commitment's record, and the day that it is about."""

    on: date
    update: dict[str, Any] | None = None
    rewording: history.Rewording | None = None


class CommitmentPage(PlanPage):
    """Also under the public code, as it is cited, which leads to the number."""

    template_name = "commitments/commitment.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        number = self.kwargs["number"]
        code = f"{self.plan.code}-"
        if number.startswith(code) and not self.plan.commitments.filter(number=number).exists():
            number = number.removeprefix(code)
            query = f"?{request.GET.urlencode()}" if request.GET else ""
            address = reverse("pages:commitment", args=[self.plan.code, number])
            return redirect(address + query)
        return super().get(request, *args, **kwargs)

    @cached_property
    def commitment(self) -> Any:
        rows = self.selected.with_neighbours().select_related("goal", "area", "lead_office")
        rows = rows.prefetch_related(
            Prefetch("partnerships", Partnership.objects.select_related("forum").order_by("pk")),
            Prefetch("supporting_goals", StrategicGoal.objects.order_by("number")),
            Prefetch("supporting_offices", Office.objects.order_by("code")),
            Prefetch("milestones", Milestone.objects.order_by("due_on", "pk")),
        )
        return get_object_or_404(rows, number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        commitment, rows = self.commitment, list(self._updates())
        counting = [row for row in rows if row.counts]
        day = self.clock.day(self.plan.time_zone)
        duty = commitment.kind == Kind.STANDING
        return super().get_context_data(
            commitment=commitment,
            partnerships=list(commitment.partnerships.all()),
            published=bool(rows),
            record=self._record(rows),
            since=held_since(counting, self.plan.review_interval_days),
            years=course.years(commitment, counting, self.plan, day) if duty else [],
            steps=[] if duty else course.steps(commitment, counting),
            pinned=self._pinned(day),
            **kwargs,
        )

    def _record(self, rows: list[ProgressUpdate]) -> list[Entry]:
        """Updates, and changes of the wording, the latest day that they are about first."""
        updates = with_corrections([shown(row) for row in rows])
        entries = [Entry(update["effective_on"], update=update) for update in updates]
        for rewording in reversed(history.rewordings(self.commitment)):
            if rewording.known_to(self.clock, self.plan.time_zone):
                entries.append(Entry(rewording.on(self.plan.time_zone), rewording=rewording))
        return sorted(entries, key=lambda entry: entry.on, reverse=True)

    def _pinned(self, day: date) -> str:
        """The address that shows this page as it is, whatever is published later."""
        clocks = {"as_of": day, "known_at": ledger.instant(self.clock.known_at or self.now)}
        query = urlencode(clocks, safe=":")
        return self.request.build_absolute_uri(f"{self.request.path}?{query}")

    def _updates(self) -> Any:
        """The latest first: all that had been published by then about the time until then, with
        what became of it since."""
        rows: Any = ProgressUpdate.objects.visible_to(PUBLIC).filter(
            commitment=self.commitment.pk, effective_on__lte=self.clock.day(self.plan.time_zone)
        )
        if self.clock.known_at:
            rows = rows.filter(published_at__lte=self.clock.known_at)
        return (
            rows.latest_first()
            .with_whether_counting(self.clock)
            .select_related("commitment__plan")
            .prefetch_related("forums", "evidence__link_checks", "decisions")
        )


def shown(update: ProgressUpdate) -> dict[str, Any]:
    """An update as the public may see it: of a retracted one the template gets no more than a
    tombstone holds."""
    whole = policies.may_see_content(PUBLIC, update)
    gone_at = update.retracted_at
    acts = {row.action: row for row in policies.shown_decisions(PUBLIC, update)}
    return {
        "id": update.pk,
        "number": update.commitment.number,
        "title": update.commitment.title,
        "state": update.state,
        "status": update.status,
        "effective_on": update.effective_on,
        "date_precision": update.date_precision,
        "published_on": update.published_on,
        "corrects": update.corrects_id,
        "loaded_from": ledger.loaded_from(update),
        "texts": texts_shown(update),
        "forums": sorted(update.forums.all(), key=lambda forum: forum.code) if whole else [],
        "evidence": policies.shown_evidence(PUBLIC, update),
        "retraction": acts.get("retract"),
        "retracted_on": gone_at and local_day(gone_at, update.commitment.plan.time_zone),
        "digest": acts["publish"].content_sha256,
    }


def texts_shown(update: ProgressUpdate) -> list[dict[str, str]]:
    """What the public may read of it in each language, the reader's first."""
    if not policies.may_see_content(PUBLIC, update):
        return []
    texts = [
        {
            "language": code,
            "summary": getattr(update.summary, code),
            "search_note": getattr(update.search_note, code),
        }
        for code in reading_order()
    ]
    return [text for text in texts if text["summary"] or text["search_note"]]


def with_corrections(updates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each also with the update that corrects it, where that is among them."""
    by = {update["corrects"]: update["id"] for update in updates if update["corrects"]}
    return [{**update, "corrected_by": by.get(update["id"])} for update in updates]


class HistoryPage(PlanPage):
    """A commitment's wordings, readings, forums, offices and dates."""

    template_name = "commitments/commitment_history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        commitment = get_object_or_404(self.plan.commitments, number=self.kwargs["number"])
        return super().get_context_data(
            commitment=commitment, events=history.of(commitment), **kwargs
        )
