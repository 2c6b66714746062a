"""Answers to calls for reports, as columns of commitments."""

from __future__ import annotations

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery

from commitments.choices import REPORTED_STATES, Action
from commitments.models.querysets.shared import related_rows

# Nobody has answered the call that is in force. It reads `call_columns` and `answer_columns`.
UNANSWERED = Q(called_at__isnull=False, reported_at__isnull=True, checked_at__isnull=True)

# The decisions since a call that answer it. A draft does not, however old it is.
IS_REPORT = Q(action=Action.SUBMIT, update__state__in=REPORTED_STATES)


def call_columns(commitments: QuerySet[Model]) -> dict[str, Subquery]:
    """Return the time and the deadline of the call that is in force; null without one."""
    calls = related_rows(commitments, "plan__report_calls").filter(plan=OuterRef("plan"))
    latest = calls.filter(withdrawn_at=None).order_by("-id")
    return {
        "called_at": Subquery(latest.values("asked_at")[:1]),
        "call_due_on": Subquery(latest.values("due_on")[:1]),
    }


def answer_columns(commitments: QuerySet[Model]) -> dict[str, Subquery]:
    """Return the times of the first answers since the call: of an update that was submitted, and of
    a check without news; null where there is none. They read `called_at`."""
    reports = related_rows(commitments, "updates__decisions").filter(
        IS_REPORT, update__commitment=OuterRef("pk"), at__gte=OuterRef("called_at")
    )
    checks = related_rows(commitments, "checks").filter(
        commitment=OuterRef("pk"), at__gte=OuterRef("called_at")
    )
    return {
        "reported_at": Subquery(reports.order_by("at", "seq").values("at")[:1]),
        "checked_at": Subquery(checks.order_by("at", "id").values("at")[:1]),
    }
