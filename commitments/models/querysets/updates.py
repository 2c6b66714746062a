"""Progress updates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, Min, OuterRef, Q, Subquery

from commitments.choices import (
    ACTIONS,
    INTERNAL_STATES,
    MILESTONE_EVENTS,
    PUBLIC_CONTENT_STATES,
    PUBLIC_STATES,
    UNPUBLISHED_STATES,
    Action,
    Role,
    SecondRating,
    State,
)
from commitments.clocks import Clock, days_before
from commitments.models.querysets.forum_tree import ForumTree
from commitments.models.querysets.plans import ForumQuerySet, PlanQuerySet, ReviewPeriod
from commitments.models.querysets.shared import (
    level_subquery,
    of_offices,
    related,
    related_rows,
    shown_inside,
)
from commitments.models.querysets.words import contains_all
from commitments.roles import is_staff, offices_of, roles_of
from commitments.texts.search_terms import SearchTerm

if TYPE_CHECKING:
    from commitments.models import (  # noqa: F401
        Commitment,
        Decision,
        Forum,
        Office,
        Plan,
        ProgressUpdate,
    )
    from commitments.roles import Person

# The current assessment of a commitment is its highest by these columns.
ASSESSMENT_ORDER = ("effective_on", "published_at", "id")
LATEST_FIRST = tuple(f"-{name}" for name in ASSESSMENT_ORDER)
# What an author sets in other tables, apart from evidence.
CONTENT_RELATIONS = (
    "forums",
    "criteria",
    "meets",
    "bases",
    "findings",
    "findings__events",
)
# What the public sees of the commitment of an update: what names it, and whether its assessments
# are rated by a second person.
COLUMNS_OF_COMMITMENT = (
    "commitment__number",
    "commitment__plan__code",
    "commitment__plan__second_rating",
)
# The number of review intervals for which an update counts as activity at a forum.
ACTIVITY_INTERVALS = 2
# Today's record, on whatever day.
ANY_DAY = Clock(datetime.max.replace(tzinfo=UTC))


def is_counting(clock: Clock, path: str = "") -> Q:
    """Return the condition that an update counts: at `known_at`, or now, it is published and not
    yet superseded or retracted. `path` leads to the update, with `__` at the end."""
    if clock.known_at is None:
        return Q((f"{path}state", State.PUBLISHED))

    def not_yet(event: str) -> Q:
        return Q((f"{path}{event}__isnull", True)) | Q((f"{path}{event}__gt", clock.known_at))

    published = Q((f"{path}published_at__lte", clock.known_at))
    return not_yet("superseded_at") & not_yet("retracted_at") & published


def counts_behind(
    queryset: models.QuerySet[models.Model],
    clock: Clock,
    update: str,
    *,
    path: str = "",
    context: bool = False,
    own: bool = True,
) -> Q:
    """Return the condition that an update is one on which another rests, and that it counts.

    The other is that in the column `update` of the outer query, for use in a subquery. An update
    takes the place of those of its chain of corrections: at any time at most one of a chain counts,
    its published end, even if the correction moved it to a later day. `path` leads from the rows
    of `queryset` to the update, with `__` at the end. `context` includes events that no finding
    names, `own` the update itself.
    """
    bases = related_rows(queryset, f"{path}bases").filter(update=OuterRef(OuterRef(update)))
    if not context:
        bases = bases.filter(counts=True)
    if not own:
        bases = bases.exclude(event=F("update"))
    in_chain = Q((f"{path}chain__in", bases.values("event__chain")))
    return is_counting(clock, path) & in_chain


# The assessments of `policies.is_rated_blind`.
RATED_BLIND = Q(status__isnull=False, commitment__plan__second_rating=SecondRating.BLIND)


class ProgressUpdateQuerySet(models.QuerySet["ProgressUpdate"]):
    def visible_to(self, user: Person) -> ProgressUpdateQuerySet:
        """Return the updates that this person may see, if only as a tombstone. The public may see
        each that was ever published."""
        return self.filter(self._visible_to(user))

    def hidden_from(self, user: Person) -> ProgressUpdateQuerySet:
        """Return the updates that are not `visible_to` this person: some of the few that were never
        published. Rows of other tables are best selected by not being on one of them."""
        return self.filter(state__in=INTERNAL_STATES).exclude(self._visible_to(user))

    def _visible_to(self, user: Person) -> Q:
        roles, inside = roles_of(user), shown_inside(user, "commitment__plan")
        if not roles:
            return Q(state__in=PUBLIC_STATES)
        # As a negation: SQLite would sort all rows that it finds by the index of states.
        public = ~Q(state__in=INTERNAL_STATES)
        if Role.CURATOR in roles:
            return public | inside
        edited = self.model.editors.through.objects.filter(
            progressupdate=OuterRef("pk"), user=user.pk
        )
        theirs = of_offices(self, offices_of(user), "commitment")
        theirs |= Q(author=user.pk) | Q(Exists(edited))
        if Role.REVIEWER in roles:
            returned = related_rows(self, "decisions").filter(
                update=OuterRef("pk"), action=Action.RETURN, actor=user.pk
            )
            theirs |= Q(state=State.SUBMITTED) | Q(Exists(returned))
        # Only of an internal update, of which there are few, a database then asks whose it is; and
        # without joins, which would be made for all.
        internal = self.model.objects.filter(
            inside & theirs, pk=OuterRef("pk"), state__in=INTERNAL_STATES
        )
        return public | Q(Exists(internal))

    def with_is_withheld(self, user: Person) -> ProgressUpdateQuerySet:
        """Add `is_withheld`, whether this person may not see yet what the assessment finds: see
        `policies.is_withheld`."""
        return self.annotate(is_withheld=self._withheld_from(user))

    def not_withheld_from(self, user: Person) -> ProgressUpdateQuerySet:
        """Return the updates whose content this person may find and filter by. Others would give
        away what an assessment finds before they have rated it."""
        return self.exclude(self._withheld_from(user))

    def withheld_from(self, user: Person) -> ProgressUpdateQuerySet:
        """Return the updates that are left out of `not_withheld_from`."""
        return self.filter(self._withheld_from(user))

    def not_read_before_rating(self, user: Person) -> ProgressUpdateQuerySet:
        """Leave out the assessments that a second person has to rate and that this person could
        read while they were written: see `policies.may_review`."""
        if Role.REPORTER not in roles_of(user):
            return self
        theirs = Q(author=user.pk) | of_offices(self, offices_of(user), "commitment")
        return self.filter(~(RATED_BLIND & theirs))

    def _withheld_from(self, user: Person) -> Q:
        roles = roles_of(user)
        if Role.REVIEWER not in roles:
            return Q(pk__in=[])
        edited = self.model.editors.through.objects.filter(
            progressupdate=OuterRef("pk"), user=user.pk
        )
        took_part = related_rows(self, "decisions").filter(
            update=OuterRef("pk"), action__in=(Action.SUBMIT, Action.RATE), actor=user.pk
        )
        withheld = RATED_BLIND & Q(state__in=UNPUBLISHED_STATES)
        withheld &= ~Q(author=user.pk) & ~Q(Exists(edited)) & ~Q(Exists(took_part))
        if Role.REPORTER in roles:
            withheld &= ~Q(of_offices(self, offices_of(user), "commitment"))
        return withheld

    def of_plans(self, plans: Iterable[Plan]) -> ProgressUpdateQuerySet:
        """Return the updates on commitments of these plans."""
        commitments = related_rows(self, "commitment").filter(plan__in=plans)
        # With a join instead, SQLite may read the updates of all plans.
        return self.filter(commitment__in=commitments)

    def published(self) -> ProgressUpdateQuerySet:
        """Return the updates that are published, neither superseded nor retracted."""
        return self.filter(state=State.PUBLISHED)

    def with_public_content(self) -> ProgressUpdateQuerySet:
        """Return the updates whose text and public evidence everybody may read."""
        return self.filter(state__in=PUBLIC_CONTENT_STATES)

    def counting(self, clock: Clock) -> ProgressUpdateQuerySet:
        """Return the updates that count, as `is_counting` defines it."""
        return self.filter(is_counting(clock))

    def with_is_counting(self, clock: Clock) -> ProgressUpdateQuerySet:
        """Add `is_counting`, whether the update is among those `counting`."""
        return self.annotate(is_counting=is_counting(clock))

    def under(
        self, clock: Clock, periods: Sequence[ReviewPeriod] | None = None, *, moved: bool = False
    ) -> ProgressUpdateQuerySet:
        """Return the updates that count under both clocks, each on the day of its plan; `periods`
        as for `CommitmentQuerySet.at`. With `moved` also actions that a correction moved beyond
        that day: assessments before it may rest on them."""
        on_time = Q(corrects__isnull=False, event_type__in=ACTIONS) if moved else Q(pk__in=[])
        for period in self._periods(clock) if periods is None else periods:
            on_time |= period.includes("commitment__plan") & Q(effective_on__lte=period.day)
        return self.counting(clock).filter(on_time)

    def at_forums(
        self,
        forums: Iterable[Forum],
        user: Person,
        tree: ForumTree | None = None,
        *,
        or_none: bool = False,
    ) -> ProgressUpdateQuerySet:
        """Return the updates that name one of these forums, a part of it, or a successor of
        either; with `or_none` also those that name none. Only staff may learn which forums a
        retracted update names. `tree`, if the caller has it, saves a query."""
        tree = tree or related(self, "forums", ForumQuerySet).tree()
        through = {pk for forum in forums for pk in tree.activity_through(forum.pk)}
        named = self.model.forums.through.objects.filter(progressupdate=OuterRef("pk"))
        found = Q(Exists(named.filter(forum__in=through)))
        found = found | ~Q(Exists(named)) if or_none else found
        return self.filter(found)._with_readable_text(user)

    def with_is_there(self, forum: Forum, tree: ForumTree) -> ProgressUpdateQuerySet:
        """Add `is_there`, whether the update names the forum itself or a part of it. An update
        `at_forums` that does not is one at a successor."""
        named = self.model.forums.through.objects.filter(progressupdate=OuterRef("pk"))
        return self.annotate(is_there=Exists(named.filter(forum__in=tree.with_parts(forum.pk))))

    def by_members_of(
        self, offices: Iterable[Office], user: Person, *, or_none: bool = False
    ) -> ProgressUpdateQuerySet:
        """Return the updates whose author is now a member of one of these offices; with `or_none`
        also those whose author is a member of none. Only staff may learn who wrote an update."""
        held = related_rows(self, "author__offices").filter(members=OuterRef("author"))
        found = Q(Exists(held.filter(pk__in=[office.pk for office in offices])))
        found = found | ~Q(Exists(held)) if or_none else found
        return self.filter(found, shown_inside(user, "commitment__plan"))

    def search(self, terms: Iterable[SearchTerm], user: Person) -> ProgressUpdateQuerySet:
        """Return the updates whose text contains each of these terms, in any language. Only staff
        may find retracted ones, and an assessment to be rated is found only by people who may read
        it."""
        return self.filter(contains_all(terms, ["search_index"]))._with_readable_text(user)

    def with_content_for(self, user: Person) -> ProgressUpdateQuerySet:
        """Return the updates of which this person may see more than a tombstone. Only these may be
        found by content that a tombstone hides."""
        inside = shown_inside(user, "commitment__plan")
        return self.filter(Q(state__in=PUBLIC_CONTENT_STATES) | inside)

    def _with_readable_text(self, user: Person) -> ProgressUpdateQuerySet:
        return self.with_content_for(user).not_withheld_from(user)

    def assessments(self) -> ProgressUpdateQuerySet:
        """Return the assessments, the highest first."""
        return self.filter(status__isnull=False).latest_first()

    def first_assessed_on(self) -> date | None:
        """Return the day of the earliest assessment, None without one."""
        first: date | None = self.assessments().aggregate(day=Min("effective_on"))["day"]
        return first

    def actions(self) -> ProgressUpdateQuerySet:
        """Return the events in which the plan's owner acted, the newest first."""
        return self.filter(event_type__in=ACTIONS).latest_first()

    def with_basis_level(self, clock: Clock | None = None) -> ProgressUpdateQuerySet:
        """Add `basis_level`, the highest evidence level, 0 to 3, of the events that count towards
        each of these updates, as they count at the time of the clock, or now."""
        evidence = related_rows(self, "evidence")
        counts = counts_behind(evidence, clock or ANY_DAY, "pk", path="update__", own=False)
        return self.annotate(basis_level=level_subquery(evidence.filter(counts, public=True)))

    def newest_action_behind(self, update: str, clock: Clock) -> Subquery:
        """Return the day of the newest action on which the update in this column of the outer
        query rests, as it counts at the time of the clock."""
        behind = self.filter(counts_behind(self, clock, update, context=True))
        return Subquery(behind.actions().values("effective_on")[:1])

    def meeting_milestones(self, clock: Clock) -> ProgressUpdateQuerySet:
        """Return those of these updates that can meet a milestone: they are, or rest on, an event
        of `MILESTONE_EVENTS`, as it counts at the time of the clock."""
        events = self.model.objects.filter(event_type__in=MILESTONE_EVENTS)
        behind = events.filter(counts_behind(events, clock, "pk", context=True, own=False))
        return self.filter(Q(event_type__in=MILESTONE_EVENTS) | Q(Exists(behind)))

    def published_by(self, clock: Clock) -> ProgressUpdateQuerySet:
        """Return the updates that were published by `known_at`, or at any time, even if they were
        superseded or withdrawn later."""
        if clock.known_at is None:
            return self.filter(published_at__isnull=False)
        return self.filter(published_at__lte=clock.known_at)

    def latest_first(self) -> ProgressUpdateQuerySet:
        return self.order_by(*LATEST_FIRST)

    def by_changed_at(self) -> ProgressUpdateQuerySet:
        """Order by the last change of content or state, the earliest first, as queues do."""
        return self.order_by("changed_at", "id")

    def with_related_content(self) -> ProgressUpdateQuerySet:
        """Fetch what a full representation needs, in a fixed number of queries."""
        return self.with_staff_columns().with_content().prefetch_related("ratings", "editors")

    def with_columns_for(self, user: Person, clock: Clock | None = None) -> ProgressUpdateQuerySet:
        """Fetch `with_staff_columns` for staff and `with_public_columns` for others."""
        return self.with_staff_columns(clock) if is_staff(user) else self.with_public_columns(clock)

    def with_public_columns(self, clock: Clock | None = None) -> ProgressUpdateQuerySet:
        """Fetch what a representation to the public needs besides what `fetch_content` fetches; its
        level is that under the clock, or now."""
        own = (field.name for field in self.model._meta.concrete_fields)
        rows = self.with_basis_level(clock).select_related("commitment__plan")
        # The index is as long as the texts, and only searches need it.
        return rows.only(*own, *COLUMNS_OF_COMMITMENT).defer("search_index")

    def with_staff_columns(self, clock: Clock | None = None) -> ProgressUpdateQuerySet:
        """Fetch as `with_public_columns`, and what permissions of the staff depend on."""
        rows = self.with_basis_level(clock).select_related("commitment__plan", "author")
        rows = rows.defer("commitment__search_index")
        return rows.prefetch_related("commitment__supporting_offices")

    def with_content(self) -> ProgressUpdateQuerySet:
        """Fetch what an author set, with its evidence and decisions."""
        return self.prefetch_related(*CONTENT_RELATIONS, "evidence__link_checks", "decisions")

    def _periods(self, clock: Clock) -> Sequence[ReviewPeriod]:
        return related(self, "commitment__plan", PlanQuerySet).review_periods(clock)

    def activity(
        self, clock: Clock, periods: Sequence[ReviewPeriod] | None = None
    ) -> ProgressUpdateQuerySet:
        """Return the updates that are activity at the forums they name: they count, are actions
        with public evidence, and are dated within two review intervals before the day of their
        plan; `periods` as for `CommitmentQuerySet.at`.
        """
        recent = Q(pk__in=[])
        for period in self._periods(clock) if periods is None else periods:
            days = days_before(period.day, ACTIVITY_INTERVALS * period.interval_days), period.day
            recent |= period.includes("commitment__plan") & Q(effective_on__range=days)
        return self.public_actions(clock).filter(recent)

    def public_actions(self, clock: Clock) -> ProgressUpdateQuerySet:
        """Return the updates that count and are actions with public evidence, on any day."""
        public = related_rows(self, "evidence").filter(update=OuterRef("pk"), public=True)
        return self.counting(clock).filter(event_type__in=ACTIONS).filter(Exists(public))
