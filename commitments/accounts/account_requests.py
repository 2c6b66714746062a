"""Making and changing accounts: one administrator asks; where there is a second one, that one
confirms.

Every change is a decision of the ledger, of which only the digest is public. Its `meta` holds

`account`        the id of the account
`changed`        the names of what was changed; `account` if it was made
`active`, `administrator`, `roles`  what the account may do from then on
`asked_commit`   where a second person confirmed, the salted digest of who asked, with the salt of
                 `actor_commit`
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.access import policies
from commitments.access.second_factor import has_second_factor, remove_second_factor
from commitments.access.tokens import issue_token
from commitments.accounts.calendars import end_calendar_address
from commitments.accounts.changes import (
    ACCOUNT_COLUMNS,
    AccountChanges,
    account_state,
    changed_fields,
    gives_access,
    groups_of,
    needs_second,
    state_digest,
)
from commitments.accounts.sessions import end_access
from commitments.accounts.visits import rename_sign_ins
from commitments.choices import ADMINISTRATOR_ROLE, SYSTEM_ROLE, Action, MailKind, RequestState
from commitments.exceptions import ActionRefused, NotPermitted, Problem, StaleRevision
from commitments.models import (
    AccessToken,
    AccountRequest,
    Mail,
    MailPreference,
    Office,
    ServiceAccount,
)
from commitments.roles import administrators, people_with_address
from commitments.workflow.administrator_requests import close_request, request_to_confirm


def request_change(
    account: User | None,
    changes: AccountChanges,
    *,
    by: User,
    at: datetime,
    reason: str = "",
    expected: str | None = None,
) -> AccountRequest:
    """Change an account, or make one if it is None, and return the request: open if a second
    administrator has to confirm, else done. Asking for the same twice makes one request. `expected`
    is the `state_digest` of the account when the caller read it.

    Raise NotPermitted if the person is no administrator, StaleRevision if the account no longer
    matches `expected`, ActionRefused if nothing would change or a value is not allowed. After an
    error, nothing has changed.
    """
    check_manages_accounts(by)
    with transaction.atomic():
        if account is None:
            _lock_administrators()
        else:
            account = locked_account(account)
            if expected is not None and expected != state_digest(account):
                sentence = _("Someone else has changed this account since you opened the page.")
                raise StaleRevision(sentence)
        changes = changed_fields(account, changes)
        if not changes:
            raise ActionRefused(_("Nothing would change."))
        _check(account, changes)
        alone = not policies.has_second_administrator(by)
        if alone and "second_factor" in changes and account == by:
            raise ActionRefused(
                _(
                    "Remove your own second factor on its page. If you have lost it, have the "
                    "operator do it on the server: manage.py remove_second_factor."
                )
            )
        request = AccountRequest(
            account=account, changes=changes, asked_by=by, asked_at=at, reason=reason.strip()
        )
        if alone or not needs_second(account, changes, by):
            _apply(request, RequestState.DONE, by, at)
            return request
        if account is not None and "roles" in changes:
            request.changes = {**changes, "roles_before": account_state(account)["roles"]}
        asked = AccountRequest.objects.filter(state=RequestState.OPEN, account=account)
        same = [row for row in asked.filter(asked_by=by) if row.changes == request.changes]
        if not same:
            request.save()
        return same[0] if same else request


def check_manages_accounts(user: User) -> None:
    """Raise NotPermitted unless this person may make and change accounts."""
    if not policies.may_manage_accounts(user):
        raise NotPermitted(_("Only an administrator may make and change accounts."))


def confirm_change(request: AccountRequest, *, by: User | None, at: datetime) -> AccountRequest:
    """Do what a request asks for, and return it; `by` is None if a command confirms it.

    Raise NotPermitted if the person is no second administrator, ActionRefused if the request
    was answered or can no longer be done; then nothing has changed.
    """
    with transaction.atomic():
        fresh = request_to_confirm(request, by)
        if fresh.account is None:
            _lock_administrators()
        else:
            fresh.account = locked_account(fresh.account)
            _check_roles_are_those_before(fresh, fresh.account)
        fresh.changes = changed_fields(fresh.account, fresh.changes)
        if not fresh.changes:
            raise ActionRefused(_("Nothing would change."))
        _check(fresh.account, fresh.changes)
        _apply(fresh, RequestState.CONFIRMED, by, at)
    return fresh


def issue_service_token(
    account: User, name: str, *, by: User, at: datetime, **limits: Any
) -> tuple[AccessToken, str]:
    """Issue a token of a program's account, as `issue_token` does with these `limits`, and record
    who did: they could act with the account from then on.

    Raise NotPermitted if this is no program's active account or the person no administrator.
    """
    with transaction.atomic():
        account = locked_account(account)
        if not policies.may_issue_token_for(by, account):
            raise NotPermitted(_("Only an administrator may issue the tokens of a program."))
        issued = issue_token(account, name, at=at, **limits)
        request = AccountRequest(account=account, asked_by=by, asked_at=at, gives_access=True)
        _record(request, RequestState.DONE, by, at, ["token"])
    return issued


def record_command(account: User, *, changed: str, at: datetime) -> None:
    """Record that a command made an account (`changed` is `account`) or changed a part of it."""
    request = AccountRequest(account=account, asked_at=at)
    with transaction.atomic():
        _record(request, RequestState.DONE, None, at, [changed])


def locked_account(account: User) -> User:
    """Return the account, read anew under its lock; all administrators are locked first."""
    _lock_administrators()
    return User.objects.select_for_update().get(pk=account.pk)


def _lock_administrators() -> None:
    """Have changes of accounts follow one another: two administrators cannot take away each other's
    rights at the same time, nor give two accounts one address."""
    administrators = User.objects.filter(is_superuser=True).order_by("pk")
    list(administrators.select_for_update().values("pk"))


def _check_roles_are_those_before(request: AccountRequest, account: User) -> None:
    """Raise ActionRefused if the account has other roles than when the request was made: a request
    names all roles that the account is to have."""
    before = request.changes.pop("roles_before", None)
    if before is not None and before != account_state(account)["roles"]:
        raise ActionRefused(_("The roles have changed since this was asked for: ask again."))


def _check(account: User | None, changes: AccountChanges) -> None:
    """Raise ActionRefused with a problem for each field that cannot have its new value."""
    if account is not None and is_forgotten(account):
        raise ActionRefused(_("The person was forgotten; the account cannot be used again."))
    changed = User.objects.get(pk=account.pk) if account else User()
    _set_columns(changed, changes)
    problems = []
    try:
        changed.full_clean(exclude=["password"])
    except ValidationError as error:
        problems = [
            Problem((name,), sentence)
            for name, sentences in error.message_dict.items()
            for sentence in sentences
        ]
    if "second_factor" in changes and not (account and has_second_factor(account)):
        problems.append(Problem(("second_factor",), _("The account has no second factor.")))
    if "password" in changes and not changed.is_active:
        problems.append(Problem(("password",), _("The account is not active.")))
    problems += twin_problems(
        changed,
        changes,
        User.objects.filter(username__iexact=changed.username),
        people_with_address(changed.email),
    )
    problems += _service_problems(account, changed, changes)
    if problems:
        raise ActionRefused(_("The account was not changed."), problems)


def twin_problems(
    changed: User, changes: AccountChanges, named_alike: Iterable[User], addressed: Iterable[User]
) -> list[Problem]:
    """Return why an account cannot have a name or address like that of another one: lists could not
    tell them apart, and whoever reads the mails to an address could use both and review their own
    work. `named_alike` are the accounts with its name but for upper and lower case, `addressed` the
    active persons with its address; the account may be among them."""
    problems = []
    others = [user for user in named_alike if user != changed]
    alike = [user for user in others if user.username != changed.username]
    same = [user for user in addressed if user != changed]
    if "username" in changes and alike:
        sentence = _("The name of the account %(name)s differs only in upper and lower case.")
        problems.append(Problem(("username",), sentence % {"name": alike[0].get_username()}))
    if same and changed.is_active and not changes.keys().isdisjoint({"email", "is_active"}):
        sentence = _("The account %(name)s has this address already; each person needs their own.")
        problems.append(Problem(("email",), sentence % {"name": same[0].get_username()}))
    return problems


def _service_problems(
    account: User | None, changed: User, changes: AccountChanges
) -> list[Problem]:
    """Return why an account cannot be that of a program."""
    was_service = account is not None and policies.is_service(account)
    if not was_service and "owner" not in changes:
        return []
    if not was_service and account is not None:
        sentence = _("The account of a person does not become that of a program: make a new one.")
        return [Problem(("owner",), sentence)]
    problems = []
    owner = User.objects.filter(pk=changes.get("owner", 0), is_active=True).first()
    if "owner" in changes and (owner is None or policies.is_service(owner)):
        problems.append(Problem(("owner",), _("Choose a person with an active account.")))
    if changed.is_superuser:
        sentence = _("The account of a program does not manage accounts.")
        problems.append(Problem(("is_superuser",), sentence))
    if changed.email:
        sentence = _("The account of a program has no address: the person responsible has one.")
        problems.append(Problem(("email",), sentence))
    if "password" in changes:
        sentence = _("A program has no password: issue an access token.")
        problems.append(Problem(("password",), sentence))
    return problems


def _set_columns(account: User, changes: AccountChanges) -> None:
    for name in ACCOUNT_COLUMNS:
        setattr(account, name, changes.get(name, getattr(account, name)))


def _apply(request: AccountRequest, state: RequestState, by: User | None, at: datetime) -> None:
    """Make the changes that a request asks for, and record them."""
    changes: AccountChanges = request.changes
    asker = request.asked_by
    is_new = request.account is None
    had_second = asker is not None and by is not None and policies.has_second_administrator(asker)
    request.gives_access = asker is not None and gives_access(request.account, changes, asker)
    account = request.account or User()
    if is_new:
        account.set_unusable_password()
    former = account.username
    _set_columns(account, changes)
    account.save()
    if former not in ("", account.username):
        rename_sign_ins(former, account.username)
    if "owner" in changes:
        ServiceAccount.objects.update_or_create(
            user=account, defaults={"owner_id": changes["owner"]}
        )
    is_service = policies.is_service(account)
    if "roles" in changes:
        account.groups.set(Group.objects.filter(name__in=groups_of(changes["roles"])))
    account.offices.add(*Office.objects.filter(code__in=changes.get("offices", ())))
    if "second_factor" in changes:
        # Whoever found the device may be signed in with it.
        remove_second_factor(account)
        end_access(account)
    _end_access(account, changes)
    request.account = account
    request.link_due = (is_new and not is_service) or "password" in changes
    changed = {*changes, *(["account"] if is_new else [])}
    _record(request, state, by, at, sorted(changed))
    if is_new and not is_service:
        key = f"{MailKind.INVITATION}-{account.pk}"
        language = changes.get("language") or get_language() or ""
        Mail.objects.post(MailKind.INVITATION, key=key, at=at, person=account, language=language)
        if language:
            chosen = "language" in changes
            MailPreference.objects.remember_language(account, language, chosen=chosen)
    if asker and had_second and not policies.has_second_administrator(asker):
        raise ActionRefused(
            _(
                "Afterwards nobody could confirm what you ask for. If that is meant, have the "
                "operator do it on the server: manage.py confirm_account."
            )
        )


def _end_access(account: User, changes: AccountChanges) -> None:
    """End the tokens and sessions of an account that was deactivated, the calendar's address of one
    without a role, and the tokens of a program for which another person answers now: the former one
    may have them. Raise ActionRefused if no administrator would be left."""
    has = account_state(account)
    if "owner" in changes:
        AccessToken.objects.owned_by(account).delete()
    if not account.is_active:
        end_access(account)
    elif not (has["roles"] or has["is_superuser"]):
        end_calendar_address(account)
    if changes.keys().isdisjoint({"is_active", "is_superuser"}):
        return
    check_an_administrator_is_left()


def is_forgotten(account: User) -> bool:
    """Return whether the person who held this account was forgotten (`persons.forget_person`)."""
    decided = AccountRequest.objects.filter(account=account, decision__isnull=False)
    metas = decided.values_list("decision__meta", flat=True)
    return any("forgotten" in meta["changed"] for meta in metas)


def check_an_administrator_is_left() -> None:
    """Raise ActionRefused if nobody could manage accounts any more."""
    if not administrators().exists():
        raise ActionRefused(_("This is the last administrator: nobody could manage accounts."))


def _record(
    request: AccountRequest,
    state: RequestState,
    by: User | None,
    at: datetime,
    changed: list[str],
) -> None:
    """Append the decision on a change that was made, and close its request."""
    account = request.account
    if account is None:
        raise ValueError("a change is recorded once there is an account")
    request.decision = ledger.append(
        Action.ACCOUNT,
        at=at,
        by=by,
        role=ADMINISTRATOR_ROLE if by else SYSTEM_ROLE,
        plan=None,
        note=request.reason,
        meta={
            "account": account.pk,
            "changed": changed,
            "gives_access": request.gives_access,
            **powers_of(account),
        },
        asked_by=request.asked_by if request.asked_by != by else None,
    )
    request.reason = ""
    close_request(request, state, by, at)


def powers_of(account: User) -> dict[str, object]:
    """Return what an account may do, as a decision records it."""
    has = account_state(account)
    return {
        "active": has["is_active"],
        "administrator": has["is_superuser"],
        "roles": has["roles"],
    }
