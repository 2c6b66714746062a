"""Links by which people set their passwords."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from commitments.accounts.account_requests import check_manages_accounts, request_change
from commitments.choices import RequestState
from commitments.models import AccountRequest


class Links(NamedTuple):
    """Who gets a link now, and for whom a second administrator has to confirm it first."""

    given: list[User]
    waiting: list[User]


def ask_for_links(accounts: Iterable[User], *, by: User, at: datetime) -> Links:
    """Return for which of these people this administrator may show a link now, once. For the
    others, ask a second administrator to confirm it.

    After an account was created or a request confirmed, a link is due to the person who asked, for
    as long as a link is valid and until the account has a new password. An account that never had
    a password needs no confirmation. Raise NotPermitted if the person is no administrator,
    ActionRefused if an account is not active; then nothing has changed.
    """
    check_manages_accounts(by)
    links = Links([], [])
    with transaction.atomic():
        for account in accounts:
            if not _take_due(account, by, at):
                request = request_change(account, {"password": True}, by=by, at=at)
                if request.state == RequestState.OPEN:
                    links.waiting.append(account)
                    continue
                _take_due(account, by, at)
            links.given.append(account)
    return links


def _take_due(account: User, by: User, at: datetime) -> bool:
    """Return whether this person may show a link of this account, and use that up."""
    since = at - timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    due = AccountRequest.objects.filter(
        account=account, account__is_active=True, asked_by=by, link_due=True, closed_at__gt=since
    )
    return due.update(link_due=False) > 0
