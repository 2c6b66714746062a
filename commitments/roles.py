"""Which roles a person holds, and which offices they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from commitments.choices import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

    Person = User | AnonymousUser | AbstractBaseUser

_BY_GROUP = {role.group: role for role in Role}


def roles_of(user: Person) -> frozenset[Role]:
    """The roles of a person: none if anonymous or deactivated, all for a superuser.

    Read once for each user object, which lives as long as a request.
    """
    if not user.is_active:
        return frozenset()
    if getattr(user, "is_superuser", False):
        return frozenset(Role)
    roles: frozenset[Role] = _once(user, "_roles", lambda: frozenset(_roles_by_group(user)))
    return roles


def offices_of(user: Person) -> frozenset[int]:
    """Ids of the offices that a person is a member of."""
    if not user.is_active:
        return frozenset()
    offices: frozenset[int] = _once(user, "_offices", lambda: frozenset(_office_ids(user)))
    return offices


def is_staff(user: Person) -> bool:
    """Whether the person holds any role."""
    return bool(roles_of(user))


def _roles_by_group(user: Any) -> list[Role]:
    names = user.groups.values_list("name", flat=True)
    return [_BY_GROUP[name] for name in names if name in _BY_GROUP]


def _office_ids(user: Any) -> Any:
    return user.offices.values_list("id", flat=True)


def _once(user: Any, key: str, read: Callable[[], Any]) -> Any:
    if key not in user.__dict__:
        user.__dict__[key] = read()
    return user.__dict__[key]
