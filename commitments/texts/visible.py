"""Whether a reader sees anything of a text, and what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The characters that show nothing, as a class in a pattern; the JSON Schemas of plan files and
# update files have it too. Blanks, controls, signs without width, those of direction, of joining,
# of annotation and of variants, tags, and letters and symbols that every font leaves empty: vowels
# of Khmer that are not written, fillers of Hangul, the blank of Braille.
BLANK_CHARACTERS = (
    r"\s\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff"
)
# What no text may have. Signs that turn the letters after them around, whatever their script: what
# readers see would be another text than the one that is stored and hashed; no language needs them.
# Controls other than tabs and line ends, and codes that are no characters: word processors leave
# them behind, nobody sees them, and programs that read tables or XML fail on them.
_REFUSED = (
    (
        re.compile("[\u202d\u202e]"),
        _("Signs that override the direction of text (U+202D, U+202E) are not allowed."),
    ),
    (
        re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]"),
        _("Control characters other than tabs and line breaks are not allowed."),
    ),
)
_LINE_SIGNS = re.compile("[\t\n\r\u2028\u2029]")
_SEVERAL_LINES = _("Line breaks and tabs are not allowed.")
# The line ends of browsers, and the breaks of lines, columns and pages of word processors.
_LINE_BREAKS = re.compile("\r\n|[\x0b\x0c\x85\u2028\u2029]")
_VISIBLE = re.compile(f"[^{BLANK_CHARACTERS}]")
_BLANKS = re.compile(f"[{BLANK_CHARACTERS}]+")


def is_blank(words: str) -> bool:
    """Return whether a text shows nothing: it is empty, or all its characters are blanks, signs
    without width or the like."""
    return _VISIBLE.search(words) is None


def visible_characters(words: str) -> str:
    """Return a text without the characters that show nothing."""
    return _BLANKS.sub("", words)


def refusal_of(words: str) -> StrOrPromise:
    """Return why a text cannot be stored, because it has characters that readers would not see as
    they are; "" if it has none."""
    return next((sentence for pattern, sentence in _REFUSED if pattern.search(words)), "")


def refusal_in_line(words: str) -> StrOrPromise:
    """Return why a text of one line cannot be stored: it has other lines, tabs, or what no text may
    have; "" if it has none of these."""
    return refusal_of(words) or (_SEVERAL_LINES if _LINE_SIGNS.search(words) else "")


def with_plain_line_breaks(words: str) -> str:
    """Return a text with the line ends that the API has, whatever a browser or a word processor
    gave it."""
    return _LINE_BREAKS.sub("\n", words)
