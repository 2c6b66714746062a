"""The base class of all models, and reading rows without what Django does for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models.base import ModelState

Stored = TypeVar("Stored", bound=models.Model)
# Where Django keeps the rows of relations that have been read.
KEPT_ROWS = "_prefetched_objects_cache"


def stored_row(
    model: type[Stored], database: str | None, names: Iterable[str], values: Iterable[object]
) -> Stored:
    """Return a stored row of which the columns with these names are loaded; others are read when
    they are first used, as after `only`.

    Django makes an object of each row by `__init__`, which sends two signals and sets each field
    by its descriptor; together that takes longer than reading the row. Nothing listens to these
    signals, and with a value from the database the descriptors do nothing but keep it.
    """
    row = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, database
    vars(row)["_state"] = state
    vars(row).update(zip(names, values, strict=True))
    return row


def rows_in(owner: models.Model, relation: str) -> Sequence[Any]:
    """Return all rows of a relation to many. Those that were prefetched come as they are: Django
    makes a manager each time, which takes longer than using them."""
    kept: Sequence[Any] | None = vars(owner).get(KEPT_ROWS, {}).get(relation)
    return list(getattr(owner, relation).all()) if kept is None else kept


class BaseModel(models.Model):
    """A model whose rows are made by `stored_row`."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(  # type: ignore[override]
        cls, db: str | None, field_names: Iterable[str], values: Iterable[object]
    ) -> Self:
        """Return a stored row, as Django's `from_db` does."""
        return stored_row(cls, db, field_names, values)
