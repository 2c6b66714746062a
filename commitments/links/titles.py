"""The titles of web pages."""

from __future__ import annotations

import html
import re
from contextlib import suppress

# The beginning of a page that is searched for its title.
TITLE_SEARCH_BYTES = 100_000
# In characters; longer ones are not titles.
MAX_PAGE_TITLE = 300
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})")


def raw_title(page: bytes) -> bytes:
    """Return the title of a page as it is written there, with single blanks; b"" if it has none. It
    takes linear time whatever the page contains."""
    beginning = page[:TITLE_SEARCH_BYTES]
    lower = beginning.lower()
    begin = lower.find(b">", lower.find(b"<title")) + 1 if b"<title" in lower else 0
    end = lower.find(b"</title", begin) if begin else -1
    return b" ".join(beginning[begin:end].split()) if end > begin else b""


def readable_title(page: bytes, content_type: str) -> str:
    """Return the title of a page as text, in the encoding that its header or the page states, else
    in UTF-8 or GB18030; "" if it has none, or if none of these encodings fits."""
    title = raw_title(page)[: 4 * MAX_PAGE_TITLE]
    stated = _CHARSET.search(content_type.encode()) or _CHARSET.search(page[:TITLE_SEARCH_BYTES])
    named = [stated[1].decode("ascii")] if stated else []
    for encoding in (*named, "utf-8", "gb18030"):
        with suppress(UnicodeError, LookupError):
            text = html.unescape(title.decode(encoding))
            readable = "".join(mark for mark in text if mark.isprintable())
            return " ".join(readable.split())[:MAX_PAGE_TITLE]
    return ""
