"""The index of trigrams finds what reading every row finds, and follows the rows."""

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from commitments.models import Commitment, Evidence, ProgressUpdate
from commitments.texts.fields import SearchIndexField
from commitments.texts.scripts import search_index, search_term
from tests.explaining import plan_with
from tests.factories import CommitmentFactory, PlanFactory
from tests.words import en_zh

INDEXED = [Commitment, Evidence, ProgressUpdate]
# Few characters, so that texts and words often have some in common.
TEXTS = st.text(alphabet="abé .-\"'%_\\网络空أ", max_size=12)


class TestLookups(TestCase):
    def setUp(self):
        self.row = CommitmentFactory(plan=PlanFactory(), number="1", title=en_zh("Title"))

    @given(TEXTS, TEXTS)
    @example("网络空间", "网络")
    @example("a network", "ne")
    @example('"ab" ab', '"a')
    @example("a", "a")
    @settings(deadline=None)
    def test_words_are_found_as_by_reading_every_row(self, text, word):
        index, words = search_index([text]), search_term(word)
        rows = Commitment.objects.filter(pk=self.row.pk)
        rows.update(search_index=index)
        assert rows.filter(search_index__contains=words).exists() is (words in index)
        assert rows.filter(search_index__endswith=words).exists() is index.endswith(words)


@pytest.mark.django_db
@pytest.mark.parametrize("model", INDEXED)
@pytest.mark.parametrize("words", [" 网 络", " lighthouse"])
def test_words_are_looked_up_in_the_index(model, words):
    name = f"{model._meta.model_name}_trigrams"
    assert name in plan_with(name, model.objects.filter(search_index__contains=words))


def test_the_tables_with_an_index_are_those_that_the_lookups_think():
    fields = (model._meta.get_fields() for model in apps.get_models())
    searched = [field for each in fields for field in each if isinstance(field, SearchIndexField)]
    assert {field.model for field in searched if field.has_trigrams} == set(INDEXED)


@pytest.mark.django_db
def test_the_index_follows_the_rows():
    row = CommitmentFactory(plan=PlanFactory(), number="1", title=en_zh("A lighthouse"))
    found = Commitment.objects.filter(search_index__contains=" lighthouse")
    assert found.get() == row
    row.title = en_zh("A harbour")
    row.save()
    assert not found.exists()
    row.title = en_zh("A lighthouse")
    row.save()
    assert found.get() == row
    row.delete()
    assert not found.exists()


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL keeps its indexes itself")
def test_nothing_of_a_former_text_stays_in_the_index():
    """SQLite compares the whole virtual table with the rows."""
    row = CommitmentFactory(plan=PlanFactory(), number="1", title=en_zh("A lighthouse"))
    other = CommitmentFactory(plan=row.plan, number="2", title=en_zh("A harbour"))
    Commitment.objects.filter(pk=row.pk).update(search_index=" other words")
    other.delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO commitments_commitment_trigrams (commitments_commitment_trigrams, rank)"
            " VALUES ('integrity-check', 1)"
        )
        cursor.execute(
            "SELECT count(*) FROM commitments_commitment_trigrams"
            " WHERE commitments_commitment_trigrams MATCH '\"lig\"'"
        )
        assert cursor.fetchone() == (0,)
