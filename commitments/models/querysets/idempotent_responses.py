"""Answers to requests that a program may repeat."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from commitments.models import KeptAnswer  # noqa: F401

ANSWERS_KEPT_FOR = timedelta(hours=24)


class KeptAnswerQuerySet(models.QuerySet["KeptAnswer"]):
    def of(self, user: User, key: str) -> KeptAnswerQuerySet:
        return self.filter(user=user, key=key)

    def expired(self, at: datetime) -> KeptAnswerQuerySet:
        """Return the answers that are no longer given again."""
        return self.filter(at__lte=at - ANSWERS_KEPT_FOR)
