"""Coverage gaps of assessments: one source, statements only, dead links only."""

from datetime import date

import pytest

from commitments.choices import Action, CoverageGap, LinkStatus
from commitments.clocks import Clock
from commitments.links import checks
from commitments.links.probe import ProbeResult
from commitments.models import Commitment
from tests import steps
from tests.steps import NOW
from tests.words import en_zh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

LINK = {**steps.RESOLUTION, "url": "https://example.org/dead"}
OTHER = {**steps.RESOLUTION, "url": "https://example.org/also", "title": "Resolution 2"}


@pytest.fixture
def assessment(duty, reporter, reviewer):
    """`assessment(*evidence)` publishes an assessment on the duty."""

    def assessment(*evidence, status="partly_active", **fields):
        return steps.published(duty, reporter, reviewer, status=status, evidence=evidence, **fields)

    return assessment


def break_links(*pieces):
    for piece in pieces:
        checks.record_probe(piece["url"], ProbeResult(LinkStatus.GONE, "404"), NOW, before=NOW)


def count_gaps(queryset):
    rows = list(queryset.with_coverage_gap_flags())
    return {code: sum(getattr(row, code) for row in rows) for code in CoverageGap}


def current_gaps():
    """Return the gaps by which the commitment is found, which are also those counted."""
    rows = Commitment.objects.at(Clock(now=NOW))
    counts = count_gaps(rows)
    found = {code.value for code in CoverageGap if rows.with_coverage_gaps([code]).exists()}
    assert {code.value for code, count in counts.items() if count} == found
    return found


def test_nothing_rests_on_anything_without_an_assessment(duty, reporter, reviewer):
    steps.published(duty, reporter, reviewer)
    assert current_gaps() == set()


@pytest.mark.parametrize(
    ("evidence", "gaps"),
    [
        ([steps.REPORT], {"one_source"}),
        ([steps.STATEMENT], {"one_source", "statements_only"}),
        ([steps.STATEMENT, {**steps.STATEMENT, "title": "Another"}], {"statements_only"}),
        ([steps.STATEMENT, steps.REPORT], set()),
        ([steps.STATEMENT, steps.INTERNAL], {"one_source", "statements_only"}),
        ([steps.REPORT, steps.RESOLUTION], set()),
    ],
)
def test_public_evidence_alone_is_counted(assessment, evidence, gaps):
    assessment(*evidence)
    assert current_gaps() == gaps


def test_an_assessment_rests_on_dead_links_where_nothing_else_is_left(assessment, reviewer):
    update = assessment(LINK, OTHER)
    assert current_gaps() == set()
    break_links(LINK)
    assert current_gaps() == set()
    break_links(OTHER)
    assert current_gaps() == {"dead_links"}
    item = update.evidence.first()
    steps.perform(
        update, Action.ARCHIVE, reviewer, evidence=item.pk, archived_url="https://a.example/1"
    )
    assert current_gaps() == set()


def test_a_citation_or_a_file_does_not_die(assessment):
    assessment(LINK, steps.REPORT)
    break_links(LINK)
    assert current_gaps() == set()


def test_a_search_without_a_source_rests_on_no_link(assessment):
    assessment(status="no_evidence", search_note=en_zh("Nothing was found."))
    assert current_gaps() == set()


def test_the_assessment_of_the_day_counts(assessment, duty):
    assessment(steps.STATEMENT, effective_on=date(2026, 1, 1))
    assessment(steps.REPORT, steps.RESOLUTION)
    assert current_gaps() == set()
    past = Commitment.objects.at(Clock(now=NOW, as_of=date(2026, 2, 1)))
    counts = count_gaps(past)
    assert (counts[CoverageGap.STATEMENTS_ONLY], counts[CoverageGap.ONE_SOURCE]) == (1, 1)


def test_api_admin_and_pages_find_and_count_it(
    assessment, deliverable, api, client, signed_in, curator
):
    assessment(steps.STATEMENT)
    for code in ("one_source", "statements_only"):
        answer = api().get(f"/api/v1/commitments/?coverage={code}").json()
        assert [row["code"] for row in answer["results"]] == ["PLAN-1.1"]
        assert api().get(f"/api/v1/status/?coverage={code}").json()["total"]["commitments"] == 1
    either = api().get("/api/v1/commitments/?coverage=dead_links&coverage=one_source").json()
    assert either["count"] == 1
    assert api().get("/api/v1/commitments/?coverage=dead_links").json()["count"] == 0
    assert api().get("/api/v1/commitments/?coverage=few").status_code == 400

    page = client.get("/en/PLAN/").text
    link = '<a href="/en/PLAN/commitments/?coverage=one_source">1 rests on one source only</a>'
    assert link in page
    assert "dead links" not in page
    assert "仅有当事方表态1项" in client.get("/zh-hans/PLAN/").text
    listed = client.get("/en/PLAN/commitments/?coverage=statements_only").text
    assert "1 of 2 commitments" in listed
    staff = signed_in(curator).get("/admin/commitments/commitment/?coverage=one_source").text
    assert "PLAN-1.1" in staff
    assert "PLAN-1.2" not in staff
    odd = signed_in(curator).get("/admin/commitments/commitment/?coverage=zz")
    assert odd.status_code == 200


def test_the_methodology_shows_how_many_links_were_checked(client, assessment):
    def coverage_section():
        page = " ".join(client.get("/en/PLAN/methodology/").text.split())
        return page[page.index("Thin evidence</h2>") : page.index("Totals</h2>")]

    assessment(steps.REPORT)
    assert "There are no public links yet." in coverage_section()
    assessment(LINK, OTHER, {**LINK, "url": "https://example.org/internal", "public": False})
    assessment(LINK)
    assert "Public links checked so far: 0 of 2." in coverage_section()
    break_links(LINK)
    assert "Public links checked so far: 1 of 2." in coverage_section()
