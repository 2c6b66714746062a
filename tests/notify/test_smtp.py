"""Sending through a real server on loopback, which takes, refuses, hangs up and goes away."""

import asyncio
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.core.management import CommandError, call_command

from commitments.models import Mail
from commitments.notify import sending, smtp
from commitments.operations import TASKS
from tests.smtp import mail_server
from tests.steps import NOW, published, returned
from tracker import mail_settings

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


class Mailbox:
    """Keeps what it takes; refuses, hangs up or takes its time as it is told."""

    def __init__(self):
        self.messages, self.answer, self.seconds = [], "250 OK", 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer == "hang up":
            server.transport.close()
        if self.answer.startswith("5"):
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append((envelope.rcpt_tos, message))
        await asyncio.sleep(self.seconds)
        return self.answer


@pytest.fixture
def mailbox(settings, sends_mail):
    box = Mailbox()
    with mail_server(box) as box.server:
        settings.EMAIL_BACKEND = "commitments.notify.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = box.server.hostname, box.server.port
        yield box


@pytest.fixture
def written(duty, reporter, reviewer, with_addresses, time_machine):
    """Two mails to the reporter wait."""
    time_machine.move_to(NOW)
    with_addresses(reporter)
    published(duty, reporter, reviewer)
    returned(duty, reporter, reviewer)


def test_a_server_takes_them_as_plain_text_with_their_headers(mailbox, written):
    call_command("send_mail_due")
    [(first, message), (second, _message)] = mailbox.messages
    assert first == second == ["reporter@example.org"]
    assert message["From"] == "tracker@localhost"
    assert (
        message["Subject"] == "Published: PLAN-1.1 Take part in the forum, 1 July 2026, Took part"
    )
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@tracker.example.org>")
    assert (
        message["List-Unsubscribe"]
        .strip()
        .startswith("<https://tracker.example.org/admin/mail/stop/")
    )
    assert message.get_content_type() == "text/plain"
    assert "https://tracker.example.org/en/PLAN/commitments/1.1/" in message.get_content()
    assert not message.is_multipart()


def test_chinese_arrives_as_it_was_written(mailbox, written, reporter, client):
    client.force_login(reporter)
    client.post("/admin/mail/", {"language": "zh-hans", "digest": "never", "notices": "on"})
    call_command("send_mail_due")
    assert mailbox.messages[1][1]["Subject"].strip() == (
        "退回修改：PLAN-1.1 参与论坛，2026年7月1日，参与"
    )
    assert "您的进展记录已退回修改：" in mailbox.messages[1][1].get_content()


@pytest.mark.parametrize("answer", ["550 No such user", "hang up"])
def test_what_a_server_refuses_waits_for_its_next_try(mailbox, written, answer):
    mailbox.answer = answer
    call_command("send_mail_due")
    rows = Mail.objects.values_list("state", "tries")
    assert set(rows) == {("waiting", 1)}
    assert "reporter@" not in " ".join(Mail.objects.values_list("error", flat=True))
    mailbox.answer = "250 OK"
    Mail.objects.update(due_at=NOW)
    call_command("send_mail_due")
    assert len(mailbox.messages) == 2


@pytest.mark.long
def test_a_server_that_takes_its_time_gets_a_message_once(mailbox, written, settings):
    settings.EMAIL_TIMEOUT, mailbox.seconds = 0.3, 0.5
    call_command("send_mail_due")
    assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}
    assert len(mailbox.messages) == 2


@pytest.mark.long
def test_a_server_that_never_answers_holds_up_no_run_for_ever(mailbox, written, monkeypatch):
    monkeypatch.setattr(smtp, "MESSAGE_TIMEOUT_SECONDS", 0.2)
    mailbox.seconds = 0.5
    call_command("send_mail_due")
    assert set(Mail.objects.values_list("state", "tries")) == {("waiting", 1)}
    due_at = Mail.objects.latest("due_at").due_at
    assert NOW + sending.PAUSES[0] <= due_at < NOW + sending.MAIL_CLAIMED_FOR


def test_a_run_ends_before_the_next_tick_takes_it_for_cut_off():
    """With its last message, for which a dozen commands are answered late."""
    [task] = [task for task in TASKS if task.name == "send_mail_due"]
    commands = timedelta(seconds=12 * mail_settings.EMAIL_TIMEOUT)
    message = timedelta(seconds=smtp.MESSAGE_TIMEOUT_SECONDS)
    assert sending.MAX_RUN + commands + message < task.max_run
    assert commands + message < sending.MAIL_CLAIMED_FOR


def test_a_server_that_is_away_is_named(mailbox, written):
    mailbox.server.stop()
    with pytest.raises(CommandError, match="The mail server is away: ConnectionRefusedError"):
        call_command("send_mail_due")
    assert set(Mail.objects.values_list("tries", flat=True)) == {0}
