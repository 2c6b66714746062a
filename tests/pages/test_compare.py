"""What became of each commitment between two days: the page of that."""

import html
import re
from copy import deepcopy
from datetime import date

import pytest
from django.utils import translation
from django.utils.html import strip_tags

from commitments.choices import Movement
from commitments.pages.compare import comparison_sentence
from tests import steps
from tests.factories import CommitmentFactory
from tests.fixtures.worlds import people, shared_world, the_deliverable, the_duty, the_plan
from tests.steps import TODAY

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

COMPARE = "/en/PLAN/time/"
BETTER_SENTENCES = (
    "1 improved, none worsened; 13 were first assessed; 16 are unchanged.",
    "好转1项，无退步；首次评估13项；无变化16项。",
)


def turns(page):
    """By heading, the numbers of the commitments below it with their statuses then and now."""
    parts = re.split('<h2 id="', page)[1:]
    return {
        part[: part.index('"')]: [
            (number, *re.findall(r'data-status="(\w+)"', row))
            for number, row in re.findall(r'<p class="number">(\S+)</p>(.*?)</li>', part)
        ]
        for part in parts
        if part[: part.index('"')] in Movement.values()
    }


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield build()


@pytest.fixture
def turned(db, built):
    """1.1 was active and is so in part; 1.2 was started in 2024, and that lapsed."""
    return deepcopy(built)


def build():
    reporter, reviewer, _curator = people()
    plan = the_plan()
    duty, deliverable = the_duty(plan), the_deliverable(plan)
    steps.published(duty, reporter, reviewer, status="active", effective_on=date(2025, 3, 1))
    steps.published(duty, reporter, reviewer, status="partly_active", effective_on=TODAY)
    early = date(2024, 3, 1)
    steps.published(deliverable, reporter, reviewer, status="started", effective_on=early)
    return duty


@pytest.mark.long
def test_each_commitment_is_compared_between_two_days(flat, turned):
    page = flat(f"{COMPARE}?since=2025-06-30")
    assert turns(page) == {
        "worse": [("1.1", "active", "partly_active")],
        "lapsed": [("1.2", "started", "started")],
    }
    sentence = "From 30 June 2025 to 2 July 2026: 1 worsened; 1 has lapsed and counts as unknown."
    assert sentence in strip_tags(page)
    assert '<a href="#worse">1</a> worsened' in page
    page = flat(f"{COMPARE}?since=2024-02-29&as_of=2025-06-30")
    assert turns(page) == {
        "first_assessed": [("1.1", "unassessed", "active"), ("1.2", "unassessed", "started")]
    }
    assert "From 29 February 2024 to 30 June 2025:" in strip_tags(page)


def test_what_lapsed_is_counted_and_listed_apart(flat, turned):
    page = flat(f"{COMPARE}?since=2024-03-01&as_of=2026-06-30")
    assert turns(page) == {
        "first_assessed": [("1.1", "unassessed", "active")],
        "lapsed": [("1.2", "started", "started")],
    }
    assert "1 was first assessed; 1 has lapsed and counts as unknown." in strip_tags(page)
    assert "after a gap" not in page


def test_the_page_says_what_the_headline_of_the_grid_says(flat, turned):
    overview = flat("/en/PLAN/?as_of=2026-12-31")
    counts = "1 worsened and 1 has lapsed and counts as unknown."
    assert f"2 commitments since the end of 2025: {counts}" in strip_tags(overview)
    page = strip_tags(flat(f"{COMPARE}?since=2025-12-31&as_of=2026-12-31"))
    assert "1 worsened; 1 has lapsed and counts as unknown." in page


@pytest.mark.long
@pytest.mark.parametrize("path", ["", "commitments/", "commitments/?q=1.&ordering=number&kind="])
def test_each_number_of_the_headline_leads_to_its_list_over_time(flat, turned, path):
    page = flat(f"/en/PLAN/{path}")
    headline = re.search(r'<p class="headline">(.*?)</p>', page)[1]
    links = re.findall(r'<a href="([^"]+)#([a-z_]+)">(\d+)</a>', headline)
    assert [(code, n) for _address, code, n in links] == [("worse", "1"), ("lapsed", "1")]
    for address, code, n in links:
        there = flat(html.unescape(address))
        assert re.search(rf'<h2 id="{code}">[^<]+<span class="muted">{n}</span>', there)


def test_a_headline_has_no_links_where_the_page_over_time_has_not_its_filters(flat, turned):
    page = flat("/en/PLAN/commitments/?freshness=lapsed")
    headline = re.search(r'<p class="headline">(.*?)</p>', page)[1]
    assert "1 has lapsed" in headline
    assert "<a" not in headline


def test_what_is_assessed_again_after_a_lapse_is_marked(
    flat, turned, deliverable, reporter, reviewer
):
    evidence = [steps.RESOLUTION]
    steps.published(deliverable, reporter, reviewer, status="substantial", evidence=evidence)
    page = flat(f"{COMPARE}?since=2025-06-30")
    assert turns(page) == {
        "worse": [("1.1", "active", "partly_active")],
        "reassessed": [("1.2", "started", "substantial")],
    }
    assert "1 worsened; 1 was reassessed after a gap." in strip_tags(page)
    assert '<h2 id="reassessed">Reassessed after a gap <span class="muted">1</span></h2>' in page


def test_a_fall_after_a_gap_is_a_fall_and_marked(flat, turned, deliverable, reporter, reviewer):
    steps.published(deliverable, reporter, reviewer, status="stalled")
    page = flat(f"{COMPARE}?since=2025-06-30")
    assert [row[0] for row in turns(page)["worse"]] == ["1.1", "1.2"]
    assert "1 was assessed again after its assessment had lapsed." in strip_tags(page)
    assert page.count("after a gap") == 1


def test_two_assessments_of_one_day_leave_no_gap(flat, plan, reporter, reviewer):
    other = CommitmentFactory(plan=plan, number="1.4", position=4)
    for _ in range(2):
        steps.published(other, reporter, reviewer, status="active")
    page = flat(f"{COMPARE}?since=2025-06-30")
    assert turns(page)["first_assessed"] == [("1.4", "unassessed", "active")]
    assert "after a gap" not in page


def test_what_is_withdrawn_has_changed_otherwise(flat, turned, reporter, reviewer):
    steps.published(turned, reporter, reviewer, status="withdrawn")
    page = flat(f"{COMPARE}?since=2025-06-30")
    assert turns(page)["other"] == [("1.1", "active", "withdrawn")]


@pytest.mark.long
def test_a_year_is_compared_where_no_day_is_asked_for(flat, turned):
    assert "From 2 July 2025 to 2 July 2026:" in strip_tags(flat(COMPARE))
    assert "From 2 July 2026 to 2 July 2026:" in strip_tags(flat(f"{COMPARE}?since=2026-07-02"))
    page = flat(f"{COMPARE}?as_of=2024-02-29")
    assert "From 28 February 2023 to 29 February 2024:" in strip_tags(page)


def test_both_days_are_compared_by_what_was_known(flat, turned):
    page = flat(f"{COMPARE}?since=2025-06-30&known_at=2026-06-30T00:00:00Z")
    assert turns(page) == {}
    assert "From 30 June 2025 to 30 June 2026: 2 are unchanged." in strip_tags(page)


@pytest.mark.parametrize(
    ("counts", "english", "chinese"),
    [
        (
            {Movement.BETTER: 1, Movement.FIRST_ASSESSED: 13, Movement.UNCHANGED: 16},
            *BETTER_SENTENCES,
        ),
        ({Movement.BETTER: 2, Movement.WORSE: 1}, "2 improved, 1 worsened.", "好转2项，退步1项。"),
        ({Movement.OTHER: 1}, "1 changed in another way.", "其他变化1项。"),
        (
            {Movement.EVIDENCE_FOUND: 6, Movement.LAPSED: 11, Movement.NO_LONGER_EVIDENCED: 4},
            "6 now have evidence; 11 have lapsed and count as unknown; 4 no longer have evidence.",
            "新查到佐证6项；评估失效、计为情况不明11项；本期未查到佐证4项。",
        ),
        ({Movement.NO_LONGER_ASSESSED: 2}, "2 are no longer assessed.", "不再有评估结论2项。"),
        ({Movement.UNCHANGED: 1}, "1 is unchanged.", "无变化1项。"),
        ({}, "", ""),
    ],
)
def test_the_sentence_has_a_phrase_for_each_movement_that_occurs(counts, english, chinese):
    for language, sentence in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            phrases = comparison_sentence(counts, all_known=True)
            assert "".join(f"{row.before}{row.n}{row.after}" for row in phrases) == sentence


def test_that_none_worsened_is_not_said_where_something_is_unknown():
    phrases = comparison_sentence({Movement.BETTER: 1, Movement.LAPSED: 2}, all_known=False)
    sentence = "".join(f"{row.before}{row.n}{row.after}" for row in phrases)
    assert sentence == "1 improved; 2 have lapsed and count as unknown."


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("yesterday", "First day (since): Enter a date such as 2026-06-30. It was ignored."),
        ("2026-07-03", "First day (since): This date is after the date shown."),
        ("", None),
    ],
)
def test_a_day_that_cannot_be_compared_with_is_reported_and_replaced_by_a_year_ago(
    flat, turned, since, said
):
    page = flat(f"{COMPARE}?since={since}")
    assert said is None or said in page
    assert "From 2 July 2025 to 2 July 2026:" in strip_tags(page)


def test_two_days_cost_a_fixed_number_of_queries(client, turned, django_assert_num_queries):
    with django_assert_num_queries(10):
        client.get(f"{COMPARE}?since=2025-06-30")
