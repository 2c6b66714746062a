"""The relations between forums: which is part of which, and which succeeded which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commitments.models.forums import Forum


class ForumTree:
    """The parts, successors and predecessors of forums, by id.

    Built from `(id, parent id, predecessor id)` of every forum. Cycles are allowed.
    """

    def __init__(self, forums: Iterable[tuple[int, int | None, int | None]]) -> None:
        self._parents: dict[int, set[int]] = defaultdict(set)
        self._children: dict[int, set[int]] = defaultdict(set)
        self._successors: dict[int, set[int]] = defaultdict(set)
        self._predecessors: dict[int, set[int]] = defaultdict(set)
        for forum, parent, predecessor in forums:
            if parent is not None:
                self._children[parent].add(forum)
                self._parents[forum].add(parent)
            if predecessor is not None:
                self._successors[predecessor].add(forum)
                self._predecessors[forum].add(predecessor)

    def commitments_through(self, forum: int) -> set[int]:
        """Return the forums whose commitments count as the forum's: the forum itself, its parts,
        and the predecessors of any of these."""
        return self._closure(forum, self._children, self._predecessors)

    def with_parts(self, forum: int) -> set[int]:
        """Return the forum itself and its parts, to any depth."""
        return self._closure(forum, self._children)

    def has_successors(self, forum: int) -> bool:
        """Return whether activity at another forum than the forum itself and its parts counts as
        its own."""
        return self.activity_through(forum) != self.with_parts(forum)

    def activity_through(self, forum: int) -> set[int]:
        """Return the forums at which activity counts as the forum's: the forum itself, its parts,
        and the successors of any of these."""
        return self._closure(forum, self._children, self._successors)

    def meets_for(self, forum: int) -> set[int]:
        """Return the forums that a meeting of the forum concerns: those whose commitments count as
        its own, and those at which activity there counts."""
        return self.commitments_through(forum) | self.leads_to(forum)

    def leads_to(self, forum: int) -> set[int]:
        """Return the forum itself, those of which it is a part, its predecessors, and so on from
        any of these."""
        return self._closure(forum, self._parents, self._predecessors)

    @classmethod
    def of(cls, forums: Iterable[Forum]) -> ForumTree:
        """Return the tree of these forums, which must be all there are."""
        return cls((row.pk, row.parent_id, row.successor_of_id) for row in forums)

    @staticmethod
    def _closure(start: int, *relations: Mapping[int, set[int]]) -> set[int]:
        reached, pending = {start}, [start]
        while pending:
            forum = pending.pop()
            for relation in relations:
                new = relation.get(forum, set()) - reached
                reached |= new
                pending.extend(new)
        return reached
