"""The index of trigrams finds what reading every row finds, and follows the rows."""

import pytest
from django.db import connection
from django.db.models import F
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from commitments.models import Commitment, Evidence, Plan, ProgressUpdate
from commitments.models.search_indexes import forget_former_texts, trigram_tables
from commitments.texts.scripts import search_index, search_term
from commitments.texts.search_lookups import trigram_table
from commitments.texts.search_terms import search_terms
from tests.explaining import plan_with
from tests.factories import CommitmentFactory, PlanFactory
from tests.steps import published
from tests.words import en_zh

INDEXED = [Commitment, Evidence, ProgressUpdate]
# Few characters, so that texts and words often have some in common.
TEXTS = st.text(alphabet="abAé .-\"'%_\\网络空أ℃™", max_size=12)


class TestLookups(TestCase):
    def setUp(self):
        self.row = CommitmentFactory(plan=PlanFactory(), number="1", title=en_zh("Title"))

    @given(TEXTS, TEXTS)
    @example("网络空间", "网络")
    @example("a network", "ne")
    @example('"ab" ab', '"a')
    @example("25℃", "25°c")
    @example("a" * 200, "a" * 150)
    @settings(deadline=None)
    def test_words_are_found_as_by_reading_every_row(self, text, word):
        index, words = search_index([text]), search_term(word)
        rows = Commitment.objects.filter(pk=self.row.pk)
        rows.update(search_index=index)
        assert rows.filter(search_index__contains=words).exists() is (words in index)
        assert rows.filter(search_index__endswith=words).exists() is index.endswith(words)


@pytest.fixture
def rows(duty, reporter, reviewer):
    """A row of each table with an index, by its model."""
    update = published(duty, reporter, reviewer)
    return {Commitment: duty, ProgressUpdate: update, Evidence: update.evidence.first()}


@pytest.mark.django_db
@pytest.mark.parametrize("model", INDEXED)
@pytest.mark.parametrize("words", [" 网 络", " lighthouse"])
def test_words_are_looked_up_in_the_index(model, words):
    name = f"{model._meta.model_name}_trigrams"
    plan = plan_with(name, model.objects.filter(search_index__contains=words))
    assert trigram_table(model) in plan
    assert f"SCAN {model._meta.db_table}\n" not in f"{plan}\n"


@pytest.mark.django_db
def test_words_are_looked_up_in_a_subquery_too(duty):
    Commitment.objects.update(search_index=" lighthouse")
    found = Commitment.objects.filter(search_index__contains=" lighthouse")
    assert Plan.objects.get(commitments__in=found) == duty.plan


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("model", INDEXED)
def test_the_function_reads_the_index(model):
    with connection.cursor() as cursor:
        function = trigram_table(model)
        cursor.execute("SELECT prosrc, proconfig FROM pg_proc WHERE proname = %s", [function])
        [(body, options)] = cursor.fetchall()
        for name, value in (option.split("=") for option in options):
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute("EXPLAIN " + body.replace("(words)", "(' lighthouse')"))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"Bitmap Index Scan on {model._meta.model_name}_trigrams" in plan


REFUSES_TEXTS = """
CREATE OR REPLACE FUNCTION search_trigrams(words text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    IF length(words) > 20 THEN RAISE 'a text is taken apart'; END IF;
    RETURN trigrams_of_words(words);
END $$
"""


@pytest.mark.postgres
@pytest.mark.django_db
def test_no_text_is_taken_apart_for_a_word_that_all_texts_have(rows):
    """It takes so long that a search among ten thousand updates would take seconds."""
    for model in INDEXED:
        model.objects.update(search_index=f" lighthouse {'and other words' * 9}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('search_trigrams(text)'::regprocedure)")
        [(definition,)] = cursor.fetchall()
        cursor.execute(definition.replace("search_trigrams", "trigrams_of_words"))
        cursor.execute(REFUSES_TEXTS)
    for model in INDEXED:
        assert model.objects.get(search_index__contains=" lighthouse") == rows[model]
    assert Evidence.objects.search(search_terms("lighthouse")).get() == rows[Evidence]


@pytest.mark.django_db
@pytest.mark.parametrize("model", INDEXED)
def test_the_index_follows_the_rows(model, rows):
    chosen = model.objects.filter(pk=rows[model].pk)
    for words, others in ((" lighthouse", " harbour"), (" harbour", " lighthouse")):
        chosen.update(search_index=words)
        assert model.objects.filter(search_index__contains=words).get() == rows[model]
        assert not model.objects.filter(search_index__contains=others).exists()


@pytest.mark.django_db
def test_a_deleted_row_is_no_longer_found():
    row = CommitmentFactory(plan=PlanFactory(), number="1", title=en_zh("A lighthouse"))
    found = Commitment.objects.filter(search_index__contains=" lighthouse")
    assert found.get() == row
    row.delete()
    assert not found.exists()


def test_a_column_is_compared_without_the_index():
    rows = Commitment.objects.filter(search_index__contains=F("number"))
    assert "trigrams" not in str(rows.query)


def test_these_tables_have_an_index():
    assert trigram_tables() == sorted(map(trigram_table, INDEXED))


def blocks(model):
    """Return the bytes of SQLite's index of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT block FROM {trigram_table(model)}_data ORDER BY id")
        return b"".join(block for (block,) in cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize("model", INDEXED)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL keeps its indexes itself")
def test_nothing_of_a_former_text_stays_in_the_index(model, rows):
    # No other text has characters that begin with the same byte, which would be kept once.
    former = " 龘 靐".encode()
    chosen = model.objects.filter(pk=rows[model].pk)
    chosen.update(search_index=former.decode())
    forget_former_texts()
    assert former[1:] in blocks(model)
    chosen.update(search_index=" other words")
    forget_former_texts()
    assert former[1:4] not in blocks(model)
    assert not model.objects.filter(search_index__contains=former.decode()).exists()
