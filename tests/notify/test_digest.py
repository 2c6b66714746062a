"""The digest: what waits for a person, once in their period, and nothing otherwise."""

import random
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from commitments import accounts
from commitments.accounts.words import request_words
from commitments.admin.workbench.desk import all_sections
from commitments.choices import Role
from commitments.clocks import Clock
from commitments.curation.report_calls import ask_for_reports
from commitments.models import Mail, MailPreference, Meeting
from commitments.notify import digest, due
from commitments.notify.days import start_of_week
from tests.factories import (
    LONG_AGO,
    CommitmentFactory,
    ForumFactory,
    MeetingFactory,
    MilestoneFactory,
    UserFactory,
)
from tests.steps import NOW, asked_to_erase, draft, published, returned, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

SITE = "https://tracker.example.org"
# A Monday, when the weekly ones go out.
MONDAY = datetime(2026, 7, 6, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NEW_ACCOUNT = {"username": "new", "is_active": True, "is_superuser": True, "roles": []}


@pytest.fixture
def people(reporter, reviewer, with_addresses):
    with_addresses(reporter, reviewer)
    User.objects.update(date_joined=LONG_AGO)
    return reporter, reviewer


def digests(sent):
    """Return the digests of a run on Monday."""
    return [mail for mail in sent(MONDAY) if "Your desk" in mail.subject]


@pytest.mark.long
def test_it_has_what_waits_for_this_person_with_a_link_to_each(duty, people, sent):
    waiting = submitted(duty, people[0])
    back = returned(duty, *people)
    own, others = (mail.body for mail in digests(sent))
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


@pytest.mark.long
def test_what_others_do_is_no_digest(duty, people, sent):
    published(duty, *people, status="active")
    submitted(duty, people[0])
    assert [mail.to for mail in digests(sent)] == [["reviewer@example.org"]]


@pytest.mark.long
def test_a_draft_that_somebody_began_and_left_lying_comes_back(duty, people, sent):
    published(duty, *people, status="active")
    begun = draft(duty, people[0])
    [mail] = digests(sent)
    assert (mail.to, mail.subject) == (["reporter@example.org"], "Your desk: 1 to do")
    assert "My drafts (1)" in mail.body
    assert f"{SITE}/admin/updates/{begun.pk}/" in mail.body


@pytest.mark.long
def test_it_comes_once_a_week_and_a_missed_run_is_made_up_for(duty, people, sent):
    submitted(duty, people[0])

    def digests(at):
        return [mail.to[0] for mail in sent(at) if mail.to == ["reviewer@example.org"]]

    assert digests(MONDAY - 3 * DAY) == ["reviewer@example.org"]
    assert digests(MONDAY.replace(hour=5)) == []
    assert digests(MONDAY + 2 * DAY) == ["reviewer@example.org"]
    assert digests(MONDAY + 2 * DAY) == []
    assert digests(MONDAY + 7 * DAY) == ["reviewer@example.org"]


@pytest.mark.long
@pytest.mark.parametrize(("period", "expected"), [("daily", 3), ("weekly", 1), ("never", 0)])
def test_a_person_chooses_how_often_it_comes(duty, people, sent, period, expected):
    submitted(duty, people[0])
    MailPreference.objects.create(user=people[1], language="en", digest=period)
    days = [sent(MONDAY + number * DAY) for number in range(3)]
    to_reviewer = [mail for day in days for mail in day if mail.to == ["reviewer@example.org"]]
    assert len(to_reviewer) == expected


@pytest.mark.long
def test_of_those_that_waited_for_a_server_the_last_one_is_sent(duty, people, sent):
    submitted(duty, people[0])
    for week in range(3):
        due.put_what_is_due(MONDAY + week * 7 * DAY)
    mails = sent(MONDAY + 14 * DAY)
    assert len([mail for mail in mails if mail.to == ["reviewer@example.org"]]) == 1


@pytest.mark.long
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


@pytest.mark.long
def test_every_line_has_its_words_and_the_address_at_which_it_is_done(
    duty, office_duty, office, people, administrator, second_administrator, with_addresses, sent
):
    """On the desk of an administrator everything may wait that a digest tells."""
    reporter, reviewer = people
    with_addresses(administrator)
    User.objects.update(date_joined=LONG_AGO)
    back = returned(duty, administrator, reviewer)
    waiting = submitted(duty, reporter)
    begun = draft(duty, administrator, effective_on=date(2026, 6, 4))
    former = UserFactory(username="former", roles=[Role.REPORTER])
    orphan = draft(duty, former, effective_on=date(2026, 6, 3))
    User.objects.filter(pk=former.pk).update(is_active=False)
    erasure = asked_to_erase(published(duty, reporter, reviewer), ["summary"], second_administrator)
    account = accounts.request_change(None, NEW_ACCOUNT, by=second_administrator, at=NOW)
    ask_for_reports(office_duty.plan, by=administrator, at=NOW, due_on=date(2026, 7, 15))
    MilestoneFactory(commitment=office_duty, title=en_zh("A paper"), due_on=date(2026, 8, 1))
    office.members.add(administrator)
    near = MeetingFactory(starts_on=date(2026, 7, 20))
    far = MeetingFactory(starts_on=date(2026, 9, 20))
    over = MeetingFactory(starts_on=date(2026, 7, 1))
    for meeting in (near, far, over):
        meeting.offices.add(office)
    [mail] = [mail for mail in digests(sent) if mail.to == ["administrator@example.org"]]
    lines = mail.body.splitlines()
    found = {(line, lines[at + 1]) for at, line in enumerate(lines) if line.startswith("- ")}
    duty_words, office_words = (f"- PLAN-1.{n} Take part in the forum · " for n in (1, 3))
    forums = {row: f"- {row.forum.code} Seventh session · " for row in (near, far, over)}
    admin, record = f"{SITE}/admin", f"{SITE}/admin/commitments"
    assert found == {
        (f"{duty_words}1 July 2026", f"{admin}/updates/{back.pk}/"),
        (f"{duty_words}1 July 2026", f"{admin}/review/{waiting.pk}/"),
        (f"{duty_words}4 June 2026", f"{admin}/updates/{begun.pk}/"),
        (f"{duty_words}3 June 2026", f"{admin}/updates/{orphan.pk}/"),
        (f"- Erasure request {erasure.pk}", f"{record}/erasurerequest/{erasure.pk}/change/"),
        (
            f"- New account · {request_words(account)}",
            f"{record}/accountrequest/{account.pk}/change/",
        ),
        (f"{office_words}due on 15 July 2026", f"{admin}/log/PLAN-1.3/"),
        (f"{duty_words}Not yet assessed", f"{admin}/log/PLAN-1.1/"),
        (f"{office_words}Not yet assessed", f"{admin}/log/PLAN-1.3/"),
        ("- PLAN-1.3 A paper · 1 August 2026", f"{admin}/log/PLAN-1.3/"),
        (f"{forums[near]}20 July 2026", f"{admin}/meetings/{near.pk}/"),
        (f"{forums[far]}20 September 2026", f"{admin}/meetings/{far.pk}/"),
        (
            f"{forums[over]}1 July 2026 · nothing recorded yet: log progress",
            f"{admin}/log/?meeting={over.pk}",
        ),
    }
    titles = re.findall(r"^\S.* \(\d+\)$", mail.body, re.MULTILINE)
    assert len(titles) == len(digest.LINE_WRITERS)


def test_the_sections_of_the_digest_are_sections_of_the_desk(administrator):
    sections = all_sections(administrator, Clock(now=MONDAY))
    others = {"in_review", "around", "published"}
    assert {section.name for section in sections} == {*digest.LINE_WRITERS, *others}


@pytest.mark.long
@pytest.mark.parametrize("state", ["begun", "returned"])
def test_a_draft_that_a_call_asks_for_is_listed_once(state, duty, people, curator, sent):
    """Where the deadline is; other drafts stay where they were."""
    reporter, reviewer = people
    older = draft(duty, reporter, effective_on=date(2026, 6, 4), at=NOW - 2 * DAY)
    if state == "returned":
        own, fact = returned(duty, reporter, reviewer), "returned to you"
    else:
        own, fact = draft(duty, reporter), "your draft"
    ask_for_reports(duty.plan, by=curator, at=NOW + DAY, due_on=date(2026, 7, 15))
    [mail] = [mail for mail in digests(sent) if mail.to == ["reporter@example.org"]]
    address = f"{SITE}/admin/updates/{own.pk}/"
    words = f"- PLAN-1.1 Take part in the forum · due on 15 July 2026 · {fact}\n{address}\n"
    assert words in mail.body
    assert mail.body.count(address) == 1
    assert mail.body.count(f"{SITE}/admin/updates/{older.pk}/") == 1
    assert "Returned to me" not in mail.body
    # The requested report, the older draft, and what is to be assessed.
    assert mail.subject == "Your desk: 3 to do"


@pytest.fixture
def curated(duty, curator, with_addresses):
    """A meeting in two weeks, at a forum of the curator's plan."""
    with_addresses(curator)
    User.objects.update(date_joined=LONG_AGO)
    forum = ForumFactory(code="UN")
    duty.forums.add(forum)
    return Meeting.objects.create(
        forum=forum,
        title=en_zh("Session", "会议"),
        starts_on=date(2026, 7, 20),
        ends_on=date(2026, 7, 24),
        papers_due_on=date(2026, 7, 10),
        changed_at=MONDAY,
    )


@pytest.mark.long
def test_meetings_have_their_days_and_ask_for_nothing(people, duty, curated, curator, office, sent):
    """They come with what is to be done, and are not counted."""
    office.members.add(curator)
    curated.offices.add(office)
    MeetingFactory(starts_on=date(2026, 7, 1)).offices.add(office)
    [mail] = [mail for mail in digests(sent) if mail.to == ["curator@example.org"]]
    assert mail.subject == "Your desk: 1 to do"
    assert "Meetings within 90 days (1)" in mail.body
    assert "- UN Session · 20 – 24 July 2026 · papers due on 10 July 2026\n" in mail.body


@pytest.mark.long
def test_a_meeting_to_which_others_go_is_not_in_the_digest(people, curated, curator, office, sent):
    curated.offices.add(office)
    MeetingFactory(forum=curated.forum, starts_on=date(2026, 7, 1))
    [mail] = [mail for mail in digests(sent) if mail.to == ["curator@example.org"]]
    assert "UN Session" not in mail.body


@pytest.mark.long
@pytest.mark.parametrize("who", ["curator", "reviewer"])
def test_what_others_report_on_is_not_to_do_for_whoever_may_not(
    request, who, office, office_duty, with_addresses, people, sent
):
    """Of the commitments of their own office, too: the form would turn them away."""
    person = request.getfixturevalue(who)
    with_addresses(person)
    office.members.add(person)
    MilestoneFactory(commitment=office_duty, title=en_zh("A paper"), due_on=date(2026, 8, 1))
    User.objects.update(date_joined=LONG_AGO)
    assert [mail for mail in digests(sent) if mail.to == [f"{who}@example.org"]] == []


def test_meetings_alone_are_no_reason_for_a_digest(people, reviewer, office, sent):
    office.members.add(reviewer)
    MeetingFactory(starts_on=date(2026, 7, 20)).offices.add(office)
    assert digests(sent) == []


@pytest.mark.long
@pytest.mark.parametrize(("who", "leads_to"), [("reporter", "log"), ("curator", "meeting")])
def test_whoever_may_not_report_from_a_meeting_is_led_to_its_page(
    people, curated, curator, sent, who, leads_to
):
    day = date(2026, 6, 20)
    Meeting.objects.update(starts_on=day, ends_on=day, papers_due_on=None)
    [mail] = [mail for mail in digests(sent) if mail.to == [f"{who}@example.org"]]
    log, page = (
        f"{SITE}/admin/log/?meeting={curated.pk}\n",
        f"{SITE}/admin/meetings/{curated.pk}/\n",
    )
    assert (log in mail.body, page in mail.body) == (leads_to == "log", leads_to == "meeting")
    assert ("nothing recorded yet: log progress" in mail.body) == (leads_to == "log")
    assert "nothing recorded yet" in mail.body


@pytest.mark.long
def test_a_section_that_is_cut_on_the_desk_too_leads_to_its_list(people, duty, sent):
    for number in range(2, 40):
        CommitmentFactory(plan=duty.plan, number=f"1.{number}", position=number)
    [mail] = [mail for mail in digests(sent) if mail.to == ["reporter@example.org"]]
    list_of_all = "https://tracker.example.org/admin/?section=needs_attention"
    assert f"\nand 29 more\n{list_of_all}\n" in mail.body


@pytest.mark.long
def test_long_sections_are_cut(people, duty, sent):
    for number in range(2, 15):
        CommitmentFactory(plan=duty.plan, number=f"1.{number}", position=number)
    [mail] = [mail for mail in digests(sent) if mail.to == ["reporter@example.org"]]
    assert "due within 90 days (14)" in mail.body
    assert "\nand 4 more\nhttps://tracker.example.org/admin/\n" in mail.body
    assert mail.body.count("/admin/log/PLAN-") == 10


@pytest.mark.long
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
