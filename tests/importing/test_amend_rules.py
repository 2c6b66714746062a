"""Who may amend a plan, and what an amendment must not break."""

from datetime import date, timedelta

import pytest
from django.core.management.base import CommandError

from commitments.choices import Action
from commitments.models import Commitment, Decision, Forum, Office, Partnership, Plan
from tests.documents import everything, placed
from tests.factories import CommitmentFactory, ForumFactory, PlanFactory
from tests.importing.harbour_town import DRAINS, SUMMARY, THREE_DRAINS, item, load_plan
from tests.steps import perform, published, retracted, submitted
from tests.words import en_zh

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("loaded_harbour"),
]


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
        assert refused(harbour, reason=reason) == ["Give a reason."]
    (sentence,) = refused(harbour, reason="\u202edesiver")
    assert "override the direction" in sentence


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
        f"  Commitment A.2, text (en): “{DRAINS}” → “{THREE_DRAINS}”\n"
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


def give_a_due_date(commitment):
    commitment.due_on = "2026-09-30"


def start_later(commitment):
    commitment.start_on = "2026-06-01"


def link_a_forum(commitment):
    league = Forum.objects.get(code="COAST-LEAGUE")
    Partnership.objects.create(commitment=commitment, forum=league, quote=en_zh("bathing"))


def add_a_supporting_office(commitment):
    commitment.supporting_offices.add(Office.objects.get(code="SCHOOL-BOARD"))


@pytest.mark.parametrize(
    ("by_curator", "by_file"),
    [
        pytest.param(give_a_due_date, {"kind": "standing"}, id="a duty with a due date"),
        pytest.param(start_later, {"due_on": "2025-05-31"}, id="due before the start"),
        pytest.param(link_a_forum, {"text": {"en": "A place."}}, id="a quote without its text"),
        pytest.param(
            add_a_supporting_office, {"lead_office": "SCHOOL-BOARD"}, id="leads and supports"
        ),
    ],
)
def test_what_curators_changed_must_fit_what_the_file_changes(
    harbour, refused, by_curator, by_file
):
    bathing = Commitment.objects.get(number="B.2")
    by_curator(bathing)
    bathing.save()
    item(harbour, "B.2").update(by_file)
    index = harbour["commitments"].index(item(harbour, "B.2"))
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


def test_a_forum_of_another_plan_is_not_changed_by_this_one(harbour, file):
    shared = ForumFactory(code="PORTS", name=en_zh("Ports", ""), kind="dialogue")
    CommitmentFactory(plan=PlanFactory(code="OTHER")).forums.add(shared)
    harbour["forums"].append({"code": "PORTS", "name": {"en": "Harbours"}, "kind": "bilateral"})
    item(harbour, "A.4")["forums"] = [{"code": "PORTS"}]
    with pytest.raises(CommandError) as refusal:
        load_plan(file(harbour))
    lines = placed(refusal.value)
    other = "in the tracker; as OTHER uses it too, a curator changes it in the tracker"
    assert f'  forums[3].name.en: "Harbours" in the file, "Ports" {other}' in lines
    assert f'  forums[3].kind: "bilateral" in the file, "dialogue" {other}' in lines


def test_what_does_not_fit_is_reported_with_its_place_in_the_file(harbour, refused):
    spoken = item(harbour, "B.1") | {"text": {"en": "It speaks."}}
    del spoken["forums"]
    Partnership.objects.filter(commitment__number="B.1").update(quote=en_zh("League"))
    harbour["commitments"] = [spoken]
    assert all(line.startswith("  commitments[0].") for line in refused(harbour)[1:])


@pytest.mark.long
def test_an_address_of_a_licence_keeps_no_amendment_from_being_loaded(harbour, amend):
    """An earlier release let curators enter addresses that are not https, and files any host."""
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    Plan.objects.update(licence_url="http://example.org/terms")
    amend(harbour)
    assert Plan.objects.get().licence_url == "http://example.org/terms"
    Plan.objects.update(licence_url="")
    harbour["plan"]["licence_url"] = "https://terms/cc-by"
    amend(harbour)
    assert Plan.objects.get().licence_url == "https://terms/cc-by"


def test_the_time_zone_stays_once_an_update_is_published(
    harbour, amend, refused, reporter, reviewer
):
    harbour["plan"]["time_zone"] = "Asia/Shanghai"
    published(Commitment.objects.get(number="B.2"), reporter, reviewer, summary=SUMMARY)
    [_first, line] = refused(harbour)
    assert line.startswith(
        "  plan.time_zone: the time zone cannot be changed once an update has been published"
    )


@pytest.mark.parametrize(
    ("facts", "first"),
    [
        ({"effective_on": date(2026, 3, 1)}, "2026-03-01"),
        (
            {"status": "active", "covers_from": date(2026, 2, 1), "event_type": "participation"},
            "2026-02-01",
        ),
    ],
)
def test_a_plan_is_not_adopted_after_what_is_published(
    harbour, amend, refused, reporter, reviewer, facts, first
):
    duty = Commitment.objects.get(number="A.3")
    duty.lead_office.members.add(reporter)
    published(duty, reporter, reviewer, summary=SUMMARY, **facts)
    day = date.fromisoformat(first)
    harbour["plan"]["adopted_on"] = str(day + timedelta(days=1))
    [_first, line] = refused(harbour)
    assert line.startswith(
        f"  plan.adopted_on: the plan cannot have been adopted after {first}, of which an update"
    )
    harbour["plan"]["adopted_on"] = first
    amend(harbour)


def test_an_amendment_is_not_left_alone_if_present(harbour, amend):
    with pytest.raises(CommandError, match="cannot be combined"):
        amend(harbour, if_absent=True)


def test_a_new_commitment_is_not_told_from_another_one_by_signs_that_nobody_sees(harbour, refused):
    CommitmentFactory(plan=Plan.objects.get(), number="é")
    text = {"en": "Keep the lamps lit."}
    added = {"number": "e\u0301", "kind": "standing", "title": text, "text": dict(text)}
    harbour["commitments"].append(added)
    assert any("e\u0301 is already used" in line for line in refused(harbour))
