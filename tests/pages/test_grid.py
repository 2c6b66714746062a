"""The grid on pages: what its cells say, where they lead, and what it costs."""

import gzip
import html
import re
from copy import deepcopy
from datetime import date

import pytest
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from commitments.choices import PeriodUnit
from commitments.clocks import Clock
from commitments.models import Commitment
from commitments.pages import groups, overview
from commitments.pages.grid import SHADES, shade_of
from commitments.pages.phrases import criteria_phrase
from commitments.rollups.findings import FindingCounts
from commitments.rollups.grid import grid
from tests import steps
from tests.factories import AreaFactory, CommitmentFactory, GoalFactory
from tests.fixtures.worlds import people, shared_world, the_duty, the_plan
from tests.steps import NOW
from tests.words import en_zh
from tests.workflow.assessing import NOT_SHOWN, SHOWN, add_criteria, assess, findings, publish

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

OVERVIEW = "/en/PLAN/"


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield build()


@pytest.fixture
def duty_of_years(db, built):
    """A duty that was active in 2021, lapsed, and partly active in 2025."""
    return deepcopy(built)


def build():
    plan = the_plan()
    duty = the_duty(plan)
    plan.adopted_on = date(2020, 3, 1)
    plan.save()
    duty.area = AreaFactory(plan=plan, number=1, title=en_zh("An area"))
    duty.save()
    both = people()[:2]
    steps.published(duty, *both, status="active", effective_on=date(2021, 5, 1))
    steps.published(duty, *both, event_type="context", effective_on=date(2022, 3, 1))
    steps.published(duty, *both, status="partly_active", effective_on=date(2025, 5, 1))
    return duty


def cells(page):
    """Return (tone, lapsed, words, number of events) of each cell, in order."""
    found = re.findall(
        r'class="cell( lapsed)?" data-tone="(\w+)".*?<a href="[^"]*" title="([^"]*)">(.*?)</a>',
        page,
        re.DOTALL,
    )
    return [
        (tone, bool(lapsed), html.unescape(words), re.sub("<[^>]+>", "", number).strip())
        for lapsed, tone, words, number in found
    ]


@pytest.mark.long
def test_a_cell_says_the_status_at_the_end_of_its_year_and_the_events_in_it(
    get_page, duty_of_years
):
    assert cells(get_page(OVERVIEW)) == [
        ("unknown", False, "2020: Not yet assessed", ""),
        ("fulfilled", False, "2021: Active, 1 event", "1"),
        ("fulfilled", False, "2022: Active, 1 event", "1"),
        ("fulfilled", True, "2023: Active, lapsed", ""),
        ("fulfilled", True, "2024: Active, lapsed", ""),
        ("partial", False, "2025: Partly active, 1 event", "1"),
        ("partial", False, "2026: Partly active", ""),
    ]
    assert "Dotted frame: lapsed, so it counts as unknown." in get_page(OVERVIEW)
    in_chinese = [words for _tone, _lapsed, words, _n in cells(get_page("/zh-hans/PLAN/"))]
    assert in_chinese[2:4] == ["2022年：持续履行，1项事件", "2023年：持续履行，已失效"]


@pytest.mark.long
def test_a_cell_leads_to_the_commitment_as_of_the_end_of_its_year(get_page, duty_of_years):
    def addresses(query):
        page = html.unescape(get_page(f"{OVERVIEW}{query}"))
        return re.findall(r'<td role="cell" class="cell.*?<a href="([^"]*)"', page, re.DOTALL)

    today = addresses("")
    assert today[0].endswith("/commitments/1.1/?as_of=2020-12-31")
    assert today[-1].endswith("/commitments/1.1/")
    for address, (_tone, _lapsed, words, _n) in zip(today, cells(get_page(OVERVIEW)), strict=True):
        label = words.partition(": ")[2].partition(",")[0]
        assert label in get_page(address)
    known = addresses("?known_at=2026-07-01T00:00:00Z&as_of=2024-06-30")
    clocks = "?as_of=2020-12-31&known_at=2026-07-01T00%3A00%3A00Z"
    assert known[0] == f"/en/PLAN/commitments/1.1/{clocks}"


def test_the_last_column_is_of_the_day_that_is_shown(get_page, duty_of_years):
    assert cells(get_page(f"{OVERVIEW}?as_of=2022-02-01"))[-1] == (
        "fulfilled",
        False,
        "2022: Active",
        "",
    )


@pytest.mark.long
def test_rows_stand_under_their_areas_in_the_plans_order_and_nowhere_else(get_page, duty_of_years):
    heading = '<a href="/en/PLAN/areas/1/">1 An area</a>'
    for path in ("", "commitments/", "commitments/?ordering=number"):
        assert heading in get_page(f"{OVERVIEW}{path}")
    for path in ("commitments/?ordering=status", "areas/1/"):
        assert heading not in get_page(f"{OVERVIEW}{path}")


@pytest.mark.long
def test_what_is_partly_fulfilled_is_deeper_the_more_of_its_criteria_are_shown(
    get_page, plan, duty, reporter, reviewer
):
    add_criteria(duty)
    event = steps.published(duty, reporter, reviewer, event_type="participation")
    found = findings(SHOWN, SHOWN, NOT_SHOWN, events=[event])
    publish(assess(duty, reporter, "partly_active", found), reporter, reviewer)
    assert 'data-tone="partial" data-shade="3"' in get_page(OVERVIEW)
    assert "2026: Partly active, 2 of 3 criteria shown, 1 event" in get_page(OVERVIEW)


def test_the_headline_of_a_goal_counts_its_own_commitments_as_the_sentence_above_does(
    flat, plan, duty, reporter, reviewer
):
    goal = GoalFactory(plan=plan, number=5)
    for number, own in (("7.1", True), ("7.2", True), ("7.3", False)):
        row = CommitmentFactory(plan=plan, number=number, goal=goal if own else duty.goal)
        row.supporting_goals.set([] if own else [goal])
        day = date(2025, 3, 1)
        steps.published(row, reporter, reviewer, status="active", effective_on=day)
    page = strip_tags(flat("/en/PLAN/goals/5/"))
    assert "7.3" in page
    assert "of 2 standing duties 2 are active." in page
    assert "2 commitments: no status on record has changed since the end of 2025." in page


@pytest.mark.long
@pytest.mark.parametrize(("module", "path"), [(overview, ""), (groups, "goals/5/")])
def test_the_headline_of_a_cut_grid_counts_the_commitments_that_it_leaves_out(
    client,
    flat,
    plan,
    duty,
    reporter,
    reviewer,
    monkeypatch,
    module,
    path,
    django_assert_max_num_queries,
):
    goal = GoalFactory(plan=plan, number=5)
    duty.goal = goal
    duty.save()
    for number, status in (("7.1", "active"), ("7.2", "partly_active")):
        row = CommitmentFactory(plan=plan, number=number, goal=goal, position=7)
        for day, then in ((date(2025, 3, 1), "partly_active"), (date(2026, 3, 1), status)):
            steps.published(row, reporter, reviewer, status=then, effective_on=day)
    whole = flat(f"/en/PLAN/{path}")
    monkeypatch.setattr(module, "MAX_LISTED", 1)
    with django_assert_max_num_queries(12):
        client.get(f"/en/PLAN/{path}")
    cut = flat(f"/en/PLAN/{path}")
    headlines = [re.findall(r'<p class="headline">(.*?)</p>', page) for page in (whole, cut)]
    assert len(headlines[0]) == 1
    assert headlines[0] == headlines[1]
    words = strip_tags(headlines[1][0])
    assert words.startswith("3 commitments since the end of 2025: 1 improved")
    assert "7.2" not in cut[cut.index('<table class="grid') : cut.index("</table>")]


def test_a_cut_grid_has_the_years_of_the_commitments_that_it_leaves_out(
    flat, plan, duty, reporter, reviewer, monkeypatch
):
    """Without a day of adoption they begin with the first assessment."""
    plan.adopted_on = None
    plan.save()
    last = CommitmentFactory(plan=plan, number="7.1", position=7)
    steps.published(last, reporter, reviewer, status="active", effective_on=date(2019, 3, 1))
    monkeypatch.setattr(overview, "MAX_LISTED", 1)
    page = flat("/en/PLAN/")
    years = re.findall(r'class="year">(\d+)<', page)
    assert years == [str(year) for year in range(2019, 2027)]
    assert '<p class="headline">' in page


@pytest.mark.parametrize(
    ("counts", "phrase"),
    [
        (FindingCounts(3, 1, 1, 0), "3 of 5 criteria shown, 1 in part"),
        (FindingCounts(0, 1, 3, 0), "1 of 4 criteria in part"),
        (FindingCounts(0, 2, 0, 1), "2 of 3 criteria in part, 1 against"),
        (FindingCounts(0, 0, 1, 2), "2 of 3 criteria against"),
        (FindingCounts(0, 0, 4, 0), "0 of 4 criteria shown"),
    ],
)
def test_of_the_criteria_what_there_is_is_said_first(counts, phrase):
    assert criteria_phrase(counts) == phrase


COUNTS = st.integers(0, 6)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_the_depth_rises_with_the_share_shown_and_is_full_only_near_all(shown, part, rest, against):
    counts = FindingCounts(shown, part, rest + (not shown + part + rest + against), against)
    depth = shade_of(counts)
    assert 1 <= depth <= SHADES
    assert (depth == 1) == (SHADES * shown < counts.of)
    more = FindingCounts(shown + 1, part, counts.not_shown, against)
    assert shade_of(more) >= depth


def test_a_page_shows_what_the_api_says(get_page, duty_of_years, deliverable, reporter, reviewer):
    steps.published(
        deliverable, reporter, reviewer, status="started", effective_on=date(2024, 2, 1)
    )
    clock = Clock(NOW)
    rows = Commitment.objects.at(clock).in_order()
    found = grid(rows, duty_of_years.plan, PeriodUnit.YEAR, clock)
    expected = [(cell.item.has_lapsed, cell.events) for row in found.rows for cell in row.cells]
    shown = [(lapsed, int(n or 0)) for _tone, lapsed, _words, n in cells(get_page(OVERVIEW))]
    assert shown == expected


def test_on_any_layout_it_is_a_table_with_names_of_rows_and_columns(get_page, duty_of_years):
    page = get_page(OVERVIEW)
    table = page[page.index("<table") : page.index("</table>")]
    rows = re.findall(r'<tr role="row".*?</tr>', table, re.DOTALL)
    columns = re.findall(r'role="columnheader"', rows[0])
    assert len(columns) == 9
    [row] = [row for row in rows if 'class="cell' in row]
    assert len(re.findall(r'<th scope="row" role="rowheader"', row)) == 1
    assert len(re.findall(r'<td role="cell"', row)) == 8


def test_by_keyboard_it_can_be_skipped(get_page, duty_of_years):
    page = get_page(OVERVIEW)
    skip, target = page.index('href="#after-grid"'), page.index('id="after-grid"')
    assert skip < page.index('<table class="grid"') < target < page.index('id="events"')


@pytest.mark.long
def test_thirty_rows_take_under_twenty_kilobytes_and_a_thousand_come_in_pages(
    get_page, plan, duty_of_years
):
    for n in range(2, 31):
        CommitmentFactory(plan=plan, number=f"1.{n}", position=n, title=en_zh(f"Do thing {n}"))
    page = get_page(OVERVIEW)
    assert len(cells(page)) == 30 * 7
    assert len(gzip.compress(page.encode())) < 20_000
    for n in range(31, 103):
        CommitmentFactory(plan=plan, number=f"1.{n}", position=n)
    page = get_page(OVERVIEW)
    assert len(cells(page)) == 100 * 7
    assert '<a href="/en/PLAN/commitments/">All 102 commitments</a>' in page


@pytest.mark.long
def test_its_queries_do_not_grow_with_rows_and_years(
    client, plan, duty_of_years, reporter, reviewer, django_assert_num_queries
):
    for n in range(2, 5):
        row = CommitmentFactory(plan=plan, number=f"1.{n}", position=n)
        steps.published(row, reporter, reviewer, status="active", effective_on=date(2021, n, 1))
    with django_assert_num_queries(8):
        client.get(OVERVIEW)
    plan.adopted_on = date(1950, 1, 1)
    plan.save()
    with django_assert_num_queries(8):
        client.get(OVERVIEW)
