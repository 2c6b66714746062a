"""Verification of accounts: what each may do against the last decision on it, and the decisions
against the requests for them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext as _

from commitments import accounts, ledger
from commitments.choices import Action, RequestState
from commitments.exceptions import Problem
from commitments.models import AccountRequest, Decision
from commitments.verification.rows import ROWS_PER_CHUNK, check_row

POWERS = ("active", "administrator", "roles")


def unrecorded_accounts() -> Iterator[Problem]:
    """Yield the accounts that hold a role without any decision: they were not made by the
    tracker."""
    # What the decisions themselves say: a request is a row that anybody could add to the table.
    decisions = Decision.objects.filter(action=Action.ACCOUNT)
    recorded = set(decisions.values_list("meta__account", flat=True).iterator())
    powerful = User.objects.filter(Q(is_superuser=True) | Q(groups__isnull=False)).distinct()
    for pk in powerful.order_by("pk").values_list("pk", flat=True).iterator():
        if pk not in recorded:
            yield Problem((f"account {pk}",), _("no decision records it"))


def account_differences() -> Iterator[Problem]:
    """Yield the accounts whose rights differ from what the last decision on them gave, and the
    decisions that differ from their request."""
    last: dict[int, Decision] = {}
    rows = Decision.objects.filter(action=Action.ACCOUNT).in_order()
    for decision in rows.select_related("accountrequest").iterator(chunk_size=ROWS_PER_CHUNK):
        place = f"decision {decision.seq}"
        yield from check_row(place, partial(_request_differences, decision, place))
        last[decision.meta.get("account", 0)] = decision
    users = User.objects.prefetch_related("groups").order_by("pk")
    for user in users.iterator(chunk_size=ROWS_PER_CHUNK):
        if user.pk in last:
            yield from _account_differences(user, last.pop(user.pk))
    for account, decision in last.items():
        message = _("is missing, but decision %(seq)s records it")
        yield Problem((f"account {account}",), message % {"seq": decision.seq})
    yield from _requests_of_other_decisions()


def _requests_of_other_decisions() -> Iterator[Problem]:
    """Yield the requests that claim to be done by a decision that concerns no account. They count
    when the tracker asks who gave somebody access."""
    claimed = AccountRequest.objects.filter(decision__isnull=False)
    others = claimed.exclude(decision__action=Action.ACCOUNT).order_by("pk")
    for pk, seq in others.values_list("pk", "decision__seq").iterator():
        message = _("was done by decision %(seq)s, which concerns no account")
        yield Problem((f"account request {pk}",), message % {"seq": seq})


def _account_differences(user: User, decision: Decision) -> Iterator[Problem]:
    if accounts.powers_of(user) != {name: decision.meta.get(name) for name in POWERS}:
        message = _("has other rights than decision %(seq)s records")
        yield Problem((f"account {user.pk}",), message % {"seq": decision.seq})


def _request_differences(decision: Decision, place: str) -> Iterator[Problem]:
    request: AccountRequest | None = getattr(decision, "accountrequest", None)
    if request is None or request.account_id != decision.meta.get("account"):
        yield Problem((place,), _("the request of the account is missing"))
        return
    asked_alone = request.asked_by_id == decision.actor_id
    asker = None
    if not asked_alone:
        asker = ledger.salted_digest(decision.actor_salt, ledger.actor_text(request.asked_by_id))
    if decision.meta.get("asked_commit") != asker or request.closed_by_id != decision.actor_id:
        yield Problem((place,), _("the request names another person than the chain"))
    if asked_alone != (request.state == RequestState.DONE):
        yield Problem((place,), _("the request differs in whether a second person confirmed it"))
    # Decisions of former releases do not say it.
    if decision.meta.get("gives_access", request.gives_access) != request.gives_access:
        yield Problem((place,), _("the request differs in whether it gave access"))
