"""Helpers of views: the caller, query parameters, validated data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from commitments.exceptions import FileTooLarge, InvalidUpdate, Problem
from commitments.roles import signed_in


def parameters_except(request: Request, name: str) -> list[tuple[str, str]]:
    """Return the query parameters of a request, in order, without those of this name."""
    lists = request.query_params.lists()
    return [(key, value) for key, values in lists for value in values if key != name]


def signed_in_user(request: Request) -> User:
    """Return the caller in a view that requires authentication."""
    return signed_in(request.user)


@contextmanager
def pointing_below(*path: str | int) -> Iterator[None]:
    """Make problems point into the part of an update at this path, if only that part was sent."""
    try:
        yield
    except (InvalidUpdate, FileTooLarge) as error:
        problems = [
            Problem(problem.path[len(path) :], problem.message)
            if problem.path[: len(path)] == path
            else problem
            for problem in error.problems
        ]
        raise type(error)(str(error), problems) from error


def validated(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    """Return the validated data of a serializer. Raise ValidationError if it is invalid."""
    serializer.is_valid(raise_exception=True)
    fields: dict[str, Any] = serializer.validated_data
    return fields
