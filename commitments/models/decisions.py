"""The ledger's rows: decisions in one hash-chained order, and the chain's head."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import Action
from commitments.models.commitments import Commitment
from commitments.models.plans import Plan
from commitments.models.progress import ProgressUpdate
from commitments.querysets import DecisionQuerySet


class Decision(models.Model):
    """One act, who, when, why. Append-only: triggers refuse changes and deletions.

    `ledger` says how `entry_sha256` and `hash` are made. The salts let whoever is shown a note,
    or told who acted, check that against the entry.
    """

    seq = models.PositiveBigIntegerField(_("sequence number"), unique=True)
    at = models.DateTimeField(_("time"))
    action = models.CharField(_("act"), max_length=10, choices=Action.choices)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="decisions", verbose_name=_("plan"))
    commitment = models.ForeignKey(
        Commitment,
        models.PROTECT,
        null=True,
        related_name="decisions",
        verbose_name=_("commitment"),
    )
    update = models.ForeignKey(
        ProgressUpdate,
        models.PROTECT,
        null=True,
        related_name="decisions",
        verbose_name=_("progress update"),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="decisions",
        verbose_name=_("who"),
    )
    role = models.CharField(_("role"), max_length=10)
    note = models.TextField(_("note"), blank=True)
    meta = models.JSONField(_("further facts"), default=dict)
    content_sha256 = models.CharField(_("digest of the content"), max_length=64, null=True)
    note_salt = models.CharField(max_length=64)
    note_commit = models.CharField(max_length=64)
    actor_salt = models.CharField(max_length=64)
    actor_commit = models.CharField(max_length=64)
    entry_sha256 = models.CharField(_("digest of the entry"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64, unique=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=Action.values()), name="decision_action_known"
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="decision_seq_from_one"),
        ]
        indexes = [
            # An update's own chain of decisions.
            models.Index(fields=["update", "seq"], name="decision_of_update"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class LedgerHead(models.Model):
    """The last link of the chain, in the table's only row; locked while a link is added."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("head of the ledger")
        verbose_name_plural = _("head of the ledger")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="ledger_has_one_head"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"
