"""Form fields for what an assessment finds of each criterion, and for the events it rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from commitments import workflow
from commitments.choices import EventType, FindingResult, State
from commitments.db import whole_number
from commitments.models import Commitment, Criterion, ProgressUpdate
from commitments.models.querysets import ProgressUpdateQuerySet
from commitments.templatetags.tracker import on_day
from commitments.texts.abridge import abridge
from commitments.workflow import FindingFields

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from commitments.roles import Person

Findings = dict[str, FindingFields]

# The name of the field of findings.
FINDINGS = "findings"
NO_FINDING = FindingFields("")
# The states of events that were published, but do not count any longer.
NO_LONGER_PUBLISHED = (State.SUPERSEDED, State.RETRACTED)
# Characters of an event's summary in a list of choices.
MAX_SUMMARY_LENGTH = 90


def ids_in(values: Iterable[object]) -> list[int]:
    """Return the ids among the submitted values; other values are left out."""
    numbers = [whole_number(str(value)) for value in values]
    return [number for number in numbers if number is not None]


def offered_events(
    commitment: Commitment, user: Person, named: Collection[int] = ()
) -> ProgressUpdateQuerySet:
    """Return the events on a commitment that an assessment may rest on, the newest first; and those
    that it names already, even if they were corrected or withdrawn."""
    events = ProgressUpdate.objects.visible_to(user).filter(
        Q(state__in=(State.PUBLISHED, State.SUBMITTED)) | Q(pk__in=named),
        commitment=commitment,
        event_type__isnull=False,
    )
    return events.with_is_withheld(user).latest_first()


def event_label(event: ProgressUpdate) -> str:
    """Return id, day, type and the beginning of the summary of an event in one line, without the
    summary if it is withheld, and whether it was corrected or withdrawn. The event was read
    `with_is_withheld`."""
    annotated: Any = event
    summary = "…" if annotated.is_withheld else str(event.summary)
    event_type = EventType(event.event_type).label if event.event_type else "–"
    day = on_day(event.effective_on, event.date_precision)
    words = [f"#{event.pk}", str(day), str(event_type), abridge(summary, MAX_SUMMARY_LENGTH)]
    if event.state in NO_LONGER_PUBLISHED:
        words.append(str(State(event.state).label))
    return " · ".join(words)


def basis_labels(update: ProgressUpdate, user: Person) -> dict[int, str]:
    """Return, by the id of each event on which a saved update rests, the label of what counts of it
    now, with the id that the update names if that is another one. If nothing counts any longer, it
    is that of the last of its corrections."""
    ids = workflow.saved_events(update)
    named = ProgressUpdate.objects.filter(pk__in=ids)
    published = Q(chain__in=named.exclude(published_at=None).values("chain"))
    rows = ProgressUpdate.objects.filter(Q(pk__in=ids) | published & Q(published_at__isnull=False))
    by_id = {row.pk: row for row in rows.with_is_withheld(user).order_by("pk")}
    last = {row.chain_id: row for row in by_id.values()}
    corrected = _("%(event)s (corrects #%(id)s)")
    labels = {}
    for pk in ids:
        end = last[by_id[pk].chain_id]
        label = event_label(end)
        labels[pk] = label if end.pk == pk else corrected % {"event": label, "id": pk}
    return labels


class FindingsWidget(forms.Widget):
    """For each criterion a list of results, named `<name>_<key>`, and boxes for the events that
    show it, named `<name>_<key>_events`. The page lays them out: see `FindingTable`.

    A finding without a result is a proposal: its events are ticked, and it is saved only once
    somebody chooses a result.
    """

    def value_from_datadict(self, data: Mapping[str, str], files: object, name: str) -> Findings:
        """Return the findings with a result, including those of retired criteria."""
        prefix, findings = f"{name}_", {}
        for key in data:
            criterion = key.removeprefix(prefix)
            if key.startswith(prefix) and not criterion.endswith("_events") and data[key]:
                events = self._events(data, f"{key}_events")
                findings[criterion] = FindingFields(data[key], events)
        return findings

    def _events(self, data: Mapping[str, str], name: str) -> list[int]:
        values = data.getlist(name) if isinstance(data, MultiValueDict) else ()
        return ids_in(values)

    def value_omitted_from_data(self, data: Mapping[str, str], files: object, name: str) -> bool:
        return not any(key.startswith(f"{name}_") for key in data)


class FindingsFormField(forms.Field):
    """What was found of each criterion, by its key."""

    widget = FindingsWidget

    def has_changed(self, initial: Findings | None, data: Findings | None) -> bool:
        def plain(findings: Findings | None) -> dict[str, tuple[str, list[int]]]:
            rows = (findings or {}).items()
            return {key: (row.result, sorted(row.events)) for key, row in rows if row.result}

        return plain(initial) != plain(data)


@dataclass(frozen=True)
class CriterionRow:
    """A criterion with its list of results; `name` is that of the input."""

    criterion: Criterion
    name: str
    result: str


@dataclass(frozen=True)
class EventRow:
    """An event with a box for each criterion that it may show, as (name, key, is ticked), and
    whether the assessment rests on it otherwise. `is_old` is true if the event lies outside the
    time that an assessment may cover, and no box of it is ticked."""

    id: int
    label: str
    boxes: list[tuple[str, str, bool]]
    rests_on: bool
    is_old: bool


@dataclass(frozen=True)
class FindingTable:
    """What an assessment finds, as a page lays it out: criteria, then events in rows with a column
    for each criterion. `results` are those to choose from; `besides` says whether there is a column
    for events that no finding names."""

    criteria: list[CriterionRow]
    events: list[EventRow]
    results: Sequence[FindingResult] = tuple(FindingResult)
    besides: bool = True

    @property
    def recent_events(self) -> list[EventRow]:
        return [row for row in self.events if not row.is_old]

    @property
    def old_events(self) -> list[EventRow]:
        return [row for row in self.events if row.is_old]

    @property
    def proposes(self) -> bool:
        """Whether events are ticked for a criterion that has no result yet."""
        open_keys = {row.criterion.key for row in self.criteria if not row.result}
        return any(
            ticked and key in open_keys for row in self.events for _name, key, ticked in row.boxes
        )


def finding_table(
    criteria: Iterable[Criterion],
    events: Collection[ProgressUpdate],
    findings: Findings,
    rests_on: Collection[int],
    since: date,
    *,
    besides: bool = True,
    labels: Mapping[int, str] | None = None,
) -> FindingTable:
    """Return the table of these criteria and events; `since` is the first day of the time that an
    assessment may cover. `labels` are those of the events by id, if they have others than
    `event_label` gives."""
    rows = list(criteria)
    found = {event.pk: event_label(event) for event in events} if labels is None else labels
    return FindingTable(
        [
            CriterionRow(row, f"{FINDINGS}_{row.key}", findings.get(row.key, NO_FINDING).result)
            for row in rows
        ],
        [_event_row(event, found[event.pk], rows, findings, rests_on, since) for event in events],
        besides=besides,
    )


def _event_row(
    event: ProgressUpdate,
    label: str,
    criteria: Iterable[Criterion],
    findings: Findings,
    rests_on: Collection[int],
    since: date,
) -> EventRow:
    boxes = [
        (
            f"{FINDINGS}_{row.key}_events",
            row.key,
            event.pk in findings.get(row.key, NO_FINDING).events,
        )
        for row in criteria
    ]
    is_named = any(ticked for _name, _key, ticked in boxes)
    besides = event.pk in rests_on and not is_named
    is_old = not (is_named or besides) and event.effective_on < since
    return EventRow(event.pk, label, boxes, besides, is_old)


class EventsField(forms.TypedMultipleChoiceField):
    """Events of the commitment, by their ids."""

    def __init__(self, *, label: StrOrPromise, help_text: StrOrPromise) -> None:
        super().__init__(
            coerce=int,
            required=False,
            label=label,
            widget=forms.CheckboxSelectMultiple,
            help_text=help_text,
        )
