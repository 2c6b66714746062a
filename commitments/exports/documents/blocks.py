"""The parts of a document, from which pages and files are made alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from commitments.texts.text import Text


class Emphasis(Enum):
    """How words are set apart from those around them; `NUMBER` is a figure, `NOTE` the number of a
    source."""

    PLAIN = ""
    STRONG = "strong"
    MUTED = "muted"
    NUMBER = "number"
    NOTE = "note"
    INTERNAL = "internal"


@dataclass(frozen=True)
class TextRun:
    """Words in one language, "" for that of the document. `link` is an address, or `#` and the
    anchor of another part; `status` is the code of the status that they name."""

    text: str
    language: str = ""
    mark: Emphasis = Emphasis.PLAIN
    link: str = ""
    status: str = ""


Line = Sequence[TextRun]


def line_of(*parts: TextRun | Text | str | Iterable[TextRun]) -> Line:
    """Return these parts as one line; of a text the words that suit the reader best."""
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
    """Return a text in the reader's language, or else in its first, with the tag of that."""
    tag, words = text.for_reader()
    return TextRun(words, tag if text.marks else "", mark, link)


@dataclass(frozen=True)
class SectionHeading:
    """A heading; that of the document itself has level 0."""

    words: Line
    level: int = 1
    kind: str = "heading"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `is_lead` is one to begin with."""

    words: Line
    is_lead: bool = False
    is_internal: bool = False
    kind: str = "paragraph"


@dataclass(frozen=True)
class Entry:
    """An entry of a list: its first line, and those below it. `anchor` is its name in links."""

    lines: Sequence[Line]
    anchor: str = ""
    number: int | None = None


@dataclass(frozen=True)
class EntryList:
    """A list; one whose entries have numbers is shown with them."""

    entries: Sequence[Entry]
    is_internal: bool = False
    kind: str = "entries"

    @property
    def is_numbered(self) -> bool:
        return any(entry.number is not None for entry in self.entries)


@dataclass(frozen=True)
class BlockTable:
    """A table with a row of headings; the first cell of a row is its heading."""

    caption: Line
    headings: Sequence[Line]
    rows: Sequence[Sequence[Line]]
    kind: str = "table"


Block = SectionHeading | Paragraph | EntryList | BlockTable


@dataclass(frozen=True)
class TextDocument:
    """A document in one language, by its tag. `at` is the time whose record it shows; `author` the
    name of the site."""

    language: str
    title: str
    author: str
    at: datetime
    blocks: Sequence[Block] = field(default_factory=list)
    footer: str = ""
