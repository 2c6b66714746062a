"""The Merkle tree of RFC 6962 (section 2.1), by the definitions given there.

A leaf's data are the 32 bytes of an entry's `entry_sha256`; its index is the sequence number less
one. Hashes are 32 bytes.

A node of level L is the hash over 256 ** L consecutive leaves, so those of level 0 are the hashes
of leaves. Everything else is computed from nodes, reading at most 256 of a level at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

# A tile is 256 nodes of one level, side by side: a subtree of this height.
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
EMPTY_ROOT = hashlib.sha256().digest()

# Return the nodes of a level from `start` up to but not including `stop`, all in one tile.
NodeReader = Callable[[int, int, int], Sequence[bytes]]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf with these data."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the two subtrees with these hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over subtrees of equal size; their number must be a power of two."""
    while len(hashes) > 1:
        hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def _split(width: int) -> int:
    """Return the largest power of two that is smaller than `width`, which is at least 2."""
    return 1 << (width - 1).bit_length() - 1


@dataclass(frozen=True)
class Tree:
    """The tree over leaves whose nodes `read` returns. No size may exceed the number of leaves."""

    read: NodeReader

    def root(self, size: int) -> bytes:
        """Return the root hash over the first `size` leaves."""
        return self._hash(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the hashes that lead from a leaf to the root, that of its sibling first. Raise
        ValueError if the tree of this size does not have the leaf."""
        if not 0 <= index < size:
            raise ValueError(f"no leaf {index} in a tree of {size}")
        proof = []
        start, stop = 0, size
        while stop - start > 1:
            middle = start + _split(stop - start)
            if index < middle:
                proof.append(self._hash(middle, stop))
                stop = middle
            else:
                proof.append(self._hash(start, middle))
                start = middle
        return proof[::-1]

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """Return the hashes that show that the first `old` of `new` leaves are those of the tree of
        that size; none if there is nothing to show. Raise ValueError if `old` is larger."""
        if not 0 <= old <= new:
            raise ValueError(f"a tree of {new} does not contain one of {old}")
        if old in (0, new):
            return []
        proof = []
        start, stop = 0, new
        while stop != old:
            middle = start + _split(stop - start)
            if old <= middle:
                proof.append(self._hash(middle, stop))
                stop = middle
            else:
                proof.append(self._hash(start, middle))
                start = middle
        if start:
            # The verifier knows the old root; all other subtrees have to be in the proof.
            proof.append(self._hash(start, stop))
        return proof[::-1]

    def _hash(self, start: int, stop: int) -> bytes:
        """Return the hash over the leaves from `start` up to but not including `stop`."""
        width = stop - start
        if width & (width - 1) == 0:
            return self._complete(start, width)
        middle = start + _split(width)
        return node_hash(self._hash(start, middle), self._hash(middle, stop))

    def _complete(self, start: int, width: int) -> bytes:
        """Return the hash over `width` leaves, a power of two, that begin at a multiple of it."""
        level, height = divmod(width.bit_length() - 1, TILE_HEIGHT)
        first = start >> level * TILE_HEIGHT
        return fold(self.read(level, first, first + (1 << height)))


@dataclass
class GrowingTree:
    """A tree to which leaves are added one after the other. It keeps only the hashes of the largest
    complete subtrees, so it can take any number of leaves."""

    size: int = 0
    _subtrees: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> Iterator[tuple[int, bytes]]:
        """Add the hash of a leaf. Yield each complete node of level 1 or higher that ends with it,
        with its level."""
        self.size += 1
        height, completed = 0, leaf
        while not self.size >> height & 1:
            height += 1
            completed = node_hash(self._subtrees.pop(), completed)
            if height % TILE_HEIGHT == 0:
                yield height // TILE_HEIGHT, completed
        self._subtrees.append(completed)

    def root(self) -> bytes:
        if not self._subtrees:
            return EMPTY_ROOT
        *larger, root = self._subtrees
        for subtree in reversed(larger):
            root = node_hash(subtree, root)
        return root
