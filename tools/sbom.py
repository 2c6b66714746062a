"""Completes the list of parts that CycloneDX wrote of requirements: with the version of the
tracker, which pyproject.toml does not have, and with the licence of each library, which a file of
requirements does not name. CycloneDX reads the licences from the packages that are installed here.

    python3 -m tools.sbom sbom.json installed.json
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict, cast

from commitments import __version__

# Licences that no metadata of an installed package names, from where they were read.
CONCLUDED = {
    # On Python before 3.11.3 only, so seldom installed: its metadata at PyPI.
    "async-timeout": "Apache-2.0",
    # Its file LICENSE.
    "resvg-py": "MIT",
    # Its metadata, in words of their own: “BSD 3-Clause OR Apache-2.0”.
    "uritemplate": "BSD-3-Clause OR Apache-2.0",
}


class Licence(TypedDict, total=False):
    """A licence as CycloneDX writes it: an expression of SPDX, or one licence by id or name."""

    acknowledgement: str
    expression: str
    license: dict[str, str]


class Component(TypedDict):
    """A library in a file of CycloneDX."""

    name: str
    version: str
    licenses: NotRequired[list[Licence]]


class _Release(NamedTuple):
    name: str
    version: str


def put_version(path: Path, version: str) -> None:
    """Add the version, and the address of the package by it (purl), to a file of CycloneDX."""
    document = json.loads(path.read_text("utf-8"))
    document["metadata"]["component"] |= {
        "version": version,
        "purl": f"pkg:generic/commitment-tracker@{version}",
    }
    _write(path, document)


def put_licences(path: Path, installed: Path) -> list[str]:
    """Add the licences of the libraries to a file of CycloneDX, from another one of what is
    installed; return the names of those of which none is known."""
    document = json.loads(path.read_text("utf-8"))
    known = {_release(part): part.get("licenses") for part in _components(installed)}
    without = []
    for part in cast(list[Component], document["components"]):
        licences = known.get(_release(part)) or _concluded(_release(part).name)
        if licences:
            part["licenses"] = licences
        else:
            without.append(part["name"])
    _write(path, document)
    return without


def _concluded(name: str) -> list[Licence]:
    expression = CONCLUDED.get(name)
    return [{"acknowledgement": "concluded", "expression": expression}] if expression else []


def _components(path: Path) -> list[Component]:
    return cast(list[Component], json.loads(path.read_text("utf-8"))["components"])


def _release(part: Component) -> _Release:
    """Return what a library has in both files; of its name there are spellings."""
    return _Release(re.sub(r"[-_.]+", "-", part["name"]).lower(), part["version"])


def _write(path: Path, document: object) -> None:
    path.write_text(f"{json.dumps(document, indent=2, ensure_ascii=False)}\n", encoding="utf-8")


def main(path: Path, installed: Path) -> int:
    put_version(path, __version__)
    without = put_licences(path, installed)
    if without:
        problem = "They are not installed in the locked version, or name none (tools/sbom.py)."
        print(f"No licence is known of {', '.join(without)}. {problem}", file=sys.stderr)
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
