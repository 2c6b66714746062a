"""The names and roles of persons, and the offices that they belong to."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, Value

from commitments.choices import Role
from commitments.texts.scripts import is_unspaced

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.db.models import QuerySet

    Person = User | AnonymousUser | AbstractBaseUser

T = TypeVar("T")


class _Memberships(NamedTuple):
    """The roles of a person, and the ids of their offices."""

    roles: frozenset[Role]
    offices: frozenset[int]


# The public, for pages that show to everybody what strangers see, whoever has signed in.
ANONYMOUS = AnonymousUser()
ROLE_BY_GROUP = {role.group: role for role in Role}


def roles_of(user: Person) -> frozenset[Role]:
    """Return the roles of a person: none if anonymous or deactivated, all for a superuser.

    They are read with the offices, once for each user object, which lives as long as a request;
    `read_memberships` reads those of many.
    """
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(Role)
    return _memberships_of(user).roles


def offices_of(user: Person) -> frozenset[int]:
    """Return the ids of the offices that a person is a member of; none if deactivated. They are
    read together with the roles."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return _memberships_of(user).offices


def read_memberships(people: Iterable[User]) -> None:
    """Read the roles and offices of persons in one query, instead of in one for each when they are
    asked for. There a group has the id 0, and an office has no name."""
    users = list(people)
    ids = {user.pk for user in users}
    groups = User.groups.through.objects.filter(user__in=ids).order_by()
    offices = User.offices.through.objects.filter(user__in=ids).order_by()
    names = groups.values_list("user", "group__name", Value(0))
    rows: list[tuple[int, str, int]] = list(
        names.union(offices.values_list("user", Value(""), "office"), all=True)
    )
    for user in users:
        theirs = [(name, office) for pk, name, office in rows if pk == user.pk]
        user.__dict__["_memberships"] = _Memberships(
            frozenset(ROLE_BY_GROUP[name] for name, _office in theirs if name in ROLE_BY_GROUP),
            frozenset(office for _name, office in theirs if office),
        )


def name_of(user: User) -> str:
    """Return the full name of a person, or else the user name. In a script without blanks the
    family name comes first."""
    full = user.get_full_name()
    if any(map(is_unspaced, full)):
        full = f"{user.last_name}{user.first_name}"
    return full or user.get_username()


def choice_of(user: User) -> str:
    """Return the label of a person in a list of choices, where two persons may have the same
    name."""
    name = name_of(user)
    return name if name == user.get_username() else f"{name} ({user.get_username()})"


def holders_of(*roles: Role) -> QuerySet[User]:
    """Return the persons who hold one of these roles, by their user names."""
    memberships = User.groups.through.objects.filter(group__name__in=[row.group for row in roles])
    holds = Q(is_superuser=True) | Q(pk__in=memberships.values("user"))
    return User.objects.filter(holds, is_active=True).order_by("username")


def administrators() -> QuerySet[User]:
    """Return the active superusers, by their user names."""
    return User.objects.filter(is_superuser=True, is_active=True).order_by("username")


def is_staff(user: Person) -> bool:
    """Return whether the person holds any role."""
    return bool(roles_of(user))


def people_with_address(email: str) -> list[User]:
    """Return the active persons who have this e-mail address. Databases treat some letters as
    equal, such as ı and i, so the addresses are compared here again."""
    people = User.objects.filter(is_active=True, service_account__isnull=True)
    rows = people.filter(email__iexact=email) if email else ()
    return [user for user in rows if folded_address(user.email) == folded_address(email)]


def staff_with_address(email: str) -> list[User]:
    """Return the active persons with a role who have this e-mail address."""
    return [user for user in people_with_address(email) if is_staff(user)]


def folded_address(email: str) -> str:
    """Return an e-mail address without the differences that do not make it another one."""
    return unicodedata.normalize("NFKC", email).casefold()


def limit_to_plans(user: User, codes: Iterable[str]) -> None:
    """Limit a person's access to non-public content to these plans, as long as this user object
    lives: they use an access token that is limited to these plans."""
    user.__dict__["_plan_limits"] = frozenset(codes)


def plan_limits(user: Person) -> frozenset[str] | None:
    """Return the codes of the plans to which a person's access to non-public content is limited;
    None for no limit."""
    return user.__dict__.get("_plan_limits")


def signed_in(user: Person) -> User:
    """Return a person who has signed in as a user; raise PermissionDenied for anybody else."""
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def read_once(user: User, name: str, read: Callable[[User], T]) -> T:
    """Return the result of `read` for a person, which is called once for each user object."""
    if name not in user.__dict__:
        user.__dict__[name] = read(user)
    value: T = user.__dict__[name]
    return value


def _memberships_of(user: User) -> _Memberships:
    if "_memberships" not in user.__dict__:
        read_memberships([user])
    memberships: _Memberships = user.__dict__["_memberships"]
    return memberships
