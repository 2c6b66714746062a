"""Curators' edits of reference data: what a reader could see of them moves the plan's revision."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from commitments.models import Forum, Office, Plan


def announce(changed: Any) -> None:
    """Moves the revision of the plan that a saved row belongs to; of all plans for what they
    share, such as a forum."""
    plans = Plan.objects.all()
    if not isinstance(changed, (Forum, Office)):
        plan = changed if isinstance(changed, Plan) else _plan_of(changed)
        plans = plans.filter(pk=plan.pk)
    plans.update(revision=F("revision") + 1)


def _plan_of(changed: Any) -> Plan:
    owner = getattr(changed, "commitment", changed)
    plan: Plan = owner.plan
    return plan
