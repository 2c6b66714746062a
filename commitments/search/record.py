"""What a query finds in the public record of plans: commitments, events, assessments, sources with
their publishers, and forums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    Min,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Upper
from django.utils.functional import cached_property

from commitments.choices import HitKind
from commitments.clocks import Clock
from commitments.models import (
    Commitment,
    Evidence,
    Forum,
    Partnership,
    Plan,
    ProgressUpdate,
    Publisher,
)
from commitments.models.querysets import (
    CommitmentQuerySet,
    EvidenceQuerySet,
    ProgressUpdateQuerySet,
    ReviewPeriod,
)
from commitments.models.querysets.evidence import source_place
from commitments.models.querysets.words import by_frequency, contains_all, first_place
from commitments.roles import ANONYMOUS
from commitments.texts.search_terms import SearchTerm


@dataclass(frozen=True)
class RecordSearch:
    """What `terms` find in the record of some plans under a clock: all that the public may read.

    `periods` are the review periods of these plans.
    """

    terms: Sequence[SearchTerm]
    plans: Sequence[Plan]
    clock: Clock
    periods: Sequence[ReviewPeriod] = field(repr=False)

    @cached_property
    def counts(self) -> dict[HitKind, int]:
        """The number of hits of each kind; one query."""
        rows: dict[HitKind, tuple[QuerySet[Any], Count]] = {
            HitKind.FORUM: (self.forums(), Count("pk")),
            HitKind.COMMITMENT: (self.commitments(), Count("pk")),
            HitKind.ASSESSMENT: (self.assessments(), Count("pk")),
            HitKind.EVENT: (self.events(), Count("pk")),
            HitKind.SOURCE: (self._evidence(), Count(source_place(), distinct=True)),
            HitKind.PUBLISHER: (self.publishers(), Count("pk")),
        }
        first, *others = (
            found.order_by().annotate(hit=Value(kind.value)).values("hit").annotate(n=number)
            for kind, (found, number) in rows.items()
        )
        numbers = first.values_list("hit", "n").union(
            *(other.values_list("hit", "n") for other in others), all=True
        )
        return dict.fromkeys(HitKind, 0) | {HitKind(hit): n for hit, n in numbers}

    def hits(self, kind: HitKind) -> QuerySet[Any]:
        """Return what is found of a kind, ranked; commitments with their status, updates with
        their commitment."""
        return RANKED[kind](self)

    def citing_commitments(self, sources: Collection[str]) -> dict[str, list[Commitment]]:
        """Return the commitments whose updates cite these sources, by the `place` of the source."""
        rows: Any = self._public_evidence().annotate(place=source_place())
        rows = rows.filter(place__in=sources)
        found: dict[str, dict[int, Commitment]] = defaultdict(dict)
        for row in rows.select_related("update__commitment__plan").order_by("update__commitment"):
            commitment = row.update.commitment
            found[row.place][commitment.pk] = commitment
        return {place: list(commitments.values()) for place, commitments in found.items()}

    def forums(self) -> Any:
        """Return the forums that commitments or updates of the plans name, with `plan_code`, the
        code of the first of these plans. A forum with exactly this code comes first, then the
        earlier the words occur in the names, the higher the forum."""
        named = Partnership.objects.filter(forum=OuterRef("pk"), commitment__plan__in=self.plans)
        through = ProgressUpdate.forums.through.objects.filter(forum=OuterRef("pk"))
        # With a join instead, SQLite would read all published updates for each of these forums.
        updates = self._updates().filter(pk__in=through.values("progressupdate"))
        in_text = named.order_by("commitment__plan").values("commitment__plan__code")[:1]
        in_updates = updates.order_by("commitment__plan").values("commitment__plan__code")[:1]
        rows: Any = Forum.objects.filter(contains_all(self.terms, ["search_index"], ["code"]))
        rows = rows.annotate(plan_code=Coalesce(Subquery(in_text), Subquery(in_updates)))
        return (
            rows.filter(plan_code__isnull=False)
            .alias(upper_code=Upper("code"))
            .order_by(
                _first_if(Q(upper_code__in=self._words)),
                first_place("search_index", self.terms),
                "code",
            )
        )

    def commitments(self) -> CommitmentQuerySet:
        """Return the commitments, those with the exact number first. The earlier the words occur in
        the others, the higher these are, so titles count more than texts."""
        rows = Commitment.objects.filter(plan__in=self.plans).search(self._terms[Commitment])
        names = {
            "upper_number": Upper("number"),
            "upper_code": Upper(Concat("plan__code", Value("-"), "number")),
        }
        is_exact = Q(upper_number__in=self._words) | Q(upper_code__in=self._words)
        return rows.alias(**names).order_by(
            _first_if(is_exact),
            first_place("search_index", self.terms),
            "plan",
            "position",
        )

    def assessments(self) -> ProgressUpdateQuerySet:
        """Return the assessments, the newest first."""
        return self._found_updates().assessments()

    def events(self) -> ProgressUpdateQuerySet:
        """Return the events that are not assessments, the newest first."""
        return self._found_updates().filter(status__isnull=True).latest_first()

    def sources(self) -> QuerySet[Any]:
        """Return the sources, each once, the newest first, as dicts: `first`, the id of the first
        piece of evidence that is this source, and `newest`, its day."""
        return (
            self._evidence()
            .order_by()
            .values(place=source_place())
            .annotate(first=Min("pk"), newest=Max("dated_on"))
            .order_by(F("newest").desc(nulls_last=True), "first")
        )

    def publishers(self) -> QuerySet[Publisher]:
        """Return the publishers with `source_count`, the one whose key the query gives first, then
        those with the most sources."""
        own = self._public_evidence().filter(publisher=OuterRef("pk")).order_by()
        numbers = own.values("publisher").annotate(n=Count(source_place(), distinct=True))
        return (
            Publisher.objects.filter(contains_all(self.terms, ["search_index"]), Exists(own))
            .annotate(source_count=Subquery(numbers.values("n")))
            .alias(upper_key=Upper("key"))
            .order_by(_first_if(Q(upper_key__in=self._words)), "-source_count", "pk")
        )

    @property
    def _words(self) -> list[str]:
        """Every spelling of the terms, and all of the query, in capitals."""
        words = [word.upper() for term in self.terms for word in term.spellings]
        return [*words, " ".join(words)]

    @cached_property
    def _terms(self) -> dict[type[Model], list[SearchTerm]]:
        """The terms as they are looked for in each of the large tables."""
        return by_frequency([Commitment, ProgressUpdate, Evidence], self.terms)

    def _found_updates(self) -> ProgressUpdateQuerySet:
        return self._updates().search(self._terms[ProgressUpdate], ANONYMOUS)

    def _evidence(self) -> EvidenceQuerySet:
        """Return the pieces of evidence; the names of their publishers are searched too."""
        return self._public_evidence().search(self._terms[Evidence])

    def _public_evidence(self) -> EvidenceQuerySet:
        # `Exists`, since with `IN` each search would make a list of all updates that count.
        of_update = Exists(self._updates().filter(pk=OuterRef("update")))
        return Evidence.objects.filter(of_update, public=True)

    def _updates(self) -> ProgressUpdateQuerySet:
        """Return the updates of the plans that count under the clock and have not been withdrawn
        since; the texts and sources of withdrawn ones cannot be found."""
        rows = ProgressUpdate.objects.under(self.clock, self.periods)
        return rows.filter(commitment__plan__in=self.plans).with_public_content()


def _first_if(condition: Q) -> Case:
    """Return an expression to order by that puts rows for which this is true first."""
    return Case(When(condition, then=0), default=1)


RANKED: Mapping[HitKind, Callable[[RecordSearch], QuerySet[Any]]] = {
    HitKind.FORUM: RecordSearch.forums,
    HitKind.COMMITMENT: lambda search: (
        search.commitments().at(search.clock, search.periods).select_related("plan")
    ),
    HitKind.ASSESSMENT: lambda search: search.assessments().select_related("commitment__plan"),
    HitKind.EVENT: lambda search: search.events().select_related("commitment__plan"),
    HitKind.SOURCE: RecordSearch.sources,
    HitKind.PUBLISHER: RecordSearch.publishers,
}
