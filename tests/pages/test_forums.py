"""The brief before a meeting, and the matrix of goals and forums."""

import re
from datetime import date, timedelta

import pytest

from commitments.models import Partnership
from tests import steps
from tests.examples import parameters, some
from tests.factories import CommitmentFactory, ForumFactory, GoalFactory, MilestoneFactory
from tests.steps import TODAY
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

BRIEF, MATRIX = "/en/PLAN/forums/UN/brief/", "/en/PLAN/matrix/"


@pytest.fixture
def world(plan, reporter, reviewer):
    """UN with its part UNGA, at which a duty of goal 1 is active; SCO, where nothing happened."""
    goals = [GoalFactory(plan=plan, number=number) for number in (1, 2)]
    forums = {"UN": ForumFactory(code="UN"), "SCO": ForumFactory(code="SCO")}
    forums["UNGA"] = ForumFactory(code="UNGA", parent=forums["UN"])
    rows = {}
    for position, (number, code) in enumerate([("1", "UNGA"), ("2", "UN"), ("3", "SCO")]):
        goal = goals[1 if number == "3" else 0]
        rows[number] = CommitmentFactory(
            plan=plan, number=number, position=position, goal=goal, title=en_zh(f"Do {number}")
        )
        Partnership.objects.create(commitment=rows[number], forum=forums[code])
    steps.published(
        rows["1"],
        reporter,
        reviewer,
        status="active",
        forums=[forums["UNGA"]],
        summary=en_zh("A resolution was adopted.", "通过决议。"),
        evidence=[steps.STATEMENT, steps.RESOLUTION, steps.REPORT],
    )
    return {"rows": rows, "forums": forums}


def section(page, title):
    start = page.index(f"<h2>{title}")
    return page[start : page.index("</section>", start)]


def test_a_brief_says_what_was_promised_done_and_is_unanswered_and_what_shows_it(flat, world):
    page = flat(BRIEF)
    promised = section(page, "Commitments")
    assert re.findall(r'data-status="(\w+)"', promised) == ["active", "unassessed"]
    assert "A resolution was adopted." in section(page, "Updates since 2 July 2024")
    assert re.findall(r"Do \d", section(page, "Open questions")) == ["Do 2"]
    shown = re.findall(r"Report of|Resolution 1|Statement by the ministry", page)
    assert shown == ["Report of", "Resolution 1", "Statement by the ministry"]


@pytest.mark.parametrize(
    ("status", "asked"), [("contrary", True), ("inactive", True), ("partly_active", False)]
)
def test_what_is_adverse_or_not_acted_on_is_unanswered_too(
    flat, world, reporter, reviewer, status, asked
):
    steps.published(world["rows"]["2"], reporter, reviewer, status=status)
    assert ("Do 2" in section(flat(BRIEF), "Open questions")) == asked


def test_a_brief_says_what_kind_of_event_an_update_is(flat, world, reporter, reviewer):
    """Criticism is not what was done."""
    steps.published(
        world["rows"]["2"], reporter, reviewer, event_type="context", forums=[world["forums"]["UN"]]
    )
    updates = section(flat(BRIEF), "Updates since")
    assert re.findall(r'class="muted">(Took part|Context)<', updates) == ["Context", "Took part"]


def test_an_open_question_says_that_it_has_lapsed_and_is_overdue(flat, world, reporter, reviewer):
    assert "Overdue" not in section(flat(BRIEF), "Open questions")
    MilestoneFactory(commitment=world["rows"]["2"], due_on=date(2026, 6, 1))
    day = date(2023, 1, 1)
    steps.published(world["rows"]["2"], reporter, reviewer, status="inactive", effective_on=day)
    asked = section(flat(BRIEF), "Open questions")
    assert "1 January 2023 · lapsed, counts as unknown · Overdue" in asked


def test_what_does_not_fit_on_a_brief_is_counted_and_linked(flat, world, reporter, reviewer):
    for number in range(20):
        row = CommitmentFactory(plan=world["rows"]["1"].plan, number=f"9.{number}", position=50)
        Partnership.objects.create(commitment=row, forum=world["forums"]["UN"])
    for n in range(8):
        steps.published(
            world["rows"]["1"],
            reporter,
            reviewer,
            forums=[world["forums"]["UN"]],
            evidence=[{**steps.REPORT, "citation": f"The institute, Report {n}."}],
        )
    page = flat(BRIEF)
    for title, more in (
        ("Commitments", 10),
        ("Updates since", 4),
        ("Open questions", 16),
        ("Sources", 6),
    ):
        assert f'<a href="/en/PLAN/forums/UN/">and {more} more</a>' in section(page, title)


def test_a_brief_covers_two_review_intervals_before_its_day(flat, world, reporter, reviewer):
    row, un = world["rows"]["2"], world["forums"]["UN"]
    for age, words in ((730, "Just in time."), (732, "Too long ago.")):
        day = TODAY - timedelta(days=age)
        steps.published(
            row, reporter, reviewer, effective_on=day, forums=[un], summary=en_zh(words)
        )
    page = flat(f"{BRIEF}?as_of=2026-07-01")
    assert ("Just in time." in page, "Too long ago." in page) == (True, False)


def test_the_page_of_a_forum_leads_to_its_brief(flat, world):
    assert f'href="{BRIEF}"' in flat("/en/PLAN/forums/UN/")


def test_what_stands_there_through_another_forum_says_which_its_text_names(flat, world):
    for page in (BRIEF, "/en/PLAN/forums/UN/"):
        shown = flat(page)
        assert re.findall(r"via (\w+)", shown) == ["UNGA"]
        place = shown.index("via UNGA")
        assert shown.rindex("Do 1", 0, place) > shown.rfind("Do 2", 0, place)
    assert "via " not in flat("/en/PLAN/forums/UNGA/")
    assert "via " not in flat("/en/PLAN/goals/1/")


@pytest.mark.sampled
def test_each_number_of_the_matrix_leads_to_as_many_commitments(flat, world):
    page = flat(MATRIX)
    links = re.findall(r'<td><a href="([^"]+)">(\d+)</a></td>', page)
    assert len(links) == 8
    for address, n in some(links, kind=lambda link: parameters(link[0])):
        assert f"{n} of 3 commitments" in flat(address)


def test_forums_without_recorded_activity_are_named(flat, world):
    page = flat(MATRIX)
    silent = page[page.index("Forums without activity") :]
    assert re.findall(r'class="muted">([A-Z]+)</span>', silent) == ["SCO"]
    before = flat(f"{MATRIX}?known_at=2026-07-01T03:00:00Z")
    silent = before[before.index("Forums without activity") :]
    assert re.findall(r'class="muted">([A-Z]+)</span>', silent) == ["SCO", "UN", "UNGA"]


@pytest.mark.parametrize(("path", "queries"), [(BRIEF, 20), (MATRIX, 8)])
def test_these_pages_cost_a_fixed_number_of_queries(
    client, world, reporter, reviewer, path, queries, django_assert_max_num_queries
):
    for number in range(4):
        row = CommitmentFactory(plan=world["rows"]["1"].plan, number=f"8.{number}")
        Partnership.objects.create(commitment=row, forum=ForumFactory(code=f"F{number}"))
        steps.published(row, reporter, reviewer, forums=[world["forums"]["UN"]])
    with django_assert_max_num_queries(queries):
        client.get(path)
