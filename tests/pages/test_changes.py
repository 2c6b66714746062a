"""Pages over time: changes, what expires soonest, the form of the clocks; and the list's active
filters, order and files."""

import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from commitments.choices import Action
from commitments.clocks import Clock, lapses_on
from commitments.filters import CommitmentFilter
from commitments.models import Commitment, Partnership
from tests import documents, steps
from tests.factories import AreaFactory, CommitmentFactory, GoalFactory, MilestoneFactory
from tests.steps import TODAY, record_loaded
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

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
    done = re.findall(r'<span class="muted">(update [^<]+)</span>', page)
    assert done == [
        "update withdrawn · Event of 1 July 2026",
        "update published · Event of 1 July 2026",
        "update published · Assessed to 1 July 2026",
        "update published · Assessed to 21 June 2026",
    ]
    assert "Reason: It was another year." in page
    assert "Secret" not in page
    assert 'href="/en/PLAN/commitments/1.1/#update-' in page


def test_changes_are_filtered_as_in_the_api(flat, downgraded, reporter, reviewer):
    other = CommitmentFactory(
        plan=downgraded.plan, goal=GoalFactory(plan=downgraded.plan, number=2)
    )
    steps.published(other, reporter, reviewer)
    for query, n in (("action=retract", 1), ("goal=2", 1), ("commitment=PLAN-1.1", 4), ("", 5)):
        assert len(re.findall(r'<time datetime="[^"]+">', flat(f"{CHANGES}?{query}"))) == n


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
    assert f"<li>{name}: " in page
    assert "update withdrawn" in page


# The overview


def test_a_downgrade_is_among_the_latest_changes(flat, downgraded):
    page = flat(OVERVIEW)
    lately = page[page.index("Latest changes") : page.index("Needs attention")]
    assert re.findall(r'data-status="(\w+)"', lately)[:2] == ["active", "partly_active"]


def test_what_expires_soonest_is_listed_with_its_day_earliest_first(flat, plan, reporter, reviewer):
    for number, age in (("1", 100), ("2", 600), ("3", 731), ("4", 50)):
        row = CommitmentFactory(
            plan=plan, number=number, position=int(number), title=en_zh(f"Do {number}")
        )
        day = TODAY - timedelta(days=age)
        status = "contrary" if number == "4" else "active"
        steps.published(row, reporter, reviewer, status=status, effective_on=day)
    page = flat(OVERVIEW)
    part = page[page.index("Expiring soonest") : page.index("Lapsed assessments <")]
    days = [str(TODAY + timedelta(days=731 - age)) for age in (600, 100)]
    assert re.findall(r'datetime="([^"]+)"', part) == days
    assert re.findall(r">(\d) Do \d<", part) == ["2", "1"]
    lapsed = page[page.index("Lapsed assessments <") : page.index("Status by year")]
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


def test_the_latest_changes_end_on_the_day_that_is_shown(flat, downgraded):
    def moves(query):
        page = flat(f"{OVERVIEW}{query}")
        lately = page[page.index("Latest changes") : page.index("All changes")]
        after = r'Assessed to ([^<]+)</span>.*?</span> <span class="status"[^>]*>([^<]+)'
        return re.findall(after, lately)

    assert moves("") == [("1 July 2026", "Partly active"), ("21 June 2026", "Active")]
    assert moves("?as_of=2026-06-30") == [("21 June 2026", "Active")]
    assert moves("?as_of=2026-06-20") == []


def test_boxes_of_attention_are_shown_only_where_there_is_something(flat, duty, deliverable):
    def boxes():
        page = flat(OVERVIEW)
        part = page[page.index('id="attention"') : page.index("Status by year")]
        return re.findall(r'<h3>([^<]+) <span class="muted">(?:<a href="[^"]+">)?(\d+)', part)

    assert boxes() == [("Not yet assessed", "2")]
    assert "due for review</a>" not in flat(OVERVIEW)
    deliverable.due_on = "2026-01-01"
    deliverable.save()
    assert boxes() == [("Overdue", "1"), ("Not yet assessed", "2")]


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
    assert "佐证薄弱： 单一来源2项，仅有当事方表态2项" in chinese


def test_assessments_that_are_due_are_counted_with_their_list(flat, duty, reporter, reviewer):
    day = TODAY - timedelta(days=400)
    steps.published(duty, reporter, reviewer, status="active", effective_on=day)
    [(address, n)] = re.findall(
        r'href="([^"]+freshness=due[^"]*)">(\d+) assessment', flat(OVERVIEW)
    )
    assert n == "1"
    assert "1 of 1 commitments" in flat(address.replace("&amp;", "&"))


def test_a_time_before_anything_was_published_is_shown_as_such(flat, downgraded):
    said = "Nothing about these commitments had been published here by that time."
    page = flat(f"{OVERVIEW}?known_at=2026-06-30T00:00:00Z&as_of=2026-06-30")
    assert said in page
    assert (
        f'<a href="{OVERVIEW}?as_of=2026-06-30">Show the same date using today\'s record</a>'
        in page
    )
    assert "counting only what was public at the selected time" in page
    assert said not in flat(f"{OVERVIEW}?as_of=2016-06-30")


def test_what_came_from_a_file_is_listed_latest_day_first(
    flat, load, duty, deliverable, forum, reporter, reviewer
):
    load(
        documents.edited(
            documents.UPDATES,
            ("updates.1.effective_on", "2026-01-31"),
            ("updates.1.covers_from", "2024-02-01"),
        )
    )
    page = flat(OVERVIEW)
    lately = page[page.index("Latest changes") : page.index("All changes")]
    days = re.findall(r"Assessed to ([^<]+)</span>", lately)
    assert days == ["31 January 2026", "31 December 2024"]
    assert "Loaded from a file" not in lately


def test_the_years_are_shown_in_bars_and_numbers(flat, downgraded):
    downgraded.plan.adopted_on = "2024-03-01"
    downgraded.plan.save()
    [columns] = re.findall(r'<ol class="columns">(.*?)</ol>', flat(OVERVIEW))
    told = [
        (year, re.findall("<title>([^<]+)</title>", column)[0])
        for column, year in re.findall(r"<li>(.*?)</svg>(\d+)</a>", columns)
    ]
    assert told == [("2024", "Unknown 1"), ("2025", "Unknown 1"), ("2026", "Partly fulfilled 1")]
    page = flat(f"{OVERVIEW}trend/")
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
    titles = re.findall("<title>([^<]+)</title>", flat(OVERVIEW))
    assert "Unknown 1 (1 lapsed)" in titles
    [legend] = re.findall(r'of which lapsed: <a href="([^"]+)">1</a>', flat(OVERVIEW))
    assert legend.endswith("kind=standing&freshness=lapsed")
    assert "1 of 2 commitments" in flat(legend)
    table = re.findall(r'<table class="numbers">(.*?)</table>', flat(f"{OVERVIEW}trend/"))
    head = [strip_tags(cell).strip() for cell in re.findall(r"<th.*?</th>", table[2])]
    assert head[:5] == ["Year", "Fulfilled", "Partly fulfilled", "Unknown", "of which lapsed"]
    rows = flat(f"{OVERVIEW}changes/").split('class="status-change"')[1:]
    marks = ["lapsed, counts as unknown" in strip_tags(row) for row in rows]
    assert marks == [False, True, False]


def test_the_years_of_any_selection_can_be_asked_for(client, flat, downgraded, deliverable):
    page = flat(f"{OVERVIEW}trend/?kind=deliverable&x=1")
    assert "1 commitment ·" in page
    assert re.findall(r"<figcaption>(\w+)", page) == ["Deliverable"]
    assert "Unknown parameter “x”; it was ignored." in page
    [address] = re.findall(r'href="(/api/v1/status/trend/[^"]+)"', page)
    periods = client.get(address).json()["periods"]
    assert periods[-1]["deliverable"]["of"] == 1
    assert "No commitments match." in flat(f"{OVERVIEW}trend/?q=zebra")


# The form of the clocks


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ("as_of=2026-06-30&known_on=", {"as_of": ["2026-06-30"]}),
        ("as_of=&known_on=2026-06-30", {"known_at": ["2026-06-30T23:59:59.999999+08:00"]}),
        ("as_of=&known_on=", {}),
        ("goal=1&as_of=2026-06-30&known_on=", {"goal": ["1"], "as_of": ["2026-06-30"]}),
        ("known_on=2026-07-02", {"known_at": ["2026-07-02T12:00:00+08:00"]}),
        ("known_on=nonsense", {"known_at": ["nonsense"]}),
        ("known_on=9999-12-31", {"known_at": ["9999-12-31"]}),
        ("known_at=2026-06-01T00:00:00Z&known_on=", {}),
        ("known_on=2026-07-03", {"known_at": ["2026-07-03T23:59:59.999999+08:00"]}),
        ("changed_on=9999-12-31", {"changed_since": ["9999-12-31T00:00:00+08:00"]}),
        (
            "known_at=2026-06-01T00:00:00Z&changed_on=",
            {"known_at": ["2026-06-01T00:00:00Z"]},
        ),
        (
            "changed_since=2026-06-01T00:00:00Z&known_on=",
            {"changed_since": ["2026-06-01T00:00:00Z"]},
        ),
    ],
)
def test_days_of_the_form_become_an_address_that_can_be_passed_on(client, duty, sent, address):
    answer = client.get(f"{LIST}?{sent}")
    assert answer.status_code == 302
    there = urlsplit(answer.headers["Location"])
    assert (there.path, parse_qs(there.query)) == (LIST, address)
    assert client.get(answer.headers["Location"]).status_code == 200


def test_the_form_keeps_the_filters_and_shows_what_is_set(flat, duty):
    page = flat(f"{LIST}?kind=standing&as_of=2026-06-30")
    form = page[page.index('<details class="clocks') : page.index("</details>")]
    assert '<input type="hidden" name="kind" value="standing">' in form
    assert 'name="as_of" value="2026-06-30"' in form
    assert "As of 30 June 2026." in form


# The list


def test_each_filter_that_is_on_can_be_taken_away(flat, duty, deliverable):
    page = flat(f"{LIST}?kind=standing&kind=deliverable&q=forum&as_of=2026-06-30&ordering=-number")
    found = re.findall(r'<li><a href="([^"]+)" aria-label="Remove ([^"]+)"', page)
    assert [label for _address, label in found] == [
        "Kind: Standing duty",
        "Kind: Deliverable",
        "Search: forum",
    ]
    rest = parse_qs(urlsplit(found[0][0]).query)
    assert rest == {
        "kind": ["deliverable"],
        "q": ["forum"],
        "as_of": ["2026-06-30"],
        "ordering": ["-number"],
    }


def test_the_form_asks_for_all_that_the_filters_take(flat, duty, forum):
    GoalFactory(plan=duty.plan, number=1)
    AreaFactory(plan=duty.plan, number=1)
    MilestoneFactory(commitment=duty)
    Partnership.objects.create(commitment=duty, forum=forum)
    page = flat(LIST)
    asked = set(re.findall(r'name="(\w+)"', page[page.index('<form class="filters"') :]))
    told = asked - {"changed_on"} | {"changed_since"}
    apart = {"plan", "as_of", "known_at", "office"}  # the page's own, the clocks', none here
    assert told == set(CommitmentFilter.base_filters) - apart


def test_a_plan_in_which_nothing_is_ever_due_offers_no_filter_for_it(flat, duty):
    duty.ends_on = TODAY
    duty.save()
    record_loaded(duty.plan)
    page = flat(LIST)
    assert "Due after" not in page
    assert "By due date" not in page
    assert "No dates set" not in page


def test_a_day_since_which_something_changed_is_kept_as_its_first_second(client, flat, duty):
    sent = "q=&ordering=number&changed_on=2026-06-30&evidence_level_min=&tone=unknown"
    there = client.get(f"{LIST}?{sent}").headers["Location"]
    assert parse_qs(urlsplit(there).query) == {
        "ordering": ["number"],
        "changed_since": ["2026-06-30T00:00:00+08:00"],
        "tone": ["unknown"],
    }
    page = flat(there)
    assert 'name="changed_on" value="2026-06-30"' in page
    chips = re.findall(r'aria-label="Remove ([^"]+)"', page)
    assert chips == ["Counts as: Unknown", "Changed since 2026-06-30T00:00:00+08:00"]


def test_a_future_day_of_the_form_of_the_clocks_is_refused(client, flat, duty):
    there = client.get(f"{LIST}?known_on=2026-07-03").headers["Location"]
    assert "This time is in the future." in flat(there)


def test_one_level_of_evidence_can_be_chosen(flat, duty):
    page = flat(f"{LIST}?evidence_level_min=2")
    assert '<option value="2" selected>2 Formally adopted record</option>' in page
    assert 'aria-label="Remove Minimum evidence level: 2 Formally adopted record"' in page


def test_without_filters_there_are_no_chips(flat, duty):
    assert 'class="chips"' not in flat(f"{LIST}?as_of=2026-06-30&ordering=number")


def test_the_list_can_be_sorted(flat, duty, deliverable):
    numbers = re.findall('<p class="number">([^<]+)</p>', flat(f"{LIST}?ordering=-number"))
    assert numbers == ["1.2", "1.1"]
    assert '<option value="status" selected>' in flat(f"{LIST}?ordering=status")


def test_its_files_hold_what_it_lists(client, flat, duty, deliverable):
    page = flat(f"{LIST}?kind=standing&as_of=2026-06-30")
    addresses = re.findall(r'href="(/api/v1/commitments/\?[^"]+)"', page)
    assert [parse_qs(urlsplit(a).query).get("format") for a in addresses] == [
        ["xlsx"],
        ["csv"],
        None,
    ]
    listed = client.get(addresses[-1]).json()["results"]
    assert [row["code"] for row in listed] == ["PLAN-1.1"]
    for address in addresses[:2]:
        answer = client.get(address)
        assert (answer.status_code, answer.streaming) == (200, True)
        list(answer)  # read to its end, it is closed
