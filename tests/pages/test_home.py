"""The home page, and the parts of a plan that it and its menu have."""

import html
import re

import pytest
import time_machine
from django.core.management import call_command

from commitments.importing import plan_file, plan_load
from commitments.models import Plan
from commitments.pages import home
from tests.documents import edited
from tests.factories import CommitmentFactory, PlanFactory
from tests.importing.town import VALID
from tests.pages.test_edits import flat
from tests.steps import NOW, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

HARBOUR = "tests/data/harbour.yaml"


@pytest.fixture
def harbour():
    """A plan with areas, forums, offices and dates, and without goals."""
    return plan_load.load_plan(plan_file.read_plan_file(HARBOUR).value, at=NOW).plan


def menu(page):
    nav = page[page.index('<nav class="main"') :]
    return [
        html.unescape(label)
        for label in re.findall(r"<a [^>]*>([^<]*)</a>", nav[: nav.index("</nav>")])
    ]


# The home page


def test_a_tracker_without_a_plan_says_so(get_page):
    assert "No plans have been loaded yet." in get_page("/en/")


def test_a_ledger_without_entries_has_nothing_to_note_down(get_page):
    page = get_page("/en/ledger/")
    assert "The ledger has no entry yet." in page
    assert "--pin" not in page


def test_each_plan_has_a_card(get_page, harbour):
    card = flat(get_page("/en/"))
    assert '<a href="/en/HARBOUR/">Clean Water Plan of Saltmere Harbour</a>' in card
    assert "Town Council of Saltmere · 2025 · No. 2 · 7 commitments" in card
    assert "of 3 deliverables none has been assessed yet; of 4 standing duties none has" in card
    assert card.count("<rect data-tone") == 7 * 2
    assert "Last change 1 July 2026" in card


@pytest.mark.parametrize(
    ("adopted_on", "years"), [("2024-05-01", ["2024", "2026"]), ("2026-05-01", ["2026"])]
)
@time_machine.travel(NOW, tick=False)
def test_below_a_picture_are_its_first_and_last_year_or_its_only_one(get_page, adopted_on, years):
    CommitmentFactory(plan=PlanFactory(code="NEW", adopted_on=adopted_on))
    for path in ("/en/", "/embed/en/NEW/"):
        [below] = re.findall(r'<p class="picture-years"[^>]*>(.*?)</p>', flat(get_page(path)))
        assert re.findall(r"<span>(\d+)</span>", below) == years


@pytest.mark.parametrize("limit", ["MAX_PICTURED", "MAX_PICTURED_IN_ALL"])
def test_a_large_plan_has_bars_in_place_of_a_picture(get_page, monkeypatch, harbour, limit):
    monkeypatch.setattr(home, limit, 6)
    card = flat(get_page("/en/"))
    assert '<svg class="picture"' not in card
    assert "Deliverable · Unknown · no action recorded in the past 180 days" in card
    assert '<svg class="bar" role="img"><title>' in card


@pytest.mark.long
def test_a_picture_shows_what_the_grid_shows(get_page, harbour, reporter, reviewer):
    row = harbour.commitments.get(number="A.1")
    row.lead_office.members.add(reporter)
    published(row, reporter, reviewer, status="started", summary=en_zh("Begun."))
    tones = re.findall(r'<rect data-tone="(\w+)"', get_page("/en/"))
    assert tones == re.findall(r'class="cell" data-tone="(\w+)"', get_page("/en/HARBOUR/"))
    assert "partial" in tones


def test_the_latest_plan_comes_first_and_archived_ones_last(get_page):
    for code, adopted_on, visibility in (
        ("OLD", "2010-01-01", "public"),
        ("DONE", "2024-01-01", "archived"),
        ("NEW", "2023-01-01", "public"),
        ("UNDATED", None, "public"),
    ):
        PlanFactory(code=code, title=en_zh(code), adopted_on=adopted_on, visibility=visibility)
    page = get_page("/en/")
    assert re.findall(r'<h2><a href="/en/(\w+)/">', page) == ["NEW", "OLD", "UNDATED", "DONE"]
    assert "<strong>Archived</strong>" in page


@pytest.mark.long
def test_cards_cost_the_same_queries_for_two_plans_and_for_ten(
    client, django_assert_num_queries, reporter, reviewer
):
    def add(numbers):
        for n in numbers:
            commitment = CommitmentFactory(plan=PlanFactory(code=f"P{n}"), number="1")
            published(commitment, reporter, reviewer, status="active")

    add(range(2))
    with django_assert_num_queries(8):
        client.get("/en/")
    add(range(2, 10))
    with django_assert_num_queries(8):
        client.get("/en/")


def test_many_plans_come_in_pages(get_page):
    for n in range(21):
        PlanFactory(code=f"P{n:02}", title=en_zh(f"Plan {n:02}"), adopted_on="2020-01-01")
    first, second = get_page("/en/"), get_page("/en/?page=2")
    assert "Plan 19" in first
    assert "Plan 20" not in first
    assert "Plan 20" in second
    assert '<a rel="next" href="/en/?page=2">' in first
    assert '<a rel="prev" href="/en/">' in flat(second)


def test_feeds_and_pages_of_administrators_have_the_name_of_the_site(
    settings, plan, client, signed_in, administrator
):
    settings.SITE_NAME = "Town tracker"
    assert "<name>Town tracker</name>" in client.get("/en/PLAN/changes.atom").text
    page = signed_in(administrator).get("/admin/commitments/webhooksubscriber/").text
    assert "| Town tracker</title>" in page
    assert "Commitment tracker" not in page


def test_who_runs_the_site_is_said_where_it_is_set(get_page, harbour, settings):
    settings.SITE_NAME, settings.SITE_OPERATOR = "Town tracker", "Secretariat of the council"
    settings.SITE_CONTACT = "tracker@example.org"
    settings.SITE_IMPRINT = "https://example.org/imprint"
    home, overview = get_page("/en/"), get_page("/en/HARBOUR/")
    assert "<h1>Town tracker</h1>" in home
    assert "Run by Secretariat of the council." in home
    for page in (home, overview):
        assert '<a href="mailto:tracker@example.org">Contact</a>' in page
        assert '<a href="https://example.org/imprint">Imprint</a>' in page
        assert "Town tracker</title>" in page


@pytest.mark.long
def test_every_page_leads_back_to_the_home_page(get_page, harbour):
    for path in ("", "commitments/", "commitments/A.1/", "offices/", "changes/"):
        assert '<a class="home" href="/en/">' in get_page(f"/en/HARBOUR/{path}")


# Parts of a plan


@pytest.mark.long
def test_the_menu_has_what_the_plan_has(get_page, harbour):
    assert menu(get_page("/en/HARBOUR/")) == [
        "Overview",
        "Commitments",
        "Partner forums",
        "Offices",
        "Events",
        "Over time",
        "Changes",
        "Methodology",
    ]
    CommitmentFactory(plan=PlanFactory(code="BARE"))
    assert menu(get_page("/en/BARE/")) == [
        "Overview",
        "Commitments",
        "Events",
        "Over time",
        "Changes",
        "Methodology",
    ]


@pytest.mark.parametrize("path", ["forums/", "forums/UN/", "offices/", "matrix/"])
def test_a_plan_has_no_page_of_what_it_lacks(client, path):
    CommitmentFactory(plan=PlanFactory(code="BARE"))
    assert client.get(f"/en/BARE/{path}").status_code == 404


def test_no_section_and_no_sentence_is_of_what_the_plan_lacks(get_page):
    CommitmentFactory(plan=PlanFactory(code="BARE"), title=en_zh("Take part"))
    for path in ("", "commitments/"):
        page = flat(get_page(f"/en/BARE/{path}"))
        main = page[page.index("<main") : page.index("</main>")].replace("textarea", "")
        for word in ("forum", "goal", "area", "office", "Overdue", "Due after", "Schedule"):
            assert word not in main, (path, main[max(0, main.find(word) - 80) :][:160])


def test_the_sitemap_has_the_pages_that_plans_have(client, harbour):
    sitemap = client.get("/sitemaps/plans/HARBOUR.xml").content.decode()
    for path in ("forums/", "offices/", "offices/WATER-WORKS/", "offices/SCHOOL-BOARD/"):
        assert f"/en/HARBOUR/{path}</loc>" in sitemap
    assert "matrix" not in sitemap


# Own words


@pytest.mark.long
def test_a_plans_own_words_stand_in_menu_headings_filters_and_lists(get_page):
    words = {
        "goal": {"one": {"en": "Objective", "zh": "任务"}, "many": {"en": "Objectives"}},
        "area": {"one": {"en": "Chapter"}, "many": {"en": "Chapters"}},
        "forum": {"one": {"en": "Venue"}, "many": {"en": "Venues"}},
    }
    plan_load.load_plan(edited(VALID, ("plan.words", words)), at=NOW)
    overview = get_page("/en/TOWN/")
    assert menu(overview)[2:4] == ["Venues", "Offices"]
    assert ">Objectives and Venues</a>" in get_page("/en/TOWN/forums/")
    assert "<h1>Objectives and Venues</h1>" in get_page("/en/TOWN/matrix/")
    assert re.search("<h2 id=[^>]*>Objectives</h2>", overview)
    listed = get_page("/en/TOWN/commitments/")
    for legend in ("Objective", "Objective, also supporting", "Chapter", "Venue"):
        assert f"<legend>{legend}</legend>" in listed
    assert "Objective 1: " in listed
    assert "Objective 1" in get_page("/en/TOWN/goals/1/")
    commitment = get_page("/zh-hans/TOWN/commitments/A.1/")
    assert "<dt>任务</dt>" in commitment
    dumped = plan_load.plan_dump.plan_document(Plan.objects.get())
    assert dumped["plan"]["words"] == words
    call_command("verify_ledger", verbosity=0)


# Offices


def test_an_office_has_a_page_with_what_it_leads_and_what_it_supports(get_page, harbour):
    page = flat(get_page("/en/HARBOUR/offices/HARBOUR-OFFICE/"))
    leads, supports = page.split("> Leads <")[1].split("> Supports <")
    numbers = [re.findall(r'"number">([AB]\.\d)<', part) for part in (leads, supports)]
    assert numbers == [["A.4", "B.1"], ["A.1"]]
    assert '<a href="/en/HARBOUR/offices/HARBOUR-OFFICE/history/">' in page


def test_offices_are_listed_with_their_figures(get_page, harbour):
    page = get_page("/en/HARBOUR/offices/")
    for code in ("HARBOUR-OFFICE", "SCHOOL-BOARD", "WATER-WORKS"):
        assert f"/en/HARBOUR/offices/{code}/" in page


@pytest.mark.long
def test_the_lead_office_stands_in_lists_and_on_the_commitments_page(get_page, harbour):
    assert "Deliverable · Water Works · due 31 December 2027" in flat(
        get_page("/en/HARBOUR/commitments/")
    )
    assert '<a href="/en/HARBOUR/offices/WATER-WORKS/">Water Works</a>' in get_page(
        "/en/HARBOUR/commitments/A.1/"
    )
    # Its own page need not say so in each row.
    assert "Deliverable · due 31 December 2027" in flat(
        get_page("/en/HARBOUR/offices/WATER-WORKS/")
    )


def test_only_the_offices_of_the_plan_are_offered_as_filters(get_page, harbour):
    CommitmentFactory(plan=PlanFactory(code="OTHER"))
    assert "WATER-WORKS" in get_page("/en/HARBOUR/commitments/")
    assert "WATER-WORKS" not in get_page("/en/OTHER/commitments/")


# Long lists


@pytest.mark.long
def test_a_long_list_has_pages_and_keeps_its_filters(get_page):
    plan = PlanFactory(code="LONG")
    for n in range(1, 103):
        CommitmentFactory(plan=plan, number=f"{n}", position=n)
    first = flat(get_page("/en/LONG/commitments/?kind=standing"))
    assert "102 of 102 commitments" in first
    assert ">101</span>" not in first
    assert '<a rel="next" href="/en/LONG/commitments/?kind=standing&amp;page=2">' in first
    second = flat(get_page("/en/LONG/commitments/?kind=standing&page=2"))
    assert '<span class="number">101</span>' in second
    assert "format=csv" in second
    assert "page=2&amp;format" not in second


@pytest.mark.long
def test_a_plan_of_1850_shows_its_last_years(get_page):
    plan = PlanFactory(code="OLD", adopted_on="1850-03-01", issuer=en_zh("", ""))
    CommitmentFactory(plan=plan, number="1.1.1")
    overview, page = get_page("/en/OLD/"), get_page("/en/OLD/commitments/1.1.1/")
    assert '<p class="muted"> 1 March 1850 </p>' in flat(overview)
    assert re.findall(r'class="year">(\d{4})', overview)[0] == "2015"
    assert "Not yet assessed" in page
