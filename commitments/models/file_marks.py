"""By what the stored files and this database know each other."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from commitments.models.base import BaseModel


class FileMark(BaseModel):
    """The mark that this database last left beside the files of evidence, in the name of a file
    there. The table has at most one row; `operations.stored_files` says what it is for."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    mark = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="files_have_one_mark"),
        ]

    def __str__(self) -> str:
        return self.mark
