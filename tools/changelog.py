"""The sections of CHANGELOG.md, whose form is that of Keep a Changelog."""

from __future__ import annotations

import re
from dataclasses import dataclass

HEADING = re.compile(r"^## \[(?P<version>[^]]+)\](?: - (?P<day>\d{4}-\d\d-\d\d))?$", re.MULTILINE)
UNRELEASED = "Unreleased"


@dataclass(frozen=True)
class Section:
    """What has changed in a version; `day` is that of its release (ISO 8601), None for what is not
    released."""

    version: str
    day: str | None
    text: str


def sections(changelog: str) -> dict[str, Section]:
    """Return the sections by version, in the order of the file: the newest first."""
    headings = list(HEADING.finditer(changelog))
    ends = [heading.start() for heading in headings[1:]] + [len(changelog)]
    found = [
        Section(heading["version"], heading["day"], changelog[heading.end() : end].strip())
        for heading, end in zip(headings, ends, strict=True)
    ]
    return {section.version: section for section in found}
