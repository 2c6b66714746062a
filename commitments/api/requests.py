"""What views take from a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.contrib.auth.models import User
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from commitments.exceptions import FileTooLarge, InvalidUpdate, Problem


def parameters_but(request: Request, name: str) -> list[tuple[str, str]]:
    """All parameters of the address except this one, to lead on from where the reader is."""
    lists = request.query_params.lists()
    return [(key, value) for key, values in lists for value in values if key != name]


def person(request: Request) -> User:
    """Writing asks for authentication first, so there is one."""
    return cast(User, request.user)


@contextmanager
def pointing_below(*path: str | int) -> Iterator[None]:
    """Where one piece of an update was sent by itself, problems point into that piece."""
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


def checked(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    """What was sent, once its shape is right."""
    serializer.is_valid(raise_exception=True)
    fields: dict[str, Any] = serializer.validated_data
    return fields
