"""Puts the version into the list of parts that CycloneDX wrote: pyproject.toml, from which it takes
what it says of the tracker, does not have it.

    python3 -m tools.sbom sbom.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from commitments import __version__


def put_version(path: Path, version: str) -> None:
    """Add the version, and the address of the package by it (purl), to a file of CycloneDX."""
    document = json.loads(path.read_text("utf-8"))
    document["metadata"]["component"] |= {
        "version": version,
        "purl": f"pkg:generic/commitment-tracker@{version}",
    }
    path.write_text(f"{json.dumps(document, indent=2, ensure_ascii=False)}\n", encoding="utf-8")


if __name__ == "__main__":
    put_version(Path(sys.argv[1]), __version__)
