"""Requests to erase a text, note, name or file for good."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import RequestState
from commitments.models.contents import RecordedContent
from commitments.models.decisions import Decision
from commitments.models.fields import CodeField
from commitments.models.progress import ProgressUpdate


class ErasureRequest(models.Model):
    """What an administrator asks a second one to erase: `parts` of an update with its evidence, the
    note of a ledger entry, or texts of a recorded content.

    `parts` are written as `ledger.Part` does. `decision` is the `erase` that was recorded on
    confirmation; from then on the reason is its note, and is kept nowhere else.
    """

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    asked_at = models.DateTimeField(_("requested at"))
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
    reason = models.TextField(_("reason"), blank=True)
    state = CodeField(
        _("state"), max_length=10, codes=RequestState, default=RequestState.OPEN.value
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    closed_at = models.DateTimeField(_("answered at"), null=True)
    decision = models.OneToOneField(
        Decision,
        models.PROTECT,
        null=True,
        related_name="erasure_request",
        verbose_name=_("ledger entry"),
    )

    class Meta:
        verbose_name = _("erasure request")
        verbose_name_plural = _("erasure requests")
        constraints = [
            models.CheckConstraint(
                condition=Q(update__isnull=False, note_of__isnull=True, content__isnull=True)
                | Q(update__isnull=True, note_of__isnull=False, content__isnull=True)
                | Q(update__isnull=True, note_of__isnull=True, content__isnull=False),
                name="erasure_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RequestState.values()), name="erasure_state_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=RequestState.OPEN.value, closed_by__isnull=True, closed_at__isnull=True
                )
                | ~Q(state=RequestState.OPEN.value)
                & Q(closed_by__isnull=False, closed_at__isnull=False),
                name="erasure_answered_by_someone_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.CONFIRMED.value, decision__isnull=False)
                & ~Q(closed_by=F("asked_by"))
                | ~Q(state=RequestState.CONFIRMED.value) & Q(decision__isnull=True),
                name="erasure_confirmed_by_a_second_person",
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
