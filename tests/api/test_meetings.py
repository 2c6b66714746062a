"""`meetings/`: who is given which meetings, how they are selected, and what of them is public."""

import json

import pytest

from commitments.models import Partnership
from tests.factories import (
    CommitmentFactory,
    ForumFactory,
    MeetingFactory,
    OfficeFactory,
    PlanFactory,
)
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def days(answer):
    return [row["starts_on"] for row in answer["results"]]


def test_a_public_meeting_is_what_is_known_of_it_to_everybody(get, council):
    row = MeetingFactory(
        forum=council,
        public=True,
        url="https://example.org/seventh",
        papers_due_on="2026-07-15",
        place=en_zh("Geneva"),
        asks=en_zh("A seat."),
    )
    row.offices.add(OfficeFactory())
    expected = json.loads("""{"forum": "COUNCIL", "plans": ["PLAN"],
        "title": {"en": "Seventh session", "zh": "第七届会议"}, "starts_on": "2026-08-03",
        "ends_on": "2026-08-03", "place": {"en": "Geneva"}, "link": "https://example.org/seventh",
        "papers_due_on": "2026-07-15", "public": true, "cancelled": false, "sequence": 0,
        "changed_at": "2026-07-01T04:00:00.000000Z"}""")
    expected |= {"id": row.pk, "uid": str(row.uid)}
    expected["url"] = f"http://testserver/api/v1/meetings/{row.pk}/"
    expected["html_url"] = f"http://testserver/en/PLAN/meetings/{row.pk}/"
    assert get("meetings/")["results"] == [expected]
    assert get(f"meetings/{row.pk}/") == expected


@pytest.mark.parametrize(
    ("who", "is_seen"),
    [("anonymous", False), ("visitor", False), ("reporter", True), ("curator", True)],
)
def test_what_is_not_public_is_for_staff(api, request, council, who, is_seen):
    row = MeetingFactory(forum=council)
    client = api(request.getfixturevalue(who))
    assert len(client.get("/api/v1/meetings/").json()["results"]) == is_seen
    answer = client.get(f"/api/v1/meetings/{row.pk}/")
    assert answer.status_code == (200 if is_seen else 404)
    if is_seen:
        assert answer.json()["html_url"] is None


def test_meetings_are_selected_by_plan_forum_and_days(get, council):
    other = CommitmentFactory(plan=PlanFactory(code="OTHER"))
    elsewhere = ForumFactory(code="ELSEWHERE")
    Partnership.objects.create(commitment=other, forum=elsewhere)
    part = ForumFactory(code="PART", parent=council)
    for forum, first, last in (
        (council, "2026-08-01", "2026-08-05"),
        (part, "2026-09-01", "2026-09-01"),
        (elsewhere, "2026-10-01", "2026-10-02"),
    ):
        MeetingFactory(forum=forum, starts_on=first, ends_on=last, public=True)
    for query, expected in {
        "": ["2026-08-01", "2026-09-01", "2026-10-01"],
        "plan=PLAN": ["2026-08-01", "2026-09-01"],
        "plan=OTHER": ["2026-10-01"],
        "plan=PLAN&plan=OTHER": ["2026-08-01", "2026-09-01", "2026-10-01"],
        "forum=COUNCIL": ["2026-08-01", "2026-09-01"],
        "forum=PART": ["2026-09-01"],
        "from=2026-08-05": ["2026-08-01", "2026-09-01", "2026-10-01"],
        "from=2026-08-06": ["2026-09-01", "2026-10-01"],
        "to=2026-09-01": ["2026-08-01", "2026-09-01"],
        "from=2026-08-06&to=2026-09-30": ["2026-09-01"],
    }.items():
        assert days(get(f"meetings/?{query}")) == expected, query


@pytest.mark.parametrize(
    "query", ["from=soon", "to=2026-13-01", "forum=NOPE", "plan=NOPE", "office=X"]
)
def test_what_selects_nothing_is_refused(api, council, query):
    answer = api().get(f"/api/v1/meetings/?{query}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_draft_plan_is_not_named(get, council, plan, curator):
    type(plan).objects.update(visibility="draft")
    MeetingFactory(forum=council, public=True)
    [row] = get("meetings/")["results"]
    assert (row["plans"], row["html_url"]) == ([], None)
    assert get("meetings/", curator)["results"][0]["plans"] == ["PLAN"]
