"""What updates name is read together, and can be asked for like any other rows."""

from copy import deepcopy

import pytest
from django.db.models import Prefetch

from commitments.models import Criterion, Evidence, ProgressUpdate
from commitments.models.namings import fetch_decisions, fetch_evidence, fetch_named, fetch_rows
from tests import steps
from tests.factories import CommitmentFactory, CriterionFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture
def update(duty, reporter, reviewer, forum):
    made = steps.published(
        duty, reporter, reviewer, forums=[forum], evidence=[steps.REPORT, steps.RESOLUTION]
    )
    found = ProgressUpdate.objects.prefetch_related("decisions").get(pk=made.pk)
    fetch_evidence([found])
    fetch_named([found])
    return found


def test_reading_them_again_takes_no_query(update, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert [row.code for row in update.forums.all()] == ["FORUM"]
        assert len(update.evidence.all()) == update.evidence.count() == 2
        assert update.evidence.exists()
        assert not update.meets.all()
        assert [list(piece.link_checks.all()) for piece in update.evidence.all()] == [[], []]


def test_decisions_are_read_in_their_order_with_their_update(
    duty, reporter, reviewer, django_assert_num_queries
):
    made = [steps.published(duty, reporter, reviewer) for _time in range(2)]
    found = list(ProgressUpdate.objects.order_by("-pk"))
    with django_assert_num_queries(1):
        fetch_decisions(found)
        for update in found:
            assert [row.action for row in update.decisions.all()] == ["submit", "publish"]
            assert {row.update for row in update.decisions.all()} == {update}
    assert {row.pk for row in found} == {row.pk for row in made}


def test_narrowing_or_ordering_them_asks_the_database_for_those_of_the_update(
    update, duty, reporter, django_assert_num_queries
):
    steps.draft(duty, reporter)
    with django_assert_num_queries(4):
        assert update.evidence.filter(public=True).count() == 2
        assert update.forums.exclude(code="FORUM").count() == 0
        first, last = update.evidence.order_by("-pk")
        assert update.evidence.first() == last
    assert first.pk > last.pk


def test_one_of_them_can_be_looked_for(update):
    piece = update.evidence.first()
    assert update.evidence.contains(piece)
    assert update.evidence.in_bulk([piece.pk]) == {piece.pk: piece}


def test_a_copy_of_the_update_reads_them_again(update):
    copied = deepcopy(update)
    Evidence.objects.filter(update=update.pk).delete()
    assert len(update.evidence.all()) == 2
    assert not copied.evidence.all()


def test_what_only_the_rows_of_that_table_can_do_they_can_do(update):
    assert update.evidence.archivable().count() == 1
    assert update.decisions.in_order().last().action == "publish"


def test_a_relation_of_several_rows_takes_one_query(duty, django_assert_num_queries):
    other = CommitmentFactory(plan=duty.plan)
    for commitment, key in ((duty, "x"), (other, "y"), (duty, "z")):
        CriterionFactory(commitment=commitment, key=key)
    owners = [duty, other]
    with django_assert_num_queries(1):
        fetch_rows(owners, [Prefetch("criteria", Criterion.objects.filter(key__in="xyz"))])
        found = [{row.key for row in owner.criteria.all()} for owner in owners]
    assert found == [{"x", "z"}, {"y"}]
    with django_assert_num_queries(1):
        fetch_rows(owners, ["criteria"])
        assert [len(owner.criteria.all()) for owner in owners] == [2, 1]
