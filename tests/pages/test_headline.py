"""The headline of a grid says what changed, with all of its numbers and no more, in each
language."""

import re

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from commitments.choices import Movement
from commitments.pages.headline import change_headline
from commitments.texts.phrases import sentence_of

pytestmark = pytest.mark.alike

COUNTS = st.dictionaries(st.sampled_from(list(Movement)), st.integers(0, 40))


def headlines(counts, any_assessed=True, **known):
    """Return the headline in each language."""
    found = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            phrases = change_headline(counts, "2025", any_assessed=any_assessed, **known)
            found.append(sentence_of(phrases))
    return found


@given(counts=COUNTS, all_known=st.booleans())
def test_it_has_each_number_once_in_both_languages(counts, all_known):
    total = sum(counts.values())
    several = (
        [n for n in counts.values() if n] if counts.get(Movement.UNCHANGED, 0) != total else []
    )
    expected = sorted([total, 2025, *several]) if total else []
    for headline in headlines(counts, all_known=all_known):
        assert sorted(map(int, re.findall(r"\d+", headline))) == expected


@given(counts=COUNTS, all_known=st.booleans())
def test_that_none_worsened_is_said_only_of_what_is_known(counts, all_known):
    some = counts.get(Movement.BETTER, 0) > 0 and not counts.get(Movement.WORSE)
    for headline, words in zip(
        headlines(counts, all_known=all_known), ("none worsened", "无退步"), strict=True
    ):
        assert (words in headline) == (some and all_known)


def test_a_list_of_changes_reads_as_a_sentence():
    counts = {Movement.BETTER: 1, Movement.REASSESSED: 13, Movement.UNCHANGED: 16}
    assert headlines(counts, all_known=True) == [
        "30 commitments since the end of 2025: 1 improved, none worsened, 13 were reassessed "
        "after a gap and 16 are unchanged.",
        "30项承诺与2025年底相比：好转1项，无退步，失效后重新评估13项，无变化16项。",
    ]
    unchanged = headlines({Movement.UNCHANGED: 2}, all_known=True)
    assert unchanged[0] == "2 commitments: no status on record has changed since the end of 2025."


def test_that_nothing_has_changed_is_not_said_where_nothing_was_ever_assessed():
    counts = {Movement.UNCHANGED: 70}
    assert headlines(counts, any_assessed=False, all_known=False) == ["", ""]
