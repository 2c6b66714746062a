"""The terms of a query, and where texts have them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commitments.texts.scripts import is_unspaced, search_index, search_term
from commitments.texts.search_terms import SearchTerm, excerpt, found_spans, search_terms

pytestmark = pytest.mark.alike

SCO = {"SCO", "Shanghai Cooperation Organization", "上海合作组织", "上合组织"}
UN = {"UN", "United Nations", "联合国"}
GENERAL_ASSEMBLY = {"UNGA", "United Nations General Assembly", "联合国大会"}
NAMES = [SCO, UN, GENERAL_ASSEMBLY]
WORDS = st.text(alphabet="aZé9 .,'-\n会議ルأَبไทयिहक%_", max_size=40)


def texts_of(spans):
    return [span.text for span in spans if span.is_found]


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("", []),
        ("  code  conduct ", [{"code"}, {"conduct"}]),
        ("sco", [SCO]),
        ("上海合作组织", [SCO]),
        ("shanghai cooperation organization", [SCO]),
        ("Shanghai", [{"Shanghai"}]),
        ("SCO code", [SCO, {"code"}]),
        ("reform UN", [{"reform"}, UN]),
        ("United Nations General Assembly", [GENERAL_ASSEMBLY]),
        ("United Nations General", [UN, {"General"}]),
    ],
)
def test_a_query_is_cut_into_the_longest_names_and_else_into_words(query, terms):
    found = search_terms(query, NAMES)
    assert [set(term.spellings) for term in found] == terms
    assert [term.is_name for term in found] == [len(spellings) > 1 for spellings in terms]


def test_a_name_that_two_things_have_stands_for_both():
    [term] = search_terms("Dialogue", [{"Dialogue", "A"}, {"Dialogue", "B"}])
    assert set(term.spellings) == {"Dialogue", "A", "B"}


@pytest.mark.parametrize("query", ["-", "?!", "“”", "《》", "，。", '"', "ـ", "( )"])
def test_signs_alone_are_no_terms(query):
    assert search_terms(query, [{"", " ", "-"}]) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("code, conduct", ["code", "conduct"]),
        ("code,conduct;rules", ["code", "conduct", "rules"]),
        ("“code of conduct”", ["code", "of", "conduct"]),
        ("'code' of\"conduct\"", ["code", "of", "conduct"]),
        ("code & conduct?", ["code", "conduct"]),
        ("“行为准则”", ["行为准则"]),
        ("《行为准则》草案", ["行为准则", "草案"]),
        ("网络犯罪，恐怖主义；网络、空间", ["网络犯罪", "恐怖主义", "网络", "空间"]),
        ("#355", ["355"]),
        ("(WSIS)", ["WSIS"]),
        ("ISCC-5.3:", ["ISCC-5.3"]),
        ("5.3.", ["5.3"]),
        # Signs within are of the word.
        ("79/243 1,000 1，000 10：30", ["79/243", "1,000", "1，000", "10：30"]),
        ("ASEAN+3 l’eau well-being", ["ASEAN+3", "l’eau", "well-being"]),
        ("https://example.org/a?b=1", ["https://example.org/a?b=1"]),
    ],
)
def test_signs_around_words_are_not_searched_for(query, words):
    assert [term.spellings for term in search_terms(query)] == [(word,) for word in words]


@pytest.mark.parametrize(
    "query", ["“SCO”", "(SCO),", "《上海合作组织》", "Shanghai Cooperation, Organization."]
)
def test_a_name_is_found_whatever_signs_are_around_its_words(query):
    [term] = search_terms(query, NAMES)
    assert (set(term.spellings), term.is_name) == (SCO, True)


@pytest.mark.parametrize(
    "query", ["《全球数据安全倡议》", "全球数据安全倡议", "“全球数据安全倡议”。"]
)
def test_a_name_is_found_with_its_quotation_marks_and_without(query):
    [term] = search_terms(query, [{"GIDS", "《全球数据安全倡议》"}])
    assert set(term.spellings) == {"GIDS", "全球数据安全倡议"}
    [same] = search_terms("gids", [{"GIDS", "《全球数据安全倡议》"}])
    assert same == term


QUOTED = ['"{}"', "'{}'", "“{}”", "‘{}’", "«{}»", "《{}》", "「{}」", "({})", "（{}）", "[{}]"]
ENDED = [
    "{}.",
    "{},",
    "{}?",
    "{}!",
    "{}:",
    "{};",
    "{}…",
    "{}。",
    "{}，",
    "{}、",
    "{}；",
    "{}：",
    "#{}",
]


@given(query=WORDS, around=st.sampled_from(QUOTED + ENDED))
@example(query="9", around="{}.")
@example(query="\u064ea", around="({})")
def test_a_query_in_quotation_marks_or_with_a_sign_at_its_end_finds_the_same(query, around):
    assert search_terms(around.format(query), NAMES) == search_terms(query, NAMES)


def test_a_query_of_very_many_parts_is_parted_at_its_blanks_alone():
    many = "网，" * 1000
    assert len(search_terms(f"{many} 空间")) == 2


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("secur", "Cyber security and insecurity", ["security"]),
        ("un", "Under the UN, united", ["UN"]),
        ("united nations", "The UN and the United\nNations; unite", ["UN", "United\nNations"]),
        ("eau", "l’eau", ["l’eau"]),
        ("空间", "网络空间与网络", ["空间"]),
        ("上海合作组织", "成员国包括上合组织和联合国。", ["上合组织"]),
        ("79/243", "联合国大会第79/243号决议", ["79/243"]),
        ("مياه", "عيون المياه", ["المياه"]),
        ("“code of conduct”.", "A code of “conduct”", ["code", "of", "conduct"]),
        ("《联合国》，准则", "联合国的行为准则。", ["联合国", "准则"]),
        ("absent", "Nothing of it", []),
    ],
)
def test_what_is_found_is_marked_in_whole_words(query, text, found):
    assert texts_of(found_spans(text, search_terms(query, NAMES))) == found


@given(text=WORDS, words=st.lists(WORDS, max_size=3))
def test_the_spans_are_the_text(text, words):
    terms = search_terms(" ".join(words))
    assert "".join(span.text for span in found_spans(text, terms)) == text


@given(text=WORDS, word=WORDS)
@example(text="Z-ท", word="Zท")
@example(text=".9\u064e.\u064e9", word="9.9")
@example(text="Z\u064e-ท", word="Zท")
@example(text="a-\u064ea", word="a-a")
def test_a_text_that_is_found_has_a_mark(text, word):
    """The condition of the database: the index of the text contains the term of the word."""
    terms = search_terms(word)
    in_index = [search_term(term.spellings[0]) for term in terms]
    if all(any(c.isalnum() for c in found) for found in in_index) and terms:
        is_found = all(found in search_index([text]) for found in in_index)
        marked = texts_of(found_spans(text, terms))
        assert bool(marked) or not is_found


@given(text=WORDS.map(lambda words: words * 8), word=WORDS, length=st.integers(1, 60))
def test_an_excerpt_is_a_part_of_the_text_with_its_first_mark(text, word, length):
    terms = search_terms(word)
    spans = [span for span in excerpt(text, terms, length) if span.text != "…"]
    joined = "".join(span.text for span in spans)
    assert joined in text
    whole = texts_of(found_spans(text, terms))
    assert bool(texts_of(spans)) == bool(whole)


def test_an_excerpt_is_as_long_in_chinese_as_half_the_letters():
    text = "网络空间" * 100
    [span, end] = excerpt(text, (), 40)
    assert (span.text, end.text) == (text[:20], "…")
    assert all(is_unspaced(character) for character in span.text)


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        # As long as it may be, it would end within the title, or within the number and its unit.
        ("论坛讨论了《信息安全国际行为准则》的草案", 24, ["论坛", "讨论了", "…"]),
        ("论坛于2019年在北京举行会议", 10, ["论坛", "于", "…"]),
        # And begin there.
        ("信息安全国际行为准则于2019年论坛讨论", 16, ["…", "论坛", "讨论"]),
    ],
)
def test_an_excerpt_neither_begins_nor_ends_within_a_title_or_a_number(text, length, expected):
    found = [span.text for span in excerpt(text, [SearchTerm(("论坛",))], length)]
    assert found == expected


@pytest.mark.parametrize("length", range(20, 60))
def test_an_excerpt_does_not_end_within_words_that_were_found(length):
    text = "推动网络安全合作，在网络安全方面开展务实合作，共同维护网络安全与网络安全秩序。"
    spans = excerpt(text, [SearchTerm(("网络安全",))], length)
    assert {span.text for span in spans if span.is_found} == {"网络安全"}


def test_a_short_text_is_its_own_excerpt():
    assert [span.text for span in excerpt("A short text.", search_terms("short"))] == [
        "A ",
        "short",
        " text.",
    ]
