"""Who could sign in with the account of somebody else, as they made or changed it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db.models import F

from commitments.models import AccountRequest
from commitments.roles import kept_with

if TYPE_CHECKING:
    from commitments.roles import Person


def account_managers_of(user: Person) -> frozenset[int]:
    """Return the ids of the other persons who made this person's account, gave it a role, changed
    its address or asked for a link to set its password; and of those who did so with the accounts
    of these, and so on. They are read as often as roles."""
    if not isinstance(user, User):
        return frozenset()
    return kept_with(user, "_managers", _read_managers)


def _read_managers(user: User) -> frozenset[int]:
    changes = AccountRequest.objects.filter(gives_access=True, asked_by__isnull=False)
    pairs = changes.exclude(asked_by=F("account")).values_list("account", "asked_by").distinct()
    managers = defaultdict(set)
    for account, manager in pairs:
        managers[account].add(manager)
    found: set[int] = set()
    open_ends = {user.pk}
    while open_ends:
        open_ends = set().union(*(managers[account] for account in open_ends)) - found
        found |= open_ends
    return frozenset(found - {user.pk})
