"""Texts are cut and searched by their scripts, whatever their language is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.texts.diff import diff_texts
from commitments.texts.scripts import folded, search_index, search_term, tokens

pytestmark = pytest.mark.alike

MIXED = st.text(alphabet="aZé9 .,'-\n会議ルأَبไทยिहक%_\u0301\u200c", max_size=40)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("four storm drains.", ["four", " ", "storm", " ", "drains", "."]),
        ("l’État, 1,000 %", ["l’État", ",", " ", "1,000", " ", "%"]),
        ("年前G20峰会", ["年", "前", "G20", "峰", "会"]),
        ("議会は", ["議", "会", "は"]),
        ("ตกลง", ["ต", "ก", "ล", "ง"]),
        ("ที่", ["ที่"]),
        ("हिन्दी भाषा", ["हिन्दी", " ", "भाषा"]),
        ("وَاحة السراب", ["وَاحة", " ", "السراب"]),
        ("می‌خواهم", ["می‌خواهم"]),
        ("한국어 계획", ["한국어", " ", "계획"]),
    ],
)
def test_a_text_is_cut_into_words_or_characters_by_its_script(text, pieces):
    assert list(tokens(text)) == pieces


@given(text=MIXED)
def test_the_pieces_are_the_text(text):
    assert "".join(tokens(text)) == text


@given(before=MIXED, after=MIXED)
def test_a_comparison_in_any_script_loses_nothing(before, after):
    spans = diff_texts(before, after)
    assert "".join(span.text for span in spans if span.part != "added") == before
    assert "".join(span.text for span in spans if span.part != "removed") == after


FOUND = [
    ("Participación de las comunidades", "participacion"),
    ("PARTICIPACIÓN", "participación"),
    ("l’État est là", "l’état"),
    ("l’eau", "eau"),
    ("l’eau", "l'eau"),
    ("cyber-security", "security"),
    ("1,000 of 2.7", "1,000"),
    ("Straße", "strasse"),
    ("网络空间", "空间"),
    ("ｆｕｌｌ ｗｉｄｔｈ", "full"),
    ("عيون المياه", "مياه"),
    ("قُرِئَ النصُّ", "قرئ"),
    ("हिन्दी भाषा", "हिन्दी"),
    ("漁業円卓会議", "会議"),
    ("Ελλάδα", "ελλαδα"),
    ("100% of it", "100%"),
    ("rural_areas", "rural_a"),
    ("25℃", "25°C"),
    ("25°C", "25℃"),
    ("Acme™", "acmetm"),
    ("№ 5", "no 5"),
    ("www2.example.org", "example"),
    ("G20-summit", "summit"),
    ("file.2024.pdf", "pdf"),
    ("U.S. agencies", "U.S."),
    ("2024-25", "2024-25"),
]


@pytest.mark.parametrize(("text", "word"), FOUND)
def test_a_word_is_found_whatever_its_script(text, word):
    assert search_term(word) in search_index([text])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("party", "art"),
        ("网络空间", "络间"),
        ("हिन्दी", "हन्दी"),
        ("Straße", "rasse"),
        ("one. two", "one two"),
        ("2024-25", "25"),
        ("5.3", "3"),
    ],
)
def test_what_is_no_beginning_of_a_word_is_not_found(text, word):
    assert search_term(word) not in search_index([text])


@given(words=st.lists(st.text(alphabet="aéÉZ会議عأ", min_size=1, max_size=5), max_size=6))
def test_every_word_of_a_text_is_found(words):
    index = search_index([" ".join(words)])
    assert all(search_term(word) in index for word in words)


@given(text=MIXED)
def test_folding_twice_changes_nothing_more(text):
    assert folded(folded(text)) == folded(text)
