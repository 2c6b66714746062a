"""Text for XML 1.0."""

from __future__ import annotations

import re

NO_PLACE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def readable(text: str) -> str:
    """With the replacement character for what XML has no place for."""
    return NO_PLACE.sub("\ufffd", text)
