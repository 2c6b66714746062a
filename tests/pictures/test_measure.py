"""Lines of pictures: none is too wide, and nothing but white space is lost."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.pictures.measure import (
    break_lines,
    fit_lines,
    shorten,
    text_width,
)
from tests.examples import examples

TEXTS = st.text(st.sampled_from("ab Wi.,-“”（）、。国合 \u0301\u2068\n\xa0é") | st.characters())
WIDTHS = st.floats(1.2, 40)


def without_spaces(text):
    return re.sub(r"\s+", "", text)


@settings(max_examples=examples(300))
@given(TEXTS, WIDTHS)
def test_no_line_is_too_wide_and_no_character_is_lost(text, width):
    lines = break_lines(text, width)
    assert without_spaces("".join(lines)) == without_spaces(text)
    assert all(text_width(line) <= width or len(line) == 1 for line in lines)
    assert all(lines)


@settings(max_examples=examples(300))
@given(TEXTS, WIDTHS, st.integers(1, 4))
def test_what_does_not_fit_is_cut_and_says_so(text, width, most):
    lines, every = fit_lines(text, width, most), break_lines(text, width)
    assert len(lines) <= most
    if len(every) <= most:
        assert lines == every
    else:
        assert lines[:-1] == every[: most - 1]
        assert lines[-1].endswith("…")


def test_a_wide_character_counts_about_twice_as_much_as_a_letter():
    assert text_width("国") == text_width("，") == 1
    assert 0.4 < text_width("abcdefghijklmnopqrstuvwxyz") / 26 < 0.6
    assert text_width("e\u0301") == text_width("e") == text_width("é")


def test_lines_break_at_words_and_between_wide_characters():
    assert break_lines("Hold conferences and forums", 6.5) == ["Hold", "conferences", "and forums"]
    assert break_lines("网络空间国际合作战略", 4) == ["网络空间", "国际合作", "战略"]
    assert break_lines("第2025年ICANN改革", 5.5) == ["第2025年", "ICANN改革"]


def test_no_line_begins_or_ends_with_punctuation_that_belongs_to_its_neighbour():
    assert break_lines("共同推进，参与（讨论）", 4) == ["共同推", "进，参与", "（讨论）"]


def test_a_sentence_is_cut_at_a_word():
    assert shorten("China took part in the last session, and spoke.", 18) == (
        "China took part in the last session…"
    )
    assert shorten("参与进程和案文工作已体现。", 8) == "参与进程和案文…"
    assert shorten("Short.", 18) == "Short."
