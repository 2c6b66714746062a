"""A search finds the same whether a word is looked up in an index or in the texts themselves, and
takes the way that costs less."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from commitments.models import Commitment, Evidence, ProgressUpdate
from commitments.models.querysets import words
from commitments.models.querysets.words import by_frequency, contains_all, one_by_index
from commitments.texts.scripts import search_index
from commitments.texts.search_terms import SearchTerm, search_terms
from tests.factories import CommitmentFactory, PlanFactory
from tests.steps import published
from tests.words import en_zh

TERMS = st.builds(
    SearchTerm,
    spellings=st.lists(st.sampled_from(["网络", "Ab", "a b", "b"]), min_size=1).map(tuple),
    is_name=st.booleans(),
)


def texts_of(numbers):
    """Return texts of which so many have each word, as many as the highest number."""
    rows = range(max(numbers.values()))
    return [" ".join(word for word, n in numbers.items() if row < n) for row in rows]


def commitments_with(texts):
    plan = PlanFactory()
    for number, text in enumerate(texts, start=1):
        CommitmentFactory(plan=plan, number=str(number), text=en_zh(text, "。"))


def unindexed(terms):
    return [term.spellings[0] for term in terms if term.unindexed]


class TestWays(TestCase):
    def setUp(self):
        self.row = CommitmentFactory(plan=PlanFactory(), number="1", title=en_zh("Title"))

    @given(
        st.text(alphabet="ab 网络", max_size=9),
        st.lists(TERMS, min_size=1, max_size=3),
        st.lists(st.booleans(), min_size=3),
    )
    @settings(deadline=None)
    def test_the_way_does_not_change_what_is_found(self, text, terms, ways):
        rows = Commitment.objects.filter(pk=self.row.pk)
        rows.update(search_index=search_index([text]))
        marked = [replace(term, unindexed=way) for term, way in zip(terms, ways, strict=False)]
        none = [replace(term, unindexed=True) for term in terms]
        found = {
            rows.filter(contains_all(given, ["search_index"])).exists()
            for given in (terms, marked, none)
        }
        assert len(found) == 1


@pytest.mark.django_db
def test_words_that_more_than_one_row_in_twenty_has_are_frequent():
    commitments_with(texts_of({"ships": 21, "harbour": 2, "lighthouse": 1}))
    found = by_frequency([Commitment], search_terms("lighthouse harbour ships"))
    assert unindexed(found[Commitment]) == ["harbour", "ships"]


@pytest.mark.django_db
def test_only_the_newest_rows_are_asked(monkeypatch):
    commitments_with(["Lighthouse", "Harbour", "Harbour"])
    terms = search_terms("lighthouse harbour")
    assert unindexed(by_frequency([Commitment], terms)[Commitment]) == ["lighthouse", "harbour"]
    monkeypatch.setattr(words, "SAMPLE", 2)
    assert unindexed(by_frequency([Commitment], terms)[Commitment]) == ["harbour"]


@pytest.mark.django_db
def test_each_table_is_asked_for_itself_in_one_query(
    duty, reporter, reviewer, django_assert_num_queries
):
    update = published(duty, reporter, reviewer, summary=en_zh("A lighthouse was lit."))
    update.evidence.update(search_index=" gazette")
    models, terms = [Commitment, ProgressUpdate, Evidence], search_terms("lighthouse gazette")
    with django_assert_num_queries(1):
        found = by_frequency(models, terms)
    assert [unindexed(found[model]) for model in models] == [[], ["lighthouse"], ["gazette"]]


@pytest.mark.django_db
def test_no_word_is_frequent_in_an_empty_table():
    assert unindexed(by_frequency([Evidence], search_terms("lighthouse"))[Evidence]) == []


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["sea lighthouse 网络", "lighthouse sea", "网络 lighthouse"])
def test_the_longest_word_alone_is_looked_up_in_the_index(query):
    terms = one_by_index(search_terms(query))
    assert [term.spellings[0] for term in terms if not term.unindexed] == ["lighthouse"]
    sql = str(Commitment.objects.search(search_terms(query)).query)
    assert sql.count("(SELECT") == 1


def test_the_longest_word_that_is_not_frequent_is_looked_up():
    rare, frequent = SearchTerm(("sea",)), SearchTerm(("lighthouse",), unindexed=True)
    assert one_by_index([frequent, rare]) == [frequent, rare]


def test_a_name_is_as_long_as_its_shortest_spelling():
    name = SearchTerm(("Shanghai Cooperation Organization", "SCO"), is_name=True)
    word = SearchTerm(("treaty",))
    assert one_by_index([name, word]) == [replace(name, unindexed=True), word]


@pytest.mark.django_db
@pytest.mark.parametrize("frequent", [(), ("gazette",), ("gazette", "harbour")])
def test_evidence_is_found_by_its_publisher_whatever_way_its_title_is_looked_for(
    frequent, duty, reporter, reviewer
):
    piece = published(duty, reporter, reviewer).evidence.get()
    Evidence.objects.update(search_index=" harbour")
    type(piece.publisher).objects.update(search_index=" gazette")
    terms = search_terms("gazette harbour")
    asked = [replace(term, unindexed=term.spellings[0] in frequent) for term in terms]
    assert Evidence.objects.search(asked).get() == piece
    assert not Evidence.objects.search([*asked, SearchTerm(("sea",))]).exists()
