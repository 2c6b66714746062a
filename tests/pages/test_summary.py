"""The sentence on a set of commitments: what it says, and that it never says more than is known."""

from datetime import date

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.choices import Kind, Status, Tone, statuses_for
from commitments.pages.summary import summarise
from commitments.rollups import Item, group
from tests.examples import examples

pytestmark = pytest.mark.alike

DAY = date(2026, 11, 27)


def said(*commitments, language="en"):
    """Return the sentence on commitments given as (kind, status, freshness)."""
    items = [Item(n, *facts) for n, facts in enumerate(commitments)]
    with override(language):
        phrases = summarise(group(items, "All"), DAY)
    return "".join(f"{phrase.before}{phrase.n}{phrase.after}" for phrase in phrases)


@pytest.mark.parametrize(
    ("commitments", "english", "chinese"),
    [
        ([], "No commitments.", "暂无承诺。"),
        (
            [("deliverable", "completed", "settled")] * 2
            + [("deliverable", "started", "current")]
            + [("deliverable", "stalled", "due"), ("deliverable", "not_started", "due")],
            "As of 27 November 2026, of 5 deliverables 2 are completed, 1 is under way and "
            "2 show no progress.",
            "截至2026年11月27日，5项阶段性承诺中，已完成2项，推进中1项，未见进展2项。",
        ),
        (
            [("deliverable", "not_achieved", "settled"), ("standing", "active", "current")],
            "As of 27 November 2026, 1 deliverable, which was not achieved by its deadline; "
            "1 standing duty, which is active.",
            "截至2026年11月27日，1项阶段性承诺，到期未完成；1项长期性承诺，持续履行。",
        ),
        (
            [("deliverable", "stalled", "current"), ("standing", "partly_active", "due")],
            "As of 27 November 2026, 1 deliverable, which has stalled; "
            "1 standing duty, which is partly active.",
            "截至2026年11月27日，1项阶段性承诺，进展停滞；1项长期性承诺，部分履行。",
        ),
        (
            # What lapsed counts as unknown.
            [("deliverable", "stalled", "lapsed"), ("standing", "unassessed", None)],
            "As of 27 November 2026, 1 deliverable, whose status is unknown; "
            "1 standing duty, which has not been assessed yet.",
            "截至2026年11月27日，1项阶段性承诺，情况不明；1项长期性承诺，尚未作出评估。",
        ),
        (
            [("standing", "contrary", "settled"), ("standing", "partly_active", "current")] * 2
            + [("standing", "withdrawn", "settled")],
            "As of 27 November 2026, of 5 standing duties none is active, 2 are partly active, "
            "2 have contrary action on record and 1 is excluded.",
            "截至2026年11月27日，5项长期性承诺中，无一持续履行，部分履行2项，"
            "有相悖行为记录2项，不纳入评估1项。",
        ),
    ],
)
def test_each_kind_is_counted_in_its_own_words(db, commitments, english, chinese):
    assert said(*commitments) == english
    assert said(*commitments, language="zh-hans") == chinese


def test_what_has_stalled_is_not_said_to_show_no_progress(db):
    stalled = [("deliverable", "stalled", "current")] * 2
    assert "none is completed and 2 have stalled." in said(*stalled)
    assert "无一完成，进展停滞2项。" in said(*stalled, language="zh-hans")
    # What lapsed counts as unknown.
    lapsed = ("deliverable", "stalled", "lapsed")
    assert "1 has not been started and 1 is unknown." in said(
        ("deliverable", "not_started", "current"), ("deliverable", "no_evidence", "current")
    )
    assert "2 have stalled and 1 is unknown." in said(*stalled, lapsed)


def test_where_something_is_unknown_none_is_only_what_is_known(db):
    lapsed = [("standing", "active", "lapsed"), ("standing", "inactive", "current")]
    assert "none is known to be active, 1 is not acted on and 1 is unknown." in said(*lapsed)
    assert "尚无可确认持续履行的" in said(*lapsed, language="zh-hans")


def test_what_nobody_has_assessed_is_not_counted_as_anything(db):
    unassessed = [("deliverable", "unassessed", None)] * 3
    assert said(*unassessed) == (
        "As of 27 November 2026, of 3 deliverables none has been assessed yet."
    )


def test_what_is_excluded_as_a_whole_is_not_said_to_fall_short(db):
    assert said(("deliverable", "withdrawn", "settled")) == (
        "As of 27 November 2026, 1 deliverable, which is excluded."
    )


FRESHNESS = ("current", "due", "lapsed")
# What is said of a group of one, by its tone.
ALONE = {
    Tone.FULFILLED: ("is completed", "is active"),
    Tone.PARTIAL: ("is under way", "is partly active"),
    Tone.NONE: ("shows no progress", "has stalled", "has not been started", "is not acted on"),
    Tone.ADVERSE: ("was not achieved by its deadline", "has contrary action on record"),
    Tone.UNKNOWN: ("status is unknown", "has not been assessed yet"),
    Tone.APART: ("is excluded",),
}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("freshness", FRESHNESS)
def test_a_group_of_one_is_said_to_be_what_it_counts_as_and_nothing_else(kind, freshness):
    for status in statuses_for(kind):
        facts = (kind.value, status, None if status == Status.UNASSESSED else freshness)
        [tone] = [
            tone for tone, n in group([Item(1, *facts)], "All").kinds[kind].tones.items() if n
        ]
        sentence = said(facts)
        found = [words for words in sum(ALONE.values(), ()) if f" {words}." in sentence]
        assert len(found) == 1, sentence
        assert found[0] in ALONE[Tone(tone)]
        assert "none" not in sentence
        assert "无一" not in said(facts, language="zh-hans")


def commitments():
    freshness = st.sampled_from(["current", "due", "lapsed"])
    return st.lists(
        st.sampled_from(list(Kind)).flatmap(
            lambda kind: st.tuples(
                st.just(kind.value), st.sampled_from(statuses_for(kind)), freshness
            )
        ),
        max_size=12,
    )


@given(commitments())
@settings(max_examples=examples(150))
def test_the_numbers_of_each_kind_are_those_of_its_tones(chosen):
    items = [
        Item(n, kind, status, None if status == Status.UNASSESSED else freshness)
        for n, (kind, status, freshness) in enumerate(chosen)
    ]
    found = group(items, "All")
    for kind, part in found.kinds.items():
        counted = {
            phrase.code["tone"]: phrase.n
            for phrase in summarise(found, DAY)
            if phrase.code and phrase.code["kind"] == kind and phrase.n
        }
        tones = {tone: n for tone, n in part.tones.items() if n}
        is_unassessed = part.counts[Status.UNASSESSED] == part.of
        assert counted == ({} if is_unassessed else tones)
        assert counted.get(Tone.FULFILLED, 0) <= part.fulfilled[0]
