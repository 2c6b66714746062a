"""Frozen copies of the tidy tables."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from commitments.models import Decision, Plan, Snapshot  # noqa: F401


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def made_by(self, at: datetime) -> SnapshotQuerySet:
        """Return the snapshots that were made by this time. One that is dated later was made by a
        clock that ran ahead, perhaps before its quarter was over: it counts as none."""
        return self.filter(made_at__lte=at)

    def listed(self) -> SnapshotQuerySet:
        """Return the snapshots without their content, the latest quarter first."""
        return self.defer("content").select_related("plan", "withdrawn_by").order_by("-quarter")

    def that_may_have(self, plan: Plan | None, since: datetime | None) -> SnapshotQuerySet:
        """Return the snapshots that may contain what was public of `plan` at or after `since`;
        None means any plan, any time."""
        rows = self if plan is None else self.filter(plan=plan)
        return rows if since is None else rows.filter(known_at__gte=since)

    def withdraw(self, erasure: Decision) -> None:
        """Drop the content of these snapshots because of an erasure, and record which one it
        was."""
        self.filter(withdrawn_by=None).update(content=None, withdrawn_by=erasure)
