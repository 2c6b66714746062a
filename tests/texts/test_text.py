"""A text has the languages that it has, and finds the one for its reader."""

import json

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from commitments.texts.fields import MultilingualField
from commitments.texts.text import NO_TEXT, Text, in_interface_languages, sentence_html

pytestmark = pytest.mark.alike

TAGS = st.sampled_from(["en", "zh", "zh-Hant", "es", "ar", "fr", "pt-BR"])
WORDS = st.text(alphabet="ab \n会ع'\"\\<é", max_size=8)
TEXTS = st.dictionaries(TAGS, WORDS, max_size=5)


@pytest.mark.parametrize(
    ("reader", "words", "shown"),
    [
        ("en", {"zh": "海洋", "en": "Sea"}, ("en", "Sea")),
        ("zh-hans", {"en": "Sea", "zh": "海洋"}, ("zh", "海洋")),
        ("zh-hans", {"en": "Sea", "zh-Hant": "海洋"}, ("zh-Hant", "海洋")),
        ("zh-hans", {"zh-Hant": "大海", "zh-Hans": "海洋"}, ("zh-Hans", "海洋")),
        ("en", {"es": "Mar", "fr": "Mer"}, ("es", "Mar")),
        ("en", {"fr": "Mer", "es": "Mar"}, ("fr", "Mer")),
        ("en", {"en-GB": "Sea"}, ("en-GB", "Sea")),
        ("en", {}, ("", "")),
    ],
)
def test_a_reader_sees_their_language_or_else_the_first(reader, words, shown):
    with translation.override(reader):
        assert Text(words).for_reader() == shown
        assert str(Text(words)) == shown[1]


def test_another_language_is_marked_with_its_direction_and_the_readers_own_is_not():
    with translation.override("en"):
        assert Text({"en": "Sea & sky"}).__html__() == "Sea &amp; sky"
        assert Text({"es": "Mar"}).__html__() == '<span lang="es" dir="ltr">Mar</span>'
        assert Text({"ar": "<بحر>"}).__html__() == (
            '<span lang="ar" dir="rtl" data-script="Arab">&lt;بحر&gt;</span>'
        )
    with translation.override("zh-hans"):
        assert Text({"zh": "海洋"}).__html__() == "海洋"
        # The same language in another script has other forms of its characters.
        assert Text({"zh-Hant": "海洋"}).__html__().startswith('<span lang="zh-Hant"')


def test_within_a_line_a_text_that_runs_the_other_way_is_isolated():
    with translation.override("en"):
        assert Text({"ar": "بحر"}).inline() == "\u2068بحر\u2069"
        assert Text({"es": "Mar"}).inline() == "Mar"


def test_a_sentence_marks_the_texts_in_it():
    with translation.override("en"):
        values = {"n": 2, "title": Text({"fr": "L’eau"})}
        assert sentence_html("Goal %(n)s: <%(title)s>", values) == (
            'Goal 2: &lt;<span lang="fr" dir="ltr">L’eau</span>&gt;'
        )


def test_the_words_of_the_interface_come_in_all_its_languages():
    label = translation.gettext_lazy("Commitments")
    assert in_interface_languages(label) == {"en": "Commitments", "zh-Hans": "承诺"}


@given(words=TEXTS)
def test_a_language_without_words_is_not_in_a_text(words):
    text = Text(words)
    assert dict(text) == {tag: each for tag, each in words.items() if each.strip()}
    assert bool(text) == any(each.strip() for each in words.values())
    assert (text == NO_TEXT) == (not text)


@given(words=TEXTS, order=st.lists(TAGS, unique=True))
def test_an_order_of_languages_moves_words_and_changes_none(words, order):
    text = Text(words)
    ordered = text.ordered(order)
    assert (ordered, hash(ordered)) == (text, hash(text))
    known = [tag for tag in ordered if tag in order]
    assert known == sorted(known, key=order.index)
    assert list(ordered)[: len(known)] == known


@given(words=TEXTS, reader=st.sampled_from(["en", "zh-hans"]))
def test_every_language_is_read_once(words, reader):
    text = Text(words)
    with translation.override(reader):
        assert sorted(text.in_reading_order()) == sorted(text.items())
        assert text.for_reader() == next(iter(text.in_reading_order()), ("", ""))


@given(words=TEXTS)
def test_what_is_stored_comes_back_in_its_order_and_can_be_read_in_the_column(words):
    field, text = MultilingualField(), Text(words)
    stored = field.get_prep_value(text)
    assert list(field.from_db_value(stored).items()) == list(text.items())
    assert "\\u" not in stored.replace("\\\\", "")
    assert json.loads(stored) == dict(text)


def test_words_of_an_undetermined_language_get_one():
    assert Text({"und": "Mar"}).determined("es") == {"es": "Mar"}
    assert Text({"en": "Sea"}).determined("es") == {"en": "Sea"}
    assert Text({"und": "Mar", "es": "Océano"}).determined("es") == {"es": "Mar"}


@pytest.mark.parametrize("stored", ['{"en": "a"} {}', '{"en": "a"}x', "{"])
def test_what_is_no_json_in_the_database_is_refused(stored):
    text = Text.from_json(stored)
    with pytest.raises(json.JSONDecodeError):
        text.as_dict()
    # Also when it is read again.
    with pytest.raises(json.JSONDecodeError):
        str(text)
