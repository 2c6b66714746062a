"""What followers hear of: the mail of a day with the changes, and the meetings ahead."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from commitments.choices import Action, MailKind, MailState
from commitments.models import Forum, Mail
from commitments.notify import MailServerAway
from commitments.notify import changes as notify_changes
from tests.factories import (
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    MeetingFactory,
    PlanFactory,
)
from tests.notify.readers import FOLLOW, READER, SITE
from tests.steps import NOW, perform, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# The mail about the day of the steps.
NEXT_DAY = datetime(2026, 7, 2, 7, 0, tzinfo=UTC)


def changes(sent, at=NEXT_DAY):
    return [mail for mail in sent(at) if mail.subject.startswith("Changes at")]


@pytest.mark.long
def test_what_changed_comes_on_the_next_day_in_one_mail(
    following, duty, plan, reporter, reviewer, sent
):
    following()
    other = CommitmentFactory(plan=plan, number="1.2", position=2)
    published(duty, reporter, reviewer, at=NOW + MINUTE, status="active")
    published(other, reporter, reviewer, at=NOW + 2 * MINUTE)
    assert changes(sent, NOW + timedelta(hours=10)) == []
    [mail] = changes(sent)
    assert mail.to == [READER]
    assert mail.subject == "Changes at Commitment tracker: 2"
    assert mail.body.startswith("What you follow has changed:\n\nA plan\n\n- PLAN-1.2 ")
    assert ": update published (1 July 2026, Took part)\n" in mail.body
    assert "- PLAN-1.1 Take part in the forum: update published (Not yet assessed → Active)" in (
        mail.body
    )
    assert f"{SITE}/en/PLAN/commitments/1.1/#update-" in mail.body
    assert changes(sent, NEXT_DAY + timedelta(hours=1)) == []
    assert changes(sent, NEXT_DAY + timedelta(days=1)) == []


@pytest.mark.long
def test_nothing_comes_of_what_one_does_not_follow_or_of_the_past(
    following, duty, plan, reporter, reviewer, sent
):
    published(duty, reporter, reviewer, at=NOW - MINUTE)
    other = CommitmentFactory(plan=plan, number="1.2", position=2)
    following("/en/PLAN/commitments/1.1/follow/")
    published(other, reporter, reviewer, at=NOW + MINUTE)
    assert changes(sent) == []
    published(duty, reporter, reviewer, at=NEXT_DAY + MINUTE)
    [mail] = changes(sent, NEXT_DAY + timedelta(days=1))
    assert mail.subject.endswith(": 1")


@pytest.mark.long
def test_who_follows_a_forum_hears_of_what_is_done_there(
    following, duty, council, plan, reporter, reviewer, sent, client
):
    """Of the forum's commitments, and of events that name it; the page leads to the forum's."""
    page = following("/en/PLAN/forums/COUNCIL/follow/")
    text = client.get(page).text
    assert 'href="/en/PLAN/forums/COUNCIL/"' in text
    other = CommitmentFactory(plan=plan, number="1.2", position=2)
    published(other, reporter, reviewer, at=NOW + MINUTE)
    assert changes(sent) == []
    published(duty, reporter, reviewer, at=NEXT_DAY + MINUTE)
    [mail] = changes(sent, NEXT_DAY + timedelta(days=1))
    assert mail.subject.endswith(": 1")
    assert "- PLAN-1.1 Take part in the forum: update published" in mail.body


@pytest.fixture
def part(council):
    """A part of the council that no commitment names, and its successor."""
    part = ForumFactory(code="COMMITTEE", parent=council)
    ForumFactory(code="COMMISSION", successor_of=part)
    return part


@pytest.fixture
def elsewhere(plan, council):
    """A commitment that names no forum."""
    return CommitmentFactory(plan=plan, number="1.2", position=2)


@pytest.mark.parametrize("code", ["COUNCIL", "COMMITTEE", "COMMISSION"])
def test_who_follows_a_forum_hears_once_of_each_event_at_it_or_its_parts(
    code, following, council, part, duty, elsewhere, reporter, reviewer, sent
):
    following("/en/PLAN/forums/COUNCIL/follow/")
    following("/en/PLAN/forums/COMMITTEE/follow/")
    other = ForumFactory(code="OTHER")
    forum = Forum.objects.get(code=code)
    published(elsewhere, reporter, reviewer, at=NOW + MINUTE, forums=[*{forum, council, other}])
    published(elsewhere, reporter, reviewer, at=NOW + 2 * MINUTE, forums=[other])
    published(duty, reporter, reviewer, at=NOW + 3 * MINUTE, forums=[forum])
    [mail] = changes(sent)
    assert mail.subject.endswith(": 2")
    assert mail.body.count("- PLAN-1.2 Take part in the forum: update published") == 1
    assert mail.body.count("- PLAN-1.1 Take part in the forum: update published") == 1


def test_who_follows_a_part_hears_nothing_of_the_whole(
    following, council, part, elsewhere, reporter, reviewer, sent
):
    following("/en/PLAN/forums/COMMITTEE/follow/")
    published(elsewhere, reporter, reviewer, at=NOW + MINUTE, forums=[council])
    assert changes(sent) == []


@pytest.mark.long
def test_of_a_withdrawal_hears_who_was_told_of_the_event(
    following, council, elsewhere, reporter, reviewer, sent
):
    """To others the withdrawn update shows no forum."""
    following("/en/PLAN/forums/COUNCIL/follow/")
    update = published(elsewhere, reporter, reviewer, at=NOW + MINUTE, forums=[council])
    assert len(changes(sent)) == 1
    following("/en/PLAN/forums/COUNCIL/follow/", "late@example.org", at=NEXT_DAY + MINUTE)
    perform(update, Action.RETRACT, reviewer, at=NEXT_DAY + 2 * MINUTE, note="Another forum.")
    short = published(elsewhere, reporter, reviewer, at=NEXT_DAY + 3 * MINUTE, forums=[council])
    perform(short, Action.RETRACT, reviewer, at=NEXT_DAY + 4 * MINUTE, note="Not yet.")
    mails = changes(sent, NEXT_DAY + DAY)
    assert [mail.to for mail in mails] == [[READER]]
    assert mails[0].subject.endswith(": 1")
    assert "- PLAN-1.2 Take part in the forum: update withdrawn" in mails[0].body
    assert "Reason: Another forum." in mails[0].body


def test_an_event_of_another_plan_is_that_of_its_followers(
    following, council, elsewhere, reporter, reviewer, sent
):
    other = CommitmentFactory(plan=PlanFactory(code="OTHER", visibility="public"), number="1.1")
    following("/en/PLAN/forums/COUNCIL/follow/")
    published(other, reporter, reviewer, at=NOW + MINUTE, forums=[council])
    assert changes(sent) == []


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        (FOLLOW, ["COUNCIL", "COMMITTEE", "OTHER"]),
        ("/en/PLAN/forums/COUNCIL/follow/", ["COUNCIL", "COMMITTEE"]),
        ("/en/PLAN/forums/COMMITTEE/follow/", ["COMMITTEE"]),
        ("/en/PLAN/commitments/1.1/follow/", []),
    ],
)
def test_a_mail_lists_the_public_meetings_ahead_of_what_the_reader_follows(
    path, listed, following, council, part, duty, reporter, reviewer, sent
):
    other = ForumFactory(code="OTHER")
    duty.forums.add(other)
    first, last = NEXT_DAY.date(), NEXT_DAY.date() + timedelta(days=30)
    for forum, day in ((council, first), (part, last), (other, last)):
        MeetingFactory(forum=forum, starts_on=day, public=True)
    for days in ({"starts_on": last + DAY}, {"starts_on": first - DAY}):
        MeetingFactory(forum=part, title=en_zh("Too far"), public=True, **days)
    MeetingFactory(forum=part, starts_on=first, title=en_zh("For staff"))
    following(path)
    assert changes(sent, NOW + timedelta(hours=20)) == []
    published(duty, reporter, reviewer, at=NOW + MINUTE, forums=[part])
    [mail] = changes(sent)
    assert mail.subject.endswith(": 1")
    found = re.findall(r"^- (\w+): Seventh session · ", mail.body, re.MULTILINE)
    assert found == listed
    assert ("Meetings ahead:" in mail.body) == bool(listed)
    assert "Too far" not in mail.body
    assert "For staff" not in mail.body


def test_a_meeting_has_its_days_place_and_deadline_and_the_address_of_its_page(
    following, council, duty, reporter, reviewer, sent
):
    facts = {"starts_on": date(2026, 7, 20), "ends_on": date(2026, 7, 24), "public": True}
    papers = date(2026, 7, 10)
    row = MeetingFactory(forum=council, place=en_zh("Geneva"), papers_due_on=papers, **facts)
    gone = MeetingFactory(forum=council, cancelled=True, papers_due_on=papers, **facts)
    following("/en/PLAN/forums/COUNCIL/follow/")
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    [mail] = changes(sent)
    words = "- COUNCIL: Seventh session · 20 – 24 July 2026 · "
    assert (
        "\nMeetings ahead:\n\n"
        f"{words}Geneva · papers due on 10 July 2026\n{SITE}/en/PLAN/meetings/{row.pk}/\n\n"
        f"{words}cancelled\n{SITE}/en/PLAN/meetings/{gone.pk}/\n"
    ) in mail.body


def test_meetings_alone_are_no_reason_for_a_mail(following, council, sent):
    MeetingFactory(forum=council, starts_on=NEXT_DAY.date(), public=True)
    following("/en/PLAN/forums/COUNCIL/follow/")
    assert changes(sent) == []


def test_meetings_are_read_only_for_a_mail_that_is_sent(
    following, elsewhere, reporter, reviewer, sent, monkeypatch
):
    following("/en/PLAN/forums/COUNCIL/follow/")
    published(elsewhere, reporter, reviewer, at=NOW + MINUTE)
    read = []
    monkeypatch.setattr(notify_changes, "followed_meetings", lambda *which: read.append(which))
    assert changes(sent) == []
    assert read == []


def test_many_meetings_are_cut_with_a_link_to_all(
    following, council, duty, reporter, reviewer, sent
):
    for _number in range(12):
        MeetingFactory(forum=council, starts_on=NEXT_DAY.date(), public=True)
    following("/en/PLAN/forums/COUNCIL/follow/")
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    [mail] = changes(sent)
    assert mail.body.count("- COUNCIL: Seventh session") == 10
    assert f"\nand 2 more\n{SITE}/en/PLAN/meetings/\n" in mail.body


def test_of_a_plan_that_is_a_draft_again_nothing_comes(
    following, duty, plan, reporter, reviewer, sent
):
    following()
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    type(plan).objects.filter(pk=plan.pk).update(visibility="draft")
    assert changes(sent) == []


def test_many_changes_are_cut_with_a_link_to_all(
    following, duty, reporter, reviewer, sent, monkeypatch
):
    monkeypatch.setattr(notify_changes, "MAX_LINES_OF_PLAN", 2)
    following()
    for number in range(1, 5):
        published(duty, reporter, reviewer, at=NOW + number * MINUTE)
    [mail] = changes(sent)
    assert mail.subject.endswith(": 4")
    assert mail.body.count("- PLAN-1.1") == 2
    assert f"\nand 2 more\n{SITE}/en/PLAN/changes/\n" in mail.body


def test_what_waits_to_be_confirmed_is_left_out(
    following, follow, duty, plan, reporter, reviewer, sent
):
    other = CommitmentFactory(plan=plan, number="1.2", position=2)
    following("/en/PLAN/commitments/1.1/follow/")
    follow(FOLLOW)
    for commitment in (duty, other):
        published(commitment, reporter, reviewer, at=NOW + MINUTE)
    [mail] = changes(sent)
    assert mail.subject.endswith(": 1")


def test_who_follows_several_parts_gets_each_change_once(
    following, duty, plan, reporter, reviewer, sent
):
    goal = GoalFactory(plan=plan, number=1)
    type(duty).objects.filter(pk=duty.pk).update(goal=goal)
    for path in (FOLLOW, "/en/PLAN/goals/1/follow/", "/en/PLAN/commitments/1.1/follow/"):
        following(path)
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    [mail] = changes(sent)
    assert mail.body.count("/commitments/1.1/#update-") == 1


def test_a_reader_is_written_to_in_the_language_in_which_they_confirmed(
    following, duty, reporter, reviewer, sent
):
    following("/zh-hans/PLAN/follow/")
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    [mail] = [mail for mail in sent(NEXT_DAY) if mail.to == [READER]]
    assert "参与论坛" in mail.body
    assert f"{SITE}/zh-hans/PLAN/commitments/1.1/" in mail.body


def test_what_was_withdrawn_before_the_mail_is_not_in_it(following, duty, reporter, reviewer, sent):
    following()
    gone = published(duty, reporter, reviewer, at=NOW + MINUTE)
    perform(gone, Action.RETRACT, reviewer, NOW + 2 * MINUTE, note="Not so.")
    [mail] = changes(sent)
    assert "A meeting was held." not in mail.body
    assert "Reason: Not so." in mail.body


@pytest.fixture
def outage(settings, sent):
    """`outage(at)` is a run while the server is away."""

    def outage(at):
        settings.EMAIL_BACKEND = "tests.notify.test_outbox.Away"
        with pytest.raises(MailServerAway):
            sent(at)
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    return outage


@pytest.mark.long
def test_after_an_outage_of_days_one_mail_has_everything(
    following, duty, reporter, reviewer, sent, outage
):
    following()
    for day in range(4):
        published(duty, reporter, reviewer, at=NOW + MINUTE + day * DAY)
        outage(NEXT_DAY + day * DAY)
    [mail] = changes(sent, NEXT_DAY + 3 * DAY + timedelta(hours=1))
    assert len(set(re.findall(r"#update-\d+", mail.body))) == 4
    assert changes(sent, NEXT_DAY + 4 * DAY) == []


@pytest.mark.long
def test_of_several_mails_that_wait_for_a_reader_the_last_one_is_sent(
    following, duty, reporter, reviewer, sent, outage
):
    """As those of days that an administrator has tried again."""
    following()
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    outage(NEXT_DAY)
    [mail] = Mail.objects.filter(kind=MailKind.CHANGES)
    Mail.objects.post(MailKind.CHANGES, key="another", at=NEXT_DAY, follower=mail.follower)
    assert len(changes(sent)) == 1
    rows = Mail.objects.filter(kind=MailKind.CHANGES).order_by("pk")
    assert list(rows.values_list("state", flat=True)) == ["dropped", "sent"]


@pytest.fixture
def given_up(following, duty, reporter, reviewer, outage):
    """A mail with one change was given up on the next day."""
    following()
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    outage(NEXT_DAY)
    mails = Mail.objects.filter(kind=MailKind.CHANGES)
    mails.end(MailState.FAILED, NEXT_DAY)
    return mails


@pytest.mark.long
def test_after_a_mail_that_was_given_up_none_is_made_without_news(
    given_up, duty, reporter, reviewer, sent
):
    """The mailbox may no longer exist."""
    for days in range(1, 11):
        assert changes(sent, NEXT_DAY + days * DAY) == []
    assert given_up.count() == 1
    published(duty, reporter, reviewer, at=NEXT_DAY + 10 * DAY + MINUTE)
    [mail] = changes(sent, NEXT_DAY + 11 * DAY)
    assert mail.subject.endswith(": 2")


@pytest.mark.long
def test_after_a_mail_that_was_given_up_the_next_one_is_made_a_week_later(
    given_up, duty, reporter, reviewer, sent
):
    published(duty, reporter, reviewer, at=NEXT_DAY + MINUTE)
    assert changes(sent, NEXT_DAY + 7 * DAY) == []
    [mail] = changes(sent, NEXT_DAY + 8 * DAY)
    assert mail.subject.endswith(": 2")
