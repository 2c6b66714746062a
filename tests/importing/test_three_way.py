"""Amending a plan that curators have edited since its file was loaded, by the command."""

import re
from copy import deepcopy
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from commitments.curation import history
from commitments.curation.recording import ChangeReason, record_edits
from commitments.importing import plan_dump, plan_load
from commitments.models import (
    Commitment,
    Decision,
    Forum,
    Milestone,
    Office,
    Partnership,
    Plan,
    StrategicGoal,
)
from tests.documents import everything
from tests.factories import CommitmentFactory, PlanFactory
from tests.importing.harbour_town import item, load_plan
from tests.words import en_zh

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("loaded_harbour"),
]


@pytest.fixture
def edit(curator):
    """Edit a row as a curator does: with a reason, as a decision."""

    def edit(row, about=None, **columns):
        for name, value in columns.items():
            setattr(row, name, value)
        row.save()
        record_edits([about or row], ChangeReason(curator, timezone.now(), "As agreed."))

    return edit


@pytest.fixture
def loses(harbour, edit):
    """A curator moved the due date of A.1, renamed an office and took a forum off B.1."""
    edit(Commitment.objects.get(number="A.1"), due_on="2028-03-31")
    edit(Office.objects.get(code="WATER-WORKS"), name=en_zh("Water Board"))
    table = Partnership.objects.get(commitment__number="B.1", forum__code="BAY-TABLE")
    table.delete()
    edit(table.commitment)
    return harbour


def lines(output):
    return [line.strip() for line in output.splitlines()[1:]]


def kept(output):
    """Return what the output says is kept, without lines and columns."""
    found = [re.sub(r"^kept: [^:]+:\d+:\d+: ", "", line) for line in lines(output)]
    return [line for line, old in zip(found, lines(output), strict=True) if line != old]


def amendment():
    return Decision.objects.in_order().last()


@pytest.mark.long
def test_what_only_curators_changed_stays_and_is_listed(loses, amend):
    item(loses, "A.2")["title"]["en"] = "Close the drains"
    output = amend(loses)
    assert lines(output)[0] == (
        "Commitment A.2, title (en): “Close the old storm drains” → “Close the drains”"
    )
    assert kept(output) == [
        'office WATER-WORKS, name, en: "Water Works" in the file, "Water Board" in the tracker',
        'commitment A.1, due_on: "2027-12-31" in the file, "2028-03-31" in the tracker',
        'commitment B.1, forums BAY-TABLE: {"code": "BAY-TABLE"} in the file, nothing in the '
        "tracker",
    ]
    assert str(Commitment.objects.get(number="A.1").due_on) == "2028-03-31"
    assert Office.objects.get(code="WATER-WORKS").name == en_zh("Water Board")
    assert not Partnership.objects.filter(forum__code="BAY-TABLE", commitment__number="B.1")
    assert {row["key"] for row in amendment().meta["subjects"]} == {"HARBOUR-A.2"}


@pytest.mark.long
def test_a_file_without_changes_reverts_nobody_and_what_stays_is_listed(loses, amend, file):
    before = everything()
    printed = amend(loses)
    assert printed.startswith("Plan HARBOUR unchanged: the file changes nothing (7 commitments).")
    assert len(kept(printed)) == 3
    assert "unchanged" in load_plan(file(loses))
    assert everything() == before


def test_what_both_changed_is_a_conflict_with_its_line_until_a_side_is_taken(loses, file):
    item(loses, "A.1")["due_on"] = "2029-12-31"
    path = file(loses)
    number = path.read_text(encoding="utf-8").split("2029-12-31")[0].count("\n") + 1
    before = everything()
    with pytest.raises(CommandError) as refusal:
        load_plan(path, amend="Later.", by="curator")
    assert str(refusal.value).splitlines() == [
        "The file cannot be loaded.",
        f'  plan.yaml:{number}:3: commitment A.1, due_on: "2029-12-31" in the file, "2028-03-31" '
        'in the tracker, "2027-12-31" in the file loaded last',
    ]
    assert everything() == before


@pytest.mark.parametrize(
    ("take", "day"),
    [
        (["file"], "2029-12-31"),
        (["tracker"], "2028-03-31"),
        (["tracker", "file:commitment A.1, due_on"], "2029-12-31"),
        (["file", "tracker:commitment A.1"], "2028-03-31"),
    ],
)
def test_a_side_is_taken_everywhere_or_in_one_place(loses, amend, take, day):
    item(loses, "A.1")["due_on"] = "2029-12-31"
    item(loses, "A.2")["title"]["en"] = "Close the drains"
    amend(loses, take=take)
    assert str(Commitment.objects.get(number="A.1").due_on) == day


def test_a_place_without_a_conflict_and_a_side_that_is_none_are_refused(loses, refused):
    item(loses, "A.2")["title"]["en"] = "Close the drains"
    assert refused(loses, take=["file:commitment A.9"])[1:] == [
        "  there is no conflict at “commitment A.9”"
    ]
    assert refused(loses, take=["mine"]) == [
        "--take mine: give file or tracker, with a place or without."
    ]


def test_a_mistyped_place_is_refused_although_nothing_would_change(loses, refused):
    assert refused(loses, take=["file:commitment A.9"])[1:] == [
        "  there is no conflict at “commitment A.9”"
    ]


@pytest.mark.long
def test_a_conflict_that_is_settled_without_a_change_does_not_come_back(loses, amend):
    item(loses, "A.1")["due_on"] = "2029-12-31"
    decisions = Decision.objects.count()
    assert "unchanged" in amend(loses, take=["tracker"])
    assert Decision.objects.count() == decisions
    assert "unchanged" in amend(loses)
    assert str(Commitment.objects.get(number="A.1").due_on) == "2028-03-31"


def test_sides_are_taken_in_amendments_only(harbour, file):
    with pytest.raises(CommandError, match="--take requires --amend"):
        load_plan(file(harbour), take=["file"])


@pytest.mark.long
def test_after_an_amendment_its_file_is_the_one_to_compare_with(loses, amend, file):
    item(loses, "A.1")["due_on"] = "2029-12-31"
    item(loses, "A.2")["title"]["en"] = "Close the drains"
    amend(loses, take=["tracker"])
    # The date of the file was seen and not taken: it is no conflict again.
    assert "unchanged" in load_plan(file(loses))
    item(loses, "A.1")["due_on"] = "2030-12-31"
    with pytest.raises(CommandError, match='"2029-12-31" in the file loaded last'):
        amend(loses)


@pytest.mark.long
def test_a_dump_that_is_loaded_again_does_not_revert_curators_in_the_next_amendment(
    loses, amend, file
):
    assert "unchanged" in load_plan(file(plan_dump.plan_document(Plan.objects.get())))
    item(loses, "A.2")["title"]["en"] = "Close the drains"
    printed = amend(loses)
    assert any("commitment A.1, due_on" in line for line in kept(printed))
    assert str(Commitment.objects.get(number="A.1").due_on) == "2028-03-31"


def test_the_first_file_of_a_plan_made_in_the_tracker_is_the_one_to_compare_with(curator, file):
    plan = PlanFactory(code="OLD", title=en_zh("Old plan", ""))
    CommitmentFactory(plan=plan, number="1", title=en_zh("One", ""), text=en_zh("One.", ""))
    document = plan_dump.plan_document(plan)
    load_plan(file(document))
    document["plan"]["title"]["en"] = "New plan"
    load_plan(file(document), amend="Read again.", by="curator")
    plan.refresh_from_db()
    assert plan.title == en_zh("New plan", "")


@pytest.mark.long
def test_a_dry_run_prints_the_same_lines_and_the_public_change_has_them(loses, amend):
    item(loses, "A.2")["title"]["en"] = "Close the drains"
    item(loses, "A.1")["milestones"].pop()
    loses["forums"].append({"code": "PORTS", "name": {"en": "Ports"}, "kind": "dialogue"})
    item(loses, "A.4")["forums"] = [{"code": "PORTS", "quote": {"en": "every ship"}}]
    loses["areas"][0]["title"]["en"] = "Outflow"
    before = everything()
    rehearsed = amend(loses, dry_run=True)
    assert everything() == before
    done = amend(loses)
    assert rehearsed == f"Dry run, nothing written. {done}"
    [entries] = history.entries_by([amendment()]).values()
    public = {
        (entry.subject.key, change.label) for entry in entries for change in entry.changes
    } | {(entry.subject.key, "added") for entry in entries if entry.added}
    printed = [line for line in lines(done) if not line.startswith("kept")]
    assert printed == [
        "Action area 1, title (en): “Clean outflow” → “Outflow”",
        "Partner forum PORTS added: Ports",
        "Commitment A.1, milestones: m2 “First basin in use”, due 2026-09-30 → –",
        "Commitment A.2, title (en): “Close the old storm drains” → “Close the drains”",
        "Commitment A.4, partner forums: – → PORTS “every ship”",
    ]
    assert public == {
        ("HARBOUR-1", "title"),
        ("PORTS", "added"),
        ("HARBOUR-A.1", "milestones"),
        ("HARBOUR-A.2", "title"),
        ("HARBOUR-A.4", "partner forums"),
    }


# What used to go wrong


def test_a_commitment_added_in_the_middle_stays_there(harbour, amend):
    added = {"number": "A.2b", "title": {"en": "New"}, "text": {"en": "New."}, "kind": "standing"}
    harbour["commitments"].insert(2, added)
    amend(harbour)
    plan = Plan.objects.get()
    numbers = [row.number for row in plan.commitments.in_order()]
    assert numbers == ["A.1", "A.2", "A.2b", "A.3", "A.4", "B.1", "B.2", "B.3"]
    assert [row["number"] for row in plan_dump.plan_document(plan)["commitments"]] == numbers


def test_a_reworded_milestone_is_the_same_one(harbour, amend):
    before = Milestone.objects.get(key="m2")
    item(harbour, "A.1")["milestones"][1]["title"]["en"] = "First basin filled"
    amend(harbour)
    after = Milestone.objects.get(key="m2")
    assert (after.pk, after.title, after.retired_at) == (
        before.pk,
        en_zh("First basin filled"),
        None,
    )


@pytest.mark.long
def test_a_milestone_and_a_forum_that_the_file_removes_are_gone(harbour, amend):
    item(harbour, "A.1")["milestones"].pop(0)
    item(harbour, "B.1")["forums"].pop(0)
    amend(harbour)
    built = Milestone.objects.filter(commitment__number="A.1")
    assert built.get(key="m1").retired_at == amendment().at
    links = Partnership.objects.filter(commitment__number="B.1")
    assert [link.forum.code for link in links] == ["BAY-TABLE"]


@pytest.mark.long
def test_forums_of_a_commitment_have_the_order_of_the_file(harbour, amend):
    item(harbour, "B.1")["forums"].reverse()
    assert "partner forums: COAST-LEAGUE, BAY-TABLE → BAY-TABLE, COAST-LEAGUE" in amend(harbour)
    [row] = [
        row
        for row in plan_dump.plan_document(Plan.objects.get())["commitments"]
        if row["number"] == "B.1"
    ]
    assert [link["code"] for link in row["forums"]] == ["BAY-TABLE", "COAST-LEAGUE"]


@pytest.mark.long
def test_a_goal_that_no_commitment_serves_any_more_is_removed_and_recorded(harbour, amend):
    harbour["goals"] = [{"number": n, "title": {"en": f"Goal {n}"}} for n in (1, 2)]
    item(harbour, "A.1")["goal"] = 2
    amend(harbour)
    item(harbour, "A.1")["goal"] = 1
    harbour["goals"].pop()
    assert "Strategic goal 2 removed: Goal 2" in amend(harbour)
    assert list(StrategicGoal.objects.values_list("number", flat=True)) == [1]
    [entries] = history.entries_by([amendment()]).values()
    assert [entry.subject.key for entry in entries if entry.deleted] == ["HARBOUR-2"]
    call_command("verify_ledger", stdout=StringIO())


@pytest.mark.long
def test_a_goal_that_a_curator_gave_to_a_commitment_is_not_removed(harbour, amend, edit, refused):
    harbour["goals"] = [{"number": n, "title": {"en": f"Goal {n}"}} for n in (1, 2)]
    amend(harbour)
    edit(Commitment.objects.get(number="A.1"), goal=StrategicGoal.objects.get(number=2))
    harbour["goals"].pop()
    assert refused(harbour)[1:] == ["  commitments[0].goal: no goal 2"]


@pytest.mark.long
def test_a_plan_that_was_not_loaded_from_a_file_is_compared_with_what_it_is(curator, file):
    """Without a last file, what differs on both sides is a conflict, and what only the tracker has
    stays."""
    plan = PlanFactory(code="OLD", title=en_zh("Old plan", ""), notice=en_zh("Careful.", ""))
    CommitmentFactory(plan=plan, number="1", title=en_zh("One", ""), text=en_zh("One.", ""))
    document = plan_dump.plan_document(plan)
    del document["plan"]["notice"]
    document["plan"]["title"]["en"] = "New plan"
    document["plan"]["licence"] = {"en": "Free."}
    with pytest.raises(CommandError, match='"New plan" in the file, "Old plan" in the tracker, n'):
        load_plan(file(document), amend="Read again.", by="curator")
    load_plan(file(document), amend="Read again.", by="curator", take=["file"])
    plan.refresh_from_db()
    assert (plan.title, plan.licence, plan.notice) == (
        en_zh("New plan", ""),
        en_zh("Free.", ""),
        en_zh("Careful.", ""),
    )


@pytest.mark.long
def test_an_earlier_version_of_the_file_is_recognised(harbour, amend, file, capsys):
    first = file(harbour).read_text(encoding="utf-8")
    item(harbour, "A.2")["title"]["en"] = "Close the drains"
    amend(harbour)
    assert "another version" not in capsys.readouterr().err
    path = file(harbour)
    path.write_text(first, encoding="utf-8")
    load_plan(path, amend="Back again.", by="curator")
    said = capsys.readouterr().err
    assert re.search(
        r"This file was loaded on 20\d\d-.* UTC; another version has been loaded since", said
    )


@pytest.mark.long
def test_a_version_that_was_loaded_once_more_is_not_an_earlier_one(harbour, amend):
    first, second = deepcopy(harbour), deepcopy(harbour)
    item(second, "A.2")["title"]["en"] = "Close the drains"
    for document in (second, first):
        amend(document)
    assert plan_load.load_plan(first, at=timezone.now()).loaded_before is None


@pytest.mark.long
def test_a_number_of_signs_alone_on_record_keeps_no_amendment_from_being_loaded(harbour, amend):
    Commitment.objects.filter(number="A.1").update(number="…")
    item(harbour, "A.1")["number"] = "…"
    item(harbour, "A.2")["title"]["en"] = "Close the drains"
    amend(harbour)
    assert Commitment.objects.get(number="A.2").title["en"] == "Close the drains"


@pytest.mark.parametrize("other", ["a conflict", "a rule"])
def test_an_earlier_version_that_cannot_be_loaded_is_recognised_too(
    harbour, amend, edit, refused, other
):
    first = deepcopy(harbour)
    if other == "a conflict":
        item(harbour, "A.1")["due_on"] = "2027-09-30"
        amend(harbour)
        edit(Commitment.objects.get(number="A.1"), due_on="2028-03-31")
    else:
        harbour["plan"]["languages"] += ["fr"]
        amend(harbour)
    *errors, last = refused(first)
    assert errors[1:]
    assert re.search(
        r"This file was loaded on 20\d\d-.* UTC; another version has been loaded since", last
    )


@pytest.mark.long
def test_forums_and_offices_that_no_commitment_names_are_dumped_again(harbour, amend, edit):
    harbour["forums"].append({"code": "IDLE", "name": {"en": "Idle"}, "kind": "dialogue"})
    harbour["offices"].append({"code": "IDLERS", "name": {"en": "Idlers"}})
    amend(harbour)
    Forum.objects.create(code="STRANGE", name=en_zh("Of another plan"), kind="dialogue")
    dumped = plan_dump.plan_document(Plan.objects.get())
    assert "IDLE" in [row["code"] for row in dumped["forums"]]
    assert "IDLERS" in [row["code"] for row in dumped["offices"]]
    assert "STRANGE" not in [row["code"] for row in dumped["forums"]]
