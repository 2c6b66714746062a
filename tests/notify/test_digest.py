"""The digest: what waits for a person, once in their period, and nothing otherwise."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from commitments.admin.workbench.desk import all_sections
from commitments.choices import Role
from commitments.clocks import Clock
from commitments.models import Mail, MailPreference, Meeting
from commitments.notify import digest, due
from commitments.notify.days import start_of_week
from tests.factories import LONG_AGO, CommitmentFactory, ForumFactory, UserFactory
from tests.steps import draft, published, returned, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

SITE = "https://tracker.example.org"
# A Monday, when the weekly ones go out.
MONDAY = datetime(2026, 7, 6, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def people(reporter, reviewer, with_addresses):
    with_addresses(reporter, reviewer)
    User.objects.update(date_joined=LONG_AGO)
    return reporter, reviewer


def test_it_has_what_waits_for_this_person_with_a_link_to_each(duty, people, sent):
    waiting = submitted(duty, people[0])
    back = returned(duty, *people)
    digests = [mail for mail in sent(MONDAY) if "Your desk" in mail.subject]
    own, others = (mail.body for mail in digests)
    assert "Returned to me (1)" in own
    assert f"{SITE}/admin/updates/{back.pk}/" in own
    assert f"{SITE}/admin/log/PLAN-1.1/" in own
    assert "Waiting for my review" not in own
    assert "Waiting for my review (1)" in others
    assert f"{SITE}/admin/review/{waiting.pk}/" in others
    assert "Returned to me" not in others


def test_nothing_is_sent_to_whom_nothing_waits_for(people, sent):
    assert sent(MONDAY) == []
    assert set(Mail.objects.values_list("state", flat=True)) == {"dropped"}
    assert sent(MONDAY + timedelta(hours=1)) == []


def test_what_others_do_is_no_digest(duty, people, sent):
    published(duty, *people, status="active")
    draft(duty, people[0])
    digests = [mail for mail in sent(MONDAY) if "Your desk" in mail.subject]
    assert digests == []


def test_it_comes_once_a_week_and_a_missed_run_is_made_up_for(duty, people, sent):
    submitted(duty, people[0])

    def digests(at):
        return [mail.to[0] for mail in sent(at) if mail.to == ["reviewer@example.org"]]

    assert digests(MONDAY - 3 * DAY) == ["reviewer@example.org"]
    assert digests(MONDAY.replace(hour=5)) == []
    assert digests(MONDAY + 2 * DAY) == ["reviewer@example.org"]
    assert digests(MONDAY + 2 * DAY) == []
    assert digests(MONDAY + 7 * DAY) == ["reviewer@example.org"]


@pytest.mark.parametrize(("period", "expected"), [("daily", 3), ("weekly", 1), ("never", 0)])
def test_a_person_chooses_how_often_it_comes(duty, people, sent, period, expected):
    submitted(duty, people[0])
    MailPreference.objects.create(user=people[1], language="en", digest=period)
    days = [sent(MONDAY + number * DAY) for number in range(3)]
    to_reviewer = [mail for day in days for mail in day if mail.to == ["reviewer@example.org"]]
    assert len(to_reviewer) == expected


def test_of_those_that_waited_for_a_server_the_last_one_is_sent(duty, people, sent):
    submitted(duty, people[0])
    for week in range(3):
        due.put_what_is_due(MONDAY + week * 7 * DAY)
    mails = sent(MONDAY + 14 * DAY)
    assert len([mail for mail in mails if mail.to == ["reviewer@example.org"]]) == 1


@pytest.mark.parametrize("who", ["new", "former", "roleless", "without an address"])
def test_who_gets_none(duty, people, sent, who):
    submitted(duty, people[0])
    roles = [] if who == "roleless" else [Role.REVIEWER]
    UserFactory(
        username="somebody",
        roles=roles,
        email="" if who == "without an address" else "somebody@example.org",
        is_active=who != "former",
        date_joined=MONDAY if who == "new" else LONG_AGO,
    )
    assert ["somebody@example.org"] not in [mail.to for mail in sent(MONDAY)]


def test_a_role_that_was_taken_meanwhile_is_no_reader(office_duty, office, people, sent):
    office.members.add(people[1])
    due.put_what_is_due(MONDAY)
    people[1].groups.clear()
    assert ["reviewer@example.org"] not in [mail.to for mail in sent(MONDAY)]


def test_every_line_of_the_desk_can_be_written(duty, people, administrator, sent):
    """Each section in the digest has a writer for its rows."""
    sections = all_sections(administrator, Clock(now=MONDAY))
    assert {section.name for section in sections} >= set(digest.SECTIONS_IN_DIGEST)
    wanted = [section for section in sections if section.name in digest.SECTIONS_IN_DIGEST]
    assert {section.kind for section in wanted} <= set(digest.LINE_WRITERS)


def test_meetings_have_their_days_and_long_sections_are_cut(
    people, duty, curator, with_addresses, sent
):
    with_addresses(curator)
    User.objects.update(date_joined=LONG_AGO)
    forum = ForumFactory(code="UN")
    duty.forums.add(forum)
    Meeting.objects.create(
        forum=forum,
        title=en_zh("Session", "会议"),
        starts_on=date(2026, 7, 20),
        ends_on=date(2026, 7, 24),
        papers_due_on=date(2026, 7, 10),
        changed_at=MONDAY,
    )
    for number in range(2, 15):
        CommitmentFactory(plan=duty.plan, number=f"1.{number}", position=number)
    [mail] = [mail for mail in sent(MONDAY) if mail.to == ["curator@example.org"]]
    assert "- UN Session · 20 – 24 July 2026 · papers due on 10 July 2026\n" in mail.body
    assert "due within 90 days (14)" in mail.body
    assert "\nand 4 more\n" in mail.body
    assert mail.body.count("/admin/log/PLAN-") == 10


def test_it_costs_as_much_for_each_person(duty, people, sent, django_assert_max_num_queries):
    submitted(duty, people[0])
    with django_assert_max_num_queries(70):
        sent(MONDAY)


@pytest.mark.long
def test_whenever_runs_come_there_is_one_digest_a_week(duty, people, sent):
    """A hundred runs at any hours of eight weeks, some at once."""
    submitted(duty, people[0])
    chosen = random.Random(3)
    hours = sorted(chosen.randrange(8 * 7 * 24) for _number in range(100))
    times = [MONDAY.replace(hour=0) + timedelta(hours=hour) for hour in hours]
    weeks = [
        start_of_week(at)
        for at in times
        for mail in sent(at)
        if mail.to == ["reviewer@example.org"]
    ]
    assert len(weeks) == len(set(weeks))
    assert set(weeks) == {start_of_week(at) for at in times if at.hour >= 6}
