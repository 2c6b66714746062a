"""Ledgers of any length, without the work that led to their entries."""

from hashlib import sha256

from commitments.models import Decision, LedgerHead
from tests.ledger.proofs import trees
from tests.steps import NOW


def add_entries(count, history="one"):
    """Append entries that nobody made to the ledger; another history has other entries."""
    head = LedgerHead.objects.get()
    Decision.objects.bulk_create(
        (
            Decision(
                seq=seq,
                at=NOW,
                action="account",
                role="system",
                note_commit="",
                actor_commit="",
                entry_sha256=sha256(f"{history} {seq}".encode()).hexdigest(),
                hash=f"{seq:064}",
            )
            for seq in range(head.seq + 1, head.seq + count + 1)
        ),
        batch_size=500,
    )
    head.seq, head.hash, head.at = head.seq + count, f"{head.seq + count:064}", NOW
    head.save()


def entries():
    """Return the data of every leaf."""
    digests = Decision.objects.order_by("seq").values_list("entry_sha256", flat=True)
    return [bytes.fromhex(digest) for digest in digests]


def root_by_definition(size):
    return trees.mth(entries()[:size])
