"""The report on a period over REST."""

from datetime import date

import pytest

from commitments.choices import Movement
from tests import steps
from tests.factories import ForumFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

REPORT = "/api/v1/status/report/?plan=PLAN"
QUARTER = f"{REPORT}&from=2026-04-01&as_of=2026-06-30"


@pytest.fixture
def event(duty, deliverable, reporter, reviewer):
    duty.partnerships.create(forum=ForumFactory(code="SILENT"))
    steps.published(duty, reporter, reviewer, status="active", effective_on=date(2025, 3, 1))
    return steps.published(
        duty,
        reporter,
        reviewer,
        status="partly_active",
        effective_on=date(2026, 5, 1),
        evidence=[steps.RESOLUTION, steps.INTERNAL],
    )


@pytest.mark.long
def test_it_gives_what_the_page_shows(api, event):
    answer = api().get(QUARTER).json()
    assert answer["opening_day"] == "2026-03-31"
    assert (answer["from"], answer["as_of"]) == ("2026-04-01", "2026-06-30")
    assert answer["counts"] == dict.fromkeys(Movement.values(), 0) | {"worse": 1, "unchanged": 1}
    worse, unchanged = answer["changes"]
    assert (worse["before"], worse["after"]) == ("active", "partly_active")
    assert worse["assessment"]["update"] == event.pk
    assert unchanged["assessment"] is None
    [[row]] = [each["events"] for each in answer["events"]]
    assert (row["update"], row["sources"]) == (event.pk, [1])
    [source] = answer["sources"]
    assert (source["number"], source["link"]) == (1, steps.RESOLUTION["url"])
    assert answer["not_known"]["unassessed"] == ["PLAN-1.2"]
    assert answer["not_known"]["coverage"]["one_source"] == ["PLAN-1.1"]
    assert [row["code"] for row in answer["not_known"]["silent_forums"]] == ["SILENT"]


@pytest.mark.long
def test_its_figures_are_those_of_status_on_both_days(api, event):
    answer = api().get(QUARTER).json()
    for name, day in (("opening", "2026-03-31"), ("closing", "2026-06-30")):
        total = api().get(f"/api/v1/status/?plan=PLAN&as_of={day}").json()["total"]
        assert answer[name] == {key: total[key] for key in answer[name]}


@pytest.mark.long
def test_its_addresses_give_the_same_report(api, client, event):
    answer = api().get(f"{QUARTER}&kind=standing").json()
    for name in ("html_url", "docx_url", "xlsx_url"):
        path = answer[name].removeprefix("http://testserver")
        assert client.get(path).status_code == 200, path
    page = client.get(answer["html_url"].removeprefix("http://testserver")).text
    assert "Report on 1 April – 30 June 2026" in page
    assert "Kind: Standing duty" in page


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("", "from", "required"),
        ("&from=2026-07-03", "from", "wrong_order"),
        ("&from=yesterday", "from", "malformed"),
        ("&from=2026-04-01&to=2026-06-30", "to", "unknown_parameter"),
    ],
)
def test_a_wrong_query_is_refused(api, event, query, pointer, code):
    answer = api().get(f"{REPORT}{query}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["code"]) == (pointer, code)
