"""Figures that show the operator of a site what is waiting and what has gone stale."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy

from commitments.choices import Freshness, RequestState, State
from commitments.clocks import Clock
from commitments.models import (
    AccountRequest,
    Commitment,
    ErasureRequest,
    Evidence,
    LedgerHead,
    Mail,
    ProgressUpdate,
    WebhookSubscriber,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# How long a mail that was given up needs somebody's attention.
FAILURE_WINDOW = timedelta(days=7)
# A subscriber that has failed this often has received nothing for at least half an hour.
FAILING_AFTER_TRIES = 3
LAPSED = Q(freshness=Freshness.LAPSED)

FIGURES: dict[str, StrPromise] = {
    "in_review": gettext_lazy("Updates in review"),
    "lapsed": gettext_lazy("Lapsed assessments"),
    "dead_links": gettext_lazy("Dead links"),
    "administrator_requests": gettext_lazy("Requests to administrators"),
    "waiting_mails": gettext_lazy("Messages waiting"),
    "held_mails": gettext_lazy("Messages held after a restore"),
    "failed_mails": gettext_lazy("Undelivered messages in the past week"),
    "failing_webhooks": gettext_lazy("Webhook subscribers that accept nothing"),
    "stopped_webhooks": gettext_lazy("Stopped webhook subscribers"),
    "ledger_entries": gettext_lazy("Ledger entries"),
}


def ledger_head_age(now: datetime) -> timedelta | None:
    """Return how long ago the newest entry of the ledger was recorded; None if there is none."""
    at = LedgerHead.objects.get().at
    return None if at is None else now - at


def figures(now: datetime) -> dict[str, int]:
    """Return the value of each figure in `FIGURES`, over all plans."""
    asked = [
        rows.filter(state=RequestState.OPEN).count()
        for rows in (AccountRequest.objects, ErasureRequest.objects)
    ]
    return {
        "in_review": ProgressUpdate.objects.filter(state=State.SUBMITTED).count(),
        "lapsed": Commitment.objects.at(Clock(now=now)).filter(LAPSED).count(),
        "dead_links": Evidence.objects.dead_links().values("url").distinct().count(),
        "administrator_requests": sum(asked),
        "waiting_mails": Mail.objects.waiting().count(),
        "held_mails": Mail.objects.held().count(),
        "failed_mails": Mail.objects.given_up_since(now - FAILURE_WINDOW).count(),
        "failing_webhooks": WebhookSubscriber.objects.failing(FAILING_AFTER_TRIES).count(),
        "stopped_webhooks": WebhookSubscriber.objects.stopped().count(),
        "ledger_entries": LedgerHead.objects.get().seq,
    }
