"""Keeping track of which schedule dates were known when, from the contents that decisions
record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Model

from commitments import ledger
from commitments.choices import Action
from commitments.ledger import DateName
from commitments.models import Criterion, Decision, KnownDate, Milestone, RecordedContent


def keep_dates(contents: Iterable[RecordedContent]) -> None:
    """Update the known dates of commitments from the contents that decisions recorded, at most one
    for each commitment: at the time of the decision, the dates known until then end and the new
    ones begin. With the load of a plan that was in preparation, what was known before is dropped,
    of criteria too. A fixed number of queries.

    At any time, the dates known are those that the last decision dated by then recorded.
    """
    recorded = {row.commitment_id: row for row in contents if row.commitment_id}
    if not recorded:
        return
    commitments = list(recorded)
    loads = [row.decision.at for row in recorded.values() if row.decision.action == Action.LOAD]
    if loads:
        # Criteria count as added by the load. Those that were replaced before it are on record for
        # staff alone: `CriterionQuerySet.known_by` leaves them out.
        KnownDate.objects.filter(commitment__in=commitments).delete()
        Criterion.objects.filter(commitment__in=commitments).update(added_at=loads[0])
    _take_back(commitments, min(row.decision.at for row in recorded.values()))
    present = _present_dates(commitments)
    milestones = _milestones(commitments)
    ended, begun = [], []
    for commitment, row in recorded.items():
        rows = present[commitment]
        days = {name: known.day for name, known in rows.items()}
        for name, day in ledger.changed_dates(days, row.content).items():
            if name in rows:
                rows[name].known_until = row.decision.at
                ended.append(rows[name])
            begun.append(_known_date(commitment, name, day, row.decision, milestones))
    KnownDate.objects.bulk_update(ended, ["known_until"])
    KnownDate.objects.bulk_create(begun)


def _present_dates(commitments: list[int]) -> dict[int, dict[DateName, KnownDate]]:
    """Return the dates that are known now, by commitment and name."""
    present: dict[int, dict[DateName, KnownDate]] = defaultdict(dict)
    known = KnownDate.objects.known(None).filter(commitment__in=commitments)
    for row in known.select_related("milestone"):
        name = DateName(row.milestone.key if row.milestone else "", row.name)
        present[row.commitment_id][name] = row
    return present


# The times in the rows of a commitment, by model.
_TIMES: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (KnownDate, ("known_from", "known_until")),
    (Criterion, ("added_at", "retired_at")),
    (Milestone, ("retired_at",)),
)


def _take_back(commitments: list[int], at: datetime) -> None:
    """Move times in the rows of these commitments that are later than the decision on them back to
    its time: they come from a clock that ran ahead until the time was confirmed."""
    for model, names in _TIMES:
        rows = model._default_manager.filter(commitment__in=commitments)
        for name in names:
            rows.filter(**{f"{name}__gt": at}).update(**{name: at})


def _milestones(commitments: list[int]) -> dict[tuple[int, str], int]:
    """Return the ids of all milestones of these commitments, by commitment and key."""
    rows = Milestone.objects.filter(commitment__in=commitments)
    columns = rows.values_list("commitment", "key", "pk")
    return {(commitment, key): pk for commitment, key, pk in columns}


def _known_date(
    commitment: int,
    name: DateName,
    day: date | None,
    decision: Decision,
    milestones: dict[tuple[int, str], int],
) -> KnownDate:
    return KnownDate(
        commitment_id=commitment,
        milestone_id=milestones[commitment, name.milestone] if name.milestone else None,
        name=name.name,
        day=day,
        known_from=decision.at,
    )
