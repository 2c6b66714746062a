"""Mail: what goes to whom, and its sending from the outbox."""

from commitments.notify.rules import MAIL_RULES, MailRule
from commitments.notify.sending import MailServerAway, preview_due, send_due

__all__ = ["MAIL_RULES", "MailRule", "MailServerAway", "preview_due", "send_due"]
