"""What mails are about, and what becomes of them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commitments.choices.codes import Codes


class MailKind(Codes):
    """What a mail is about; `notify.MAIL_RULES` says to whom it goes and what it contains."""

    INVITATION = "invitation", _("Invitation")
    PASSWORD = "password", _("Link to set a password")
    NEW_PASSWORD = "new_password", _("Notice of a new password")
    RETURNED = "returned", _("Notice of a return")
    PUBLISHED = "published", _("Notice of a publication")
    CORRECTED = "corrected", _("Notice of a correction by somebody else")
    WITHDRAWN = "withdrawn", _("Notice of a withdrawal by somebody else")
    CALL_MADE = "call_made", _("Call for reports")
    CALL_AHEAD = "call_ahead", _("Reminder before the deadline of a call")
    CALL_OVER = "call_over", _("Reminder after the deadline of a call")
    CALL_WITHDRAWN = "call_withdrawn", _("Notice of a withdrawn call")
    MEETING_AHEAD = "meeting_ahead", _("Reminder before a meeting")
    MEETING_CHANGED = "meeting_changed", _("Notice of a changed or cancelled meeting")
    MEETING_OVER = "meeting_over", _("Reminder after a meeting")
    WEBHOOK_STOPPED = "webhook_stopped", _("Notice of a stopped webhook")
    DIGEST = "digest", _("Digest of the desk")
    CONFIRMATION = "confirmation", _("Request to confirm an address")
    CHANGES = "changes", _("Changes that a reader follows")


class MailState(Codes):
    """The state of a mail in the outbox. A mail is dropped if, by the time it would be sent, there
    is nothing to say, or its reader may no longer see what it would say. It is held if a backup was
    restored, and the mail may have been sent after the backup was made."""

    WAITING = "waiting", _("Waiting")
    HELD = "held", _("Held after a restore")
    SENT = "sent", _("Sent")
    DROPPED = "dropped", _("No longer needed")
    FAILED = "failed", _("Given up")


class DigestPeriod(Codes):
    """How often a person gets a digest of their desk."""

    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every Monday")
    NEVER = "never", _("Never")
