"""Pages over time: changes, what expires soonest, and the years."""

import re
from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from commitments.choices import PUBLIC_ACTIONS, Action
from commitments.clocks import Clock, lapses_on
from commitments.models import Commitment, Partnership
from tests import steps
from tests.factories import CommitmentFactory, ForumFactory, GoalFactory
from tests.offered_options import offered
from tests.steps import TODAY
from tests.words import en_zh

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("a_day_later"),
]

CHANGES, OVERVIEW, LIST = "/en/PLAN/changes/", "/en/PLAN/", "/en/PLAN/commitments/"


@pytest.fixture
def downgraded(duty, reporter, reviewer):
    """An active duty that was found partly active, and an update that was taken back."""
    day = TODAY - timedelta(days=10)
    steps.published(duty, reporter, reviewer, status="active", effective_on=day)
    steps.published(duty, reporter, reviewer, status="partly_active")
    gone = steps.published(duty, reporter, reviewer, summary=en_zh("Secret.", ""))
    steps.perform(gone, Action.RETRACT, reviewer, note="It was another year.")
    return duty


# The page of changes


def test_changes_are_listed_latest_first_with_what_they_did(flat, downgraded):
    page = flat(CHANGES)
    statuses = re.findall(r'<p class="status-change">.*?</p>', page)
    moves = [re.findall(r'data-status="(\w+)"', move) for move in statuses]
    assert moves == [["active", "partly_active"], ["unassessed", "active"]]
    places = re.findall(r'<p class="when muted">(.*?)<time', page)
    # Those that moved the status are first. Of what was published that is not said each time.
    assert [re.findall("<span>([^<]+)</span>", place) for place in places] == [
        ["Assessed to 1 July 2026"],
        ["Assessed to 21 June 2026"],
        ["update withdrawn", "Event of 1 July 2026"],
        ["Event of 1 July 2026"],
    ]
    # The day stands above.
    assert re.search(r"<time [^>]+>\d\d:\d\d UTC\+08:00</time>", page)
    assert "Reason: It was another year." in page
    assert "Secret" not in page
    assert 'href="/en/PLAN/commitments/1.1/#update-' in page


def test_changes_are_filtered_as_in_the_api(flat, downgraded, reporter, reviewer):
    other = CommitmentFactory(
        plan=downgraded.plan, goal=GoalFactory(plan=downgraded.plan, number=2)
    )
    steps.published(other, reporter, reviewer)
    for query, n in (("action=retract", 1), ("goal=2", 1), ("commitment=PLAN-1.1", 4), ("", 5)):
        assert len(re.findall(r"<li> <p class=.when", flat(f"{CHANGES}?{query}"))) == n


@pytest.fixture
def edited_plan(downgraded, reporter, reviewer, curator):
    """The same duty, of goal 1 and at a part of the UN, loaded with its plan; two commitments of
    goal 2; an edit of a forum, a goal and each commitment; and forums and goals without changes."""
    plan = downgraded.plan
    goals = {number: GoalFactory(plan=plan, number=number) for number in (1, 2, 3)}
    forums = {"UN": ForumFactory(code="UN"), "SCO": ForumFactory(code="SCO")}
    forums["UNGA"] = ForumFactory(code="UNGA", parent=forums["UN"])
    ForumFactory(code="G20")
    other = CommitmentFactory(plan=plan, number="2.1", goal=goals[2])
    downgraded.goal = goals[1]
    downgraded.save()
    for row, code in ((downgraded, "UNGA"), (other, "SCO")):
        Partnership.objects.create(commitment=row, forum=forums[code])
    steps.record_loaded(plan)
    steps.published(other, reporter, reviewer)
    CommitmentFactory(plan=plan, number="2.2", goal=goals[2])
    forums["UN"].name = en_zh("The United Nations")
    for row in (goals[2], downgraded, other):
        row.title = en_zh("Another title")
    for row in (forums["UN"], goals[2], downgraded, other):
        steps.edited(row, curator)
    return plan


@pytest.mark.parametrize(
    "query",
    [
        "",
        "action=publish",
        "action=edit&goal=2",
        "forum=UN&goal=1",
        "forum=SCO&forum=UNGA&action=load&action=edit",
        "commitment=PLAN-2.1&action=retract",
        f"known_at={steps.NOW:%Y-%m-%dT%H:%M:%SZ}",
    ],
)
def test_each_filter_has_the_number_of_changes_that_it_leads_to(flat, edited_plan, query):
    def length(query):
        return len(re.findall(r"<li> <p class=.when", flat(f"{CHANGES}?{query}")))

    shown = offered(flat(f"{CHANGES}?{query}"))
    options = {
        "action": [*PUBLIC_ACTIONS],
        "goal": ["1", "2", "3"],
        "forum": ["SCO", "UN", "UNGA"],
    }
    for name, values in options.items():
        for option in values:
            there = QueryDict(query, mutable=True)
            there[name] = option
            n = shown.get((name, option), 0)
            assert n == length(there.urlencode()), (name, option)
            assert n or (name, option) not in shown or option in QueryDict(query).getlist(name)


def test_what_never_changed_is_no_filter_of_changes(flat, edited_plan):
    shown = offered(flat(CHANGES))
    assert {option for name, option in shown if name == "action"} == {
        "publish",
        "retract",
        "load",
        "edit",
    }
    assert {option for name, option in shown if name == "forum"} == {"SCO", "UN", "UNGA"}


def test_what_a_plan_does_not_have_is_no_filter_of_its_changes(flat, duty, reporter, reviewer):
    def names():
        return re.findall(r"<legend>([^<]+)</legend>", flat(CHANGES))

    assert names() == []
    assert '<form class="filters"' not in flat(CHANGES)
    steps.published(duty, reporter, reviewer)
    assert names() == ["Type of change"]
    Partnership.objects.create(commitment=duty, forum=ForumFactory(code="UN"))
    assert names() == ["Type of change", "Forum"]


@pytest.mark.parametrize(
    ("query", "queries"), [("", 9), ("?action=edit&goal=2&forum=UN&commitment=PLAN-2.1", 11)]
)
def test_the_numbers_beside_filters_cost_one_query(
    client, edited_plan, query, queries, django_assert_num_queries
):
    with django_assert_num_queries(queries):
        client.get(f"{CHANGES}{query}")


def test_what_was_done_later_is_not_shown_under_an_earlier_clock(flat, downgraded):
    assert "update published</span>" not in flat(f"{CHANGES}?known_at=2026-07-01T03:00:00Z")


def test_long_lists_of_changes_come_in_pages(flat, duty, reporter, reviewer, monkeypatch):
    monkeypatch.setattr("commitments.pages.changes.CHANGES_PER_PAGE", 2)
    for n in range(3):
        steps.published(duty, reporter, reviewer, summary=en_zh(f"Event {n}.", ""))
    first = flat(f"{CHANGES}?action=publish")
    assert ("Event 2." in first, "Event 1." in first, "Event 0." in first) == (True, True, False)
    [older] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = flat(older)
    assert ("Event 1." in second, "Event 0." in second, "Latest" in second) == (
        False,
        True,
        True,
    )
    assert "action=publish" in older


@pytest.mark.parametrize(
    ("query", "feed"),
    [
        ("", "changes.atom"),
        ("goal=2", "goals/2/changes.atom"),
        ("commitment=PLAN-1.1", "commitments/1.1/changes.atom"),
        ("goal=2&action=retract", "changes.atom"),
    ],
)
def test_the_page_leads_to_the_feed_of_what_is_shown(client, flat, downgraded, query, feed):
    GoalFactory(plan=downgraded.plan, number=2)
    [address] = re.findall(r'<a href="([^"]+)">Atom feed</a>', flat(f"{CHANGES}?{query}"))
    assert address == f"/en/PLAN/{feed}"
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", "before=1.5", "goal=9", "action=submit"]
)
def test_what_a_page_of_changes_does_not_understand_is_named(flat, downgraded, query):
    page = flat(f"{CHANGES}?{query}")
    name = query.partition("=")[0]
    label = {"goal": "Goal (goal)"}.get(name, name)
    assert f"<li>{label}: " in page
    assert "update withdrawn" in page


# The overview


@pytest.mark.long
def test_what_expires_within_90_days_is_listed_with_its_day_earliest_first(
    flat, plan, reporter, reviewer
):
    for number, age in (("1", 641), ("2", 700), ("3", 731), ("4", 50), ("5", 639)):
        row = CommitmentFactory(
            plan=plan, number=number, position=int(number), title=en_zh(f"Do {number}")
        )
        day = TODAY - timedelta(days=age)
        status = "contrary" if number == "4" else "active"
        steps.published(row, reporter, reviewer, status=status, effective_on=day)
    page = flat(OVERVIEW)
    part = page[page.index("Expiring soonest") : page.index("Lapsed assessments <")]
    days = [str(TODAY + timedelta(days=731 - age)) for age in (700, 641)]
    assert re.findall(r'datetime="([^"]+)"', part) == days
    assert re.findall(r">(\d) Do \d<", part) == ["2", "1"]
    lapsed = page[page.index("Lapsed assessments <") : page.index("We give no percentage")]
    assert re.findall(r">(\d) Do \d<", lapsed) == ["3"]


@given(effective_on=st.dates(), interval=st.integers(1, 5000))
def test_an_assessment_has_lapsed_from_the_day_that_is_shown_and_not_before(effective_on, interval):
    day = lapses_on(effective_on, interval)
    if day is not None:
        assert (day - effective_on).days == 2 * interval + 1


def test_the_day_of_lapsing_is_that_of_the_lists(duty, reporter, reviewer):
    steps.published(duty, reporter, reviewer, status="active", effective_on=date(2020, 1, 1))
    day = lapses_on(date(2020, 1, 1), duty.plan.review_interval_days)
    for on, freshness in ((day - timedelta(days=1), "due"), (day, "lapsed")):
        [row] = Commitment.objects.at(Clock(steps.NOW, as_of=on))
        assert row.freshness == freshness


def test_each_list_leads_to_the_commitments_that_it_counts(flat, downgraded, deliverable):
    found = re.findall(r'href="([^"]+\?status=unassessed)">(\d+)</a>', flat(OVERVIEW))
    [(address, n)] = found
    assert n == "1"
    assert "1 of 2 commitments" in flat(address)


@pytest.mark.long
def test_the_latest_events_are_those_of_the_world_up_to_the_day_that_is_shown(
    flat, downgraded, reporter, reviewer
):
    """They have their own days, whenever they were recorded; assessments are no events."""
    for event_type, on in (("contribution", date(2026, 5, 3)), ("context", date(2025, 1, 9))):
        steps.published(downgraded, reporter, reviewer, event_type=event_type, effective_on=on)

    def events(query):
        page = flat(f"{OVERVIEW}{query}")
        part = page[page.index('id="events"') : page.index("All changes")]
        return re.findall(r'<time datetime="([^"]+)">.*?"event-type">([^<]+)<', part)

    # The two assessments are also events.
    assert events("") == [
        ("2026-07-01", "Took part"),
        ("2026-06-21", "Took part"),
        ("2026-05-03", "Put in"),
    ]
    assert events("?as_of=2026-01-01") == [("2025-01-09", "Context")]
    assert "No event is on record yet." in flat(f"{OVERVIEW}?as_of=2024-01-01")


@pytest.mark.long
def test_boxes_of_attention_are_shown_only_where_there_is_something(flat, duty, deliverable):
    def boxes():
        page = flat(OVERVIEW)
        part = page[page.index('id="attention"') : page.index("We give no percentage")]
        return re.findall(r'<h3>([^<]+) <span class="muted">(?:<a href="[^"]+">)?(\d+)', part)

    assert boxes() == [("Not yet assessed", "2")]
    assert "due for review</a>" not in flat(OVERVIEW)
    deliverable.due_on = "2026-01-01"
    deliverable.save()
    assert boxes() == [("Overdue", "1"), ("Not yet assessed", "2")]


@pytest.mark.long
def test_thin_evidence_is_counted_in_phrases_that_lead_to_the_list(
    flat, duty, deliverable, reporter, reviewer
):
    steps.published(duty, reporter, reviewer, status="partly_active", evidence=[steps.STATEMENT])
    steps.published(deliverable, reporter, reviewer, status="started", evidence=[steps.STATEMENT])
    page = flat(OVERVIEW)
    assert "2 rest on one source only</a> and <a" in page
    [address] = re.findall(r'<a href="([^"]+)">2 rest only on statements by a party</a>', page)
    assert "2 of 2 commitments" in flat(address)
    assert "dead links" not in page
    chinese = strip_tags(flat("/zh-hans/PLAN/"))
    assert "佐证不足：单一来源2项，仅有当事方表态2项" in chinese


@pytest.mark.long
def test_assessments_that_are_due_are_counted_with_their_list(flat, duty, reporter, reviewer):
    day = TODAY - timedelta(days=400)
    steps.published(duty, reporter, reviewer, status="active", effective_on=day)
    [(address, n)] = re.findall(
        r'href="([^"]+freshness=due[^"]*)">(\d+) assessment', flat(OVERVIEW)
    )
    assert n == "1"
    assert "1 of 1 commitments" in flat(address.replace("&amp;", "&"))


@pytest.mark.long
def test_a_time_before_anything_was_published_is_shown_as_such(flat, downgraded):
    said = "Nothing about these commitments had been published here by that time."
    page = flat(f"{OVERVIEW}?known_at=2026-06-30T00:00:00Z&as_of=2026-06-30")
    assert said in page
    assert (
        f'<a href="{OVERVIEW}?as_of=2026-06-30">Show the same date using today\'s record</a>'
        in page
    )
    assert said not in flat(f"{OVERVIEW}?as_of=2016-06-30")


@pytest.mark.long
def test_the_years_are_shown_in_bars_and_numbers(flat, downgraded):
    downgraded.plan.adopted_on = "2024-03-01"
    downgraded.plan.save()
    [columns] = re.findall(r'<ol class="columns">(.*?)</ol>', flat(f"{OVERVIEW}time/"))
    told = [
        (year, re.findall("<title>([^<]+)</title>", column)[0])
        for column, year in re.findall(r"<li>(.*?)</svg>(\d+)</a>", columns)
    ]
    assert told == [("2024", "Unknown 1"), ("2025", "Unknown 1"), ("2026", "Partly fulfilled 1")]
    page = flat(f"{OVERVIEW}time/")
    by_tone, by_status = re.findall(r'<table class="numbers">(.*?)</table>', page)
    for table, codes, numbers in (
        (by_tone, ["Partly fulfilled", "Unknown"], ["01", "01", "10"]),
        (by_status, ["Not yet assessed", "Partly active"], ["10", "10", "01"]),
    ):
        head, *lines = re.findall(r"<tr>(.*?)</tr>", table)
        assert [strip_tags(cell).strip() for cell in re.findall(r"<th.*?</th>", head)] == [
            "Year",
            *codes,
        ]
        cells = [re.findall(r"<td>(.*?)</td>", line) for line in lines]
        assert ["".join(strip_tags(cell) for cell in line) for line in cells] == numbers


def test_in_years_and_lists_of_changes_what_has_lapsed_is_marked(
    flat, duty, deliverable, reporter, reviewer
):
    for status, on in (("active", date(2021, 5, 1)), ("partly_active", date(2022, 5, 1))):
        steps.published(duty, reporter, reviewer, status=status, effective_on=on)
    steps.published(
        deliverable, reporter, reviewer, status="started", effective_on=date(2026, 1, 1)
    )
    titles = re.findall("<title>([^<]+)</title>", flat(f"{OVERVIEW}time/"))
    assert "Unknown 1 (1 lapsed)" in titles
    [legend] = re.findall(
        r'Lapsed assessments <span class="muted"><a href="([^"]+)">1<', flat(OVERVIEW)
    )
    assert legend.endswith("freshness=lapsed")
    assert "1 of 2 commitments" in flat(legend)
    table = re.findall(r'<table class="numbers">(.*?)</table>', flat(f"{OVERVIEW}time/"))
    head = [strip_tags(cell).strip() for cell in re.findall(r"<th.*?</th>", table[2])]
    assert head[:5] == ["Year", "Fulfilled", "Partly fulfilled", "Unknown", "of which lapsed"]
    rows = flat(f"{OVERVIEW}changes/").split('class="status-change"')[1:]
    marks = ["lapsed, counts as unknown" in strip_tags(row) for row in rows]
    assert marks == [False, True, False]


@pytest.mark.long
def test_the_years_of_any_selection_can_be_asked_for(client, flat, downgraded, deliverable):
    page = flat(f"{OVERVIEW}time/?kind=deliverable&x=1")
    assert "1 commitment ·" in page
    assert re.findall(r"<figcaption>(\w+)", page) == ["Deliverable"]
    assert "Unknown parameter “x”; it was ignored." in page
    [address] = re.findall(r'href="(/api/v1/status/trend/[^"]+)"', page)
    periods = client.get(address).json()["periods"]
    assert periods[-1]["deliverable"]["of"] == 1
    assert "No commitments match." in flat(f"{OVERVIEW}time/?q=zebra")
