"""Rows are made without Django's own steps, and are those that Django makes."""

import pytest
from django.apps import apps
from django.db import models
from django.db.models.signals import post_init, pre_init

from commitments.models import ProgressUpdate
from commitments.models.base import BaseModel, rows_in
from tests.steps import published

OURS = list(apps.get_app_config("commitments").get_models())

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


def columns(row):
    return {name: value for name, value in vars(row).items() if name != "_state"}


@pytest.fixture
def update(duty, reporter, reviewer):
    return published(duty, reporter, reviewer)


@pytest.mark.usefixtures("update")
def test_a_row_is_the_one_that_django_makes():
    found = 0
    for model in OURS:
        names = [field.attname for field in model._meta.concrete_fields]
        for values in model._base_manager.values_list(*names):
            by_django = models.Model.from_db.__func__(model, "default", names, values)
            row = model._base_manager.get(pk=by_django.pk)
            assert columns(row) == columns(by_django)
            assert (row, row._state.adding, row._state.db) == (by_django, False, "default")
            found += 1
    assert found > 5


@pytest.mark.usefixtures("update")
def test_columns_that_were_not_read_are_read_when_they_are_used(django_assert_num_queries):
    with django_assert_num_queries(1):
        row = ProgressUpdate.objects.only("state").get()
        assert row.state == "published"
    with django_assert_num_queries(1):
        assert str(row.summary)
    assert "summary" not in row.get_deferred_fields()


def test_every_model_is_read_so():
    unlike = [model for model in OURS if not issubclass(model, BaseModel)]
    assert [model.__name__ for model in unlike] == ["AccessToken"]


@pytest.mark.parametrize("signal", [pre_init, post_init])
def test_nothing_listens_to_the_signals_that_are_not_sent(signal):
    assert [model.__name__ for model in OURS if signal.has_listeners(model)] == []


def test_rows_that_were_prefetched_are_not_read_again(update, django_assert_num_queries):
    [row] = ProgressUpdate.objects.prefetch_related("evidence")
    with django_assert_num_queries(0):
        assert [piece.update_id for piece in rows_in(row, "evidence")] == [update.pk]
    row = ProgressUpdate.objects.get()
    with django_assert_num_queries(1):
        assert [piece.update_id for piece in rows_in(row, "evidence")] == [update.pk]
