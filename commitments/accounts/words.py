"""Changes of accounts, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from commitments.access import policies
from commitments.accounts.changes import AccountChanges, account_state
from commitments.choices import Role
from commitments.models import AccountRequest, Decision
from commitments.roles import administrators, choice_of, name_of
from commitments.texts.lists import COMMAS, ITEMS, join_list

FIELD_NAMES = {
    "account": gettext_lazy("account made"),
    "username": gettext_lazy("user name"),
    "last_name": gettext_lazy("family name"),
    "first_name": gettext_lazy("given name"),
    "email": gettext_lazy("e-mail address"),
    "is_active": gettext_lazy("active"),
    "is_superuser": gettext_lazy("administrator"),
    "roles": gettext_lazy("roles"),
    "offices": gettext_lazy("offices"),
    "language": gettext_lazy("language of messages"),
    "password": gettext_lazy("link to set a password"),
    "second_factor": gettext_lazy("removal of the second factor"),
    "owner": gettext_lazy("person responsible"),
    "token": gettext_lazy("access token issued"),
    "forgotten": gettext_lazy("person forgotten"),
}


def confirmation_words(user: User) -> str:
    """Return who confirms what this administrator does about accounts or, where nobody does, why
    not and from when on."""
    if policies.has_second_administrator(user):
        return gettext(
            "A second administrator confirms whatever lets somebody sign in or decide more than "
            "before, and every change to another administrator."
        )
    others = [name_of(other) for other in administrators().exclude(pk=user.pk)]
    if others:
        return gettext(
            "No change of an account waits for confirmation, although there are other "
            "administrators (%(names)s): you gave them access, they gave it to you, or one person "
            "gave it to both of you, and so could sign in with both accounts. What lets somebody "
            "sign in or decide more than before waits from the day on which another "
            "administrator's account is made on the server: manage.py createsuperuser."
        ) % {"names": join_list(others, ITEMS)}
    return gettext(
        "No change of an account waits for confirmation: you are the only administrator. What lets "
        "somebody sign in or decide more than before waits from the day on which a second "
        "administrator's account is made on the server: manage.py createsuperuser. An "
        "administrator whose account you make here does not count, since you could sign in with it."
    )


class Change(NamedTuple):
    """One thing that a request changes of an account: its name, and its value before and after, in
    words."""

    name: str
    before: str
    after: str


def described_changes(account: User | None, changes: AccountChanges) -> list[Change]:
    """Return what would change, in the order of `FIELD_NAMES`."""
    before: Mapping[str, object] = dict(account_state(account)) if account else {}
    after: Mapping[str, object] = dict(changes)
    return [
        Change(capfirst(str(name)), _words(field, before.get(field)), _words(field, after[field]))
        for field, name in FIELD_NAMES.items()
        if field in after and (after[field] or field in before)
    ]


def _words(field: str, value: object) -> str:
    match value:
        case int() if field == "owner":
            return choice_of(User.objects.get(pk=value))
        case str() if field == "language" and value:
            return language_label(value)
        case bool():
            return gettext("yes") if value else gettext("no")
        case list() | tuple():
            return role_labels(value) if field == "roles" else join_list(value, ITEMS)
        case _:
            return str(value or "")


def language_label(code: str) -> str:
    """Return the name of a language of the interface, or its code if it no longer is one."""
    return str(dict(settings.LANGUAGES).get(code, code))


def role_labels(codes: Sequence[str]) -> str:
    return join_list([str(role.label) for role in Role if role.value in codes], ITEMS)


def done_words(decision: Decision) -> str:
    """Return what a decision changed of an account, such as “roles; administrator”."""
    names = [str(name) for field, name in FIELD_NAMES.items() if field in decision.meta["changed"]]
    return capfirst(join_list(names, ITEMS))


def request_words(request: AccountRequest) -> str:
    """Return what a request is about in one line: what it changes, or changed."""
    if request.decision is not None:
        return done_words(request.decision)
    described = described_changes(request.account, request.changes)
    pair = gettext("%(list)s: %(value)s")
    pairs = [pair % {"list": change.name, "value": change.after} for change in described]
    return join_list(pairs, COMMAS)
