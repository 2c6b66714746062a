"""Results of checking the links of evidence and their archived copies."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import DEAD_AFTER_CHECKS, ROBOT_REFUSALS, LinkStatus
from commitments.models.base import BaseModel
from commitments.models.evidence import Evidence
from commitments.models.fields import CodeField
from commitments.models.querysets import LinkCheckQuerySet


class LinkCheck(BaseModel):
    """The result of checking `url`, the link or the archived address of a piece of evidence, from
    `first_at` to `last_at`.

    While the result stays the same, later checks update one row. `detail` is the HTTP status code
    or the reason at the last check. Only `links` writes these rows.
    """

    evidence = models.ForeignKey(
        Evidence,
        models.CASCADE,
        related_name="link_checks",
        # An index in Meta begins with this column.
        db_index=False,
        verbose_name=_("piece of evidence"),
    )
    url = models.TextField(_("address"))
    status = CodeField(_("status"), max_length=12, codes=LinkStatus)
    detail = models.CharField(_("detail"), max_length=100, blank=True)
    moved_to = models.TextField(_("moved to"), blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    validator = models.CharField(max_length=200, blank=True)
    first_at = models.DateTimeField(_("first seen"))
    last_at = models.DateTimeField(_("last seen"))
    checks = models.PositiveIntegerField(_("times seen"), default=1)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("link check")
        verbose_name_plural = _("link checks")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=LinkStatus.values()), name="link_status_known"
            ),
            models.CheckConstraint(
                condition=Q(first_at__lte=models.F("last_at")), name="link_first_before_last"
            ),
        ]
        indexes = [
            # The latest result of a link.
            models.Index(fields=["evidence", "-id"], name="link_check_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id} {self.status}"

    @property
    def is_dead(self) -> bool:
        """Return whether the link counts as dead, by the rule of `LinkCheckQuerySet.dead`."""
        if self.status == LinkStatus.UNREACHABLE:
            return self.checks >= DEAD_AFTER_CHECKS and self.detail not in ROBOT_REFUSALS
        return bool(self.status == LinkStatus.GONE)
