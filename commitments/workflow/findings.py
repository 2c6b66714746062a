"""What an assessment says of each criterion, and the events it rests on: reading what an author
names, and saving it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from commitments.choices import ErrorCode, FindingResult, State
from commitments.exceptions import Problem, ProblemPath
from commitments.models import Basis, Criterion, Finding, Milestone, ProgressUpdate
from commitments.models.base import rows_in
from commitments.texts.lists import ITEMS, join_list

if TYPE_CHECKING:
    from commitments.roles import Person

# The fields of an update that name criteria, milestones and events.
NAMING_FIELDS = ("criteria", "meets", "findings", "rests_on")


class FindingFields(NamedTuple):
    """A finding as an author gives it: a code of `FindingResult` and the ids of events. Without
    events it means the update itself."""

    result: str
    events: Sequence[int] = ()


@dataclass(frozen=True)
class NamedRows:
    """The criteria, milestones and events that an author names, as rows; None for what is left as
    it is."""

    criteria: list[Criterion] | None = None
    meets: list[Milestone] | None = None
    findings: dict[Criterion, FindingFields] | None = None
    rests_on: list[int] | None = None


# The ids of commitments, each with that of an event on it.
EventIds = Set[tuple[int, int]]


def visible_events(several: Iterable[Mapping[str, Any]], by: Person) -> EventIds:
    """Return the events that the fields of some updates name and the person may see; one query, or
    none if they name none."""
    named: set[int] = set()
    for fields in several:
        named.update(fields.get("rests_on") or ())
        for finding in (fields.get("findings") or {}).values():
            named.update(finding.events)
    if not named:
        return frozenset()
    events = ProgressUpdate.objects.visible_to(by).filter(pk__in=named, event_type__isnull=False)
    return set(events.values_list("commitment", "pk"))


def named_rows(
    update: ProgressUpdate, fields: Mapping[str, Any], events: EventIds
) -> tuple[NamedRows, list[Problem]]:
    """Return the rows that `fields` name by keys and ids, and a problem for each that the
    commitment lacks; `events` are the `visible_events`."""
    if not any(name in fields for name in NAMING_FIELDS):
        return NamedRows(), []
    reader = _Reader(update, fields, events)
    rows = NamedRows(reader.criteria(), reader.meets(), reader.findings(), reader.rests_on())
    return rows, reader.problems


class _Reader:
    def __init__(self, update: ProgressUpdate, fields: Mapping[str, Any], events: EventIds) -> None:
        self.fields = fields
        self.problems: list[Problem] = []
        self.commitment = update.commitment
        own = (update.commitment_id, update.pk)
        self.events = {pk for commitment, pk in events - {own} if commitment == own[0]}

    @cached_property
    def by_key(self) -> dict[str, Criterion]:
        return {row.key: row for row in rows_in(self.commitment, "criteria")}

    def criteria(self) -> list[Criterion] | None:
        if "criteria" not in self.fields:
            return None
        keys = enumerate(dict.fromkeys(self.fields["criteria"]))
        rows = [self._criterion(key, ("criteria", index)) for index, key in keys]
        return [row for row in rows if row is not None]

    def meets(self) -> list[Milestone] | None:
        if "meets" not in self.fields:
            return None
        if not self.fields["meets"]:
            return []
        rows = sorted(self.commitment.milestones.all(), key=lambda row: (row.due_on, row.pk))
        by_key = {row.key: row for row in rows}
        message = _("This commitment has no milestone “%(key)s”; its milestones: %(keys)s.")
        keys = join_list(by_key, ITEMS) or "–"
        found = []
        for index, key in enumerate(dict.fromkeys(self.fields["meets"])):
            if key in by_key:
                found.append(by_key[key])
            else:
                self._not_found(("meets", index), message % {"key": key, "keys": keys})
        return found

    def findings(self) -> dict[Criterion, FindingFields] | None:
        if "findings" not in self.fields:
            return None
        rows = {}
        for key, finding in self.fields["findings"].items():
            criterion = self._criterion(key, ("findings", key))
            if finding.result not in FindingResult.values():
                allowed = join_list(FindingResult.values(), ITEMS)
                message = _("Choose one of: %(choices)s.") % {"choices": allowed}
                path = ("findings", key, "result")
                self.problems.append(Problem(path, message, ErrorCode.NOT_ALLOWED))
            events = self._events(finding.events, ("findings", key, "events"))
            if criterion is not None:
                rows[criterion] = FindingFields(finding.result, events)
        return rows

    def rests_on(self) -> list[int] | None:
        if "rests_on" not in self.fields:
            return None
        return self._events(self.fields["rests_on"], ("rests_on",))

    def _criterion(self, key: str, path: ProblemPath) -> Criterion | None:
        row = self.by_key.get(key)
        if row is None:
            keys = join_list(sorted(self.by_key), ITEMS) or "–"
            message = _("This commitment has no criterion “%(key)s”; its criteria: %(keys)s.")
            self._not_found(path, message % {"key": key, "keys": keys})
        return row

    def _events(self, ids: Iterable[int], path: ProblemPath) -> list[int]:
        message = _("This commitment has no event with ID %(id)s.")
        found = []
        for index, pk in enumerate(dict.fromkeys(ids)):
            if pk in self.events:
                found.append(pk)
            else:
                self._not_found((*path, index), message % {"id": pk})
        return found

    def _not_found(self, path: ProblemPath, message: str) -> None:
        self.problems.append(Problem(path, message, ErrorCode.NOT_FOUND))


def save_named_rows(update: ProgressUpdate, rows: NamedRows) -> None:
    """Save the criteria, milestones, findings and bases of an update that was saved before. The
    update rests on itself, on the events named in `rests_on`, or its former ones if that is not
    given, and on those of its findings."""
    if rows.criteria is not None:
        update.criteria.set(rows.criteria)
    if rows.meets is not None:
        update.meets.set(rows.meets)
    if rows.findings is None and rows.rests_on is None:
        return
    findings: Collection[FindingFields]
    if rows.findings is None:
        findings = saved_findings(update).values()
    else:
        findings = rows.findings.values()
        update.findings.all().delete()
        _create_findings([(update, rows)])
    rests_on = saved_events(update) if rows.rests_on is None else rows.rests_on
    update.bases.all().delete()
    Basis.objects.bulk_create(_bases(update, rests_on, findings))


def names_the_same(update: ProgressUpdate, rows: NamedRows) -> bool:
    """Return whether saving these rows would leave what a saved update names as it is; no queries
    after `fetch_named`."""
    saved, findings = saved_findings(update), None
    if rows.findings is not None:
        findings = {
            row.key: FindingFields(found.result, sorted(set(found.events)))
            for row, found in rows.findings.items()
        }
    shown = saved if findings is None else findings
    named = {pk for found in shown.values() for pk in found.events}
    return (
        (rows.criteria is None or {*rows.criteria} == {*update.criteria.all()})
        and (rows.meets is None or {*rows.meets} == {*update.meets.all()})
        and findings in (None, saved)
        and (rows.rests_on is None or {*rows.rests_on, *named} == {*saved_events(update)})
    )


def create_named_rows(several: Sequence[tuple[ProgressUpdate, NamedRows]]) -> None:
    """Save the criteria, milestones, findings and bases of new updates."""
    criteria, meets = ProgressUpdate.criteria.through, ProgressUpdate.meets.through
    criteria.objects.bulk_create(
        criteria(progressupdate_id=update.pk, criterion_id=row.pk)
        for update, rows in several
        for row in rows.criteria or ()
    )
    meets.objects.bulk_create(
        meets(progressupdate_id=update.pk, milestone_id=row.pk)
        for update, rows in several
        for row in rows.meets or ()
    )
    _create_findings(several)
    Basis.objects.bulk_create(
        basis
        for update, rows in several
        for basis in _bases(update, rows.rests_on or (), (rows.findings or {}).values())
    )


def _create_findings(several: Iterable[tuple[ProgressUpdate, NamedRows]]) -> None:
    given = {
        (update.pk, criterion.pk): finding
        for update, rows in several
        for criterion, finding in (rows.findings or {}).items()
    }
    saved = Finding.objects.bulk_create(
        Finding(update_id=update, criterion_id=criterion, result=finding.result)
        for (update, criterion), finding in given.items()
    )
    through = Finding.events.through
    through.objects.bulk_create(
        through(finding_id=row.pk, progressupdate_id=pk)
        for row in saved
        for pk in given[row.update_id, row.criterion_id].events
    )


def _bases(
    update: ProgressUpdate, rests_on: Iterable[int], findings: Collection[FindingFields]
) -> list[Basis]:
    counts = counting_bases(update.pk, rests_on, findings)
    return [Basis(update=update, event_id=pk, counts=counted) for pk, counted in counts.items()]


def saved_findings(update: ProgressUpdate) -> dict[str, FindingFields]:
    """Return what a saved update finds, by the keys of criteria in their order. Prefetch
    `findings__events` to avoid queries."""
    return {
        row.criterion.key: FindingFields(
            row.result, sorted(event.pk for event in rows_in(row, "events"))
        )
        for row in rows_in(update, "findings")
    }


def saved_events(update: ProgressUpdate) -> list[int]:
    """Return the ids of the events on which a saved update rests, in order; prefetch `bases`."""
    return sorted(row.event_id for row in rows_in(update, "bases") if row.event_id != update.pk)


def counting_bases(
    update: int, rests_on: Iterable[int], findings: Collection[FindingFields]
) -> dict[int, bool]:
    """Return the ids of the updates on which one rests, each with whether its sources count.

    The sources of an event count if a finding other than `not_shown` names it; without findings,
    all do.
    """
    named = {pk for finding in findings for pk in finding.events}
    lifting = {
        pk
        for finding in findings
        if finding.result != FindingResult.NOT_SHOWN
        for pk in finding.events
    }
    events = dict.fromkeys([*rests_on, *sorted(named)])
    return {update: True} | {pk: not findings or pk in lifting for pk in events}


@dataclass(frozen=True)
class BasisEvent:
    """An event on which an update rests. `end` is the end of its chain of corrections: what is
    published of it; the event itself while it waits for review; None if it is neither."""

    named: ProgressUpdate
    end: ProgressUpdate | None
    counts: bool


def basis_events(update: ProgressUpdate) -> list[BasisEvent]:
    """Return the events on which an update rests, without itself; a fixed number of queries, and
    none if its bases are prefetched and it rests on itself alone."""
    if not saved_events(update):
        return []
    bases = list(update.bases.exclude(event=update.pk).select_related("event").order_by("event"))
    chains = {basis.event.chain_id for basis in bases}
    published = ProgressUpdate.objects.filter(chain__in=chains, state=State.PUBLISHED)
    ends = {row.chain_id: row for row in published.prefetch_related("evidence")}
    return [BasisEvent(row.event, _end(row.event, ends), row.counts) for row in bases]


def _end(event: ProgressUpdate, ends: Mapping[int | None, ProgressUpdate]) -> ProgressUpdate | None:
    if event.state == State.SUBMITTED:
        return event
    return ends.get(event.chain_id) if event.published_at else None


def changes_event(correction: ProgressUpdate, corrected: ProgressUpdate) -> bool:
    """Return whether a correction changes what others rest on: the type, the day, the criteria or
    the public evidence of the event."""
    return _event_facts(correction) != _event_facts(corrected)


def _event_facts(update: ProgressUpdate) -> tuple[object, ...]:
    evidence = [
        (row.url, row.citation, row.file_sha256, row.kind, row.source)
        for row in rows_in(update, "evidence")
        if row.public
    ]
    criteria = sorted(row.key for row in rows_in(update, "criteria"))
    return update.event_type, update.effective_on, criteria, sorted(evidence)
