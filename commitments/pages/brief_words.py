"""The words of a brief's items, used to estimate their length in the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commitments.choices import EventType, Status
from commitments.pages.promises import Promise, Quotation
from commitments.pages.rows import ListedCommitment
from commitments.pages.updates import EvidenceItem, PageUpdate
from commitments.templatetags.tracker import on_day

# Placeholders about as long as the sentence of an empty section, the words before the last action,
# and a short address.
NOTHING = ("x" * 60,)
LABEL, ADDRESS = "x" * 18, "x" * 34


def is_empty_brief(context: Mapping[str, Any]) -> bool:
    """Return whether a brief, given as its template context, has nothing to list."""
    names = ("promises", "actions", "other_events", "sources")
    return not any(context[name] for name in names)


def promise_words(row: Promise) -> list[str]:
    """Return the paragraphs of a commitment: its line, its quotations, and the last action."""
    facts = " · ".join(map(str, row.commitment.brief_facts))
    quotations = [words for found in row.quotations for words in _quotation_words(found)]
    actions = [f"{LABEL} {action.text}" for action in row.last_actions]
    none = [] if row.last_action else [f"{LABEL} {LABEL}"]
    return [f"{_titled(row.commitment)} {facts}", *quotations, *none, *actions]


def _quotation_words(found: Quotation) -> list[str]:
    sentence = "".join(span.text for span in found.spans)
    return [sentence, found.remark] if found.remark else [sentence]


def question_words(row: ListedCommitment) -> list[str]:
    facts = " · ".join(map(str, row.dated_facts))
    return [f"{_titled(row)} {facts}"]


def event_words(update: PageUpdate) -> list[str]:
    day = on_day(update.effective_on, update.date_precision)
    what = EventType(str(update.event_type)).label
    text = update.texts[0].summary if update.texts else ""
    return [f"{day} {what} {update.commitment.number} {text}"]


def source_words(item: EvidenceItem) -> list[str]:
    day = on_day(item.evidence.dated_on) if item.evidence.dated_on else ""
    facts = " · ".join(map(str, item.short_facts))
    return [f"{day} {item.title} {facts} {ADDRESS}"]


def _titled(row: ListedCommitment) -> str:
    return f"{row.number} {row.title} {Status(row.status).label}"
