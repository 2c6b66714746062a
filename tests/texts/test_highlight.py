"""Sentences that contain quoted words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.texts.highlight import same_words_in, sentence_with

pytestmark = pytest.mark.alike

RULES = "China supports rules. It will speak at the U.N. Assembly, e.g. on No. 5. “So be it.” Done!"
ZH = "中国支持规则。将在联大积极发言；推动改革。\n仅此而已"


@pytest.mark.parametrize(
    ("quote", "text", "sentence"),
    [
        ("rules", RULES, "China supports rules."),
        ("Assembly", RULES, "It will speak at the U.N. Assembly, e.g. on No. 5."),
        ("So be it", RULES, "“So be it.”"),
        ("Done", RULES, "Done!"),
        (
            "rules. It will",
            RULES,
            "China supports rules. It will speak at the U.N. Assembly, e.g. on No. 5.",
        ),
        ("联大", ZH, "将在联大积极发言；"),
        ("改革", ZH, "推动改革。"),
        ("已", ZH, "仅此而已"),
        ("absent", RULES, ""),
        ("", RULES, ""),
        ("long line", "Over a\nlong\nline", "long\nline"),
    ],
)
def test_it_is_the_sentence_around_the_words(quote, text, sentence):
    assert sentence_with(quote, text) == sentence


@given(
    text=st.text(alphabet="aA .!?。；\n文”", max_size=40),
    start=st.integers(0, 39),
    length=st.integers(1, 9),
)
def test_the_sentence_is_of_the_text_and_has_the_words(text, start, length):
    quote = text[start : start + length].strip()
    found = sentence_with(quote, text)
    if quote:
        assert found in text
        assert same_words_in(quote, found)
