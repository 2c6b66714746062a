"""Texts in the cells of tables: several names in one, and what would pass for a formula."""

from __future__ import annotations

import re

# Between several names or codes in a cell.
NAME_SEPARATOR = "; "
# Text that a spreadsheet would run as a formula, also after blanks and in full width. Text that
# has apostrophes before it matches too: removing one apostrophe always restores the original.
FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠\t\r\n]")


def escape_formula(text: str) -> str:
    """Return the text with an apostrophe before it if a spreadsheet would run it."""
    return f"'{text}" if FORMULA.match(text) else text


def unescape_formula(text: str) -> str:
    """Return the text from which `escape_formula` made this one."""
    return text[1:] if text.startswith("'") and FORMULA.match(text[1:]) else text
