"""Access tokens: whose they are, and which still open something."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from commitments.models import AccessToken  # noqa: F401
    from commitments.roles import Person


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def of(self, user: Person) -> AccessTokenQuerySet:
        """This person's own."""
        return self.filter(user=user.pk)

    def alive(self, at: datetime) -> AccessTokenQuerySet:
        """Those that have not expired, the latest first."""
        return self.filter(expiry__gt=at).order_by("-created", "-id")

    def expired(self, at: datetime) -> AccessTokenQuerySet:
        return self.filter(expiry__lte=at)
