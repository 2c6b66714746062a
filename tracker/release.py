"""The identity of the running release: its version, and a digest computed from its files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from commitments import __version__

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = {".py", ".html", ".mo", ".json", ".yaml", ".css", ".svg", ".ttf"}


def release() -> str:
    """Return the version with the fingerprint of the code, as PEP 440 writes local versions, such
    as 2.3.4+0123456789abcdef. Two copies of the same code have the same one."""
    return f"{__version__}+{_fingerprint()}"


def _fingerprint() -> str:
    """Return a digest of code, templates, catalogues and style sheets, in 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for folder in ("commitments", "tracker"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES:
                digest.update(f"{path.relative_to(ROOT)} ".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
