"""What an administrator asks for and a second one answers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import RequestState
from commitments.models.base import BaseModel
from commitments.models.decisions import Decision
from commitments.models.fields import CodeField

WITH_DECISION = (RequestState.CONFIRMED.value, RequestState.DONE.value)


class AdministratorRequest(BaseModel):
    """A request of one administrator that a second one confirms or declines.

    `decision` is what was recorded once it was done; from then on its reason is the note of this
    decision, and is kept nowhere else. `DONE` is for what needed no second person; `closed_by` is
    then the person who asked. If a command does something, nobody is recorded as having asked for
    it or confirmed it.
    """

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    asked_at = models.DateTimeField(_("requested at"))
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
        related_name="%(class)s",
        verbose_name=_("ledger entry"),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RequestState.values()), name="%(class)s_state_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=RequestState.OPEN.value, closed_by__isnull=True, closed_at__isnull=True
                )
                | ~Q(state=RequestState.OPEN.value) & Q(closed_at__isnull=False),
                name="%(class)s_answered_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=WITH_DECISION, decision__isnull=False)
                | ~Q(state__in=WITH_DECISION) & Q(decision__isnull=True),
                name="%(class)s_done_by_a_decision",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.CONFIRMED.value, closed_by=F("asked_by")),
                name="%(class)s_confirmed_by_a_second_person",
            ),
        ]

    def drop_details(self) -> None:
        """Empty the fields that need not be kept once the request is closed."""
