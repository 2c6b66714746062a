"""Django's validation of a row, with its errors as problems."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Model

from commitments.choices import error_code
from commitments.exceptions import Problem, ProblemPath


def validation_problems(row: Model, path: ProblemPath, exclude: set[str]) -> list[Problem]:
    """Return the errors of `full_clean` as problems, with `path` before the name of the field.

    Constraints are left to the database: Django would check each with a query of its own, and what
    an author can break has a rule of its own in fields, `clean` or `requirements`.
    """
    try:
        row.full_clean(exclude=exclude, validate_constraints=False)
    except ValidationError as error:
        return [
            Problem(
                path if name == "__all__" else (*path, name),
                item.messages[0],
                error_code(item.code),
            )
            for name, items in error.error_dict.items()
            for item in items
        ]
    return []
