"""The facts of a report equal the record and its roll-ups."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import rollups
from commitments.choices import (
    Action,
    CoverageGap,
    Kind,
    Movement,
    Status,
    Tone,
    effective_tone,
)
from commitments.clocks import Clock
from commitments.models import Commitment, ProgressUpdate
from commitments.reports import ReportPeriod, read_period_report
from tests import steps
from tests.examples import examples
from tests.factories import CommitmentFactory, ForumFactory
from tests.fixtures.worlds import people, shared_world, the_deliverable, the_duty, the_plan
from tests.steps import NOW, TODAY
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

LATER = NOW + timedelta(days=1)
QUARTER = ReportPeriod(date(2026, 4, 1), date(2026, 6, 30))


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield build()


def build():
    """1.1 was active in 2025 and is so in part since May; 1.2 was started in 2024, which lapsed;
    1.4 is not assessed, and has an event of April."""
    reporter, reviewer, _curator = people()
    plan = the_plan()
    duty, deliverable = the_duty(plan), the_deliverable(plan)
    other = CommitmentFactory(plan=plan, number="1.4", position=4)
    for code in ("SILENT", "BUSY"):
        duty.partnerships.create(forum=ForumFactory(code=code))
    busy = duty.partnerships.get(forum__code="BUSY").forum

    def publish(commitment, on, **fields):
        return steps.published(commitment, reporter, reviewer, effective_on=on, **fields)

    publish(duty, date(2025, 3, 1), status="active")
    publish(duty, date(2026, 5, 1), status="partly_active", forums=[busy])
    publish(deliverable, date(2024, 3, 1), status="started", evidence=[steps.STATEMENT])
    event = publish(other, date(2026, 4, 1), evidence=[steps.STATEMENT, steps.INTERNAL])
    publish(other, date(2026, 3, 31))
    return SimpleNamespace(plan=plan, event=event)


def report_on(plan, period=QUARTER, known_at=None, **filters):
    clock = Clock(LATER, period.last, known_at)
    periods = plan.review_periods(clock)
    rows = Commitment.objects.filter(plan=plan, **filters).in_order().at(clock, periods)
    return read_period_report(rows, plan, period, clock, periods)


def numbers(rows):
    return [row.number for row in rows]


def test_changes_are_those_between_the_day_before_the_period_and_its_last_day(built):
    report = report_on(built.plan)
    assert report.movements == {Movement.WORSE: 1, Movement.UNCHANGED: 2}
    [worse] = report.moved(Movement.WORSE)
    statuses = (worse.before.assessment_status, worse.after.assessment_status)
    assert (worse.after.number, *statuses) == ("1.1", "active", "partly_active")
    assert worse.assessment.update.effective_on == date(2026, 5, 1)


@pytest.mark.long
def test_what_is_dated_on_the_first_day_belongs_to_the_period(built):
    period = ReportPeriod(date(2026, 5, 1), date(2026, 5, 1))
    assert report_on(built.plan, period).movements[Movement.WORSE] == 1
    period = ReportPeriod(date(2026, 5, 2), date(2026, 6, 30))
    assert report_on(built.plan, period).movements == {Movement.UNCHANGED: 3}


@pytest.mark.long
def test_an_assessment_that_lapses_in_the_period_is_reported(built):
    assert report_on(built.plan).moved(Movement.LAPSED) == []
    lapse = date(2024, 3, 1) + timedelta(days=2 * 365 + 1)
    period = ReportPeriod(lapse, lapse)
    [lapsed] = report_on(built.plan, period).moved(Movement.LAPSED)
    assert (lapsed.after.number, lapsed.is_news) == ("1.2", True)
    period = ReportPeriod(lapse + timedelta(days=1), lapse + timedelta(days=1))
    assert report_on(built.plan, period).moved(Movement.LAPSED) == []


def test_events_are_those_of_the_period_by_commitment(built):
    report = report_on(built.plan)
    found = [
        (row.commitment.number, [event.update.effective_on for event in row.events])
        for row in report.events
    ]
    assert found == [("1.1", [date(2026, 5, 1)]), ("1.4", [date(2026, 4, 1)])]
    assert numbers(report.quoted) == ["1.1", "1.4"]


def test_sources_are_numbered_once_and_public_alone(built):
    report = report_on(built.plan)
    titles = [str(piece.title) for _number, piece in report.sources.numbered]
    assert titles == [steps.REPORT["title"], steps.STATEMENT["title"]]
    assert [event.sources for row in report.events for event in row.events] == [[1], [2]]


@pytest.mark.long
def test_an_assessment_has_the_sources_of_the_events_on_which_it_rests(
    built, deliverable, reporter, reviewer
):
    def publish(**fields):
        return steps.published(deliverable, reporter, reviewer, **fields)

    event = publish(effective_on=date(2025, 6, 1), evidence=[steps.RESOLUTION, steps.INTERNAL])
    publish(
        effective_on=date(2026, 6, 1),
        status="started",
        event_type=None,
        evidence=[],
        rests_on=[event.pk],
    )
    period = ReportPeriod(date(2026, 6, 1), date(2026, 6, 30))
    report = report_on(built.plan, period, number="1.2")
    [change] = report.changes
    assert change.comparison.after_gap
    assert (change.assessment.sources, report.events) == ([1], [])
    [(_number, piece)] = report.sources.numbered
    assert str(piece.title) == steps.RESOLUTION["title"]


def test_what_is_not_known_is_listed(built):
    report = report_on(built.plan)
    assert numbers(report.unassessed) == ["1.4"]
    assert numbers(report.lapsed) == ["1.2"]
    assert numbers(report.gaps[CoverageGap.STATEMENTS_ONLY]) == ["1.2"]
    silent = [(row.forum.code, row.commitments) for row in report.silent_forums]
    assert (silent, report.forum_count) == ([("SILENT", 1)], 2)


@pytest.mark.long
def test_all_that_counts_as_unknown_is_listed_as_not_known(built, reporter, reviewer):
    row = CommitmentFactory(plan=built.plan, number="1.9", position=9)
    fields = {"status": "no_evidence", "event_type": None, "search_note": en_zh("The site.")}
    steps.published(row, reporter, reviewer, effective_on=date(2026, 6, 1), evidence=[], **fields)
    report = report_on(built.plan)
    assert numbers(report.not_evidenced) == ["1.9"]
    listed = [*report.unassessed, *report.not_evidenced, *report.lapsed]
    unknown = [
        row
        for row in report.commitments
        if effective_tone(row.assessment_status, row.freshness) is Tone.UNKNOWN
    ]
    assert sorted(numbers(listed)) == sorted(numbers(unknown))
    of_themselves = {status for status in Status if status.rule.tone is Tone.UNKNOWN}
    assert of_themselves == {Status.UNASSESSED, Status.NO_EVIDENCE}


def test_a_forum_is_silent_in_a_period_although_it_was_active_before(built):
    report = report_on(built.plan, ReportPeriod(date(2026, 6, 1), date(2026, 6, 30)))
    assert {row.forum.code for row in report.silent_forums} == {"SILENT", "BUSY"}


@pytest.mark.long
def test_a_forum_is_active_in_a_long_period_whatever_the_review_interval(
    built, duty, reporter, reviewer
):
    silent = duty.partnerships.get(forum__code="SILENT").forum
    day = date(2019, 5, 1)
    steps.published(duty, reporter, reviewer, effective_on=day, forums=[silent])
    assert [row.forum.code for row in report_on(built.plan).silent_forums] == ["SILENT"]
    period = ReportPeriod(date(2019, 1, 1), date(2026, 6, 30))
    assert report_on(built.plan, period).silent_forums == []


def test_only_what_was_known_at_the_time_is_reported(built):
    report = report_on(built.plan, known_at=NOW - timedelta(hours=1))
    assert report.movements == {Movement.UNCHANGED: 3}
    assert (report.events, report.latest_entry) == ([], None)
    assert numbers(report.unassessed) == ["1.1", "1.2", "1.4"]


@pytest.mark.long
def test_corrections_and_withdrawals_published_in_the_period_are_reported(built, reviewer):
    event = ProgressUpdate.objects.get(pk=built.event.pk)
    steps.perform(event, Action.RETRACT, reviewer, LATER, note="Wrong.")
    period = ReportPeriod(TODAY, TODAY + timedelta(days=1))
    [correction] = report_on(built.plan, period).corrections
    assert (correction.decision.action, correction.note) == (Action.RETRACT, "Wrong.")
    assert report_on(built.plan, period, number="1.1").corrections == []
    assert report_on(built.plan).corrections == []
    assert report_on(built.plan, period, known_at=NOW).corrections == []


@pytest.mark.long
def test_a_text_withdrawn_since_is_withheld_and_counted(built, reviewer):
    event = ProgressUpdate.objects.get(pk=built.event.pk)
    steps.perform(event, Action.RETRACT, reviewer, LATER, note="Wrong.")
    report = report_on(built.plan, known_at=NOW)
    assert [row.commitment.number for row in report.events] == ["1.1"]
    assert report.withdrawn_events == 1
    assert report_on(built.plan).withdrawn_events == 0


def test_drafts_and_submitted_updates_are_not_reported(built, duty, reporter):
    steps.draft(duty, reporter, effective_on=date(2026, 6, 1), summary=en_zh("Secret."))
    steps.submitted(duty, reporter, effective_on=date(2026, 6, 2), summary=en_zh("Secret."))
    [events, _other] = report_on(built.plan).events
    assert [str(event.update.summary) for event in events.events] == ["A meeting was held."]


def test_an_empty_selection_has_nothing(built):
    report = report_on(built.plan, number="9.9")
    assert (report.changes, report.events, report.sources.numbered) == ([], [], [])
    assert report.closing.commitments == 0


days = st.dates(min_value=date(2016, 1, 1), max_value=TODAY)


@pytest.mark.long
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(days, days, st.sampled_from([None, Kind.STANDING, Kind.DELIVERABLE]))
def test_the_figures_are_those_of_the_roll_ups_on_both_days(built, one, other, kind):
    period = ReportPeriod(min(one, other), max(one, other))
    filters = {"kind": kind} if kind else {}
    report = report_on(built.plan, period, **filters)
    for day, group in ((period.opening_day, report.opening), (period.last, report.closing)):
        clock = Clock(LATER, day)
        rows = Commitment.objects.filter(plan=built.plan, **filters).at(clock)
        activity = ProgressUpdate.objects.activity(clock)
        assert group == rollups.report(rows, None, activity).total


@pytest.mark.long
def test_the_number_of_queries_does_not_grow_with_the_commitments(built, reporter, reviewer):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            report_on(built.plan)
        return len(captured)

    few = queries()
    for place in range(5, 10):
        more = CommitmentFactory(plan=built.plan, number=f"1.{place}", position=place)
        more.partnerships.create(forum=ForumFactory(code=f"F{place}"))
        for day in (date(2026, 4, 5), date(2026, 6, 5)):
            steps.published(more, reporter, reviewer, status="active", effective_on=day)
    assert queries() == few
    assert few == 13
