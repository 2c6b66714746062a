"""Lists that also withstand hand-made addresses and forms, which no page of the admin would
send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.filters import SimpleListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters, ShowFacets
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import Model, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from commitments.admin.base.typed import ModelAdmin
from commitments.db import row_count, whole_number


def code_at(path: str) -> Concat:
    """Return an expression for the code, such as “ISCC-3.2”, of the commitment at the end of a
    path, for searches."""
    return Concat(f"{path}__plan__code", Value("-"), f"{path}__number")


def names_at(path: str) -> Concat:
    """Return an expression for the names of the person at the end of a path, in both orders, for
    searches."""
    last, first = f"{path}__last_name", f"{path}__first_name"
    return Concat(last, first, Value(" "), last)


class RowPaginator(Paginator):
    """A paginator that counts rows without what the list shows of them."""

    object_list: QuerySet[Any, Any]

    @cached_property
    def count(self) -> int:
        return row_count(self.object_list)


class CheckedChangeList(ChangeList):
    """Treats filters that are not allowed, and values that the database cannot compare, as invalid
    instead of failing, and selects the rows to show before it reads what is shown of them: a
    database that joins the few people or plans first would sort all rows."""

    model_admin: CheckedLists
    queryset: QuerySet[Model]
    result_list: QuerySet[Model]

    def get_filters(self, request: HttpRequest) -> Any:
        try:
            return super().get_filters(request)
        except DisallowedModelAdminLookup as error:
            raise IncorrectLookupParameters(error) from error

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
            rows = self.queryset.filter(pk__in=[*self.result_list.values_list("pk", flat=True)])
            self.result_list = self.model_admin.with_shown(rows, request)
        except (OverflowError, ValueError, DataError) as error:
            raise IncorrectLookupParameters(error) from error
        if not (self.has_active_filters or self.query):
            # Nothing is left out, so no link to all rows is needed.
            self.full_result_count = self.result_count


class CheckedLists(ModelAdmin):
    """Responds to hand-made filters and ids with a message instead of a server error. Besides what
    its filters offer, a list finds rows by their ids and by `linked_by`, the fields by which other
    pages lead to it."""

    # Django would count the rows of every option of every filter, with queries for each.
    show_facets = ShowFacets.NEVER
    # Nor does it count a list twice, with its filters and without.
    show_full_result_count = False
    paginator = RowPaginator
    linked_by: Sequence[str] = ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say what Django only does: it leads from a wrong filter to the whole list."""
        if ERROR_FLAG in request.GET:
            words = _("The address had a filter that the list does not offer; all rows are shown.")
            messages.warning(request, words)
        return super().changelist_view(request, extra_context)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CheckedChangeList

    def with_shown(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Add to the rows of one page of the list what it shows of them. The queries that count and
        select rows do without."""
        return rows

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Return whether an address may filter by this. Django allows every field of the model: by
        a password or by other people's drafts, letter by letter, or by their number."""
        names = {"id", "pk", *self.linked_by, *self._names_of_filters(request)}
        offered = any(f"{lookup}__".startswith(f"{name}__") for name in names)
        return offered and super().lookup_allowed(lookup, value, request)

    def _names_of_filters(self, request: HttpRequest) -> Iterator[object]:
        for entry in self.get_list_filter(request):
            if isinstance(entry, type) and issubclass(entry, SimpleListFilter):
                yield entry.parameter_name
            else:
                yield entry[0] if isinstance(entry, tuple) else entry

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Model], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if None not in map(whole_number, selected):
            response: HttpResponse | None = super().response_action(
                request, queryset, *args, **kwargs
            )
            return response
        messages.error(request, _("Nothing was done: a selected row no longer exists."))
        return HttpResponseRedirect(request.get_full_path())
