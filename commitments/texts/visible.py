"""Whether a reader sees anything of a text, and what it says."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

# The characters that show nothing, as a class in a pattern; the JSON Schemas of plan files and
# update files have it too. Blanks, controls, signs without width, those of direction, of joining,
# of annotation and of variants, tags, and letters and symbols that every font leaves empty: vowels
# of Khmer that are not written, fillers of Hangul, the blank of Braille.
BLANK_CHARACTERS = (
    r"\s\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff"
)
# Signs that turn the letters after them around, whatever their script: what readers see would be
# another text than the one that is stored and hashed. No language needs them.
_OVERRIDES = re.compile("[\u202d\u202e]")
OVERRIDES_REFUSED = _("Signs that override the direction of text (U+202D, U+202E) are not allowed.")
_VISIBLE = re.compile(f"[^{BLANK_CHARACTERS}]")
_BLANKS = re.compile(f"[{BLANK_CHARACTERS}]+")


def is_blank(words: str) -> bool:
    """Return whether a text shows nothing: it is empty, or all its characters are blanks, signs
    without width or the like."""
    return _VISIBLE.search(words) is None


def visible_characters(words: str) -> str:
    """Return a text without the characters that show nothing."""
    return _BLANKS.sub("", words)


def reads_otherwise(words: str) -> bool:
    """Return whether readers see the characters of a text in another order than it has them, by
    signs that override their direction."""
    return _OVERRIDES.search(words) is not None
