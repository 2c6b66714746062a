"""How the loading of a large file tells which step begins."""

from __future__ import annotations

from collections.abc import Callable

# It is called with the step that begins, in words.
Progress = Callable[[str], None]


def in_silence(_step: str) -> None:
    """Tell nobody."""
