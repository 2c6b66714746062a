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

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.access import policies
from commitments.accounts.wanted import (
    ACCOUNT_COLUMNS,
    Wanted,
    differing,
    gives_access,
    groups_of,
    needs_second,
    present,
    state_digest,
)
from commitments.choices import ADMINISTRATOR_ROLE, SYSTEM_ROLE, Action, RequestState
from commitments.exceptions import NotPermitted, Problem, StaleRevision, TransitionRefused
from commitments.models import AccessToken, AccountRequest, Office
from commitments.workflow.requests import close_request, request_to_confirm


def request_change(
    account: User | None,
    wanted: Wanted,
    *,
    by: User,
    at: datetime,
    reason: str = "",
    expected: str | None = None,
) -> AccountRequest:
    """Change an account, or make one if it is None, and return the request: open if a second
    administrator has to confirm, else done. The same asked for twice is one request. `expected` is
    the `state_digest` of the account when the caller read it.

    Raise NotPermitted if the person is no administrator, StaleRevision if the account has something
    else than `expected`, TransitionRefused if nothing would change or something cannot be; then
    nothing has changed.
    """
    if not policies.may_manage_accounts(by):
        raise NotPermitted(_("Only an administrator may make and change accounts."))
    with transaction.atomic():
        account = _locked(account)
        if expected is not None and account is not None and expected != state_digest(account):
            raise StaleRevision(_("Somebody has changed this account since you opened the page."))
        wanted = differing(account, wanted)
        if not wanted:
            raise TransitionRefused(_("Nothing would change."))
        _check(account, wanted)
        request = AccountRequest(
            account=account, wanted=wanted, asked_by=by, asked_at=at, reason=reason.strip()
        )
        if account is not None and "roles" in wanted:
            request.wanted = {**wanted, "roles_before": present(account)["roles"]}
        if not (needs_second(account, wanted, by) and policies.has_second_administrator(by)):
            _do(request, RequestState.DONE, by, at)
            return request
        asked = AccountRequest.objects.filter(state=RequestState.OPEN, account=account)
        same = [row for row in asked.filter(asked_by=by) if row.wanted == request.wanted]
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
        fresh.account = _locked(fresh.account)
        _check_roles_are_those_before(fresh)
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


def _locked(account: User | None) -> User | None:
    """Return the account, read anew under its lock; all administrators are locked first, so that
    two of them cannot end each other's power at once."""
    administrators = User.objects.filter(is_superuser=True).order_by("pk")
    list(administrators.select_for_update().values("pk"))
    return None if account is None else User.objects.select_for_update().get(pk=account.pk)


def _check_roles_are_those_before(request: AccountRequest) -> None:
    """Raise TransitionRefused if the account has other roles than when the request was made: what
    was asked for were all of its roles."""
    before = request.wanted.get("roles_before")
    if before is not None and request.account and before != present(request.account)["roles"]:
        raise TransitionRefused(_("The roles have changed since this was asked for: ask again."))


def _check(account: User | None, wanted: Wanted) -> None:
    """Raise TransitionRefused with each field that cannot become so."""
    if account is not None and is_forgotten(account):
        raise TransitionRefused(_("The person was forgotten; the account cannot be used again."))
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
    asker = request.asked_by
    is_new = request.account is None
    had_second = asker is not None and by is not None and policies.has_second_administrator(asker)
    request.gives_access = asker is not None and gives_access(request.account, wanted, asker)
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
    request.account, request.link_due = account, is_new or "password" in wanted
    changed = {*wanted, *(["account"] if is_new else [])} - {"roles_before"}
    _record(request, state, by, at, sorted(changed))
    # Read anew: who may act for whom has just changed.
    if asker and had_second and not _has_second(asker):
        raise TransitionRefused(
            _(
                "Afterwards nobody could confirm what you ask for. If that is meant, have the "
                "operator do it on the server: manage.py confirm_account."
            )
        )


def _has_second(asker: User) -> bool:
    return policies.has_second_administrator(User.objects.get(pk=asker.pk))


def _end_access(account: User, wanted: Wanted) -> None:
    """End what a deactivated account left open, and see that an administrator is left."""
    if not account.is_active:
        end_access(account)
    if wanted.keys().isdisjoint({"is_active", "is_superuser"}):
        return
    check_an_administrator_is_left()


def end_access(account: User) -> None:
    """End the tokens and sessions of an account: they do not come back with it."""
    AccessToken.objects.owned_by(account).delete()
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(account.pk):
            session.delete()


def is_forgotten(account: User) -> bool:
    """Return whether it was forgotten who held this account."""
    decided = AccountRequest.objects.filter(account=account, decision__isnull=False)
    metas = decided.values_list("decision__meta", flat=True)
    return any("forgotten" in meta["changed"] for meta in metas)


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
