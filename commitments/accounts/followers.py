"""Readers who follow plans, or parts of them, by mail.

An address that somebody types is kept only in the outbox until a mail has gone to it. Nothing is
sent about a subject until the reader has confirmed that they want to follow it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from commitments.choices import MailKind, MailState, SubjectType
from commitments.models import Follower, Following, Mail, Plan
from commitments.models.querysets.mail import asked_key

if TYPE_CHECKING:
    from commitments.models.querysets import FollowingQuerySet

# An address that is not confirmed within this time was mistyped, or entered by somebody else.
UNCONFIRMED_KEPT_FOR = timedelta(days=3)
# A reader is asked to confirm the same again only after this time.
ASKED_AGAIN = timedelta(hours=1)
# Per address, so that nobody can flood another person's mailbox.
MAX_UNCONFIRMED = 10


def ask_to_follow(
    email: str,
    plan: Plan,
    subject_type: SubjectType,
    subject_key: str,
    *,
    language: str,
    at: datetime,
) -> None:
    """Put a mail into the outbox that asks the reader of this address to confirm, at most once an
    hour.

    It does the same whether or not the address follows already, so that nobody can find that out.
    """
    asked = _details(plan.pk, subject_type, subject_key)
    Mail.objects.post_to_address(
        MailKind.CONFIRMATION, email, once_in=ASKED_AGAIN, at=at, language=language, details=asked
    )


def _details(plan: int, subject_type: str, subject_key: str) -> dict[str, object]:
    return {"plan": plan, "subject_type": str(subject_type), "subject_key": subject_key}


def following_wanted_by(mail: Mail) -> Following | None:
    """Save and return the following that a mail asks to confirm; None if its plan no longer exists,
    or if the address would have more than MAX_UNCONFIRMED to confirm. One that waits to be
    confirmed is kept as long as the newest mail about it says."""
    plan = Plan.objects.filter(pk=mail.details["plan"]).first()
    if plan is None:
        return None
    with transaction.atomic():
        follower, _made = Follower.objects.get_or_create(
            email=mail.address, defaults={"language": mail.language}
        )
        following, made = follower.followings.get_or_create(
            plan=plan,
            subject_type=mail.details["subject_type"],
            subject_key=mail.details["subject_key"],
            defaults={"asked_at": mail.made_at},
        )
        if made and follower.followings.unconfirmed().count() > MAX_UNCONFIRMED:
            following.delete()
            return None
        waiting = follower.followings.unconfirmed().filter(pk=following.pk)
        waiting.filter(asked_at__lt=mail.made_at).update(asked_at=mail.made_at)
    return following


def confirm_following(rows: FollowingQuerySet, *, language: str, at: datetime) -> None:
    """Confirm what a reader wanted to follow: they get mails about changes from now on, in the
    language in which they confirmed."""
    with transaction.atomic():
        Follower.objects.filter(followings__in=rows).update(language=language)
        rows.unconfirmed().update(confirmed_at=at)


def end_following(rows: FollowingQuerySet, at: datetime) -> None:
    """End what readers follow, and forget the addresses of those who follow nothing any more.
    Whoever asks to follow the same again gets a mail at once, without waiting for ASKED_AGAIN."""
    with transaction.atomic():
        keys = [
            asked_key(
                MailKind.CONFIRMATION,
                row.follower.email,
                ASKED_AGAIN,
                at,
                _details(row.plan_id, row.subject_type, row.subject_key),
            )
            for row in rows.select_related("follower")
        ]
        Mail.objects.filter(key__in=keys).exclude(state=MailState.WAITING).delete()
        _forget(rows)


def end_following_goals(plan: Plan, numbers: Iterable[int], at: datetime) -> None:
    """End what readers follow of goals that a plan has no longer. A later goal with such a number
    is another one."""
    goals = Following.objects.filter(plan=plan, subject_type=SubjectType.GOAL)
    end_following(goals.filter(subject_key__in=[str(number) for number in numbers]), at)


def follow_from_now(now: datetime) -> None:
    """Have those follow from now on who confirmed it under a clock that ran ahead. Else nothing
    would be sent to them until the wrong time has passed."""
    Following.objects.filter(confirmed_at__gt=now).update(confirmed_at=now)


def forget_unconfirmed(now: datetime) -> None:
    """Delete the followings that were not confirmed in time; those for which a clock that ran ahead
    asked have their time from now on."""
    rows = Following.objects.unconfirmed()
    with transaction.atomic():
        rows.filter(asked_at__gt=now).update(asked_at=now)
        _forget(rows.filter(asked_at__lt=now - UNCONFIRMED_KEPT_FOR))


def _forget(rows: FollowingQuerySet) -> None:
    rows.delete()
    Follower.objects.filter(followings=None).delete()
