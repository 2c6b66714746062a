"""Read the cells of CSV in each of the forms in which Excel saves it, or copies it."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO

from django.utils.translation import gettext as _

ASCII = re.compile(r"[\x00-\x7f]+")
QUOTED = re.compile(r'"[^"]*"')
# The rows of GB 2312 with punctuation, figures and Latin letters, and with the 3,755 characters of
# its first level, of which nearly all text in this encoding consists.
COMMON_ROWS = {*range(1, 4), *range(16, 56)}
# Its two bytes are the numbers of the row and of the place there, each plus this.
OFFSET = 160


def csv_lines(content: bytes) -> Iterator[list[str]]:
    """Yield the rows of CSV, an empty one for a blank line. Raise ValueError if its encoding cannot
    be told, and, with the number of the row, for a quotation mark that is not closed: all rows
    after it would be in one cell."""
    # Blank lines between rows count, as they do in a workbook. Those before the columns would make
    # the numbers of rows wrong, and those at the end are no rows.
    text = _decoded(content).rstrip("\r\n")
    lines = csv.reader(StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    row = 1
    try:
        for line in lines:
            yield line
            row += 1
    except csv.Error as error:
        message = _("row %(row)s cannot be read; check its quotation marks (%(error)s)")
        raise ValueError(message % {"row": row, "error": error}) from error


def _decoded(content: bytes) -> str:
    """Return text in UTF-8, in UTF-16 if it has a byte order mark, as Excel saves “Unicode text”,
    or in GB18030, as Excel saves CSV in China. Raise ValueError for any other."""
    has_utf_16_mark = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    with suppress(UnicodeDecodeError):
        return content.decode("utf-16" if has_utf_16_mark else "utf-8-sig")
    with suppress(UnicodeDecodeError):
        text = content.decode("gb18030")
        # Two bytes of nearly any kind are a character in GB18030: “école” in Windows-1252 could be
        # read as a rare character and “ole”.
        if _is_plausible(text):
            return text
    raise ValueError(_("its text is neither in UTF-8 nor in GB18030; save it as “CSV UTF-8”"))


def _is_plausible(text: str) -> bool:
    """Return whether at least half of the signs beyond ASCII are common in text that was written in
    GB18030: there nearly all are, six in ten if its characters are traditional ones, and next to
    none in text of another encoding that was read as this one."""
    signs = ASCII.sub("", text)
    pairs = signs.encode("gbk", "ignore")
    common = sum(
        first - OFFSET in COMMON_ROWS and second > OFFSET
        for first, second in zip(pairs[::2], pairs[1::2], strict=True)
    )
    return 2 * common >= len(signs)


def _separator(text: str) -> str:
    """Return the separator of cells, judged by the first row: tabs if it has any, as in copied
    cells, else commas or semicolons, which Excel writes where a comma begins decimals."""
    headings = re.split(r"[\r\n]", QUOTED.sub("", text), maxsplit=1)[0]
    return "\t" if "\t" in headings else max(",;", key=headings.count)
