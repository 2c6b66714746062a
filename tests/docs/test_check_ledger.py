"""`docs/check_ledger.py`, run against a server whose database was changed outside the tracker."""

import json
import subprocess
import sys
from datetime import date, timedelta

import pytest

from commitments.api.views_ledger import LedgerPagination
from commitments.choices import Action
from commitments.ledger import chain
from commitments.models import (
    ActionArea,
    Commitment,
    Criterion,
    Decision,
    Forum,
    KnownDate,
    LedgerHead,
    Milestone,
    Office,
    Partnership,
    Plan,
    StrategicGoal,
)
from commitments.texts.text import Text
from tests.factories import (
    AreaFactory,
    GoalFactory,
    MilestoneFactory,
    OfficeFactory,
    PlanFactory,
)
from tests.record import LATER, rename_forum
from tests.steps import NOW, confirmed_time, edited, record_loaded
from tests.verification.tampering import change, sql
from tests.words import en_zh, stored

pytestmark = [pytest.mark.alike, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def check(live_server):
    """Run the script; return its exit code and the lines of its output."""

    def check(*options):
        command = [sys.executable, "-I", "docs/check_ledger.py", live_server.url, *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    return check


def head():
    row = LedgerHead.objects.get()
    return f"{row.seq}:{row.hash}"


@pytest.mark.long
def test_a_whole_record_is_whole_page_by_page_and_its_head_is_the_last_line(
    record, check, monkeypatch
):
    monkeypatch.setattr(LedgerPagination, "page_size", 4)
    code, lines = check()
    seq = LedgerHead.objects.get().seq
    assert seq > 4 * 4
    assert (code, lines) == (0, [f"{seq} links, 4 updates; differences: 0", head()])


@pytest.mark.long
def test_a_pinned_head_is_found_again_after_more_was_recorded(record, check):
    earlier = Decision.objects.get(seq=5)
    assert check("--pin", f"5:{earlier.hash}")[0] == 0
    code, lines = check("--pin", f"5:{'ab' * 32}")
    assert (code, lines[0]) == (1, "link 5: its hash differs from the pinned one")


@pytest.mark.long
def test_an_empty_tracker_is_whole(check):
    assert check() == (0, ["0 links, 0 updates; differences: 0", head()])


@pytest.mark.long
def test_a_check_waits_where_it_asks_too_often(record, check, low_rate_limit):
    assert check()[0] == 0


def differences(check):
    code, lines = check()
    assert code == 1
    assert lines[-2].endswith(f"differences: {len(lines) - 2}")
    return lines[:-2]


@pytest.mark.long
def test_rewritten_content_is_noticed_though_the_chain_was_left_as_it_was(record, check):
    for column, value in (
        ("summary", stored(en_zh("A meeting was held", "会议召开了两次。"))),
        ("effective_on", "2026-06-30"),
        ("search_note", stored(en_zh(zh="档案"))),
    ):
        was = getattr(type(record.correction).objects.get(pk=record.correction.pk), column)
        change("progressupdate", column, value, record.correction.pk)
        expected = (
            f"update {record.correction.pk}: its content does not match the digest in the chain"
        )
        assert differences(check)[0] == expected
        was = stored(was) if isinstance(was, Text) else was
        change("progressupdate", column, was, record.correction.pk)
    assert check()[0] == 0


@pytest.mark.long
def test_rewritten_evidence_is_noticed(record, check):
    piece = record.superseded.evidence.exclude(url="").get()
    change("evidence", "title", stored(en_zh("Statement by the ministry.")), piece.pk)
    expected = f"update {record.superseded.pk}: its content does not match the digest in the chain"
    assert differences(check) == [expected]


@pytest.mark.long
def test_what_the_lists_say_is_compared_with_the_chain(record, check):
    piece = record.superseded.evidence.exclude(url="").get()
    change("evidence", "archived_url", "https://archive.example.org/other", piece.pk)
    change("progressupdate", "published_at", "2026-07-01 09:00:00+00:00", record.published.pk)
    change("commitment", "status", "partly_active", record.duty.pk)
    change("commitment", "text", stored(en_zh("Another.", "另一种表述。")), record.other.pk)
    assert differences(check) == [
        f"evidence {piece.pk}: archived at https://archive.example.org/other, in the chain "
        "https://archive.example.org/statement",
        f"update {record.published.pk}: published_at is 2026-07-01T09:00:00.000000Z, in the chain "
        "2026-07-01T10:00:00.000000Z",
        "commitment ISCC-3.2: its text differs from what the chain records",
        f"commitment ISCC-9.1: its status is ('partly_active', {record.correction.pk}), "
        f"in the chain ('active', {record.correction.pk})",
    ]


@pytest.mark.long
def test_a_forged_or_lost_former_content_is_noticed(record, check):
    loaded, first = record.duty.contents.in_order()[:2]
    forged = {**first.content, "text": {"en": "Never said."}}
    change("recordedcontent", "content", json.dumps(forged), first.pk)
    sql("DELETE FROM commitments_recordedcontent WHERE id = %s", loaded.pk)
    place, seq = "commitment ISCC-9.1", first.decision.seq
    assert differences(check) == [
        f"{place}: its content of link {seq} does not match the digest",
        f"{place}: its content of link 1 is missing",
    ]


AIMS = {"goal": {"one": {"en": "aim"}, "many": {"en": "aims"}}}
TAMPERED = [
    # table, column, value, which row, what is noticed
    ("plan", "review_interval_days", 100_000, Plan, {"code": "ISCC"}, "plan ISCC"),
    ("plan", "notice", stored(en_zh("All is well.")), Plan, {"code": "ISCC"}, "plan ISCC"),
    ("plan", "words", json.dumps(AIMS), Plan, {"code": "ISCC"}, "plan ISCC"),
    ("plan", "visibility", "archived", Plan, {"code": "ISCC"}, "plan ISCC"),
    ("plan", "second_rating", "blind", Plan, {"code": "ISCC"}, "plan ISCC"),
    ("strategicgoal", "text", stored(en_zh("No.")), StrategicGoal, {"number": 2}, "goal ISCC-2"),
    ("actionarea", "title", stored(en_zh("No")), ActionArea, {"number": 3}, "area ISCC-3"),
    ("forum", "name", stored(en_zh("Dissolved")), Forum, {"code": "UNGA"}, "forum UNGA"),
    ("forum", "closed_on", "2020-01-01", Forum, {"code": "UNGA"}, "forum UNGA"),
    ("office", "name", stored(en_zh("None")), Office, {"code": "CYBER"}, "office CYBER"),
    *(
        ("commitment", column, value, Commitment, {"number": "3.2"}, "commitment ISCC-3.2")
        for column, value in (
            ("title", stored(en_zh("Another"))),
            ("kind_reason", stored(en_zh("Because."))),
            ("goal_id", None),
            ("lead_office_id", None),
            ("start_on", "2020-01-01"),
        )
    ),
    ("commitment", "ends_on", "2031-12-31", Commitment, {"number": "9.1"}, "commitment ISCC-9.1"),
    (
        "partnership",
        "quote",
        stored(en_zh("Elsewhere")),
        Partnership,
        {"commitment__number": "3.2", "forum__code": "WIC"},
        "commitment ISCC-3.2",
    ),
    ("milestone", "title", stored(en_zh("Another step")), Milestone, {}, "commitment ISCC-3.2"),
    ("knowndate", "day", "2029-01-01", KnownDate, {"name": "due_on"}, "commitment ISCC-3.2"),
    (
        "criterion",
        "text",
        stored(en_zh("It is easier.")),
        Criterion,
        {"key": "a", "commitment__number": "3.2"},
        "commitment ISCC-3.2",
    ),
]


# What the lists call the parts of a commitment that are tables of their own.
PARTS = {
    "milestone": "milestones",
    "knowndate": "milestones",
    "criterion": "criteria",
    "partnership": "forums",
}


@pytest.mark.long
def test_every_reading_date_criterion_forum_and_office_is_compared_with_the_chain(
    record, check, curator
):
    record.other.lead_office = OfficeFactory(code="CYBER")
    MilestoneFactory(commitment=record.other, is_known=False)
    record.duty.refresh_from_db()
    record.duty.ends_on = date(2030, 12, 31)
    for row in (record.other.lead_office, record.other, record.duty):
        edited(row, curator, LATER)
    assert check()[0] == 0
    for table, column, value, model, which, subject in TAMPERED:
        row = model.objects.get(**which)
        was = getattr(row, column)
        change(table, column, value, row.pk)
        shown = {"goal_id": "goal", "lead_office_id": "lead_office"}.get(column, column)
        shown = PARTS.get(table, shown)
        lines = differences(check)
        assert f"{subject}: its {shown} differs from what the chain records" in lines
        was = stored(was) if isinstance(was, Text) else was
        change(table, column, json.dumps(was) if isinstance(was, dict) else was, row.pk)
    assert check()[0] == 0


@pytest.mark.long
def test_a_reason_whose_goal_the_list_does_not_give_is_no_difference(record, check, curator):
    record.other.goal, record.other.goal_reason = None, en_zh("It was a reading.")
    edited(record.other, curator, LATER)
    assert check()[0] == 0


@pytest.mark.long
@pytest.mark.parametrize(("name", "factory"), [("goal", GoalFactory), ("area", AreaFactory)])
def test_a_goal_or_an_area_of_another_plan_is_noticed(record, check, name, factory):
    other = factory(plan=PlanFactory(code="OTHER"), number=getattr(record.duty, name).number)
    record_loaded(other.plan, LATER)
    assert check()[0] == 0
    change("commitment", f"{name}_id", other.pk, record.duty.pk)
    assert differences(check) == [
        f"commitment ISCC-9.1: its {name} has another title than the chain records"
    ]


@pytest.mark.long
def test_another_order_of_commitments_is_noticed(record, check):
    plan = Plan.objects.get()
    change("commitment", "position", 10_000, plan.commitments.in_order().first().pk)
    assert differences(check) == [
        f"plan {plan.code}: its commitments are in another order than the chain records"
    ]


@pytest.mark.long
def test_an_edit_that_is_taken_out_of_the_list_of_contents_is_noticed(record, check, curator):
    edit = rename_forum("UNGA", "General Assembly", curator)
    assert check()[0] == 0
    sql("DELETE FROM commitments_recordedcontent WHERE decision_id = %s", edit.pk)
    assert differences(check) == [
        f"forum UNGA: its content of link {edit.seq} is missing",
        "forum UNGA: its name differs from what the chain records",
    ]


@pytest.mark.long
def test_only_a_confirmation_of_the_time_may_be_earlier_than_what_it_follows(
    record, check, administrator, curator, monkeypatch
):
    confirmed_time(administrator, NOW)
    assert check()[0] == 0
    monkeypatch.setattr(chain, "time_after", lambda head, clock: clock)
    edit = rename_forum("UNGA", "General Assembly", curator, NOW - timedelta(days=1))
    assert differences(check) == [f"link {edit.seq}: is earlier than the public link before it"]


@pytest.mark.long
def test_an_archive_of_what_was_never_published_is_noticed(record, check):
    """By a tracker that hides changes: the script does not stumble over it."""
    for action in (Action.PUBLISH, Action.SUPERSEDE):
        row = record.superseded.decisions.get(action=action)
        change("decision", "action", "submit", row.pk)
    place = f"update {record.superseded.pk}"
    assert f"{place}: was archived but never published" in differences(check)


@pytest.mark.long
def test_a_retraction_undone_is_noticed(record, check):
    sql(
        "UPDATE commitments_progressupdate SET state = 'published', retracted_at = NULL "
        "WHERE id = %s",
        record.retracted.pk,
    )
    place = f"update {record.retracted.pk}"
    assert differences(check) == [
        f"{place}: was retracted but still has its content",
        f"{place}: state is published, in the chain retracted",
        f"{place}: retracted_at is None, in the chain 2026-07-01T10:00:00.000000Z",
    ]


@pytest.mark.long
def test_an_update_that_disappears_without_a_tombstone_is_noticed(record, check):
    sql(
        "UPDATE commitments_progressupdate SET state = 'draft', publisher_id = NULL, "
        "published_at = NULL, published_on = NULL WHERE id = %s",
        record.published.pk,
    )
    assert differences(check) == [
        f"update {record.published.pk}: its content is missing, but no link retracts it",
        f"update {record.published.pk}: in the chain only",
    ]


@pytest.mark.long
def test_a_changed_public_note_or_entry_is_noticed(record, check):
    retraction = record.retracted.decisions.get(action=Action.RETRACT)
    change("decision", "note", "Another reason.", retraction.pk)
    change("decision", "role", "curator", record.published.decisions.get(action="publish").pk)
    seq = record.published.decisions.get(action="publish").seq
    assert differences(check) == [
        f"link {retraction.seq}: its note does not match the digest in the chain",
        f"link {seq}: its entry does not match the digest in the chain",
    ]


@pytest.mark.long
def test_a_lost_link_is_noticed(record, check):
    sql("DELETE FROM commitments_decision WHERE seq = %s", 2)
    assert "link 3: follows link 1" in differences(check)


@pytest.mark.long
def test_a_head_that_is_not_the_last_link_is_noticed(record, check):
    change("ledgerhead", "hash", "ab" * 32, 1)
    [line] = differences(check)
    assert line == f"head: is {LedgerHead.objects.get().seq}:{'ab' * 32}"


@pytest.mark.long
def test_a_tail_rewritten_whole_shows_against_a_pinned_head_only(record, check):
    """The last publication and its decision are removed, and the rest is changed to fit."""
    pin = head()
    last, before = Decision.objects.order_by("-seq")[:2]
    assert last.update_id == record.published.pk
    sql(
        "UPDATE commitments_progressupdate SET state = 'submitted', publisher_id = NULL, "
        "published_at = NULL, published_on = NULL WHERE id = %s",
        record.published.pk,
    )
    sql("DELETE FROM commitments_decision WHERE id = %s", last.pk)
    change("ledgerhead", "seq", before.seq, 1)
    change("ledgerhead", "hash", before.hash, 1)
    assert check()[0] == 0
    code, lines = check("--pin", pin)
    assert (code, lines[0]) == (1, f"link {last.seq}: the pinned link is missing")


@pytest.mark.parametrize("path", ["", "/en/ISCC"])
def test_what_cannot_be_read_is_no_difference(live_server, path):
    address = f"{live_server.url}{path}" if path else "http://127.0.0.1:9/"
    command = [sys.executable, "docs/check_ledger.py", address]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Cannot read the tracker: ")
    assert done.stderr.count("\n") == 1


def test_a_malformed_pin_is_refused():
    done = subprocess.run(
        [sys.executable, "docs/check_ledger.py", "http://127.0.0.1:9/", "--pin", "x"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "SEQ:HASH" in done.stderr
