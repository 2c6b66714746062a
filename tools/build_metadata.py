"""Tells the build of the package on which libraries the tracker runs.

They are listed in requirements.in, and those of the optional parts in requirements-extras.in; which
versions of them were tested is in the requirements files with digests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class RequirementsHook(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        """Add the dependencies. hatchling calls this with the other metadata of the project."""
        root = Path(self.root)
        metadata["dependencies"] = _requirements(root / "requirements.in")
        extras = _requirements(root / "requirements-extras.in")
        metadata["optional-dependencies"] = {"extras": extras}


def _requirements(path: Path) -> list[str]:
    """Return the lines of a requirements file that name a library."""
    lines = [line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("-")]
