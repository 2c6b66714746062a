"""Coverage gaps of assessments: what their sources, events and criteria lack."""

from datetime import date, timedelta

import pytest

from commitments import workflow
from commitments.choices import Action, CoverageGap, LinkStatus
from commitments.clocks import Clock
from commitments.links import checks
from commitments.links.probe import ProbeResult
from commitments.models import Commitment
from tests import steps
from tests.steps import NOW, TODAY
from tests.words import en_zh
from tests.workflow import assessing
from tests.workflow.assessing import SHOWN, findings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

LINK = {**steps.RESOLUTION, "url": "https://example.org/dead"}
OTHER = {**steps.RESOLUTION, "url": "https://example.org/also", "title": "Resolution 2"}
PRESS = {**steps.STATEMENT, "url": "https://example.org/press", "title": "Another"}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def assessment(duty, reporter, reviewer):
    """`assessment(*evidence)` publishes an assessment on the duty."""

    def assessment(*evidence, status="partly_active", **fields):
        return steps.published(duty, reporter, reviewer, status=status, evidence=evidence, **fields)

    return assessment


def break_links(*pieces):
    for piece in pieces:
        checks.record_probe(piece["url"], ProbeResult(LinkStatus.GONE, "404"), NOW, before=NOW)


def count_gaps(queryset, clock):
    rows = list(queryset.with_coverage_gap_flags(clock))
    return {code.value: sum(getattr(row, code) for row in rows) for code in CoverageGap}


def current_gaps(now=NOW, **clock):
    """Return the gaps that are counted. The commitment is found by each, and by none of the
    others, for which one query is enough, since it finds whoever has one of them."""
    clock = Clock(now, **clock)
    rows = Commitment.objects.at(clock)
    gaps = {code for code, count in count_gaps(rows, clock).items() if count}
    for code in gaps:
        assert rows.with_coverage_gaps([code], clock), code
    assert not rows.with_coverage_gaps(set(CoverageGap.values()) - gaps, clock)
    return gaps


def test_nothing_rests_on_anything_without_an_assessment(duty, reporter, reviewer):
    steps.published(duty, reporter, reviewer)
    assert current_gaps() == set()


@pytest.mark.long
@pytest.mark.parametrize(
    ("evidence", "gaps"),
    [
        ([steps.REPORT], {"one_source"}),
        ([steps.STATEMENT], {"one_source", "statements_only"}),
        ([steps.STATEMENT, PRESS], {"statements_only"}),
        ([steps.STATEMENT, steps.REPORT], set()),
        ([steps.STATEMENT, steps.INTERNAL], {"one_source", "statements_only"}),
        ([steps.REPORT, steps.RESOLUTION], set()),
    ],
)
def test_public_evidence_alone_is_counted(assessment, evidence, gaps):
    assessment(*evidence)
    assert current_gaps() == gaps


@pytest.mark.long
def test_an_assessment_rests_on_dead_links_where_nothing_else_is_left(assessment, reviewer):
    update = assessment(LINK, OTHER)
    assert current_gaps() == set()
    break_links(LINK)
    assert current_gaps() == set()
    break_links(OTHER)
    assert current_gaps() == {"dead_links"}
    item, copy = update.evidence.first(), "https://a.example/1"
    steps.perform(update, Action.ARCHIVE, reviewer, evidence=item.pk, archived_url=copy)
    assert current_gaps() == {"dead_links"}
    checks.record_probe(copy, ProbeResult(LinkStatus.OK, "200"), NOW, before=NOW)
    assert current_gaps() == set()


def test_a_citation_or_a_file_does_not_die(assessment):
    assessment(LINK, steps.REPORT)
    break_links(LINK)
    assert current_gaps() == set()


def test_a_search_without_a_source_rests_on_no_link(assessment):
    assessment(status="no_evidence", search_note=en_zh("Nothing was found."))
    assert current_gaps() == set()


@pytest.mark.long
def test_the_assessment_of_the_day_counts(assessment, duty):
    assessment(steps.STATEMENT, effective_on=date(2026, 1, 1))
    assessment(steps.REPORT, steps.RESOLUTION)
    assert current_gaps() == set()
    assert current_gaps(as_of=date(2026, 2, 1)) == {"statements_only", "one_source"}


# What the events that an assessment names give it


@pytest.fixture
def happened(duty, reporter, reviewer):
    """`happened(*evidence)` publishes an event."""

    def happened(*evidence, at=NOW, **fields):
        return steps.published(duty, reporter, reviewer, at, evidence=evidence, **fields)

    return happened


@pytest.fixture
def judge(duty, reporter, reviewer):
    """`judge(*events)` publishes an assessment without evidence of its own that rests on them."""

    def judge(*events, status="partly_active", found=None, at=NOW, **fields):
        fields = {"rests_on": [event.pk for event in events]} | fields
        update = assessing.assess(duty, reporter, status, found or {}, **fields)
        return assessing.publish(update, reporter, reviewer, at)

    return judge


@pytest.mark.long
def test_a_source_of_two_events_is_one_source(judge, happened):
    judge(happened(steps.RESOLUTION), happened(steps.RESOLUTION))
    assert current_gaps() == {"one_source"}
    judge(happened(steps.RESOLUTION), happened(steps.REPORT))
    assert "one_source" not in current_gaps()


@pytest.mark.long
def test_the_sources_of_context_do_not_count(duty, judge, happened):
    assessing.add_criteria(duty)
    said, context = happened(steps.STATEMENT), happened(steps.REPORT, event_type="context")
    found = findings(SHOWN, SHOWN, SHOWN, events=[said])
    judge(context, found=found)
    assert current_gaps() == {"one_source", "statements_only"}


@pytest.mark.long
def test_a_withdrawn_event_is_a_gap(judge, happened, reviewer):
    event = happened(steps.REPORT, OTHER)
    judge(event, happened(steps.RESOLUTION, steps.REPORT))
    assert current_gaps() == set()
    steps.perform(event, Action.RETRACT, reviewer, NOW + HOUR, note="Wrong.")
    assert current_gaps(NOW + HOUR) == {"rests_on_retracted"}
    assert current_gaps(NOW + HOUR, known_at=NOW) == set()


@pytest.mark.long
def test_a_withdrawn_correction_leaves_nothing_to_rest_on(judge, happened, reviewer):
    event = happened(steps.REPORT, OTHER)
    judge(event, happened(steps.RESOLUTION, steps.REPORT))
    correction = happened(steps.REPORT, OTHER, at=NOW + HOUR, corrects=event)
    steps.perform(correction, Action.RETRACT, reviewer, NOW + 2 * HOUR, note="Wrong.")
    assert current_gaps(NOW + 2 * HOUR) == {"rests_on_retracted"}


CHANGES = {
    "type": {"event_type": "outcome"},
    "day": {"effective_on": TODAY - DAY},
    "criteria": {"criteria": ["a"]},
    "evidence": {"evidence": [steps.REPORT, OTHER]},
    "source": {"evidence": [steps.REPORT, {**steps.RESOLUTION, "source": "independent"}]},
    "all": {"event_type": "statement", "effective_on": TODAY - 9 * DAY, "evidence": [OTHER, PRESS]},
}


@pytest.fixture
def event_with_criteria(duty, happened):
    """An event and another one; the assessment that rests on both has answered the criteria."""
    assessing.add_criteria(duty)
    return happened(steps.REPORT, steps.RESOLUTION), happened(steps.REPORT, OTHER)


@pytest.mark.long
@pytest.mark.alike
@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_a_correction_that_changes_the_event_is_a_gap(
    event_with_criteria, judge, happened, changed
):
    event, other = event_with_criteria
    judge(found=findings(SHOWN, SHOWN, SHOWN, events=[event, other]), status="active")
    assert current_gaps() == set()
    fields = {"evidence": [steps.REPORT, steps.RESOLUTION], "corrects": event} | changed
    evidence = fields.pop("evidence")
    second = happened(*evidence, at=NOW + HOUR, **fields)
    assert "rests_on_changed" in current_gaps(NOW + HOUR)
    assert current_gaps(NOW + HOUR, known_at=NOW) == set()
    # What rests on the correction itself rests on nothing that has changed.
    found = findings(SHOWN, SHOWN, SHOWN, events=[second, other])
    judge(found=found, status="active", at=NOW + 2 * HOUR)
    assert "rests_on_changed" not in current_gaps(NOW + 2 * HOUR)


UNCHANGED = {
    "text": {"summary": en_zh("In other words.")},
    "title": {"evidence": [steps.REPORT, {**steps.RESOLUTION, "title": "Resolution One"}]},
    "order": {"evidence": [steps.RESOLUTION, steps.REPORT]},
    # Internal evidence does not count, and readers cannot tell whether there is any.
    "internal": {"evidence": [steps.REPORT, steps.RESOLUTION, steps.INTERNAL]},
}


@pytest.mark.alike
@pytest.mark.parametrize("changed", UNCHANGED.values(), ids=UNCHANGED)
def test_a_correction_that_leaves_the_event_as_it_was_is_no_gap(
    event_with_criteria, judge, happened, changed
):
    event, other = event_with_criteria
    judge(found=findings(SHOWN, SHOWN, SHOWN, events=[event, other]), status="active")
    fields = {"evidence": [steps.REPORT, steps.RESOLUTION], "corrects": event} | changed
    happened(*fields.pop("evidence"), at=NOW + HOUR, **fields)
    assert current_gaps(NOW + HOUR) == set()


@pytest.mark.long
def test_a_draft_written_before_what_it_corrects_changes_it_too(
    event_with_criteria, judge, happened, duty, reporter, reviewer
):
    _event, other = event_with_criteria
    earlier = steps.draft(duty, reporter, evidence=[steps.REPORT, OTHER], event_type="outcome")
    later = happened(steps.REPORT, steps.RESOLUTION)
    judge(found=findings(SHOWN, SHOWN, SHOWN, events=[later, other]), status="active")
    workflow.edit_draft(earlier, by=reporter, at=NOW, corrects=later)
    assessing.publish(earlier, reporter, reviewer, NOW + HOUR)
    assert current_gaps(NOW + HOUR) == {"rests_on_changed"}


# Renewals


@pytest.mark.long
@pytest.mark.alike
@pytest.mark.parametrize(
    ("first", "second", "gaps"),
    [
        ([30], [30], {"renewed_without_action"}),
        ([30, 10], [30], {"renewed_without_action"}),
        ([30], [30, 10], set()),
        ([30], [10], set()),
    ],
)
def test_a_renewal_needs_a_newer_action(judge, happened, first, second, gaps):
    """Numbers are ages of actions in days."""
    days = sorted({*first, *second})
    events = {
        age: happened(steps.REPORT, steps.RESOLUTION, effective_on=TODAY - age * DAY)
        for age in days
    }
    judge(*(events[age] for age in first), effective_on=TODAY - DAY)
    assert current_gaps() == set()
    judge(*(events[age] for age in second))
    assert current_gaps() == gaps
    assert current_gaps(as_of=TODAY - DAY) == set()


@pytest.mark.alike
@pytest.mark.parametrize("status", ["inactive", "no_evidence", "withdrawn"])
def test_what_is_no_progress_is_not_renewed(judge, happened, status):
    event = happened(steps.REPORT, steps.RESOLUTION, effective_on=TODAY - 30 * DAY)
    judge(event, effective_on=TODAY - DAY)
    judge(event, status=status)
    assert current_gaps() == set()


# Criteria


def replace_criterion(duty, key, by, at):
    duty.criteria.filter(key=key).update(retired_at=at)
    assessing.add_criteria(duty, [by], at)


@pytest.mark.long
def test_criteria_replaced_since_are_a_gap(duty, event_with_criteria, judge):
    found = findings(SHOWN, SHOWN, SHOWN, events=event_with_criteria)
    judge(found=found, status="active")
    replace_criterion(duty, "c", "d", NOW + HOUR)
    assert current_gaps(NOW + HOUR) == {"criteria_changed"}
    assert current_gaps(NOW + HOUR, known_at=NOW) == set()
    assert current_gaps(NOW + HOUR, known_at=NOW + HOUR) == {"criteria_changed"}


@pytest.mark.long
def test_criteria_of_a_commitment_that_had_none_are_a_gap(duty, judge, happened):
    judge(happened(steps.REPORT, steps.RESOLUTION))
    assert current_gaps() == set()
    assessing.add_criteria(duty)
    assert current_gaps() == {"criteria_changed"}


def test_what_is_free_of_findings_has_no_criteria_that_changed(event_with_criteria, judge):
    judge(*event_with_criteria, status="withdrawn")
    assert current_gaps() == set()


# Where readers find them


@pytest.mark.long
@pytest.mark.alike
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


@pytest.mark.long
@pytest.mark.alike
def test_the_methodology_shows_how_many_links_were_checked(client, assessment):
    def coverage_section():
        page = " ".join(client.get("/en/PLAN/methodology/").text.split())
        return page[page.index("Weak basis</h2>") : page.index("Totals</h2>")]

    assessment(steps.REPORT)
    assert "There are no public links yet." in coverage_section()
    assessment(LINK, OTHER, {**LINK, "url": "https://example.org/internal", "public": False})
    assessment(LINK)
    assert "Public links checked so far: 0 of 2." in coverage_section()
    break_links(LINK)
    assert "Public links checked so far: 1 of 2." in coverage_section()


@pytest.mark.long
@pytest.mark.alike
def test_the_page_and_files_say_what_makes_the_basis_weak(assessment, client, get_page, noon):
    assert "Weak basis" not in get_page("/en/PLAN/commitments/1.1/")
    assessment(steps.STATEMENT)
    page = get_page("/en/PLAN/commitments/1.1/")
    assert "<dt>Weak basis</dt><dd>One source only · Statements by a party only</dd>" in page
    file = client.get("/api/v1/commitments/export/?plan=PLAN&format=csv")
    content = b"".join(file.streaming_content).decode()
    assert '"one_source; statements_only"' in content
