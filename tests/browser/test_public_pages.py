"""The public pages in a browser: in both languages, on a phone and a desktop, with and without
scripts, by mouse and by keyboard, with the updates that ship with the tracker."""

import gzip
import re

import pytest
from playwright.sync_api import expect

from commitments.models import Commitment
from commitments.pages.sharing import CARD_HEIGHT, FORUM_CARD_HEIGHT, PLAN_CARD_HEIGHT
from tests.browser.test_accessibility import open_all

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 900}}
# Of the HTML, compressed as servers send it, without style sheets, fonts and images.
MAX_PAGE_BYTES = 30_000


def labels(locale, *pairs):
    """Return the English or the Chinese text of each pair."""
    return [zh if locale == "zh-CN" else en for en, zh in pairs]


@pytest.mark.parametrize(
    ("size", "locale", "scripts"),
    [
        ("phone", "en-US", False),
        ("phone", "zh-CN", True),
        ("desktop", "zh-CN", False),
        ("desktop", "en-US", True),
    ],
)
def test_from_a_figure_to_the_evidence_behind_it(browse, shipped_record, size, locale, scripts):
    by_status, partly_active, other, over_time = labels(
        locale,
        ("Counts by status", "按状态统计"),
        ("Partly active", "部分履行"),
        ("中文", "English"),
        ("Over time", "历年变化"),
    )
    page = browse(locale=locale, java_script_enabled=scripts, viewport=SIZES[size])
    page.goto("/")
    page.locator(".cards a").first.click()
    page.get_by_text(by_status).click()
    row = page.locator("table.numbers tr").filter(has_text=partly_active).first
    count = row.get_by_role("link").inner_text()
    row.get_by_role("link").click()
    expect(page.locator(".grid .verdict")).to_have_count(int(count))
    expect(page).to_have_url(re.compile(r"\?kind=standing&status=partly_active"))
    # The language switch keeps the page and its filters.
    page.get_by_role("link", name=other, exact=True).click()
    expect(page.locator(".grid .verdict")).to_have_count(int(count))
    page.go_back()
    page.locator(".grid th a[href*='/commitments/']").first.click()
    expect(page.locator(".verdict-card .status")).to_have_text(partly_active)
    # A finding leads to an event that shows it, and that has the evidence.
    event = page.locator(".verdict-card .criteria a[href^='#update-']").first
    target = event.get_attribute("href")
    event.click()
    expect(page.locator(target)).to_be_in_viewport()
    source = page.locator(f"{target} .evidence a").first
    if source.get_attribute("href").startswith("#"):
        # It is listed with the verdict, to which the event refers.
        source.click()
        source = page.locator(f"{page.url[page.url.index('#') :]} a").first
        expect(source).to_be_in_viewport()
    assert source.get_attribute("href").startswith("http")
    page.get_by_role("link", name=over_time, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(over_time)


@pytest.mark.parametrize(("size", "locale"), [("phone", "zh-CN"), ("desktop", "en-US")])
def test_text_is_found_in_either_language_and_filters_can_be_removed(
    browse, shipped_record, size, locale
):
    remove, empty, language = labels(
        locale,
        ("Remove", "移除条件"),
        ("No commitments match.", "没有符合条件的承诺。"),
        ("en", "zh-hans"),
    )
    page = browse(locale=locale, viewport=SIZES[size])
    for text in ("恐怖主义", "terrorism"):
        page.goto(f"/{language}/ISCC/commitments/?kind=standing")
        page.fill("#q", text)
        page.locator("form.filters .search button").click()
        expect(page.locator(".grid .verdict").first).to_be_visible()
    page.goto(f"/{language}/ISCC/commitments/?kind=standing&q=zebra")
    expect(page.get_by_text(empty)).to_be_visible()
    page.get_by_role("link", name=re.compile(f"{remove}.*zebra")).click()
    expect(page.locator(".grid .verdict")).to_have_count(25)


def test_a_selected_day_stays_selected_on_other_pages(browse, shipped_record):
    page = browse(viewport=SIZES["phone"])
    page.goto("/en/ISCC/")
    page.locator(".clocks summary").click()
    page.fill(".clocks [name=as_of]", "2019-12-31")
    page.locator(".clocks button").click()
    expect(page.locator(".clocks summary")).to_have_text("As of 31 December 2019.")
    expect(page).to_have_url(re.compile(r"/en/ISCC/\?as_of=2019-12-31$"))
    page.get_by_role("link", name="Commitments", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?as_of=2019-12-31$"))
    expect(page.locator(".grid .verdict")).to_have_count(30)
    page.get_by_role("link", name="Show today").click()
    expect(page).to_have_url(re.compile(r"/en/ISCC/commitments/$"))


def test_the_keyboard_alone_is_enough(browse, shipped_record):
    page = browse(viewport=SIZES["desktop"])
    page.goto("/en/ISCC/commitments/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"#content$"))
    page.locator("details:has(.choices) > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("name", "status")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator("#q").focus()
    page.keyboard.press("Enter")
    chip = page.locator(".chips a").first
    chip.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".chips")).to_have_count(0)


def is_small(answer):
    return len(gzip.compress(answer.body())) < MAX_PAGE_BYTES


def test_no_page_is_too_large_or_scrolls_sideways(browse, shipped_record):
    page = browse(viewport=SIZES["phone"])
    paths = ("", "commitments/", "commitments/1.2/", "commitments/5.3/", "goals/2/", "areas/7/")
    paths += (
        "forums/",
        "forums/UN/",
        "forums/UN/brief/",
        "matrix/",
        "time/",
        "changes/",
        "events/",
    )
    paths += ("methodology/", "commitments/?goal=2&as_of=2020-12-31", "time/?goal=2")
    paths += ("time/?since=2019-12-31", "search/?q=WSIS", "data/")
    paths += ("../", "../ledger/", "../accessibility/")
    for language in ("en", "zh-hans"):
        for path in paths:
            answer = page.goto(f"/{language}/ISCC/{path}")
            assert (answer.status, is_small(answer)) == (200, True), path
            for folded in page.query_selector_all("details:not([open]) > summary"):
                folded.click()
            assert page.evaluate("document.documentElement.scrollWidth") == 360, path


# Whether a point of what has the focus is on top, or None if nothing has the focus.
FOCUS_IS_SEEN = """() => {
  const focused = document.activeElement;
  if (focused === document.body) return null;
  for (const box of focused.getClientRects())
    for (let x = box.left + 1; x < box.right; x += 3)
      for (let y = box.top + 1; y < box.bottom; y += 3)
        if (focused.contains(document.elementFromPoint(x, y))) return true;
  return false;
}"""


@pytest.mark.parametrize("path", ["commitments/", "matrix/"])
def test_what_stays_in_place_on_a_phone_does_not_hide_what_has_the_focus(
    browse, shipped_record, path
):
    page = browse(viewport={"width": 320, "height": 640})
    page.goto(f"/en/ISCC/{path}")
    for key in ("Tab", "Shift+Tab"):
        page.locator("main a").nth(0 if key == "Tab" else -1).focus()
        for _press in range(120):
            page.keyboard.press(key)
            assert page.evaluate(FOCUS_IS_SEEN) is not False, (key, page.locator(":focus"))


# What has, once it has the focus, so little room in a box that hides what is outside it that the
# ring is cut off on any side. Sizes of boxes are whole pixels, those of what is in them are not.
# To the side, Chromium leaves what has the focus where it is if 32 pixels of it are in view: there
# the ring needs room in what a box scrolls through.
RINGS_CUT_OFF = """() => {
  const ring = 4.5, cut = [];
  const focusable = 'a[href], button, summary, input, select, textarea, [tabindex="0"]';
  for (const item of document.querySelectorAll(focusable)) {
    if (!item.checkVisibility()) continue;
    item.focus();
    for (let box = item.parentElement; box !== document.body; box = box.parentElement) {
      const {overflowX, overflowY} = getComputedStyle(box);
      if (overflowX === 'visible' && overflowY === 'visible') continue;
      const inner = item.getBoundingClientRect(), outer = box.getBoundingClientRect();
      const scrolls = ['auto', 'scroll'].includes(overflowX);
      const left = inner.left - outer.left - box.clientLeft + (scrolls ? box.scrollLeft : 0);
      const top = inner.top - outer.top - box.clientTop;
      const right = (scrolls ? box.scrollWidth : box.clientWidth) - left - inner.width;
      const bottom = box.clientHeight - top - inner.height;
      if (Math.min(left, top, right, bottom) < ring)
        cut.push(`${box.className}: ${item.outerHTML}`);
    }
  }
  return cut;
}"""


@pytest.mark.parametrize("size", SIZES)
def test_the_ring_of_the_focus_is_whole_in_boxes_that_hide_what_is_outside(
    browse, shipped_record, size
):
    page = browse(viewport=SIZES[size])
    for path in (
        *("", "commitments/", "commitments/4.1/", "commitments/5.3/history/", "forums/SCO/"),
        *("forums/SCO/brief/", "changes/", "events/", "matrix/", "time/", "methodology/"),
        *("search/?q=SCO", "data/", "report/", "../ledger/", "../accessibility/"),
    ):
        for language in ("en", "zh-hans"):
            page.goto(f"/{language}/ISCC/{path}")
            open_all(page)
            assert page.evaluate(RINGS_CUT_OFF) == [], (language, path)


# The spacing of WCAG's success criterion 1.4.12.
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important } p { margin-bottom: 2em !important }"""
# What is larger than the box that cuts it off, but for what is for screen readers only.
CUT_OFF = """[...document.querySelectorAll('body *')].filter(element =>
  ['hidden', 'clip'].includes(getComputedStyle(element).overflowX)
  && !element.closest('svg, .visually-hidden, .skip-grid')
  && (element.scrollWidth > element.clientWidth + 1
      || element.scrollHeight > element.clientHeight + 1)).map(element => element.outerHTML)"""


def test_nothing_of_a_card_is_cut_off_in_the_frame_that_others_copy(browse, shipped_record):
    page = browse(viewport={"width": 400, "height": 300})
    heights = {
        "": PLAN_CARD_HEIGHT,
        "forums/SCO/": FORUM_CARD_HEIGHT,
        **{
            f"commitments/{number}/": CARD_HEIGHT
            for number in Commitment.objects.values_list("number", flat=True)
        },
    }
    too_high = {}
    for language in ("en", "zh-hans"):
        for path, height in heights.items():
            page.goto(f"/embed/{language}/ISCC/{path}")
            box = page.locator("main").bounding_box()
            if box["y"] + box["height"] > height:
                too_high[language, path] = box["height"]
    assert too_high == {}


def test_no_page_loses_text_when_readers_space_it_out(browse, shipped_record):
    page = browse(viewport=SIZES["desktop"], bypass_csp=True)
    for path in ("", "commitments/", "commitments/1.2/", "matrix/", "forums/", "forums/UN/brief/"):
        page.goto(f"/en/ISCC/{path}")
        page.add_style_tag(content=SPACED)
        assert page.evaluate(CUT_OFF) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") == 1280, path


# Whether two parts of the header lie over each other.
OVERLAPPING = """[...document.querySelectorAll('header.site .wide > *')]
  .map(element => element.getBoundingClientRect()).filter(box => box.width && box.height)
  .some((one, place, boxes) => boxes.slice(place + 1).some(other =>
    one.left < other.right - 1 && other.left < one.right - 1
    && one.top < other.bottom - 1 && other.top < one.bottom - 1))"""


PAGES = ["", "commitments/", "events/", "forums/", "matrix/", "follow/", "report/"]


@pytest.mark.parametrize("width", [320, 390])
def test_text_of_twice_the_size_fits_on_a_phone(browse, shipped_record, sends_mail, width):
    page = browse(viewport={"width": width, "height": 844}, bypass_csp=True)
    wrong = []
    for language in ("en", "zh-hans"):
        for path in ("", *(f"ISCC/{of_plan}" for of_plan in PAGES), "ledger/"):
            page.goto(f"/{language}/{path}")
            page.add_style_tag(content="html { font-size: 200% !important }")
            wide = page.evaluate("document.documentElement.scrollWidth") > width
            if wide or page.evaluate(OVERLAPPING):
                wrong.append((language, path))
        page.goto(f"/{language}/ISCC/matrix/")
        page.add_style_tag(content="html { font-size: 200% !important }")
        # The column that stays in place leaves half of a usual screen to the others.
        assert page.locator(".matrix tbody th").first.bounding_box()["width"] <= 195
    assert wrong == []
