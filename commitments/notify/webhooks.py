"""Sending public changes to the subscribers of webhooks.

A subscriber gets the changes in the ledger's order, the next one once the last was taken. It is
claimed under a lock, and then the request is made without one. If the process is killed in between,
the same change is sent again after a pause, with the same `webhook-id`: whatever happens, nothing
is left out, and what arrives twice is recognised. What a message says is written when it is sent,
so it never has what was withdrawn or erased meanwhile.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from commitments.api.serializers.changes import PublicChangeSerializer
from commitments.choices import MailKind, WebhookState
from commitments.ledger.changes import with_status_changes
from commitments.models import Decision, LedgerHead, Mail, WebhookAttempt, WebhookSubscriber
from commitments.roles import administrators
from commitments.webhooks.sending import (
    INTERNAL_ERROR,
    WebhookMessage,
    WebhookOutcome,
    message_body,
    send_message,
)
from commitments.webhooks.subscribers import changes_waiting_for

_logger = logging.getLogger(__name__)

# Pauses before the next try of a change, by the number of failed tries: three days in all. Then it
# is given up.
RETRY_PAUSES = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
MAX_DELIVERY_TRIES = len(RETRY_PAUSES) + 1
# After this time a request counts as lost, because its sender was killed; requests take far less.
CLAIMED_FOR = timedelta(minutes=5)
# After this time a run sends nothing more; the next one goes on.
MAX_DELIVERY_RUN = timedelta(minutes=10)
# Digits of the hash of a ledger's link in the id of its message.
HASH_DIGITS = 16

_Clock = Callable[[], datetime]


@dataclass(frozen=True)
class _Claim:
    """A subscriber that nobody else sends to until its `due_at`, and the change that it gets."""

    subscriber: WebhookSubscriber
    decision: Decision


def deliver_due(clock: _Clock) -> Counter[str]:
    """Send to each subscriber what it has not got, one change of each in turn. Return how many were
    `delivered`, `failed`, and how many subscribers were `stopped` or are `gone`."""
    counts: Counter[str] = Counter()
    begun = clock()
    waiting = deque(WebhookSubscriber.objects.due(begun).values_list("pk", flat=True))
    while waiting and clock() - begun <= MAX_DELIVERY_RUN:
        pk = waiting.popleft()
        claim = _claimed(pk, clock())
        if claim is not None:
            result = _delivered(claim, clock)
            counts[result] += 1
            if result == "delivered":
                waiting.append(pk)
    return counts


def preview_deliveries(now: datetime) -> Iterator[tuple[WebhookSubscriber, int, WebhookMessage]]:
    """Yield each subscriber to whom something would be sent now, with the number of changes that
    wait and the first message; nothing is sent or changed."""
    for subscriber in WebhookSubscriber.objects.due(now):
        first = _next_change(subscriber)
        if first is not None:
            yield subscriber, changes_waiting_for(subscriber).count(), change_message(first)


def change_message(decision: Decision) -> WebhookMessage:
    """Return the message about a public change, as everybody may see it now."""
    [change] = with_status_changes([decision])
    return WebhookMessage(
        id=_message_id(decision),
        type=decision.action,
        body=message_body(decision.action, decision.at, PublicChangeSerializer(change).data),
        seq=decision.seq,
    )


def _message_id(decision: Decision) -> str:
    """Return the id of a change's message: always the same, but another one if a restored ledger
    gives the same number to another change."""
    return f"change-{decision.seq}-{decision.hash[:HASH_DIGITS]}"


def _next_change(subscriber: WebhookSubscriber) -> Decision | None:
    rows = changes_waiting_for(subscriber)
    return rows.select_related("plan", "update", "commitment__plan").first()


def _claimed(pk: int, now: datetime) -> _Claim | None:
    """Claim a subscriber and return it with the change that it gets next, so that nobody else tries
    it meanwhile; None if somebody else is sending to it, or there is nothing to send."""
    with transaction.atomic():
        subscriber = WebhookSubscriber.objects.select_for_update().due(now).filter(pk=pk).first()
        if subscriber is None:
            return None
        # Read before the changes: what is added meanwhile comes after it.
        head = LedgerHead.objects.get().seq
        decision = _next_change(subscriber)
        if decision is None:
            # If it subscribes to more later, it gets changes from this position on.
            if subscriber.position < head:
                subscriber.position = head
                subscriber.save(update_fields=["position"])
            return None
        subscriber.due_at = now + CLAIMED_FOR
        subscriber.save(update_fields=["due_at"])
    return _Claim(subscriber, decision)


def _delivered(claim: _Claim, clock: _Clock) -> str:
    """Send a change, record the outcome and return its name."""
    subscriber, decision = claim.subscriber, claim.decision
    now = clock()
    try:
        outcome = send_message(subscriber, change_message(decision), now)
    except Exception:
        # Whatever is wrong with one subscriber or change, the other subscribers get theirs.
        _logger.exception("Webhook subscriber %s was sent nothing.", subscriber.pk)
        outcome = WebhookOutcome(
            WebhookAttempt(
                subscriber=subscriber,
                at=now,
                message_id=_message_id(decision),
                type=decision.action,
                seq=decision.seq,
                error=INTERNAL_ERROR,
                milliseconds=0,
            )
        )
    return _recorded(claim, outcome, clock())


def _recorded(claim: _Claim, outcome: WebhookOutcome, now: datetime) -> str:
    """Record the outcome of a request and return its name, unless the subscriber was resumed or set
    to another position meanwhile: then the request does not count."""
    subscriber, failure = claim.subscriber, outcome.failure
    with transaction.atomic():
        rows = WebhookSubscriber.objects.select_for_update().filter(pk=subscriber.pk)
        if rows.first() is None:
            return "failed"  # It was deleted, with its log.
        outcome.attempt.save()
        own = rows.filter(position=subscriber.position, due_at=subscriber.due_at)
        if not failure:
            own.update(position=claim.decision.seq, tries=0, due_at=now, error="")
            return "delivered"
        _logger.warning("Webhook subscriber %s did not take a change: %s", subscriber.pk, failure)
        state = _state_after(subscriber, outcome)
        counted = own.update(
            tries=subscriber.tries + 1,
            due_at=now + _pause_after(subscriber, outcome),
            error=failure,
        )
        if counted and rows.active().update(state=state) and state is not WebhookState.ACTIVE:
            _tell_administrators(subscriber, now)
    return "failed" if state is WebhookState.ACTIVE else state.value


def _tell_administrators(subscriber: WebhookSubscriber, now: datetime) -> None:
    """Put a mail to each administrator into the outbox: one for each time that it was stopped."""
    kind = MailKind.WEBHOOK_STOPPED
    for person in administrators():
        key = f"{kind}-{subscriber.pk}-{now:%Y-%m-%dT%H:%M:%S}-{person.pk}"
        Mail.objects.post(kind, key=key, at=now, person=person, subscriber=subscriber)


def _pause_after(subscriber: WebhookSubscriber, outcome: WebhookOutcome) -> timedelta:
    """Return how long a subscriber is left alone after a failure."""
    pause = RETRY_PAUSES[min(subscriber.tries, len(RETRY_PAUSES) - 1)]
    return max(pause, outcome.retry_after or timedelta())


def _state_after(subscriber: WebhookSubscriber, outcome: WebhookOutcome) -> WebhookState:
    """Return the state of a subscriber after a failure."""
    if outcome.is_gone:
        return WebhookState.GONE
    if outcome.cannot_sign or subscriber.tries + 1 >= MAX_DELIVERY_TRIES:
        return WebhookState.STOPPED
    return WebhookState.ACTIVE
