"""Subscribers of webhooks, and the log of what was sent to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models

from commitments.choices import WebhookState
from commitments.models.querysets.shared import due_by

if TYPE_CHECKING:
    from commitments.models import WebhookAttempt, WebhookSubscriber  # noqa: F401

# Attempts are kept this long so that failures can be looked into.
ATTEMPTS_KEPT_FOR = timedelta(days=30)


class WebhookSubscriberQuerySet(models.QuerySet["WebhookSubscriber"]):
    def active(self) -> WebhookSubscriberQuerySet:
        return self.filter(state=WebhookState.ACTIVE)

    def due(self, now: datetime) -> WebhookSubscriberQuerySet:
        """Return the subscribers to whom something may be sent now, by id."""
        return self.active().filter(due_by(now)).order_by("pk")

    def failing(self, tries: int) -> WebhookSubscriberQuerySet:
        """Return the subscribers that have failed to accept the next change `tries` times or more,
        and are tried again."""
        return self.active().filter(tries__gte=tries)

    def stopped(self) -> WebhookSubscriberQuerySet:
        """Return the subscribers to whom nothing is sent any more, after failures or because they
        answered that they want no more."""
        return self.filter(state__in=(WebhookState.STOPPED, WebhookState.GONE))


class WebhookAttemptQuerySet(models.QuerySet["WebhookAttempt"]):
    def newest_first(self) -> WebhookAttemptQuerySet:
        return self.order_by("-pk")

    def outdated(self, now: datetime) -> WebhookAttemptQuerySet:
        """Return the attempts that are no longer kept."""
        return self.filter(at__lt=now - ATTEMPTS_KEPT_FOR)
