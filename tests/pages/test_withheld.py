"""Under `known_at`, an update that was withdrawn since counts, but nobody reads what it says: on no
page, in no answer and in no file."""

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from commitments.choices import Action
from commitments.ledger import format_utc
from commitments.workflow import FindingFields
from tests import steps
from tests.factories import CriterionFactory, ForumFactory
from tests.steps import NOW
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("a_day_later")]

THEN = f"known_at={format_utc(NOW)}"
API = "/api/v1"
HERE = "/en/PLAN"


@pytest.fixture
def withdrawn(duty, council, reporter, reviewer):
    """A duty whose only assessment and only event, at a forum, were withdrawn an hour later."""
    duty.criteria.all().delete()
    for number, key in enumerate("abc"):
        CriterionFactory(commitment=duty, key=key, position=number, text=en_zh(f"Criterion {key}"))
    event = steps.published(
        duty, reporter, reviewer, effective_on=date(2026, 5, 1), forums=[council]
    )
    assessment = steps.published(
        duty,
        reporter,
        reviewer,
        status="partly_active",
        event_type=None,
        evidence=(),
        rests_on=[event.pk],
        findings={
            "a": FindingFields("shown", [event.pk]),
            "b": FindingFields("not_shown"),
            "c": FindingFields("not_shown"),
        },
        effective_on=date(2026, 6, 1),
        covers_from=date(2026, 1, 1),
        summary=en_zh("Secret."),
    )
    hour_later = NOW + timedelta(hours=1)
    for update in (assessment, event):
        steps.perform(update, Action.RETRACT, reviewer, hour_later, note="It was another forum.")
    return duty


def test_the_status_and_the_last_action_count(api, withdrawn):
    row = api().get(f"{API}/commitments/PLAN-1.1/?{THEN}").json()
    assert (row["status"]["code"], row["status"]["evidence_level"]) == ("partly_active", 3)
    assert (row["last_action"]["on"], row["last_action"]["event_type"]) == (
        "2026-05-01",
        "participation",
    )
    assert api().get(f"{API}/commitments/?{THEN}&event_type=participation").json()["count"] == 1


def test_what_the_assessment_found_does_not(api, withdrawn):
    assert api().get(f"{API}/commitments/PLAN-1.1/?{THEN}").json()["findings"] is None
    [grid] = api().get(f"{API}/status/grid/?plan=PLAN&by=year&{THEN}").json()["commitments"]
    assert [cell["update"] is not None for cell in grid["cells"]][-1]
    assert [cell["findings"] for cell in grid["cells"]] == [None] * len(grid["cells"])
    table = b"".join(api().get(f"{API}/commitments/export/?format=csv&{THEN}")).decode("utf-8-sig")
    [listed] = csv.DictReader(StringIO(table))
    assert {listed[name] for name in listed if name.startswith("findings_")} == {""}


@pytest.mark.long
@pytest.mark.parametrize("result", ["shown", "not_shown"])
def test_it_is_not_found_by_that(flat, api, withdrawn, result):
    query = f"{THEN}&criterion={result}"
    assert api().get(f"{API}/commitments/?{query}").json()["count"] == 0
    assert "0 of 1 commitments" in flat(f"{HERE}/commitments/?{query}")


@pytest.mark.long
def test_no_number_of_a_filter_counts_it(flat, withdrawn):
    page = flat(f"{HERE}/commitments/?{THEN}")
    assert 'name="event_type" value="participation"' in page
    assert 'name="criterion"' not in page


@pytest.mark.long
def test_which_criteria_it_answered_is_still_compared(api, duty, reporter, reviewer):
    CriterionFactory(commitment=duty, key="a")
    days = (date(2026, 5, 1), date(2026, 6, 20))
    first, _second = [
        steps.published(duty, reporter, reviewer, status="active", effective_on=day) for day in days
    ]
    query = f"plan=PLAN&from=2026-05-15&as_of=2026-06-30&{THEN}"
    before = api().get(f"{API}/status/compare/?{query}").json()
    assert before["commitments"]
    hour_later = NOW + timedelta(hours=1)
    steps.perform(first, Action.RETRACT, reviewer, hour_later, note="It was another forum.")
    assert api().get(f"{API}/status/compare/?{query}").json() == before


@pytest.mark.long
def test_no_sheet_has_them(api, withdrawn):
    file = b"".join(api().get(f"{API}/commitments/export/?format=xlsx&{THEN}"))
    sheet = load_workbook(BytesIO(file))["Criteria"]
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert "Criterion a" in cells
    assert not cells & {"Shown", "In part", "Not shown"}


@pytest.mark.long
def test_the_sheet_of_updates_gives_the_level_that_an_assessment_had_then(
    api, duty, reporter, reviewer
):
    event = steps.published(duty, reporter, reviewer, effective_on=date(2026, 5, 1))
    fields = {"event_type": None, "evidence": (), "rests_on": [event.pk]}
    steps.published(duty, reporter, reviewer, status="active", **fields)
    hour_later = NOW + timedelta(hours=1)
    steps.perform(event, Action.RETRACT, reviewer, hour_later, note="It was another forum.")
    levels = []
    for query in (THEN, "as_of=2026-07-01"):
        file = b"".join(api().get(f"{API}/commitments/export/?format=xlsx&{query}"))
        header, row, *_event = load_workbook(BytesIO(file))["Updates"].values
        levels.append(row[header.index("Evidence level")])
    assert levels == ["Third-party source", "No public evidence"]


def test_a_forum_that_only_it_named_is_none_of_the_plans_forums(flat, duty, reporter, reviewer):
    forum = ForumFactory(code="CIRCLE")
    steps.retracted(duty, reporter, reviewer, forums=[forum])
    for page in (f"{HERE}/", f"{HERE}/commitments/1.1/"):
        assert f"{HERE}/forums/" not in flat(page)
        assert f"{HERE}/matrix/" not in flat(page)


@pytest.mark.long
def test_its_page_says_so_in_place_of_each_finding(flat, withdrawn):
    page = flat(f"{HERE}/commitments/1.1/?{THEN}")
    verdict = page[page.index('class="verdict-card"') : page.index('id="record"')]
    assert "its text and what it found are withheld" in verdict
    assert verdict.count("Withheld") == 3
    assert "1 May 2026 · Took part" in verdict
    assert "Secret" not in page
    now = flat(f"{HERE}/commitments/1.1/")
    assert "its text and what it found are withheld" not in now


@pytest.mark.long
def test_pages_about_the_forum_do_not_deny_that_something_was_done_there(flat, withdrawn):
    page, brief = (f"{HERE}/forums/COUNCIL/", f"{HERE}/forums/COUNCIL/brief/")
    sentence = "No action is on record there. Anything withdrawn since is left out."
    assert flat(f"{page}?{THEN}").count(sentence) == 2
    assert "for this period. Anything withdrawn since is left out." in flat(f"{brief}?{THEN}")
    for address in (page, brief):
        assert "withdrawn since" not in flat(address)
        assert "No action is on record there." in flat(address)


@pytest.mark.long
def test_nor_does_the_badge_of_the_forum(flat, withdrawn):
    badge = "/embed/en/PLAN/forums/COUNCIL/badge.svg"
    assert "no action on record" not in flat(f"{badge}?{THEN}")
    assert "no action on record" in flat(badge)


@pytest.mark.long
def test_the_page_of_events_counts_it_whatever_is_selected(flat, withdrawn):
    sentence = "Not listed: 1 event of the plan that counted then and was withdrawn since."
    for query in ("", "&forum=COUNCIL", "&effective_from=2026-06-01"):
        assert sentence in flat(f"{HERE}/events/?{THEN}{query}")
