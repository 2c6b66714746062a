"""The public pages of groups: overview, goals, areas, forums, the filtered list, methodology."""

import html
import re

import pytest

from commitments.bilingual import Text
from commitments.choices import STATUS_RULES
from commitments.models import Partnership
from commitments.rollups import Item, group
from commitments.views.charts import bars
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
)
from tests.steps import published

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]


@pytest.fixture
def grouped(plan, reporter, reviewer):
    """A goal and an area with a duty that is fulfilled and a deliverable that nobody assessed."""
    place = {"plan": plan, "goal": GoalFactory(plan=plan, number=1, text_en="The goal's words.")}
    place["area"] = AreaFactory(plan=plan, number=3, title_en="An area")
    done = CommitmentFactory(number="3.1", position=1, title_en="Do it", **place)
    CommitmentFactory(number="3.2", position=2, kind="deliverable", title_en="Make it", **place)
    forum = ForumFactory(code="UNGA", parent=ForumFactory(code="UN", name_en="United Nations"))
    Partnership.objects.create(commitment=done, forum=forum, quote_en="the forum")
    published(done, reporter, reviewer, status="active", forums=[forum])
    return done


def flat(page):
    return " ".join(page.split())


def test_the_dashboard_says_in_plain_counts_where_the_plan_stands(get_page, grouped):
    page = flat(get_page("/en/PLAN/"))
    assert "Of 2 commitments: 1 fulfilled, 0 adverse, 1 unknown." in page
    assert "2 项承诺中：已履行 1 项，不利 0 项，不明 1 项。" in flat(get_page("/zh-hans/PLAN/"))
    for name in ("1 A goal", "3 An area"):
        assert f"{name}</a>" in page
    assert "%" not in page  # no percentage anywhere
    assert 'href="/en/PLAN/commitments/?kind=standing&amp;status=active">1</a>' in page


def test_both_kinds_are_counted_together_in_the_plain_counts(get_page, grouped):
    CommitmentFactory(plan=grouped.plan, number="3.3", position=3)
    page = flat(get_page("/en/PLAN/"))
    assert "Of 3 commitments: 1 fulfilled, 0 adverse, 2 unknown." in page


def test_each_number_by_status_leads_to_the_list_behind_it(get_page, grouped):
    dashboard = get_page("/en/PLAN/?as_of=2026-07-01")
    counted = re.findall(r'href="(/en/PLAN/commitments/[^"]+)">(\d+)</a>', dashboard)
    assert len(counted) == 3
    for address, count in counted:
        page = get_page(html.unescape(address))
        assert f"{count} of 2 commitments" in page
        assert "As it stood on 1 July 2026." in page


def test_bars_are_as_long_as_what_they_count(plan):
    items = [
        Item(n, "standing", status, "current")
        for n, status in enumerate(
            ["active", "active", "inactive", "contrary", "unassessed", "withdrawn", "partly_active"]
        )
    ]
    items.append(Item(9, "standing", "active", "lapsed"))
    [bar] = bars(group(items, Text("All")))
    told = [(segment.tone, segment.count, segment.x, segment.width) for segment in bar.segments]
    assert told == [
        ("fulfilled", 2, 0, 250),
        ("partial", 1, 250, 125),
        ("none", 1, 375, 125),
        ("adverse", 1, 500, 125),
        ("unknown", 2, 625, 250),
        ("apart", 1, 875, 125),
    ]


def test_pages_of_a_goal_an_area_and_a_forum_list_their_commitments(get_page, grouped):
    for path in ("goals/1/", "areas/3/", "forums/UNGA/", "forums/UN/"):
        page = get_page(f"/en/PLAN/{path}")
        assert "Do it</a>" in page
        assert ("Make it</a>" in page) == ("forums" not in path)
    assert "The goal&#x27;s words." in get_page("/en/PLAN/goals/1/")
    assert "United Nations</a>" in get_page("/en/PLAN/forums/UNGA/")
    assert "A meeting was held." in get_page("/en/PLAN/forums/UN/")
    page = flat(get_page("/en/PLAN/forums/"))
    assert "1 commitment, 1 with recorded activity there lately" in page


@pytest.mark.parametrize("path", ["goals/9/", "areas/9/", "forums/NONE/", "goals/x/"])
def test_there_is_no_page_of_what_there_is_not(get_page, plan, path):
    get_page(f"/en/PLAN/{path}", 404)


def test_the_list_is_filtered_as_in_the_api(get_page, grouped):
    page = get_page("/en/PLAN/commitments/?kind=deliverable&kind=standing&status=active&q=do")
    assert "1 of 2 commitments" in page
    assert "Do it</a>" in page
    assert "Make it</a>" not in page
    assert '<input type="checkbox" name="status" value="active" checked>' in page
    assert "No commitment fits all of these filters." in get_page("/en/PLAN/commitments/?q=nothing")
    wrong = get_page("/en/PLAN/commitments/?status=done&goal=1")
    assert "status: " in wrong
    assert "2 of 2 commitments" in wrong


def test_the_methodology_is_that_of_the_code(get_page, plan):
    for language, code in (("en", "en"), ("zh-hans", "zh")):
        page = get_page(f"/{language}/PLAN/methodology/")
        for status, rule in STATUS_RULES.items():
            assert html.escape(getattr(status.label, code)) in page
            assert html.escape(getattr(rule.definition, code)) in page


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("", 12),
        ("goals/1/", 5),
        ("areas/3/", 4),
        ("forums/", 10),
        ("forums/UN/", 12),
        ("methodology/", 2),
    ],
)
def test_pages_of_roll_ups_cost_a_fixed_number_of_queries(
    client, grouped, path, queries, django_assert_num_queries
):
    with django_assert_num_queries(queries):
        client.get(f"/en/PLAN/{path}")


def test_commitments_without_a_goal_stand_in_a_group_of_their_own(get_page, grouped):
    CommitmentFactory(plan=grouped.plan, number="9.9", position=9)
    GoalFactory(plan=grouped.plan, number=2, title_en="An empty goal")
    page = flat(get_page("/en/PLAN/"))
    assert '<p class="title">None of these</p>' in page
    empty = page[page.index("An empty goal</a>") :]
    assert empty.index("No commitments.") < empty.index("</li>")
    assert "· adverse: 0" in page


def test_counts_by_status_stand_on_the_page_of_a_group_and_lead_to_its_list(get_page, grouped):
    page = get_page("/en/PLAN/goals/1/")
    address = "/en/PLAN/commitments/?goal=1&amp;kind=standing&amp;status=active"
    assert f'<a href="{address}">1</a>' in page
    assert "1 of 2 commitments" in get_page(html.unescape(address))
