"""Accounts of the staff: who made them, gave them roles and links to set a password."""

from commitments.accounts.account_requests import (
    confirm_change,
    issue_service_token,
    powers_of,
    record_command,
    request_change,
)
from commitments.accounts.changes import (
    AccountChanges,
    account_state,
    changed_fields,
    needs_second,
    state_digest,
)
from commitments.accounts.links import Links, ask_for_links
from commitments.accounts.mentions import Mentions, decisions_that_mention
from commitments.accounts.persons import facts_about, forget_person
from commitments.accounts.sessions import end_access, end_sessions
from commitments.accounts.visits import forget_sign_ins, last_visit

__all__ = [
    "AccountChanges",
    "Links",
    "Mentions",
    "account_state",
    "ask_for_links",
    "changed_fields",
    "confirm_change",
    "decisions_that_mention",
    "end_access",
    "end_sessions",
    "facts_about",
    "forget_person",
    "forget_sign_ins",
    "issue_service_token",
    "last_visit",
    "needs_second",
    "powers_of",
    "record_command",
    "request_change",
    "state_digest",
]
