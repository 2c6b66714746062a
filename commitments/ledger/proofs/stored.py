"""The Merkle tree over the ledger's entries in the database, with as few reads as possible."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max

from commitments.ledger.proofs.formats import MAX_LEVEL, Tile
from commitments.ledger.proofs.merkle import TILE_HEIGHT, TILE_WIDTH, Tree, fold, leaf_hash
from commitments.models import Decision, LedgerNode


class EntriesMissing(Exception):
    """Entries of the ledger, or nodes of its tree, are missing. `verify_ledger` says which."""


def leaf_data(entry_sha256: str) -> bytes:
    """Return the data of an entry's leaf."""
    return bytes.fromhex(entry_sha256)


def stored_tree() -> Tree:
    """Return the tree over the ledger. It keeps each tile that it has read: after a change, get a
    new tree."""
    tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def read(level: int, start: int, stop: int) -> Sequence[bytes]:
        index = start // TILE_WIDTH
        if (level, index) not in tiles:
            tiles[level, index] = _tile(level, index)
        first = index * TILE_WIDTH
        nodes = tiles[level, index][start - first : stop - first]
        if len(nodes) < stop - start:
            raise EntriesMissing(f"The ledger's tree lacks nodes {start} to {stop} of {level}.")
        return nodes

    return Tree(read)


def grow_tree(size: int, limit: int) -> bool:
    """Store the nodes of the tree over the first `size` entries that are not stored yet, at most
    `limit` of them. Return whether all are stored now.

    Call it inside a transaction that has locked the ledger's head.
    """
    for level in range(1, MAX_LEVEL + 1):
        if size >> level * TILE_HEIGHT == 0:
            break
        last = LedgerNode.objects.filter(level=level).aggregate(last=Max("number"))["last"]
        first, stop = (0 if last is None else last + 1), size >> level * TILE_HEIGHT
        numbers = range(first, min(stop, first + limit))
        limit -= len(numbers)
        tree = stored_tree()
        LedgerNode.objects.bulk_create(
            LedgerNode(level=level, number=number, hash=_node(tree, level, number).hex())
            for number in numbers
        )
        if numbers.stop < stop:
            return False
    return True


def tile_content(tile: Tile) -> bytes:
    """Return the content of a tile of nodes or entries, which the ledger must have."""
    if tile.level is None:
        data = map(leaf_data, _entries(tile.start, tile.stop))
        return b"".join(len(item).to_bytes(2, "big") + item for item in data)
    return b"".join(stored_tree().read(tile.level, tile.start, tile.stop))


def _node(tree: Tree, level: int, number: int) -> bytes:
    start = number * TILE_WIDTH
    return fold(tree.read(level - 1, start, start + TILE_WIDTH))


def _tile(level: int, index: int) -> list[bytes]:
    """Return the nodes of a tile that exist."""
    start = index * TILE_WIDTH
    if level == 0:
        return [leaf_hash(leaf_data(digest)) for digest in _entries(start, start + TILE_WIDTH)]
    nodes = LedgerNode.objects.filter(level=level, number__gte=start, number__lt=start + TILE_WIDTH)
    rows = list(nodes.order_by("number").values_list("number", "hash"))
    _refuse_gaps(start, [number for number, _hash in rows])
    return [bytes.fromhex(digest) for _number, digest in rows]


def _entries(start: int, stop: int) -> list[str]:
    """Return the digests of the entries of this range that exist, counted from 0."""
    entries = Decision.objects.filter(seq__gt=start, seq__lte=stop).order_by("seq")
    rows = list(entries.values_list("seq", "entry_sha256"))
    _refuse_gaps(start + 1, [seq for seq, _digest in rows])
    return [digest for _seq, digest in rows]


def _refuse_gaps(first: int, numbers: Sequence[int]) -> None:
    """Raise EntriesMissing unless the numbers follow one another."""
    if list(numbers) != list(range(first, first + len(numbers))):
        raise EntriesMissing(f"The ledger lacks an entry after number {first}, or has it twice.")
