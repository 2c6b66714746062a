"""Printed pages: a brief fits on one page of A4."""

import re

import pytest

from commitments.choices import Tone
from commitments.models import Forum

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# The rows of a grid whose title lies over one of their cells.
OVERLAPPING_TITLES = """rows => rows.filter(row => {
    const words = document.createRange();
    words.selectNodeContents(row.querySelector("th"));
    const title = words.getBoundingClientRect();
    return [...row.querySelectorAll("td")].some(cell => {
        const box = cell.getBoundingClientRect();
        return box.left < title.right - 1 && title.left < box.right - 1
            && box.top < title.bottom - 1 && title.top < box.bottom - 1;
    });
}).map(row => row.textContent)"""


def count_pages(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


# Of A4 with margins of 12 mm, in CSS pixels.
PRINTED = {"width": 703, "height": 1031}
# Of the page, by the type alone: the layout leaves a tenth, since it estimates the widths of words,
# and types differ by half a point.
LEAST_FILLED = 0.75


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_brief_fills_its_one_page(browse, shipped_record, language):
    page = browse(viewport=PRINTED)
    page.emulate_media(media="print")
    for forum in Forum.objects.filter(partnerships__isnull=False).distinct():
        page.goto(f"/{language}/ISCC/forums/{forum.code}/brief/?as_of=2026-11-25")
        # Without the space between the sections, which fills the page at any type size.
        page.locator(".brief").evaluate("brief => { brief.style.minHeight = 0; }")
        box = page.locator(".print-only").bounding_box()
        assert (box["y"] + box["height"]) / PRINTED["height"] >= LEAST_FILLED, forum.code
        page.locator(".brief").evaluate("brief => { brief.style.minHeight = ''; }")
        assert count_pages(page.pdf(format="A4", prefer_css_page_size=True)) == 1, forum.code
    page.goto(f"/{language}/ISCC/")
    assert count_pages(page.pdf(format="A4", prefer_css_page_size=True)) > 1


def test_titles_of_a_printed_grid_keep_clear_of_its_cells(browse, shipped_record):
    for width in (703, 860, 1031):  # Of A4, upright and across, and between.
        page = browse(viewport={"width": width, "height": 1000})
        page.emulate_media(media="print")
        for path in ("", "goals/2/", "forums/UN/", "commitments/"):
            page.goto(f"/en/ISCC/{path}")
            rows = page.locator(".grid tbody tr:not(.section)")
            assert rows.count() > 5
            assert rows.evaluate_all(OVERLAPPING_TITLES) == [], (width, path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_ordinary_screens_each_tone_has_a_line_of_its_own(browse, shipped_record, scheme):
    page = browse(color_scheme=scheme)
    page.goto("/en/ISCC/")
    look = """place => {
        const style = getComputedStyle(place);
        return [style.backgroundSize, style.backgroundPosition].join(" at ");
    }"""
    shades = [f'partial"][data-shade="{shade}' for shade in (1, 2, 3)]
    for places, tones in (
        ('.cell[data-tone="{}"] a', ["fulfilled", "none", "unknown", *shades]),
        ('.of-cells .square[data-tone="{}"]', ["fulfilled", "none", "unknown", "partial"]),
    ):
        lines = {tone: page.locator(places.format(tone)).first.evaluate(look) for tone in tones}
        assert lines["unknown"].startswith("0px 3px"), lines
        assert len(set(lines.values())) == len(tones), lines


# What a cell or a square of the legend looks like that has this tone, this shade of it and may have
# lapsed. Some do not occur in the record.
LOOK = """(place, [tone, shade, lapsed]) => {
    const marked = place.closest('.cell') ?? place;
    marked.dataset.tone = tone;
    marked.dataset.shade = shade;
    marked.classList.toggle('lapsed', lapsed);
    const style = getComputedStyle(place);
    return [style.backgroundImage, style.backgroundSize, style.backgroundPosition,
        style.borderTopStyle].join(' | ');
}"""
BLACK = "rgb(0, 0, 0)"
# Those that are settled never lapse.
LOOKS = [(tone.value, 2, False) for tone in Tone] + [
    *(("partial", 1, False), ("partial", 3, False), ("fulfilled", 2, True), ("none", 2, True)),
    *(("partial", shade, True) for shade in (1, 2, 3)),
    ("unknown", 2, True),
]


@pytest.mark.parametrize(
    "emulated",
    [{"media": "print"}, {"forced_colors": "active"}, {"contrast": "more"}],
    ids=str,
)
def test_each_tone_shade_and_what_has_lapsed_looks_different_without_colours(
    browse, plan, duty, emulated
):
    page = browse()
    page.emulate_media(**emulated)
    page.goto("/en/PLAN/")
    for places in (".grid .cell a", ".legend.of-cells .square"):
        place = page.locator(places).first
        looks = {look: place.evaluate(LOOK, look) for look in LOOKS}
        assert len(set(looks.values())) == len(LOOKS), (places, looks)
        patterned = {
            tone for (tone, _shade, lapsed), look in looks.items() if not lapsed and BLACK in look
        }
        assert patterned == {tone.value for tone in Tone} - {"unknown"}


def test_a_printed_page_begins_with_its_day_and_address(browse, shipped_record):
    page = browse(viewport=PRINTED)
    page.emulate_media(media="print")
    day = r"\d+ [A-Z][a-z]+ \d{4} · "
    paths = {"commitments/4.3/": day, "commitments/4.3/?as_of=2024-12-31": "", "forums/": day}
    for path, before in paths.items():
        page.goto(f"/en/ISCC/{path}")
        line, heading = page.locator(".print-only"), page.locator("h1")
        assert re.fullmatch(before + re.escape(page.url), line.inner_text())
        assert line.bounding_box()["y"] < heading.bounding_box()["y"]
    page.goto("/en/ISCC/commitments/4.3/")
    jump = page.locator("a[href='#text']")
    assert jump.count() == 1
    assert not jump.is_visible()
    for path in ("forums/UN/brief/", "report/"):
        page.goto(f"/en/ISCC/{path}")
        assert page.locator(".print-only").count() == 1
