"""The page of the events on record: what counts, by the year in which it happened."""

import html
import re
from datetime import date, timedelta

import pytest
from django.http import QueryDict

from commitments.choices import Action
from commitments.ledger.hashing import format_utc
from commitments.models import Partnership
from tests import steps
from tests.factories import CommitmentFactory, ForumFactory, GoalFactory, OfficeFactory
from tests.offered_options import offered
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

EVENTS, API = "/en/PLAN/events/", "/api/v1/updates/"
QUERIES = 7


@pytest.fixture
def world(plan, reporter, reviewer):
    """Two commitments, one of goal 1 and led by an office, and their events over three years: the
    UN has a part, UNGA; SCO has a part too, which no commitment names."""
    forums = {code: ForumFactory(code=code) for code in ("UN", "SCO")}
    forums["UNGA"] = ForumFactory(code="UNGA", parent=forums["UN"])
    office = OfficeFactory(code="MFA")
    office.members.add(reporter)
    goal = GoalFactory(plan=plan, number=1)
    first = CommitmentFactory(plan=plan, number="1", position=0, goal=goal, lead_office=office)
    second = CommitmentFactory(plan=plan, number="2", position=1)
    for row, code in ((first, "UN"), (second, "SCO")):
        Partnership.objects.create(commitment=row, forum=forums[code])
    told = (
        (first, "2024-03-01", "statement", "UNGA", "It was said."),
        (first, "2025-05-01", "participation", "UN", "They met."),
        (second, "2025-07-01", "context", "SCO", "A scholar wrote."),
        (second, "2026-02-01", "participation", "", "They met again."),
    )
    for commitment, day, event_type, forum, words in told:
        steps.published(
            commitment,
            reporter,
            reviewer,
            event_type=event_type,
            effective_on=date.fromisoformat(day),
            forums=[forums[forum]] if forum else [],
            summary=en_zh(words),
            evidence=[steps.REPORT],
        )
    return {"first": first, "second": second, "forums": forums}


def events(page):
    """Return the texts of the events, in order."""
    return re.findall(r"It was said|They met again|They met|A scholar wrote|Secret", page)


def test_events_are_listed_by_year_the_newest_first_with_forums_and_sources(flat, world):
    page = flat(EVENTS)
    assert events(page) == ["They met again", "A scholar wrote", "They met", "It was said"]
    assert re.findall(r'<h2 id="year-\d+">(\d+)</h2>', page) == ["2026", "2025", "2024"]
    assert "4 events" in page
    year = page[page.index('id="year-2024"') :]
    for words in ("1 March 2024", "Said", "/en/PLAN/forums/UNGA/", "Report of"):
        assert words in year, words


def test_assessments_drafts_and_what_was_withdrawn_are_no_events_there(
    flat, world, reporter, reviewer
):
    assessed = {"status": "no_evidence", "summary": en_zh("Secret."), "evidence": ()}
    steps.published(world["first"], reporter, reviewer, search_note=en_zh("Seen."), **assessed)
    steps.draft(world["first"], reporter, summary=en_zh("Secret."))
    gone = steps.published(world["first"], reporter, reviewer, summary=en_zh("Secret."))
    hour_later = steps.NOW + timedelta(hours=1)
    steps.perform(gone, Action.RETRACT, reviewer, hour_later, note="It was another year.")
    page = flat(EVENTS)
    assert "4 events" in page
    assert "Secret" not in page
    assert "withdrawn since" not in page
    page = flat(f"{EVENTS}?known_at={format_utc(steps.NOW)}")
    assert "Not listed: 1 event of the plan that counted then and was withdrawn since." in page
    assert "Secret" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("forum=UN", ["They met", "It was said"]),
        ("forum=UNGA", ["It was said"]),
        ("forum=none", ["They met again"]),
        ("event_type=context&event_type=statement", ["A scholar wrote", "It was said"]),
        ("goal=1", ["They met", "It was said"]),
        ("office=MFA&effective_to=2024-12-31", ["It was said"]),
        ("effective_from=2025-06-01", ["They met again", "A scholar wrote"]),
        ("commitment=PLAN-2", ["They met again", "A scholar wrote"]),
        ("as_of=2025-05-31", ["They met", "It was said"]),
        ("as_of=2025-12-31&event_type=context", ["A scholar wrote"]),
        ("event_type=outcome", []),
        ("event_type=context&event_type=context", ["A scholar wrote"]),
        ("effective_from=&effective_to=&event_type=&forum=SCO", ["A scholar wrote"]),
    ],
)
def test_filters_and_clocks_select_events_as_those_of_the_api_do(flat, client, world, query, found):
    page = flat(f"{EVENTS}?{query}")
    assert events(page) == found
    link = html.unescape(re.findall(rf'href="({API}[^"]+)"', page)[0])
    assert len(client.get(link).json()["results"]) == len(found)


OPTIONS = {
    "event_type": ["statement", "participation", "context", "outcome"],
    "goal": ["1", "2"],
    "forum": ["BRICS", "SCO", "UN", "UNGA"],
    "office": ["MFA", "MIIT"],
}


@pytest.mark.long
@pytest.mark.parametrize(
    "query",
    [
        "",
        "event_type=context&goal=1",
        "forum=UN&forum=SCO&office=MFA",
        "forum=none&event_type=participation",
        "goal=none&office=none",
        "effective_from=2025-01-01&as_of=2025-12-31",
        "commitment=PLAN-1&event_type=statement",
    ],
)
def test_each_option_has_the_number_of_events_that_it_leads_to(flat, world, query):
    GoalFactory(plan=world["first"].plan, number=2)
    ForumFactory(code="BRICS")
    OfficeFactory(code="MIIT")
    shown = offered(flat(f"{EVENTS}?{query}"))
    for name, options in OPTIONS.items():
        for option in options:
            there = QueryDict(query, mutable=True)
            there[name] = option
            n = shown.get((name, option), 0)
            assert f"{n} event" in flat(f"{EVENTS}?{there.urlencode()}"), (name, option)
            assert n or (name, option) not in shown or option in QueryDict(query).getlist(name)


def test_only_what_has_events_is_offered_and_with_its_number(flat, world):
    GoalFactory(plan=world["first"].plan, number=2)
    assert offered(flat(EVENTS)) == {
        ("event_type", "statement"): 1,
        ("event_type", "participation"): 2,
        ("event_type", "context"): 1,
        ("goal", "1"): 2,
        # An event at a part is one of the whole, too.
        ("forum", "SCO"): 1,
        ("forum", "UN"): 2,
        ("forum", "UNGA"): 1,
        ("office", "MFA"): 2,
    }
    # What is chosen is offered, 0 too.
    chosen = offered(flat(f"{EVENTS}?event_type=context&goal=1"))
    assert chosen["event_type", "context"] == 0
    assert ("event_type", "outcome") not in chosen


def test_days_that_are_set_can_be_removed_one_by_one(flat, world):
    page = flat(f"{EVENTS}?effective_from=2025-01-01&effective_to=2025-12-31")
    assert re.findall(r'aria-label="(Remove [^"]+)"', page) == [
        "Remove From 2025-01-01",
        "Remove To 2025-12-31",
    ]


def test_forums_that_only_events_name_are_offered_and_the_whole_of_one_has_its_name(flat, world):
    page = flat(f"{EVENTS}?forum=UN")
    assert [code for name, code in offered(page) if name == "forum"] == ["SCO", "UN", "UNGA"]
    assert 'aria-label="Remove Forum: UN Forum UN"' in page


def test_what_the_form_has_no_field_for_is_passed_on(flat, world):
    page = flat(f"{EVENTS}?forum=UN&commitment=PLAN-1")
    assert '<input type="hidden" name="commitment" value="PLAN-1">' in page


def test_what_a_filter_leaves_empty_says_so_and_how_to_go_on(flat, world):
    page = flat(f"{EVENTS}?forum=SCO&goal=1")
    assert "No events match. Remove a filter or clear all." in page
    assert "0 events" in page


def test_a_wrong_value_is_named_and_ignored(flat, world):
    page = flat(f"{EVENTS}?forum=NATO&effective_from=soon&until=2020")
    assert "Unknown parameter “until”; it was ignored." in page
    assert "4 events" in page
    assert "Forum (forum): “NATO” is not one of the allowed values. It was ignored." in page
    assert "First day (effective_from): Enter a date" in page
    chinese = flat(f"{EVENTS.replace('/en/', '/zh-hans/')}?forum=NATO")
    assert "合作机制与平台 (forum)：“NATO”不在允许取值之列。已忽略此项。" in chinese


def test_a_wrong_value_is_named_in_the_words_of_the_plan(flat, world, plan):
    plan.words = {"forum": {"one": {"en": "Partner"}, "many": {"en": "Partners"}}}
    plan.save()
    assert "Partner (forum): “NATO” is not one of" in flat(f"{EVENTS}?forum=NATO")


def test_a_plan_without_events_says_so(flat, plan):
    assert "No event is on record yet." in flat(EVENTS)


@pytest.mark.parametrize(("path", "n"), [("goals/1/", 2), ("offices/MFA/", 2)])
def test_goals_and_offices_lead_to_their_events(flat, world, path, n):
    [address] = re.findall(
        r'<a href="(/en/PLAN/events/\?[^"]+)">Events</a>', flat(f"/en/PLAN/{path}")
    )
    assert f"{n} events" in flat(address)


@pytest.mark.long
def test_a_forum_leads_to_all_events_there_where_it_lists_some(flat, world, reporter, reviewer):
    for n in range(12):
        steps.published(
            world["second"],
            reporter,
            reviewer,
            event_type="participation" if n else "context",
            effective_on=date(2026, 1, 1 + n),
            forums=[world["forums"]["SCO"]],
        )
    page = flat("/en/PLAN/forums/SCO/?as_of=2026-06-30")
    [(link, number)] = re.findall(r'<a href="(/en/PLAN/events/[^"]+)">All (\d+) events', page)
    assert number == "11"
    assert "11 events" in flat(html.unescape(link))


@pytest.mark.long
def test_long_records_come_in_pages_at_the_same_cost(
    client, flat, world, reporter, reviewer, django_assert_num_queries
):
    with django_assert_num_queries(QUERIES):
        client.get(EVENTS)
    for n in range(50):
        steps.published(
            world["first"],
            reporter,
            reviewer,
            event_type="statement",
            effective_on=date(2023, 1, 1 + n % 28),
            forums=[world["forums"]["UN"]],
        )
    with django_assert_num_queries(QUERIES):
        client.get(EVENTS)
    assert "54 events" in flat(EVENTS)
    assert events(flat(f"{EVENTS}?page=2")) == []
    assert "Page 2 of 2" in flat(f"{EVENTS}?page=2")
