"""Sending what is due from the outbox.

A mail is claimed under a lock, and then sent without one, since a server may take its time. If the
process is killed in between, the mail is tried again later: one that the server had taken already
arrives twice, with the same `Message-ID`. Nothing else is sent twice, and nothing is lost.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import salted_hmac

from commitments.accounts.followers import follow_from_now
from commitments.choices import MailKind, MailState
from commitments.exceptions import TrackerError
from commitments.models import Mail, MailPreference
from commitments.models.mail import MAX_ERROR_LENGTH
from commitments.notify.due import put_what_is_due
from commitments.notify.letters import Letter, absolute, language_of
from commitments.notify.rules import MAIL_RULES
from commitments.templatetags.pages import site

_logger = logging.getLogger(__name__)

# Stands in the place of an error until the mail server has answered.
HANDED_OVER = "The mail server has not answered."
# Pauses before the next try of a mail, by the number of tries so far: two days in all. Then it is
# given up.
PAUSES = tuple(timedelta(minutes=n) for n in (5, 15, 60, 180, 360, 720, 1440))
MAX_TRIES = len(PAUSES) + 1
# After this time a mail counts as tried by a sender that was killed: the server has ten minutes to
# take it, and seconds for each command before.
MAIL_CLAIMED_FOR = timedelta(minutes=15)
# Limits of a run: the number of mails that it tries, and the time after which it tries no more. The
# next one goes on. With the last mail it takes less than half an hour, after which `tick` would
# start another.
MAX_MAILS_PER_RUN = 1000
MAX_RUN = timedelta(minutes=15)

# Stands in a preview for a link that is for the reader of the mail alone.
HIDDEN_LINK = "[link for the reader alone]"

_Clock = Callable[[], datetime]


class MailServerAway(TrackerError):
    """The server accepts no mail at all. Waiting mails keep waiting, and no attempt is counted."""


def send_due(clock: _Clock) -> Counter[MailState]:
    """Put the mails whose time has come into the outbox, and send what waits there. Return how many
    mails ended in which state. Raise MailServerAway if the server accepts no mail at all."""
    counts: Counter[MailState] = Counter()
    begun = clock()
    _prepare(begun)
    waiting = Mail.objects.due(begun).values_list("pk", flat=True)[:MAX_MAILS_PER_RUN]
    connection = _Connection()
    for pk in list(waiting):
        now = clock()
        if now - begun > MAX_RUN:
            break
        connection.open()
        mail = _claimed(pk, now)
        if mail is not None:
            counts[_tried(mail, connection, clock)] += 1
    connection.close()
    return counts


def preview_due(now: datetime) -> Iterator[tuple[Mail, str]]:
    """Yield each mail that would be sent now with its text, without the links that let whoever has
    them act as its reader; nothing is sent or changed."""
    with transaction.atomic():
        _prepare(now)
        for mail in Mail.objects.due(now)[:MAX_MAILS_PER_RUN]:
            message = _message(mail, now)
            if message is not None:
                letter, sent = message
                yield mail, without_secrets(f"{sent.subject}\n\n{sent.body}", letter)
        transaction.set_rollback(True)


def without_secrets(text: str, letter: Letter) -> str:
    for address in filter(None, (letter.stop, *letter.secrets)):
        text = text.replace(address, HIDDEN_LINK)
    return text


def _prepare(now: datetime) -> None:
    """Put the mails whose time has come into the outbox, and drop those that nobody waits for any
    more."""
    follow_from_now(now)
    put_what_is_due(now)
    for kind, rule in MAIL_RULES.items():
        if rule.lifetime is not None:
            late = Mail.objects.unsent().filter(kind=kind, made_at__lt=now - rule.lifetime)
            late.drop(now)


class _Connection:
    """A connection to the mail server, opened when it is first needed and after a failure."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None

    def open(self) -> None:
        if self._backend is None:
            backend = get_connection()
            try:
                backend.open()
            except (SMTPException, OSError) as error:
                raise MailServerAway(f"The mail server is away: {error_words(error)}") from error
            self._backend = backend

    def send(self, message: EmailMessage) -> None:
        if self._backend is not None:
            self._backend.send_messages([message])

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()


def _claimed(pk: int, now: datetime) -> Mail | None:
    """Claim a mail and return it, so that nobody else tries it meanwhile; None if somebody else has
    claimed it."""
    with transaction.atomic():
        mail = Mail.objects.select_for_update().due(now).filter(pk=pk).first()
        if mail is not None:
            mail.due_at = now + MAIL_CLAIMED_FOR
            mail.tries += 1
            mail.save(update_fields=["due_at", "tries"])
    return mail


def _tried(mail: Mail, connection: _Connection, clock: _Clock) -> MailState:
    """Send a mail and return its state from now on."""
    row = Mail.objects.filter(pk=mail.pk)
    try:
        found = _message(mail, clock())
        if found is None:
            row.drop(clock())
            return MailState.DROPPED
        letter, message = found
        # If this process ends before the server answers, it stays open whether the mail arrived.
        row.update(error=HANDED_OVER)
        connection.send(message)
    except Exception as error:
        # Whatever is wrong with one mail, the others are sent.
        _logger.warning("Mail %s (%s) was not sent: %s", mail.pk, mail.kind, error_words(error))
        connection.close()
        if mail.tries >= MAX_TRIES:
            row.end(MailState.FAILED, clock(), error_words(error))
            return MailState.FAILED
        row.update(error=error_words(error), due_at=clock() + PAUSES[mail.tries - 1])
        return MailState.WAITING
    with transaction.atomic():
        letter.once_sent()
        row.end(MailState.SENT, clock())
    return MailState.SENT


def _message(mail: Mail, now: datetime) -> tuple[Letter, EmailMessage] | None:
    """Return a mail as it is sent, in the language of its reader; None if it is not needed."""
    rule = MAIL_RULES[MailKind(mail.kind)]
    if not rule.to(mail):
        return None
    if rule.wanted and mail.person and not rule.wanted(MailPreference.objects.of(mail.person)):
        return None
    with translation.override(language_of(mail)):
        letter = rule.write(mail, now)
        if letter is None or not letter.to:
            return None
        values = {**letter.values, "site": site().name, "home": absolute("/"), "stop": letter.stop}
        subject = " ".join(str(rule.subject % values).split())
        text = tidied(render_to_string(rule.template, values))
    return letter, EmailMessage(subject, text, to=[letter.to], headers=_headers(mail, letter))


def _headers(mail: Mail, letter: Letter) -> dict[str, str]:
    headers = {"Message-ID": message_id(mail), "Auto-Submitted": "auto-generated"}
    if letter.stop:
        headers["List-Unsubscribe"] = f"<{letter.stop}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def message_id(mail: Mail) -> str:
    """Return the id of a mail, the same each time that it is tried."""
    # A mail put again with the same key, after the first was deleted, is another mail.
    words = f"{mail.key} {mail.made_at.timestamp()}"
    digest = salted_hmac(__name__, words, algorithm="sha256").hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.SITE_URL).hostname}>"


def tidied(text: str) -> str:
    """Return a text without the blank lines and blanks that the tags of its template leave."""
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for before, line in zip(["", *lines], lines, strict=False) if line or before]
    return "\n".join(kept).strip() + "\n"


def error_words(error: Exception) -> str:
    """Return what went wrong, without addresses, which servers repeat in their answers."""
    match error:
        case SMTPRecipientsRefused():
            code = str(next(iter(error.recipients.values()), ("",))[0])
        case SMTPResponseException():
            code = str(error.smtp_code)
        case OSError():
            code = error.strerror or str(error)
        case _:
            code = ""
    return f"{type(error).__name__} {code}".strip()[:MAX_ERROR_LENGTH]
