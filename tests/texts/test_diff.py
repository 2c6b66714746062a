"""A changed wording is shown by words, in Chinese by characters, and loses nothing."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.texts.diff import diff_texts, excerpts, shares_little, wordings

pytestmark = pytest.mark.alike

MARKS = {"same": "{}", "removed": "[-{}-]", "added": "[+{}+]"}


def marked(before, after):
    return "".join(MARKS[piece.part].format(piece.text) for piece in diff_texts(before, after))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Close four drains.", "Close four drains.", "Close four drains."),
        ("Close four drains.", "Close three drains.", "Close [-four-][+three+] drains."),
        ("Close drains.", "Close all drains.", "Close[+ all+] drains."),
        ("Close all drains.", "Close drains.", "Close[- all-] drains."),
        ("Close drains", "Close drains.", "Close drains[+.+]"),
        ("the country's plan", "the countries’ plan", "the [-country's-][+countries’+] plan"),
        ("by 1.5 per cent", "by 1.6 per cent", "by [-1.5-][+1.6+] per cent"),
        # One word between two changes is not worth an island of its own.
        (
            "support the work of the group",
            "take part in the efforts of the group",
            "[-support the work-][+take part in the efforts+] of the group",
        ),
        ("", "All of it.", "[+All of it.+]"),
        ("All of it.", "", "[-All of it.-]"),
        ("", "", ""),
    ],
)
def test_english_is_compared_word_by_word(before, after, shown):
    assert marked(before, after) == shown


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("积极参与论坛。", "积极支持论坛。", "积极[-参与-][+支持+]论坛。"),
        ("支持金砖国家合作", "支持G20合作", "支持[-金砖国家-][+G20+]合作"),
        ("2020年前完成", "2021年前完成", "[-2020-][+2021+]年前完成"),
        ("推动网络文化交流", "推动网络文化交流、互鉴", "推动网络文化交流[+、互鉴+]"),
        # 与 alone between two changes is no island.
        ("参与论坛", "支与会场", "[-参与论坛-][+支与会场+]"),
    ],
)
def test_chinese_is_compared_character_by_character_with_latin_words_whole(before, after, shown):
    assert marked(before, after) == shown


TEXT = st.text(alphabet="ab, .'-\n会议召开论坛G20", max_size=60)


@settings(deadline=None)
@given(before=TEXT, after=TEXT)
def test_nothing_is_lost_and_nothing_made_up(before, after):
    pieces = diff_texts(before, after)
    assert "".join(piece.text for piece in pieces if piece.part != "added") == before
    assert "".join(piece.text for piece in pieces if piece.part != "removed") == after
    assert all(piece.text for piece in pieces)
    changed = [piece for piece in pieces if piece.part != "same"]
    assert bool(changed) == (before != after)


@settings(deadline=None)
@given(before=TEXT, after=TEXT)
def test_two_pieces_of_one_sort_never_stand_side_by_side(before, after):
    parts = [piece.part for piece in diff_texts(before, after)]
    assert all(one != other for one, other in pairwise(parts))


@settings(deadline=None)
@given(words=st.lists(st.sampled_from(["four", "three", "drains", "Close"]), max_size=12))
def test_a_word_is_never_cut(words):
    before, after = " ".join(words), " ".join(reversed(words))
    for piece in diff_texts(before, after):
        assert set(piece.text.split()) <= set(words)


# Excerpts


@pytest.mark.parametrize(
    ("wordings", "shown"),
    [
        (["old", "new"], ["old", "new"]),
        (["a" * 50 + "x" + "b" * 50, "a" * 50 + "yy" + "b" * 50], ["x", "yy"]),
        (["a" * 50 + "b" * 50, "a" * 50 + "y" + "b" * 50], ["", "y"]),
        (["a" * 90, "a" * 90], ["a" * 90, "a" * 90]),
        (["", "a" * 90], ["", "a" * 90]),
    ],
)
def test_a_long_wording_is_shortened_to_what_differs_and_what_is_around_it(wordings, shown):
    found = excerpts(*wordings)
    if wordings[0][:50] == wordings[1][:50] and wordings[0] != wordings[1]:
        shown = [f"…{'a' * 24}{piece}{'b' * 24}…" for piece in shown]
    assert found == shown


@given(st.lists(st.text("ab", max_size=120), min_size=1, max_size=3))
def test_excerpts_differ_where_the_wordings_do(wordings):
    found = excerpts(*wordings)
    assert len(found) == len(wordings)
    assert (len(set(found)) == 1) == (len(set(wordings)) == 1)
    assert all(len(piece) <= len(words) + 2 for piece, words in zip(found, wordings, strict=True))


FEW = "The commission met twice in Vienna and adopted one report on capacity."


@pytest.mark.parametrize(
    ("before", "after", "little"),
    [
        (FEW, FEW.replace("twice", "three times"), False),
        (FEW, "A new law regulates what evidence states may exchange with one another.", True),
        (FEW, f"{FEW} A new law regulates what evidence states may exchange.", False),
        (FEW, "", False),
        ("One meeting was held.", "Nothing else happened.", False),
        ("委员会在维也纳举行两次会议，通过报告一份。", "新法规定各国可以交换哪些证据材料。", True),
        ("会议召开一次。", "会议召开两次。", False),
    ],
)
def test_wordings_of_some_length_without_common_words_share_little(before, after, little):
    assert shares_little(diff_texts(before, after)) == little


@given(TEXT, TEXT)
def test_the_wordings_are_found_again_in_their_differences(before, after):
    assert wordings(diff_texts(before, after)) == (before, after)
