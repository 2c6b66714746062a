"""The sources of a report, each numbered once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commitments.models import Evidence


class SourceList:
    """Numbers pieces of evidence from 1 on in the order in which they are first named. Pieces with
    the same link, citation or file are one source."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._sources: list[Evidence] = []

    def numbers(self, evidence: Iterable[Evidence]) -> Sequence[int]:
        """Return the numbers of these pieces, in order, each once; new ones are added."""
        return sorted({self._number(piece) for piece in evidence})

    def _number(self, piece: Evidence) -> int:
        key = piece.url or piece.citation or piece.file_sha256 or f"#{piece.pk}"
        if key not in self._numbers:
            self._sources.append(piece)
            self._numbers[key] = len(self._sources)
        return self._numbers[key]

    @property
    def numbered(self) -> list[tuple[int, Evidence]]:
        """The sources with their numbers, in order."""
        return list(enumerate(self._sources, start=1))
