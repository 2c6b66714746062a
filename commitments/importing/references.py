"""References in plan files: to items of the file or the tracker, and from forum to forum."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.exceptions import Problem, ProblemPath
from commitments.ledger.documents import Document
from commitments.models import Forum, Office

LINKS = ("parent", "successor_of")
# The lists to which commitments refer, and the key that identifies an item of each.
KEYS = {"goals": "number", "areas": "number", "forums": "code", "offices": "code"}
UNKNOWN = {
    "goals": gettext_lazy("no goal %(key)s"),
    "areas": gettext_lazy("no area %(key)s"),
    "forums": gettext_lazy("no forum “%(key)s”"),
    "offices": gettext_lazy("no office “%(key)s”"),
}


def readable_items(document: Document, part: str) -> list[tuple[int, Document]]:
    """Return the items of a list with their indexes, without those that could not be read."""
    items = document.get(part) or []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, dict)]


def codes_of(document: Document, part: str, key: str) -> set[Any]:
    """Return the values of the key that identifies the items of a list."""
    return {item[key] for _index, item in readable_items(document, part) if key in item}


def is_readable(document: Document, part: str, key: str) -> bool:
    """Return whether every item of a list has its key, so that a key that none of them has is
    certainly unknown."""
    return all(isinstance(item, dict) and key in item for item in document.get(part) or ())


def meant(key: object, known: Collection[object]) -> str:
    """Return “; meant …?” with the known code that is most like this one, "" if none is similar."""
    similar = get_close_matches(str(key), map(str, known), n=1)
    return _("; meant %(code)s?") % {"code": similar[0]} if similar else ""


def unknown(part: str, key: object, known: Collection[object]) -> str:
    """Return the message that a list has no item of this number or code."""
    return str(UNKNOWN[part]) % {"key": key} + meant(key, known)


def known_forums(document: Document) -> set[str]:
    """Return the codes of the forums of the tracker and of the file."""
    codes = codes_of(document, "forums", "code")
    return codes | set(Forum.objects.values_list("code", flat=True))


def forum_problems(document: Document) -> list[Problem]:
    """Return an error for each unknown parent or predecessor of a forum, and for each forum that
    leads back to itself, through parts, predecessors or both."""
    known, targets = known_forums(document), _forum_links(document)
    problems = []
    for index, forum in readable_items(document, "forums"):
        for link in LINKS:
            target = forum.get(link)
            if target is None:
                continue
            path: ProblemPath = ("forums", index, link)
            if target not in known and is_readable(document, "forums", "code"):
                problems.append(Problem(path, unknown("forums", target, known)))
            elif _leads_to(target, forum.get("code"), targets):
                problems.append(Problem(path, _("the forum leads back to itself")))
    return problems


def _forum_links(document: Document) -> dict[str, set[str]]:
    """Return the forums that each forum is part of or follows: for forums of the file, as it says;
    for others, as in the tracker."""
    rows = Forum.objects.values_list("code", "parent__code", "successor_of__code")
    links = {code: {target for target in targets if target} for code, *targets in rows}
    for _index, forum in readable_items(document, "forums"):
        if "code" in forum:
            links[forum["code"]] = {forum[link] for link in LINKS if forum.get(link)}
    return links


def _leads_to(start: str, end: str | None, links: Mapping[str, set[str]]) -> bool:
    """Return whether one forum is another, or leads to it in any number of steps."""
    visited, pending = set(), [start]
    while pending:
        code = pending.pop()
        if code == end:
            return True
        if code not in visited:
            visited.add(code)
            pending += links.get(code, ())
    return False


def reference_problems(document: Document) -> list[Problem]:
    """Return an error for each reference of a commitment to something unknown, or to an office that
    is closed."""
    offices = dict(Office.objects.values_list("code", "closed_on"))
    known: dict[str, Collection[Any]] = {
        "goals": codes_of(document, "goals", "number"),
        "areas": codes_of(document, "areas", "number"),
        "forums": known_forums(document),
        "offices": {*offices, *codes_of(document, "offices", "code")},
    }
    problems = []
    for path, part, key in _references(document):
        if key not in known[part] and is_readable(document, part, KEYS[part]):
            problems.append(Problem(path, unknown(part, key, known[part])))
        elif part == "offices" and offices.get(key):
            problems.append(Problem(path, _("office “%(code)s” is closed") % {"code": key}))
    return problems


def _references(document: Document) -> Iterator[tuple[ProblemPath, str, Any]]:
    """Yield the path, the part and the key of each item to which a commitment refers."""
    for index, item in readable_items(document, "commitments"):
        path: ProblemPath = ("commitments", index)
        for name, part in (("goal", "goals"), ("area", "areas"), ("lead_office", "offices")):
            if item.get(name) is not None:
                yield (*path, name), part, item[name]
        for position, partner in readable_items(item, "forums"):
            if "code" in partner:
                yield (*path, "forums", position), "forums", partner["code"]
        for name, part in (("supporting_goals", "goals"), ("supporting_offices", "offices")):
            for position, key in enumerate(item.get(name) or ()):
                if key is not None:
                    yield (*path, name, position), part, key
