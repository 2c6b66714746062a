"""The rows of the ledger: decisions, chained by their hashes, and the head of the chain."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import Action, SubjectType
from commitments.models.base import BaseModel
from commitments.models.commitments import Commitment
from commitments.models.fields import CodeField, SaltField
from commitments.models.plans import Plan
from commitments.models.progress import ProgressUpdate
from commitments.models.querysets import DecisionQuerySet


class Decision(BaseModel):
    """A recorded action: what was done, by whom, when and why.

    It concerns an update, a plan, or, if it is an edit, the subject `subject_type` and
    `subject_key`, as `ledger.Subject` defines them; `plan` is null if plans share the subject.

    Append-only: database triggers refuse deletions, and every change except an erasure, which
    empties the note with its salt, or what names the subject or an archived address in
    `subject_key` and `meta`, and sets `erased_by`, an `erase` that names this decision. `ledger`
    computes `entry_sha256` and `hash`. With the salts, a person who learns the note or the actor
    can check them against the entry.
    """

    seq = models.PositiveBigIntegerField(_("sequence number"), unique=True)
    at = models.DateTimeField(_("time"))
    action = CodeField(_("action"), max_length=20, codes=Action)
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, related_name="decisions", verbose_name=_("plan")
    )
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
        # An index in Meta begins with this column.
        db_index=False,
        verbose_name=_("progress update"),
    )
    subject_type = CodeField(_("type"), max_length=10, codes=SubjectType, blank=True)
    subject_key = models.CharField(_("subject"), max_length=300, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="decisions",
        verbose_name=_("decided by"),
    )
    role = models.CharField(_("role"), max_length=20)
    note = models.TextField(_("note"), blank=True)
    meta = models.JSONField(_("other details"), default=dict)
    content_version = models.PositiveSmallIntegerField(
        _("version of the content"), null=True, blank=True
    )
    content_sha256 = models.CharField(_("content digest"), max_length=64, null=True)
    note_salt = SaltField()
    note_commit = models.CharField(max_length=64)
    actor_salt = SaltField()
    actor_commit = models.CharField(max_length=64)
    entry_sha256 = models.CharField(_("entry digest"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64, unique=True)
    erased_by = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name=_("erased by")
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=Action.values()), name="decision_action_known"
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="decision_seq_from_one"),
            models.CheckConstraint(
                condition=Q(action=Action.EDIT.value, subject_type__in=SubjectType.values())
                | Q(
                    action__in=(Action.CONFIRM_TIME.value, Action.ACCOUNT.value),
                    subject_type="",
                    plan__isnull=True,
                )
                | Q(action=Action.ERASE.value, subject_type__in=["", *SubjectType.values()])
                | ~Q(
                    action__in=(
                        Action.EDIT.value,
                        Action.CONFIRM_TIME.value,
                        Action.ACCOUNT.value,
                        Action.ERASE.value,
                    )
                )
                & Q(subject_type="", plan__isnull=False),
                name="decision_edit_has_its_subject",
            ),
        ]
        indexes = [
            # The decisions on one update.
            models.Index(fields=["update", "seq"], name="decision_of_update"),
            # The erasures, which are few: the page of the ledger.
            models.Index(
                fields=["seq"],
                name="decision_erasure",
                condition=Q(action=Action.ERASE.value),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} · {Action(self.action).label}"

    @property
    def note_is_erased(self) -> bool:
        return self.erased_by_id is not None and not self.note_salt

    @property
    def entry_is_erased(self) -> bool:
        """Return whether the archived address or the subject that the entry names was erased, so
        that only the digest of the entry is left."""
        return self.erased_by_id is not None and (
            (self.action == Action.ARCHIVE and not self.meta)
            or (self.subject_type != "" and self.subject_key == "")
        )


class LedgerHead(BaseModel):
    """The last decision of the chain. The table has one row, locked while a decision is added."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.PositiveBigIntegerField(_("sequence number"), default=0)
    hash = models.CharField(_("hash"), max_length=64)
    at = models.DateTimeField(_("time"), null=True)

    class Meta:
        verbose_name = _("latest ledger entry")
        verbose_name_plural = _("latest ledger entry")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="ledger_has_one_head"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"
