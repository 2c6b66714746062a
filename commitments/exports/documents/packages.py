"""ZIP packages of Open XML files, written so that the same content gives the same bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

CORE_PROPERTIES = "docProps/core.xml"
# The earliest time that ZIP can represent.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def write_package(packed: IO[bytes], at: datetime, file: IO[bytes]) -> None:
    """Rewrite a package without what depends on when it was made: all its parts get one fixed time,
    and its properties give `at` as the time."""
    time = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with ZipFile(packed) as source, ZipFile(file, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == CORE_PROPERTIES:
                content = _MODIFIED.sub(rb"\g<1>" + time + rb"\g<2>", content)
            info = ZipInfo(member.filename, ZIP_EPOCH)
            info.compress_type, info.create_system = ZIP_DEFLATED, 0
            target.writestr(info, content)
