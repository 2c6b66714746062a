"""Criteria and milestones that curators add and retire: their keys, and the rules for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from itertools import chain, count
from string import ascii_lowercase
from typing import TypeVar

from django.utils.translation import gettext as _

from commitments.curation.recording import ChangeReason
from commitments.models import Commitment, Criterion, Milestone
from commitments.models.commitments import MISSING_WORDS
from commitments.models.criteria import MAX_CRITERIA, MIN_CRITERIA


def retire(row: Criterion | Milestone, change: ChangeReason) -> None:
    """Retire a row at the time of a change. Other changes to the object are not saved."""
    row.retired_at = change.at
    row.save(update_fields=["retired_at"])


def add(row: Criterion | Milestone, change: ChangeReason) -> None:
    """Save a new row; a criterion becomes the last one."""
    if isinstance(row, Criterion):
        row.added_at = change.at
        positions = Criterion.objects.filter(commitment=row.commitment_id)
        row.position = 1 + max(positions.values_list("position", flat=True), default=0)
    row.save()


def used_keys(kind: type[Criterion | Milestone], commitment: Commitment) -> set[str]:
    """Return the keys that criteria or milestones of a commitment have or had."""
    rows = kind._default_manager.filter(commitment=commitment)
    return set(rows.values_list("key", flat=True))


def free_key(kind: type[Criterion | Milestone], used: Collection[str]) -> str:
    """Return the first key that is not used: a, b, … z, c1, c2, … for criteria, m1, m2, … for
    milestones."""
    stem, letters = ("c", ascii_lowercase) if kind is Criterion else ("m", "")
    numbered = (f"{stem}{number}" for number in count(1))
    return next(key for key in chain(letters, numbered) if key not in used)


Day = TypeVar("Day", date, str)


def milestone_problems(day: Day, first: Day | None, last: Day | None) -> list[str]:
    """Return why a milestone cannot be due on a day; an empty list if it can.

    `first` and `last` are the first and the last day of its commitment, as far as it has them. All
    are dates, or texts in the form of ISO 8601.
    """
    problems = []
    if last and day > last:
        message = _("the milestone is after the commitment's last day, %(day)s")
        problems.append(message % {"day": last})
    if first and day < first:
        message = _("the milestone is before the commitment's start date, %(day)s")
        problems.append(message % {"day": first})
    return problems


def problems_with_milestones(commitment: Commitment) -> list[str]:
    """Return which milestones in use cannot be due on their days, and why, each with its key.
    Prefetch `milestones`."""
    return [
        "".join((step.key, _(": "), problem))
        for step in commitment.milestones.all()
        if step.retired_at is None
        for problem in milestone_problems(step.due_on, commitment.start_on, commitment.last_day)
    ]


def criteria_problems(commitment: Commitment, count: int, new: Iterable[Criterion]) -> list[str]:
    """Return why a commitment cannot have `count` criteria in use, or these new ones; an empty list
    if it can."""
    problems = []
    if count and not MIN_CRITERIA <= count <= MAX_CRITERIA:
        message = _("A commitment has no criteria or %(least)s to %(most)s; this leaves %(n)s.")
        problems.append(message % {"least": MIN_CRITERIA, "most": MAX_CRITERIA, "n": count})
    missing = [words for row in new for words in commitment.missing_words(row.quote)]
    return problems + [MISSING_WORDS % {"quote": words} for words in missing]
