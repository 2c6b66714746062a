"""The text formats of C2SP for tree heads, proofs and tiles.

tree head          c2sp.org/tlog-checkpoint   origin, size, root; the text of a checkpoint's note
inclusion proof    c2sp.org/tlog-proof        a file that can be verified without the tracker
consistency proof  c2sp.org/tlog-witness      what a witness is sent, and anybody may fetch
tile               c2sp.org/tlog-tiles        256 nodes or entries, as a static file
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from commitments.ledger.proofs.merkle import TILE_HEIGHT, TILE_WIDTH
from commitments.ledger.proofs.notes import InvalidNote, decode_base64

HASH_BYTES = 32
# A tree of this height can hold more entries than there will ever be.
MAX_LEVEL = 63 // TILE_HEIGHT
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True)
class TreeHead:
    """What a checkpoint says of a log: its name, how many entries it has, and their root hash."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> TreeHead:
        """Read the text of a checkpoint. Raise InvalidNote if it is malformed or has extensions."""
        origin, size, root = [*text.split("\n"), "", "", ""][:3]
        if not origin or not _NUMBER.fullmatch(size):
            raise InvalidNote("the checkpoint has no origin or no size")
        head = cls(origin, int(size), decode_base64(root))
        if len(head.root) != HASH_BYTES or head.text != text:
            raise InvalidNote("the checkpoint has other lines than origin, size and root")
        return head


def inclusion_file(
    index: int, proof: Sequence[bytes], checkpoint: str, *, extra: bytes = b""
) -> str:
    """Return the file that proves that an entry is in the tree of a checkpoint. `extra` is
    information for the verifier; it is not covered by the proof."""
    lines = ["c2sp.org/tlog-proof@v1"]
    lines += [f"extra {_base64(extra)}"] if extra else []
    lines += [f"index {index}", *map(_base64, proof), "", checkpoint]
    return "\n".join(lines)


def consistency_file(old: int, proof: Sequence[bytes], checkpoint: str) -> str:
    """Return the body that proves to a witness that the tree of a checkpoint continues that of the
    size `old`."""
    return "\n".join([f"old {old}", *map(_base64, proof), "", checkpoint])


@dataclass(frozen=True)
class Tile:
    """`width` nodes of a level, or as many entries if `level` is None, beginning with the number
    `index * 256`."""

    level: int | None
    index: int
    width: int

    @property
    def path(self) -> str:
        """Return the path that the tile has below `tile/`."""
        *groups, last = _groups_of_three(self.index)
        number = "/".join([*(f"x{group}" for group in groups), last])
        level = "entries" if self.level is None else self.level
        part = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"{level}/{number}{part}"

    @property
    def start(self) -> int:
        return self.index * TILE_WIDTH

    @property
    def stop(self) -> int:
        return self.start + self.width

    def is_in(self, size: int) -> bool:
        """Return whether the tree of a size contains the whole tile."""
        return self.stop <= size >> (self.level or 0) * TILE_HEIGHT


def parse_tile(path: str) -> Tile | None:
    """Return the tile with this path; None if it is not the path of one."""
    level, _slash, rest = path.partition("/")
    number, part, width = rest.partition(".p/")
    if not level or not _NUMBER.fullmatch(width or "1") or (part and not width):
        return None
    digits = number.replace("/", "").replace("x", "")
    if not digits.isdecimal() or not (level == "entries" or _NUMBER.fullmatch(level)):
        return None
    tile = Tile(
        None if level == "entries" else int(level),
        int(digits),
        int(width) if part else TILE_WIDTH,
    )
    return tile if tile.path == path and 0 < tile.width <= TILE_WIDTH else None


def tiles_of(size: int) -> list[Tile]:
    """Return every tile of the tree of a size, of nodes and of entries."""
    found: list[Tile] = []
    levels: list[int | None] = [None, *range(MAX_LEVEL + 1)]
    for level in levels:
        nodes = size >> (level or 0) * TILE_HEIGHT
        full, width = divmod(nodes, TILE_WIDTH)
        found += [Tile(level, index, TILE_WIDTH) for index in range(full)]
        found += [Tile(level, full, width)] if width else []
    return found


def _groups_of_three(number: int) -> list[str]:
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    return [digits[place : place + 3] for place in range(0, len(digits), 3)]


def _base64(value: bytes) -> str:
    return b64encode(value).decode()
