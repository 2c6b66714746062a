"""The changes in what a reader follows, as lines of a mail: the entries of the feeds, for a forum
also what is recorded at it, and the public meetings ahead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max, Q
from django.http import Http404, QueryDict
from django.urls import reverse

from commitments.choices import Action, MailKind, MailState, SubjectType
from commitments.clocks import Clock
from commitments.filters import ChangeFilter
from commitments.ledger.changes import with_status_changes
from commitments.models import (
    Decision,
    Follower,
    Following,
    Forum,
    Mail,
    Plan,
    ProgressUpdate,
)
from commitments.notify.days import start_of_day
from commitments.notify.followed_meetings import FollowedMeetings, followed_meetings
from commitments.notify.letters import Letter, absolute, followings_address
from commitments.pages.changes import UPDATE_RELATIONS, change_entries, public_decisions
from commitments.pages.feeds import change_title
from commitments.pages.following import followed_subject
from commitments.roles import ANONYMOUS

MAX_LINES_OF_PLAN = 50
# The key in `Mail.details` of the change after which held changes begin.
HELD_AFTER = "after"


@dataclass(frozen=True)
class ChangeLine:
    """A change in one line, the public reason for it, and the address that shows it."""

    words: str
    note: str
    address: str


@dataclass(frozen=True)
class FollowedPlan:
    """The latest changes in what a reader follows of a plan, how many more there are, and the
    public meetings ahead."""

    plan: Plan
    lines: list[ChangeLine]
    more: int
    page: str
    meetings: FollowedMeetings | None = None


def latest_change_before(time: datetime) -> int:
    """Return the number of the latest public change before a time, 0 if there is none."""
    found = Decision.objects.public().filter(at__lt=time).aggregate(seq=Max("seq"))
    return found["seq"] or 0


def followed_changes(mail: Mail, now: datetime) -> Letter | None:
    """Write what has changed, in what a reader follows, since the last mail and before this day.
    Of several mails that wait, only the last one is sent. What was held after a restore is in the
    mail that was held, and ends before the day of the restore."""
    follower = mail.follower
    if follower is None:
        return None
    is_held = HELD_AFTER in mail.details
    later = Mail.objects.filter(follower=follower, kind=MailKind.CHANGES, pk__gt=mail.pk)
    if not is_held and later.exclude(state=MailState.FAILED).exists():
        return None
    day_begins = start_of_day(mail.made_at if is_held else now)
    last = latest_change_before(day_begins)
    after = mail.details[HELD_AFTER] if is_held else follower.notified_seq

    def move_on() -> None:
        Follower.objects.filter(pk=follower.pk, notified_seq__lt=last).update(notified_seq=last)

    followed = [
        (plan, list(rows))
        for plan, rows in groupby(_followings(follower), key=lambda row: row.plan)
    ]
    changed = [_followed_plan(plan, rows, after, last, now) for plan, rows in followed]
    count = sum(len(each.lines) + each.more for each in changed)
    if not count:
        # Meetings alone are no reason for a mail: they would come every day.
        move_on()
        return None
    plans = [
        replace(each, meetings=followed_meetings(plan, rows, now))
        for each, (plan, rows) in zip(changed, followed, strict=True)
    ]
    values = {"plans": [each for each in plans if each.lines or each.meetings], "count": count}
    return Letter(follower.email, values, followings_address(follower), once_sent=move_on)


def _followings(follower: Follower) -> list[Following]:
    """Return what a reader follows of the plans that everybody may see, by plan."""
    rows = follower.followings.confirmed().filter(plan__in=Plan.objects.visible_to(ANONYMOUS))
    return list(rows.select_related("plan").order_by("plan__code", "pk"))


def _followed_plan(
    plan: Plan, rows: list[Following], after: int, last: int, now: datetime
) -> FollowedPlan:
    """Return the changes by decisions after the number `after`, up to `last`. Of these a clock that
    ran ahead may have dated some later than today."""
    found = {}
    for row in rows:
        decisions = _decisions_on(row, after).filter(seq__gt=after, seq__lte=last)
        found.update({decision.seq: decision for decision in decisions})
    latest = sorted(found.values(), key=lambda decision: -decision.seq)
    changed = with_status_changes(latest[:MAX_LINES_OF_PLAN])
    lines = [
        ChangeLine(change_title(change), change.note or "", absolute(change.address))
        for change in change_entries(changed, plan, Clock(now))
    ]
    page = absolute(reverse("pages:changes", args=[plan.code]))
    return FollowedPlan(plan, lines, len(latest) - len(lines), page)


def _decisions_on(row: Following, after: int) -> Any:
    """Return the public decisions on what a reader follows, from the time at which they confirmed
    that; none if it no longer exists. `after` is the number of the last decision of which they were
    told."""
    decisions = public_decisions(row.plan).filter(at__gt=row.confirmed_at)
    try:
        subject = followed_subject(row.plan, SubjectType(row.subject_type), row.subject_key)
    except Http404:
        return decisions.none()
    selected: Any = ChangeFilter(QueryDict(urlencode(subject.filters)), decisions).qs
    if row.subject_type == SubjectType.FORUM:
        selected = decisions.filter(
            Q(pk__in=selected.order_by().values("pk")) | _at_forum(row, after)
        )
    return selected.prefetch_related(*UPDATE_RELATIONS)


def _at_forum(row: Following, after: int) -> Q:
    """Return the condition that a decision is on an update that names the forum that a reader
    follows, a part of it, or a successor of either, whatever forums its commitment names. Which
    forums a withdrawn update names is not public: only readers who were told of the publication are
    told of the withdrawal."""
    forums, tree = Forum.objects.filter(code=row.subject_key), Forum.objects.tree()
    readable = ProgressUpdate.objects.at_forums(forums, ANONYMOUS, tree)
    through = {pk for forum in forums for pk in tree.activity_through(forum.pk)}
    named = ProgressUpdate.forums.through.objects.filter(forum__in=through)
    told = Decision.objects.filter(
        action=Action.PUBLISH,
        at__gt=row.confirmed_at,
        seq__lte=after,
        update__in=named.values("progressupdate"),
    )
    withdrawn = Q(action=Action.RETRACT, update__in=told.values("update"))
    return Q(update__in=readable.values("pk")) | withdrawn
