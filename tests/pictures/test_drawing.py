"""Drawings as SVG and PNG: well formed, of the size that they say, in the colours of the site."""

import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.choices import Status, Tone
from commitments.pictures import fonts, palette
from commitments.pictures.badge import badge
from commitments.pictures.drawing import MAX_PIXELS, Mark
from commitments.pictures.framing import MARGIN, SheetCell, SheetWords
from commitments.pictures.measure import SERIF, fixed_widths, text_width
from commitments.pictures.share import ShareBar, ShareCard, draw_share
from commitments.pictures.sheet import GridSheet, SheetLine, SheetSection, draw_sheet
from commitments.pictures.years import (
    GAP,
    YearColumn,
    YearPart,
    YearsPanel,
    YearsSheet,
    draw_years,
)
from tests.examples import examples

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = 'Trade <b> & "peace" \x00\x0b\ud800 ]]> \uffff'


def texts(svg):
    return [row.text for row in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def size_of(png):
    """Return the width and height of a PNG."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def a_sheet(title="A plan", rows=1, **facts):
    cells = [SheetCell(Tone.PARTIAL, 1, True, 2), SheetCell(Tone.APART, 2, False, 0)]
    row = SheetLine("1.1", title, cells, Status.PARTLY_ACTIVE, "lapsed")
    return GridSheet(
        **{
            "text": words_of(title),
            "periods": ["2025", "2026"],
            "sections": [SheetSection(title, [row] * rows)],
            "tones": list(Tone),
            "lapsed": "Lapsed",
        }
        | facts
    )


def years(title="A plan", counts=((3, 1), (0, 4), (1, 50))):
    """Return a sheet of years, of each the number fulfilled and unknown; half of these lapsed."""
    columns = [
        YearColumn(
            str(2020 + place),
            [
                YearPart(tone, count, lapsed)
                for tone, count, lapsed in (
                    (Tone.FULFILLED, fulfilled, 0),
                    (Tone.UNKNOWN, unknown, unknown // 2),
                )
                if count
            ],
        )
        for place, (fulfilled, unknown) in enumerate(counts)
    ]
    panels = [YearsPanel(title, columns)]
    return YearsSheet(words_of(title), panels, [Tone.FULFILLED, Tone.UNKNOWN], "Lapsed")


def words_of(title):
    return SheetWords(title, [title], title, title, [title], "en")


def a_card(title="A commitment", **facts):
    card = {"kicker": title, "site": title, "day": title, "language": "en"}
    return ShareCard(title=title, **card | facts)


@settings(max_examples=examples(40), deadline=None)
@given(st.text() | st.just(HOSTILE))
def test_every_picture_is_well_formed_whatever_its_words(text):
    bars = [ShareBar(text, [(Tone.FULFILLED, 1), (Tone.UNKNOWN, 3)])]
    for drawing in (
        badge(text, text, Tone.PARTIAL, "en"),
        draw_sheet(a_sheet(text)),
        draw_years(years(text)),
        draw_share(a_card(text, status=Status.ACTIVE, warning=text)),
        draw_share(a_card(text, sentence=text, bars=bars)),
    ):
        root = ElementTree.fromstring(drawing.svg().encode("utf-8", "replace"))
        assert root.get("role") == "img"
        assert root.find(f"{SVG}title") is not None
        assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
            *("svg", "title", "desc", "rect", "g", "path", "text")
        }


def test_the_parts_of_a_column_are_as_high_as_their_numbers_and_every_number_is_there():
    drawing = draw_years(years(counts=((3, 1), (1, 50))))
    assert [words.text for words in drawing.words if words.text.isdigit()] == [
        *("3", "1", "2020"),
        *("1", "50", "2021"),
    ]
    whole = [box for box in drawing.boxes if box.colour == palette.AREAS[Tone.FULFILLED]]
    assert [round(box.height + GAP) for box in whole[-2:]] == [165, round(220 / 51)]
    beside = next(words for words in drawing.words if words.text == "1" and words.size == 12)
    assert beside.x > whole[-1].x + whole[-1].width


def test_what_has_lapsed_is_the_upper_part_of_what_is_unknown():
    drawing = draw_years(years(counts=((0, 4),)))
    pale = palette.mix(palette.AREAS[Tone.UNKNOWN], palette.LAPSED_AREA)
    [lapsed] = [box for box in drawing.boxes if box.colour == pale and box.width > 20]
    rest = [
        box for box in drawing.boxes if box.colour == palette.AREAS[Tone.UNKNOWN] and box.width > 20
    ]
    assert [box.y > lapsed.y for box in rest] == [True]
    assert round(lapsed.height) == round(rest[0].height) - 1


def test_words_with_markup_stay_words():
    assert texts(badge("<b>", "A & B", Tone.NONE, "en").svg()) == ["<b>", "A & B"]


def test_nothing_of_a_picture_is_loaded_from_elsewhere_or_is_script_or_style():
    svg = draw_sheet(a_sheet()).svg()
    assert not re.search(r"href|<style|style=|<script|\son\w+=|url\(", svg)


def test_a_share_picture_has_the_size_that_pages_state():
    assert size_of(draw_share(a_card(status=Status.ACTIVE)).png()) == (1200, 630)


def test_a_png_of_the_grid_is_sharp_and_never_huge():
    drawing = draw_sheet(a_sheet())
    assert size_of(drawing.png()) == drawing.png_size == (2400, 2 * drawing.height)
    width, height = draw_sheet(a_sheet(rows=100)).png_size
    assert 1200 <= width < 2400
    assert width * height <= MAX_PIXELS


def test_words_stay_within_the_picture():
    long = "Promote cooperation on everything that there is, " * 8
    for drawing in (
        draw_sheet(a_sheet(long)),
        draw_sheet(a_sheet("推动构建以规则为基础的网络空间秩序，" * 20)),
        draw_share(a_card(long, status=Status.NO_EVIDENCE, warning=long)),
        draw_share(a_card(long, sentence=long)),
    ):
        assert all(0 < word.y < drawing.height for word in drawing.words)
        assert all(0 <= word.x < drawing.width for word in drawing.words)


def test_lines_stay_within_a_sheet_in_much_wider_fonts():
    """DejaVu Sans in bold has 1.27 times the width that is estimated."""
    long = "Promote cooperation on everything that there is, " * 8
    for drawing in (draw_sheet(a_sheet(long)), draw_years(years(long))):
        lines = [word for word in drawing.words if word.anchor == "start"]
        assert any(line.length for line in lines)
        for line in lines:
            widest = 1.27 * text_width(line.text) * line.size
            widest *= SERIF if line.font == "serif" else 1
            assert line.x + (line.length or widest) <= drawing.width - MARGIN


def test_all_lines_of_a_text_are_set_to_a_width_or_none_is():
    assert None not in fixed_widths(["Promote cooperation on everything", "there is"], 18)
    assert fixed_widths(["Promote cooperation on everything", "there is"], 30) == [None, None]


def test_only_lines_whose_width_is_known_are_set_to_it():
    for text in ("推动构建以规则为基础的网络空间秩序，" * 20, "خطة عمل واحة السراب " * 20):
        assert not any(word.length for word in draw_sheet(a_sheet(text)).words)


def test_a_badge_is_as_wide_as_its_words():
    short, long = (badge("P-1", text, Tone.PARTIAL, "en") for text in ("Active", "Active, lapsed"))
    chinese = badge("P-1", "持续履行", Tone.PARTIAL, "zh-Hans")
    assert short.width < long.width
    assert chinese.words[1].length == pytest.approx(4 * 12 * 1.08, abs=0.1)


def test_the_colours_are_those_of_the_style_sheet():
    css = Path("commitments/static/commitments/site.css").read_text()
    light = css[: css.index("prefers-color-scheme: dark")]
    tokens = dict(re.findall(r"--([\w-]+): (#\w{6});", light))
    for prefix, colours in (
        ("", palette.INKS),
        ("area-", palette.AREAS),
        ("on-", palette.ON_AREAS),
    ):
        assert {tone: tokens[prefix + tone] for tone in Tone} == colours
    for name in ("ground", "surface", "ink", "muted", "line"):
        assert tokens[name] == getattr(palette, name.upper())
    assert {
        1: tokens["area-partial-less"],
        3: tokens["area-partial-more"],
    } == palette.PARTIAL_SHADES
    shades = re.findall(r'data-shade="(\d)"\] \{ --reach: (\d+)%', css)
    reach = {int(shade): int(percent) / 100 for shade, percent in shades}
    assert {2: 0.5, **reach} == palette.PARTIAL_REACH
    assert f"var(--on-area) {palette.LINE_SHARE:.0%}" in css


def test_cells_differ_without_colour():
    """By the line at their foot and by their frame."""
    kinds = [SheetCell(tone, 2, False, 0) for tone in Tone]
    kinds += [SheetCell(Tone.PARTIAL, shade, False, 0) for shade in (1, 3)]
    kinds += [SheetCell(Tone.PARTIAL, 2, True, 0)]
    looks = set()
    for cell in kinds:
        row = SheetLine("1.1", "A title", [cell], Status.ACTIVE, "")
        sections = [SheetSection("", [row])]
        sheet = a_sheet(sections=sections, tones=[], lapsed="", periods=["2026"])
        area, *lines, _foot = draw_sheet(sheet).boxes[1:]
        looks.add((area.dashes, *((line.x, line.width) for line in lines)))
    assert len(looks) == len(kinds)


def test_every_status_has_a_mark_of_its_own():
    marks = [Mark(0, 0, 10, status) for status in Status]
    looks = {(m.colour, m.filled, m.path, m.slash, m.radius, m.dashes) for m in marks}
    assert len(looks) == len(Status)


def test_a_script_without_a_font_is_found_out(monkeypatch):
    monkeypatch.setattr(fonts, "_found", {})
    assert fonts.can_draw("Plan “2026” – a café")
    render = fonts.render

    def without_chinese(svg, **options):
        return render(re.sub("[一-鿿]", fonts.MISSING, svg), **options)

    monkeypatch.setattr(fonts, "render", without_chinese)
    assert fonts.undrawable("Plan 国际") == {"CJK"}
