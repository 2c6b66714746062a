"""Strict query parameters: unknown names and invalid values are refused, with those allowed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import unquote_plus, unquote_to_bytes

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django_filters.fields import BaseCSVField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from commitments.api.deprecations import deprecation_headers
from commitments.api.pagination import MAX_PAGE_SIZE
from commitments.api.permissions import WithinToken
from commitments.api.problems import PLAIN_SENTENCES
from commitments.api.refusals import (
    EncodedBody,
    InvalidQuery,
    LengthRequired,
    QueryCheck,
    empty_parameter,
    errors_of,
    parameter_error,
    repeated_parameter,
)
from commitments.api.releasing import ReleasingView
from commitments.choices import ErrorCode, error_code
from commitments.filters import ClockedFilterSet
from commitments.filters.fields import NONE
from commitments.filters.query import query_sentence

FORMAT, JSON = "format", "json"
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class StrictQuery(ReleasingView):
    """A view that refuses unknown parameters and request bodies of unknown length or encoding, and
    tokens for what they may not be used for; it announces deprecations and the rest of the caller's
    rate limit, and forbids caches to store responses to signed-in callers."""

    # Parameters that no filter reads, each with its JSON schema.
    other_parameters: Mapping[str, Mapping[str, Any]] = {}
    required_parameters: Collection[str] = ()
    # The values of the parameter `format` of GET; if there are none, the parameter is unknown.
    formats: Collection[str] = (JSON,)

    def known_parameters(self) -> set[str]:
        return set(self.other_parameters)

    def allowed_parameters(self) -> set[str]:
        """Return the parameters that this request may have."""
        has_format = self.formats and self.request.method in SAFE_METHODS
        return self.known_parameters() | ({FORMAT} if has_format else set())

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        if not hasattr(self, (request.method or "").lower()):
            # The unknown method is refused next; its parameters do not matter.
            return
        if request.headers.get("Transfer-Encoding") and not request.headers.get("Content-Length"):
            raise LengthRequired(_("The Content-Length header is missing."))
        encoded = request.headers.get("Content-Encoding", "identity").lower() != "identity"
        if encoded and request.method not in SAFE_METHODS:
            raise EncodedBody(_("Send the request body without Content-Encoding."))
        self._check_parameters(request)
        self._check_format(request)

    def _check_parameters(self, request: Request) -> None:
        errors = list(_unreadable(request, self.allowed_parameters()))
        if errors:
            raise InvalidQuery(errors)

    def _check_format(self, request: Request) -> None:
        """Raise InvalidQuery if `format` names a format that the response does not have."""
        if FORMAT not in self.allowed_parameters():
            return
        given = request.query_params.getlist(FORMAT)
        if given and (len(given) > 1 or given[0] not in self.formats):
            sentence = _("Choose one of the allowed formats.")
            if JSON in self.formats:
                sentence = _(
                    "This is answered as JSON only. Commitments and updates can be downloaded as "
                    "files at “export/”."
                )
            raise InvalidQuery(
                [parameter_error(FORMAT, sentence, ErrorCode.NOT_ALLOWED, [*self.formats])]
            )

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        """Yield a check of each part of the query. All of them run once the query is refused, so
        that one answer names all errors."""
        yield partial(self._check_parameters, request)
        yield partial(self._check_format, request)
        known = self.known_parameters()
        filters = getattr(getattr(self, "filterset_class", None), "base_filters", {})
        for backend in getattr(self, "filter_backends", ()):
            if issubclass(backend, FilterBackend) and not known.isdisjoint(filters):
                yield partial(backend().check, request, self)
        paginator = getattr(self, "paginator", None)
        if paginator is not None and known.issuperset(paginator.parameters):
            yield from paginator.query_checks(request)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, InvalidQuery):
            checks: list[QueryCheck] = [*self.query_checks(self.request), partial(_raise, exc)]
            exc = InvalidQuery(errors_of(checks))
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-store"
        limits = [field for limit in self.limits for field in limit.fields.items()]
        for name, value in (*deprecation_headers(request), *limits):
            # A response may have links of its own; a cached one already has the links added here.
            links = response.headers.get("Link", "") if name == "Link" else ""
            if not links or value not in links:
                response.headers[name] = f"{links}, {value}" if links else value
        return response

    @cached_property
    def limits(self) -> list[Any]:
        """The rate limits of this request. Once they have counted it, they know what remains."""
        return super().get_throttles()

    def get_throttles(self) -> list[BaseThrottle]:
        return self.limits

    def get_permissions(self) -> list[Any]:
        return [*super().get_permissions(), WithinToken()]


def _raise(error: Exception) -> None:
    raise error


def _unreadable(request: Request, known: Collection[str]) -> Iterator[dict[str, object]]:
    """Yield an error for each parameter that is unknown or cannot be read."""
    for name in request.query_params:
        if name not in known:
            sentence = _("Unknown parameter “%(name)s”.") % {"name": name}
            yield parameter_error(name, sentence, ErrorCode.UNKNOWN_PARAMETER, sorted(known))
    for name, values in request.query_params.lists():
        if any("\x00" in value for value in values):
            sentence = _("Null characters are not allowed.")
            yield parameter_error(name, sentence, ErrorCode.MALFORMED)
    # Django replaces what it cannot decode by replacement characters.
    for part in request.META.get("QUERY_STRING", "").encode("latin-1").split(b"&"):
        if not _is_decodable(part):
            name = unquote_plus(part.partition(b"=")[0].decode("utf-8", "replace"))
            sentence = _("This is not percent-encoded UTF-8.")
            yield parameter_error(name, sentence, ErrorCode.UNDECODABLE)


def _is_decodable(part: bytes) -> bool:
    try:
        unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        return False
    return not _BAD_ESCAPE.search(part)


class FilterBackend(DjangoFilterBackend):
    """A filter backend that passes the time and the caller to filter sets, and raises InvalidQuery
    for errors of their forms."""

    def filter_queryset(
        self, request: Any, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        filterset = self.validated_filterset(request, queryset, view)
        return queryset if filterset is None else filterset.qs

    def check(self, request: Request, view: Any) -> None:
        """Raise InvalidQuery if the data of the view's filter set is invalid."""
        self.validated_filterset(request, view.get_queryset(), view)

    def validated_filterset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> Any:
        """Return the view's filter set, or None if it has none. Raise InvalidQuery if its data is
        invalid."""
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return None
        errors = list(_repeated_or_empty(request, filterset.form))
        if not filterset.is_valid():
            errors += _form_errors(filterset.form)
        if errors:
            raise InvalidQuery(errors)
        view.filterset = filterset  # type: ignore[attr-defined]
        return filterset

    def get_filterset_kwargs(
        self, request: Any, queryset: QuerySet[Any], view: APIView
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        filterset_class = self.get_filterset_class(view, queryset)
        if filterset_class is not None and issubclass(filterset_class, ClockedFilterSet):
            kwargs |= {"now": timezone.now(), "user": request.user}
        return kwargs


class PlanFilterBackend(FilterBackend):
    """A filter backend whose clocks are those of the plan to which the address leads, `plan` of the
    view."""

    def get_filterset_kwargs(
        self, request: Any, queryset: QuerySet[Any], view: APIView
    ) -> dict[str, Any]:
        kwargs = super().get_filterset_kwargs(request, queryset, view)
        return kwargs | {"plans": [view.plan]}  # type: ignore[attr-defined]


def _repeated_or_empty(request: Request, form: forms.Form) -> Iterable[Mapping[str, object]]:
    """Yield an error for each empty parameter, and for each repeated one that accepts one value."""
    for name, values in request.query_params.lists():
        field = form.fields.get(name)
        if field is None:
            continue
        if len(values) > 1 and not isinstance(field.widget, forms.SelectMultiple):
            yield repeated_parameter(name)
        if "" in values or (isinstance(field, BaseCSVField) and "" in ",".join(values).split(",")):
            yield empty_parameter(name)


def _form_errors(form: forms.Form) -> list[dict[str, object]]:
    return [
        parameter_error(name, _sentence(error), error_code(error.code), _allowed(form, name, error))
        for name, errors in form.errors.as_data().items()
        for error in errors
    ]


def _sentence(error: forms.ValidationError) -> str:
    if error.code == "required":
        return str(PLAIN_SENTENCES["required"])
    return query_sentence(error)


def _allowed(form: forms.Form, name: str, error: forms.ValidationError) -> list[object] | None:
    """Return the allowed values of a closed list, or the codes of plans, forums or offices; None
    for any other field, and for callers who may not use the field."""
    field = form.fields[name]
    if error.code == ErrorCode.NOT_PERMITTED:
        return None
    if isinstance(field, forms.ModelMultipleChoiceField):
        rows: Any = field.queryset
        none = [NONE] if getattr(field, "null_label", None) is not None else []
        return [*none, *rows.values_list("code", flat=True)[:MAX_PAGE_SIZE]]
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return [value for value, _label in choices if value != ""]
    return None
