"""Messages about the steps of loading a large file."""

from __future__ import annotations

from collections.abc import Callable

# It is called with the step that begins, in words.
Progress = Callable[[str], None]


def in_silence(_step: str) -> None:
    """Report nothing."""
