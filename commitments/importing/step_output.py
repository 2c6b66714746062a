"""Messages about the steps of loading a large file."""

from __future__ import annotations

from collections.abc import Callable

# Called with a description of the step that begins.
Progress = Callable[[str], None]


def in_silence(_step: str) -> None:
    """Report nothing."""
