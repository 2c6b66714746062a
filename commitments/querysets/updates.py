"""Progress updates and their decisions: who may know of them, and what counts when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    Min,
    OuterRef,
    Q,
    Subquery,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from commitments.choices import (
    PUBLIC_ACTIONS,
    PUBLIC_STATES,
    Action,
    Role,
    State,
    Tone,
    statuses_where,
)
from commitments.clocks import Clock, days_before
from commitments.querysets.shared import days_of, each_word, related
from commitments.roles import is_staff, offices_of, roles_of

if TYPE_CHECKING:
    from commitments.models import Decision, Forum, Plan, ProgressUpdate  # noqa: F401
    from commitments.roles import Person

# Of a commitment's claims the highest by these is the current one.
CLAIM_ORDER = ("effective_on", "published_at", "id")
LATEST_FIRST = tuple(f"-{name}" for name in CLAIM_ORDER)
UPDATE_WORDS = ("summary_en", "summary_zh", "search_note_en", "search_note_zh")


def _counts(clock: Clock) -> Q:
    if clock.known_at is None:
        return Q(state=State.PUBLISHED)
    then = clock.known_at
    not_superseded = Q(superseded_at__isnull=True) | Q(superseded_at__gt=then)
    not_retracted = Q(retracted_at__isnull=True) | Q(retracted_at__gt=then)
    return not_superseded & not_retracted & Q(published_at__lte=then)


class ProgressUpdateQuerySet(models.QuerySet["ProgressUpdate"]):
    def visible_to(self, user: Person) -> ProgressUpdateQuerySet:
        """What this person may know of. The public knows of what was ever published."""
        roles = roles_of(user)
        if Role.CURATOR in roles:
            return self.all()
        public = Q(state__in=PUBLIC_STATES)
        if not roles:
            return self.filter(public)
        editors = related(self, "editors", through=True).filter(
            progressupdate=OuterRef("pk"), user=user.pk
        )
        visible: Any = public | Q(author=user.pk) | Exists(editors) | self._of_offices(user)
        if Role.REVIEWER in roles:
            returned = related(self, "decisions").filter(
                update=OuterRef("pk"), action=Action.RETURN, actor=user.pk
            )
            visible |= Q(state=State.SUBMITTED) | Exists(returned)
        return self.filter(visible)

    def _of_offices(self, user: Person) -> Q:
        commitments = related(self, "commitment").of_offices(offices_of(user))
        return Q(commitment__in=commitments.values("pk"))

    def published(self) -> ProgressUpdateQuerySet:
        """Those that stand: neither superseded nor retracted."""
        return self.filter(state=State.PUBLISHED)

    def with_public_content(self) -> ProgressUpdateQuerySet:
        """Those whose text and public evidence everybody may read."""
        return self.filter(state__in=(State.PUBLISHED, State.SUPERSEDED))

    def counting(self, clock: Clock) -> ProgressUpdateQuerySet:
        """Updates that count: published, and at `known_at` already so and still standing."""
        return self.filter(_counts(clock))

    def with_whether_counting(self, clock: Clock) -> ProgressUpdateQuerySet:
        """Adds `counts`: whether the update is among those `counting`."""
        return self.annotate(counts=Case(When(_counts(clock), then=True), default=False))

    def under(self, clock: Clock) -> ProgressUpdateQuerySet:
        """Updates that count under both clocks, each on its own plan's day."""
        return self.counting(clock).filter(self._until(clock, since=None))

    def at_forums(self, forums: Iterable[Forum], user: Person) -> ProgressUpdateQuerySet:
        """Updates that name one of these forums, a part of it, or a successor of either; which
        forums a retracted one names is for staff."""
        lineage = related(self, "forums").lineage()
        through = {pk for forum in forums for pk in lineage.activity_through(forum.pk)}
        named = related(self, "forums", through=True).filter(
            progressupdate=OuterRef("pk"), forum__in=through
        )
        found = self.filter(Exists(named))
        return found if is_staff(user) else found.exclude(state=State.RETRACTED)

    def search(self, words: str, user: Person) -> ProgressUpdateQuerySet:
        """Updates whose text has each of these words, in either language; the text of a
        retracted one is found by staff only."""
        found = self.filter(each_word(words, UPDATE_WORDS))
        return found if is_staff(user) else found.exclude(state=State.RETRACTED)

    def claims(self) -> ProgressUpdateQuerySet:
        """Those that claim a status, the highest first."""
        return self.filter(status__isnull=False).latest_first()

    def latest_first(self) -> ProgressUpdateQuerySet:
        return self.order_by(*LATEST_FIRST)

    def longest_waiting(self) -> ProgressUpdateQuerySet:
        return self.order_by("changed_at", "id")

    def with_all_shown(self) -> ProgressUpdateQuerySet:
        """With what a full representation needs, in a fixed number of queries."""
        return self.select_related("commitment__plan", "author").prefetch_related(
            "forums",
            "editors",
            "evidence__link_checks",
            "decisions",
            "commitment__supporting_offices",
        )

    def activity(
        self, clock: Clock, plans: Iterable[Plan] | None = None
    ) -> models.QuerySet[Any, tuple[int, int]]:
        """Pairs (forum id, commitment id): a counting update with public evidence names the
        forum within two review intervals before the plan's day, and claims nothing or progress.
        Of `plans` alone, where they are given."""
        evidence = related(self, "evidence")
        progress = [*statuses_where(tone=Tone.FULFILLED), *statuses_where(tone=Tone.PARTIAL)]
        return (
            self.counting(clock)
            .filter(self._until(clock, since=2, plans=plans))
            .filter(Q(status__isnull=True) | Q(status__in=progress))
            .filter(Exists(evidence.filter(update=OuterRef("pk"), public=True)))
            .filter(forums__isnull=False)
            .values_list("forums", "commitment")
            .distinct()
        )

    def _until(self, clock: Clock, *, since: int | None, plans: Iterable[Plan] | None = None) -> Q:
        """Effective up to each plan's day, and within so many review intervals before it."""
        within = Q(pk__in=[])
        for plan, day, interval in days_of(self, "commitment__plan", clock, plans):
            period = Q(commitment__plan=plan, effective_on__lte=day)
            if since is not None:
                period &= Q(effective_on__gte=days_before(day, since * interval))
            within |= period
        return within

    def with_evidence_level(self) -> ProgressUpdateQuerySet:
        """Adds `level`, the highest of the public evidence, 0 to 3."""
        level = (
            related(self, "evidence")
            .filter(update=OuterRef("pk"), public=True)
            .with_level()
            .order_by("-level")
            .values("level")[:1]
        )
        return self.annotate(level=Coalesce(Subquery(level), 0))


class DecisionQuerySet(models.QuerySet["Decision"]):
    def in_order(self) -> DecisionQuerySet:
        return self.order_by("seq")

    def visible_to(self, user: Person) -> DecisionQuerySet:
        """Decisions on what this person may know of, and on whole plans."""
        updates = related(self, "update").visible_to(user)
        return self.filter(Q(update__isnull=True) | Q(update__in=updates.values("pk")))

    def public(self) -> DecisionQuerySet:
        """Acts that the public is told of."""
        return self.filter(action__in=PUBLIC_ACTIONS)

    def files(self, clock: Clock) -> models.QuerySet[Any, Any]:
        """Of the files from which public updates were loaded, the first first: `sha256`, when
        (`at`) and how many (`updates`). `ledger.loaded_from` says the same of one update."""
        later = self.model._default_manager.filter(
            update=OuterRef("update"), action=Action.SUBMIT, seq__gt=OuterRef("seq")
        )
        loaded = self.filter(action=Action.SUBMIT, meta__has_key="import")
        public = loaded.filter(~Exists(later), update__published_at__isnull=False)
        if clock.known_at is not None:
            public = public.filter(update__published_at__lte=clock.known_at)
        by_file = public.values(sha256=KT("meta__import"))
        return by_file.annotate(at=Min("at"), updates=Count("pk")).order_by("at", "sha256")
