"""What claims rest on where that is thin: one source, statements alone, dead links."""

from datetime import date

import pytest

from commitments import links
from commitments.choices import Action
from commitments.clocks import Clock
from commitments.fetch import Seen
from commitments.health import Coverage, LinkOutcome
from commitments.models import Commitment
from tests import steps
from tests.steps import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

LINK = {**steps.RESOLUTION, "url": "https://example.org/dead"}
OTHER = {**steps.RESOLUTION, "url": "https://example.org/also", "title": "Resolution 2"}


@pytest.fixture
def claim(duty, reporter, reviewer):
    """`claim(*evidence)` publishes a claim on the duty."""

    def claim(*evidence, status="partly_active", **fields):
        return steps.published(duty, reporter, reviewer, status=status, evidence=evidence, **fields)

    return claim


def die(*pieces):
    for piece in pieces:
        links.record(piece["url"], Seen(LinkOutcome.GONE, "404"), NOW)


def counted(rows):
    told = list(rows.with_coverage_facts())
    return {code: sum(getattr(row, code) for row in told) for code in Coverage}


def covered():
    """By what the duty's claim is found."""
    rows = Commitment.objects.at(Clock(now=NOW))
    counts = counted(rows)
    found = {code.value for code in Coverage if rows.with_coverage([code]).exists()}
    assert {code.value for code, count in counts.items() if count} == found
    return found


def test_nothing_rests_on_anything_without_a_claim(duty, reporter, reviewer):
    steps.published(duty, reporter, reviewer)
    assert covered() == set()


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        ([steps.REPORT], {"one_source"}),
        ([steps.STATEMENT], {"one_source", "statements_only"}),
        ([steps.STATEMENT, {**steps.STATEMENT, "title": "Another"}], {"statements_only"}),
        ([steps.STATEMENT, steps.REPORT], set()),
        ([steps.STATEMENT, steps.INTERNAL], {"one_source", "statements_only"}),
        ([steps.REPORT, steps.RESOLUTION], set()),
    ],
)
def test_public_evidence_alone_is_counted(claim, evidence, found):
    claim(*evidence)
    assert covered() == found


def test_a_claim_rests_on_dead_links_where_nothing_else_is_left(claim, reviewer):
    update = claim(LINK, OTHER)
    assert covered() == set()
    die(LINK)
    assert covered() == set()
    die(OTHER)
    assert covered() == {"dead_links"}
    item = update.evidence.first()
    steps.act(
        update, Action.ARCHIVE, reviewer, evidence=item.pk, archived_url="https://a.example/1"
    )
    assert covered() == set()


def test_a_citation_or_a_file_does_not_die(claim):
    claim(LINK, steps.REPORT)
    die(LINK)
    assert covered() == set()


def test_a_search_without_a_source_rests_on_no_link(claim):
    claim(status="no_evidence", search_note=steps.Text("Nothing was found."))
    assert covered() == set()


def test_the_claim_of_the_day_counts(claim, duty):
    claim(steps.STATEMENT, effective_on=date(2026, 1, 1))
    claim(steps.REPORT, steps.RESOLUTION)
    assert covered() == set()
    past = Commitment.objects.at(Clock(now=NOW, as_of=date(2026, 2, 1)))
    counts = counted(past)
    assert (counts[Coverage.STATEMENTS_ONLY], counts[Coverage.ONE_SOURCE]) == (1, 1)


def test_api_admin_and_pages_find_and_count_it(claim, deliverable, api, client, signed_in, curator):
    claim(steps.STATEMENT)
    for code in ("one_source", "statements_only"):
        answer = api().get(f"/api/v1/commitments/?coverage={code}").json()
        assert [row["code"] for row in answer["results"]] == ["PLAN-1.1"]
        assert api().get(f"/api/v1/status/?coverage={code}").json()["total"]["commitments"] == 1
    either = api().get("/api/v1/commitments/?coverage=dead_links&coverage=one_source").json()
    assert either["count"] == 1
    assert api().get("/api/v1/commitments/?coverage=dead_links").json()["count"] == 0
    assert api().get("/api/v1/commitments/?coverage=few").status_code == 400

    page = client.get("/en/PLAN/").text
    assert '<a href="/en/PLAN/commitments/?coverage=one_source">Rests on one source: 1</a>' in page
    assert "Rests on dead links" not in page
    assert "仅有当事方陈述：1" in client.get("/zh-hans/PLAN/").text
    listed = client.get("/en/PLAN/commitments/?coverage=statements_only").text
    assert "1 of 2 commitments" in listed
    staff = signed_in(curator).get("/admin/commitments/commitment/?coverage=one_source").text
    assert "PLAN-1.1" in staff
    assert "PLAN-1.2" not in staff
    odd = signed_in(curator).get("/admin/commitments/commitment/?coverage=zz")
    assert odd.status_code == 200


def test_the_methodology_tells_how_many_links_were_looked_at(client, claim):
    def said():
        page = " ".join(client.get("/en/PLAN/methodology/").text.split())
        return page[page.index("Coverage</h2>") : page.index("Roll-ups</h2>")]

    claim(steps.REPORT)
    assert "There are no public links yet." in said()
    claim(LINK, OTHER, {**LINK, "url": "https://example.org/internal", "public": False})
    claim(LINK)
    assert "Of 2 public links, 0 have been looked at so far." in said()
    die(LINK)
    assert "Of 2 public links, 1 have been looked at so far." in said()
