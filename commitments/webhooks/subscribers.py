"""Adding and changing subscribers of webhooks. `access.policies` decides who may do so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from commitments.choices import WebhookState
from commitments.links.addresses import is_public
from commitments.links.connection import BlockedAddress, split_address
from commitments.models import Decision, LedgerHead, Plan, WebhookSubscriber
from commitments.models.querysets import DecisionQuerySet
from commitments.webhooks.sending import is_open_to_tests
from commitments.webhooks.signatures import (
    FORMER_SIGNS_FOR,
    is_decipherable,
    new_secret,
    stored_secret,
)


def address_refusal(address: str) -> str:
    """Return why nothing can be sent to an address; "" if nothing is known against it."""
    try:
        parts, host, _port = split_address(address)
    except BlockedAddress:
        return _("Enter an address such as https://example.org/hook, without a password.")
    if parts.fragment:
        return _("Enter the address without “#” and what follows it.")
    if is_open_to_tests(parts.netloc):
        return ""
    if parts.scheme != "https":
        return _("Enter an address that begins with https://.")
    if _is_private(host):
        return _("Enter an address that is public: the tracker reaches no private network.")
    return ""


def add_subscriber(
    *, at: datetime, from_the_beginning: bool = False, **columns: Any
) -> tuple[WebhookSubscriber, str]:
    """Return a new subscriber and its secret, which cannot be shown again. It gets the changes made
    from now on, or all since the first if `from_the_beginning`."""
    secret = new_secret()
    position = 0 if from_the_beginning else LedgerHead.objects.get().seq
    subscriber = WebhookSubscriber.objects.create(
        secret=stored_secret(secret), position=position, created_at=at, due_at=at, **columns
    )
    return subscriber, secret


def rotate_secret(pk: int, *, at: datetime, end_former: bool = False) -> str:
    """Give a subscriber a new secret and return it. The former one also signs for a day, unless it
    is to end at once or cannot be read."""
    secret = new_secret()
    with transaction.atomic():
        row = WebhookSubscriber.objects.select_for_update().get(pk=pk)
        keep_former = not end_former and is_decipherable(row.secret)
        row.former_secret = row.secret if keep_former else ""
        row.former_secret_until = at + FORMER_SIGNS_FOR if keep_former else None
        row.secret = stored_secret(secret)
        row.save(update_fields=["secret", "former_secret", "former_secret_until"])
    return secret


def pause_subscriber(pk: int) -> None:
    """Send a subscriber nothing until it is resumed; what changes meanwhile waits."""
    WebhookSubscriber.objects.active().filter(pk=pk).update(state=WebhookState.PAUSED)


def resume_subscriber(pk: int, *, at: datetime) -> None:
    """Go on sending now from where it stopped; an active subscriber is tried again without
    waiting."""
    WebhookSubscriber.objects.filter(pk=pk).update(
        state=WebhookState.ACTIVE, tries=0, due_at=at, error=""
    )


def replay_from(pk: int, seq: int, *, at: datetime) -> None:
    """Send a subscriber all changes again from this entry of the ledger on, or leave out those
    before it."""
    position = min(max(seq - 1, 0), LedgerHead.objects.get().seq)
    WebhookSubscriber.objects.filter(pk=pk).update(position=position, tries=0, due_at=at, error="")


def remove_subscriber(pk: int) -> None:
    """Delete a subscriber with its secrets and its log."""
    WebhookSubscriber.objects.filter(pk=pk).delete()


def changes_waiting_for(subscriber: WebhookSubscriber) -> DecisionQuerySet:
    """Return the public changes that a subscriber has not got yet and wants, in order."""
    rows = Decision.objects.public().in_order().filter(seq__gt=subscriber.position)
    if subscriber.plan_id is not None:
        rows = rows.on_plans(Plan.objects.filter(pk=subscriber.plan_id))
    if subscriber.actions:
        rows = rows.filter(action__in=subscriber.actions)
    return rows


def first_change_since(time: datetime) -> int | None:
    """Return the number of the first public change at or after a time, None without one."""
    rows = Decision.objects.public().in_order().filter(at__gte=time)
    return rows.values_list("seq", flat=True).first()


def _is_private(host: str) -> bool:
    """Return whether a host is an IP address that is not public, or a name of this machine (RFC
    6761); other names are resolved when something is sent."""
    try:
        return not is_public(host)
    except ValueError:
        return host.rstrip(".").lower().rpartition(".")[2] == "localhost"
