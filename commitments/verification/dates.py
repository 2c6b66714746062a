"""Verification of the dates of schedules, as they were known, against what decisions recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from commitments import ledger
from commitments.exceptions import Problem
from commitments.ledger import DateName
from commitments.models import KnownDate
from commitments.verification.reading import SharedRows
from commitments.verification.rows import ROWS_PER_CHUNK


class RecordedDate(NamedTuple):
    """A date with the times from which and until which the contents of a commitment have it."""

    day: date | None
    known_from: datetime
    known_until: datetime | None = None

    def taken_back(self, at: datetime) -> RecordedDate:
        """Return the date with no time later than this, as the next decision leaves it."""
        until = self.known_until and min(self.known_until, at)
        return RecordedDate(self.day, min(self.known_from, at), until)


class RecordedDates:
    """What contents say of the dates of commitments, by public identifier and name of the date."""

    def __init__(self) -> None:
        self._dates: dict[str, dict[DateName, list[RecordedDate]]] = {}

    def forget(self, code: str) -> None:
        """Forget the dates of a commitment: the record of its plan begins anew."""
        self._dates.pop(code, None)

    def add(self, code: str, content: dict[str, Any] | None, at: datetime) -> None:
        """Add the content that a decision at this time recorded of a commitment."""
        dates = self._dates.setdefault(code, {})
        for rows in dates.values():
            rows[:] = [row.taken_back(at) for row in rows]
        present = {name: rows[-1].day for name, rows in dates.items()}
        for name, day in ledger.changed_dates(present, content).items():
            rows = dates.setdefault(name, [])
            if rows:
                rows[-1] = rows[-1]._replace(known_until=at)
            rows.append(RecordedDate(day, at))

    def differences(self, shared: SharedRows) -> Iterator[Problem]:
        """Yield an error for each known date that was not recorded, or the other way round."""
        expected = Counter(
            (code, name, row)
            for code, dates in self._dates.items()
            for name, rows in dates.items()
            for row in rows
        )
        columns = ("commitment", "milestone__key", "milestone__commitment")
        times = ("name", "day", "known_from", "known_until")
        known = KnownDate.objects.order_by("pk").values_list(*columns, *times)
        for commitment, key, owner, of, *days in known.iterator(chunk_size=ROWS_PER_CHUNK):
            name = DateName(key or "", of)
            code = shared.commitment_codes.get(commitment, "")
            place, item = _place(code, name), (code, name, RecordedDate(*days))
            if owner is not None and owner != commitment:
                yield Problem((place,), _("its milestone is of another commitment"))
            elif expected[item]:
                expected[item] -= 1
            else:
                yield Problem((place,), _("no decision records it"))
        for code, name, _row in sorted(expected.elements(), key=lambda item: item[:2]):
            message = _("is missing, but a decision records it")
            yield Problem((_place(code, name),), message)


def _place(code: str, name: DateName) -> str:
    return " ".join(part for part in ("date", code, name.milestone, name.name) if part)
