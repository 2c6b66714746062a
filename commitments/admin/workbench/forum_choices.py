"""The forums among which an author chooses those of an update."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commitments.models import Commitment, Forum


def forum_choices(commitment: Commitment) -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the forums to choose from: those that the commitment names, then the others of its
    plan, then those that only other plans have."""
    named = set(commitment.forums.values_list("pk", flat=True))
    of_plan = Forum.objects.used_in(commitment.plan)
    groups: dict[str, list[tuple[int, str]]] = {
        _("Named in the commitment"): [],
        _("Other forums of the plan"): [],
        _("Forums of other plans"): [],
    }
    ours, plans, others = groups.values()
    for row in Forum.objects.in_order():
        group = ours if row.pk in named else plans if row.pk in of_plan else others
        group.append((row.pk, str(row)))
    return [(title, rows) for title, rows in groups.items() if rows]
