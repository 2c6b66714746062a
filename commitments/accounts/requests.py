"""Making and changing accounts: one administrator asks; where there is a second one, that one
confirms.

Every change is a decision of the ledger, which only its digest is public of. Its `meta` holds

`account`        the id of the account
`changed`        the names of what was changed; `account` if it was made
`active`, `administrator`, `roles`  what the account may do from then on
`asked_commit`   where a second person confirmed, the salted digest of who asked, with the salt of
                 `actor_commit`
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.access import policies
from commitments.accounts.wanted import (
    ACCOUNT_COLUMNS,
    Wanted,
    differing,
    groups_of,
    needs_second,
    present,
)
from commitments.choices import ADMINISTRATOR_ROLE, SYSTEM_ROLE, Action, RequestState
from commitments.exceptions import NotPermitted, Problem, TransitionRefused
from commitments.models import AccessToken, AccountRequest, Office
from commitments.workflow.requests import close_request, request_to_confirm


def request_change(
    account: User | None, wanted: Wanted, *, by: User, at: datetime, reason: str = ""
) -> AccountRequest:
    """Change an account, or make one if it is None, and return the request: open if a second
    administrator has to confirm, else done. The same asked for twice is one request.

    Raise NotPermitted if the person is no administrator, TransitionRefused if nothing would change
    or something cannot be; then nothing has changed.
    """
    if not policies.may_manage_accounts(by):
        raise NotPermitted(_("Only an administrator may make and change accounts."))
    with transaction.atomic():
        if account is not None:
            account = User.objects.select_for_update().get(pk=account.pk)
        wanted = differing(account, wanted)
        if not wanted:
            raise TransitionRefused(_("Nothing would change."))
        _check(account, wanted)
        request = AccountRequest(
            account=account, wanted=wanted, asked_by=by, asked_at=at, reason=reason.strip()
        )
        if not (needs_second(account, wanted, by) and policies.has_second_administrator(by)):
            _do(request, RequestState.DONE, by, at)
            return request
        asked = AccountRequest.objects.filter(state=RequestState.OPEN, account=account)
        same = [row for row in asked.filter(asked_by=by) if row.wanted == wanted]
        if not same:
            request.save()
        return same[0] if same else request


def confirm_change(request: AccountRequest, *, by: User | None, at: datetime) -> AccountRequest:
    """Do what a request asks for, and return it; `by` is None if a command confirms it.

    Raise NotPermitted if the person is no second administrator, TransitionRefused if the request
    was answered or can no longer be done; then nothing has changed.
    """
    with transaction.atomic():
        fresh = request_to_confirm(request, by)
        if fresh.account_id is not None:
            fresh.account = User.objects.select_for_update().get(pk=fresh.account_id)
        fresh.wanted = differing(fresh.account, fresh.wanted)
        if not fresh.wanted:
            raise TransitionRefused(_("Nothing would change."))
        _check(fresh.account, fresh.wanted)
        _do(fresh, RequestState.CONFIRMED, by, at)
    return fresh


def record_command(account: User, *, changed: str, at: datetime) -> None:
    """Record that a command made an account (`account`) or `changed` something else of it."""
    request = AccountRequest(account=account, asked_at=at)
    with transaction.atomic():
        _record(request, RequestState.DONE, None, at, [changed])


def _check(account: User | None, wanted: Wanted) -> None:
    """Raise TransitionRefused with each field that cannot become so."""
    changed = User.objects.get(pk=account.pk) if account else User()
    for name in ACCOUNT_COLUMNS:
        setattr(changed, name, wanted.get(name, getattr(changed, name)))
    problems = []
    try:
        changed.full_clean(exclude=["password"])
    except ValidationError as error:
        problems = [
            Problem((name,), sentence)
            for name, sentences in error.message_dict.items()
            for sentence in sentences
        ]
    if "password" in wanted and not changed.is_active:
        problems.append(Problem(("password",), _("The account is not active.")))
    if problems:
        raise TransitionRefused(_("The account was not changed."), problems)


def _do(request: AccountRequest, state: RequestState, by: User | None, at: datetime) -> None:
    """Give the account what is wanted, and record it."""
    wanted: Wanted = request.wanted
    is_new = request.account is None
    account = request.account or User()
    if is_new:
        account.set_unusable_password()
    for name in ACCOUNT_COLUMNS:
        setattr(account, name, wanted.get(name, getattr(account, name)))
    account.save()
    if "roles" in wanted:
        account.groups.set(Group.objects.filter(name__in=groups_of(wanted["roles"])))
    account.offices.add(*Office.objects.filter(code__in=wanted.get("offices", ())))
    _end_access(account, wanted)
    request.account, request.wanted = account, {}
    request.link_due = is_new or "password" in wanted
    _record(request, state, by, at, sorted({*wanted, *(["account"] if is_new else [])}))


def _end_access(account: User, wanted: Wanted) -> None:
    """End what a deactivated account left open, and see that an administrator is left."""
    if not account.is_active:
        # They do not come back with the account.
        AccessToken.objects.owned_by(account).delete()
    if wanted.keys().isdisjoint({"is_active", "is_superuser"}):
        return
    check_an_administrator_is_left()


def check_an_administrator_is_left() -> None:
    """Raise TransitionRefused if nobody could manage accounts any more."""
    if not User.objects.filter(is_superuser=True, is_active=True).exists():
        raise TransitionRefused(_("This is the last administrator: nobody could manage accounts."))


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
        meta={"account": account.pk, "changed": changed, **powers_of(account)},
        asked_by=request.asked_by if request.asked_by != by else None,
    )
    request.reason = ""
    close_request(request, state, by, at)


def powers_of(account: User) -> dict[str, object]:
    """Return what an account may do, as a decision records it."""
    has = present(account)
    return {
        "active": has["is_active"],
        "administrator": has["is_superuser"],
        "roles": has["roles"],
    }
