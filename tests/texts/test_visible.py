"""A text of which a reader sees nothing is no text."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from commitments.texts.fields import MultilingualField
from commitments.texts.forms import MultilingualFormField
from commitments.texts.text import Text
from commitments.texts.visible import BLANK_CHARACTERS, is_blank

pytestmark = pytest.mark.alike

BLANK = (
    "",
    " ",
    "\n\t",
    "\u200b",
    "\u200b\u200d\ufeff",
    "\u3164",
    "\u2800",
    "\u202e",
    "\u00a0\u2067",
    "\u034f",
    "\u061c",
    "\u17b4\u17b5",
    "\u180b\u180e",
    "\ufff9\ufffb",
    "\U000e0041\U000e007f",
)
VISIBLE = ("a", "中", "\u200ba", "é", "۱", "–", "🙂", "می\u200cخواهم", "\ue000")


@pytest.mark.parametrize("words", BLANK)
def test_what_shows_nothing_is_blank(words):
    assert is_blank(words)
    with pytest.raises(ValidationError, match="nothing that can be read"):
        MultilingualField().run_validators({"en": words, "zh": "a"})


@pytest.mark.parametrize("words", VISIBLE)
def test_what_shows_anything_is_not(words):
    assert not is_blank(words)
    MultilingualField().run_validators(Text({"en": words}))


@pytest.mark.parametrize("words", ["a\x0bb", "a\x01", "\x1fa", "a\x9f", "a\ufffe", "a\u202eb"])
def test_no_text_has_characters_that_readers_would_not_see_as_they_are(words):
    with pytest.raises(ValidationError, match="not allowed"):
        MultilingualField().run_validators(Text({"en": words}))


def test_the_line_breaks_of_word_processors_become_plain_ones():
    field = MultilingualFormField()
    pasted = {"en": "One\x0btwo\r\nthree\u2028four\x0cfive\tsix"}
    assert field.clean(pasted) == Text({"en": "One\ntwo\nthree\nfour\nfive\tsix"})


def test_files_ask_for_the_same():
    """The schemas name the characters, since they are read by editors too."""
    for file in Path("commitments/importing/schemas").glob("*.schema.json"):
        text = file.read_text(encoding="utf-8")
        assert json.dumps(f"[^{BLANK_CHARACTERS}]").strip('"') in text, file.name


@given(st.text(alphabet="".join(BLANK)), st.sampled_from(VISIBLE))
def test_one_visible_character_is_enough(around, visible):
    assert is_blank(around)
    assert not is_blank(around + visible)
    assert not is_blank(visible + around)
