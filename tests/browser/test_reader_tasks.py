"""Questions with which readers come, answered from the home page: how many clicks each takes, and
how many screens there are to scroll through, have a bound.

A search that is typed and sent is one click. Screens are counted down each page to what is clicked
there, and at the end to the answer.
"""

import re

import pytest
from playwright.sync_api import expect

from commitments.models import Evidence, Forum, ProgressUpdate
from commitments.roles import ANONYMOUS

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = {
    "phone": {"width": 390, "height": 844},
    "desktop": {"width": 1136, "height": 800},
}
MAX_STOPS = 60
MAX_HEADING_TOP = 180
PAGES = (
    *("", "commitments/", "commitments/4.1/", "goals/2/", "areas/3/", "forums/", "forums/SCO/"),
    *(
        "forums/SCO/brief/",
        "time/",
        "changes/",
        "events/",
        "search/",
        "data/",
        "methodology/",
        "matrix/",
    ),
    *("commitments/4.1/history/", "report/"),
)
SITE_PAGES = ("", "ledger/", "accessibility/", "search/")
# Days before the plan and parameters that are ignored have a notice, below the heading.
DAYS = ("2023-12-31", "2016-12-31", "2016-12-31&known_at=2026-11-25T12:00:00Z")
IGNORED = "&utm_source=mail&forum=NO&goal=99"
CLOCKS = ("", "?as_of=2023-12-31&known_at=2026-11-25T12:00:00Z")
PLAN = "International Strategy of Cooperation on Cyberspace"


class Reader:
    """Clicks through the site and counts the way."""

    def __init__(self, page, size):
        self.page, self.height, self.clicks, self.screens = page, size["height"], 0, 0
        page.goto("/en/")

    def reach(self, place):
        """Scroll to a place."""
        expect(place).to_be_visible()
        top = place.bounding_box()["y"] + self.page.evaluate("scrollY")
        start = self.page.evaluate("scrollY")
        self.screens += max(0, top - start - self.height / 2) / self.height
        place.scroll_into_view_if_needed()

    def click(self, place):
        self.reach(place)
        place.click()
        self.clicks += 1

    def link(self, name, exact=True):
        self.click(self.page.get_by_role("link", name=name, exact=exact).first)

    def plan(self):
        self.link(PLAN)

    def commitment(self, number):
        """Open a commitment from the grid of the plan."""
        self.plan()
        self.click(self.page.locator(f".grid th[scope=row] a[href$='/commitments/{number}/']"))

    def search(self, words):
        """Search from the header; on a phone it has a link to the search."""
        if not self.page.locator(".find").is_visible():
            self.link("Search")
        box = self.page.locator("input[type=search]:visible").first
        box.fill(words)
        box.press("Enter")
        self.clicks += 1

    def read(self, place, words):
        """Read the answer at a place."""
        self.reach(place)
        expect(place).to_contain_text(words)

    def read_source(self, place, *updates):
        """Read the link of a source, which must be one of these updates'."""
        self.reach(place)
        assert place.get_attribute("href") in links_of(*updates)


def links_of(*updates):
    """Return the addresses of the public sources of these updates, as the record has them."""
    sources = Evidence.objects.filter(update__in=updates, public=True).exclude(url="")
    return set(sources.values_list("url", flat=True))


def newest_with_link(updates):
    """Return the newest of these updates that are published and have a public link."""
    return next(row for row in updates.published().latest_first() if links_of(row))


def what_was_promised_at_the_sco(reader):
    reader.search("SCO")
    reader.click(reader.page.locator("#forum ~ .hits a").first)
    answer = reader.page.locator(".promises blockquote").first
    reader.read(answer, "Shanghai Cooperation Organization (SCO)")


def what_was_promised_at_the_sco_in_chinese(reader):
    reader.search("上合组织")
    reader.click(reader.page.locator("#commitment ~ .hits a").first)
    reader.read(reader.page.locator(".verdict-card .large"), "Stalled")


def the_newest_source_for_4_1(reader):
    reader.commitment("4.1")
    record = reader.page.locator("#record ~ .updates")
    newest = newest_with_link(ProgressUpdate.objects.filter(commitment__number="4.1"))
    reader.read_source(record.locator(".evidence a[rel=external]").first, newest)


def what_got_worse_in_two_years(reader):
    reader.plan()
    reader.link("Over time")
    reader.link("2 years")
    reader.read(reader.page.locator("#worse ~ .movements li").first, "Stalled")


def cite_5_3_as_of_2023(reader):
    reader.plan()
    reader.click(reader.page.locator(".grid a[href*='/5.3/?as_of=2023-12-31']"))
    reader.link("How to cite this page")
    answer = reader.page.locator(".citations div").filter(has_text="APA")
    reader.read(answer, "status on 31 December 2023")


def which_commitments_are_unknown(reader):
    reader.plan()
    reader.click(reader.page.locator(".summary a[href*='tone=unknown']"))
    answer = reader.page.locator(".grid .verdict").first
    reader.read(answer, "No evidence of fulfilment found")


def why_4_1_is_partly_active(reader):
    reader.commitment("4.1")
    reader.read(reader.page.locator(".verdict-card .sentence"), "In 2025 China spoke")


def who_shows_the_first_criterion_of_4_1(reader):
    reader.commitment("4.1")
    event = reader.page.locator(".verdict-card .criteria a[href^='#update-']").first
    target = event.get_attribute("href")
    reader.click(event)
    assessments = ProgressUpdate.objects.published().filter(commitment__number="4.1")
    current = assessments.exclude(status=None).latest_first()[0]
    finding = current.findings.get(criterion__position=1)
    shown_by = finding.events.get(pk=target.removeprefix("#update-"))
    reader.read_source(reader.page.locator(f"{target} .evidence a[rel=external]").first, shown_by)


def what_partly_active_means(reader):
    reader.plan()
    reader.link("Methodology")
    answer = reader.page.locator("tr", has=reader.page.locator("[data-status=partly_active]"))
    reader.read(answer.first, re.compile("[Pp]art"))


def at_which_forums_nothing_is_on_record(reader):
    reader.plan()
    reader.click(reader.page.locator(".remarks a[href$='/forums/#silent']").first)
    answer = reader.page.get_by_text("no activity recorded there in the past two years").first
    reader.read(answer, "no activity")


def everything_that_was_done_at_the_sco(reader):
    reader.search("SCO")
    reader.click(reader.page.locator("#forum ~ .hits a").first)
    reader.click(reader.page.locator("a[href*='/events/?forum=SCO']").first)
    sco = Forum.objects.filter(code="SCO")
    events = ProgressUpdate.objects.filter(event_type__isnull=False).at_forums(sco, ANONYMOUS)
    expect(reader.page.locator(".count").first).to_contain_text(f"{events.published().count()} ev")
    answer = reader.page.locator(".changes .lines a[rel=external]").first
    reader.read_source(answer, newest_with_link(events))


def all_statuses_as_a_table(reader):
    reader.plan()
    reader.link("Data")
    reader.read(reader.page.locator("a[type='text/csv']").first, "CSV")


def todays_head_of_the_ledger(reader):
    reader.link("Ledger")
    reader.read(reader.page.locator(".copy").first, re.compile(r"\d+:[0-9a-f]{64}"))


# The most clicks; the most screens on a desktop and on a phone.
TASKS = [
    (what_was_promised_at_the_sco, 3, 1, 1),
    (what_was_promised_at_the_sco_in_chinese, 3, 1, 1),
    (the_newest_source_for_4_1, 2, 4, 7),
    (what_got_worse_in_two_years, 3, 1, 1.5),
    (cite_5_3_as_of_2023, 3, 2, 6),
    (which_commitments_are_unknown, 2, 1, 1),
    (why_4_1_is_partly_active, 2, 1.5, 2.5),
    (who_shows_the_first_criterion_of_4_1, 3, 2, 3.5),
    (what_partly_active_means, 2, 2, 2.5),
    (at_which_forums_nothing_is_on_record, 2, 1, 1),
    (everything_that_was_done_at_the_sco, 4, 2.5, 4),
    (all_statuses_as_a_table, 2, 3, 6),
    (todays_head_of_the_ledger, 1, 1, 1.5),
]


@pytest.mark.parametrize("size", SIZES)
def test_readers_find_their_answers_within_bounds(browse, shipped_record, size):
    page = browse(viewport=SIZES[size])
    over = {}
    for task, most_clicks, *most_screens in TASKS:
        reader = Reader(page, SIZES[size])
        task(reader)
        bounds = most_clicks, most_screens[size == "phone"]
        if reader.clicks > bounds[0] or reader.screens > bounds[1]:
            over[task.__name__] = (reader.clicks, round(reader.screens, 1)), bounds
    assert over == {}


def test_the_first_commitment_is_at_most_sixty_stops_of_the_keyboard_away(browse, shipped_record):
    page = browse(viewport=SIZES["desktop"])
    for path in ("commitments/", ""):
        page.goto(f"/en/ISCC/{path}")
        stops = 0
        while "/commitments/1.1/" not in page.evaluate("document.activeElement.href ?? ''"):
            page.keyboard.press("Tab")
            stops += 1
            assert stops <= MAX_STOPS, path


def test_on_the_narrowest_screen_the_name_of_the_site_keeps_clear_of_the_search(browse, plan):
    page = browse(viewport={"width": 320, "height": 640})
    for language in ("en", "zh-hans"):
        # The page of the search has no other search in its header.
        for path in SITE_PAGES[:-1]:
            page.goto(f"/{language}/{path}")
            name = page.locator("header.site .name span").bounding_box()
            search = page.locator("header.site .find-link").bounding_box()
            beside = search["y"] >= name["y"] + name["height"] - 4
            assert beside or search["x"] >= name["x"] + name["width"], (language, path)


def test_the_overview_of_thirty_commitments_is_at_most_seven_screens_of_a_phone(
    browse, shipped_record
):
    page = browse(viewport=SIZES["phone"])
    for language in ("en", "zh-hans"):
        page.goto(f"/{language}/ISCC/")
        height = page.evaluate("document.documentElement.scrollHeight")
        assert height <= 7 * SIZES["phone"]["height"], language


def test_on_a_phone_the_heading_begins_within_the_first_180_pixels(browse, shipped_record):
    page = browse(viewport=SIZES["phone"])
    tops = {}
    for language in ("en", "zh-hans"):
        for path in (*SITE_PAGES, *(f"ISCC/{path}{clock}" for path in PAGES for clock in CLOCKS)):
            page.goto(f"/{language}/{path}")
            tops[language, path] = page.locator("h1").bounding_box()["y"]
    assert {place: top for place, top in tops.items() if top > MAX_HEADING_TOP} == {}


def test_on_a_phone_no_notice_moves_the_heading_down(browse, shipped_record):
    page = browse(viewport=SIZES["phone"])
    tops = {}
    for language in ("en", "zh-hans"):
        for path in ("commitments/", "commitments/4.1/", "search/"):
            for day in DAYS:
                page.goto(f"/{language}/ISCC/{path}?as_of={day}{IGNORED}")
                heading = page.locator("h1").bounding_box()
                notice = page.locator(".callout").first.bounding_box()
                tops[language, path, day] = heading["y"]
                assert notice["y"] >= heading["y"] + heading["height"]
    assert {place: top for place, top in tops.items() if top > MAX_HEADING_TOP} == {}
