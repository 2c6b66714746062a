"""Text that is valid in XML 1.0."""

from __future__ import annotations

import re

INVALID_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def strip_invalid_xml(text: str) -> str:
    """Return the text with U+FFFD in place of each character that XML 1.0 forbids."""
    return INVALID_IN_XML.sub("\ufffd", text)
