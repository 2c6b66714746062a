"""The pages of commitments, as a list and one by one, and the list of plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from django.db.models import Count, Prefetch, QuerySet, Subquery, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import rollups
from commitments.addresses import path_to
from commitments.choices import Action
from commitments.clocks import Clock, local_day
from commitments.curation import history
from commitments.filters import CommitmentFilter
from commitments.ledger.proofs.checkpoints import latest_size
from commitments.models import (
    Commitment,
    Criterion,
    Milestone,
    Office,
    ProgressUpdate,
    StrategicGoal,
)
from commitments.models.namings import fetch_evidence, fetch_named, fetch_texts
from commitments.models.querysets import CommitmentQuerySet, ReviewPeriod
from commitments.models.querysets.composed import read_by
from commitments.pages.base import PlanPage, has_parts, latest_entry_by
from commitments.pages.citation import Citation, Cited, citations
from commitments.pages.facet_counts import CountedPaginator, facet_counts
from commitments.pages.facets import (
    active_filters,
    api_query,
    clock_independent_filters,
    commitment_facets,
    facet,
)
from commitments.pages.grid import Heading, by_area
from commitments.pages.querystrings import CLOCKS, without_blanks
from commitments.pages.rows import CurrentStatus
from commitments.pages.sharing import commitment_sharing
from commitments.pages.summary import summarise
from commitments.pages.timeline import band_of
from commitments.pages.updates import PageUpdate, page_updates, with_references
from commitments.pages.verdict import Verdict, verdict_of
from commitments.roles import ANONYMOUS
from commitments.texts.phrases import sentence_of
from commitments.workflow.ratings import published_outcome

SORT_OPTIONS = [
    ("number", gettext_lazy("Plan order")),
    ("-effective_on", gettext_lazy("Latest assessment first")),
    ("effective_on", gettext_lazy("Oldest assessment first")),
    ("status", gettext_lazy("By status")),
]
COMMITMENTS_PER_PAGE = 100
BY_DUE_DATE = ("due_on", gettext_lazy("By due date"))


class CommitmentsPage(PlanPage):
    """The list of commitments, with the filters of the API."""

    template_name = "commitments/commitments.html"
    menu_entry = "commitments"
    parameters = (*CommitmentFilter.base_filters, "page")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        counts = facet_counts(self.filterset, self.parts)
        facets = commitment_facets(self.parts, self.interval, self.query, counts=counts.options)
        has_dates = has_parts(self.plan, ["dates"])
        orders = [*SORT_OPTIONS, BY_DUE_DATE] if has_dates else SORT_OPTIONS
        days = ("changed_since", "acted_since", "due_after", "due_before")
        listed: Any = self.listed.annotate(commitment_count=self._commitment_count())
        pages = CountedPaginator(listed, COMMITMENTS_PER_PAGE, counts.found)
        page = pages.get_page(self.query.get("page"))
        rows: list[Any] = list(page)
        filters = self.query.copy()
        filters.pop("page", None)
        always, chosen = clock_independent_filters(self.query), {*without_blanks(filters)}
        return super().get_context_data(
            grid=self.grid(rows, self._heading) if rows else None,
            page=page,
            # Left out if there are more pages, because their rows are not read.
            sentence=sentence_of(summarise(rollups.total(rows), self.day))
            if rows and not page.has_other_pages()
            else "",
            # Read with the rows, or by a query of its own if there are none.
            commitment_count=rows[0].commitment_count
            if rows
            else self.plan.commitments.in_plan_by(self.clock).count(),
            facets=facets,
            active_filters=active_filters(facets, filters, exclude=["ordering"]),
            **{name: self.filterset.form.cleaned_data.get(name) for name in days},
            has_dates=has_dates,
            sorting=facet("ordering", _("Sort by"), orders, self.query),
            api_query=api_query(self.plan, filters),
            trend_filters=always,
            # The page over time understands no other parameters.
            group_filters=always if chosen <= {*CLOCKS, *always, "ordering"} else None,
            **kwargs,
        )

    def _commitment_count(self) -> Subquery:
        """Return a subquery for the number of all commitments of the plan."""
        rows: Any = self.plan.commitments.in_plan_by(self.clock).order_by().values("plan")
        return Subquery(rows.annotate(n=Count("pk")).values("n"))

    def _heading(self, commitment: Any) -> Heading | None:
        """Return the heading of the commitment's area if the list is in the order of the plan."""
        in_order = self.query.get("ordering", "number") == "number"
        return by_area(commitment) if in_order else None


@dataclass(frozen=True)
class RecordEntry:
    """An update or a changed wording, with its effective date."""

    on: date
    update: PageUpdate | None = None
    rewording: history.WordingChange | None = None


def _with_all_columns(clock: Clock, periods: Sequence[ReviewPeriod]) -> CommitmentQuerySet:
    """Return all commitments with the columns that a page about one shows."""
    rows = Commitment.objects.at(clock, periods).with_findings().with_neighbours(clock)
    rows = rows.with_date_history(clock).with_coverage_gap_flags(clock).with_is_edited()
    rows = rows.annotate(
        checkpoint_size=latest_size(), latest_entry=latest_entry_by(clock.known_at)
    )
    return rows.with_listed_relations()


_find = read_by(_with_all_columns, "plan", "number")


class CommitmentPage(PlanPage):
    """The page of one commitment, addressed by its number. Its public code redirects here."""

    template_name = "commitments/commitment.html"
    picture_route = "commitment-picture"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        number = self.kwargs["number"]
        code = f"{self.plan.code}-"
        if number.startswith(code) and not self.plan.commitments.filter(number=number).exists():
            number = number.removeprefix(code)
            query = f"?{request.GET.urlencode()}" if request.GET else ""
            address = path_to("pages:commitment", self.plan.code, number)
            return redirect(address + query)
        return super().get(request, *args, **kwargs)

    @cached_property
    def commitment(self) -> Any:
        rows = self.read_commitments(_find, self.kwargs["number"])
        if not rows:
            raise Http404
        prefetch_related_objects(rows, *self._parts())
        return rows[0]

    def _parts(self) -> list[Prefetch[str, Any, str]]:
        """Return prefetches for what the page shows of the commitment from other tables but forums.
        Criteria and milestones include those not in use under the clock, since updates may name
        them."""
        criteria = Criterion.objects.with_is_known(self.clock.known_at).in_order()
        milestones = Milestone.objects.with_state(self.clock, self.filterset.periods).in_order()
        offices, goals = Office.objects.order_by("code"), StrategicGoal.objects.order_by("number")
        parts: list[tuple[str, str, QuerySet[Any]]] = [
            ("supporting_goals", "goals", goals),
            ("supporting_offices", "offices", offices),
            ("milestones", "dates", milestones),
        ]
        # Skip the query for parts that the plan does not have.
        return [Prefetch("criteria", criteria)] + [
            Prefetch(name, rows if has_parts(self.plan, [part]) else rows.none())
            for name, part, rows in parts
        ]

    @property
    def latest_entry(self) -> int:
        entry: int = self.commitment.latest_entry
        return entry

    @cached_property
    def updates(self) -> list[Any]:
        """The public updates effective by the day of the clock, newest first. Reading them also
        fetches the commitment's partnerships.

        Under `known_at`, those published by then, in their state of today.
        """
        rows = self.commitment.updates.visible_to(ANONYMOUS).filter(effective_on__lte=self.day)
        if self.clock.known_at:
            rows = rows.filter(published_at__lte=self.clock.known_at)
        rows = rows.latest_first().with_is_counting(self.clock).defer("search_index")
        updates = list(rows.prefetch_related("decisions"))
        fetch_evidence(updates)
        fetch_named(updates)
        fetch_texts(self.commitment, updates, has_forums=has_parts(self.plan, ["forums"]))
        return updates

    @property
    def counting(self) -> list[Any]:
        """The updates that count under the clock, newest first."""
        return [row for row in self.updates if row.is_counting]

    @property
    def milestones(self) -> list[Any]:
        """The milestones that were known at the clock."""
        return [row for row in self.commitment.milestones.all() if row.known_due_on]

    @property
    def dropped_milestones(self) -> list[Any]:
        """The milestones that updates may name, but that were not known at the clock."""
        return [row for row in self.commitment.milestones.all() if not row.known_due_on]

    @property
    def dated_record(self) -> rollups.CommitmentRecord:
        """The same as `read_record` returns, built from rows that the page has already read."""
        counting = [*self.counting[::-1], *self.moved_events]
        dates = rollups.dates_of(self.commitment, self.milestones)
        return rollups.record_of(self.review_period, dates, counting, self._chains)

    @property
    def _chains(self) -> dict[int, list[int | None]]:
        """The chains of the events on which the updates rest that count, by their ids."""
        return {
            row.pk: [basis.event.chain_id for basis in row.bases.all()] for row in self.counting
        }

    @cached_property
    def moved_events(self) -> list[Any]:
        """The events that updates on the page rest on and that a correction moved beyond the
        day. They are not on the page."""
        missing = {*chain.from_iterable(self._chains.values())}
        missing -= {row.chain_id for row in self.counting}
        if not missing:
            return []
        # The others were withdrawn.
        rows = ProgressUpdate.objects.counting(self.clock).filter(chain__in=missing)
        moved = list(rows.defer("search_index"))
        fetch_evidence(moved)
        return moved

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        commitment, updates, counting = self.commitment, self.updates, self.counting
        record = self.dated_record
        # Few plans have ratings, so the page does not always read them.
        prefetch_related_objects([row for row in updates if published_outcome(row)], "ratings")
        shown = page_updates(updates)
        current = self._current_status(updates, counting, record)
        criteria = [row for row in commitment.criteria.all() if row.is_known]
        verdict = self._verdict(shown, criteria)
        listed = [item.evidence for item in verdict.first_sources]
        return super().get_context_data(
            commitment=commitment,
            current=current,
            verdict=verdict,
            partnerships=list(commitment.partnerships.all()),
            milestones=self.milestones,
            dropped_milestones=self.dropped_milestones,
            record=self._record(with_references(shown, listed)),
            has_updates=bool(updates),
            loaded_count=sum(bool(update.loaded_from) for update in shown),
            band=band_of(record, counting, self.plan, self.day),
            lasting_address=self.lasting_address,
            citations=self._citations(current, counting),
            proof_address=self._proof_address(counting),
            share_alt=current.description,
            sharing=commitment_sharing(
                self.addresses, commitment.number, commitment.title.inline()
            ),
            **kwargs,
        )

    def _verdict(self, shown: list[PageUpdate], criteria: list[Criterion]) -> Verdict:
        ids = {row.pk for row in self.counting}
        counting = [row for row in shown if row.id in ids] + page_updates(self.moved_events)
        return verdict_of(self.commitment.assessment_id, shown, counting, criteria)

    def _current_status(
        self,
        updates: list[ProgressUpdate],
        counting: list[ProgressUpdate],
        record: rollups.CommitmentRecord,
    ) -> CurrentStatus:
        since = record.held_since(self.day)
        return CurrentStatus(
            self.commitment,
            self.day,
            since=next((row for row in counting if since and row.pk == since.update), None),
            events=sum(not row.status for row in counting),
            may_have_been_assessed=bool(updates) or not self.clock.is_default,
        )

    def _record(self, updates: Iterable[PageUpdate]) -> list[RecordEntry]:
        """Return updates and changed wordings by effective date, newest first."""
        entries = [RecordEntry(update.effective_on, update=update) for update in updates]
        rewordings = history.wording_changes(self.commitment) if self.commitment.is_edited else []
        for rewording in rewordings:
            if rewording.known_to(self.clock, self.plan.time_zone):
                entries.append(RecordEntry(rewording.on(self.plan.time_zone), rewording=rewording))
        return sorted(entries, key=lambda entry: entry.on, reverse=True)

    def _proof_address(self, counting: list[ProgressUpdate]) -> str:
        """Return the address of the proof that the current assessment was published, or "" if no
        signed checkpoint covers it yet."""
        current = self.commitment.assessment_id
        decisions = (
            entry for row in counting if row.pk == current for entry in row.decisions.all()
        )
        published = [entry.seq for entry in decisions if entry.action == Action.PUBLISH]
        is_covered = published and max(published) <= (self.commitment.checkpoint_size or 0)
        return reverse("api:update-proof", args=[current]) if is_covered else ""

    def _citations(self, current: CurrentStatus, counting: list[ProgressUpdate]) -> list[Citation]:
        published = [row.published_on for row in counting if row.published_on]
        read_on = local_day(self.now, self.plan.time_zone)
        latest = max(published, default=None)
        return citations(Cited(current, self.lasting_address, read_on, published_on=latest))
