"""The migrations of the releases, which are never edited again: databases have run them.

Their digests are in tests/data/released/migrations.sha256, in the format of sha256sum. The file is
written for each release (`make freeze`); while there is none, nothing was released.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path("commitments/migrations")
RELEASED = Path("tests/data/released")
DIGESTS = RELEASED / "migrations.sha256"


def digests() -> dict[str, str]:
    """Return the SHA-256 of each migration, in hexadecimal, by its path."""
    return {
        path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(FOLDER.glob("[0-9]*.py"))
    }


def released(path: Path = DIGESTS) -> dict[str, str]:
    """Return those of the last release; nothing before the first."""
    if not path.exists():
        return {}
    rows = (line.split("  ", 1) for line in path.read_text("utf-8").splitlines())
    return {name: digest for digest, name in rows}


def altered(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Return the paths of released migrations that are no longer what they were, or are gone."""
    return [name for name, digest in before.items() if now.get(name) != digest]


def write(path: Path = DIGESTS) -> None:
    """Write down the migrations of a release."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{digest}  {name}\n" for name, digest in digests().items()]
    path.write_text("".join(lines), encoding="utf-8")
