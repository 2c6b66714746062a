"""The database itself lets nothing of the ledger be changed but what an erasure empties."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from commitments.choices import Action
from commitments.models import Decision, RecordedContent
from tests.record import LATER
from tests.steps import NOW, edited, published, record_loaded, returned
from tests.words import en_zh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("append_only")]
OTHER = {
    "BigAutoField": 10_000,
    "BooleanField": True,
    "DateTimeField": NOW - timedelta(days=1),
    "PositiveBigIntegerField": 10_000,
    "PositiveSmallIntegerField": 7,
    "JSONField": {"archived_url": "https://example.org/"},
}


@pytest.fixture
def note(duty, reporter, reviewer):
    """The decision that returned an update, with its note."""
    return returned(duty, reporter, reviewer).decisions.get(action=Action.RETURN)


def refuses(rows, **columns):
    """Return whether the database refuses to change these columns."""
    try:
        with transaction.atomic():
            assert rows.update(**columns) == 1
    except IntegrityError as error:
        return "append-only" in str(error)
    return False


def other_value(field):
    """Return another value for a column than any row has."""
    if field.is_relation:
        return F("erased_by")
    return OTHER.get(field.get_internal_type(), "other")


@pytest.mark.parametrize("action", [Action.PUBLISH, Action.RETURN])
def test_no_other_decision_than_an_erasure_empties_a_note(action, note, duty, reporter, reviewer):
    published(duty, reporter, reviewer)
    by = Decision.objects.get(action=action)
    rows = Decision.objects.filter(pk=note.pk)
    assert refuses(rows, note="", note_salt="")
    assert refuses(rows, note="", note_salt="", erased_by=by)


def test_an_erasure_empties_only_the_rows_that_it_names(note, duty, reporter, reviewer, erase):
    other = returned(duty, reporter, reviewer).decisions.get(action=Action.RETURN)
    by = erase(note, "note")
    rows = Decision.objects.filter(pk=other.pk)
    assert refuses(rows, note="", note_salt="", erased_by=by)
    contents = RecordedContent.objects.filter(
        pk=record_loaded(duty.plan, LATER).contents.first().pk
    )
    assert refuses(contents, content={}, erased_by=by)


def test_an_erasure_may_empty_columns_but_not_fill_them(note, erase):
    by = erase(note, "note")
    rows = Decision.objects.filter(pk=note.pk)
    assert rows.get().note_is_erased
    assert refuses(rows, note="Another note.")
    assert refuses(rows, note="Another note.", note_salt="ab" * 32, erased_by=by)
    assert refuses(rows, erased_by=None)


def test_every_other_column_of_a_decision_stays_even_of_one_that_is_erased(note, erase):
    by = erase(note, "note")
    for field in Decision._meta.concrete_fields:
        if field.name == "erased_by":
            continue
        columns = {field.name: other_value(field), "erased_by": by}
        if field.name in ("plan", "commitment", "update", "actor"):
            columns[field.name] = None
        assert refuses(Decision.objects.filter(pk=note.pk), **columns), field.name


def test_every_other_column_of_a_recorded_content_stays(plan, duty, curator, erase):
    record_loaded(plan)
    duty.title = en_zh("Another title")
    edited(duty, curator)
    former = RecordedContent.objects.of("commitment", duty.code).first()
    by = erase(former, "title")
    rows = RecordedContent.objects.filter(pk=former.pk)
    assert "title" not in rows.get().content
    for field in RecordedContent._meta.concrete_fields:
        if field.name in ("erased_by", "content"):
            continue
        columns = {field.name: other_value(field), "erased_by": by}
        if field.is_relation:
            columns[field.name] = by if field.name == "decision" else None
        assert refuses(rows, **columns), field.name
    assert refuses(rows, content={}, erased_by=None)


def test_neither_can_be_deleted(plan, duty, note, erase):
    record_loaded(plan)
    erase(note, "note")
    for rows in (Decision.objects.filter(pk=note.pk), RecordedContent.objects.all()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rows._raw_delete("default")
