"""The public pages of groups: overview, goals, areas, forums, the filtered list, methodology."""

import html
import re
from copy import deepcopy

import pytest
from django.utils import translation
from django.utils.html import strip_tags

from commitments.choices import STATUS_RULES, Reading
from commitments.models import Partnership
from commitments.pages.charts import bars, chart_rows
from commitments.rollups import Item, group
from commitments.texts.phrases import sentence_of
from tests.examples import parameters, some
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
)
from tests.fixtures.worlds import people, shared_world, the_plan
from tests.steps import TODAY, published
from tests.words import en_zh

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("a_day_later"),
]


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield build()


@pytest.fixture
def grouped(db, built):
    """A goal and an area with a duty that is fulfilled and a deliverable that nobody assessed."""
    return deepcopy(built)


def build():
    reporter, reviewer, _curator = people()
    plan = the_plan()
    place = {
        "plan": plan,
        "goal": GoalFactory(plan=plan, number=1, text=en_zh("The goal's words.")),
    }
    place["area"] = AreaFactory(plan=plan, number=3, title=en_zh("An area"))
    done = CommitmentFactory(number="3.1", position=1, title=en_zh("Do it"), **place)
    CommitmentFactory(number="3.2", position=2, kind="deliverable", title=en_zh("Make it"), **place)
    forum = ForumFactory(code="UNGA", parent=ForumFactory(code="UN", name=en_zh("United Nations")))
    Partnership.objects.create(commitment=done, forum=forum, quote=en_zh("the forum"))
    published(done, reporter, reviewer, status="active", forums=[forum])
    return done


def flat(page):
    return " ".join(page.split())


def facts(bar):
    return sentence_of(bar.facts).split(" · ")


def kind_of_link(link):
    """Return the kind of an address and the number that leads there."""
    address, _number = link
    return parameters(html.unescape(address))


@pytest.mark.long
def test_the_overview_says_in_plain_counts_where_the_plan_stands(get_page, grouped):
    page = flat(get_page("/en/PLAN/"))
    summary = "1 deliverable, which has not been assessed yet; 1 standing duty, which is active."
    assert summary in strip_tags(page)
    summary = "截至2026年7月2日，1项阶段性承诺，尚未作出评估；1项长期性承诺，持续履行。"
    assert summary in strip_tags(flat(get_page("/zh-hans/PLAN/")))
    for name in ("1 A goal", "3 An area"):
        assert f"{name}</a>" in page
    # No percentage anywhere, but for the width of a card in its code.
    assert "%" not in strip_tags(page[: page.index('<details class="share"')])
    assert 'href="/en/PLAN/commitments/?kind=standing&amp;status=active">1</a>' in page


@pytest.mark.parametrize(
    "path",
    [
        *("", "goals/1/", "time/"),
        *(pytest.param(path, marks=pytest.mark.long) for path in ("forums/", "forums/UN/")),
    ],
)
def test_adverse_findings_are_counted_wherever_there_are_any_and_nowhere_else(
    get_page, grouped, reporter, reviewer, path
):
    # A forum says of its open questions which ones it has none of.
    page = strip_tags(get_page(f"/en/PLAN/{path}")).lower()
    assert "adverse" not in re.sub(r"(no|without) progress,? or adverse", "", page)
    published(grouped, reporter, reviewer, status="contrary")
    assert "adverse" in strip_tags(get_page(f"/en/PLAN/{path}")).lower()


@pytest.mark.parametrize(
    ("statuses", "bounds"),
    [
        (["active", "inactive"], "1 fulfilled"),
        (["active", "unassessed"], "1 fulfilled; up to 2 if the unknown ones are"),
        (["contrary"], "1 adverse"),
    ],
)
def test_a_bar_states_bounds_only_where_they_differ_and_nothing_of_none(db, statuses, bounds):
    items = [Item(n, "standing", status, "current") for n, status in enumerate(statuses)]
    [bar] = bars(group(items, en_zh("All")), 365, TODAY)
    assert facts(bar)[-1] == bounds


@pytest.mark.parametrize(
    ("acted", "phrase"),
    [
        ([], "no action recorded in the past year"),
        ([True, True], "2 with an action in the past year"),
        ([False, False], "2 with a statement in the past year and no other action"),
        ([True, False], "2 with an action in the past year, 1 of them with more than a statement"),
    ],
)
def test_beside_a_reading_stands_how_many_were_acted_on(db, acted, phrase):
    items = [Item(n, "standing", "active", "current", True, deed) for n, deed in enumerate(acted)]
    [bar] = bars(
        group([*items, Item(9, "standing", "active", "current")], en_zh("All")), 365, TODAY
    )
    assert facts(bar)[:2] == ["All fulfilled", phrase]
    assert bar.short_facts == ["Standing duty", "All fulfilled", phrase]


def test_beside_a_reading_stands_what_is_adverse_and_what_is_overdue(db):
    items = [
        Item(1, "standing", "contrary", "settled"),
        Item(2, "standing", "unassessed", None, overdue=True),
        Item(3, "standing", "active", "lapsed", overdue=True),
    ]
    [bar] = bars(group(items, en_zh("All")), 90, TODAY)
    assert facts(bar)[:4] == [
        "Unknown",
        "no action recorded in the past 90 days",
        "1 adverse",
        "2 overdue",
    ]
    assert bar.alt == "Adverse 1, Unknown 2 (1 lapsed)"


def test_a_group_without_commitments_says_so(get_page, grouped):
    GoalFactory(plan=grouped.plan, number=2)
    page = flat(get_page("/en/PLAN/goals/2/"))
    assert '<p class="summary"> No commitments. </p>' in page
    assert "Of 0" not in page


@pytest.mark.parametrize(
    ("interval", "english", "chinese"),
    [
        (365, "no activity recorded there in the past two years", "近两年无活动记录"),
        (90, "no activity recorded there in the past 180 days", "近180天无活动记录"),
    ],
)
def test_missing_activity_is_stated_with_the_period_of_the_plan(
    get_page, grouped, interval, english, chinese
):
    grouped.plan.review_interval_days = interval
    grouped.plan.save()
    partner = ForumFactory(code="SCO")
    Partnership.objects.create(commitment=grouped, forum=partner)
    assert f"1 commitment; {english}" in strip_tags(flat(get_page("/en/PLAN/forums/")))
    assert f"1项承诺；{chinese}" in strip_tags(flat(get_page("/zh-hans/PLAN/forums/")))


@pytest.mark.long
@pytest.mark.sampled
@pytest.mark.parametrize(
    ("path", "least"),
    [
        ("", 6),
        ("goals/1/", 3),
        ("areas/3/", 3),
        ("forums/", 6),
        ("forums/UN/", 2),
        ("matrix/", 6),
        ("time/", 4),
    ],
)
def test_each_number_leads_to_the_list_behind_it(get_page, grouped, path, least):
    shown = get_page(f"/en/PLAN/{path}?as_of=2026-07-01")
    counted = re.findall(r'href="(/en/PLAN/commitments/\?[^"]+)">(\d+)\D*</a>', shown)
    assert len(counted) >= least
    for address, count in some(counted, kind_of_link):
        page = get_page(html.unescape(address))
        assert f"{count} of 2 commitments" in page, address
        assert re.search(r"As of \d+ \w+ 20\d\d\.", page)


@pytest.mark.long
@pytest.mark.sampled
@pytest.mark.parametrize("query", ["goal=1", "area=3&kind=deliverable", "forum=UN", "q=Do+it"])
def test_each_number_of_a_selection_over_the_years_leads_to_its_own_list(get_page, grouped, query):
    goal = GoalFactory(plan=grouped.plan, number=2)
    CommitmentFactory(plan=grouped.plan, number="9.9", position=9, goal=goal)
    shown = get_page(f"/en/PLAN/time/?{query}&as_of=2026-07-01")
    counted = re.findall(r'<td><a href="(/en/PLAN/commitments/\?[^"]+)">(\d+)</a>', shown)
    assert counted
    for address, count in some(counted, kind_of_link):
        assert f"{count} of 3 commitments" in get_page(html.unescape(address)), address


def test_what_changes_from_day_to_day_selects_nothing_over_the_years(get_page, grouped):
    page = get_page("/en/PLAN/time/?status=active")
    assert "Unknown parameter “status”; it was ignored." in page


def test_bars_are_as_long_as_what_they_count(plan):
    items = [
        Item(n, "standing", status, "current")
        for n, status in enumerate(
            ["active", "active", "inactive", "contrary", "unassessed", "withdrawn", "partly_active"]
        )
    ]
    items.append(Item(9, "standing", "active", "lapsed"))
    [bar] = bars(group(items, en_zh("All")), 365, TODAY)
    told = [
        (segment.tone, segment.count, segment.start, segment.length, segment.top)
        for segment in bar.segments
    ]
    assert told == [
        ("fulfilled", 2, 0, 25, 75),
        ("partial", 1, 25, 12.5, 62.5),
        ("none", 1, 37.5, 12.5, 50),
        ("adverse", 1, 50, 12.5, 37.5),
        ("unknown", 2, 62.5, 25, 12.5),
        ("apart", 1, 87.5, 12.5, 0),
    ]


def test_bars_of_one_grouping_are_on_one_scale(plan):
    items = [Item(n, "standing", "active", "current") for n in range(4)]
    groups = [
        group(items, en_zh("Many"), by="goal", key="1"),
        group(items[:1], en_zh("One"), by="goal", key="2"),
        group([], en_zh("None"), by="goal", key="3"),
        group(items[:2], en_zh("Without"), by="goal"),
    ]
    many, one, none, without = chart_rows(groups, "goal", 365, TODAY)
    assert [row.bars[0].segments[0].length for row in (many, one, without)] == [100, 25, 50]
    assert none.bars == []
    assert (many.filters, without.filters) == ({"goal": "1"}, None)


@pytest.mark.long
def test_pages_of_a_goal_an_area_and_a_forum_list_their_commitments(get_page, grouped):
    for path in ("goals/1/", "areas/3/", "forums/UNGA/", "forums/UN/"):
        page = get_page(f"/en/PLAN/{path}")
        assert "<span>Do it</span>" in page
        assert ("<span>Make it</span>" in page) == ("forums" not in path)
    assert "The goal&#x27;s words." in get_page("/en/PLAN/goals/1/")
    assert "United Nations</a>" in get_page("/en/PLAN/forums/UNGA/")
    assert "A meeting was held." in get_page("/en/PLAN/forums/UN/")
    page = flat(get_page("/en/PLAN/forums/"))
    assert "1 commitment, 1 with activity recorded there in the past two years" in strip_tags(page)


@pytest.mark.parametrize("path", ["goals/9/", "areas/9/", "forums/NONE/", "goals/x/"])
def test_there_is_no_page_of_what_there_is_not(get_page, plan, path):
    get_page(f"/en/PLAN/{path}", 404)


@pytest.mark.long
def test_the_list_is_filtered_as_in_the_api(get_page, grouped):
    page = get_page("/en/PLAN/commitments/?kind=deliverable&kind=standing&status=active&q=do")
    assert "1 of 2 commitments" in page
    assert "<span>Do it</span>" in page
    assert "<span>Make it</span>" not in page
    assert '<input type="checkbox" name="status" value="active" checked>' in page
    assert "No commitments match." in get_page("/en/PLAN/commitments/?q=nothing")
    wrong = get_page("/en/PLAN/commitments/?status=done&goal=1")
    assert "Status (status): “done” is not one of the allowed values. It was ignored." in wrong
    assert "2 of 2 commitments" in wrong


def test_the_methodology_is_that_of_the_code(get_page, plan):
    for language in ("en", "zh-hans"):
        page = get_page(f"/{language}/PLAN/methodology/")
        with translation.override(language):
            for status, rule in STATUS_RULES.items():
                assert html.escape(str(status.label)) in page
                assert html.escape(str(rule.definition)) in page
                assert f"<td>{rule.tone.label}</td>" in page
            for reading in Reading:
                assert str(reading.definition) in page


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("", 11),
        ("goals/1/", 8),
        ("areas/3/", 7),
        ("forums/", 8),
        ("forums/UN/", 11),
        ("time/", 10),
        ("methodology/", 5),
    ],
)
def test_pages_of_roll_ups_cost_a_fixed_number_of_queries(
    client, grouped, path, queries, django_assert_num_queries
):
    with django_assert_num_queries(queries):
        client.get(f"/en/PLAN/{path}")


def test_commitments_without_a_goal_stand_in_a_group_of_their_own(get_page, grouped):
    CommitmentFactory(plan=grouped.plan, number="9.9", position=9)
    GoalFactory(plan=grouped.plan, number=2, title=en_zh("An empty goal"))
    page = flat(get_page("/en/PLAN/"))
    assert '<p class="title">Not assigned</p>' in page
    empty = page[page.index("An empty goal</a>") :]
    assert empty.index("No commitments.") < empty.index("</li>")


def test_counts_by_status_stand_on_the_page_of_a_group_and_lead_to_its_list(get_page, grouped):
    page = get_page("/en/PLAN/goals/1/")
    address = "/en/PLAN/commitments/?goal=1&amp;kind=standing&amp;status=active"
    assert f'<a href="{address}">1</a>' in page
    assert "1 of 2 commitments" in get_page(html.unescape(address))


def test_the_methodology_says_which_statuses_follow_from_what_is_found(get_page, plan):
    page = flat(get_page("/en/PLAN/methodology/"))
    rows = {
        strip_tags(name): [strip_tags(cell.replace("<br>", ", ")) for cell in cells]
        for name, *cells in re.findall(
            r'<th scope="row">([^<]+)</th> <td>(.*?)</td> <td>(.*?)</td> </tr>', page
        )
    }
    assert rows["All criteria are shown"] == ["Active", "Completed"]
    assert rows["All are shown, but by statements of a party only"] == ["Partly active", "Started"]
    assert rows["More than half are shown"] == [
        "Partly active",
        "Substantial progress, Started, Deadline passed, not achieved",
    ]
    assert rows["None is shown"][0] == "No evidence of fulfilment found, Not acted on"
    for words in ("at most one review interval old", "no due date and no milestone"):
        assert words in page
