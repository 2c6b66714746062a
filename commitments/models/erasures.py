"""Requests to erase a text, note, name or file for good."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import RequestState
from commitments.models.administrator_requests import AdministratorRequest
from commitments.models.contents import RecordedContent
from commitments.models.decisions import Decision
from commitments.models.progress import ProgressUpdate


class ErasureRequest(AdministratorRequest):
    """What an administrator asks a second one to erase: `parts` of an update with its evidence, the
    note of a ledger entry, or texts of a recorded content.

    `parts` are written as `ledger.Part` does.
    """

    update = models.ForeignKey(
        ProgressUpdate,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("progress update"),
    )
    note_of = models.ForeignKey(
        Decision,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("ledger entry whose note it is"),
    )
    content = models.ForeignKey(
        RecordedContent,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("recorded content"),
    )
    parts = models.JSONField(_("what to erase"))

    class Meta(AdministratorRequest.Meta):
        abstract = False
        verbose_name = _("erasure request")
        verbose_name_plural = _("erasure requests")
        constraints = [
            *AdministratorRequest.Meta.constraints,
            models.CheckConstraint(
                condition=Q(asked_by__isnull=False)
                & (Q(closed_by__isnull=False) | Q(state=RequestState.OPEN.value)),
                name="erasurerequest_decided_by_persons",
            ),
            models.CheckConstraint(
                condition=Q(update__isnull=False, note_of__isnull=True, content__isnull=True)
                | Q(update__isnull=True, note_of__isnull=False, content__isnull=True)
                | Q(update__isnull=True, note_of__isnull=True, content__isnull=False),
                name="erasure_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.target}"

    @property
    def target(self) -> ProgressUpdate | Decision | RecordedContent:
        """Return the row that the request is about."""
        found = self.update or self.note_of or self.content
        if found is None:
            raise ValueError("a request to erase is about a row")
        return found
