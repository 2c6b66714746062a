"""Commitments, each as it stands under two clocks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat

from commitments.choices import (
    Freshness,
    Role,
    Schedule,
    Source,
    Status,
    Tone,
    statuses_where,
)
from commitments.clocks import Clock, days_before
from commitments.lineage import Lineage
from commitments.querysets.shared import days_of, each_word, related
from commitments.roles import offices_of, roles_of

if TYPE_CHECKING:
    from commitments.models import Commitment, Forum, Plan  # noqa: F401
    from commitments.roles import Person

COMMITMENT_WORDS = ("public_code", "title_en", "title_zh", "text_en", "text_zh")


def _whether(condition: Any) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def in_order(self) -> CommitmentQuerySet:
        return self.order_by("plan__code", "position", "id")

    def with_neighbours(self) -> CommitmentQuerySet:
        """Adds the numbers of the one before and the one after in their plan, or None."""
        plan = self.model._default_manager.filter(plan=OuterRef("plan"))
        here = Q(position=OuterRef("position"))
        before = plan.filter(Q(position__lt=OuterRef("position")) | here & Q(id__lt=OuterRef("id")))
        after = plan.filter(Q(position__gt=OuterRef("position")) | here & Q(id__gt=OuterRef("id")))
        return self.annotate(
            previous=Subquery(before.order_by("-position", "-id").values("number")[:1]),
            following=Subquery(after.order_by("position", "id").values("number")[:1]),
        )

    def by_codes(self, codes: Iterable[str]) -> CommitmentQuerySet:
        """The commitments with these public identifiers, e.g. `ISCC-3.2`."""
        wanted = Q(pk__in=[])
        for code in codes:
            plan, _, number = code.partition("-")
            wanted |= Q(plan__code=plan, number=number)
        return self.filter(wanted).select_related("plan")

    def for_forums(
        self, forums: Iterable[Forum], lineage: Lineage | None = None
    ) -> CommitmentQuerySet:
        """Commitments of one of these forums or its parts, and of the predecessors of either."""
        lineage = lineage or related(self, "forums").lineage()
        return self.filter(self._of_forums(forums, lineage))

    def _of_forums(self, forums: Iterable[Forum], lineage: Lineage) -> Q:
        through = {pk for forum in forums for pk in lineage.commitments_through(forum.pk)}
        links = related(self, "partnerships").filter(commitment=OuterRef("pk"), forum__in=through)
        return Q(Exists(links))

    def active_at(
        self,
        forums: Iterable[Forum],
        clock: Clock,
        lineage: Lineage | None = None,
        plans: Iterable[Plan] | None = None,
    ) -> CommitmentQuerySet:
        """Commitments of one of these forums (as `for_forums`) with activity there; `plans` as for
        `at`."""
        lineage = lineage or related(self, "forums").lineage()
        activity = list(related(self, "updates").activity(clock, plans))
        wanted = Q(pk__in=[])
        for forum in forums:
            through = lineage.activity_through(forum.pk)
            acted = {commitment for place, commitment in activity if place in through}
            wanted |= self._of_forums([forum], lineage) & Q(pk__in=acted)
        return self.filter(wanted)

    def search(self, words: str) -> CommitmentQuerySet:
        """Commitments whose code, title or text has each of these words, in either language."""
        public_code = Concat("plan__code", Value("-"), "number")
        return self.alias(public_code=public_code).filter(each_word(words, COMMITMENT_WORDS))

    def with_coverage(self, coverage: Collection[str]) -> CommitmentQuerySet:
        """Of commitments `at` a clock, those whose claim rests on one of these alone. What became
        of links is today's."""
        wanted = Q(pk__in=[])
        for code in coverage:
            wanted |= Q(**{code: True})
        return self.with_coverage_facts().filter(wanted)

    def with_coverage_facts(self) -> CommitmentQuerySet:
        """Adds to commitments `at` a clock, for each code of `Coverage`, whether it is so."""
        pieces = related(self, "updates__evidence").filter(update=OuterRef("claim_id"), public=True)
        count = pieces.order_by().values("update").annotate(n=Count("pk")).values("n")
        held = pieces.exclude(pk__in=pieces.model.objects.lost().values("pk"))
        rows = self.annotate(sources=Coalesce(Subquery(count, output_field=IntegerField()), 0))
        return rows.annotate(
            one_source=_whether(Q(sources=1)),
            statements_only=_whether(Q(claim_level=Source.STATEMENT.level)),
            dead_links=_whether(Q(sources__gt=0) & ~Exists(held)),
        )

    def with_tone(self) -> CommitmentQuerySet:
        """Adds to commitments `at` a clock their effective `tone`: as `rollups.Item` has it."""
        lapsed = When(freshness=Freshness.LAPSED, then=Value(Tone.UNKNOWN.value))
        by_status = {
            tone: When(claim_status__in=statuses_where(tone=tone), then=Value(tone.value))
            for tone in Tone
        }
        # What is set apart never lapses, so the order says nothing of it.
        return self.annotate(tone=Case(lapsed, *by_status.values(), output_field=CharField()))

    def changed_since(self, moment: datetime) -> CommitmentQuerySet:
        """Commitments that a public act has touched since, or an amendment reworded."""
        acts = related(self, "decisions").public()
        acts = acts.filter(commitment=OuterRef("pk"), at__gte=moment)
        reworded = related(self, "former_wordings").filter(
            commitment=OuterRef("pk"), replaced_by__at__gte=moment
        )
        return self.filter(Exists(acts) | Exists(reworded))

    def of_offices(self, offices: Collection[int]) -> CommitmentQuerySet:
        """Commitments that one of these offices leads or supports."""
        supported = related(self, "supporting_offices", through=True).filter(
            commitment=OuterRef("pk"), office__in=offices
        )
        return self.filter(Q(lead_office__in=offices) | Exists(supported))

    def reportable_by(self, user: Person) -> CommitmentQuerySet:
        """Commitments that this person may report on: the rule of `policies.may_report`."""
        if Role.REPORTER not in roles_of(user):
            return self.none()
        every: Any = self.model._default_manager
        theirs = every.of_offices(offices_of(user))
        supported = related(self, "supporting_offices", through=True).filter(
            commitment=OuterRef("pk")
        )
        without_office = Q(lead_office__isnull=True) & ~Exists(supported)
        return self.filter(without_office | Q(pk__in=theirs.values("pk")))

    def at(self, clock: Clock, plans: Iterable[Plan] | None = None) -> CommitmentQuerySet:
        """Each commitment as it stands under the two clocks. Whoever asks about commitments of
        `plans` alone and has these at hand gives them; else all plans are read.

        Adds `day` (in its plan's time zone), `claim_id`, `claim_status` (never null),
        `claim_effective_on`, `claim_precision`, `claim_published_at`, `claim_level`,
        `freshness` (null while unassessed), `schedule` and `update_count`.
        """
        return self._on_its_day(clock, plans)._with_claim(clock)._with_freshness()._with_schedule()

    def _on_its_day(self, clock: Clock, plans: Iterable[Plan] | None) -> CommitmentQuerySet:
        days = days_of(self, "plan", clock, plans)

        def by_plan(intervals: int) -> Case:
            """The day so many review intervals before each plan's day."""
            cases = (
                When(plan=plan, then=Value(days_before(day, intervals * length)))
                for plan, day, length in days
            )
            default = Value(clock.day("UTC"))
            return Case(*cases, default=default, output_field=DateField())

        return self.annotate(day=by_plan(0), current_from=by_plan(1), due_from=by_plan(2))

    def _with_claim(self, clock: Clock) -> CommitmentQuerySet:
        updates = related(self, "updates")
        counting = updates.counting(clock).filter(
            commitment=OuterRef("pk"), effective_on__lte=OuterRef("day")
        )
        count = counting.order_by().values("commitment").annotate(n=Count("pk")).values("n")
        counted = self.annotate(
            update_count=Coalesce(Subquery(count, output_field=IntegerField()), 0)
        )
        if clock.is_default:
            claimed = counted.annotate(
                claim_id=F("status_update_id"),
                claim_status=F("status"),
                claim_effective_on=F("status_update__effective_on"),
                claim_precision=F("status_update__date_precision"),
                claim_published_at=F("status_update__published_at"),
            )
        else:
            claimed = counted._claiming(counting)
        return claimed.annotate(
            claim_level=Coalesce(
                Subquery(
                    updates.filter(pk=OuterRef("claim_id")).with_evidence_level().values("level")
                ),
                0,
            )
        )

    def _claiming(self, counting: Any) -> CommitmentQuerySet:
        """Adds the claim that is highest among these updates."""
        claim = counting.claims()
        unassessed = Value(Status.UNASSESSED.value)
        return self.annotate(
            claim_id=Subquery(claim.values("id")[:1]),
            claim_status=Coalesce(Subquery(claim.values("status")[:1]), unassessed),
            claim_effective_on=Subquery(claim.values("effective_on")[:1]),
            claim_precision=Subquery(claim.values("date_precision")[:1]),
            claim_published_at=Subquery(claim.values("published_at")[:1]),
        )

    def with_published_claim(self) -> CommitmentQuerySet:
        """Adds the current claim as the published updates give it, without use of the copy."""
        published = related(self, "updates").published().filter(commitment=OuterRef("pk"))
        return self._claiming(published)

    def _with_freshness(self) -> CommitmentQuerySet:
        return self.annotate(
            freshness=Case(
                When(claim_id__isnull=True, then=Value(None)),
                When(
                    claim_status__in=statuses_where(settled=True),
                    then=Value(Freshness.SETTLED.value),
                ),
                When(
                    claim_effective_on__gte=F("current_from"),
                    then=Value(Freshness.CURRENT.value),
                ),
                When(claim_effective_on__gte=F("due_from"), then=Value(Freshness.DUE.value)),
                default=Value(Freshness.LAPSED.value),
                output_field=CharField(null=True),
            )
        )

    def _with_schedule(self) -> CommitmentQuerySet:
        milestones = related(self, "milestones").filter(commitment=OuterRef("pk"))
        missed = milestones.filter(due_on__lt=OuterRef("day")).filter(
            Q(done_on__isnull=True) | Q(done_on__gt=OuterRef("day"))
        )
        past_due = Q(due_on__lt=F("day")) & ~Q(claim_status__in=statuses_where(final=True))
        return self.annotate(
            schedule=Case(
                When(Exists(missed) | past_due, then=Value(Schedule.OVERDUE.value)),
                When(
                    Q(due_on__isnull=False) | Exists(milestones),
                    then=Value(Schedule.ON_SCHEDULE.value),
                ),
                default=Value(Schedule.NONE.value),
                output_field=CharField(),
            )
        )
