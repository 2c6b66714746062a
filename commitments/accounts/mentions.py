"""Where the ledger still mentions a person: what remains once the person is forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from commitments.models import Decision

# A shorter part of a name would be found within other words.
MIN_NAME_LENGTH = 3


@dataclass(frozen=True)
class Mentions:
    """The numbers of decisions: those that have the id of the account, because they are about it or
    made by its holder, and those whose note contains a name or the address."""

    by_number: list[int]
    in_notes: list[int]


def decisions_that_mention(user: User) -> Mentions:
    """Return the decisions that mention a person. Notes are searched for the user name, the
    address, the full name in either order, and each part of it that is long enough."""
    first, last = user.first_name.strip(), user.last_name.strip()
    parts = [user.get_username(), user.email, first, last]
    names = {part for part in parts if len(part) >= MIN_NAME_LENGTH}
    if first and last:
        names |= {f"{last}{first}", f"{first} {last}"}
    in_note = Q(pk__in=[])
    for name in names:
        in_note |= Q(note__icontains=name)
    by_number = Decision.objects.filter(Q(actor=user) | Q(meta__account=user.pk))
    return Mentions(_numbers(by_number), _numbers(Decision.objects.filter(in_note)))


def _numbers(decisions: QuerySet[Decision]) -> list[int]:
    return list(decisions.order_by("seq").values_list("seq", flat=True))
