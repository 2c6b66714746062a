"""Lists of forums: by kind, each with its parts below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext_lazy

from commitments.choices import ForumKind
from commitments.models import Forum

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ListedForum = TypeVar("ListedForum")

# The headings of the list of forums, by kind.
KIND_HEADINGS = {
    ForumKind.UN_BODY: gettext_lazy("United Nations bodies"),
    ForumKind.INTERNATIONAL_ORGANISATION: gettext_lazy("International organisations"),
    ForumKind.REGIONAL_ORGANISATION: gettext_lazy("Regional organisations"),
    ForumKind.DIALOGUE: gettext_lazy("Dialogues"),
    ForumKind.MULTISTAKEHOLDER: gettext_lazy("Multistakeholder bodies"),
    ForumKind.SUMMIT_OR_CONFERENCE: gettext_lazy("Summits and conferences"),
    ForumKind.INITIATIVE: gettext_lazy("Initiatives"),
    ForumKind.BILATERAL: gettext_lazy("Bilateral channels"),
    ForumKind.TRADE_AGREEMENT: gettext_lazy("Trade agreements"),
}


@dataclass(frozen=True)
class OtherForum:
    """A forum that only updates name, or one of which such a forum is a part: `event_count` is the
    number of events there, as the page of events lists them, `is_named` whether the plan names it,
    `parts` are those in the list."""

    forum: Forum
    event_count: int
    is_named: bool
    parts: Sequence[OtherForum]


def forums_by_kind(
    forums: Iterable[Forum],
    shown: Container[str],
    row: Callable[[Forum, Sequence[ListedForum]], ListedForum],
) -> list[tuple[StrOrPromise, list[ListedForum]]]:
    """Return each kind of forum as a heading with the rows of its forums. Parts are in the row of
    the whole, to any depth and whatever their own kind.

    `forums` are all there are, with their parents, in the order of the list; `shown` are the codes
    of those listed. `row` makes a row of a forum and the rows of its parts. A forum whose parent is
    not listed is a part of its nearest ancestor that is.
    """
    by_code = {forum.code: forum for forum in forums}
    parts: dict[str | None, list[Forum]] = defaultdict(list)
    for code, forum in by_code.items():
        if code in shown:
            above = (one for one in _ancestors(forum, by_code) if one in shown)
            parts[next(above, None)].append(forum)

    def with_parts(forum: Forum) -> ListedForum:
        return row(forum, [with_parts(part) for part in parts[forum.code]])

    found: dict[str, list[ListedForum]] = {kind: [] for kind in ForumKind.values()}
    for forum in parts[None]:
        found[forum.kind].append(with_parts(forum))
    return [(KIND_HEADINGS[ForumKind(kind)], rows) for kind, rows in found.items() if rows]


def with_ancestors(forums: Iterable[Forum], codes: Iterable[str]) -> set[str]:
    """Return these codes and those of all forums of which theirs are parts."""
    by_code = {forum.code: forum for forum in forums}
    return {found for code in codes for found in (code, *_ancestors(by_code[code], by_code))}


def _ancestors(forum: Forum, by_code: dict[str, Forum]) -> list[str]:
    """Return the codes of the forum's ancestors, the nearest first. Each is there once, even if
    parents form a cycle."""
    found: list[str] = []
    while forum.parent and forum.parent.code not in found:
        found.append(forum.parent.code)
        forum = by_code[forum.parent.code]
    return found
