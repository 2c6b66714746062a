"""What waits for a person: their drafts, what was returned to them, what they may review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commitments.choices import Role, State
from commitments.models import ProgressUpdate
from commitments.querysets import ProgressUpdateQuerySet
from commitments.roles import roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST = 200


def drafts_of(user: User) -> ProgressUpdateQuerySet:
    return ProgressUpdate.objects.filter(author=user, state=State.DRAFT).longest_waiting()


def returned_to(user: User) -> ProgressUpdateQuerySet:
    return ProgressUpdate.objects.filter(author=user, state=State.RETURNED).longest_waiting()


def to_review_by(user: User) -> ProgressUpdateQuerySet:
    """Submitted updates, but never what this person wrote or edited."""
    if Role.REVIEWER not in roles_of(user):
        return ProgressUpdate.objects.none()
    return (
        ProgressUpdate.objects.filter(state=State.SUBMITTED)
        .exclude(author=user)
        .exclude(editors=user)
        .longest_waiting()
    )


def waiting_for(user: User) -> dict[str, list[int]]:
    """Ids of what waits, the longest waiting first, at most `MOST` of each sort."""
    return {
        name: list(rows.values_list("pk", flat=True)[:MOST])
        for name, rows in (
            ("drafts", drafts_of(user)),
            ("returned", returned_to(user)),
            ("to_review", to_review_by(user)),
        )
    }
