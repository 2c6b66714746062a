"""The blocks of a document, from which both pages and files are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from commitments.texts.text import Text


class Emphasis(Enum):
    """How words are set apart from those around them. `NUMBER` is for a figure, `NOTE` for the
    number of a source."""

    PLAIN = ""
    STRONG = "strong"
    MUTED = "muted"
    NUMBER = "number"
    NOTE = "note"
    INTERNAL = "internal"


@dataclass(frozen=True)
class TextRun:
    """Words in one language, where "" stands for the language of the document. `link` is an
    address, or `#` and the anchor of another block; `status` is the code of the status that the
    words name."""

    text: str
    language: str = ""
    mark: Emphasis = Emphasis.PLAIN
    link: str = ""
    status: str = ""


Line = Sequence[TextRun]


def line_of(*parts: TextRun | Text | str | Iterable[TextRun]) -> Line:
    """Return these parts as one line. A text is given in the language that suits the reader
    best."""
    words: list[TextRun] = []
    for part in parts:
        if isinstance(part, TextRun):
            words.append(part)
        elif isinstance(part, str):
            words.append(TextRun(part))
        elif isinstance(part, Text):
            words.append(text_words(part))
        else:
            words += part
    return [each for each in words if each.text]


def text_words(text: Text, mark: Emphasis = Emphasis.PLAIN, link: str = "") -> TextRun:
    """Return a text in the reader's language or else in its first, marked with the language's
    tag."""
    tag, words = text.for_reader()
    return TextRun(words, tag if text.marks else "", mark, link)


@dataclass(frozen=True)
class SectionHeading:
    """A heading. Level 0 is the heading of the document itself."""

    words: Line
    level: int = 1
    kind: str = "heading"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph. `is_lead` marks one that introduces the document."""

    words: Line
    is_lead: bool = False
    is_internal: bool = False
    kind: str = "paragraph"


@dataclass(frozen=True)
class Entry:
    """An entry of a list: its first line, and the lines below it. `anchor` is its name in links."""

    lines: Sequence[Line]
    anchor: str = ""
    number: int | None = None


@dataclass(frozen=True)
class EntryList:
    """A list. Numbers are shown if the entries have them."""

    entries: Sequence[Entry]
    is_internal: bool = False
    kind: str = "entries"

    @property
    def is_numbered(self) -> bool:
        return any(entry.number is not None for entry in self.entries)


@dataclass(frozen=True)
class BlockTable:
    """A table with a heading row. The first cell of each row is its heading."""

    caption: Line
    headings: Sequence[Line]
    rows: Sequence[Sequence[Line]]
    kind: str = "table"


Block = SectionHeading | Paragraph | EntryList | BlockTable


@dataclass(frozen=True)
class TextDocument:
    """A document in one language, given by its tag. `at` is the time as of which it shows the
    record; `author` is the name of the site."""

    language: str
    title: str
    author: str
    at: datetime
    blocks: Sequence[Block] = field(default_factory=list)
    footer: str = ""
