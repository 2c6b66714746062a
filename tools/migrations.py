"""The migrations of the releases, which are never edited again: databases have run them.

Their digests are in tests/data/released/, a file for each release, in the format of sha256sum. The
file is written when the release is made ready (`make freeze`) and stays as it is once the release
is tagged.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path("commitments/migrations")
RELEASED = Path("tests/data/released")
# The end of the names of these files, after the version.
DIGESTS = ".migrations.sha256"


def digests() -> dict[str, str]:
    """Return the SHA-256 of each migration, in hexadecimal, by its path."""
    return {
        path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(FOLDER.glob("[0-9]*.py"))
    }


def kept_digests(version: str) -> Path:
    return RELEASED / f"{version}{DIGESTS}"


def released() -> dict[str, dict[str, str]]:
    """Return those of each release by its version."""
    return {
        path.name.removesuffix(DIGESTS): _read(path)
        for path in sorted(RELEASED.glob(f"*{DIGESTS}"))
    }


def _read(path: Path) -> dict[str, str]:
    rows = (line.split("  ", 1) for line in path.read_text("utf-8").splitlines())
    return {name: digest for digest, name in rows}


def altered(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Return the paths of released migrations that are no longer what they were, or are gone."""
    return [name for name, digest in before.items() if now.get(name) != digest]


def altered_since(version: str) -> dict[str, list[str]]:
    """Return what was altered since each release but `version`, which is being made, by release."""
    now = digests()
    found = {name: altered(before, now) for name, before in released().items() if name != version}
    return {name: paths for name, paths in found.items() if paths}


def write(version: str) -> None:
    """Write down the migrations of a release."""
    path = kept_digests(version)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{digest}  {name}\n" for name, digest in digests().items()]
    path.write_text("".join(lines), encoding="utf-8")
