"""Signed heads of the ledger, what witnesses signed of them, and nodes of its Merkle tree."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.models.base import BaseModel

# A name of at most 200 characters, an ID, and a key of Ed25519 with its type.
MAX_VERIFIER_KEY_LENGTH = 300


class LedgerNode(BaseModel):
    """A node of the ledger's Merkle tree: the hash over 256 ** `level` entries, the first of which
    is number `number` * 256 ** `level`, counted from 0.

    Those of level 0 are not stored: they are the hashes of single entries. Append-only, by
    triggers.
    """

    level = models.PositiveSmallIntegerField()
    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "number"], name="ledgernode_unique"),
            models.CheckConstraint(condition=Q(level__gte=1), name="ledgernode_level_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.number}"


class Checkpoint(BaseModel):
    """A head of the ledger's Merkle tree, signed with the site's key: how many entries there were,
    and their root hash. `note` is the signed note, `key` the verifier key.

    Append-only, by triggers: what was signed cannot be taken back.
    """

    size = models.PositiveBigIntegerField(_("number of entries"))
    root = models.CharField(_("root hash"), max_length=64)
    key = models.CharField(_("key"), max_length=MAX_VERIFIER_KEY_LENGTH)
    note = models.TextField(_("signed note"))
    at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        constraints = [
            models.UniqueConstraint(fields=["size", "key"], name="checkpoint_once_a_size_and_key"),
            models.CheckConstraint(condition=Q(size__gte=1), name="checkpoint_size_from_one"),
        ]

    def __str__(self) -> str:
        return str(self.size)


class Cosignature(BaseModel):
    """What a witness signed: that this checkpoint continues every one that it saw before. `line` is
    the line of the signature, `key` the witness's verifier key. Append-only, by triggers."""

    checkpoint = models.ForeignKey(
        Checkpoint, models.PROTECT, related_name="cosignatures", verbose_name=_("checkpoint")
    )
    key = models.CharField(_("key"), max_length=MAX_VERIFIER_KEY_LENGTH)
    line = models.CharField(_("signature"), max_length=500)
    at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("cosignature")
        verbose_name_plural = _("cosignatures")
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "key"], name="cosignature_once_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint_id} {self.key.partition('+')[0]}"
