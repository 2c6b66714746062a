"""`verify_ledger` names changes of the chain itself: of decisions, notes, actors and the head. It
also looks for a pinned head."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from commitments import ledger
from commitments.choices import Action
from commitments.models import Decision, LedgerCheck, LedgerHead
from commitments.verification import PinnedHead
from tests.verification.tampering import change, differs, says, seq, sql, verify

pytestmark = pytest.mark.django_db


def last():
    return Decision.objects.latest("seq")


@pytest.mark.long
def test_the_head_is_named_to_be_pinned_and_a_pinned_head_is_looked_for(record):
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    pinned = out.getvalue().split()[-1]
    head = LedgerHead.objects.get()
    assert pinned == f"{head.seq}:{head.hash}"
    assert verify(pin=PinnedHead(head.seq, head.hash)) == []
    assert verify(pin=PinnedHead(3, Decision.objects.get(seq=3).hash)) == []
    assert verify(pin=PinnedHead(3, head.hash)) == [
        "decision 3: its hash differs from the pinned one"
    ]
    missing = verify(pin=PinnedHead(head.seq + 1, head.hash))
    assert missing == [f"decision {head.seq + 1}: the pinned entry is missing"]


def test_a_mistyped_head_is_not_shown_as_a_difference_of_the_record(record):
    head = LedgerHead.objects.get()
    with pytest.raises(CommandError, match=r"Differences: 1\."):
        call_command("verify_ledger", pin=PinnedHead(3, head.hash), stdout=StringIO())
    assert LedgerCheck.objects.get().differences == 0


@pytest.mark.parametrize("text", ["", "3", "3:abc", f"x:{'a' * 64}", f"3:{'A' * 64}"])
def test_a_pin_is_a_number_and_a_hash(text):
    with pytest.raises(CommandError, match="is not of the form SEQ:HASH"):
        call_command("verify_ledger", f"--pin={text}")


NOT_THE_ENTRY = "the row differs from the entry recorded in the chain"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "return"),
        ("role", "curator"),
        ("at", "2026-07-01 04:00:00.000001+00:00"),
        ("content_sha256", "ab" * 32),
        ("meta", '{"import": "x"}'),
        ("note_commit", "ab" * 32),
        ("actor_commit", "ab" * 32),
        ("entry_sha256", "ab" * 32),
    ],
)
def test_a_changed_decision_is_named(record, column, value):
    number = seq(record.correction, Action.SUBMIT)
    change("decision", column, value, Decision.objects.get(seq=number).pk)
    assert any(line.startswith(f"decision {number}.entry: {NOT_THE_ENTRY}") for line in verify())


def test_a_changed_note_is_named(record):
    number = seq(record.retracted, Action.RETRACT)
    change("decision", "note", "Another reason.", Decision.objects.get(seq=number).pk)
    assert verify() == [f"decision {number}.note: differs from the recorded note"]


def test_a_changed_actor_is_named(record, other_reviewer):
    number = seq(record.retracted, Action.RETRACT)
    change("decision", "actor_id", other_reviewer.pk, Decision.objects.get(seq=number).pk)
    assert verify() == [f"decision {number}.actor: differs from the recorded person"]


def test_a_salt_that_is_no_number_is_named(record):
    number = seq(record.retracted, Action.RETRACT)
    change("decision", "note_salt", "salt", Decision.objects.get(seq=number).pk)
    assert verify() == [f"decision {number}.note: differs from the recorded note"]


def test_a_decision_recomputed_after_a_change_no_longer_fits_the_chain(record):
    row = Decision.objects.get(seq=seq(record.correction, Action.SUBMIT))
    row.role = "curator"
    change("decision", "role", "curator", row.pk)
    change("decision", "entry_sha256", ledger.sha256_of(ledger.entry(row)), row.pk)
    follows = "does not match the previous hash and the entry"
    assert verify() == [f"decision {row.seq}.hash: {follows}"]


def test_the_last_decision_deleted_is_named(record):
    row = last()
    sql("DELETE FROM commitments_decision WHERE id = %s", row.pk)
    before = last()
    assert verify() == [
        f"head.seq: is {row.seq}; according to the last decision it should be {before.seq}",
        f"head.hash: is {row.hash}; according to the last decision it should be {before.hash}",
        says(record.published, "state", "published", "submitted"),
        says(record.published, "publisher", row.actor_id, None),
        says(record.published, "published_at", row.at, None),
        says(record.published, "published_on", "2026-07-01", None),
    ]


def test_the_last_decision_deleted_and_the_head_set_back_is_named_by_what_it_published(record):
    row = last()
    sql("DELETE FROM commitments_decision WHERE id = %s", row.pk)
    change("ledgerhead", "seq", row.seq - 1, 1)
    change("ledgerhead", "hash", last().hash, 1)
    assert [line.split(":")[0] for line in verify()] == [
        f"update {record.published.pk}.{column}"
        for column in ("state", "publisher", "published_at", "published_on")
    ]


@pytest.mark.parametrize("moved", [timedelta(seconds=-61), timedelta(microseconds=1)])
def test_a_time_of_change_that_is_not_that_of_the_last_decision_is_named(record, moved):
    at = last().at
    change("progressupdate", "changed_at", at + moved, record.published.pk)
    assert verify() == [says(record.published, "changed_at", at + moved, at)]


def test_a_time_of_change_within_the_difference_of_clocks_is_none(record):
    change("progressupdate", "changed_at", last().at - timedelta(seconds=60), record.published.pk)
    assert verify() == []


def test_decisions_deleted_from_the_middle_are_named(record):
    sql("DELETE FROM commitments_decision WHERE id = %s", Decision.objects.get(seq=3).pk)
    assert "decision 3: is missing" in verify()
    sql("DELETE FROM commitments_decision WHERE id = %s", Decision.objects.get(seq=4).pk)
    assert "decision 3–4: is missing" in verify()


def test_a_supersession_that_no_correction_brought_is_named(record):
    number = seq(record.superseded, Action.SUPERSEDE)
    change("progressupdate", "corrects_id", None, record.correction.pk)
    lines = verify()
    assert (
        f"decision {number}: marks an update as corrected without a published correction of it"
        in lines
    )
    assert differs(record.correction, Action.SUBMIT)[0] in lines


def test_a_correction_that_superseded_nothing_is_named(record):
    number = seq(record.published, Action.PUBLISH)
    change("progressupdate", "corrects_id", record.retracted.pk, record.published.pk)
    assert (
        f"decision {number}: publishes a correction, but update {record.retracted.pk} is not "
        "marked as corrected"
    ) in verify()


@pytest.mark.parametrize(
    ("column", "value"), [("seq", 3), ("hash", "ab" * 32), ("at", "2026-07-01 04:00:00+00:00")]
)
def test_a_changed_head_is_named(record, column, value):
    change("ledgerhead", column, value, 1)
    [line] = verify()
    assert line.startswith(
        f"head.{column}: is {value}; according to the last decision it should be "
    )


def test_a_lost_head_is_named(record):
    sql("DELETE FROM commitments_ledgerhead WHERE id = 1")
    assert verify() == ["head: there must be one row, but there are 0"]
