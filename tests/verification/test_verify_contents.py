"""`verify_ledger` names changes, made behind the application, of what curators maintain and of what
the ledger recorded of it."""

import json
from datetime import date, timedelta

import pytest
import time_machine

from commitments.curation.recording import ChangeReason, record_edits
from commitments.models import (
    ActionArea,
    Commitment,
    Criterion,
    Decision,
    Forum,
    KnownDate,
    Plan,
    Publisher,
    RecordedContent,
    StrategicGoal,
)
from tests.examples import sampled
from tests.factories import MilestoneFactory, OfficeFactory
from tests.record import LATER
from tests.verification.tampering import change, sql, verify
from tests.words import en_zh, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def edited(record, curator):
    """The record, with an office, a milestone and a renamed publisher that a curator edited."""
    office, publisher = OfficeFactory(code="CYBER"), Publisher.objects.get(key="The ministry")
    record.other.lead_office = office
    record.other.save()
    record.milestone, record.office = (
        MilestoneFactory(commitment=record.other, key="m1", is_known=False),
        office,
    )
    record.publisher = publisher
    for row in (office, publisher, record.other):
        record_edits([row], ChangeReason(curator, LATER, "Assigned."))
    return record


def test_edits_leave_no_difference(edited):
    assert verify() == []


# The rows against what was recorded last

DUTY, PLAN, FORUM = "commitment ISCC-3.2", "plan ISCC", "forum UNGA"


CHANGED = sampled(
    [
        ("commitment", "title", stored(en_zh("Another.")), DUTY),
        ("commitment", "kind", "deliverable", DUTY),
        ("commitment", "goal_id", None, DUTY),
        ("commitment", "goal_reason", stored(en_zh("Because.")), DUTY),
        ("commitment", "lead_office_id", None, DUTY),
        ("commitment", "start_on", "2020-01-01", DUTY),
        ("milestone", "due_on", "2029-01-01", DUTY),
        ("milestone", "title", stored(en_zh("Another step")), DUTY),
        ("partnership", "quote", stored(en_zh("the country")), DUTY),
        ("plan", "review_interval_days", 100_000, PLAN),
        ("plan", "notice", stored(en_zh("All is well.")), PLAN),
        ("plan", "title", stored(en_zh("A better plan")), PLAN),
        ("strategicgoal", "text", stored(en_zh("Something else.")), "goal ISCC-2"),
        ("actionarea", "title", stored(en_zh("Something else")), "area ISCC-3"),
        ("forum", "name", stored(en_zh("Dissolved after a scandal")), FORUM),
        ("forum", "parent_id", None, FORUM),
        ("forum", "closed_on", "2020-01-01", FORUM),
        ("office", "name", stored(en_zh("No office")), "office CYBER"),
        ("publisher", "name", stored(en_zh("The other press")), "publisher The ministry"),
    ],
    kind=lambda table, *_: table,
)


@pytest.mark.parametrize(("table", "column", "value", "subject"), CHANGED)
def test_a_changed_column_is_named_with_the_last_decision_on_it(
    edited, table, column, value, subject
):
    rows = {
        "commitment": edited.other,
        "milestone": edited.milestone,
        "partnership": edited.other.partnerships.first(),
        "plan": Plan.objects.get(),
        "strategicgoal": StrategicGoal.objects.get(number=2),
        "actionarea": ActionArea.objects.get(number=3),
        "forum": Forum.objects.get(code="UNGA"),
        "office": edited.office,
        "publisher": edited.publisher,
    }
    change(table, column, value, rows[table].pk)
    last = RecordedContent.objects.of(*subject.split(" ", 1)).last().decision.seq
    assert verify() == [f"{subject}: differs from the content recorded by decision {last}"]


def test_one_changed_character_of_a_wording_is_named(record):
    text = record.other.text.as_dict()
    changed = en_zh(text["en"], text["zh"].replace("，", "、", 1))
    change("commitment", "text", stored(changed), record.other.pk)
    assert verify() == [
        f"{DUTY}: differs from the content recorded by decision 1",
        f"{DUTY}.text_sha256: does not match the text",
    ]


def test_a_forum_put_in_or_taken_away_is_named(record):
    record.other.forums.add(Forum.objects.get(code="APEC"))
    record.duty.partnerships.first().delete()
    last = record.duty.contents.latest("id").decision.seq
    assert verify() == [
        f"{DUTY}: differs from the content recorded by decision 1",
        f"commitment ISCC-9.1: differs from the content recorded by decision {last}",
    ]


def test_a_commitment_that_is_gone_or_was_never_loaded_is_named(record):
    gone = Commitment.objects.get(number="1.1")
    change("commitment", "number", "1.9", gone.pk)
    lines = verify()
    assert "commitment ISCC-1.9: no decision records it" in lines
    assert "commitment ISCC-1.1: is missing, but decision 1 records it" in lines


def test_a_forum_that_no_decision_added_is_named(record):
    Forum.objects.create(code="NEW", name=en_zh("New"), kind="dialogue")
    assert verify() == ["forum NEW: no decision records it"]


# Criteria


def test_a_changed_lost_or_added_criterion_is_named(record):
    first, second, third = Criterion.objects.filter(commitment__number="3.2").order_by("key")[:3]
    change("criterion", "text", stored(en_zh("It is easier.")), first.pk)
    change("criterion", "added_at", "2020-01-01 00:00:00+00:00", second.pk)
    change("criterion", "retired_at", "2026-07-01 00:00:00+00:00", third.pk)
    Criterion.objects.create(
        commitment=record.duty, key="z", position=1, text=en_zh("New."), added_at=LATER
    )
    last = record.duty.contents.latest("id").decision.seq
    assert verify() == [
        f"{DUTY}: differs from the content recorded by decision 1",
        f"commitment ISCC-9.1: differs from the content recorded by decision {last}",
        *(
            f"criterion ISCC-3.2 {row.key}: differs from what decisions record of it"
            for row in (first, second, third)
        ),
        "criterion ISCC-9.1 z: no decision records it",
    ]


def test_an_unreadable_criterion_is_named_and_the_others_are_still_checked(record):
    first, second = Criterion.objects.filter(commitment__number="3.2").order_by("key")[:2]
    change("criterion", "text", '{"en": ', first.pk)
    change("criterion", "added_at", "2020-01-01 00:00:00+00:00", second.pk)
    lines = verify()
    assert any(line.startswith(f"criterion ISCC-3.2 {first.key}: cannot be read") for line in lines)
    place = f"criterion ISCC-3.2 {second.key}"
    assert f"{place}: differs from what decisions record of it" in lines


@pytest.fixture
def moved(edited, curator):
    """The record, whose milestone was moved after a curator had added it."""
    edited.milestone.due_on = date(2029, 1, 1)
    edited.milestone.save()
    record_edits([edited.other], ChangeReason(curator, LATER + timedelta(days=1), "Delayed."))
    edited.first, edited.second = KnownDate.objects.filter(milestone=edited.milestone).in_order()
    return edited


@pytest.mark.long
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("day", "2031-01-01"),
        ("day", None),
        ("known_from", "2020-01-01 00:00:00+00:00"),
        ("known_until", "2030-01-01 00:00:00+00:00"),
        ("name", "ends_on"),
        ("milestone_id", None),
    ],
)
def test_a_former_date_that_was_rewritten_is_named(moved, column, value):
    """Whoever could move it would change the answers that were given under `known_at`."""
    with time_machine.travel(LATER + timedelta(days=2)):
        assert verify() == []
        change("knowndate", column, value, moved.first.pk)
        lines = verify()
    place = "date ISCC-3.2 m1 due_on"
    assert f"{place}: is missing, but a decision records it" in lines
    assert any(line.endswith("no decision records it") for line in lines)


@pytest.mark.long
def test_dates_of_milestones_that_change_places_are_named(moved, curator):
    """Milestones of two commitments may have the same key."""
    other = MilestoneFactory(commitment=moved.duty, key="m1", is_known=False)
    at = LATER + timedelta(days=1)
    record_edits([moved.duty], ChangeReason(curator, at, "Agreed."))
    with time_machine.travel(LATER + timedelta(days=2)):
        assert verify() == []
        [theirs] = other.known_dates.all()
        change("knowndate", "milestone_id", None, theirs.pk)
        change("knowndate", "milestone_id", other.pk, moved.second.pk)
        change("knowndate", "milestone_id", moved.milestone.pk, theirs.pk)
        assert set(verify()) >= {
            "date ISCC-3.2 m1 due_on: its milestone is of another commitment",
            "date ISCC-9.1 m1 due_on: its milestone is of another commitment",
        }


@pytest.mark.long
def test_edits_of_one_moment_are_no_difference(moved, curator):
    at = LATER + timedelta(days=1)
    for year in (2030, 2029, 2030, 2029):
        moved.milestone.due_on = date(year, 1, 1)
        moved.milestone.save()
        record_edits([moved.other], ChangeReason(curator, at, "There and back."))
    with time_machine.travel(at):
        assert verify() == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("title", stored(en_zh("Something else"))),
        ("retired_at", "2031-01-01 00:00:00+00:00"),
        ("retired_at", None),
        ("key", "m7"),
    ],
)
def test_a_dropped_milestone_is_still_checked(moved, curator, column, value):
    """Under `known_at` before it was dropped, readers still see it."""
    at = LATER + timedelta(days=2)
    moved.milestone.retired_at = at
    moved.milestone.save()
    record_edits([moved.other], ChangeReason(curator, at, "Dropped."))
    with time_machine.travel(at):
        assert verify() == []
        change("milestone", column, value, moved.milestone.pk)
        assert any(line.startswith("milestone ISCC-3.2 m") for line in verify())


@pytest.mark.long
def test_a_date_that_was_lost_or_forged_is_named(moved):
    with time_machine.travel(LATER + timedelta(days=2)):
        sql("DELETE FROM commitments_knowndate WHERE id = %s", moved.second.pk)
        assert verify() == ["date ISCC-3.2 m1 due_on: is missing, but a decision records it"]
        moved.second.pk = None
        moved.second.save()
        assert verify() == []
        KnownDate.objects.create(
            commitment=moved.duty, name="ends_on", day=date(2030, 1, 1), known_from=LATER
        )
        assert verify() == ["date ISCC-9.1 ends_on: no decision records it"]


@pytest.mark.long
def test_a_replaced_criterion_is_still_checked(record, curator):
    row = Criterion.objects.filter(commitment__number="3.2").earliest("key")
    row.retired_at = LATER
    row.save()
    [edit] = record_edits([record.other], ChangeReason(curator, LATER, "Replaced."))
    change("criterion", "retired_at", edit.at, row.pk)
    assert verify() == []
    change("criterion", "text", stored(en_zh("It never asked for that.")), row.pk)
    place = f"criterion ISCC-3.2 {row.key}"
    assert verify() == [f"{place}: differs from what decisions record of it"]
    change("criterion", "key", "z", row.pk)
    assert f"{place}: is missing, but a decision records it" in verify()


# What was recorded, against the chain


def test_a_changed_or_lost_former_content_is_named(record):
    second, first = RecordedContent.objects.of("commitment", "ISCC-9.1").order_by("-id")[1:3]
    former = {**first.content, "text": {"en": "Never said."}}
    change("recordedcontent", "content", json.dumps(former), first.pk)
    sql("DELETE FROM commitments_recordedcontent WHERE id = %s", second.pk)
    place = "commitment ISCC-9.1"
    assert verify() == [
        f"decision {first.decision.seq}.{place}: the content differs from the digest in the chain",
        f"decision {second.decision.seq}.{place}: the recorded content is missing",
    ]


def test_a_content_with_its_digest_changed_to_match_is_named(record):
    row = RecordedContent.objects.of("forum", "UNGA").get()
    change("recordedcontent", "content", "{}", row.pk)
    change("recordedcontent", "sha256", "ab" * 32, row.pk)
    assert verify() == ["decision 1.forum UNGA: the content differs from the digest in the chain"]


def test_a_content_that_no_decision_recorded_is_named(record):
    made_up = RecordedContent.objects.of("forum", "UNGA").get()
    made_up.pk, made_up.decision = None, Decision.objects.latest("seq")
    made_up.save()
    seq = made_up.decision.seq
    assert verify() == [f"decision {seq}.forum UNGA: the decision records no such content"]


def test_a_content_attached_to_another_commitment_is_named(record):
    row = RecordedContent.objects.of("commitment", "ISCC-3.2").get()
    change("recordedcontent", "commitment_id", record.duty.pk, row.pk)
    place = "decision 1.commitment ISCC-3.2"
    assert verify() == [f"{place}: the content differs from the digest in the chain"]
