"""The work queue of a person: their drafts, updates returned to them, updates they may review, and
the commitments of their offices that need attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from commitments.access import policies
from commitments.choices import (
    EDITABLE_STATES,
    Action,
    Freshness,
    RequestState,
    Role,
    Schedule,
    State,
    Status,
)
from commitments.clocks import Clock
from commitments.models import (
    AccountRequest,
    Commitment,
    Decision,
    ErasureRequest,
    Meeting,
    Milestone,
    Office,
    Plan,
    ProgressUpdate,
)
from commitments.models.administrator_requests import AdministratorRequest
from commitments.models.querysets import (
    CommitmentQuerySet,
    MeetingQuerySet,
    ProgressUpdateQuerySet,
    day_ahead,
)
from commitments.roles import holders_of, offices_of, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from commitments.models.querysets.commitments import CommitmentAtClock
    from commitments.models.querysets.milestones import MilestoneAtClock

_Request = TypeVar("_Request", bound=AdministratorRequest)

# Ids in each part of `queue_ids`.
MAX_QUEUE_ROWS = 200
# How far the desk looks ahead and back.
DAYS_AHEAD = timedelta(days=90)
NEWS_DAYS = timedelta(days=14)
# How long before a meeting those who go are asked to prepare for it.
PREPARE_DAYS = timedelta(days=30)
# How long after a meeting those who went are reminded of a report that is still missing; the desk
# asks for it from the next day on, for a year.
FOLLOW_UP_DAYS = timedelta(days=45)
MAX_FOLLOW_UP = timedelta(days=366)


def drafts_of(user: User) -> ProgressUpdateQuerySet:
    return _written_by(user).filter(state=State.DRAFT)


def returned_to(user: User) -> ProgressUpdateQuerySet:
    return _written_by(user).filter(state=State.RETURNED)


def in_review_of(user: User) -> ProgressUpdateQuerySet:
    """Return the person's updates that wait for a reviewer, the longest waiting first."""
    return _written_by(user).filter(state=State.SUBMITTED)


def _written_by(user: User) -> ProgressUpdateQuerySet:
    """Return the person's updates; none if they no longer hold a role."""
    visible = ProgressUpdate.objects.visible_to(user)
    return visible.filter(author=user).by_changed_at()


def orphaned_drafts(user: User) -> ProgressUpdateQuerySet:
    """Return the drafts of authors who are no longer active reporters, for a curator to hand over;
    none for anybody else. `policies.may_reassign` is the same rule for one update."""
    if Role.CURATOR not in roles_of(user):
        return ProgressUpdate.objects.none()
    drafts = ProgressUpdate.objects.filter(state__in=EDITABLE_STATES)
    return drafts.exclude(author__in=holders_of(Role.REPORTER)).by_changed_at()


def to_review_by(user: User) -> ProgressUpdateQuerySet:
    """Return the updates in review that this person may review: see `policies.may_review`."""
    if Role.REVIEWER not in roles_of(user):
        return ProgressUpdate.objects.none()
    barred = policies.not_reviewed_by(user)
    submitted_by_them = Decision.objects.filter(
        update=OuterRef("pk"), action=Action.SUBMIT, actor__in=barred
    )
    return (
        ProgressUpdate.objects.visible_to(user)
        .filter(state=State.SUBMITTED)
        .exclude(author__in=barred)
        .exclude(editors__in=barred)
        .exclude(Exists(submitted_by_them))
        .not_read_before_rating(user)
        .by_changed_at()
    )


def erasures_to_confirm(user: User) -> QuerySet[ErasureRequest]:
    """Return the open requests of other administrators to erase something, the oldest first; none
    if the person is not an administrator."""
    if not policies.may_request_erasure(user):
        return ErasureRequest.objects.none()
    return _asked_by_others(ErasureRequest.objects.all(), user)


def accounts_to_confirm(user: User) -> QuerySet[AccountRequest]:
    """Return the open requests of other administrators to make or change accounts, the oldest
    first; none if the person is not an administrator."""
    if not policies.may_manage_accounts(user):
        return AccountRequest.objects.none()
    return _asked_by_others(AccountRequest.objects.select_related("account"), user)


def _asked_by_others(rows: QuerySet[_Request], user: User) -> QuerySet[_Request]:
    rows = rows.filter(state=RequestState.OPEN).exclude(asked_by=user)
    return rows.select_related("asked_by").order_by("pk")


def last_return(update: ProgressUpdate) -> Decision | None:
    """Return the decision by which an update was returned last, None without one. Prefetch its
    decisions."""
    returns = [row for row in update.decisions.all() if row.action == Action.RETURN]
    return max(returns, key=lambda row: row.seq, default=None)


def return_reason(update: ProgressUpdate) -> str:
    """Return the note of the last return of an update, or "". Prefetch its decisions."""
    decision = last_return(update)
    return decision.note if decision else ""


def commitments_in_charge_of(user: User) -> CommitmentQuerySet:
    """Return the commitments of the person's offices; for a curator, all; for a reporter without an
    office, those without one."""
    if Role.CURATOR in roles_of(user):
        return Commitment.objects.all()
    offices = offices_of(user)
    if offices or Role.REPORTER not in roles_of(user):
        return Commitment.objects.of_offices(offices)
    return Commitment.objects.reportable_by(user)


def needs_attention(user: User, clock: Clock) -> CommitmentQuerySet:
    """Return those of the commitments in the person's charge that are `to_be_assessed`."""
    return to_be_assessed(commitments_in_charge_of(user), clock)


def to_be_assessed(commitments: CommitmentQuerySet, clock: Clock) -> CommitmentQuerySet:
    """Return those of these commitments that are overdue or were never assessed, or that are due,
    or due for review, by `DAYS_AHEAD` from the day of the clock, the first due first. They are
    `with_due_days`."""
    periods = Plan.objects.review_periods(clock)
    rows = commitments.at(clock, periods).with_due_days(periods)
    aged = Q(freshness__in=(Freshness.DUE, Freshness.LAPSED))
    unassessed = Q(assessment_status=Status.UNASSESSED)
    becoming_due = Q(next_due_on__lte=day_ahead(periods, DAYS_AHEAD))
    rows = rows.filter(aged | becoming_due | unassessed | Q(schedule=Schedule.OVERDUE))
    return rows.select_related("plan").order_by(
        F("next_due_on").asc(nulls_last=True), "plan__code", "position"
    )


def is_overdue_by(commitment: CommitmentAtClock, day: date | None) -> bool:
    """Return whether a commitment at a clock is overdue because this day is over: its own due date
    or that of a milestone."""
    late = day is not None and day < commitment.day
    return late and commitment.schedule == Schedule.OVERDUE


def is_late_milestone(milestone: MilestoneAtClock, clock: Clock) -> bool:
    """Return whether the due date has passed of a milestone that is known not to be met."""
    return milestone.known_due_on < clock.day(milestone.commitment.plan.time_zone)


def asked_for(user: User) -> CommitmentQuerySet:
    """Return the commitments on which the person may report, on which reports were called for and
    on which nobody has answered yet, the earliest deadline first.

    What has no office is asked of every reporter. `own_draft` is the id of the person's newest
    draft on the commitment that is not submitted, `own_draft_state` its state; null without one.
    """
    if Role.REPORTER not in roles_of(user):
        return Commitment.objects.none()
    rows = Commitment.objects.reportable_by(user).unanswered()
    own = _newest_draft(user, commitment=OuterRef("pk"))
    state = _newest_draft(user, "state", commitment=OuterRef("pk"))
    return rows.annotate(own_draft=own, own_draft_state=state).select_related("plan")


def drafts_asked_for(user: User) -> ProgressUpdateQuerySet:
    """Return the drafts of the person that `asked_for` names."""
    if Role.REPORTER not in roles_of(user):
        return ProgressUpdate.objects.none()
    rows: Any = asked_for(user).order_by()
    named = rows.filter(own_draft__isnull=False).values("own_draft")
    return ProgressUpdate.objects.filter(pk__in=named)


def _newest_draft(user: User, column: str = "pk", **conditions: object) -> Subquery:
    """Return a column of the person's newest draft that is not submitted and meets conditions on
    the row of the outer query."""
    drafts = _written_by(user).filter(state__in=EDITABLE_STATES, **conditions)
    return Subquery(drafts.order_by("-changed_at", "-id").values(column)[:1])


class Unanswered(NamedTuple):
    """The number of commitments of a plan on which reports were called for and nobody has answered,
    in all and by office: a commitment counts for each office that leads or supports it, those
    without an office for None, which comes last."""

    commitments: int
    by_office: list[tuple[Office | None, int]]


def unanswered_of(plan: Plan, offices: Iterable[Office]) -> Unanswered:
    """Return what is unanswered in a plan; `offices` are those of its commitments, in order. Two
    queries."""
    rows = plan.commitments.all().unanswered().order_by().values_list("pk", "lead_office")
    responsible: dict[int, set[int]] = {pk: {lead} if lead else set() for pk, lead in rows}
    links = Commitment.supporting_offices.through.objects.filter(commitment__plan=plan)
    for pk, office in links.values_list("commitment_id", "office_id"):
        if pk in responsible:
            responsible[pk].add(office)
    counts = Counter(chain.from_iterable(responsible.values()))
    found: list[tuple[Office | None, int]] = [
        (office, counts[office.pk]) for office in offices if counts[office.pk]
    ]
    without = sum(not held for held in responsible.values())
    return Unanswered(len(responsible), [*found, (None, without)] if without else found)


def count_asked_of(user: User) -> int:
    """Return how many things are asked of the person: updates returned to them, and reports called
    for. One query, and one for their offices."""
    returned = returned_to(user).order_by().values("pk")
    return returned.union(asked_for(user).order_by().values("pk"), all=True).count()


def milestones_ahead(user: User, clock: Clock) -> QuerySet[Milestone]:
    """Return the milestones of commitments in the person's charge that are not met and are overdue
    or due within `DAYS_AHEAD` from the day of the clock, the earliest first."""
    ahead, periods = Q(pk__in=[]), Plan.objects.review_periods(clock)
    for period in periods:
        due = Q(known_due_on__lte=period.day + DAYS_AHEAD)
        ahead |= period.includes("commitment__plan") & due
    rows = Milestone.objects.at(clock, periods).unmet().filter(ahead)
    commitments = commitments_in_charge_of(user).values("pk")
    return rows.filter(commitment__in=commitments).select_related("commitment__plan").in_order()


def meetings_around(user: User, day: date) -> MeetingQuerySet:
    """Return the meetings for the work in the person's charge that begin within `DAYS_AHEAD` or
    ended within `MAX_FOLLOW_UP`, the earliest first."""
    rows = Meeting.objects.between(day - MAX_FOLLOW_UP, day + DAYS_AHEAD).in_order()
    return rows.for_work_on(commitments_in_charge_of(user), offices_of(user))


def meetings_to_report(user: User, day: date) -> MeetingQuerySet:
    """Return the `meetings_around` that are over and `unreported`, with `own_draft`, the id of the
    person's newest draft that names the forum and is dated within the days of the meeting."""
    own = _newest_draft(
        user,
        forums=OuterRef("forum"),
        effective_on__range=(OuterRef("starts_on"), OuterRef("ends_on")),
    )
    rows = meetings_around(user, day).over(day).held().unreported()
    return rows.annotate(own_draft=own)


def meetings_to_prepare(user: User, day: date) -> MeetingQuerySet:
    """Return the meetings to which an office of this reporter goes and which are `meetings_near`,
    the earliest first; none for anybody but reporters."""
    if Role.REPORTER not in roles_of(user):
        return Meeting.objects.none()
    return meetings_near(day).attended_by(offices_of(user)).in_order()


def meetings_to_attend(user: User) -> MeetingQuerySet:
    """Return the meetings to which an office of the person goes; for a curator also those that no
    reporter with an address attends, since curators are reminded of these instead. Two queries,
    with that of the offices."""
    attended = Q(pk__in=Meeting.objects.attended_by(offices_of(user)).values("pk"))
    if Role.CURATOR not in roles_of(user):
        return Meeting.objects.filter(attended)
    reporters = holders_of(Role.REPORTER).exclude(email="").order_by().values("pk")
    going = Meeting.offices.through.objects.filter(office__members__in=reporters)
    return Meeting.objects.filter(attended | ~Q(pk__in=going.values("meeting")))


def meetings_near(day: date) -> MeetingQuerySet:
    """Return the meetings ahead that are not cancelled and begin within `PREPARE_DAYS`, or whose
    papers are due by then or were due already."""
    ahead, last = Meeting.objects.held().filter(starts_on__gte=day), day + PREPARE_DAYS
    return ahead.filter(Q(starts_on__lte=last) | Q(papers_due_on__lte=last))


def in_progress_around(user: User) -> ProgressUpdateQuerySet:
    """Return the updates that others are writing, or have in review, on the commitments in the
    person's charge."""
    rows = ProgressUpdate.objects.visible_to(user).exclude(author=user)
    rows = rows.filter(state__in=(*EDITABLE_STATES, State.SUBMITTED))
    return rows.filter(commitment__in=commitments_in_charge_of(user).values("pk")).by_changed_at()


def published_since(user: User, since: datetime) -> ProgressUpdateQuerySet:
    """Return the updates by the person, or on the commitments in their charge, that were published
    since then, the newest first."""
    decisions = Decision.objects.recorded_since(since).filter(action=Action.PUBLISH)
    rows = ProgressUpdate.objects.published().filter(pk__in=decisions.values("update"))
    theirs = Q(author=user) | Q(commitment__in=commitments_in_charge_of(user).values("pk"))
    return rows.filter(theirs).order_by("-published_at", "-id")


def queue_ids(user: User) -> dict[str, list[int]]:
    """Return the ids of the updates in each part of the queue, at most `MAX_QUEUE_ROWS` each."""
    return {
        name: list(rows.values_list("pk", flat=True)[:MAX_QUEUE_ROWS])
        for name, rows in (
            ("drafts", drafts_of(user)),
            ("returned", returned_to(user)),
            ("to_review", to_review_by(user)),
        )
    }
