"""Access tokens."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from commitments.models import AccessToken  # noqa: F401
    from commitments.roles import Person


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def owned_by(self, user: Person) -> AccessTokenQuerySet:
        return self.filter(user=user.pk)

    def unexpired(self, at: datetime) -> AccessTokenQuerySet:
        """Return the tokens that can still be used, the latest first."""
        return self.filter(expiry__gt=at).order_by("-created", "-id")

    def not_used_since(self, time: datetime) -> AccessTokenQuerySet:
        return self.filter(models.Q(last_used__isnull=True) | models.Q(last_used__lt=time))

    def expired(self, at: datetime) -> AccessTokenQuerySet:
        return self.filter(expiry__lte=at)
