"""The changes of what a reader follows: the entries of the feeds, as lines of a mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max
from django.http import Http404, QueryDict
from django.urls import reverse

from commitments.choices import SubjectType
from commitments.clocks import Clock
from commitments.filters import ChangeFilter
from commitments.ledger.changes import with_status_changes
from commitments.models import Decision, Follower, Following, Mail, Plan
from commitments.notify.days import start_of_day
from commitments.notify.letters import Letter, absolute, followings_address
from commitments.pages.changes import UPDATE_RELATIONS, change_entries, public_decisions
from commitments.pages.feeds import change_title
from commitments.pages.following import followed_subject
from commitments.roles import ANONYMOUS

MAX_LINES_OF_PLAN = 50
# The key in `Mail.wanted` of the change after which held changes begin.
HELD_AFTER = "after"


@dataclass(frozen=True)
class ChangeLine:
    """A change in one line, the public reason for it, and the address that shows it."""

    words: str
    note: str
    address: str


@dataclass(frozen=True)
class FollowedPlan:
    """The latest changes of what a reader follows of a plan, and how many there are besides."""

    plan: Plan
    lines: list[ChangeLine]
    more: int
    page: str


def latest_change_before(time: datetime) -> int:
    """Return the number of the latest public change before a time, 0 without one."""
    found = Decision.objects.public().filter(at__lt=time).aggregate(seq=Max("seq"))
    return found["seq"] or 0


def followed_changes(mail: Mail, now: datetime) -> Letter | None:
    """Write what has changed, of what a reader follows, since the last mail and before the day of
    this one."""
    follower = mail.follower
    if follower is None:
        return None
    day_begins = start_of_day(mail.made_at)
    last = latest_change_before(day_begins)
    after = mail.wanted.get(HELD_AFTER, follower.told_seq)

    def move_on() -> None:
        Follower.objects.filter(pk=follower.pk, told_seq__lt=last).update(told_seq=last)

    plans = [
        found
        for plan, rows in groupby(_followings(follower), key=lambda row: row.plan)
        if (found := _followed_plan(plan, list(rows), after, day_begins, now))
    ]
    if not plans:
        move_on()
        return None
    count = sum(len(each.lines) + each.more for each in plans)
    values = {"plans": plans, "count": count}
    return Letter(follower.email, values, followings_address(follower), once_sent=move_on)


def _followings(follower: Follower) -> list[Following]:
    """Return what a reader follows of the plans that everybody may see, by plan."""
    rows = follower.followings.confirmed().filter(plan__in=Plan.objects.visible_to(ANONYMOUS))
    return list(rows.select_related("plan").order_by("plan__code", "pk"))


def _followed_plan(
    plan: Plan, rows: list[Following], after: int, before: datetime, now: datetime
) -> FollowedPlan | None:
    found = {}
    for row in rows:
        decisions = _decisions_on(row).filter(seq__gt=after, at__lt=before)
        found.update({decision.seq: decision for decision in decisions})
    latest = sorted(found.values(), key=lambda decision: -decision.seq)
    if not latest:
        return None
    changed = with_status_changes(latest[:MAX_LINES_OF_PLAN])
    lines = [
        ChangeLine(change_title(change), change.note or "", absolute(change.address))
        for change in change_entries(changed, plan, Clock(now))
    ]
    page = absolute(reverse("pages:changes", args=[plan.code]))
    return FollowedPlan(plan, lines, len(latest) - len(lines), page)


def _decisions_on(row: Following) -> Any:
    """Return the public decisions, since it was confirmed, on what a reader follows; none if that
    is no longer there."""
    decisions = public_decisions(row.plan).filter(at__gt=row.confirmed_at)
    try:
        subject = followed_subject(row.plan, SubjectType(row.subject_type), row.subject_key)
    except Http404:
        return decisions.none()
    selected: Any = ChangeFilter(QueryDict(urlencode(subject.filters)), decisions).qs
    return selected.prefetch_related(*UPDATE_RELATIONS)
