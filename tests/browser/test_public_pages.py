"""The public pages as people use them: in both languages, on a phone and a desk, with scripts and
without, by mouse and by keyboard, on the record that ships with the tracker."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 900}}
# Bytes of a page without what it loads.
HEAVIEST = 60_000


def words(locale, *pairs):
    return [zh if locale == "zh-CN" else en for en, zh in pairs]


@pytest.mark.parametrize(
    ("size", "locale", "scripts"),
    [
        ("phone", "en-US", False),
        ("phone", "zh-CN", True),
        ("desk", "zh-CN", False),
        ("desk", "en-US", True),
    ],
)
def test_from_a_figure_to_the_evidence_behind_it(browse, the_record, size, locale, scripts):
    by_status, active, other, matrix = words(
        locale,
        ("By status", "按状态"),
        ("Active", "持续履行"),
        ("中文", "English"),
        ("Goals and forums", "目标与平台"),
    )
    page = browse(locale=locale, java_script_enabled=scripts, viewport=SIZES[size])
    page.goto("/")
    page.get_by_text(by_status).nth(1).click()
    row = page.get_by_role("row").filter(has_text=active).first
    count = row.get_by_role("link").inner_text()
    row.get_by_role("link").click()
    expect(page.locator(".commitments > li")).to_have_count(int(count))
    assert re.search(r"\?kind=standing&status=active", page.url)
    # The language switch keeps the page and its filters.
    page.get_by_role("link", name=other, exact=True).click()
    expect(page.locator(".commitments > li")).to_have_count(int(count))
    page.go_back()
    page.locator(".commitments a").first.click()
    expect(page.locator(".standing .status")).to_have_text(active)
    claim = page.locator(".standing a")
    target = claim.get_attribute("href")
    claim.click()
    expect(page.locator(target)).to_be_in_viewport()
    assert page.locator(f"{target} .evidence a").first.get_attribute("href").startswith("http")
    page.get_by_role("link", name=matrix, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(matrix)


@pytest.mark.parametrize(("size", "locale"), [("phone", "zh-CN"), ("desk", "en-US")])
def test_words_are_found_in_either_language_and_filters_taken_away_again(
    browse, the_record, size, locale
):
    away, empty, language = words(
        locale,
        ("Take away", "去掉"),
        ("No commitment fits all of these filters.", "没有同时符合这些条件的承诺。"),
        ("en", "zh-hans"),
    )
    page = browse(locale=locale, viewport=SIZES[size])
    for text in ("恐怖主义", "terrorism"):
        page.goto(f"/{language}/ISCC/commitments/?kind=standing")
        page.fill("#q", text)
        page.locator("form.filters .search button").click()
        expect(page.locator(".commitments > li").first).to_be_visible()
    page.goto(f"/{language}/ISCC/commitments/?kind=standing&q=zebra")
    expect(page.get_by_text(empty)).to_be_visible()
    page.get_by_role("link", name=re.compile(f"{away}.*zebra")).click()
    expect(page.locator(".commitments > li")).to_have_count(25)


def test_a_day_is_chosen_and_goes_along(browse, the_record):
    page = browse(viewport=SIZES["phone"])
    page.goto("/en/ISCC/")
    page.locator(".clocks summary").click()
    page.fill(".clocks [name=as_of]", "2019-12-31")
    page.locator(".clocks button").click()
    expect(page.locator(".clocks summary")).to_have_text("As it stood on 31 December 2019.")
    assert page.url.endswith("/en/ISCC/?as_of=2019-12-31")
    page.get_by_role("link", name="Commitments", exact=True).click()
    assert page.url.endswith("?as_of=2019-12-31")
    expect(page.locator(".commitments > li")).to_have_count(30)
    page.locator(".clocks summary").click()
    page.get_by_role("link", name="As it stands today").click()
    assert page.url.endswith("/en/ISCC/commitments/")


def test_the_keyboard_alone_is_enough(browse, the_record):
    page = browse(viewport=SIZES["desk"])
    page.goto("/en/ISCC/commitments/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    page.locator("details:has(.choices) > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.get_attribute("name") == "status"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator("#q").focus()
    page.keyboard.press("Enter")
    chip = page.locator(".chips a").first
    chip.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".chips")).to_have_count(0)


def test_no_page_is_heavy_or_scrolls_sideways_on_the_real_record(browse, the_record):
    page = browse(viewport=SIZES["phone"])
    paths = ("", "commitments/", "commitments/1.2/", "commitments/5.3/", "goals/2/", "areas/7/")
    paths += ("forums/", "forums/UN/", "forums/UN/brief/", "matrix/", "trend/", "changes/")
    paths += ("methodology/", "commitments/?goal=2&as_of=2020-12-31", "trend/?goal=2")
    paths += ("compare/?since=2019-12-31",)
    for language in ("en", "zh-hans"):
        for path in paths:
            answer = page.goto(f"/{language}/ISCC/{path}")
            assert (answer.status, len(answer.body()) < HEAVIEST) == (200, True), path
            for folded in page.query_selector_all("details:not([open]) > summary"):
                folded.click()
            assert page.evaluate("document.documentElement.scrollWidth") == 360, path
