"""Write a document as DOCX, in one language or in several side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from io import BytesIO
from itertools import groupby
from typing import IO, Any, cast

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph as DocxParagraph
from docx.text.run import Run

from commitments.exports.documents import open_xml
from commitments.exports.documents.blocks import (
    Block,
    BlockTable,
    Emphasis,
    Entry,
    EntryList,
    Line,
    Paragraph,
    SectionHeading,
    TextDocument,
    TextRun,
)
from commitments.exports.documents.packages import write_package
from commitments.files.file_types import OPEN_XML
from commitments.texts.xml_safe import strip_invalid_xml

DOCX_TYPE = f"{OPEN_XML}wordprocessingml.document"
# A4, in millimetres.
SHORT_SIDE, LONG_SIDE, MARGIN = 210, 297, 20
BODY_SIZE, SMALL_SIZE = Pt(10.5), Pt(9)
LINK_COLOUR, MUTED_COLOUR = RGBColor(0x05, 0x4B, 0x9E), RGBColor(0x55, 0x55, 0x55)
INTERNAL_COLOUR, TEXT_COLOUR = RGBColor(0x9C, 0x1C, 0x1C), RGBColor(0, 0, 0)
# The longest value of a core property, in characters.
MAX_PROPERTY_LENGTH = 255
TABLE_STYLE = "Table Grid"
# A line of one language; the lines of all languages.
InLanguages = Sequence[tuple[str, Line]]


def write_docx(documents: Sequence[TextDocument], file: IO[bytes]) -> None:
    """Write a document to a file. Several documents are versions of the same one in different
    languages, block by block: they are set side by side, and what is the same in all of them is
    written once. The same documents always give the same bytes."""
    writer = _Writer(documents)
    writer.write()
    packed = BytesIO()
    writer.docx.save(packed)
    write_package(packed, documents[0].at, file)


@dataclass
class _Writer:
    documents: Sequence[TextDocument]
    docx: Any = field(default_factory=docx.Document)
    bookmarks: set[str] = field(default_factory=set)

    @property
    def tags(self) -> list[str]:
        return [document.language for document in self.documents]

    def write(self) -> None:
        self._set_up()
        parts = zip(*(document.blocks for document in self.documents), strict=True)
        for flows, group in groupby(parts, key=_flows):
            rows = list(group)
            if flows and len(self.documents) > 1:
                self._add_side_by_side(rows)
            else:
                for blocks in rows:
                    self._add(blocks)

    def _set_up(self) -> None:
        first = self.documents[0]
        self._set_properties(first)
        section = self.docx.sections[0]
        wide = len(self.documents) > 1
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        width, height = (LONG_SIDE, SHORT_SIDE) if wide else (SHORT_SIDE, LONG_SIDE)
        section.page_width, section.page_height = Mm(width), Mm(height)
        for side in ("left", "right", "top", "bottom"):
            setattr(section, f"{side}_margin", Mm(MARGIN))
        self._set_styles(first.language)
        footer = section.footer.paragraphs[0]
        footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if first.footer:
            before = TextRun(f"{first.footer} · ", mark=Emphasis.MUTED)
            self._add_words(footer, before, first.language)
        open_xml.add_field(footer, "PAGE")
        footer.add_run(" / ")
        open_xml.add_field(footer, "NUMPAGES")
        for run in footer.runs:
            run.font.size, run.font.color.rgb = SMALL_SIZE, MUTED_COLOUR

    def _set_properties(self, first: TextDocument) -> None:
        properties = self.docx.core_properties
        properties.title = strip_invalid_xml(first.title)[:MAX_PROPERTY_LENGTH]
        properties.author = strip_invalid_xml(first.author)[:MAX_PROPERTY_LENGTH]
        properties.created = properties.modified = first.at.astimezone(UTC).replace(tzinfo=None)
        properties.last_modified_by, properties.comments, properties.keywords = "", "", ""
        properties.language = ", ".join(self.tags)
        # The template of the library contains a thumbnail of itself.
        relations = self.docx.part.package.rels
        for key in [k for k, rel in relations.items() if rel.reltype == THUMBNAIL]:
            del relations[key]

    def _set_styles(self, tag: str) -> None:
        styles = self.docx.styles
        styles["Normal"].font.size = BODY_SIZE
        styles["Normal"].paragraph_format.space_after = Pt(4)
        names = ["Title", *(f"Heading {level}" for level in range(1, 4))]
        for name, size in zip(names, (20, 14, 12, 10.5), strict=True):
            style = styles[name]
            style.font.size, style.font.color.rgb = Pt(size), TEXT_COLOUR
            style.paragraph_format.keep_with_next = True
        defaults = styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
        open_xml.set_language(defaults, tag)

    def _add(self, blocks: Sequence[Block]) -> None:
        """Add a block of the document, given in each language."""
        if isinstance(blocks[0], BlockTable):
            self._add_table(cast("Sequence[BlockTable]", blocks))
        elif isinstance(blocks[0], SectionHeading):
            style = f"Heading {blocks[0].level}" if blocks[0].level else "Title"
            paragraph = self.docx.add_paragraph(style=style)
            headings = cast("Sequence[SectionHeading]", blocks)
            self._fill_joined(paragraph, [block.words for block in headings])
        else:
            for rows in _flow_rows(blocks):
                self._add_lines(self.docx, rows[0], self.tags[0])

    def _add_side_by_side(self, parts: Iterable[Sequence[Block]]) -> None:
        """Add paragraphs and lists with a column for each language. What is the same in all
        languages spans all columns."""
        table = self.docx.add_table(rows=0, cols=len(self.documents))
        for blocks in parts:
            for lines in _flow_rows(blocks):
                cells = table.add_row().cells
                if all(each == lines[0] for each in lines):
                    cells = [cells[0].merge(cells[-1])]
                for cell, tag, flow in zip(cells, self.tags, lines, strict=False):
                    self._add_lines(cell, flow, tag)
                    _drop_first_paragraph(cell)
        self.docx.add_paragraph().paragraph_format.space_after = Pt(0)

    def _add_lines(self, parent: Document | _Cell, flow: _Flow, tag: str) -> None:
        for place, words in enumerate(flow.lines):
            listed = flow.entry is not None and place == 0
            is_bullet = listed and not flow.number
            paragraph = parent.add_paragraph(style="List Bullet" if is_bullet else None)
            if flow.entry is not None and not is_bullet:
                paragraph.paragraph_format.left_indent = Mm(6.35)
            if flow.number and listed:
                paragraph.paragraph_format.first_line_indent = Mm(-6.35)
                paragraph.add_run(f"{flow.number}. ")
            paragraph.paragraph_format.keep_with_next = place + 1 < len(flow.lines) or None
            self._fill(paragraph, words, tag, is_internal=flow.is_internal)
            if listed and flow.entry and flow.entry.anchor:
                self._add_bookmark(paragraph, flow.entry.anchor)

    def _add_bookmark(self, paragraph: DocxParagraph, name: str) -> None:
        """Name a paragraph. Of paragraphs side by side, only the first is named."""
        if name not in self.bookmarks:
            self.bookmarks.add(name)
            open_xml.add_bookmark(paragraph, name, len(self.bookmarks))

    def _add_table(self, tables: Sequence[BlockTable]) -> None:
        if any(table.caption for table in tables):
            paragraph = self.docx.add_paragraph()
            paragraph.paragraph_format.keep_with_next = True
            self._fill_joined(paragraph, [table.caption for table in tables])
        made = self.docx.add_table(rows=1, cols=len(tables[0].headings))
        made.style = TABLE_STYLE
        rows = [[table.headings for table in tables]]
        rows += [list(row) for row in zip(*(table.rows for table in tables), strict=True)]
        for place, row in enumerate(rows):
            added = made.rows[0] if place == 0 else made.add_row()
            repeat = open_xml.repeat_header if place == 0 else open_xml.keep_in_one_piece
            repeat(added)
            for cell, lines in zip(added.cells, zip(*row, strict=True), strict=True):
                self._fill_cell(cell, lines, is_heading=place == 0)
        self.docx.add_paragraph().paragraph_format.space_after = Pt(0)

    def _fill_cell(self, cell: _Cell, lines: Sequence[Line], *, is_heading: bool) -> None:
        """Write a paragraph for each language; what is the same in all of them is written once."""
        paragraph = cell.paragraphs[0]
        for place, (tag, words) in enumerate(_each_once(self.tags, lines)):
            paragraph = paragraph if place == 0 else cell.add_paragraph()
            if words and all(each.mark is Emphasis.NUMBER for each in words):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            self._fill(paragraph, words, tag)
            for run in paragraph.runs:
                run.bold = is_heading or run.bold

    def _fill_joined(self, paragraph: DocxParagraph, lines: Sequence[Line]) -> None:
        """Write the words of all languages into one paragraph."""
        for place, (tag, words) in enumerate(_each_once(self.tags, lines)):
            if place:
                paragraph.add_run(" / ")
            self._fill(paragraph, words, tag)

    def _fill(
        self, paragraph: DocxParagraph, words: Line, tag: str, *, is_internal: bool = False
    ) -> None:
        open_xml.set_direction(paragraph, _shared_language(words) or tag)
        for each in words:
            run = self._add_words(paragraph, each, tag)
            if is_internal:
                run.font.color.rgb = INTERNAL_COLOUR

    def _add_words(self, paragraph: DocxParagraph, words: TextRun, tag: str) -> Run:
        run = paragraph.add_run(strip_invalid_xml(words.text))
        run.bold = True if words.mark is Emphasis.STRONG else None
        if words.mark is Emphasis.NOTE:
            run.font.superscript = True
        elif words.mark is Emphasis.MUTED:
            run.font.color.rgb = MUTED_COLOUR
        elif words.mark is Emphasis.INTERNAL:
            run.bold, run.font.color.rgb = True, INTERNAL_COLOUR
        open_xml.set_language(run._r.get_or_add_rPr(), words.language or tag)
        if words.link:
            run.font.color.rgb = LINK_COLOUR
            run.font.underline = words.mark is not Emphasis.NOTE
            open_xml.add_link(paragraph, run, strip_invalid_xml(words.link))
        return run


THUMBNAIL = RELATIONSHIP_TYPE.THUMBNAIL


@dataclass(frozen=True)
class _Flow:
    """A paragraph, or an entry of a list with its lines."""

    lines: Sequence[Line]
    entry: Entry | None = None
    is_internal: bool = False

    @property
    def number(self) -> int | None:
        return self.entry.number if self.entry else None


def _flows(blocks: Sequence[Block]) -> bool:
    return isinstance(blocks[0], (Paragraph, EntryList))


def _flow_rows(blocks: Sequence[Block]) -> Iterable[Sequence[_Flow]]:
    """Return the paragraphs of a block, each in all languages."""
    return zip(*(_flow(block) for block in blocks), strict=True)


def _flow(block: Block) -> list[_Flow]:
    if isinstance(block, Paragraph):
        return [_Flow([block.words], is_internal=block.is_internal)]
    if isinstance(block, EntryList):
        return [_Flow(row.lines, row, block.is_internal) for row in block.entries]
    raise TypeError(f"{type(block).__name__} does not flow")


def _each_once(tags: Sequence[str], lines: Sequence[Line]) -> InLanguages:
    """Return the lines with their languages; of lines that say the same, only the first."""
    found: dict[str, tuple[str, Line]] = {}
    for tag, words in zip(tags, lines, strict=True):
        found.setdefault("".join(each.text for each in words), (tag, words))
    return list(found.values())


def _shared_language(words: Line) -> str:
    """Return the language with which all of these words are marked, apart from numbers of sources;
    "" if there is no such language."""
    languages = {each.language for each in words if each.mark is not Emphasis.NOTE}
    return languages.pop() if len(languages) == 1 else ""


def _drop_first_paragraph(cell: _Cell) -> None:
    """Remove the empty paragraph with which a new cell begins, if others have been added."""
    first, *others = cell.paragraphs
    if others and not first.text:
        first._p.getparent().remove(first._p)
