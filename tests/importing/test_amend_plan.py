"""`load_plan --amend REASON --by USER`: a curator applies the differences of a file to a plan."""

import hashlib
import json

import pytest

from commitments import ledger
from commitments.curation.history import entries_by
from commitments.models import Commitment, Decision, Office, Plan, RecordedContent
from tests.documents import everything
from tests.factories import PlanFactory
from tests.importing.harbour_town import DRAINS, SUMMARY, THREE_DRAINS, item, load_plan
from tests.steps import published
from tests.words import en_zh

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("loaded_harbour"),
]


def digest(en):
    """Return the SHA-256 of the canonical JSON of a wording."""
    text = json.dumps({"en": en}, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def texts_of(commitment):
    """Return the English texts that the ledger recorded, with the actions that set them."""
    rows = RecordedContent.objects.of("commitment", commitment.code).select_related("decision")
    return [(row.decision.action, row.content["text"]["en"]) for row in rows]


def changed_by(decision):
    """Return the keys of what a decision changed."""
    return {row["key"] for row in decision.meta["subjects"]}


# What an amendment does


@pytest.mark.long
def test_the_new_wording_holds_and_the_old_one_is_kept(harbour, amend):
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    assert amend(harbour) == (
        "Plan HARBOUR amended (7 commitments).\n"
        f"  Commitment A.2, text (en): “{DRAINS}” → “{THREE_DRAINS}”\n"
    )
    drains = Commitment.objects.get(number="A.2")
    assert (drains.text, drains.text_sha256) == (en_zh(THREE_DRAINS), digest(THREE_DRAINS))
    assert texts_of(drains) == [("load", DRAINS), ("amend", THREE_DRAINS)]


def test_an_amendment_is_a_public_decision_with_its_reason_and_the_new_digests(
    harbour, amend, curator
):
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    item(harbour, "A.4")["title"]["en"] = "Take in the waste of ships"
    amend(harbour, reason="  One drain was closed before.  ")
    decision = Decision.objects.in_order().last()
    assert (decision.action, decision.role, decision.actor) == ("amend", "curator", curator)
    assert (decision.plan.code, decision.update) == ("HARBOUR", None)
    assert decision.note == "One drain was closed before."
    assert decision.note_commit == ledger.salted_digest(decision.note_salt, decision.note)
    assert changed_by(decision) == {"HARBOUR-A.2", "HARBOUR-A.4"}


@pytest.mark.long
def test_every_wording_is_kept(harbour, amend):
    words = item(harbour, "A.2")["text"]
    for wording in (THREE_DRAINS, DRAINS, THREE_DRAINS):
        words["en"] = wording
        amend(harbour)
    texts = [text for _action, text in texts_of(Commitment.objects.get(number="A.2"))]
    assert texts == [DRAINS, THREE_DRAINS, DRAINS, THREE_DRAINS]


def test_an_amendment_records_what_it_changes_and_nothing_else(harbour, amend):
    item(harbour, "B.2")["note"]["en"] = "Summer begins in June."
    amend(harbour)
    assert Commitment.objects.get(number="B.2").note == en_zh("Summer begins in June.")
    assert changed_by(Decision.objects.in_order().last()) == {"HARBOUR-B.2"}


def test_another_order_is_recorded_as_a_change_of_the_plan(harbour, amend):
    first, second, third, *others = harbour["commitments"]
    harbour["commitments"] = [first, third, second, *others]
    assert amend(harbour) == (
        "Plan HARBOUR amended (7 commitments).\n  Commitments in another order\n"
    )
    decision = Decision.objects.in_order().last()
    assert changed_by(decision) == {"HARBOUR"}
    [entry] = entries_by([decision])[decision.pk]
    [change] = entry.changes
    assert change.label == "order of commitments"
    assert (change.before, change.after) == (["A.2", "A.3"], ["A.3", "A.2"])
    assert (change.before_text, change.after_text) == ("…, A.2, A.3, …", "…, A.3, A.2, …")
    content = decision.contents.get().content
    assert content["commitments"] == ["A.1", "A.3", "A.2", "A.4", "B.1", "B.2", "B.3"]


@pytest.mark.long
def test_every_kind_of_difference_is_applied_and_then_none_is_left(harbour, amend, file):
    harbour["plan"]["languages"].append("zh")
    harbour["plan"]["title"]["zh"] = "净水计划"
    harbour["plan"]["adopted_on"] = "2025-04-02"
    harbour["goals"] = [{"number": 1, "title": {"en": "Clean water"}}]
    harbour["areas"].append({"number": 3, "title": {"en": "Ships"}})
    harbour["forums"][2]["name"]["en"] = "Bay Round Table"
    harbour["forums"].append({"code": "PORTS", "name": {"en": "Ports"}, "kind": "dialogue"})
    harbour["offices"][1]["name"]["en"] = "Board of Schools"
    harbour["offices"].append({"code": "CLINIC", "name": {"en": "Clinic"}})
    built = item(harbour, "A.1")
    built |= {"goal": 1, "due_on": "2028-06-30", "lead_office": "HARBOUR-OFFICE"}
    built |= {"supporting_offices": ["CLINIC", "SCHOOL-BOARD"], "kind_reason": {"en": "Why."}}
    built["milestones"][1]["due_on"] = "2026-10-31"
    built["milestones"].append(
        {"key": "m3", "title": {"en": "Second basin"}, "due_on": "2027-03-01"}
    )
    item(harbour, "A.4")["area"] = 3
    item(harbour, "A.4")["forums"] = [{"code": "PORTS", "quote": {"en": "every ship"}}]
    item(harbour, "B.3")["forums"][0]["quote"] = {"en": "Round Table"}
    harbour["commitments"].append(
        {"number": "C.1", "title": {"en": "New"}, "text": {"en": "New."}, "kind": "standing"}
    )
    assert amend(harbour).startswith("Plan HARBOUR amended (8 commitments).\n")
    assert "unchanged" in load_plan(file(harbour))
    built = Commitment.objects.get(number="A.1")
    assert (built.goal.number, str(built.due_on)) == (1, "2028-06-30")
    assert {office.code for office in built.supporting_offices.all()} == {"CLINIC", "SCHOOL-BOARD"}
    assert [step.title for step in built.milestones.order_by("due_on")] == [
        en_zh("Design approved"),
        en_zh("First basin in use"),
        en_zh("Second basin"),
    ]
    assert [forum.code for forum in Commitment.objects.get(number="A.4").forums.all()] == ["PORTS"]
    added = Commitment.objects.get(number="C.1")
    assert (added.code, added.status, added.text_sha256) == (
        "HARBOUR-C.1",
        "unassessed",
        digest("New."),
    )
    assert changed_by(Decision.objects.in_order().last()) == {
        "HARBOUR",
        "HARBOUR-1",  # the new goal
        "HARBOUR-3",  # the new area
        *(f"HARBOUR-{number}" for number in ("A.1", "A.4", "B.3", "C.1")),
        "BAY-TABLE",
        "PORTS",
        "SCHOOL-BOARD",
        "CLINIC",
    }


@pytest.mark.parametrize("day", ["2026-09-30", "2026-10-31"])
def test_milestones_that_change_places_make_no_difference_the_next_time(
    harbour, amend, refused, day
):
    milestones = item(harbour, "A.1")["milestones"]
    assert [milestone["due_on"] for milestone in milestones] == ["2025-11-30", "2026-09-30"]
    milestones[0]["due_on"] = day
    amend(harbour)
    for _order in range(2):
        assert refused(harbour) == ["The file does not differ from plan HARBOUR."]
        milestones.reverse()


def test_what_the_file_does_not_change_stays(harbour, amend):
    Office.objects.filter(code="SCHOOL-BOARD").update(name=en_zh("Board of Schools"))
    before, plan, old = everything(), Plan.objects.values().get(), values_of("A.2")
    harbour["commitments"] = [item(harbour, "A.2") | {"text": {"en": THREE_DRAINS}}]
    amend(harbour)
    after, new = everything(), values_of("A.2")
    assert len(after["Commitment"]) == 7
    for table in ("Forum", "Office", "ActionArea", "Partnership", "Milestone"):
        assert after[table] == before[table]
    assert new == old | {
        "text": en_zh(THREE_DRAINS),
        "text_sha256": digest(THREE_DRAINS),
        "search_index": new["search_index"],
    }
    assert " three storm drains " in new["search_index"]
    assert Plan.objects.values().get() == plan | {"revision": plan["revision"] + 1}


def values_of(number):
    return Commitment.objects.values().get(number=number)


def test_an_amendment_shows_under_every_plan_for_forums_are_shared(harbour, amend):
    other = PlanFactory(code="OTHER")
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    amend(harbour)
    assert Plan.objects.get(pk=other.pk).revision == other.revision + 1


def test_an_assessment_outlives_a_new_wording(harbour, amend, reporter, reviewer):
    """Of a commitment without an office, so that the reporter may report."""
    bathing = Commitment.objects.get(number="B.2")
    update = published(bathing, reporter, reviewer, status="started", summary=SUMMARY)
    item(harbour, "B.2")["text"]["en"] = "Two bathing places will be opened."
    amend(harbour)
    bathing.refresh_from_db()
    assert (bathing.status, bathing.status_update) == ("started", update)
