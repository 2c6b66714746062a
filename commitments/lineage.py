"""How forums hang together: what is part of what, and what took over from what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping


class Lineage:
    """Answers from `(id, parent id, predecessor id)` of every forum; circles do no harm."""

    def __init__(self, forums: Iterable[tuple[int, int | None, int | None]]) -> None:
        self._children: dict[int, set[int]] = defaultdict(set)
        self._successors: dict[int, set[int]] = defaultdict(set)
        self._predecessors: dict[int, set[int]] = defaultdict(set)
        for forum, parent, predecessor in forums:
            if parent is not None:
                self._children[parent].add(forum)
            if predecessor is not None:
                self._successors[predecessor].add(forum)
                self._predecessors[forum].add(predecessor)

    def commitments_through(self, forum: int) -> set[int]:
        """Forums whose commitments are the forum's: it, its parts, and predecessors of either."""
        return self._reach(forum, self._children, self._predecessors)

    def activity_through(self, forum: int) -> set[int]:
        """Forums at which action is the forum's: it, its parts, and successors of either."""
        return self._reach(forum, self._children, self._successors)

    @staticmethod
    def _reach(start: int, *steps: Mapping[int, set[int]]) -> set[int]:
        found, waiting = {start}, [start]
        while waiting:
            here = waiting.pop()
            for step in steps:
                new = step.get(here, set()) - found
                found |= new
                waiting.extend(new)
        return found
