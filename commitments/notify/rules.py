"""What goes to whom: one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from commitments.choices import DigestPeriod, MailKind
from commitments.models import Mail, MailPreference
from commitments.notify import recipients
from commitments.notify.calls import call_ahead, call_letter, call_withdrawn
from commitments.notify.changes import followed_changes
from commitments.notify.digest import digest_of_desk
from commitments.notify.letters import (
    Letter,
    confirmation,
    corrected,
    invitation,
    new_password,
    password,
    published,
    returned,
    webhook_stopped,
    withdrawn,
)
from commitments.notify.meetings import meeting_ahead, meeting_changed, meeting_over

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


def _notices(preference: MailPreference) -> bool:
    return bool(preference.notices)


def _digests(preference: MailPreference) -> bool:
    return bool(preference.digest != DigestPeriod.NEVER)


# The occasion is that the meeting has to be prepared, was changed or was cancelled.
ABOUT_MEETING = _("%(occasion)s: %(about)s, %(days)s")


@dataclass(frozen=True)
class MailRule:
    """How mails of a kind are written, and to whom.

    to         whether the reader of a mail is one of its recipients (`notify.recipients`)
    subject    formatted with the values of the letter, which include the name of the site
    template   the text, in plain words
    write      returns the letter; None if there is nothing to say, or its reader may no longer see
               it
    wanted     whether the preferences of such a person ask for it; None if these do not matter
    lifetime   how long a mail is tried; then nobody waits for it any more, and it is dropped
    """

    to: Callable[[Mail], bool]
    subject: StrPromise
    template: str
    write: Callable[[Mail, datetime], Letter | None]
    wanted: Callable[[MailPreference], bool] | None = None
    lifetime: timedelta | None = None


MAIL_RULES: dict[MailKind, MailRule] = {
    MailKind.INVITATION: MailRule(
        recipients.staff, _("Your account at %(site)s"), "mail/invitation.txt", invitation
    ),
    MailKind.PASSWORD: MailRule(
        recipients.typed_address,
        _("Set your password at %(site)s"),
        "mail/password.txt",
        password,
        lifetime=timedelta(days=1),
    ),
    # Nobody can turn this one off: it may be the first sign that an account was taken over.
    MailKind.NEW_PASSWORD: MailRule(
        recipients.staff,
        _("New password for your account at %(site)s"),
        "mail/new_password.txt",
        new_password,
    ),
    MailKind.RETURNED: MailRule(
        recipients.author, _("Returned to you: %(about)s"), "mail/returned.txt", returned, _notices
    ),
    MailKind.PUBLISHED: MailRule(
        recipients.author, _("Published: %(about)s"), "mail/published.txt", published, _notices
    ),
    MailKind.CORRECTED: MailRule(
        recipients.author,
        _("Corrected by somebody else: %(about)s"),
        "mail/corrected.txt",
        corrected,
        _notices,
    ),
    MailKind.WITHDRAWN: MailRule(
        recipients.author, _("Withdrawn: %(about)s"), "mail/withdrawn.txt", withdrawn, _notices
    ),
    # As long as the person has not answered, each with their own commitments.
    MailKind.CALL_MADE: MailRule(
        recipients.those_asked,
        _("Call for reports by %(day)s: %(about)s"),
        "mail/call_made.txt",
        call_letter,
        _notices,
    ),
    MailKind.CALL_AHEAD: MailRule(
        recipients.those_asked,
        _("Reports due on %(day)s: %(about)s"),
        "mail/call_ahead.txt",
        call_ahead,
        _notices,
    ),
    MailKind.CALL_OVER: MailRule(
        recipients.those_asked,
        _("Reports overdue since %(day)s: %(about)s"),
        "mail/call_over.txt",
        call_letter,
        _notices,
    ),
    # To those who were told of the call, whoever is asked now.
    MailKind.CALL_WITHDRAWN: MailRule(
        recipients.staff,
        _("Call for reports withdrawn: %(about)s"),
        "mail/call_withdrawn.txt",
        call_withdrawn,
        _notices,
    ),
    MailKind.MEETING_AHEAD: MailRule(
        recipients.those_who_go,
        ABOUT_MEETING,
        "mail/meeting_ahead.txt",
        meeting_ahead,
        _notices,
    ),
    # To those who were told of the meeting as it was, whoever goes now.
    MailKind.MEETING_CHANGED: MailRule(
        recipients.staff,
        ABOUT_MEETING,
        "mail/meeting_ahead.txt",
        meeting_changed,
        _notices,
    ),
    MailKind.MEETING_OVER: MailRule(
        recipients.those_who_go,
        _("Nothing recorded yet: %(about)s, %(days)s"),
        "mail/meeting_over.txt",
        meeting_over,
        _notices,
    ),
    MailKind.WEBHOOK_STOPPED: MailRule(
        recipients.every_administrator,
        _("Webhook stopped: %(about)s"),
        "mail/webhook_stopped.txt",
        webhook_stopped,
        _notices,
    ),
    MailKind.DIGEST: MailRule(
        recipients.staff,
        _("Your desk: %(count)s to do"),
        "mail/digest.txt",
        digest_of_desk,
        _digests,
    ),
    MailKind.CONFIRMATION: MailRule(
        recipients.typed_address,
        _("Confirm that you want to follow %(followed)s"),
        "mail/confirmation.txt",
        confirmation,
        lifetime=timedelta(days=1),
    ),
    MailKind.CHANGES: MailRule(
        recipients.follower,
        _("Changes at %(site)s: %(count)s"),
        "mail/changes.txt",
        followed_changes,
    ),
}
