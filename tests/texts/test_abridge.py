"""Texts are cut where readers can stop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.texts.abridge import abridge
from commitments.texts.scripts import tokens

pytestmark = pytest.mark.alike

TEXTS = st.text(alphabet="ab12 .,“”《》中文。，、（）-é", max_size=80)


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("Short.", 6, "Short."),
        ("Delegates discussed measures of confidence.", 30, "Delegates discussed measures…"),
        ("It was held. Nobody from the region came to it.", 16, "It was held. …"),
        (
            "China took part in the session, and the others spoke.",
            36,
            "China took part in the session…",
        ),
        ("Some 1,000 people of 50 states", 9, "Some…"),
        ("会议召开，各方讨论了建立信任措施的问题。", 8, "会议召开…"),
        ("会议召开。各方讨论了建立信任措施的问题。", 8, "会议召开。…"),
        ("各方讨论了建立信任措施的问题", 8, "各方讨论了建…"),
        ("参与2019年举行的会议", 6, "参与…"),
        ("各方提到《信息安全国际行为准则》草案", 12, "各方提到…"),
        ("代表称“网络空间命运共同体”", 10, "代表称…"),
        ("使用Internet Governance Forum平台", 14, "使用Internet…"),
        ("《信息安全国际行为准则》", 6, "《信息安…"),
        ("Internationalisation", 10, "Internati…"),
    ],
)
def test_a_text_is_cut_where_a_reader_can_stop(text, length, expected):
    assert abridge(text, length) == expected


@given(text=TEXTS, length=st.integers(4, 60))
def test_it_is_the_beginning_of_the_text_and_no_longer_than_asked_for(text, length):
    short = abridge(text, length)
    assert len(short) <= length
    assert text.startswith(short.removesuffix("…").rstrip())
    assert (short == text) == (len(text) <= length) or text.endswith("…")


@given(text=TEXTS, length=st.integers(20, 60))
def test_no_word_and_no_number_is_cut_unless_it_is_longer_than_the_text_may_be(text, length):
    pieces = tokens(text)
    if len(text) > length and all(len(piece) < length // 2 for piece in pieces):
        kept = abridge(text, length).removesuffix("…").rstrip()
        words = [piece for piece in pieces if not piece.isspace()]
        ends = {"".join(words[:n]) for n in range(len(words) + 1)}
        assert "".join(kept.split()) in {end.rstrip(",，、") for end in ends} | ends
