"""Check the languages of the texts in plan files and update files."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.utils.translation import gettext as _

from commitments.exceptions import Problem, ProblemPath
from commitments.ledger.documents import Document
from commitments.texts.languages import canonical_tag
from commitments.texts.lists import ITEMS, join_list

# The keys of texts that are in the languages of their plan.
PLAN_TEXTS = {
    "title", "issuer", "notice", "licence", "text", "note", "kind_reason", "goal_reason",
    "criteria_reason", "quote", "one", "many",
    "summary", "search_note",
}  # fmt: skip

# The keys of texts that may be in any language.
FREE_TEXTS = ("name", "publisher")


def without_final_blanks(value: object, is_text: bool = False) -> object:
    """Return a document, or a part of one, without blanks and line breaks at the end of texts: they
    come from the layout of the file and are not part of the text."""
    if isinstance(value, dict):
        return {
            key: without_final_blanks(item, is_text or key in PLAN_TEXTS or key in FREE_TEXTS)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [without_final_blanks(item) for item in value]
    return value.rstrip() if is_text and isinstance(value, str) else value


def problems_of(
    value: Any, languages: Collection[str], names: Collection[str], path: ProblemPath = ()
) -> Iterator[Problem]:
    """Yield an error for each text in a language that the plan does not list.

    `value` is a document or a part of one. Texts under one of the keys in `names` may be in any
    language that exists.
    """
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from problems_of(item, languages, names, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "findings":
                continue  # Its keys are those of criteria.
            if key in names and isinstance(item, dict):
                yield from _unknown(item, (*path, key))
            elif key in PLAN_TEXTS and isinstance(item, dict):
                yield from _unlisted(item, languages, (*path, key))
            else:
                yield from problems_of(item, languages, names, (*path, key))


def _unlisted(text: Document, languages: Collection[str], path: ProblemPath) -> Iterator[Problem]:
    for tag in text:
        if tag not in languages:
            message = _("“%(tag)s” is not a language of the plan; its languages: %(languages)s")
            yield Problem(
                (*path, tag), message % {"tag": tag, "languages": join_list(languages, ITEMS)}
            )


def unknown_language(tag: str) -> str:
    """Return the message for a tag that is not one of a known language."""
    return _("no known language has the tag “%(tag)s”") % {"tag": tag}


def _unknown(text: Document, path: ProblemPath) -> Iterator[Problem]:
    for tag in text:
        if canonical_tag(tag) != tag:
            yield Problem((*path, tag), unknown_language(tag))
