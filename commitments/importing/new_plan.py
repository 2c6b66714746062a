"""A plan file to start from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from commitments.choices import ForumKind

TEMPLATE = Path(__file__).with_name("new_plan.yaml")


def new_plan(code: str, languages: Sequence[str]) -> str:
    """Return a commented plan file with this code, whose texts are in the first of the languages.
    The file can be loaded as it is."""
    return TEMPLATE.read_text(encoding="utf-8").format(
        code=code,
        languages=f"[{', '.join(languages)}]",
        first=languages[0],
        forum_kinds=", ".join(ForumKind.values()),
    )
