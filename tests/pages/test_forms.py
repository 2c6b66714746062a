"""The form of the clocks; the list's filters, those that are on, its order and its files."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from commitments.filters import CommitmentFilter
from commitments.models import Partnership
from tests.factories import AreaFactory, CriterionFactory, GoalFactory, MilestoneFactory
from tests.steps import TODAY, published, record_loaded

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("a_day_later"),
]

OVERVIEW, LIST = "/en/PLAN/", "/en/PLAN/commitments/"


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
    form = page[page.index('<div class="clocks') : page.index("</details>")]
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


def test_the_form_asks_for_all_that_the_filters_take(flat, duty, forum, reporter, reviewer):
    duty.goal = GoalFactory(plan=duty.plan, number=1)
    duty.area = AreaFactory(plan=duty.plan, number=1)
    duty.save()
    CriterionFactory(commitment=duty)
    published(duty, reporter, reviewer, status="active")
    published(duty, reporter, reviewer, event_type="participation", forums=[forum])
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
    assert '<option value="2" selected> 2 Formally adopted record (0) </option>' in page
    assert 'aria-label="Remove Minimum evidence level: 2 Formally adopted record"' in page


def test_without_filters_there_are_no_chips(flat, duty):
    assert 'class="chips"' not in flat(f"{LIST}?as_of=2026-06-30&ordering=number")


def test_the_list_can_be_sorted(flat, duty, deliverable):
    numbers = re.findall('<span class="number">([^<]+)</span>', flat(f"{LIST}?ordering=-number"))
    assert numbers == ["1.2", "1.1"]
    assert '<option value="status" selected>' in flat(f"{LIST}?ordering=status")


@pytest.mark.long
def test_its_files_hold_what_it_lists(client, flat, duty, deliverable):
    page = flat(f"{LIST}?kind=standing&as_of=2026-06-30")
    addresses = re.findall(r'href="(/api/v1/commitments/(?:export/)?\?[^"]+)"', page)
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
