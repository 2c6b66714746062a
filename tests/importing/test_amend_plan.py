"""`load_plan --amend REASON --by USER`: a curator applies the differences of a file to a plan."""

import hashlib
import json
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from commitments import ledger
from commitments.choices import Action
from commitments.importing import plan_dump, plan_file
from commitments.models import Commitment, Decision, Office, Plan, RecordedContent
from tests.documents import everything
from tests.factories import CommitmentFactory, ForumFactory, PlanFactory
from tests.steps import perform, published, retracted, submitted
from tests.words import en_zh

pytestmark = pytest.mark.django_db

HARBOUR = Path(__file__).parents[1] / "data" / "harbour.yaml"
DRAINS = "The four storm drains that still end in the harbour will be closed."
THREE_DRAINS = "The three storm drains that still end in the harbour will be closed."
# Of an update: the plan of the harbour town is in English alone.
SUMMARY = en_zh("A meeting was held.")


def load_plan(file, **options):
    out = StringIO()
    call_command("load_plan", str(file), stdout=out, **options)
    return out.getvalue()


def digest(en):
    """Return the SHA-256 of the canonical JSON of a wording."""
    text = json.dumps({"en": en}, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def harbour(curator):
    """Load the plan of the harbour town and return its content."""
    load_plan(HARBOUR)
    return yaml.safe_load(HARBOUR.read_text(encoding="utf-8"))


@pytest.fixture
def file(tmp_path):
    """Write a document as a file and return its path."""

    def file(document):
        path = tmp_path / "plan.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return path

    return file


@pytest.fixture
def amend(file):
    """Amend the plan by a document, by default as the curator."""

    def amend(document, reason="The council corrected it.", by="curator", **options):
        return load_plan(file(document), amend=reason, by=by, **options)

    return amend


@pytest.fixture
def refused(amend):
    """Return the lines of the error; check that nothing was written."""

    def refused(document, **options):
        before = everything()
        with pytest.raises(CommandError) as refusal:
            amend(document, **options)
        assert everything() == before
        return str(refusal.value).splitlines()

    return refused


def item(document, number):
    [row] = [row for row in document["commitments"] if row["number"] == number]
    return row


def texts_of(commitment):
    """Return the English texts that the ledger recorded, with the actions that set them."""
    rows = RecordedContent.objects.of("commitment", commitment.code).select_related("decision")
    return [(row.decision.action, row.content["text"]["en"]) for row in rows]


def changed_by(decision):
    """Return the keys of what a decision changed."""
    return {row["key"] for row in decision.meta["subjects"]}


# What an amendment does


def test_the_new_wording_holds_and_the_old_one_is_kept(harbour, amend):
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    assert amend(harbour) == "Plan HARBOUR amended (7 commitments).\n"
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
    built["milestones"][1]["done_on"] = "2026-09-01"
    built["milestones"].append({"title": {"en": "Second basin"}, "due_on": "2027-03-01"})
    item(harbour, "A.4")["area"] = 3
    item(harbour, "A.4")["forums"] = [{"code": "PORTS", "quote": {"en": "every ship"}}]
    item(harbour, "B.3")["forums"][0]["quote"] = {"en": "Round Table"}
    harbour["commitments"].append(
        {"number": "C.1", "title": {"en": "New"}, "text": {"en": "New."}, "kind": "standing"}
    )
    assert amend(harbour) == "Plan HARBOUR amended (8 commitments).\n"
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


def test_what_the_file_does_not_mention_stays(harbour, amend):
    Office.objects.filter(code="SCHOOL-BOARD").update(name=en_zh("Board of Schools"))
    before = everything()
    for part in ("offices", "areas", "forums"):
        del harbour[part]
    del harbour["plan"]["notice"]
    drains = item(harbour, "A.2")
    harbour["commitments"] = [
        {key: drains[key] for key in ("number", "title", "text", "kind")}
        | {"text": {"en": THREE_DRAINS}}
    ]
    amend(harbour)
    after = everything()
    assert len(after["Commitment"]) == 7
    for table in ("Forum", "Office", "ActionArea", "Partnership", "Milestone"):
        assert after[table] == before[table]
    [old], [new] = (
        [row for row in rows["Commitment"] if row["number"] == "A.2"] for rows in (before, after)
    )
    assert new == old | {
        "text": en_zh(THREE_DRAINS),
        "text_sha256": digest(THREE_DRAINS),
        "search_index": new["search_index"],
    }
    assert " three storm drains " in new["search_index"]
    [old], [new] = before["Plan"], after["Plan"]
    assert new == old | {"revision": old["revision"] + 1}


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


# Who may, and when


@pytest.mark.parametrize("who", ["visitor", "reporter", "reviewer", "all_rounder"])
def test_only_a_curator_amends(harbour, refused, request, who):
    request.getfixturevalue(who)
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    assert refused(harbour, by=who) == ["Only a curator may amend a plan."]


def test_a_superuser_amends_too(harbour, amend, administrator):
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    amend(harbour, by="administrator")
    assert Decision.objects.in_order().last().actor == administrator


def test_a_deactivated_curator_does_not_amend(harbour, refused, curator):
    curator.is_active = False
    curator.save()
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    assert refused(harbour) == ["Only a curator may amend a plan."]


def test_somebody_unknown_does_not_amend(harbour, refused):
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    assert refused(harbour, by="nobody") == ["There is no user “nobody”."]


@pytest.mark.parametrize(
    ("reason", "by"), [("Why.", None), (None, "curator"), ("", None), (None, "")]
)
def test_a_reason_and_a_user_go_together(harbour, refused, reason, by):
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    assert refused(harbour, reason=reason, by=by) == [
        "--amend requires --by, and --by requires --amend."
    ]


def test_a_reason_says_something(harbour, refused):
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    for reason in ("", " \n"):
        assert refused(harbour, reason=reason) == ["An amendment requires a reason."]


def test_an_amendment_without_a_difference_is_refused(harbour, refused):
    assert refused(harbour) == ["The file does not differ from plan HARBOUR."]


def test_a_plan_that_is_not_there_is_not_amended(harbour, refused):
    harbour["plan"]["code"] = "INLAND"
    assert refused(harbour) == ["There is no plan INLAND to amend."]


def test_a_dry_run_of_an_amendment_writes_nothing(harbour, amend):
    before = everything()
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    assert amend(harbour, dry_run=True) == (
        "Dry run, nothing written. Plan HARBOUR amended (7 commitments).\n"
    )
    assert everything() == before


# The kind


@pytest.mark.parametrize("make", [published, retracted])
def test_the_kind_cannot_change_once_an_assessment_was_published(
    harbour, refused, reporter, reviewer, make
):
    bathing = Commitment.objects.get(number="B.2")
    make(bathing, reporter, reviewer, status="started", summary=SUMMARY)
    item(harbour, "B.2")["kind"] = "standing"
    [_first, line] = refused(harbour)
    assert line.startswith(
        "  commitments[5].kind: the kind cannot be changed once an assessment has been published"
    )


def test_the_kind_may_change_while_no_assessment_is_published(harbour, amend, reporter, reviewer):
    """A submitted assessment, and a published update without one, do not count."""
    bathing = Commitment.objects.get(number="B.2")
    waiting = submitted(bathing, reporter, status="started", summary=SUMMARY)
    published(bathing, reporter, reviewer, summary=SUMMARY)
    item(harbour, "B.2")["kind"] = "standing"
    amend(harbour)
    assert Commitment.objects.get(number="B.2").kind == "standing"
    with pytest.raises(Exception, match="is not possible yet"):
        perform(waiting, Action.PUBLISH, reviewer)


# What an amendment must not break, though the file alone is sound


@pytest.mark.parametrize(
    ("number", "silent", "new"),
    [
        pytest.param("A.1", "due_on", {"kind": "standing"}, id="a duty with a due date"),
        pytest.param("A.1", "start_on", {"due_on": "2025-05-31"}, id="due before the start"),
        pytest.param("B.1", "forums", {"text": {"en": "It speaks."}}, id="a quote without text"),
        pytest.param(
            "A.1", "supporting_offices", {"lead_office": "HARBOUR-OFFICE"}, id="leads and supports"
        ),
    ],
)
def test_what_stays_must_fit_what_is_new(harbour, refused, number, silent, new):
    changed = item(harbour, number)
    del changed[silent]
    changed |= new
    index = harbour["commitments"].index(changed)
    assert any(line.startswith(f"  commitments[{index}]") for line in refused(harbour))


def test_an_amendment_makes_no_circle_of_forums(harbour, refused):
    league, *_others = harbour["forums"]
    harbour["forums"] = [league | {"parent": "BAY-TABLE"}]
    assert any("the forum leads back to itself" in line for line in refused(harbour))


@pytest.mark.parametrize(("number", "key"), [("B.1", "forums"), ("A.1", "milestones")])
def test_a_difference_that_was_applied_is_none_any_more(harbour, amend, file, number, key):
    """An empty list is either applied or not a difference."""
    item(harbour, number)[key] = []
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    amend(harbour)
    assert "unchanged" in load_plan(file(harbour))


def test_a_forum_of_another_plan_is_a_difference_before_an_amendment_changes_it(harbour, file):
    shared = ForumFactory(code="PORTS", name=en_zh("Ports", ""), kind="dialogue")
    CommitmentFactory(plan=PlanFactory(code="OTHER")).forums.add(shared)
    harbour["forums"].append({"code": "PORTS", "name": {"en": "Harbours"}, "kind": "bilateral"})
    item(harbour, "A.4")["forums"] = [{"code": "PORTS"}]
    with pytest.raises(CommandError) as refusal:
        load_plan(file(harbour))
    assert '  forums[3].name.en: "Harbours" in the file, "Ports" in the tracker' in str(
        refusal.value
    )
    assert '  forums[3].kind: "bilateral" in the file, "dialogue" in the tracker' in str(
        refusal.value
    )


def test_an_amended_plan_is_dumped_as_a_file_that_can_be_read(harbour, amend, tmp_path):
    spoken = item(harbour, "B.1")
    spoken["text"]["en"] = "It speaks."
    del spoken["forums"]
    try:
        amend(harbour)
    except CommandError:
        return
    dumped = tmp_path / "dumped.yaml"
    dumped.write_text(plan_dump.dump_plan(Plan.objects.get()), encoding="utf-8")
    plan_file.read_plan_file(str(dumped))


def test_what_does_not_fit_is_reported_with_its_place_in_the_file(harbour, refused):
    spoken = item(harbour, "B.1") | {"text": {"en": "It speaks."}}
    del spoken["forums"]
    harbour["commitments"] = [spoken]
    assert all(line.startswith("  commitments[0].") for line in refused(harbour)[1:])


def test_the_time_zone_stays_once_an_update_is_published(
    harbour, amend, refused, reporter, reviewer
):
    harbour["plan"]["time_zone"] = "Asia/Shanghai"
    published(Commitment.objects.get(number="B.2"), reporter, reviewer, summary=SUMMARY)
    [_first, line] = refused(harbour)
    assert line.startswith(
        "  plan.time_zone: the time zone cannot be changed once an update has been published"
    )


def test_an_amendment_is_not_left_alone_if_present(harbour, amend):
    with pytest.raises(CommandError, match="cannot be combined"):
        amend(harbour, if_absent=True)
