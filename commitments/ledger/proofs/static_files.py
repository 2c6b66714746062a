"""The ledger's tree as files, for a host that serves nothing but files (c2sp.org/tlog-tiles)."""

from __future__ import annotations

import os
from pathlib import Path

from commitments.ledger.proofs.checkpoints import cosigned_note
from commitments.ledger.proofs.formats import tiles_of
from commitments.ledger.proofs.stored import tile_content
from commitments.models import Checkpoint


def write_static_files(folder: Path, checkpoint: Checkpoint) -> int:
    """Write the tiles of a checkpoint's tree that are not in the folder yet, and then the
    checkpoint. Return how many tiles were written.

    Concurrent readers find each file complete, and all tiles of the checkpoint that they read.
    """
    written = 0
    for tile in tiles_of(checkpoint.size):
        path = folder / "tile" / tile.path
        if not path.exists():
            _write(path, tile_content(tile))
            written += 1
    _write(folder / "checkpoint", cosigned_note(checkpoint).encode())
    return written


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content)
    os.replace(new, path)
