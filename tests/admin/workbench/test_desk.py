"""The work queue of a user, on the first page of the admin."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from commitments.admin.workbench.desk import desk_sections
from commitments.choices import Action
from commitments.clocks import Clock
from commitments.curation.report_calls import ask_for_reports
from commitments.models import ProgressUpdate
from commitments.workflow import work_queue
from tests.factories import CommitmentFactory, MilestoneFactory, PlanFactory
from tests.staff_pages import listed
from tests.steps import NOW, RESOLUTION, draft, perform, published, returned, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

CLOCK, DAY = Clock(now=NOW), timedelta(days=1)
# Of the desk of a reporter.
QUERIES = 36


@pytest.mark.long
def test_an_empty_desk_says_so(client, reporter):
    client.force_login(reporter)
    assert "Nothing waits for you" in client.get("/admin/").text


@pytest.mark.long
def test_whoever_has_nothing_to_do_reads_what_is_due_and_finds_the_list_of_it(
    client, plan, duty, deliverable, office_duty, reviewer
):
    client.force_login(reviewer)
    page = client.get("/admin/").text
    assert "Nothing waits for you; 3 assessments are due now or within three months." in page
    assert "nothing is due" not in page
    assert 'href="?section=all_due"' in page
    listed = client.get("/admin/?section=all_due").text
    for row in (duty, deliverable, office_duty):
        assert f'href="/admin/commitments/commitment/{row.pk}/change/"' in listed
    answer = client.get("/admin/", headers={"Accept-Language": "zh-hans"}).text
    assert "暂无待办；另有3项评估待复核（含三个月内到期的）。" in answer


@pytest.mark.long
def test_what_is_due_is_said_beside_news_too_and_of_the_plan_that_is_shown(
    client, duty, office_duty, reporter, reviewer
):
    other = CommitmentFactory(plan=PlanFactory(code="OTHER"), number="7")
    published(other, reporter, reviewer, status="active")
    published(duty, reporter, reviewer, status="active")
    client.force_login(reviewer)
    assert "Nothing waits for you; 1 assessment is due" in client.get("/admin/").text
    page = client.get("/admin/?plan=OTHER").text
    assert "Nothing waits for you, and nothing is due within three months." in page
    page = client.get("/admin/?plan=PLAN").text
    assert 'href="?section=all_due&amp;plan=PLAN"' in page
    listed = client.get("/admin/?section=all_due&plan=PLAN").text
    assert "PLAN-1.3" in listed
    assert "OTHER-7" not in listed


def test_whoever_has_work_does_not_read_that_nothing_waits(client, duty, reporter, reviewer):
    submitted(duty, reporter)
    client.force_login(reviewer)
    assert "Nothing waits" not in client.get("/admin/").text


def test_a_desk_is_never_empty_while_something_is_to_be_assessed(client, duty, reporter):
    """Also for a reporter without an office, if the commitment has none either."""
    client.force_login(reporter)
    page = client.get("/admin/").text
    assert "Nothing waits for you" not in page
    assert 'href="/admin/log/PLAN-1.1/"' in page
    assert "Not yet assessed" in page


@pytest.mark.long
def test_what_an_office_has_in_charge_is_not_on_the_desk_of_others(
    desk, office_duty, colleague, other_reporter
):
    assert desk(colleague)["needs_attention"] == (1, [(str(office_duty), "")])
    assert desk(other_reporter) == {}


@pytest.mark.long
def test_a_reporter_finds_what_was_returned_and_why_and_their_drafts(
    desk, duty, reporter, other_reporter, reviewer
):
    back = returned(duty, reporter, reviewer)
    perform(back, Action.SUBMIT, reporter)
    perform(back, Action.RETURN, reviewer, note="Name the meeting, please.")
    mine = draft(duty, reporter, evidence=[])
    draft(duty, other_reporter)
    found = desk(reporter)
    assert found["returned"] == (1, [(str(back), "Name the meeting, please.")])
    assert found["drafts"] == (1, [(str(mine), "An event requires a source.")])


@pytest.mark.long
def test_a_reviewer_finds_what_waits_the_oldest_first_and_never_their_own(
    desk, duty, reporter, all_rounder, reviewer
):
    day = {"effective_on": date(2026, 6, 1)}
    own = submitted(duty, all_rounder, NOW - timedelta(days=3), **day)
    first = submitted(duty, reporter, NOW - timedelta(days=2), **day)
    second = submitted(duty, reporter, NOW - timedelta(days=1), **day)
    lines = [(str(first), ""), (str(second), "")]
    assert desk(all_rounder)["to_review"] == (2, lines)
    assert desk(reviewer)["to_review"] == (3, [(str(own), ""), *lines])


@pytest.mark.long
def test_each_line_is_one_click_from_the_work(client, duty, office_duty, colleague, reviewer):
    back = returned(duty, colleague, reviewer)
    waiting = submitted(duty, colleague)
    step = MilestoneFactory(commitment=office_duty, due_on=NOW + timedelta(days=30))
    published(office_duty, colleague, reviewer, status="inactive", effective_on=date(2024, 1, 1))
    client.force_login(colleague)
    page = client.get("/admin/").text
    for address in (
        f"/admin/updates/{back.pk}/",
        f"/admin/log/{office_duty.code}/",
        f"/admin/log/{step.commitment.code}/",
    ):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200
    client.force_login(reviewer)
    address = f"/admin/review/{waiting.pk}/"
    assert f'href="{address}"' in client.get("/admin/").text


@pytest.mark.long
def test_an_author_finds_what_waits_for_a_reviewer_and_what_was_published(
    desk, duty, reporter, reviewer
):
    long_ago = NOW - timedelta(days=15)
    published(duty, reporter, reviewer, long_ago, effective_on=date(2026, 6, 1))
    waiting = submitted(duty, reporter)
    done = published(duty, reporter, reviewer)
    found = desk(reporter)
    assert found["in_review"] == (1, [(str(waiting), "")])
    assert found["published"] == (1, [(str(done), "")])


@pytest.mark.long
def test_what_was_published_since_the_last_visit_stays_on_the_desk_while_this_one_lasts(
    client, duty, reporter, reviewer
):
    month_ago = NOW - timedelta(days=30)
    with time_machine.travel(month_ago, tick=False):
        client.force_login(reporter)
    published(duty, reporter, reviewer, month_ago - DAY, effective_on=date(2026, 5, 1))
    new = published(duty, reporter, reviewer, month_ago + DAY, effective_on=date(2026, 6, 1))
    client.force_login(reporter)
    for hours in (0, 2, 11):
        with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
            if hours == 11:
                client.force_login(reporter)
            [news] = [
                row for row in client.get("/admin/").context["desk"] if row.name == "published"
            ]
        assert [row for row, _remark in news.rows] == [new]
        assert news.title == "Published since my last visit, 1 June 2026"


@pytest.mark.long
def test_a_colleague_finds_what_others_write_on_the_commitments_of_their_office(
    desk, office, office_duty, colleague, reporter, reviewer
):
    office.members.add(reporter)
    writing, waiting = draft(office_duty, reporter), submitted(office_duty, reporter)
    done = published(office_duty, reporter, reviewer)
    found = desk(colleague)
    assert {line for line, _remark in found["around"][1]} == {str(writing), str(waiting)}
    assert found["published"] == (1, [(str(done), "")])


@pytest.mark.long
def test_the_menu_counts_what_waits_for_a_reviewer(client, duty, reporter, reviewer):
    for _number in range(2):
        submitted(duty, reporter)
    client.force_login(reviewer)
    for address in ("/admin/", "/admin/records/", "/admin/commitments/plan/"):
        page = " ".join(client.get(address).text.split())
        assert 'Review <span class="count">2</span></a>' in page, address


def test_the_menu_counts_on_the_desk_what_was_asked_of_a_reporter(
    client, plan, duty, deliverable, reporter, reviewer, curator
):
    returned(deliverable, reporter, reviewer)
    ask_for_reports(plan, by=curator, at=NOW, due_on=date(2026, 8, 1))
    client.force_login(reporter)
    page = " ".join(client.get("/admin/records/").text.split())
    assert 'My desk <span class="count">2</span></a>' in page
    client.force_login(reviewer)
    assert "My desk</a>" in " ".join(client.get("/admin/records/").text.split())


def test_waiting_is_counted_in_days_of_the_plan(duty, deliverable, reporter, reviewer, client):
    # In Beijing it is half past midnight.
    now = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
    submitted(deliverable, reporter, now - timedelta(minutes=40))
    submitted(duty, reporter, now - timedelta(minutes=10))
    with time_machine.travel(now, tick=False):
        client.force_login(reviewer)
        page = client.get("/admin/").text
    assert page.count("waiting since today") == 1
    assert page.count("waiting for 1 day\n") == 1


@pytest.mark.parametrize(
    ("days", "is_met", "shown"),
    [
        (-1, False, True),
        (0, False, True),
        (90, False, True),
        (91, False, False),
        (30, True, False),
    ],
)
def test_milestones_not_met_that_are_overdue_or_due_within_90_days_are_shown(
    days, is_met, shown, office_duty, colleague, reviewer
):
    day = date(2026, 7, 1) + timedelta(days=days)
    step = MilestoneFactory(commitment=office_duty, due_on=day)
    if is_met:
        published(office_duty, colleague, reviewer, meets=[step.key])
    assert (step in work_queue.milestones_ahead(colleague, CLOCK)) == shown


def test_a_milestone_is_due_on_a_day_of_its_plan(office, colleague):
    """At 23:30 UTC it is the next day in Kiritimati and the same in Los Angeles."""
    late = Clock(now=NOW.replace(hour=23, minute=30))
    for zone, shown in (("Pacific/Kiritimati", True), ("America/Los_Angeles", False)):
        plan = PlanFactory(time_zone=zone)
        step = MilestoneFactory(
            commitment=CommitmentFactory(plan=plan, lead_office=office), due_on="2026-09-30"
        )
        assert (step in work_queue.milestones_ahead(colleague, late)) == shown


@pytest.mark.long
def test_what_does_not_fit_is_linked_and_the_list_has_exactly_what_is_counted(
    client, plan, office, colleague, reviewer, curator, reporter, monkeypatch
):
    monkeypatch.setattr("commitments.admin.workbench.desk.ROWS_PER_SECTION", 2)
    monkeypatch.setattr("commitments.admin.workbench.desk.ROWS_OF_NEWS", 2)
    rows = [
        CommitmentFactory(plan=plan, number=f"7.{n}", position=10 + n, lead_office=office)
        for n in range(5)
    ]
    published(rows[0], colleague, reviewer, NOW - 40 * DAY, effective_on=date(2026, 5, 1))
    for row in rows:
        MilestoneFactory(commitment=row, due_on=date(2026, 7, 20))
        draft(row, colleague)
        returned(row, colleague, reviewer)
        submitted(row, colleague)
        published(row, colleague, reviewer)
    # What others published, and what was published long ago, is in no section of this desk.
    elsewhere = CommitmentFactory(plan=plan, number="9.9")
    published(elsewhere, reporter, reviewer)
    ask_for_reports(plan, by=curator, at=NOW + DAY, due_on=date(2026, 8, 1))
    client.force_login(colleague)
    sections = {section.name: section for section in client.get("/admin/").context["desk"]}
    for name in ("drafts", "returned", "in_review", "published", "needs_attention", "milestones"):
        assert sections[name].count == 5, name
        assert len(sections[name].rows) == 2
        found = listed(client, sections[name])
        assert len(found) == len(set(found)) == 5, name
        assert set(found) == set(sections[name].all_rows), name
    assert len(listed(client, sections["asked_for"])) == sections["asked_for"].count == 6
    page = client.get("/admin/").text
    assert '<a href="?section=published">All 5</a>' in page
    assert "The first 2" not in page


@pytest.mark.long
def test_a_section_of_another_name_is_no_section(client, duty, reporter):
    client.force_login(reporter)
    page = client.get("/admin/?section=none").text
    assert "The desk has no section “none”." in page
    assert "Not yet assessed" in page
    empty = client.get("/admin/?section=drafts").text
    assert "None yet." in empty
    assert 'href="/admin/"' in empty


def test_where_all_fits_there_is_no_link_to_all(client, duty, reporter):
    draft(duty, reporter)
    client.force_login(reporter)
    assert ">All 1</a>" not in client.get("/admin/").text


@pytest.mark.long
def test_a_desk_costs_the_same_queries_for_few_and_for_many(
    client, duty, reporter, reviewer, django_assert_num_queries
):
    client.force_login(reporter)
    returned(duty, reporter, reviewer)
    draft(duty, reporter)
    with django_assert_num_queries(QUERIES):
        client.get("/admin/")
    for _number in range(4):
        returned(duty, reporter, reviewer)
        draft(duty, reporter)
    with django_assert_num_queries(QUERIES):
        client.get("/admin/")


@pytest.mark.long
def test_a_call_whose_deadline_is_over_is_said_to_be_overdue(client, plan, duty, reporter, curator):
    ask_for_reports(plan, by=curator, at=NOW, due_on=date(2026, 7, 15))
    for day, words in ((15, "due on 15 July 2026"), (16, "overdue since 15 July 2026")):
        with time_machine.travel(datetime(2026, 7, day, 12, tzinfo=UTC), tick=False):
            client.force_login(reporter)
            assert words in client.get("/admin/").text


@pytest.mark.long
def test_what_left_the_desk_is_gone_from_it(desk, duty, reporter, reviewer):
    waiting = submitted(duty, reporter)
    perform(ProgressUpdate.objects.get(pk=waiting.pk), Action.PUBLISH, reviewer)
    assert "to_review" not in desk(reviewer)


def test_whoever_lost_their_roles_has_no_desk(client, duty, reporter, reviewer):
    returned(duty, reporter, reviewer)
    draft(duty, reporter)
    reporter.groups.clear()
    former = type(reporter).objects.get(pk=reporter.pk)
    assert desk_sections(former) == []
    client.force_login(former)
    assert client.get("/admin/").url == "/admin/login/?next=/admin/"


@pytest.mark.long
@pytest.mark.parametrize("keeps_account", [False, True])
def test_a_curator_finds_drafts_of_former_reporters(
    desk, duty, reporter, reviewer, curator, keeps_account
):
    mine, back = draft(duty, reporter), returned(duty, reporter, reviewer)
    draft(duty, reporter)
    assert "orphaned_drafts" not in desk(curator)
    if keeps_account:
        reporter.groups.clear()
    else:
        reporter.is_active = False
        reporter.save()
    count, lines = desk(curator)["orphaned_drafts"]
    assert count == 3
    assert {(str(mine), ""), (str(back), "")} < set(lines)
    assert "orphaned_drafts" not in desk(reviewer)


def test_a_draft_that_lacks_nothing_is_said_to_be_ready(desk, duty, reporter):
    draft(duty, reporter, evidence=[RESOLUTION])
    draft(duty, reporter, evidence=[])
    _count, rows = desk(reporter)["drafts"]
    assert sorted(remark == "Ready to submit." for _row, remark in rows) == [False, True]
