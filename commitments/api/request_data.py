"""Helpers of views: the caller, query parameters, validated data."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer, ValidationError
from rest_framework.settings import api_settings

from commitments.api.problems import flattened
from commitments.api.refusals import (
    InvalidQuery,
    empty_parameter,
    parameter_error,
    repeated_parameter,
)
from commitments.choices import ErrorCode, PeriodUnit
from commitments.exceptions import FileTooLarge, InvalidInput
from commitments.roles import signed_in


def parameters_except(request: Request, name: str) -> list[tuple[str, str]]:
    """Return the query parameters of a request, in order, without those of this name."""
    lists = request.query_params.lists()
    return [(key, value) for key, values in lists for value in values if key != name]


def signed_in_user(request: Request) -> User:
    """Return the caller in a view that requires authentication."""
    return signed_in(request.user)


def optional_json(request: Request) -> Any:
    """Return the content of a body that may be left out: {} without one, whatever media type the
    client names. Raise UnsupportedMediaType for a body that is not JSON: a form would be ignored,
    with what it asks for."""
    if request.content_type.partition(";")[0].strip().lower() == "application/json":
        return request.data
    if request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
        raise UnsupportedMediaType(request.content_type)
    return {}


def given_once(
    request: Request, name: str, sentence: str, allowed: Collection[str] | None = None
) -> str:
    """Return the value of a required parameter. Raise InvalidQuery if it is not given, with this
    sentence, which says what to give, and what is `allowed`; if it is empty; or given twice."""
    given = request.query_params.getlist(name)
    if not given:
        raise InvalidQuery([parameter_error(name, sentence, ErrorCode.REQUIRED, allowed)])
    if len(given) > 1:
        raise InvalidQuery([repeated_parameter(name)])
    if not given[0]:
        raise InvalidQuery([empty_parameter(name)])
    return given[0]


def one_of(request: Request, name: str, allowed: Collection[str], sentence: str) -> str:
    """Return the value of a required parameter. Raise InvalidQuery unless it is given once and is
    allowed."""
    value = given_once(request, name, sentence, allowed)
    if value not in allowed:
        raise InvalidQuery([parameter_error(name, sentence, ErrorCode.NOT_ALLOWED, allowed)])
    return value


def period_unit(request: Request) -> PeriodUnit:
    """Return the unit of periods given by the parameter `by`. Raise InvalidQuery if it is missing
    or invalid."""
    sentence = _("Choose one of the allowed period lengths.")
    return PeriodUnit(one_of(request, "by", PeriodUnit.values(), sentence))


@contextmanager
def pointing_below(*path: str | int) -> Iterator[None]:
    """Make problems point into the part of an update at this path, if only that part was sent."""
    try:
        yield
    except (InvalidInput, FileTooLarge) as error:
        problems = [
            problem.at(problem.path[len(path) :]) if problem.path[: len(path)] == path else problem
            for problem in error.problems
        ]
        raise type(error)(str(error), problems) from error


def validated(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    """Return the validated data of a serializer. Raise ValidationError if it is invalid."""
    serializer.is_valid(raise_exception=True)
    fields: dict[str, Any] = serializer.validated_data
    return fields


# Never shown; the problems of the draft are.
NOT_READ = "The draft cannot be read."


def read_list(serializer: Any) -> list[dict[str, Any] | InvalidInput]:
    """Return the validated data of each item of a list, or why it is invalid, so that the others
    can be checked too. Raise ValidationError if the data is not a list."""
    if serializer.is_valid():
        rows: list[dict[str, Any] | InvalidInput] = serializer.validated_data
        return rows
    errors, read = serializer.errors, serializer.child.run_validation
    if api_settings.NON_FIELD_ERRORS_KEY in errors:
        raise ValidationError(errors)
    return [
        InvalidInput(NOT_READ, flattened(errors[index])) if index in errors else read(item)
        for index, item in enumerate(serializer.initial_data)
    ]


def validated_list(serializer: BaseSerializer[Any]) -> list[dict[str, Any]]:
    """Return the validated data of each item of a list; raise as `validated` does."""
    serializer.is_valid(raise_exception=True)
    rows: list[dict[str, Any]] = serializer.validated_data
    return rows
