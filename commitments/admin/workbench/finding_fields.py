"""Form fields for what an assessment finds of each criterion, and for the events it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django import forms
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString

from commitments.choices import EventType, FindingResult, State
from commitments.models import Commitment, Criterion, ProgressUpdate
from commitments.models.querysets import ProgressUpdateQuerySet
from commitments.templatetags.tracker import on_day
from commitments.workflow import FindingFields

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from commitments.roles import Person

Findings = dict[str, FindingFields]

# Of the summary of an event in a list of choices.
MAX_SUMMARY_LENGTH = 90


def offered_events(commitment: Commitment, user: Person) -> ProgressUpdateQuerySet:
    """Return the events on a commitment that an assessment may rest on, the newest first."""
    events = ProgressUpdate.objects.visible_to(user).filter(
        commitment=commitment,
        event_type__isnull=False,
        state__in=(State.PUBLISHED, State.SUBMITTED),
    )
    return events.latest_first()


def event_label(event: ProgressUpdate) -> str:
    """Return id, day, type and the beginning of the summary of an event in one line."""
    summary = str(event.summary)
    if len(summary) > MAX_SUMMARY_LENGTH:
        summary = f"{summary[:MAX_SUMMARY_LENGTH].rstrip()}…"
    event_type = EventType(event.event_type).label if event.event_type else "–"
    day = on_day(event.effective_on, event.date_precision)
    return f"#{event.pk} · {day} · {event_type} · {summary}"


class FindingsWidget(forms.Widget):
    """For each criterion a list of results and the events that show it. Inputs are named
    `<name>_<key>` and `<name>_<key>_events`.

    A finding without a result is a proposal: its events are ticked, and it is saved only once
    somebody chooses a result.
    """

    template = "workbench/_findings.html"
    criteria: tuple[Criterion, ...] = ()
    events: tuple[tuple[int, str], ...] = ()

    def render(
        self,
        name: str,
        value: Findings | None,
        attrs: Mapping[str, str] | None = None,
        renderer: object = None,
    ) -> SafeString:
        findings = value or {}
        rows = [self._row(name, row, findings.get(row.key)) for row in self.criteria]
        proposes = any(not row.result and row.events for row in findings.values())
        context = {"rows": rows, "results": list(FindingResult), "name": name, "proposes": proposes}
        return render_to_string(self.template, context)

    def _row(
        self, name: str, criterion: Criterion, finding: FindingFields | None
    ) -> dict[str, object]:
        named = set(finding.events) if finding else set()
        return {
            "criterion": criterion,
            "name": f"{name}_{criterion.key}",
            "result": finding.result if finding else "",
            "is_open": finding is not None,
            "events": [(pk, label, pk in named) for pk, label in self.events],
        }

    def value_from_datadict(self, data: Mapping[str, str], files: object, name: str) -> Findings:
        """Return the findings with a result, also of criteria that are not in use any more."""
        prefix, findings = f"{name}_", {}
        for key in data:
            criterion = key.removeprefix(prefix)
            if key.startswith(prefix) and not criterion.endswith("_events") and data[key]:
                events = self._events(data, f"{key}_events")
                findings[criterion] = FindingFields(data[key], events)
        return findings

    def _events(self, data: Mapping[str, str], name: str) -> list[int]:
        values = data.getlist(name) if isinstance(data, MultiValueDict) else ()
        return [int(value) for value in values if str(value).isdecimal()]

    def value_omitted_from_data(self, data: Mapping[str, str], files: object, name: str) -> bool:
        return not any(key.startswith(f"{name}_") for key in data)


class FindingsFormField(forms.Field):
    """What was found of each criterion, by its key."""

    widget = FindingsWidget

    def offer(self, criteria: Iterable[Criterion], events: Iterable[tuple[int, str]]) -> None:
        """Set the criteria to answer, and the events to choose from."""
        self.widget.criteria, self.widget.events = tuple(criteria), tuple(events)

    def has_changed(self, initial: Findings | None, data: Findings | None) -> bool:
        def plain(findings: Findings | None) -> dict[str, tuple[str, list[int]]]:
            rows = (findings or {}).items()
            return {key: (row.result, sorted(row.events)) for key, row in rows if row.result}

        return plain(initial) != plain(data)


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
