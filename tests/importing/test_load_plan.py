"""`load_plan` writes a whole plan or nothing, and lists how a loaded plan differs from the file."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from commitments import ledger
from commitments.importing import plan_file, plan_load
from commitments.models import Commitment, Decision, Forum, Milestone, Office, Plan
from tests.documents import everything, placed
from tests.factories import ForumFactory, OfficeFactory
from tests.steps import NOW
from tests.words import en_zh

pytestmark = pytest.mark.django_db

HARBOUR = Path(__file__).parents[1] / "data" / "harbour.yaml"


def load_plan(file, **options):
    out = StringIO()
    call_command("load_plan", str(file), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def harbour():
    """Return the content of the plan of the harbour town."""
    return yaml.safe_load(HARBOUR.read_text(encoding="utf-8"))


@pytest.fixture
def file(tmp_path):
    """Write a document as a file and return its path."""

    def file(document, name="plan.yaml"):
        path = tmp_path / name
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return path

    return file


@pytest.fixture
def refused():
    """Return the lines of the error; check that nothing was written."""

    def refused(path, **options):
        before = everything()
        with pytest.raises(CommandError) as refusal:
            load_plan(path, **options)
        assert everything() == before
        return placed(refusal.value)

    return refused


# Loading


@pytest.mark.parametrize("number", ["…", "（—）"])
def test_a_number_of_signs_alone_is_refused(harbour, file, refused, number):
    harbour["commitments"][1]["number"] = number
    [line] = refused(file(harbour))[1:]
    assert f"“{number}” has no letter or digit" in line


def test_a_plan_is_created_with_all_its_parts():
    assert load_plan(HARBOUR) == "Plan HARBOUR loaded (7 commitments).\n"
    plan = Plan.objects.get()
    assert (plan.code, plan.languages, plan.title) == (
        "HARBOUR",
        ["en"],
        en_zh("Clean Water Plan of Saltmere Harbour"),
    )
    assert (plan.time_zone, plan.review_interval_days, plan.plan_number, plan.locality) == (
        "Europe/Lisbon",
        180,
        "2",
        "Saltmere",
    )
    assert str(plan.adopted_on) == "2025-04-01"
    assert not plan.goals.exists()
    assert list(plan.areas.order_by("number").values_list("number", "title")) == [
        (1, en_zh("Clean outflow")),
        (2, en_zh("Shore and people")),
    ]
    assert list(
        Forum.objects.in_order().values_list("code", "parent__code", "successor_of__code")
    ) == [
        ("BAY-COMMITTEE", "COAST-LEAGUE", None),
        ("BAY-TABLE", "COAST-LEAGUE", "BAY-COMMITTEE"),
        ("COAST-LEAGUE", None, None),
    ]
    assert [str(commitment.code) for commitment in plan.commitments.in_order()] == [
        "HARBOUR-A.1",
        "HARBOUR-A.2",
        "HARBOUR-A.3",
        "HARBOUR-A.4",
        "HARBOUR-B.1",
        "HARBOUR-B.2",
        "HARBOUR-B.3",
    ]


def test_a_commitment_is_loaded_with_dates_offices_milestones_and_quotes():
    load_plan(HARBOUR)
    built = Commitment.objects.get(number="A.1")
    assert (built.kind, built.status, built.area.number) == ("deliverable", "unassessed", 1)
    assert (str(built.start_on), str(built.due_on)) == ("2025-06-01", "2027-12-31")
    assert built.lead_office.code == "WATER-WORKS"
    assert [office.code for office in built.supporting_offices.all()] == ["HARBOUR-OFFICE"]
    assert [
        (step.key, step.title, str(step.due_on)) for step in built.milestones.order_by("due_on")
    ] == [
        ("m1", en_zh("Design approved"), "2025-11-30"),
        ("m2", en_zh("First basin in use"), "2026-09-30"),
    ]
    spoken = Commitment.objects.get(number="B.1")
    assert list(spoken.partnerships.order_by("pk").values_list("forum__code", "quote")) == [
        ("COAST-LEAGUE", en_zh("League of Coastal Towns")),
        ("BAY-TABLE", en_zh("Round Table of the Bay")),
    ]
    assert Commitment.objects.get(number="B.3").area is None


def test_loading_is_one_public_decision_of_the_system_with_the_digest_of_every_content():
    load_plan(HARBOUR)
    [decision] = Decision.objects.all()
    assert (decision.action, decision.plan.code, decision.role) == ("load", "HARBOUR", "system")
    assert (decision.actor, decision.commitment, decision.note) == (None, None, "")
    digests = {(row["type"], row["key"]): row for row in decision.meta["subjects"]}
    numbers = ("A.1", "A.2", "A.3", "A.4", "B.1", "B.2", "B.3")
    assert {key for kind, key in digests if kind == "commitment"} == {
        f"HARBOUR-{number}" for number in numbers
    }
    assert {kind for kind, _key in digests} == {"plan", "area", "commitment", "forum", "office"}
    for content in decision.contents.all():
        row = digests[content.subject_type, content.subject_key]
        assert row["content_sha256"] == content.sha256 == ledger.sha256_of(content.content)
    drains = decision.contents.get(subject_key="HARBOUR-A.2").content
    assert drains["text"] == {
        "en": "The four storm drains that still end in the harbour will be closed."
    }


def test_loading_again_writes_nothing():
    load_plan(HARBOUR)
    before = everything()
    assert load_plan(HARBOUR) == (
        "Plan HARBOUR unchanged: the file changes nothing (7 commitments).\n"
    )
    assert everything() == before


def test_a_wrong_file_is_refused_with_every_error_on_a_line_of_its_own(refused, file, harbour):
    harbour["commitments"][1]["forums"] = [{"code": "BRIX"}]
    harbour["commitments"][4]["kind"] = "standing"
    harbour["commitments"][4]["due_on"] = "2026-01-01"
    path = file(harbour)
    assert refused(path) == [
        f"{path} cannot be used.",
        "  commitments[1].forums[0]: no forum “BRIX”",
        "  commitments[4].due_on: only a deliverable can have a due date",
    ]


@pytest.mark.parametrize(
    "load",
    [
        load_plan,
        lambda file: plan_load.load_plan(plan_file.read_plan_file(str(file)).value, at=NOW),
    ],
    ids=["by the command", "by code"],
)
def test_nothing_stays_of_a_plan_that_fails_half_way(monkeypatch, load):
    """The decision in the ledger is written last."""

    def broken(*args, **kwargs):
        raise RuntimeError("no ledger")

    monkeypatch.setattr(ledger, "append", broken)
    before = everything()
    with pytest.raises(RuntimeError):
        load(HARBOUR)
    assert everything() == before


def test_a_dry_run_checks_and_writes_nothing():
    before = everything()
    assert load_plan(HARBOUR, dry_run=True) == (
        "Dry run, nothing written. Plan HARBOUR loaded (7 commitments).\n"
    )
    assert everything() == before


def test_a_dry_run_refuses_what_loading_would_refuse(refused, file, harbour):
    load_plan(HARBOUR)
    harbour["plan"]["locality"] = "Elsewhere"
    assert len(refused(file(harbour), dry_run=True)) == 2


# What is there already


def test_every_difference_is_listed_and_nothing_is_changed(refused, file, harbour):
    load_plan(HARBOUR)
    harbour["plan"]["title"]["en"] = "Clean Water Plan"
    harbour["plan"]["languages"].append("zh")
    harbour["plan"]["title"]["zh"] = "净水计划"
    harbour["goals"] = [{"number": 1, "title": {"en": "Clean water"}}]
    harbour["areas"][1]["title"]["en"] = "People"
    harbour["forums"][2]["kind"] = "dialogue"
    built, _, tested, *_ = harbour["commitments"]
    built["text"]["en"] = "The town may renew the treatment plant."
    built["milestones"][0]["due_on"] = "2025-12-13"
    built["supporting_offices"] = ["SCHOOL-BOARD"]
    tested["kind"] = "deliverable"
    harbour["commitments"].append(
        {
            "number": "C.1",
            "title": {"en": "New"},
            "text": {"en": "New."},
            "kind": "deliverable",
            "due_on": "2026-12-31",
        }
    )
    assert refused(file(harbour)) == [
        "Plan HARBOUR is already loaded and differs from the file.",
        "  Plan, title (en): “Clean Water Plan of Saltmere Harbour” → “Clean Water Plan”",
        "  Plan, title (zh): – → “净水计划”",
        "  Plan, languages: en → en, zh",
        "  Strategic goal 1 added: Clean water",
        "  Action area 2, title (en): “Shore and people” → “People”",
        "  Partner forum BAY-TABLE, kind: Multistakeholder body → Dialogue",
        "  Commitment A.1, text (en): “The town will renew the treatment plant on the quay, so "
        "that no untreated water reaches the basin.” → “The town may renew the treatment plant.”",
        "  Commitment A.1, supporting offices: HARBOUR-OFFICE → SCHOOL-BOARD",
        "  Commitment A.1, milestones: m1 “Design approved”, due 2025-11-30 → m1 “Design "
        "approved”, due 2025-12-13",
        "  Commitment A.3, kind: Standing duty → Deliverable",
        "  Commitment C.1 added: New",
    ]


def test_what_is_taken_out_of_the_file_is_a_difference(refused, file, harbour):
    load_plan(HARBOUR)
    for key in ("issuer", "review_interval_days"):
        del harbour["plan"][key]
    for key in ("due_on", "milestones", "area"):
        del harbour["commitments"][0][key]
    del harbour["areas"][1]
    for item in harbour["commitments"][4:]:
        item.pop("area", None)
    assert refused(file(harbour))[1:] == [
        "  Plan, issuer (en): “Town Council of Saltmere” → –",
        "  Plan, review interval in days: 180 → 365",
        "  Action area 2 removed: Shore and people",
        "  Commitment A.1, action area: 1 → –",
        "  Commitment A.1, due date: 2027-12-31 → –",
        "  Commitment A.1, milestones: m1 “Design approved”, due 2025-11-30 → –",
        "  Commitment A.1, milestones: m2 “First basin in use”, due 2026-09-30 → –",
        "  Commitment B.1, action area: 2 → –",
        "  Commitment B.2, action area: 2 → –",
    ]


def test_a_commitment_that_the_file_lacks_stays(file, harbour):
    load_plan(HARBOUR)
    del harbour["commitments"][3:5]
    assert load_plan(file(harbour)) == (
        "Plan HARBOUR unchanged: the file changes nothing (7 commitments).\n"
        "  not in the file, kept: commitments A.4, B.1\n"
    )


def test_the_order_of_forums_and_offices_is_no_difference(file, harbour):
    load_plan(HARBOUR)
    for part in ("forums", "offices"):
        harbour[part].reverse()
    assert "unchanged" in load_plan(file(harbour))


def test_the_order_of_commitments_is_a_difference(refused, file, harbour):
    load_plan(HARBOUR)
    harbour["commitments"].reverse()
    assert refused(file(harbour))[1:] == ["  Commitments in another order"]


def test_the_order_of_supporting_offices_is_no_difference(file, harbour):
    harbour["commitments"][3]["supporting_offices"] = ["WATER-WORKS", "SCHOOL-BOARD"]
    load_plan(file(harbour))
    assert "unchanged" in load_plan(file(harbour))


@pytest.mark.parametrize("part", ["forums", "offices"])
def test_what_no_commitment_refers_to_is_no_difference_once_loaded(file, harbour, part):
    idle = {"code": "IDLE", "name": {"en": "Idle"}}
    harbour[part].append(idle | ({"kind": "dialogue"} if part == "forums" else {}))
    load_plan(file(harbour))
    assert "unchanged" in load_plan(file(harbour))


def test_if_absent_leaves_a_curators_later_edits_alone(file, harbour):
    load_plan(HARBOUR)
    Milestone.objects.filter(title=en_zh("First basin in use")).update(due_on="2026-10-31")
    Commitment.objects.filter(number="B.2").update(
        lead_office=Office.objects.get(code="SCHOOL-BOARD")
    )
    Forum.objects.filter(code="BAY-TABLE").update(name=en_zh("Bay Round Table"))
    before = everything()
    output = load_plan(HARBOUR, if_absent=True)
    assert output == "Plan HARBOUR is already loaded; nothing to do.\n"
    assert everything() == before


def test_if_absent_loads_a_plan_that_is_not_there():
    assert load_plan(HARBOUR, if_absent=True) == "Plan HARBOUR loaded (7 commitments).\n"


@pytest.mark.parametrize(
    ("held", "place", "placed"),
    [
        (
            {"name": en_zh("Other")},
            "forums[0].name.en",
            '"League of Coastal Towns" in the file, "',
        ),
        (
            {"kind": "summit_or_conference"},
            "forums[0].kind",
            '"summit_or_conference" in the tracker',
        ),
        ({"parent": True}, "forums[0].parent", 'nothing in the file, "ABOVE" in the tracker'),
    ],
)
def test_a_forum_already_there_must_agree(refused, held, place, placed):
    agreeing = {
        "name": en_zh("League of Coastal Towns"),
        "kind": "regional_organisation",
    }
    if "parent" in held:
        held = {"parent": ForumFactory(code="ABOVE")}
    ForumFactory(code="COAST-LEAGUE", **agreeing | held)
    first, line = refused(HARBOUR)
    assert first == "The file cannot be loaded."
    assert line.startswith(f"  {place}: ")
    assert placed in line


def test_an_office_already_there_must_agree(refused):
    OfficeFactory(code="WATER-WORKS", name=en_zh("Water Company", ""))
    assert refused(HARBOUR)[1:] == [
        '  offices[2].name.en: "Water Works" in the file, "Water Company" in the tracker'
    ]


def test_forums_and_offices_already_there_are_shared():
    league = ForumFactory(
        code="COAST-LEAGUE",
        name=en_zh("League of Coastal Towns", ""),
        kind="regional_organisation",
    )
    works = OfficeFactory(code="WATER-WORKS", name=en_zh("Water Works", ""))
    load_plan(HARBOUR)
    assert [row.number for row in league.commitments.all()] == ["B.1"]
    assert [row.number for row in works.led_commitments.in_order()] == ["A.1", "A.2", "A.3"]
