"""Merge a plan file with the plan in the tracker: three-way, against the file loaded last.

What only the file changed since then is applied, what only the tracker changed stays, and what both
changed differently is a conflict until one side is taken. A list in the file is the whole list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from commitments.exceptions import ProblemPath
from commitments.importing.places import item_name
from commitments.ledger.documents import (
    DEFAULT_SECOND_RATING,
    DEFAULT_VISIBILITY,
    Document,
    without_empty,
)
from commitments.models.plans import DEFAULT_REVIEW_INTERVAL

# The key by which the items of a list are matched.
LIST_KEYS = {
    "goals": "number",
    "areas": "number",
    "forums": "code",
    "offices": "code",
    "commitments": "number",
    "criteria": "key",
    "milestones": "key",
}
# Lists of references whose order means nothing.
SETS = ("supporting_goals", "supporting_offices", "same_as")
# The key of an item in its list.
Key = str | int
# The parts of a plan file whose items may belong to several plans.
SHARED_PARTS = ("forums", "offices")
# The values of a plan whose file does not set them.
PLAN_DEFAULTS: Document = {
    "review_interval_days": DEFAULT_REVIEW_INTERVAL,
    "visibility": DEFAULT_VISIBILITY.value,
    "second_rating": DEFAULT_SECOND_RATING.value,
}
# The codes of the other plans that use a shared item, by its part of the file and its code.
Sharing = Mapping[tuple[str, str], Sequence[str]]


class Side(StrEnum):
    FILE = "file"
    TRACKER = "tracker"


@dataclass
class TakenSides:
    """Which side to take in conflicts, by the name of the place, such as `commitment 3.2, due_on`.
    The side for a place holds for everything within it; "" is the whole plan."""

    by_place: Mapping[str, Side] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def side_for(self, name: str) -> Side | None:
        """Return the side of the smallest place that contains the place of this name."""
        around = [
            place for place in self.by_place if not place or f"{name}, ".startswith(f"{place}, ")
        ]
        if not around:
            return None
        place = max(around, key=len)
        self.used.add(place)
        return self.by_place[place]

    @property
    def unused(self) -> list[str]:
        """The places that contain no conflict."""
        return [place for place in self.by_place if place and place not in self.used]


@dataclass(frozen=True)
class Difference:
    """A value that is not the same in the file, in the tracker and in the file loaded last; None
    where there is none. In `path`, an item that the file lacks is given by its key instead of an
    index. `shared_with` are the codes of other plans that use the forum or office to which the
    value belongs."""

    path: ProblemPath
    base: object
    file: object
    tracker: object
    shared_with: Sequence[str] = ()


@dataclass
class Merge:
    """The plan as it would be; the values that stay although the file has others; the conflicts in
    which no side was taken; and the numbers of commitments that the file lacks."""

    document: Document = field(default_factory=dict)
    kept: list[Difference] = field(default_factory=list)
    conflicts: list[Difference] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def normal_form(document: Document) -> Document:
    """Return the content of a plan file without empty values, with the defaults of the plan, and
    with those lists sorted whose order means nothing."""
    normal = cast("Document", _normal(document))
    return normal | {"plan": PLAN_DEFAULTS | normal.get("plan", {})}


def _normal(value: object, name: str = "") -> object:
    if isinstance(value, dict):
        return without_empty({key: _normal(item, key) for key, item in value.items()})
    if isinstance(value, list):
        return sorted(value) if name in SETS else [_normal(item) for item in value]
    return value


def merge(
    base: Document, file: Document, tracker: Document, taken: TakenSides, sharing: Sharing
) -> Merge:
    """Merge the content of a file with that of the tracker, all in normal form.

    `base` is the file loaded last, empty if there is none. `tracker` has only those forums and
    offices that the file has. Conflicts are part of the result; they are not raised.
    """
    merger = _Merger(file, taken, sharing)
    parts = {
        part: merger.merged((part,), base.get(part), file.get(part), tracker.get(part))
        for part in ("plan", "goals", "areas", "forums", "offices", "commitments")
    }
    merger.result.document = {"format": file["format"], **without_empty(parts)}
    return merger.result


class _Merger:
    def __init__(self, file: Document, taken: TakenSides, sharing: Sharing) -> None:
        self.file = file
        self.taken = taken
        self.sharing = sharing
        self.result = Merge()

    def merged(self, path: ProblemPath, base: Any, file: Any, tracker: Any) -> object:
        """Return the value at a place of the merged document, None if it has none."""
        if file == tracker:
            return tracker
        name = path[-1]
        if name in LIST_KEYS:
            return self._list(path, base or (), file or (), tracker or ())
        if name in SETS:
            return self._set(path, base or (), file or (), tracker or ())
        if any(isinstance(value, dict) for value in (base, file, tracker)):
            return self._object(path, base or {}, file or {}, tracker or {}) or None
        return self._value(path, base, file, tracker)

    def _object(
        self, path: ProblemPath, base: Document, file: Document, tracker: Document
    ) -> Document:
        return without_empty(
            {
                key: self.merged((*path, key), base.get(key), file.get(key), tracker.get(key))
                for key in dict.fromkeys((*file, *tracker))
            }
        )

    def _list(
        self,
        path: ProblemPath,
        base: Iterable[Document],
        file: Iterable[Document],
        tracker: Iterable[Document],
    ) -> list[Document]:
        key = LIST_KEYS[str(path[-1])]
        bases, files, trackers = (
            {item[key]: item for item in items} for items in (base, file, tracker)
        )
        positions = {name: index for index, name in enumerate(files)}
        order = _in_order_of(files, trackers)
        items = (
            self._item(
                (*path, positions.get(name, name)),
                bases.get(name),
                files.get(name),
                trackers.get(name),
            )
            for name in order
        )
        merged = [item for item in items if item]
        return _by_date(merged, trackers) if path[-1] == "milestones" else merged

    def _item(
        self,
        path: ProblemPath,
        base: Document | None,
        file: Document | None,
        tracker: Document | None,
    ) -> Document | None:
        """Return the item of a list; one that only one side has is taken or left out as a whole."""
        if file == tracker:
            return tracker
        if file and tracker:
            return self._object(path, base or {}, file, tracker)
        if path[-2] == "commitments":
            # The number of a commitment never disappears.
            if tracker:
                self.result.missing.append(tracker["number"])
            return file or tracker
        return cast("Document | None", self._value(path, base, file, tracker))

    def _set(
        self,
        path: ProblemPath,
        base: Collection[Key],
        file: Collection[Key],
        tracker: Collection[Key],
    ) -> list[Key]:
        """Return the references with those that a side added and without those that a side
        removed; those of a shared item are changed as a whole or not at all."""
        merged = {
            key
            for key in {*file, *tracker}
            if ((key in tracker) if (key in base) == (key in file) else (key in file))
        }
        if merged != set(tracker) and self._shared_with(path, tracker):
            return cast("list[Key]", self._value(path, [*base], [*file], [*tracker]))
        if merged != set(file):
            self.result.kept.append(Difference(path, [*base], [*file], [*tracker]))
        return sorted(merged)

    def _value(self, path: ProblemPath, base: object, file: object, tracker: object) -> object:
        if file == base:
            return self._keep(Difference(path, base, file, tracker))
        shared_with = self._shared_with(path, tracker)
        if tracker == base and not shared_with:
            return file
        difference = Difference(path, base, file, tracker, shared_with)
        side = self.taken.side_for(item_name(path, self.file))
        if side is Side.FILE and not shared_with:
            return file
        if side is Side.TRACKER:
            return self._keep(difference)
        self.result.conflicts.append(difference)
        return tracker

    def _keep(self, difference: Difference) -> object:
        self.result.kept.append(difference)
        return difference.tracker

    def _shared_with(self, path: ProblemPath, tracker: object) -> Sequence[str]:
        """Return the other plans that use the forum or office to which a value belongs; none if it
        is new."""
        part, index, *inner = path
        if part not in SHARED_PARTS or not isinstance(index, int) or not (inner or tracker):
            return ()
        return self.sharing.get((str(part), self.file[part][index]["code"]), ())


def _in_order_of(file: Iterable[Key], tracker: Iterable[Key]) -> list[Key]:
    """Return the keys of both lists in the order of the file; a key that the file lacks follows its
    predecessor in the tracker."""
    order = list(file)
    present, previous = set(order), None
    for name in tracker:
        if name not in present:
            order.insert(0 if previous is None else order.index(previous) + 1, name)
        previous = name
    return order


def _by_date(milestones: Iterable[Document], tracker: Iterable[Key]) -> list[Document]:
    """Return milestones as the tracker has them, whatever their order in the file: by date, those
    of one day in the order of the tracker, new ones last."""
    places = {key: place for place, key in enumerate(tracker)}
    return sorted(
        milestones, key=lambda item: (item["due_on"], places.get(item["key"], len(places)))
    )


def path_in(file: Document, merged: Document, path: ProblemPath) -> ProblemPath:
    """Return the file's path for a path of the merged document; name an item that the file lacks
    by its key."""
    found: list[Key] = []
    in_file: object = file
    in_merged: object = merged
    for step in path:
        in_merged = _part(in_merged, step)
        found.append(_position(in_file, in_merged, found[-1], step) if found else step)
        in_file = _part(in_file, found[-1])
    return tuple(found)


def _position(items: object, item: object, part: Key, step: Key) -> Key:
    """Return the index that an item of a list has in the list of the file, or its key."""
    key = LIST_KEYS.get(str(part))
    if key is None or not isinstance(item, dict):
        return step
    names = [other[key] for other in items] if isinstance(items, list) else []
    name: Key = item[key]
    return names.index(name) if name in names else name


def _part(value: object, step: Key) -> object:
    if isinstance(value, list):
        return value[step] if isinstance(step, int) and step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None
