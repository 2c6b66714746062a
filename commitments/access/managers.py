"""Who could act with the account of somebody else, since they made it or gave it access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db.models import F

from commitments.models import AccountRequest
from commitments.roles import kept_with

if TYPE_CHECKING:
    from commitments.roles import Person

# By the id of an account, the ids of the persons who gave it access.
AccessGivers = Mapping[int, set[int]]


def access_givers() -> AccessGivers:
    """Return who made which account, gave it a role, changed its address or asked for a link to set
    its password; one query."""
    changes = AccountRequest.objects.filter(gives_access=True, asked_by__isnull=False)
    pairs = changes.exclude(asked_by=F("account")).values_list("account", "asked_by").distinct()
    givers: defaultdict[int, set[int]] = defaultdict(set)
    for account, giver in pairs:
        givers[account].add(giver)
    return givers


def managers_among(givers: AccessGivers, account: int) -> frozenset[int]:
    """Return the ids of the others who gave an account access, of those who did so with the
    accounts of these, and so on."""
    found: set[int] = set()
    open_ends = {account}
    while open_ends:
        open_ends = set().union(*(givers.get(pk, ()) for pk in open_ends)) - found
        found |= open_ends
    return frozenset(found - {account})


def account_managers_of(user: Person) -> frozenset[int]:
    """Return the ids of the other persons who could act with this person's account. They are read
    as often as roles."""
    if not isinstance(user, User):
        return frozenset()
    return kept_with(user, "_managers", lambda person: managers_among(access_givers(), person.pk))
