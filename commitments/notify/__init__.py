"""Mail and webhooks: what goes to whom, and its sending."""

from commitments.notify.held import hold_after_restore
from commitments.notify.rules import MAIL_RULES, MailRule
from commitments.notify.sending import MailServerAway, preview_due, send_due

__all__ = [
    "MAIL_RULES",
    "MailRule",
    "MailServerAway",
    "hold_after_restore",
    "preview_due",
    "send_due",
]
