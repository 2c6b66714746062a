"""Verification of checkpoints and of the stored nodes of the tree against the entries as they are
now. The tree is computed entry by entry here, without reading a node."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.db.models import Max
from django.utils.translation import gettext as _

from commitments.exceptions import Problem
from commitments.ledger.proofs.formats import TreeHead
from commitments.ledger.proofs.merkle import GrowingTree, leaf_hash
from commitments.ledger.proofs.notes import (
    InvalidNote,
    Note,
    VerifierKey,
    read_note,
    read_signatures,
)
from commitments.ledger.proofs.stored import leaf_data
from commitments.models import Checkpoint, Cosignature, Decision, LedgerNode
from commitments.verification.rows import ROWS_PER_CHUNK, check_row

# Hashes recomputed from the entries: of nodes, by level and number, and roots, by size.
Nodes = dict[tuple[int, int], str]
Roots = dict[int, str]


def checkpoint_differences() -> Iterator[Problem]:
    """Yield the differences of checkpoints, cosignatures and stored nodes from the entries."""
    sizes = set(Checkpoint.objects.values_list("size", flat=True))
    nodes: Nodes = {}
    roots: Roots = {}
    try:
        _grow(nodes, roots, sizes)
    except ValueError:
        # A digest is malformed; the verification of the chain reports which.
        yield Problem(("checkpoints",), _("cannot be compared with damaged entries"))
        return
    yield from _node_differences(nodes)
    for checkpoint in Checkpoint.objects.order_by("id").iterator(chunk_size=ROWS_PER_CHUNK):
        place = f"checkpoint {checkpoint.size}"
        root = roots.get(checkpoint.size)
        yield from check_row(place, partial(_checkpoint_differences, checkpoint, root, place))
    cosignatures = Cosignature.objects.order_by("id").select_related("checkpoint")
    for row in cosignatures.iterator(chunk_size=ROWS_PER_CHUNK):
        place = f"checkpoint {row.checkpoint.size}, cosignature {row.pk}"
        yield from check_row(place, partial(_cosignature_differences, row, place))


def _grow(nodes: Nodes, roots: Roots, sizes: set[int]) -> None:
    """Compute every node, and the root at each of the sizes."""
    tree = GrowingTree()
    digests = Decision.objects.order_by("seq").values_list("entry_sha256", flat=True)
    for digest in digests.iterator(chunk_size=ROWS_PER_CHUNK):
        for level, node in tree.add(leaf_hash(leaf_data(digest))):
            nodes[level, (tree.size >> 8 * level) - 1] = node.hex()
        if tree.size in sizes:
            roots[tree.size] = tree.root().hex()


def _node_differences(nodes: Nodes) -> Iterator[Problem]:
    """Compare the stored nodes with those computed. All nodes on which a checkpoint rests are
    stored."""
    size = Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0
    missing = {(level, number) for level, number in nodes if number + 1 <= size >> 8 * level}
    stored = LedgerNode.objects.order_by("level", "number")
    for row in stored.iterator(chunk_size=ROWS_PER_CHUNK):
        missing.discard((row.level, row.number))
        if nodes.get((row.level, row.number)) != row.hash:
            yield Problem((f"node {row}",), _("differs from the entries"))
    for level, number in sorted(missing):
        yield Problem((f"node {level}/{number}",), _("is missing"))


def _checkpoint_differences(
    checkpoint: Checkpoint, root: str | None, place: str
) -> Iterator[Problem]:
    key, note = VerifierKey.parse(checkpoint.key), read_note(checkpoint.note)
    stored = TreeHead(key.name, checkpoint.size, bytes.fromhex(checkpoint.root))
    if not _is_signed(note, key):
        yield Problem((place,), _("the key did not sign this"))
    if TreeHead.parse(note.text) != stored:
        yield Problem((place,), _("the row differs from what was signed"))
    if root is None:
        yield Problem((place,), _("was signed, but the ledger has fewer entries now"))
    elif root != checkpoint.root:
        yield Problem((place,), _("entries differ from those that were signed"))


def _cosignature_differences(row: Cosignature, place: str) -> Iterator[Problem]:
    text = read_note(row.checkpoint.note).text
    if not _is_signed(Note(text, read_signatures(row.line)), VerifierKey.parse(row.key)):
        yield Problem((place,), _("the key did not sign this"))


def _is_signed(note: Note, key: VerifierKey) -> bool:
    try:
        return note.signature_of(key) is not None
    except InvalidNote:
        return False
