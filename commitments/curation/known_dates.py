"""Keeping the dates of schedules as they were known, from the contents that decisions record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Model

from commitments import ledger
from commitments.choices import Action
from commitments.ledger import DateName
from commitments.models import Criterion, Decision, KnownDate, Milestone, RecordedContent


def keep_dates(decision: Decision, contents: Iterable[RecordedContent]) -> None:
    """Keep the dates that a decision changes by the contents that it recorded: those known until
    then end, and others begin, at the time of the decision. A fixed number of queries.

    At any time what is known is what the last decision dated by then recorded.
    """
    recorded = {row.commitment_id: row.content for row in contents if row.commitment_id}
    if not recorded:
        return
    if decision.action == Action.LOAD:
        # Dates that were moved before the plan was public are nobody's business.
        KnownDate.objects.filter(commitment__in=list(recorded)).delete()
    _take_back(list(recorded), decision.at)
    present: dict[int, dict[DateName, KnownDate]] = defaultdict(dict)
    known = KnownDate.objects.known(None).filter(commitment__in=list(recorded))
    for row in known.select_related("milestone"):
        name = DateName(row.milestone.key if row.milestone else "", row.name)
        present[row.commitment_id][name] = row
    ended, begun = [], []
    milestones = _milestones(recorded)
    for commitment, content in recorded.items():
        rows = present[commitment]
        days = {name: row.day for name, row in rows.items()}
        for name, day in ledger.changed_dates(days, content).items():
            if name in rows:
                ended.append(rows[name].pk)
            begun.append(_known_date(commitment, name, day, decision, milestones))
    KnownDate.objects.filter(pk__in=ended).update(known_until=decision.at)
    KnownDate.objects.bulk_create(begun)


# The times in the rows of a commitment, by model.
_TIMES: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (KnownDate, ("known_from", "known_until")),
    (Criterion, ("added_at", "retired_at")),
    (Milestone, ("retired_at",)),
)


def _take_back(commitments: list[int], at: datetime) -> None:
    """Let no time in the rows of these commitments be later than that of the decision on them: the
    clock had run ahead, and a confirmation set it right."""
    for model, names in _TIMES:
        rows = model._default_manager.filter(commitment__in=commitments)
        for name in names:
            rows.filter(**{f"{name}__gt": at}).update(**{name: at})


def _milestones(commitments: Iterable[int]) -> dict[tuple[int, str], int]:
    """Return the ids of all milestones of these commitments, by commitment and key."""
    rows = Milestone.objects.filter(commitment__in=list(commitments))
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
