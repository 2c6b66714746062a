"""Questions to the tables in the words of the domain. Chainable; they take users and clocks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import (
    Case,
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
    PUBLIC_ACTIONS,
    PUBLIC_STATES,
    Action,
    Freshness,
    Role,
    Schedule,
    Source,
    State,
    Status,
    Tone,
    statuses_where,
)
from commitments.clocks import Clock, days_before
from commitments.lineage import Lineage
from commitments.roles import is_staff, offices_of, roles_of

if TYPE_CHECKING:
    from commitments.models import (  # noqa: F401
        Commitment,
        Decision,
        Evidence,
        Forum,
        Plan,
        ProgressUpdate,
    )
    from commitments.roles import Person

COMMITMENT_WORDS = ("public_code", "title_en", "title_zh", "text_en", "text_zh")
UPDATE_WORDS = ("summary_en", "summary_zh", "search_note_en", "search_note_zh")

# The highest of a claim's order, of which the first is the current claim.
LATEST_FIRST = ("-effective_on", "-published_at", "-id")


def _each_word(words: str, columns: Iterable[str]) -> Q:
    found = Q()
    for word in words.split():
        found &= reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns))
    return found


def _related(queryset: Any, path: str, *, through: bool = False) -> Any:
    """All rows of a related table (or of the table between the two), for a subquery.

    By the model's own fields, since this module stands below the models.
    """
    model = queryset.model
    *first, last = path.split("__")
    for name in first:
        model = model._meta.get_field(name).related_model
    field = model._meta.get_field(last)
    return (field.remote_field.through if through else field.related_model).objects.all()


class PlanQuerySet(models.QuerySet["Plan"]):
    def in_order(self) -> PlanQuerySet:
        return self.order_by("code")


class ForumQuerySet(models.QuerySet["Forum"]):
    def in_order(self) -> ForumQuerySet:
        return self.order_by("code")

    def named_in(self, plans: Collection[Plan]) -> ForumQuerySet:
        """Forums that these plans' commitments name, with `commitment_count` in these plans."""
        of_plans = Q(partnerships__commitment__plan__in=plans)
        return self.annotate(commitment_count=Count("partnerships", filter=of_plans)).filter(
            commitment_count__gt=0
        )

    def lineage(self) -> Lineage:
        """How all forums hang together, in one query."""
        return Lineage(self.model._default_manager.values_list("id", "parent", "successor_of"))

    def leads_back(self, field: str, forum: int, start: int | None) -> bool:
        """Whether following `parent_id` or `successor_of_id` from `start` reaches `forum`."""
        step = dict(self.model._default_manager.values_list("id", field))
        seen: set[int] = set()
        while start is not None and start not in seen:
            if start == forum:
                return True
            seen.add(start)
            start = step.get(start)
        return False


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def in_order(self) -> CommitmentQuerySet:
        return self.order_by("plan__code", "position", "id")

    def by_codes(self, codes: Iterable[str]) -> CommitmentQuerySet:
        """The commitments with these public identifiers, e.g. `ISCC-3.2`."""
        wanted = Q(pk__in=[])
        for code in codes:
            plan, _, number = code.partition("-")
            wanted |= Q(plan__code=plan, number=number)
        return self.filter(wanted).select_related("plan")

    def for_forums(self, forums: Iterable[Forum]) -> CommitmentQuerySet:
        """Commitments of one of these forums or its parts, and of the predecessors of either."""
        lineage = _related(self, "forums").lineage()
        through = {pk for forum in forums for pk in lineage.commitments_through(forum.pk)}
        links = _related(self, "partnerships").filter(commitment=OuterRef("pk"), forum__in=through)
        return self.filter(Exists(links))

    def search(self, words: str) -> CommitmentQuerySet:
        """Commitments whose code, title or text has each of these words, in either language."""
        public_code = Concat("plan__code", Value("-"), "number")
        return self.alias(public_code=public_code).filter(_each_word(words, COMMITMENT_WORDS))

    def changed_since(self, moment: datetime) -> CommitmentQuerySet:
        """Commitments that a public act has touched since, or an amendment reworded."""
        acts = _related(self, "decisions").filter(
            commitment=OuterRef("pk"), at__gte=moment, action__in=PUBLIC_ACTIONS
        )
        reworded = _related(self, "former_wordings").filter(
            commitment=OuterRef("pk"), replaced_by__at__gte=moment
        )
        return self.filter(Exists(acts) | Exists(reworded))

    def of_offices(self, offices: Collection[int]) -> CommitmentQuerySet:
        """Commitments that one of these offices leads or supports."""
        supported = _related(self, "supporting_offices", through=True).filter(
            commitment=OuterRef("pk"), office__in=offices
        )
        return self.filter(Q(lead_office__in=offices) | Exists(supported))

    def reportable_by(self, user: Person) -> CommitmentQuerySet:
        """Commitments that this person may report on: the rule of `policies.may_report`."""
        if Role.REPORTER not in roles_of(user):
            return self.none()
        every: Any = self.model._default_manager
        theirs = every.of_offices(offices_of(user))
        supported = _related(self, "supporting_offices", through=True).filter(
            commitment=OuterRef("pk")
        )
        without_office = Q(lead_office__isnull=True) & ~Exists(supported)
        return self.filter(without_office | Q(pk__in=theirs.values("pk")))

    def at(self, clock: Clock) -> CommitmentQuerySet:
        """Each commitment as it stands under the two clocks.

        Adds `day` (in its plan's time zone), `claim_id`, `claim_status` (never null),
        `claim_effective_on`, `claim_precision`, `claim_published_at`, `claim_level`,
        `freshness` (null while unassessed), `schedule` and `update_count`.
        """
        return self._on_its_day(clock)._with_claim(clock)._with_freshness()._with_schedule()

    def _on_its_day(self, clock: Clock) -> CommitmentQuerySet:
        plans = _related(self, "plan").values_list("id", "time_zone", "review_interval_days")
        days = [(plan, clock.day(zone), length) for plan, zone, length in plans]

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
        updates = _related(self, "updates")
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
            claim = counting.filter(status__isnull=False).order_by(*LATEST_FIRST)
            claimed = counted.annotate(
                claim_id=Subquery(claim.values("id")[:1]),
                claim_status=Coalesce(
                    Subquery(claim.values("status")[:1]), Value(Status.UNASSESSED.value)
                ),
                claim_effective_on=Subquery(claim.values("effective_on")[:1]),
                claim_precision=Subquery(claim.values("date_precision")[:1]),
                claim_published_at=Subquery(claim.values("published_at")[:1]),
            )
        return claimed.annotate(
            claim_level=Coalesce(
                Subquery(
                    updates.filter(pk=OuterRef("claim_id")).with_evidence_level().values("level")
                ),
                0,
            )
        )

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
                output_field=models.CharField(null=True),
            )
        )

    def _with_schedule(self) -> CommitmentQuerySet:
        milestones = _related(self, "milestones").filter(commitment=OuterRef("pk"))
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
                output_field=models.CharField(),
            )
        )


class ProgressUpdateQuerySet(models.QuerySet["ProgressUpdate"]):
    def visible_to(self, user: Person) -> ProgressUpdateQuerySet:
        """What this person may know of. The public knows of what was ever published."""
        roles = roles_of(user)
        if Role.CURATOR in roles:
            return self.all()
        public = Q(state__in=PUBLIC_STATES)
        if not roles:
            return self.filter(public)
        editors = _related(self, "editors", through=True).filter(
            progressupdate=OuterRef("pk"), user=user.pk
        )
        visible: Any = public | Q(author=user.pk) | Exists(editors) | self._of_offices(user)
        if Role.REVIEWER in roles:
            returned = _related(self, "decisions").filter(
                update=OuterRef("pk"), action=Action.RETURN, actor=user.pk
            )
            visible |= Q(state=State.SUBMITTED) | Exists(returned)
        return self.filter(visible)

    def _of_offices(self, user: Person) -> Q:
        commitments = _related(self, "commitment").of_offices(offices_of(user))
        return Q(commitment__in=commitments.values("pk"))

    def counting(self, clock: Clock) -> ProgressUpdateQuerySet:
        """Updates that count: published, and at `known_at` already so and still standing."""
        if clock.known_at is None:
            return self.filter(state=State.PUBLISHED)
        then = clock.known_at
        return self.filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gt=then),
            Q(retracted_at__isnull=True) | Q(retracted_at__gt=then),
            published_at__lte=then,
        )

    def under(self, clock: Clock) -> ProgressUpdateQuerySet:
        """Updates that count under both clocks, each on its own plan's day."""
        return self.counting(clock).filter(self._until(clock, since=None))

    def at_forums(self, forums: Iterable[Forum], user: Person) -> ProgressUpdateQuerySet:
        """Updates that name one of these forums, a part of it, or a successor of either; which
        forums a retracted one names is for staff."""
        lineage = _related(self, "forums").lineage()
        through = {pk for forum in forums for pk in lineage.activity_through(forum.pk)}
        named = _related(self, "forums", through=True).filter(
            progressupdate=OuterRef("pk"), forum__in=through
        )
        found = self.filter(Exists(named))
        return found if is_staff(user) else found.exclude(state=State.RETRACTED)

    def search(self, words: str, user: Person) -> ProgressUpdateQuerySet:
        """Updates whose text has each of these words, in either language; the text of a
        retracted one is found by staff only."""
        found = self.filter(_each_word(words, UPDATE_WORDS))
        return found if is_staff(user) else found.exclude(state=State.RETRACTED)

    def claims(self) -> ProgressUpdateQuerySet:
        """Those that claim a status, the highest first."""
        return self.filter(status__isnull=False).order_by(*LATEST_FIRST)

    def longest_waiting(self) -> ProgressUpdateQuerySet:
        return self.order_by("changed_at", "id")

    def with_all_shown(self) -> ProgressUpdateQuerySet:
        """With what a full representation needs, in a fixed number of queries."""
        return self.select_related("commitment__plan", "author").prefetch_related(
            "forums", "editors", "evidence", "decisions", "commitment__supporting_offices"
        )

    def activity(self, clock: Clock) -> models.QuerySet[Any, tuple[int, int]]:
        """Pairs (forum id, commitment id): a counting update with public evidence names the
        forum within two review intervals before the plan's day, and claims nothing or progress."""
        evidence = _related(self, "evidence")
        progress = [*statuses_where(tone=Tone.FULFILLED), *statuses_where(tone=Tone.PARTIAL)]
        return (
            self.counting(clock)
            .filter(self._until(clock, since=2))
            .filter(Q(status__isnull=True) | Q(status__in=progress))
            .filter(Exists(evidence.filter(update=OuterRef("pk"), public=True)))
            .filter(forums__isnull=False)
            .values_list("forums", "commitment")
            .distinct()
        )

    def _until(self, clock: Clock, *, since: int | None) -> Q:
        """Effective up to each plan's day, and within so many review intervals before it."""
        plans = _related(self, "commitment__plan")
        within = Q(pk__in=[])
        for plan, zone, length in plans.values_list("id", "time_zone", "review_interval_days"):
            day = clock.day(zone)
            period = Q(commitment__plan=plan, effective_on__lte=day)
            if since is not None:
                period &= Q(effective_on__gte=days_before(day, since * length))
            within |= period
        return within

    def with_evidence_level(self) -> ProgressUpdateQuerySet:
        """Adds `level`, the highest of the public evidence, 0 to 3."""
        level = (
            _related(self, "evidence")
            .filter(update=OuterRef("pk"), public=True)
            .with_level()
            .order_by("-level")
            .values("level")[:1]
        )
        return self.annotate(level=Coalesce(Subquery(level), 0))


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def with_level(self) -> EvidenceQuerySet:
        return self.annotate(
            level=Case(
                *(When(source=source, then=Value(source.level)) for source in Source),
                output_field=IntegerField(),
            )
        )

    def visible_to(self, user: Person) -> EvidenceQuerySet:
        """Evidence of updates this person may know of; internal evidence and that of
        retracted updates is for staff."""
        updates = _related(self, "update").visible_to(user)
        visible = self.filter(update__in=updates.values("pk"))
        if is_staff(user):
            return visible
        return visible.filter(public=True).exclude(update__state=State.RETRACTED)


class DecisionQuerySet(models.QuerySet["Decision"]):
    def in_order(self) -> DecisionQuerySet:
        return self.order_by("seq")

    def visible_to(self, user: Person) -> DecisionQuerySet:
        """Decisions on what this person may know of, and on whole plans."""
        updates = _related(self, "update").visible_to(user)
        return self.filter(Q(update__isnull=True) | Q(update__in=updates.values("pk")))
