"""Checkpoints: signed heads of the ledger's tree, and the proofs that lead to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Subquery

from commitments import ledger
from commitments.access import policies
from commitments.exceptions import TrackerError
from commitments.ledger.hashing import canonical_json
from commitments.ledger.proofs.formats import TreeHead, consistency_file, inclusion_file
from commitments.ledger.proofs.notes import SigningKey, VerifierKey
from commitments.ledger.proofs.stored import grow_tree, stored_tree
from commitments.models import Checkpoint, Decision, LedgerHead

# Each node hashes 256 others, which are read while the head of the ledger is locked.
MAX_NODES_AT_ONCE = 64


class CheckpointRefused(TrackerError):
    """Signing would contradict what was signed before."""


def sign_checkpoint(key: SigningKey, at: datetime) -> Checkpoint | None:
    """Sign the ledger as it is, and return the checkpoint; None if there is nothing new to sign.

    Raise CheckpointRefused if the ledger does not continue what was signed before, and
    EntriesMissing if entries are missing. `verify_ledger` then says what differs.
    """
    while True:
        with transaction.atomic():
            size = LedgerHead.objects.select_for_update().get().seq
            if grow_tree(size, MAX_NODES_AT_ONCE):
                return _sign(key, size, at)


def _sign(key: SigningKey, size: int, at: datetime) -> Checkpoint | None:
    last, tree, name = latest_checkpoint(), stored_tree(), str(key.verifier)
    if size == 0 and last is None:
        return None
    if last is not None:
        if last.size > size:
            raise CheckpointRefused(
                f"The ledger has {size} entries, but a checkpoint of {last.size} was signed. "
                "Nothing is signed until all of them are there."
            )
        if tree.root(last.size).hex() != last.root:
            raise CheckpointRefused(
                f"Entries up to {last.size} differ from those that were signed. Nothing is signed "
                "until they are as they were; verify_ledger says what was changed."
            )
        if (last.size, last.key) == (size, name):
            return None
    head = TreeHead(key.name, size, tree.root(size))
    return Checkpoint.objects.create(
        size=size, root=head.root.hex(), key=name, note=key.sign(head.text), at=at
    )


def latest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-id").first()


def latest_size() -> Subquery:
    """Return the size of the latest checkpoint, null without one, as a column of any query."""
    return Subquery(Checkpoint.objects.order_by("-id").values("size")[:1])


def checkpoint_of(size: int) -> Checkpoint | None:
    """Return the latest checkpoint that was signed at a size."""
    return Checkpoint.objects.filter(size=size).order_by("-id").first()


def cosigned_note(checkpoint: Checkpoint) -> str:
    """Return the signed note with the cosignatures received so far."""
    lines = checkpoint.cosignatures.order_by("id").values_list("line", flat=True)
    return "".join([checkpoint.note, *lines])


def witness_names(checkpoint: Checkpoint) -> list[str]:
    """Return the names of the witnesses that have cosigned, in their order."""
    keys = checkpoint.cosignatures.order_by("id").values_list("key", flat=True)
    return [VerifierKey.parse(key).name for key in keys]


def inclusion_proof(checkpoint: Checkpoint, decision: Decision) -> str:
    """Return the file that proves that a decision is in the tree of a checkpoint, with its entry as
    canonical JSON if that is public. Raise ValueError if the decision came after the checkpoint."""
    [(_decision, proof)] = inclusion_proofs(checkpoint, [decision])
    return proof


def inclusion_proofs(
    checkpoint: Checkpoint, decisions: Iterable[Decision]
) -> Iterator[tuple[Decision, str]]:
    """Yield each of these decisions with its `inclusion_proof`; each tile of the tree is read
    once."""
    tree, note = stored_tree(), cosigned_note(checkpoint)
    for decision in decisions:
        entry = ledger.entry(decision) if policies.entry_is_public(decision) else None
        index = decision.seq - 1
        hashes = tree.inclusion_proof(index, checkpoint.size)
        extra = canonical_json(entry) if entry else b""
        yield decision, inclusion_file(index, hashes, note, extra=extra)


def consistency_proof(checkpoint: Checkpoint, old: int) -> str:
    """Return the proof that the tree of a checkpoint continues that of the size `old`. Raise
    ValueError if `old` is larger than the checkpoint."""
    proof = stored_tree().consistency_proof(old, checkpoint.size)
    return consistency_file(old, proof, cosigned_note(checkpoint))
