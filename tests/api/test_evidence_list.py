"""`evidence/`: all sources with the updates that they are behind, to whom they are shown, and what
the filters choose."""

import pytest

from commitments.choices import Action, LinkStatus
from commitments.models import LinkCheck
from tests import steps
from tests.factories import CommitmentFactory, ForumFactory, PlanFactory
from tests.steps import INTERNAL, NOW, REPORT, RESOLUTION, STATEMENT
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def listed(api):
    """`listed(query, user)` returns the English titles of the pieces, in order."""

    def listed(query="", user=None):
        answer = api(user).get(f"/api/v1/evidence/?{query}")
        assert answer.status_code == 200, answer.content
        return [next(iter(row["title"].values())) for row in answer.json()["results"]]

    return listed


@pytest.fixture
def sources(duty, forum, reporter, reviewer):
    """A published update with three public sources and an internal one, at a forum."""
    return steps.published(
        duty,
        reporter,
        reviewer,
        forums=[forum],
        evidence=[STATEMENT, {**RESOLUTION, "language": "fr"}, REPORT, INTERNAL],
    )


PUBLIC = ["Report of an institute", "Resolution 1", "Statement by the ministry"]


def test_a_row_leads_to_its_source_its_update_and_the_page(sources, api):
    row = api().get("/api/v1/evidence/?source=official").json()["results"][0]
    assert row["title"] == {"fr": "Resolution 1"}
    assert row["url"] == RESOLUTION["url"]
    assert (row["update"], row["commitment"]) == (sources.pk, "PLAN-1.1")
    assert row["update_url"] == f"http://testserver/api/v1/updates/{sources.pk}/"
    assert row["html_url"].endswith(f"/en/PLAN/commitments/1.1/#update-{sources.pk}")
    one = api().get(f"/api/v1/evidence/{row['id']}/").json()
    assert one == row
    assert api().get(row["update_url"]).json()["id"] == sources.pk


def test_everybody_gets_what_is_public_and_staff_what_they_may_see(
    sources, duty, listed, reporter, other_reporter, reviewer, curator
):
    steps.draft(duty, reporter, evidence=[{**REPORT, "title": "Of a draft"}])
    for user in (None, other_reporter):
        assert "Of a draft" not in listed(user=user)
    assert listed() == PUBLIC
    assert listed(user=reporter) == ["Of a draft", "Internal minutes", *PUBLIC]
    assert listed(user=curator) == ["Of a draft", "Internal minutes", *PUBLIC]
    steps.perform(sources, Action.RETRACT, reviewer, note="Wrong.")
    assert listed() == []
    assert listed("forum=FORUM") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("plan=PLAN", "321"),
        ("commitment=PLAN-1.1", "321"),
        ("forum=FORUM", "321"),
        ("forum=none", ""),
        ("kind=report", "3"),
        ("kind=report&kind=resolution", "32"),
        ("source=statement", "1"),
        ("publisher=the%20ASSEMBLY", "2"),
        ("publisher=The%20institute&publisher=The%20ministry", "31"),
        ("language=fr", "2"),
        ("language=FR&language=de", "2"),
        ("language=de", ""),
        ("q=resolution", "2"),
        ("q=ministry", "1"),
        ("q=Report%207", "3"),
        ("q=example.org", "21"),
        ("q=example.org&kind=statement", "1"),
        ("link=unchecked", "2"),
        ("link=ok", ""),
        ("link=gone&link=unchecked", "21"),
        ("link=dead", "1"),
        ("page_size=1", "3"),
    ],
)
def test_filters_choose_among_the_sources(sources, listed, query, found):
    checked = sources.evidence.get(source="statement")
    LinkCheck.objects.create(
        evidence=checked,
        url=checked.url,
        status=LinkStatus.GONE,
        detail="404",
        first_at=NOW,
        last_at=NOW,
    )
    titles = {"1": PUBLIC[2], "2": PUBLIC[1], "3": PUBLIC[0]}
    assert listed(query) == [titles[digit] for digit in found]


def test_the_last_check_of_the_link_itself_counts(sources, listed):
    piece = sources.evidence.get(source="statement")
    piece.archived_url = "https://archive.example.org/statement"
    piece.save()
    for url, status in (
        (piece.url, LinkStatus.GONE),
        (piece.url, LinkStatus.OK),
        (piece.archived_url, LinkStatus.MOVED),
    ):
        LinkCheck.objects.create(
            evidence=piece, url=url, status=status, detail="", first_at=NOW, last_at=NOW
        )
    assert listed("link=ok") == [PUBLIC[2]]
    for other in ("gone", "moved", "dead"):
        assert listed(f"link={other}") == []


@pytest.mark.long
def test_a_publisher_behind_nothing_that_the_caller_may_see_is_unknown_to_them(
    duty, api, reporter, other_reporter, reviewer
):
    steps.draft(duty, reporter, evidence=[{**REPORT, "publisher": "Of a draft"}])
    minutes = {**INTERNAL, "publisher": "Of minutes"}
    steps.published(duty, reporter, reviewer, evidence=[REPORT, minutes])

    def answers(user=None):
        names = ("The institute", "Of a draft", "Of minutes", "Nobody")
        pages = [api(user).get(f"/api/v1/evidence/?publisher={name}") for name in names]
        return [page.status_code for page in pages]

    assert answers() == [200, 400, 400, 400]
    assert answers(reporter) == [200, 200, 200, 400]
    assert answers(other_reporter) == [200, 200, 200, 400]
    refused = api().get("/api/v1/evidence/?publisher=Of a draft").json()["errors"]
    assert [(error["parameter"], error["code"]) for error in refused] == [
        ("publisher", "not_found")
    ]


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("publisher=Nobody", "publisher", "not_found"),
        ("language=xx", "language", "malformed"),
        ("link=fine", "link", "not_allowed"),
        ("kind=book", "kind", "not_allowed"),
        ("commitment=PLAN-9", "commitment", "not_found"),
        ("as_of=2026-01-01", "as_of", "unknown_parameter"),
        ("cursor=x", "cursor", "invalid_cursor"),
    ],
)
def test_what_is_not_understood_is_refused(sources, api, query, parameter, code):
    answer = api().get(f"/api/v1/evidence/?{query}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["code"]) == (parameter, code)


def test_pages_follow_one_another_and_a_cursor_of_updates_is_refused(
    sources, duty, api, reporter, reviewer
):
    titles, address = [], "/api/v1/evidence/?page_size=2"
    while address:
        page = api().get(address).json()
        assert list(page) == ["next", "previous", "results"]
        titles += [words for row in page["results"] for words in row["title"].values()]
        address = page["next"]
    assert titles == PUBLIC
    steps.published(duty, reporter, reviewer)
    foreign = api().get("/api/v1/updates/?page_size=1").json()["next"]
    answer = api().get(foreign.replace("/updates/", "/evidence/"))
    assert answer.json()["errors"][0]["code"] == "invalid_cursor"


def test_evidence_of_another_plan_is_told_apart(sources, listed, reporter, reviewer):
    other = CommitmentFactory(plan=PlanFactory(code="OTHER"))
    ForumFactory(code="ELSEWHERE", name=en_zh("Elsewhere"))
    steps.published(other, reporter, reviewer, evidence=[{**REPORT, "title": "Of the other"}])
    assert listed("plan=OTHER") == ["Of the other"]
    assert listed("plan=PLAN") == PUBLIC
    assert listed("forum=ELSEWHERE") == []
