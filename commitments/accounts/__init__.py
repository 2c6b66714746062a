"""Accounts of the staff: who made them, gave them roles and links to set a password."""

from commitments.accounts.links import Links, ask_for_links
from commitments.accounts.persons import facts_about, forget_person
from commitments.accounts.requests import confirm_change, powers_of, record_command, request_change
from commitments.accounts.wanted import Wanted, differing, needs_second, present, state_digest

__all__ = [
    "Links",
    "Wanted",
    "ask_for_links",
    "confirm_change",
    "differing",
    "facts_about",
    "forget_person",
    "needs_second",
    "powers_of",
    "present",
    "record_command",
    "request_change",
    "state_digest",
]
