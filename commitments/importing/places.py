"""Where in a file an error is: its line and column, and the name of the item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from commitments.exceptions import Problem, ProblemPath
from commitments.texts.lists import COMMAS, join_list

# The words for an item of each list in a message.
ITEM_NAMES = {
    "goals": "goal",
    "areas": "area",
    "forums": "forum",
    "offices": "office",
    "commitments": "commitment",
    "updates": "update",
}
# The keys that identify an item; the first one that it has is used.
IDENTIFIERS = ("number", "code", "key", "external_ref", "title")


@dataclass(frozen=True)
class Place:
    """A line and a column of a file, both counted from 1."""

    line: int
    column: int


Places = Mapping[ProblemPath, Place]


@dataclass(frozen=True)
class FileProblem(Problem):
    """An error in a file: the name of the file, the line and column, of a table the row alone, and
    the name of the value that is wrong, such as `commitment 3.3, forums BRIX`. What does not apply
    is empty or 0."""

    file: str = ""
    line: int = 0
    column: int = 0
    item: str = ""

    def __str__(self) -> str:
        location = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return ": ".join(part for part in (location, self.item, self.message) if part)


def in_order(problems: Iterable[FileProblem]) -> list[Problem]:
    """Return errors in the order of the file; those that have no place in it are last."""
    return [*sorted(problems, key=lambda found: (not found.file, found.line, found.column))]


def places_in(root: yaml.Node | None) -> Places:
    """Return the place of each value of a YAML document, by its path; for a value of a mapping, the
    place of its key."""
    found: dict[ProblemPath, Place] = {}
    if root is None:
        return found
    pending: list[tuple[ProblemPath, yaml.Node, yaml.Node]] = [((), root, root)]
    while pending:
        path, node, marked = pending.pop()
        mark: Any = marked.start_mark
        found.setdefault(path, Place(mark.line + 1, mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            pending += [
                ((*path, key.value), value, key)
                for key, value in node.value
                if isinstance(key, yaml.ScalarNode)
            ]
        elif isinstance(node, yaml.SequenceNode):
            pending += [((*path, index), item, item) for index, item in enumerate(node.value)]
    return found


def located(
    problems: Iterable[Problem], file_name: str, places: Places, document: object
) -> list[Problem]:
    """Return these errors with their places in the file, in its order; those that are errors of a
    file already stay as they are."""
    return in_order(
        problem
        if isinstance(problem, FileProblem)
        else _at(_place(problem.path, places), problem, file_name, document)
        for problem in problems
    )


def _at(place: Place, problem: Problem, file_name: str, document: object) -> FileProblem:
    return FileProblem(
        problem.path,
        problem.message,
        file=file_name,
        line=place.line,
        column=place.column,
        item=item_name(problem.path, document),
    )


def _place(path: ProblemPath, places: Places) -> Place:
    """Return the place of a value, or of the nearest value around it that the file has."""
    for length in range(len(path), -1, -1):
        if path[:length] in places:
            return places[path[:length]]
    return Place(1, 1)


def item_name(path: ProblemPath, document: object) -> str:
    """Return the name of a value for readers: `commitment 3.3, forums BRIX, quote, en`. An item
    without a name is told by its place, as `item 2 of commitments`: a mere 2 could be the number of
    another one. A path may give an item that its list lacks by its key."""
    names: list[str] = []
    value: Any = document
    for position, step in enumerate(path):
        around, value = value, _part(value, step)
        if isinstance(step, int) or isinstance(around, list):
            part = str(path[position - 1]) if position else ""
            name = ITEM_NAMES.get(part, part) if position == 1 else part
            known = _identifier(value) or (step if isinstance(step, str) else "")
            place = f"item {step + 1} of {part}" if isinstance(step, int) else ""
            names[-1:] = [f"{name} {known}".strip() if known else place]
        else:
            names.append(step)
    return join_list(names, COMMAS)


def _part(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _identifier(item: object) -> str:
    """Return the number, code or key of an item, the item itself if it is a word, else ""."""
    if isinstance(item, dict):
        known = [item[name] for name in IDENTIFIERS if isinstance(item.get(name), str | int)]
        return str(known[0]) if known else ""
    return item if isinstance(item, str) else ""
