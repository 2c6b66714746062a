"""`verify_ledger` names changes that were made in the database behind the application.

The tests run without the triggers that forbid changes of decisions; the owner of a database can
lift them.
"""

from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from commitments.choices import Action
from commitments.exceptions import StorageUnavailable
from commitments.models import Evidence, LedgerCheck, ProgressUpdate
from commitments.texts.text import Text
from commitments.verification import reading
from commitments.verification.reading import SharedRows
from commitments.verification.updates import update_differences
from tests.record import LATER
from tests.steps import draft, perform, published
from tests.verification.tampering import change, differs, says, sql, verify
from tests.words import en_zh, stored

pytestmark = pytest.mark.django_db

# The days of updates that commitments keep.
DAYS = ("status_effective_on", "last_action_on", "last_deed_on")


def test_an_untouched_record_has_no_differences(record):
    assert verify() == []


def test_what_a_check_found_is_told_even_if_it_cannot_be_noted(record, monkeypatch):
    def busy(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(LedgerCheck, "save", busy)
    out, err = StringIO(), StringIO()
    call_command("verify_ledger", stdout=out, stderr=err)
    assert out.getvalue().startswith("No difference in ")
    assert err.getvalue() == "The ledger page does not show this check: database is locked\n"


def test_a_store_that_is_away_ends_the_check_and_is_no_difference(record, monkeypatch):
    def refuse(name, mode):
        raise StorageUnavailable("503 Slow Down")

    monkeypatch.setattr(Evidence._meta.get_field("file").storage, "open", refuse)
    out = StringIO()
    with pytest.raises(CommandError, match="store of evidence cannot be used: 503 Slow Down"):
        call_command("verify_ledger", stdout=out)
    assert (out.getvalue(), LedgerCheck.objects.count()) == ("", 0)


# Content


@pytest.mark.long
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("summary", stored(en_zh("A meeting was held", "会议召开。"))),  # one full stop less
        ("summary", stored(en_zh("A meeting was held.", "会议召开"))),
        ("summary", stored(en_zh("A meeting was held."))),
        ("search_note", stored(en_zh("x"))),
        ("effective_on", "2026-06-30"),
        ("date_precision", "month"),
        ("external_ref", "register/7"),
    ],
)
def test_a_changed_field_of_frozen_content_is_named(record, column, value):
    for name, action in (
        ("published", Action.PUBLISH),
        ("retracted", Action.PUBLISH),
        ("submitted", Action.SUBMIT),
        ("discarded", Action.DISCARD),
    ):
        update = getattr(record, name)
        was = ProgressUpdate.objects.filter(pk=update.pk).values_list(column, flat=True).get()
        change("progressupdate", column, value, update.pk)
        # A published update has been frozen since it was submitted.
        first = Action.SUBMIT if action is Action.PUBLISH else action
        # Its day may be kept with the commitment too.
        found = [line for line in verify() if not any(f".{name}: " in line for name in DAYS)]
        assert found == differs(update, first)
        was = stored(was) if isinstance(was, Text) else was
        change("progressupdate", column, was, update.pk)
    assert verify() == []


def test_what_is_still_being_written_may_change(record):
    for update in (record.draft, record.returned):
        change("progressupdate", "summary", stored(en_zh("Something else.")), update.pk)
    assert verify() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("title", stored(en_zh("Statement by the ministry."))),
        ("publisher_id", None),
        ("url", "https://example.org/other"),
        ("language", "fr"),
        ("dated_on", "2020-01-01"),
        ("kind", "report"),
        ("source", "independent"),
    ],
)
def test_changed_metadata_of_evidence_is_named(record, column, value):
    change("evidence", column, value, record.published.evidence.get().pk)
    assert verify() == differs(record.published, Action.SUBMIT)


def test_internal_evidence_is_held_too(record):
    internal = record.superseded.evidence.get(public=False)
    change("evidence", "citation", "Minutes 4/2026", internal.pk)
    assert verify() == differs(record.superseded, Action.SUBMIT)


def test_internal_evidence_made_public_is_named(record):
    internal = record.superseded.evidence.get(public=False)
    change("evidence", "public", True, internal.pk)
    assert verify() == differs(record.superseded, Action.SUBMIT)


def test_evidence_taken_away_or_put_in_is_named(record):
    sql(
        "DELETE FROM commitments_evidence WHERE id = %s",
        record.superseded.evidence.earliest("pk").pk,
    )
    assert differs(record.superseded, Action.SUBMIT)[0] in verify()
    Evidence.objects.create(
        update=record.published,
        title=en_zh("More"),
        citation="x",
        kind="news",
        source="independent",
    )
    assert differs(record.published, Action.SUBMIT)[0] in verify()


def test_a_forum_put_in_is_named(record):
    record.published.forums.through.objects.create(
        progressupdate_id=record.published.pk, forum=record.other.forums.first()
    )
    assert verify() == differs(record.published, Action.SUBMIT)


def test_a_changed_file_is_named(record):
    item = record.superseded.evidence.exclude(file="").get()
    storage = item.file.storage
    storage.delete(item.file.name)
    assert verify() == [f"evidence {item.pk}.file: is missing from storage"]
    storage.save(item.file.name, ContentFile(b"%PDF-1.7 minutes of a meetinG"))
    other = [f"evidence {item.pk}.file: does not match the recorded digest and size"]
    assert verify() == other


def test_a_changed_file_with_its_digest_changed_to_match_is_named(record):
    item = record.submitted.evidence.exclude(file="").get()
    change("evidence", "file_sha256", "ab" * 32, item.pk)
    assert verify() == [
        *differs(record.submitted, Action.SUBMIT),
        f"evidence {item.pk}.file: does not match the recorded digest and size",
    ]


def test_an_archived_address_that_no_decision_gave_is_named(record):
    item = record.superseded.evidence.exclude(url="").get()
    change("evidence", "archived_url", "https://archive.example.org/other", item.pk)
    assert verify() == [
        f"evidence {item.pk}.archived_url: is https://archive.example.org/other; according "
        f"to the decisions of update {record.superseded.pk} it should be "
        "https://archive.example.org/statement"
    ]
    change("evidence", "archived_url", "", item.pk)
    assert len(verify()) == 1


# State, publisher, times


def test_a_changed_time_of_publication_is_named(record):
    change("progressupdate", "published_at", "2026-06-30 04:00:00+00:00", record.published.pk)
    [line] = verify()
    assert line == says(
        record.published,
        "published_at",
        "2026-06-30 04:00:00+00:00",
        "2026-07-01 10:00:00+00:00",
    )


def test_a_changed_publisher_is_named(record, other_reviewer, reviewer):
    change("progressupdate", "publisher_id", other_reviewer.pk, record.published.pk)
    assert verify() == [says(record.published, "publisher", other_reviewer.pk, reviewer.pk)]


def test_a_publisher_who_turns_out_to_be_an_editor_is_named(record, reviewer):
    record.published.editors.add(reviewer)
    seq = record.published.decisions.get(action="submit").seq
    assert verify() == [
        f"update {record.published.pk}.editors: differs from what decision {seq} records",
        f"update {record.published.pk}.publisher: is the author or an editor of the update",
    ]


@pytest.mark.long
def test_another_author_or_one_editor_less_is_named(record, reporter, other_reporter):
    """Whoever could rewrite the tables could let somebody publish what they wrote."""
    update = edited_by_two(record.other, reporter, other_reporter)
    seq = update.decisions.get(action="submit").seq
    assert verify() == []
    change("progressupdate", "author_id", other_reporter.pk, update.pk)
    assert f"update {update.pk}.author: differs from what decision {seq} records" in verify()
    change("progressupdate", "author_id", reporter.pk, update.pk)
    update.editors.remove(other_reporter)
    assert verify() == [f"update {update.pk}.editors: differs from what decision {seq} records"]


def edited_by_two(commitment, author, editor):
    """Return an update in review that a second person edited."""
    update = draft(commitment, author, LATER)
    update.editors.add(editor)
    perform(update, Action.SUBMIT, author, LATER)
    return update


def keeps(commitment, name, kept, expected):
    """The sentence that a commitment keeps something else than its published updates say."""
    return (
        f"{commitment.code}.{name}: is {kept}; according to the published updates it should be "
        f"{expected}"
    )


def test_a_draft_published_without_a_decision_is_named(record, reviewer):
    sql(
        "UPDATE commitments_progressupdate SET state = 'published', publisher_id = %s, "
        "published_at = '2026-07-01 10:00:00+00:00', published_on = '2026-07-01' WHERE id = %s",
        reviewer.pk,
        record.draft.pk,
    )
    assert verify() == [
        says(record.draft, "state", "published", "draft"),
        says(record.draft, "publisher", reviewer.pk, None),
        says(record.draft, "published_at", "2026-07-01 10:00:00+00:00", None),
        says(record.draft, "published_on", "2026-07-01", None),
        keeps(record.draft.commitment, "last_action", None, record.draft.pk),
        keeps(record.draft.commitment, "last_action_on", None, record.draft.effective_on),
        keeps(record.draft.commitment, "last_deed_on", None, record.draft.effective_on),
        keeps(record.draft.commitment, "published_updates", 0, 1),
    ]


def test_a_retracted_update_brought_back_is_named_with_the_status_it_would_give(record):
    sql(
        "UPDATE commitments_progressupdate SET state = 'published', retracted_at = NULL "
        "WHERE id = %s",
        record.retracted.pk,
    )
    day = record.retracted.effective_on
    kept = {
        "status_update": (None, record.retracted.pk),
        "status": ("unassessed", "active"),
        "status_effective_on": (None, day),
        "status_level": (0, 2),
        "status_action_on": (None, day),
        "last_action": (None, record.retracted.pk),
        "last_action_on": (None, day),
        "last_deed_on": (None, day),
        "published_updates": (0, 1),
    }
    assert verify() == [
        says(record.retracted, "state", "published", "retracted"),
        says(record.retracted, "retracted_at", None, "2026-07-01 10:00:00+00:00"),
        *(keeps(record.retracted.commitment, name, *values) for name, values in kept.items()),
    ]


@pytest.mark.long
def test_an_update_that_is_gone_is_named_with_what_is_left_of_it(record):
    for update in (record.retracted, record.returned, record.published):
        piece, seq = update.evidence.get().pk, update.decisions.latest("seq").seq
        with transaction.atomic():
            for table in ("editors", "forums"):
                with connection.cursor() as cursor:
                    cursor.execute(
                        f"DELETE FROM commitments_progressupdate_{table} "
                        "WHERE progressupdate_id = %s",
                        [update.pk],
                    )
            sql("DELETE FROM commitments_progressupdate WHERE id = %s", update.pk)
            counted = update.commitment if update == record.published else None
            day = update.effective_on
            gone = {"last_action": update.pk, "last_action_on": day, "last_deed_on": day}
            assert verify() == [
                f"update {update.pk}: is missing, but decision {seq} refers to it",
                f"evidence {piece}: its update {update.pk} is missing",
                *(keeps(counted, name, kept, None) for name, kept in gone.items() if counted),
                *([keeps(counted, "published_updates", 1, 0)] if counted else []),
            ]
            # At the end of the transaction the foreign keys would be checked.
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("table", "column", "value", "place"),
    [
        ("decision", "meta", "[]", "update {update}"),
        ("decision", "meta", '{"evidence": [1], "archived_url": 1}', "update {update}"),
        ("evidence", "file", "../../../etc/passwd", "evidence {file}"),
        ("plan", "time_zone", "Nowhere/City", "update {update}"),
    ],
)
def test_an_unreadable_row_is_named_and_the_others_are_still_checked(
    record, table, column, value, place
):
    archive = record.superseded.decisions.get(action=Action.ARCHIVE)
    file = record.superseded.evidence.exclude(file="").get()
    plan = record.duty.plan_id
    change(table, column, value, {"decision": archive.pk, "evidence": file.pk, "plan": plan}[table])
    change("ledgerhead", "seq", 3, 1)
    lines = verify()
    named = place.format(update=record.superseded.pk, file=file.pk)
    assert [line for line in lines if line.startswith(f"{named}: cannot be read: ")]
    assert any(line.startswith("head.seq: ") for line in lines)


# Statuses


def test_a_changed_status_copy_is_named(record):
    change("commitment", "status", "partly_active", record.duty.pk)
    assert verify() == [keeps(record.duty, "status", "partly_active", "active")]


def test_a_status_copy_of_another_update_is_named(record):
    change("commitment", "status_update_id", record.superseded.pk, record.duty.pk)
    assert verify() == [
        keeps(record.duty, "status_update", record.superseded.pk, record.correction.pk)
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status_effective_on", "1999-12-31"),
        ("status_level", 1),
        ("status_action_on", "1999-12-31"),
        ("last_action_id", None),
        ("last_action_on", "1999-12-31"),
        ("last_deed_on", "1999-12-31"),
        ("published_updates", 7),
    ],
)
def test_any_other_changed_copy_is_named(record, column, value):
    change("commitment", column, value, record.duty.pk)
    (difference,) = verify()
    name = column.removesuffix("_id")
    assert difference.startswith(f"ISCC-9.1.{name}: is {value}; according to the published")


# Cost


@pytest.mark.long
def test_it_takes_as_many_queries_for_many_updates_as_for_few(
    record, reporter, reviewer, django_assert_num_queries
):
    with django_assert_num_queries(66):
        verify()
    for _more in range(5):
        published(record.duty, reporter, reviewer, LATER)
    with django_assert_num_queries(66):
        verify()


def test_each_further_chunk_takes_a_fixed_number_of_queries(record, monkeypatch):
    def queries(rows_per_chunk):
        monkeypatch.setattr(reading, "ROWS_PER_CHUNK", rows_per_chunk)
        with CaptureQueriesContext(connection) as captured:
            assert list(update_differences(shared)) == []
        return len(captured)

    shared, updates = SharedRows.read(), ProgressUpdate.objects.count()
    # The updates; decisions, evidence and what is named; and five for corrections.
    assert queries(updates) == 1 + 3 + 5
    assert updates == 8
    # Three chunks, one of them with corrections.
    assert queries(3) == 1 + 3 * 3 + 5
