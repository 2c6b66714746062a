"""The outbox: what is put there with which deed, and how it is sent."""

import re
from dataclasses import replace
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.contrib.auth.models import User
from django.core.mail.backends import locmem
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from commitments import accounts, notify
from commitments.choices import Action, MailKind
from commitments.curation.report_calls import ask_for_reports
from commitments.models import Follower, Mail
from commitments.notify import MAIL_RULES, sending
from tests.factories import LONG_AGO, MeetingFactory
from tests.steps import NOW, perform, published, returned, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def people(reporter, reviewer, with_addresses):
    with_addresses(reporter, reviewer)
    return reporter, reviewer


class Away(locmem.EmailBackend):
    """A server that is not there."""

    def open(self):
        raise ConnectionRefusedError(111, "Connection refused")


class Refusing(locmem.EmailBackend):
    """A server that does not take the mails of the reporter."""

    def send_messages(self, messages):
        if messages[0].to == ["reporter@example.org"]:
            raise SMTPRecipientsRefused({"reporter@example.org": (550, b"no reporter@ here")})
        return super().send_messages(messages)


def use(settings, backend):
    settings.EMAIL_BACKEND = f"{__name__}.{backend.__name__}"


def states():
    return list(Mail.objects.order_by("pk").values_list("kind", "state"))


# What is put there


def test_every_kind_of_mail_has_its_rule():
    assert set(MAIL_RULES) == set(MailKind)


# Of each kind that goes to staff, one who gets it and one who does not.
READERS = {
    MailKind.INVITATION: ("reporter", "visitor"),
    MailKind.NEW_PASSWORD: ("reporter", "visitor"),
    MailKind.RETURNED: ("reporter", "all_rounder"),
    MailKind.PUBLISHED: ("reporter", "all_rounder"),
    MailKind.CORRECTED: ("reporter", "all_rounder"),
    MailKind.WITHDRAWN: ("reporter", "all_rounder"),
    MailKind.CALL_MADE: ("colleague", "reviewer"),
    MailKind.CALL_AHEAD: ("colleague", "reviewer"),
    MailKind.CALL_OVER: ("colleague", "reviewer"),
    MailKind.CALL_WITHDRAWN: ("colleague", "visitor"),
    MailKind.MEETING_AHEAD: ("colleague", "curator"),
    MailKind.MEETING_CHANGED: ("colleague", "visitor"),
    MailKind.MEETING_OVER: ("colleague", "curator"),
    MailKind.WEBHOOK_STOPPED: ("administrator", "all_rounder"),
    MailKind.DIGEST: ("reviewer", "visitor"),
}
TO_OTHERS = {MailKind.PASSWORD, MailKind.CONFIRMATION, MailKind.CHANGES}


@pytest.mark.parametrize(("kind", "reader", "stranger"), [(k, *v) for k, v in READERS.items()])
def test_the_table_says_to_whom_a_mail_goes_and_nobody_else_gets_it(
    kind, reader, stranger, request, duty, office_duty, office, people, colleague, curator
):
    with_addresses = request.getfixturevalue("with_addresses")
    names = {name: request.getfixturevalue(name) for name in (reader, stranger)}
    with_addresses(*names.values(), colleague)
    meeting = MeetingFactory(starts_on=NOW.date())
    meeting.offices.add(office)
    about = {
        "decision": published(duty, *people).decisions.get(action=Action.PUBLISH),
        "meeting": meeting,
        "call": ask_for_reports(duty.plan, by=curator, at=NOW, due_on=NOW.date()),
    }
    to = MAIL_RULES[kind].to
    assert to(Mail(kind=kind, person=names[reader], **about))
    assert not to(Mail(kind=kind, person=names[stranger], **about))
    assert not to(Mail(kind=kind, address="a@example.org"))


def test_what_goes_to_no_person_goes_to_a_follower_or_an_address(db, reporter):
    assert {*READERS, *TO_OTHERS} == set(MailKind)
    for kind in TO_OTHERS:
        assert not MAIL_RULES[kind].to(Mail(kind=kind, person=reporter))


def test_a_mail_to_somebody_else_is_dropped(duty, people, other_reporter, with_addresses, sent):
    with_addresses(other_reporter)
    published(duty, *people)
    Mail.objects.update(person=other_reporter)
    assert sent(LATER) == []
    assert states() == [("published", "dropped")]


def test_a_return_and_a_publication_put_a_mail_to_the_author(duty, people):
    published(duty, *people)
    returned(duty, *people)
    assert states() == [("published", "waiting"), ("returned", "waiting")]
    assert {mail.person for mail in Mail.objects.all()} == {people[0]}


def test_a_mail_is_undone_with_the_deed(duty, people):
    update = submitted(duty, people[0])
    with transaction.atomic():
        perform(update, Action.PUBLISH, people[1])
        assert Mail.objects.exists()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


def test_nothing_is_put_for_a_person_without_an_address(duty, reporter, reviewer, sends_mail):
    published(duty, reporter, reviewer)
    assert not Mail.objects.exists()


def test_a_site_without_mail_puts_nothing(duty, people, settings):
    settings.MAIL_ENABLED = False
    published(duty, *people)
    assert not Mail.objects.exists()


def test_loading_a_file_writes_to_nobody(duty, people):
    update = submitted(duty, people[0])
    perform(update, Action.PUBLISH, people[1], meta={"import": "0" * 64})
    assert not Mail.objects.exists()


def test_a_mail_costs_a_deed_one_query(duty, people, settings):
    updates = [submitted(duty, people[0]) for _number in range(3)]
    counts = []
    # The first one reads the roles of the reviewer.
    for update, enabled in zip(updates, (False, False, True), strict=True):
        settings.MAIL_ENABLED = enabled
        with CaptureQueriesContext(connection) as queries:
            perform(update, Action.RETURN, people[1], note="Name it.")
        counts.append(len(queries))
    assert counts[2] == counts[1] + 1


# Sending


def test_a_mail_is_sent_once(duty, people, sent):
    published(duty, *people)
    [mail] = sent(LATER)
    assert mail.to == ["reporter@example.org"]
    assert sent(LATER) == []
    assert sent(LATER + timedelta(days=3)) == []
    assert states() == [("published", "sent")]


@pytest.mark.long
def test_a_server_that_is_away_delays_and_loses_nothing(duty, people, sent, settings):
    use(settings, Away)
    published(duty, *people)
    for hours in range(20):
        with pytest.raises(notify.MailServerAway, match="Connection refused"):
            sent(LATER + timedelta(hours=hours))
    assert Mail.objects.get().tries == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(sent(LATER + timedelta(days=9))) == 1


@pytest.mark.long
def test_a_mail_that_is_refused_is_given_up_after_eight_tries_in_two_days(
    duty, people, sent, settings
):
    use(settings, Refusing)
    published(duty, *people)
    mail, tried = Mail.objects.get(), []
    while mail.state == "waiting":
        sent(mail.due_at - timedelta(seconds=1))
        sent(mail.due_at)
        tried.append((mail.due_at - NOW) / timedelta(minutes=1))
        mail.refresh_from_db()
    assert (mail.state, mail.tries) == ("failed", sending.MAX_TRIES)
    assert tried == [0, 5, 20, 80, 260, 620, 1340, 2780]
    assert mail.error == "SMTPRecipientsRefused 550"


def test_one_mail_that_fails_keeps_no_other_from_being_sent(
    duty, people, sent, settings, other_reporter, with_addresses
):
    use(settings, Refusing)
    with_addresses(other_reporter)
    published(duty, *people)
    published(duty, other_reporter, people[1])
    assert [mail.to for mail in sent(LATER)] == [["other_reporter@example.org"]]


def test_a_mail_that_cannot_be_written_keeps_no_other_from_being_sent(
    duty, people, sent, monkeypatch
):
    published(duty, *people)
    returned(duty, *people)
    rule = MAIL_RULES[MailKind.PUBLISHED]
    broken = replace(rule, subject="%(nothing)s", template="mail/none.txt", write=lambda *_: 1)
    monkeypatch.setitem(MAIL_RULES, MailKind.PUBLISHED, broken)
    [mail] = sent(LATER)
    assert mail.subject.startswith("Returned to you")
    assert Mail.objects.get(kind="published").error == "AttributeError"


def test_whoever_comes_second_to_a_mail_leaves_it(duty, people):
    published(duty, *people)
    mail = Mail.objects.get()
    assert sending._claimed(mail.pk, LATER) == mail
    assert sending._claimed(mail.pk, LATER) is None
    assert sending._claimed(mail.pk, LATER + timedelta(minutes=14)) is None
    assert sending._claimed(mail.pk, LATER + timedelta(minutes=15)) == mail


def test_each_try_has_the_same_message_id(duty, people, sent, monkeypatch):
    published(duty, *people)
    with monkeypatch.context() as patch:
        # As a kill between the server's answer and its recording.
        patch.setattr(type(Mail.objects.all()), "end", lambda *_args: 0)
        [first] = sent(LATER)
    [second] = sent(LATER + timedelta(minutes=16))
    name = first.extra_headers["Message-ID"]
    assert name == second.extra_headers["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{32}@tracker\.example\.org>", name)


def test_a_dry_run_prints_and_changes_nothing(duty, people, mailoutbox, capsys, time_machine):
    time_machine.move_to(LATER, tick=False)
    published(duty, *people)
    before = list(Mail.objects.values())
    call_command("send_mail_due", "--dry-run")
    assert "Published: PLAN-1.1 Take part in the forum" in capsys.readouterr().out
    assert (mailoutbox, list(Mail.objects.values())) == ([], before)


def test_a_dry_run_prints_no_link_by_which_somebody_acts_as_the_reader(
    duty, people, administrator, mailoutbox, capsys, time_machine, client
):
    time_machine.move_to(LATER, tick=False)
    new = {"username": "new", "email": "new@example.org", "is_active": True, "roles": ["reporter"]}
    accounts.request_change(None, new, by=administrator, at=LATER)
    client.post("/admin/password/", {"email": people[0].email})
    client.post("/en/PLAN/follow/", {"email": "reader@example.org"})
    published(duty, *people)
    call_command("send_mail_due", "--dry-run")
    printed = capsys.readouterr().out
    assert printed.count(sending.HIDDEN_LINK) == 4
    call_command("send_mail_due")
    assert len(mailoutbox) == 4
    for mail in mailoutbox:
        links = re.findall(r"https://\S+", mail.body)
        hidden = [link for link in links if link not in printed]
        assert len(hidden) == 1, mail.subject
        assert re.search(r"/(password|stop|following)/", hidden[0]), hidden


@pytest.mark.long
def test_a_dry_run_prints_what_a_run_would_first_put_there_and_puts_nothing(
    duty, people, mailoutbox, capsys, time_machine
):
    """After the hour of the digests."""
    User.objects.update(date_joined=LONG_AGO)
    time_machine.move_to(NOW + timedelta(days=7, hours=4), tick=False)
    submitted(duty, people[0])
    call_command("send_mail_due", "--dry-run")
    assert "digest to reviewer: Your desk: " in capsys.readouterr().out
    assert (mailoutbox, states()) == ([], [])
    call_command("send_mail_due")
    assert {kind for kind, _state in states()} == {"digest"}


def test_the_command_counts_and_names_no_address(duty, people, mailoutbox, capsys, time_machine):
    time_machine.move_to(LATER, tick=False)
    published(duty, *people)
    call_command("send_mail_due")
    assert capsys.readouterr().out == "Mails: sent 1.\n"
    assert len(mailoutbox) == 1


def test_the_command_fails_while_the_server_is_away(duty, people, settings, time_machine):
    time_machine.move_to(LATER, tick=False)
    use(settings, Away)
    published(duty, *people)
    with pytest.raises(CommandError, match="The mail server is away: ConnectionRefusedError"):
        call_command("send_mail_due")


def test_the_command_says_that_a_site_sends_no_mail(db, capsys):
    call_command("send_mail_due")
    assert "EMAIL_URL is empty" in capsys.readouterr().out


def test_a_run_that_takes_long_leaves_the_rest_to_the_next_one(duty, people, mailoutbox):
    for _number in range(4):
        published(duty, *people)
    times = iter(LATER + timedelta(minutes=n) for n in range(0, 1000, 3))
    notify.send_due(lambda: next(times))
    assert len(mailoutbox) == 2
    notify.send_due(lambda: LATER + timedelta(minutes=60))
    assert len(mailoutbox) == 4


# In the admin

MAILS = "/admin/commitments/mail/"


def test_administrators_see_what_waits_and_try_again_what_was_given_up(
    duty, people, sent, settings, administrator, signed_in
):
    use(settings, Refusing)
    published(duty, *people)
    mail = Mail.objects.get()
    Mail.objects.update(tries=sending.MAX_TRIES - 1)
    sent(LATER)
    client = signed_in(administrator)
    assert "SMTPRecipientsRefused 550" in client.get(MAILS).text
    client.post(MAILS, {"action": "try_again", "_selected_action": [mail.pk]})
    mail.refresh_from_db()
    assert (mail.state, mail.tries, mail.ended_at) == ("waiting", 0, None)


def test_what_was_typed_by_somebody_is_not_tried_again(administrator, signed_in, sends_mail):
    Mail.objects.post(MailKind.PASSWORD, key="1", at=NOW, address="a@example.org")
    Mail.objects.all().end("failed", NOW)
    [mail] = Mail.objects.all()
    signed_in(administrator).post(MAILS, {"action": "try_again", "_selected_action": [mail.pk]})
    assert Mail.objects.get().state == "failed"


def test_no_address_of_a_reader_is_shown(administrator, signed_in, sends_mail):
    follower = Follower.objects.create(email="reader@example.org", language="en")
    Mail.objects.post(MailKind.CHANGES, key="1", at=NOW, follower=follower)
    client = signed_in(administrator)
    for path in (MAILS, f"{MAILS}{Mail.objects.get().pk}/change/"):
        page = client.get(path).text
        assert "a reader" in page
        assert "reader@" not in page
