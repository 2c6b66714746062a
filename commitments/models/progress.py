"""Progress updates: what happened, when, at which forums, and the status it may claim."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commitments.bilingual import Bilingual
from commitments.choices import PUBLIC_STATES, DatePrecision, State, Status
from commitments.models.commitments import Commitment
from commitments.models.forums import Forum
from commitments.models.links import keep_linked
from commitments.querysets import ProgressUpdateQuerySet

CLAIMABLE = [status for status in Status.values() if status != Status.UNASSESSED]


def new_salt() -> str:
    """32 random bytes, in hex."""
    return secrets.token_hex(32)


def claimable_choices() -> list[tuple[str, object]]:
    """The statuses that an update may claim: all but the one that means there is no claim."""
    return [choice for choice in Status.choices() if choice[0] in CLAIMABLE]


class ProgressUpdate(models.Model):
    """`workflow.write` makes and edits drafts, `workflow.perform` moves them; nothing else does.

    `revision` counts every change of content or state. `internal_salt` hides what internal
    evidence there is, if any, in the content that the ledger's digest covers.
    """

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="updates", verbose_name=_("commitment")
    )
    effective_on = models.DateField(_("effective on"))
    date_precision = models.CharField(
        _("date precision"),
        max_length=5,
        choices=DatePrecision.choices,
        default=DatePrecision.DAY,
    )
    status = models.CharField(
        _("status claimed"), max_length=20, choices=claimable_choices, null=True, blank=True
    )
    summary_en = models.TextField(_("summary (English)"), blank=True)
    summary_zh = models.TextField(_("summary (Chinese)"), blank=True)
    search_note_en = models.TextField(_("search note (English)"), blank=True)
    search_note_zh = models.TextField(_("search note (Chinese)"), blank=True)
    forums = models.ManyToManyField(
        Forum, blank=True, related_name="updates", verbose_name=_("partner forums")
    )
    external_ref = models.CharField(_("external reference"), max_length=200, null=True, blank=True)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("corrects"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="authored_updates",
        editable=False,
        verbose_name=_("author"),
    )
    editors = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="edited_updates",
        editable=False,
        verbose_name=_("editors"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    publisher = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="published_updates",
        editable=False,
        verbose_name=_("publisher"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    published_on = models.DateField(_("published on"), null=True, blank=True, editable=False)
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True, editable=False)
    retracted_at = models.DateTimeField(_("retracted at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), editable=False)
    changed_at = models.DateTimeField(_("changed at"), editable=False)
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    internal_salt = models.CharField(max_length=64, default=new_salt, editable=False)

    summary = Bilingual()
    search_note = Bilingual()

    objects = ProgressUpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress update")
        verbose_name_plural = _("progress updates")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values()), name="update_state_known"
            ),
            models.CheckConstraint(
                condition=Q(date_precision__in=DatePrecision.values()),
                name="update_date_precision_known",
            ),
            models.CheckConstraint(
                condition=Q(status__isnull=True) | Q(status__in=CLAIMABLE),
                name="update_status_known",
            ),
            models.CheckConstraint(
                condition=Q(publisher__isnull=True) | ~Q(publisher=F("author")),
                name="update_author_is_not_publisher",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=PUBLIC_STATES,
                    publisher__isnull=False,
                    published_at__isnull=False,
                    published_on__isnull=False,
                )
                | (
                    ~Q(state__in=PUBLIC_STATES)
                    & Q(
                        publisher__isnull=True,
                        published_at__isnull=True,
                        published_on__isnull=True,
                    )
                ),
                name="update_published_by_someone_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(published_on__isnull=True) | Q(effective_on__lte=F("published_on")),
                name="update_not_effective_after_publication",
            ),
            models.CheckConstraint(
                condition=(Q(state=State.SUPERSEDED) & Q(superseded_at__isnull=False))
                | Q(state=State.RETRACTED)
                | (
                    ~Q(state__in=(State.SUPERSEDED, State.RETRACTED))
                    & Q(superseded_at__isnull=True)
                ),
                name="update_superseded_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=State.RETRACTED, retracted_at__isnull=False)
                | (~Q(state=State.RETRACTED) & Q(retracted_at__isnull=True)),
                name="update_retracted_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(published_at__isnull=False),
                name="update_corrected_once",
            ),
            models.CheckConstraint(
                condition=Q(external_ref__isnull=True) | ~Q(external_ref=""),
                name="update_external_ref_not_empty",
            ),
        ]
        indexes = [
            # A commitment's current claim under either clock.
            models.Index(
                fields=["commitment", "-effective_on", "-published_at", "-id"],
                name="update_latest_claim",
            ),
            # The reviewers' queue and the public list.
            models.Index(fields=["state", "-id"], name="update_by_state"),
            # A repeated external reference.
            models.Index(fields=["external_ref"], name="update_by_external_ref"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.commitment.number} {self.effective_on}"


# A forum that an update names, and an account that wrote or edited one and so may not review it,
# are not deleted with the link.
keep_linked(ProgressUpdate.forums, "forum")
keep_linked(ProgressUpdate.editors, "user")
