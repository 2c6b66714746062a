"""Which decisions the ledger records, and that they stay as they are."""

from datetime import date, timedelta

import pytest
import yaml
from django.db import IntegrityError, connection, transaction

from commitments import ledger, workflow
from commitments.choices import Action
from commitments.curation.recording import ChangeReason, record_edits
from commitments.exceptions import ActionRefused, NotPermitted, StaleRevision
from commitments.importing import plan_file, plan_load
from commitments.models import Decision, Forum, ProgressUpdate, RecordedContent
from commitments.texts.text import Text
from commitments.workflow import actions
from tests.ledger.recomputed import ZEROS, chain_hash, digest, head, salted_digest
from tests.steps import NOW, draft, perform, published, record_loaded, submitted

# What is recorded, and what is not


def test_writing_a_draft_is_no_decision(duty, reporter):
    workflow.edit_draft(draft(duty, reporter), by=reporter, at=NOW, status="active")
    assert head() == (0, ZEROS, None)
    assert Decision.objects.count() == 0


def test_a_refused_action_leaves_no_decision(duty, reporter, reviewer):
    waiting, empty = submitted(duty, reporter), draft(duty, reporter, summary=Text())
    before = list(Decision.objects.values()), head()
    expected_revision = ProgressUpdate.objects.get(pk=waiting.pk).revision
    for update, action, by, revision, error in (
        (waiting, Action.PUBLISH, reporter, expected_revision, NotPermitted),
        (waiting, Action.RETURN, reviewer, expected_revision, ActionRefused),  # without a note
        (waiting, Action.RETRACT, reviewer, expected_revision, ActionRefused),
        (waiting, Action.PUBLISH, reviewer, expected_revision - 1, StaleRevision),
        (empty, Action.SUBMIT, reporter, empty.revision, ActionRefused),
    ):
        with pytest.raises(error):
            workflow.perform(update, action, by=by, at=NOW, expected_revision=revision)
    assert (list(Decision.objects.values()), head()) == before


def test_a_failure_after_the_decision_rolls_it_back(duty, reporter, reviewer, monkeypatch):
    update = submitted(duty, reporter)
    before = list(Decision.objects.values()), head()
    monkeypatch.setattr(actions, "_refresh_current_state", lambda commitment: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        perform(update, Action.PUBLISH, reviewer)
    assert (list(Decision.objects.values()), head()) == before
    assert ProgressUpdate.objects.get().state == "submitted"


@pytest.mark.usefixtures("append_only")
def test_decisions_can_be_added_but_neither_changed_nor_deleted(duty, reporter, reviewer):
    update = published(duty, reporter, reviewer)
    before = list(Decision.objects.order_by("seq").values())
    first = Decision.objects.get(seq=1)
    first.note = "Another reason."
    for forge in (
        first.save,
        first.delete,
        lambda: Decision.objects.update(note="Another reason."),
        lambda: Decision.objects.filter(seq=2).update(seq=3),
        lambda: Decision.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            forge()
    assert list(Decision.objects.order_by("seq").values()) == before
    perform(update, Action.RETRACT, reviewer, note="Wrong body.")
    assert Decision.objects.count() == 3


@pytest.mark.usefixtures("append_only")
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="Only SQLite replaces rows.")
@pytest.mark.parametrize("table", ["commitments_decision", "commitments_recordedcontent"])
def test_no_row_takes_the_place_of_another(plan, duty, reporter, reviewer, table):
    record_loaded(plan)
    published(duty, reporter, reviewer)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        before = cursor.fetchall()
        columns = [column[0] for column in cursor.description]
        other_id = ", ".join("id + 1000" if name == "id" else name for name in columns)
        for chosen in ("*", other_id):
            statement = f"INSERT OR REPLACE INTO {table} SELECT {chosen} FROM {table} LIMIT 1"
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                connection.cursor().execute(statement)
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        assert cursor.fetchall() == before


# Loading a plan


@pytest.mark.long
def test_loading_a_plan_is_the_systems_decision_with_the_digest_of_every_content(db):
    plan_load.load_plan(plan_file.read_plan_file("fixtures/iscc/plan.yaml").value, at=NOW)
    with open("fixtures/iscc/plan.yaml", encoding="utf-8") as stream:
        file = yaml.safe_load(stream)
    load = Decision.objects.get()
    # Each content is what the file says, with what it is the content of before it.
    about = {"v": 1, "type": "commitment", "plan": "ISCC"}
    numbers = [row["number"] for row in file["commitments"]]
    plan = {"v": 1, "type": "plan", "key": "ISCC", **file["plan"], "commitments": numbers}
    expected = {("plan", "ISCC"): plan}
    for row in file["commitments"]:
        key = f"ISCC-{row['number']}"
        expected["commitment", key] = {**about, "key": key, **row}
    for row in file["forums"]:
        expected["forum", row["code"]] = {"v": 1, "type": "forum", "key": row["code"]} | row
    recorded = {(row["type"], row["key"]): row["content_sha256"] for row in load.meta["subjects"]}
    assert {subject: digest(content) for subject, content in expected.items()} == {
        subject: sha256 for subject, sha256 in recorded.items() if subject in expected
    }
    assert len(recorded) == len(expected) + 6 + 9  # goals and areas
    entry = {
        "v": 1,
        "seq": 1,
        "at": "2026-07-01T04:00:00.000000Z",
        "action": "load",
        "plan": "ISCC",
        "commitment": None,
        "update": None,
        "subject": None,
        "role": "system",
        "content_sha256": None,
        "note_commit": salted_digest(load.note_salt, ""),
        "actor_commit": salted_digest(load.actor_salt, "system"),
        "meta": load.meta,
    }
    assert load.entry_sha256 == digest(entry)
    assert head() == (1, chain_hash(ZEROS, digest(entry)), NOW)
    assert load.actor is None


def test_an_edit_is_a_decision_with_the_digest_of_its_subjects_content(iscc, curator):
    forum = Forum.objects.get(code="WIC")
    forum.closed_on = date(2026, 6, 30)
    forum.save()
    [edit] = record_edits([forum], ChangeReason(curator, NOW, "It has ended."))
    content = {
        "v": 1,
        "type": "forum",
        "key": "WIC",
        "code": "WIC",
        "name": forum.name.as_dict(),
        "kind": forum.kind,
        "closed_on": "2026-06-30",
    }
    assert edit.content_sha256 == digest(content)
    assert ledger.entry(edit) == {
        "v": 1,
        "seq": 2,
        "at": "2026-07-01T04:00:00.000000Z",
        "action": "edit",
        "plan": None,
        "commitment": None,
        "update": None,
        "subject": {"type": "forum", "key": "WIC"},
        "role": "curator",
        "content_sha256": digest(content),
        "note_commit": salted_digest(edit.note_salt, "It has ended."),
        "actor_commit": salted_digest(edit.actor_salt, f"user:{curator.pk}"),
        "meta": {},
    }
    assert edit.contents.get().content == content


@pytest.mark.long
@pytest.mark.usefixtures("append_only")
def test_recorded_contents_can_neither_be_changed_nor_deleted(iscc):
    rows = RecordedContent.objects.filter(subject_key="WIC")
    for forge in (lambda: rows.update(content={}), lambda: rows._raw_delete("default")):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            forge()
    assert rows.get().content["code"] == "WIC"


@pytest.mark.long
def test_loading_the_same_plan_again_is_no_decision(iscc):
    before = head()
    plan_load.load_plan(
        plan_file.read_plan_file("fixtures/iscc/plan.yaml").value, at=NOW + timedelta(days=1)
    )
    assert head() == before
