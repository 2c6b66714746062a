"""Recorded contents of what curators maintain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Subquery

from commitments.choices import PUBLIC_ACTIONS

if TYPE_CHECKING:
    from commitments.models import RecordedContent  # noqa: F401


class RecordedContentQuerySet(models.QuerySet["RecordedContent"]):
    def in_order(self) -> RecordedContentQuerySet:
        """Return the contents in the order in which they were recorded."""
        return self.order_by("id")

    def of(self, subject_type: str, key: str) -> RecordedContentQuerySet:
        """Return the history of one subject, the earliest first."""
        return self.filter(subject_type=subject_type, subject_key=key).in_order()

    def public(self) -> RecordedContentQuerySet:
        """Return the contents that public decisions recorded, except those of erased publishers,
        and of plans while they were drafts."""
        return self.filter(decision__action__in=PUBLIC_ACTIONS).exclude(subject_key="")

    def with_previous(self) -> RecordedContentQuerySet:
        """Add `previous_id`, the id of the previous content of the same subject, or None."""
        earlier = self._of_same_subject().filter(id__lt=OuterRef("id")).order_by("-id")
        return self.annotate(previous_id=Subquery(earlier.values("id")[:1]))

    def last_of_each(self) -> RecordedContentQuerySet:
        """Return the last content of each subject, also of deleted ones."""
        later = self._of_same_subject().filter(id__gt=OuterRef("id"))
        return self.filter(~Exists(later))

    def _of_same_subject(self) -> RecordedContentQuerySet:
        return self.model.objects.filter(
            subject_type=OuterRef("subject_type"), subject_key=OuterRef("subject_key")
        )
