"""Links that nobody loses by deleting one of their ends."""

from __future__ import annotations

from typing import Any

from django.db import models


def keep_linked(relation: Any, end: str) -> None:
    """Refuses to delete a row at this end of a many-to-many relation while it is linked.

    Django's own table between the two would let the link go with either end. A table of our own
    in its place could not be edited in the admin.
    """
    relation.through._meta.get_field(end).remote_field.on_delete = models.PROTECT
