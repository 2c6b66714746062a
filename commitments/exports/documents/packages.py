"""The packages that hold Open XML files: the same content gives the same bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

CORE_PROPERTIES = "docProps/core.xml"
# The first that ZIP can hold.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def write_package(packed: IO[bytes], at: datetime, file: IO[bytes]) -> None:
    """Write a package again without what depends on when it was made: its parts have one fixed
    time, and its properties say that it is of the time `at`."""
    time = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with ZipFile(packed) as source, ZipFile(file, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == CORE_PROPERTIES:
                content = _MODIFIED.sub(rb"\g<1>" + time + rb"\g<2>", content)
            info = ZipInfo(member.filename, ZIP_EPOCH)
            info.compress_type, info.create_system = ZIP_DEFLATED, 0
            target.writestr(info, content)
