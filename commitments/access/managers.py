"""Who could use the account of somebody else, because they created it or gave it access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth.models import User
from django.db.models import BooleanField, F, Value

from commitments.models import AccountRequest, ServiceAccount
from commitments.roles import read_once

if TYPE_CHECKING:
    from commitments.roles import Person

# By the id of an account, the ids of the persons who gave it access.
AccessGivers = Mapping[int, set[int]]


class Access(NamedTuple):
    """Who gave access to which account, and which of the accounts belong to programs."""

    givers: AccessGivers
    services: set[int]


class Reach(NamedTuple):
    """The ids of the other persons who could use an account, and of the program accounts that its
    person or one of those persons could use."""

    managers: frozenset[int]
    services: frozenset[int]


def read_access() -> Access:
    """Return who made which account, gave it a role, changed its address, asked for a link to set
    its password or issued a token of a program, and who answers for a program; one query."""
    changes = AccountRequest.objects.filter(gives_access=True, asked_by__isnull=False)
    changes = changes.exclude(asked_by=F("account"))
    given = changes.values_list("account", "asked_by", _is_service(False))
    owned = ServiceAccount.objects.values_list("user", "owner", _is_service(True))
    access = Access(defaultdict(set), set())
    for account, giver, is_service in given.union(owned):
        access.givers[account].add(giver)
        if is_service:
            access.services.add(account)
    return access


def _is_service(answer: bool) -> Value:
    return Value(answer, BooleanField())


def access_givers() -> AccessGivers:
    return read_access().givers


def managers_among(givers: AccessGivers, account: int) -> frozenset[int]:
    """Return the ids of the other accounts that gave this account access, directly or through
    others."""
    found: set[int] = set()
    open_ends = {account}
    while open_ends:
        open_ends = set().union(*(givers.get(pk, ()) for pk in open_ends)) - found
        found |= open_ends
    return frozenset(found - {account})


def account_managers_of(user: Person) -> frozenset[int]:
    """Return the ids of the other persons who could use this person's account. They are read once
    for each user object, as roles are."""
    return reach_of(user).managers


def reach_of(user: Person) -> Reach:
    """Return who could use a person's account, and which program accounts they or the person could
    use."""
    if not isinstance(user, User):
        return Reach(frozenset(), frozenset())
    return read_once(user, "_reach", _read_reach)


def _read_reach(user: User) -> Reach:
    givers, services = read_access()
    managers = managers_among(givers, user.pk)
    people = {user.pk, *managers}
    reached = {pk for pk in services if not people.isdisjoint(managers_among(givers, pk))}
    return Reach(managers, frozenset(reached))
