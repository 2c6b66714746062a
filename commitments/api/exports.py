"""Lists as files: with `format`, all that the filters select goes out whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from commitments.api.lists import ListView
from commitments.api.problems import InvalidQuery
from commitments.choices import METHODOLOGY
from commitments.clocks import Clock
from commitments.exports.columns import Columns
from commitments.exports.tables import Format, Table
from commitments.filters import ClockedFilterSet
from commitments.ledger import instant
from commitments.models import Commitment, Plan
from commitments.snapshot import snapshot

# Rows that are asked for at once, with what belongs to them.
CHUNK = 200


@dataclass(frozen=True)
class Export:
    """`name` becomes part of the file's."""

    name: str
    columns: Columns
    form: Format


class ExportedList(ListView):
    """A list that `format` gives as a file. It is written to the end before the first byte goes
    out, from one moment's data: what arrives is whole, and no reader's slow line holds the
    database."""

    exports: Mapping[str, Export]
    # Left here by the filter backend.
    filterset: ClockedFilterSet

    @property
    def list_parameters(self) -> Mapping[str, Mapping[str, Any]]:
        named = f"{self.basename.capitalize()}Format"
        return {"format": {"type": "string", "title": named, "enum": list(self.exports)}}

    def rows(self, items: Iterable[Any], clock: Clock) -> Iterator[Any]:
        """What the columns take, for each item of the list."""
        raise NotImplementedError

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if "format" in request.query_params:
            return self._file(request, self.exports[self._asked(request)])
        return super().list(request, *args, **kwargs)

    def _asked(self, request: Request) -> str:
        given = request.query_params.getlist("format")
        errors: list[dict[str, Any]] = []
        if len(given) != 1 or given[0] not in self.exports:
            sentence = _("Give one of the allowed formats; without one the answer is JSON.")
            allowed = list(self.exports)
            errors.append({"parameter": "format", "detail": sentence, "allowed": allowed})
        errors += [
            {"parameter": name, "detail": _("A file holds all that is selected and has no pages.")}
            for name in self.pagination_class.parameters
            if name in request.query_params
        ]
        if errors:
            raise InvalidQuery(errors)
        return given[0]

    def _file(self, request: Request, export: Export) -> HttpResponseBase:
        selected = self.filter_queryset(self.get_queryset())
        clock = self.filterset.clock
        plans = self._plans()
        with ExitStack() as if_it_fails:
            file = if_it_fails.enter_context(TemporaryFile())
            with snapshot():
                rows = self.rows(selected.iterator(chunk_size=CHUNK), clock)
                about = _about(request, clock, plans)
                export.form.write(Table(export.columns, rows, about), file)
            file.seek(0)
            if_it_fails.pop_all()
        return FileResponse(
            file,
            as_attachment=True,
            filename=_name(export, clock, plans),
            content_type=export.form.media_type,
        )

    def _plans(self) -> Sequence[Plan]:
        """Those asked for; all, where the query names none."""
        asked: QuerySet[Plan] = self.filterset.form.cleaned_data["plan"]
        return tuple(asked or Plan.objects.in_order())


def _name(export: Export, clock: Clock, plans: Sequence[Plan]) -> str:
    """Of the file: with the plan, if it is one plan's, and with the day of the clock."""
    one = plans[0] if len(plans) == 1 else None
    day = clock.day(one.time_zone if one else "UTC")
    return "-".join([*([one.code] if one else []), export.name, f"{day}.{export.form.ending}"])


def _about(request: Request, clock: Clock, plans: Sequence[Plan]) -> dict[str, tuple[Any, Any]]:
    """Where a file is from, in both languages where that differs."""
    facts: dict[str, Any] = {
        "address": request.build_absolute_uri(),
        "written_at": instant(clock.now),
        "as_of": clock.as_of,
        "known_at": clock.known_at and instant(clock.known_at),
        "methodology": METHODOLOGY,
    }
    about = {name: (value, value) for name, value in facts.items()}
    for plan in plans:
        for name in ("title", "licence", "notice"):
            text = getattr(plan, name)
            about[f"{plan.code} {name}"] = (text.en, text.zh)
    return about


def page_of(request: Request, commitment: Commitment) -> str:
    """The address of a commitment's page, in the reader's language."""
    path = reverse("pages:commitment", args=[commitment.plan.code, commitment.number])
    return request.build_absolute_uri(path)
