"""Persons and decisions in words."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from commitments.choices import ADMINISTRATOR_ROLE, SYSTEM_ROLE, Action, Role
from commitments.models import Decision
from commitments.roles import name_of


def person_label(user: User | None) -> str:
    """Return the name of a person as text: most readers may not open the page of the account."""
    return name_of(user) if user else "–"


def done_sentence(decision: Decision) -> str:
    """Return what was decided, in the past tense."""
    return str(Action(decision.action).done)


def role_word(role: str) -> str:
    """Return the role in which a decision was made."""
    others = {ADMINISTRATOR_ROLE: _("Administrator"), SYSTEM_ROLE: _("System")}
    return others.get(role) or str(Role(role).label)


def note_text(decision: Decision) -> str:
    """Return the note of a decision, or that it was erased."""
    return _("(erased)") if decision.note_is_erased else decision.note
