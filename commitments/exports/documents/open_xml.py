"""Parts of Open XML that python-docx has no API for: languages and directions of text, links and
bookmarks, and page numbers."""

from __future__ import annotations

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.text.font import CT_RPr
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.table import _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from commitments.texts.languages import direction, likely_locale, script

# Fonts that readers of these scripts usually have, by the names that Word and LibreOffice know.
EAST_ASIAN_FONTS = {
    "Hans": "SimSun",
    "Hant": "PMingLiU",
    "Jpan": "MS Mincho",
    "Kore": "Batang",
}
MAX_BOOKMARK_LENGTH = 40


def element(name: str, /, **attributes: str) -> BaseOxmlElement:
    """Return an element such as `w:lang`, with attributes of the same namespace."""
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def set_language(properties: CT_RPr, tag: str) -> None:
    """Set the language of a run, given its `w:rPr`. It is used for spelling and the choice of
    fonts, and to set the run from right to left if the language is written so."""
    locale, written = likely_locale(tag).replace("_", "-"), script(tag)
    if written in EAST_ASIAN_FONTS:
        _set_east_asian_font(properties, EAST_ASIAN_FONTS[written])
        language = element("w:lang", val=locale, eastAsia=locale)
    elif direction(tag) == "rtl":
        properties.append(element("w:rtl"))
        language = element("w:lang", val=locale, bidi=locale)
    else:
        language = element("w:lang", val=locale)
    for former in properties.findall(qn("w:lang")):
        properties.remove(former)
    properties.append(language)


def _set_east_asian_font(properties: CT_RPr, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    fonts.attrib.pop(qn("w:eastAsiaTheme"), None)
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")


def set_direction(paragraph: Paragraph, tag: str) -> None:
    """Set a paragraph from right to left if its language is written so."""
    if direction(tag) == "rtl":
        properties = paragraph._p.get_or_add_pPr()
        properties.insert_element_before(element("w:bidi"), *AFTER_BIDI)


# The paragraph properties that may follow `w:bidi`.
AFTER_BIDI = (
    "w:adjustRightInd",
    "w:snapToGrid",
    "w:spacing",
    "w:ind",
    "w:contextualSpacing",
    "w:mirrorIndents",
    "w:suppressOverlap",
    "w:jc",
    "w:textDirection",
    "w:textAlignment",
    "w:textboxTightWrap",
    "w:outlineLvl",
    "w:divId",
    "w:cnfStyle",
    "w:rPr",
    "w:sectPr",
    "w:pPrChange",
)


def add_link(paragraph: Paragraph, run: Run, address: str) -> None:
    """Make a run of the paragraph a link to an address, or to the bookmark after `#`."""
    if address.startswith("#"):
        link = element("w:hyperlink", anchor=bookmark_name(address[1:]), history="1")
    else:
        link = element("w:hyperlink", history="1")
        related = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link.set(qn("r:id"), related)
    run._r.addprevious(link)
    link.append(run._r)


def add_bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """Name a paragraph as the target of links. Each number may be used only once."""
    start = element("w:bookmarkStart", id=str(number), name=bookmark_name(name))
    end = element("w:bookmarkEnd", id=str(number))
    properties = paragraph._p.pPr
    if properties is None:
        paragraph._p.insert(0, start)
    else:
        properties.addnext(start)
    paragraph._p.append(end)


def bookmark_name(name: str) -> str:
    """Return a name in the form that Word accepts: letters, digits and underscores, not too
    long."""
    allowed = "".join(each if each.isalnum() else "_" for each in name)
    return f"_{allowed}"[:MAX_BOOKMARK_LENGTH]


def add_field(paragraph: Paragraph, instruction: str) -> None:
    """Add a field that Word computes, such as `PAGE`."""
    for kind in ("begin", "instruction", "separate", "text", "end"):
        run = paragraph.add_run()
        if kind == "instruction":
            made = element("w:instrText")
            made.set(qn("xml:space"), "preserve")
            made.text = f" {instruction} "
            run._r.append(made)
        elif kind == "text":
            run.text = "1"
        else:
            run._r.append(element("w:fldChar", fldCharType=kind))


def repeat_header(row: _Row) -> None:
    """Repeat a table row at the top of each page, and keep it on one page."""
    properties = row._tr.get_or_add_trPr()
    properties.append(element("w:cantSplit"))
    properties.append(element("w:tblHeader"))


def keep_in_one_piece(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(element("w:cantSplit"))
