"""Readers who follow by mail: double opt-in, one mail a day, one click to stop."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command

from commitments.accounts import followers
from commitments.choices import Action
from commitments.models import Follower, Following, Forum, Mail
from commitments.notify import changes as notify_changes
from tests.factories import (
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    MeetingFactory,
    PlanFactory,
)
from tests.steps import NOW, perform, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

SITE = "https://tracker.example.org"
READER = "reader@example.org"
FOLLOW = "/en/PLAN/follow/"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# The mail about the day of the steps.
NEXT_DAY = datetime(2026, 7, 2, 7, 0, tzinfo=UTC)


@pytest.fixture
def follow(client, duty, time_machine, sends_mail, sent):
    """`follow(path)` fills in a form and returns the path that the mail gives to confirm."""

    def follow(path=FOLLOW, email=READER, at=NOW):
        time_machine.move_to(at, tick=False)
        client.post(path, {"email": email})
        mails = sent(at)
        return re.findall(rf"{SITE}(/\S*/following/\S*)", mails[0].body)[0] if mails else None

    return follow


@pytest.fixture
def following(follow, client):
    """`following(path)` follows and confirms; it returns the path of the reader's page."""

    def confirmed(path=FOLLOW, email=READER, at=NOW):
        page = follow(path, email, at)
        row = Following.objects.unconfirmed().get()
        client.post(page, {"confirm": row.pk})
        return page

    return confirmed


def changes(sent, at=NEXT_DAY):
    return [mail for mail in sent(at) if mail.subject.startswith("Changes at")]


# Confirming


def test_nothing_is_kept_or_sent_of_an_address_before_it_is_confirmed(
    follow, client, sent, duty, reporter, reviewer
):
    page = follow()
    assert Following.objects.get().confirmed_at is None
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    assert changes(sent) == []
    # Programs that look at links confirm nothing.
    assert "Confirm" in client.get(page).text
    assert Following.objects.get().confirmed_at is None


def test_the_mail_says_what_it_is_about_and_that_one_can_ignore_it(follow, mailoutbox):
    follow()
    [mail] = mailoutbox
    assert mail.to == [READER]
    assert "If it was not you, do nothing" in mail.body
    assert f"{SITE}/en/PLAN/" in mail.body
    assert "Stop these messages" not in mail.body


def test_page_and_work_are_the_same_whether_or_not_an_address_follows(
    following, client, django_assert_num_queries
):
    following()
    pages = []
    for email in (READER, "nobody@example.org"):
        with django_assert_num_queries(2):
            pages.append(client.post(FOLLOW, {"email": email}).text)
    assert pages[0] == pages[1]
    assert "We are sending you a message." in pages[0]


def test_an_unconfirmed_address_is_forgotten_after_three_days(follow, time_machine):
    follow()
    time_machine.move_to(NOW + timedelta(days=3, minutes=-1), tick=False)
    call_command("forget")
    assert Follower.objects.exists()
    time_machine.move_to(NOW + timedelta(days=3, minutes=1), tick=False)
    call_command("forget")
    assert not Follower.objects.exists()
    assert READER not in str(list(Mail.objects.values()))


def test_what_is_confirmed_is_not_forgotten(following, time_machine):
    following()
    time_machine.move_to(NOW + timedelta(days=400), tick=False)
    call_command("forget")
    assert Following.objects.confirmed().count() == 1


@pytest.mark.long
def test_the_address_of_a_stranger_gets_ten_mails_at_most(follow, plan, mailoutbox):
    for number in range(2, 16):
        CommitmentFactory(plan=plan, number=f"1.{number}", position=number)
        follow(f"/en/PLAN/commitments/1.{number}/follow/")
    assert len(mailoutbox) == followers.MAX_UNCONFIRMED
    assert Following.objects.count() == followers.MAX_UNCONFIRMED


def test_who_asks_again_within_the_hour_gets_one_mail(follow):
    assert follow()
    assert follow(at=NOW + 10 * MINUTE) is None
    assert follow(at=NOW + 61 * MINUTE)


@pytest.mark.parametrize("how", ["end", "end_all"])
def test_who_ends_it_and_wants_it_again_is_asked_at_once(follow, client, mailoutbox, how):
    page = follow()
    client.post(page, {"confirm": Following.objects.get().pk})
    client.post(page, {how: Following.objects.get().pk})
    assert not Following.objects.exists()
    assert follow(at=NOW + 10 * MINUTE)
    assert Following.objects.get().confirmed_at is None
    # Programs drop a mail whose id they have seen.
    first, second = (mail.extra_headers["Message-ID"] for mail in mailoutbox)
    assert first != second


@pytest.mark.long
def test_a_network_is_limited(client, duty, sends_mail):
    pages = [client.post(FOLLOW, {"email": f"r{n}@example.org"}).text for n in range(21)]
    assert "Too many requests" not in pages[19]
    assert "Too many requests" in pages[20]
    answer = client.post("/admin/password/", {"email": "officer@example.org"})
    assert "Too many requests" not in answer.text


@pytest.mark.parametrize("email", ["", "no address", "a@b\n.example", f"{'x' * 250}@example.org"])
def test_what_is_no_address_is_refused(client, duty, sends_mail, email):
    assert client.post(FOLLOW, {"email": email}).status_code == 200
    assert not Mail.objects.exists()


def test_no_cookie_is_set(client, duty, sends_mail):
    client.get(FOLLOW)
    client.post(FOLLOW, {"email": READER})
    assert dict(client.cookies) == {}


# What can be followed


def test_a_site_without_mail_offers_nothing(client, duty, get_page):
    assert client.get(FOLLOW).status_code == 404
    assert "Follow by mail" not in get_page("/en/PLAN/changes/")


@pytest.mark.parametrize(
    "path", ["/en/PLAN/", "/en/PLAN/changes/", "/en/PLAN/commitments/1.1/", "/zh-hans/PLAN/"]
)
def test_pages_lead_to_it(client, duty, sends_mail, path):
    language = path.split("/")[1]
    assert f'href="/{language}/PLAN/follow/"' in client.get(path).text


def test_nobody_follows_a_draft_or_what_is_not_there(client, duty, sends_mail):
    PlanFactory(code="DRAFT", visibility="draft")
    for path in ("/en/DRAFT/follow/", "/en/PLAN/goals/9/follow/", "/en/PLAN/forums/NO/follow/"):
        assert client.get(path).status_code == 404, path
        assert client.post(path, {"email": READER}).status_code == 404, path


# The mail of a day


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


@pytest.mark.long
def test_after_an_outage_of_days_nothing_is_lost_or_twice(
    following, duty, reporter, reviewer, sent, settings
):
    following()
    settings.EMAIL_BACKEND = "tests.notify.test_outbox.Away"
    for day in range(4):
        published(duty, reporter, reviewer, at=NOW + MINUTE + timedelta(days=day))
        with pytest.raises(Exception, match="The mail server is away"):
            sent(NEXT_DAY + timedelta(days=day))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mails = changes(sent, NEXT_DAY + timedelta(days=3, hours=1))
    links = [link for mail in mails for link in re.findall(r"#update-\d+", mail.body)]
    assert len(links) == len(set(links)) == 4


# Stopping


def test_a_mail_program_stops_everything_with_one_request(
    following, duty, reporter, reviewer, sent, client
):
    following()
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    [mail] = changes(sent)
    headers = mail.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>")
    answer = client.post(address.removeprefix(SITE), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not Follower.objects.exists()
    assert READER not in str(list(Mail.objects.values()))


def test_a_reader_ends_one_thing_or_all(following, client):
    page = following()
    following("/en/PLAN/commitments/1.1/follow/")
    first, second = Following.objects.order_by("pk")
    client.post(page, {"end": first.pk})
    assert list(Following.objects.all()) == [second]
    text = client.post(page, {"end_all": "1"}).text
    assert "your address is deleted" in text
    assert not Follower.objects.exists()


def test_nobody_ends_or_confirms_for_another(following, follow, client):
    mine = following()
    follow(email="other@example.org")
    theirs = Following.objects.unconfirmed().get()
    for name in ("confirm", "end"):
        client.post(mine, {name: theirs.pk})
    theirs.refresh_from_db()
    assert theirs.confirmed_at is None
    assert client.get(mine.replace("/following/", "/following/9")).status_code == 404


@pytest.mark.parametrize("sent_value", ["", "x", "9" * 40, "-1", "²"])
def test_what_no_button_sends_changes_nothing(following, client, sent_value):
    page = following()
    assert client.post(page, {"end": sent_value}).status_code == 200
    assert Following.objects.count() == 1


def test_search_engines_are_told_not_to_show_the_page(following, client):
    assert client.get(following())["X-Robots-Tag"] == "noindex"
