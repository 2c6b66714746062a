"""Protection of many-to-many relations against deletions."""

from __future__ import annotations

from django.db import models


def protect_m2m(through: type[models.Model], end: str) -> None:
    """Protect linked rows at one end of a many-to-many relation from deletion.

    `end` is the name of the foreign key in the `through` table. By default Django deletes the link
    together with the row at either end. An explicit through model could set PROTECT itself, but
    the admin's form cannot edit one. Raise TypeError if `end` is no foreign key.
    """
    relation = through._meta.get_field(end).remote_field
    if not isinstance(relation, models.ManyToOneRel):
        raise TypeError(f"{end} is not an end of {through.__name__}")
    relation.on_delete = models.PROTECT
