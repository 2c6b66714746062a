"""Responses to requests that a program may repeat."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from commitments.models import IdempotentResponse  # noqa: F401

RESPONSE_LIFETIME = timedelta(hours=24)


class IdempotentResponseQuerySet(models.QuerySet["IdempotentResponse"]):
    def of(self, user: User, key: str) -> IdempotentResponseQuerySet:
        return self.filter(user=user, key=key)

    def expired(self, at: datetime) -> IdempotentResponseQuerySet:
        """Return the responses that are no longer sent again."""
        return self.filter(at__lte=at - RESPONSE_LIFETIME)
