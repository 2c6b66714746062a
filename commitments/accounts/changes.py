"""What an administrator wants to change of an account, and which changes a second one has to
confirm."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from django.contrib.auth.models import User

from commitments.choices import Role
from commitments.ledger.hashing import sha256_of
from commitments.models import ServiceAccount
from commitments.roles import ROLE_BY_GROUP


class AccountChanges(TypedDict, total=False):
    """The values to give an account; what is left out stays as it is.

    `owner` is the id of the person who answers for a program, if this is a program's account; a
    person's account has none. `roles` are all of its roles, by their codes, sorted; in a request
    that waits, `roles_before` are those that it had when the request was made. `offices` are the
    codes of offices that the person joins in addition, `language` is that of the mails to a new
    account, by its code in the settings. `password` asks for a link to set the password,
    `second_factor` for the removal of the second factor.
    """

    username: str
    last_name: str
    first_name: str
    email: str
    is_active: bool
    is_superuser: bool
    roles: list[str]
    roles_before: list[str]
    offices: list[str]
    language: str
    password: bool
    second_factor: bool
    owner: int


ACCOUNT_COLUMNS = ("username", "last_name", "first_name", "email", "is_active", "is_superuser")


def account_state(account: User) -> AccountChanges:
    """Return what an account has now: its columns, its roles and, if it is a program's, its
    owner."""
    names = {group.name for group in account.groups.all()}
    roles = sorted(role.value for group, role in ROLE_BY_GROUP.items() if group in names)
    columns = {name: getattr(account, name) for name in ACCOUNT_COLUMNS}
    service = ServiceAccount.objects.filter(user=account).first()
    owner = {"owner": service.owner_id} if service else {}
    return cast(AccountChanges, {**columns, "roles": roles, **owner})


def changed_fields(account: User | None, changes: AccountChanges) -> AccountChanges:
    """Return those of the changes that would change the account; for a new one, all of them. A
    user name gets the form in which it is compared when somebody signs in."""
    if "username" in changes:
        changes = {**changes, "username": User.normalize_username(changes["username"])}
    if account is None:
        return changes
    has: dict[str, Any] = dict(account_state(account))
    changed = {name: value for name, value in changes.items() if has.get(name) != value}
    return cast(AccountChanges, changed)


def needs_second(account: User | None, changes: AccountChanges, by: User) -> bool:
    """Return whether a second administrator has to confirm this, if there is one: whatever lets
    somebody sign in or decide more than before, and any change of another administrator's account.

    A person may change their own name and address alone. Changing names, taking a role away and
    deactivating an account give nobody more rights.
    """
    if account is None:
        return True
    if "is_superuser" in changes or (account.is_superuser and account.pk != by.pk):
        return True
    if "second_factor" in changes:
        return True
    # Somebody has to give out the first link; the account itself was already confirmed.
    first_password = "password" in changes and not account.has_usable_password()
    return gives_access(account, changes, by) and not (first_password and len(changes) == 1)


def gives_access(account: User | None, changes: AccountChanges, by: User) -> bool:
    """Return whether this lets somebody sign in, or decide more than before. Whoever asks for such
    a change could use the account."""
    if account is None:
        return True
    others = account.pk != by.pk
    return (
        not set(changes.get("roles", ())) <= set(account_state(account)["roles"])
        or changes.get("is_superuser", False)
        or changes.get("is_active", False)
        or "owner" in changes
        or (others and not changes.keys().isdisjoint({"username", "email"}))
        or (others and not changes.keys().isdisjoint({"password", "second_factor"}))
    )


def groups_of(roles: list[str]) -> list[str]:
    """Return the names of the groups of these roles."""
    return [Role(role).group for role in roles]


def state_digest(account: User) -> str:
    """Return a digest of the state of an account, by which a caller sees whether it has changed."""
    return sha256_of(account_state(account))
