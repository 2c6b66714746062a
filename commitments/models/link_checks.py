"""What became of the links that stand behind updates."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.health import DEAD_AFTER, TURNED_AWAY, LinkOutcome
from commitments.models.evidence import Evidence
from commitments.querysets import LinkCheckQuerySet


class LinkCheck(models.Model):
    """What was found at a link, from `first_at` to `last_at`: one row for as long as that stays the
    same. `detail` (a status code or a reason) is that of the last time. `links.record` writes it,
    nothing else."""

    evidence = models.ForeignKey(
        Evidence, models.CASCADE, related_name="link_checks", verbose_name=_("piece of evidence")
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=LinkOutcome.choices)
    detail = models.CharField(_("detail"), max_length=100, blank=True)
    moved_to = models.TextField(_("moved to"), blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    validator = models.CharField(max_length=200, blank=True)
    first_at = models.DateTimeField(_("first seen so"))
    last_at = models.DateTimeField(_("last seen so"))
    checks = models.PositiveIntegerField(_("times seen so"), default=1)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("link check")
        verbose_name_plural = _("link checks")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=LinkOutcome.values()), name="link_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(first_at__lte=models.F("last_at")), name="link_first_before_last"
            ),
        ]
        indexes = [
            # The latest row of a link.
            models.Index(fields=["evidence", "-id"], name="link_check_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id} {self.outcome}"

    @property
    def is_dead(self) -> bool:
        """The same as `LinkCheckQuerySet.dead`."""
        if self.outcome == LinkOutcome.UNREACHABLE:
            return self.checks >= DEAD_AFTER and self.detail not in TURNED_AWAY
        return self.outcome == LinkOutcome.GONE
