"""`load_updates`: a file of updates goes through the workflow, by two different people; all of it
or nothing, and a second time nothing."""

import pytest
from django.contrib.auth.models import Group
from django.core.management.base import CommandError

from commitments import ledger, updatefile, updateload
from commitments.bilingual import Text
from commitments.choices import Action, Role, State
from commitments.models import Decision, Plan, ProgressUpdate
from tests import steps
from tests.documents import ABSENT, SOURCE, edited, everything, written
from tests.documents import UPDATES as VALID
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def world(plan, duty, deliverable, forum, reporter, reviewer, noon):
    """A plan of two commitments, a forum, the two people, and a clock that stands still."""


@pytest.fixture
def refused(load):
    """The lines of a refusal; the tracker is as it was before."""

    def refused(document=VALID, **options):
        before = everything()
        with pytest.raises(CommandError) as refusal:
            load(document, **options)
        assert everything() == before
        return str(refusal.value).splitlines()

    return refused


def by_reference():
    return {row.external_ref: row for row in ProgressUpdate.objects.order_by("id")}


def test_every_update_is_written_submitted_and_published(load, reporter, reviewer):
    assert load().splitlines()[-1] == (
        "Plan PLAN: updates published: 3; forums added: 1; notice set."
    )
    event = by_reference()["event-1"]
    assert (event.author, event.publisher, event.state) == (reporter, reviewer, State.PUBLISHED)
    assert (str(event.effective_on), event.date_precision) == ("2024-05-31", "month")
    assert event.summary == Text("A meeting was held.", "")
    assert [forum.code for forum in event.forums.order_by("code")] == ["FORUM", "LEAGUE"]
    assert event.published_at == NOW
    assert [row.action for row in Decision.objects.order_by("seq")] == ["submit", "publish"] * 3


def test_without_a_publisher_the_updates_wait_for_review(load):
    assert "updates submitted for review: 3" in load(publish_as=None)
    assert {row.state for row in by_reference().values()} == {State.SUBMITTED}
    assert by_reference()["event-1"].publisher is None


def test_a_judgement_has_the_evidence_of_what_it_is_based_on_and_not_its_forums(load, duty):
    load()
    update = by_reference()["status-1"]
    pieces = update.evidence.order_by("pk").values_list("title", "public")
    assert list(pieces) == [("Minutes", True), ("Note", False)]
    assert update.forums.count() == 0
    duty.refresh_from_db()
    assert (duty.status, duty.status_update) == ("active", update)


def test_the_same_piece_is_the_evidence_of_a_judgement_once(load):
    second = {**VALID["updates"][0], "external_ref": "event-2", "evidence": [SOURCE]}
    load(
        edited(
            VALID,
            ("updates.1.evidence", [{**SOURCE, "title": "Own"}]),
            ("updates.1.based_on", ["event-1", "event-2"]),
            ("updates.3", second),
        )
    )
    pieces = by_reference()["status-1"].evidence.order_by("pk").values_list("title", flat=True)
    assert list(pieces) == ["Own", "Minutes", "Note"]


def test_every_decision_holds_the_digest_of_the_file(load, tmp_path):
    correction = {
        **VALID["updates"][1],
        "external_ref": "status-3",
        "corrects": "status-1",
        "status": "partly_active",
    }
    load(edited(VALID, ("updates.3", correction)))
    digest = updatefile.read(str(tmp_path / "updates.yaml")).sha256
    assert {row.action for row in Decision.objects.all()} == {"submit", "publish", "supersede"}
    assert [row.meta for row in Decision.objects.all()] == [{"import": digest}] * 9
    assert {ledger.loaded_from(row) for row in by_reference().values()} == {digest}
    assert by_reference()["status-1"].state == State.SUPERSEDED


def test_what_a_person_submitted_anew_was_not_loaded_from_a_file(load, reporter, reviewer):
    load(publish_as=None)
    event = by_reference()["event-1"]
    steps.act(event, Action.RETURN, reviewer, note="When exactly?")
    assert ledger.loaded_from(by_reference()["event-1"]) is not None
    steps.act(event, Action.SUBMIT, reporter)
    assert ledger.loaded_from(by_reference()["event-1"]) is None


# Refusals


def test_borrowed_evidence_that_is_refused_is_told_where_its_owner_is_there_already(load, refused):
    load(edited(VALID, ("updates", VALID["updates"][:1])))
    [_first, line] = refused(edited(VALID, ("updates.0.evidence.0.url", "ftp://example.org/")))
    assert line == ("  updates[1].based_on: Give an address that begins with http:// or https://.")


def test_a_correction_of_what_is_refused_in_the_same_file_is_told(refused):
    correction = {**VALID["updates"][1], "external_ref": "status-3", "corrects": "status-1"}
    lines = refused(edited(VALID, ("updates.1.status", "completed"), ("updates.3", correction)))
    assert lines[1].startswith("  updates[1].status: ")
    assert lines[2:] == ["  updates[3].corrects: “status-1” could not be loaded"]


@pytest.mark.parametrize("act", [Action.DISCARD, Action.RETRACT])
def test_nothing_new_rests_on_what_was_discarded_or_retracted(
    load, refused, reporter, reviewer, act
):
    retracted = act is Action.RETRACT
    first = edited(VALID, ("updates", VALID["updates"][:1]))
    load(first, publish_as="reviewer" if retracted else None)
    event = by_reference()["event-1"]
    if retracted:
        steps.act(event, act, reviewer, note="Withdrawn by its source.")
    else:
        steps.act(event, Action.RECALL, reporter)
        steps.act(event, act, reporter)
    state = "Retracted" if retracted else "Discarded"
    assert refused()[1:] == [f"  updates[1].based_on[0]: “event-1” is “{state}” in the tracker"]


def test_an_empty_name_is_no_publisher(refused):
    assert refused(publish_as="") == ["There is no user “”."]


def test_a_correction_is_looked_for_in_its_own_plan(load, refused, reporter, reviewer, office_duty):
    other = Plan.objects.create(code="OTHER", title_en="Another plan", time_zone="UTC")
    office_duty.plan, office_duty.lead_office = other, None
    office_duty.save()
    steps.published(office_duty, reporter, reviewer, external_ref="elsewhere")
    correction = {**VALID["updates"][1], "corrects": "elsewhere", "based_on": ["event-1"]}
    [_first, line] = refused(edited(VALID, ("updates.1", correction)))
    assert line.endswith("stands before this one, here or in the tracker")

    # The same reference in both plans: the one of the file's plan is meant.
    steps.published(office_duty, reporter, reviewer, external_ref="status-1")
    load()
    again = {**VALID["updates"][1], "external_ref": "status-3", "corrects": "status-1"}
    load(edited(VALID, ("updates.3", again)))
    assert by_reference()["status-3"].corrects.commitment.plan.code == "PLAN"


def test_a_dry_run_does_all_of_it_and_writes_nothing(load):
    before = everything()
    assert load(dry_run=True).splitlines()[-1] == (
        "Dry run, nothing written. Plan PLAN: updates published: 3; forums added: 1; notice set."
    )
    assert everything() == before


def test_nobody_publishes_their_own(refused, administrator):
    sentence = "Nobody publishes their own updates: name two different people."
    assert refused(author="administrator", publish_as="administrator") == [sentence]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"author": "reviewer"}, "“reviewer” is not a reporter."),
        ({"publish_as": "visitor"}, "“visitor” is not a reviewer."),
        ({"author": "nobody"}, "There is no user “nobody”."),
        ({"publish_as": "nobody"}, "There is no user “nobody”."),
    ],
)
def test_each_needs_their_role(refused, visitor, options, message):
    assert refused(**options) == [message]


def test_somebody_deactivated_loads_nothing(refused, reporter):
    reporter.is_active = False
    reporter.save()
    assert refused() == ["“reporter” is not a reporter."]


def test_what_the_workflow_refuses_is_listed_with_its_place_and_nothing_is_loaded(refused, office):
    later = {**VALID["updates"][2], "external_ref": "4", "effective_on": "2026-08-01"}
    lines = refused(
        edited(
            VALID,
            ("updates.0.evidence.0.url", "ftp://example.org/minutes"),
            ("updates.0.evidence.1.citation", "p. 3"),
            ("updates.1.status", "completed"),
            ("updates.2.search_note", ABSENT),
            ("updates.3", later),
        )
    )
    assert lines[0] == "The file cannot be loaded."
    assert lines[1:] == [
        "  updates[0].evidence[0].url: Give an address that begins with http:// or https://.",
        "  updates[0].evidence[1]: Give exactly one of link, file and citation.",
        "  updates[1].status: “Completed” does not fit PLAN-1.1 (Standing duty). Choose one of: "
        "Active (active), Partly active (partly_active), Not acted on (inactive), Contrary action "
        "recorded (contrary), No evidence found (no_evidence), Cannot be assessed as written "
        "(not_verifiable), No longer pursued (withdrawn).",
        "  updates[2].search_note: “No evidence found” needs a search note: what was looked for, "
        "where, and why nothing counts.",
        "  updates[3].effective_on: 2026-08-01 is in the future; today is 2026-07-01.",
    ]


def test_a_claim_without_its_least_evidence_is_refused(refused):
    lines = refused(edited(VALID, ("updates.0.evidence.0.source", "statement")))
    assert len(lines) == 2
    assert lines[1].startswith("  updates[1].evidence: “Active” needs public evidence of level 2")


def test_a_reporter_of_no_office_does_not_report_for_one(refused, load, duty, office, colleague):
    duty.lead_office = office
    duty.save()
    sentence = "You may not report on PLAN-1.1: that is for reporters of OFFICE."
    assert refused()[1:] == [f"  updates[0]: {sentence}", f"  updates[1]: {sentence}"]
    assert "updates published: 3" in load(author="colleague")


def test_whoever_edited_the_corrected_update_is_no_matter_but_it_must_be_published(refused):
    correction = {**VALID["updates"][1], "external_ref": "status-3", "corrects": "status-1"}
    [_first, line] = refused(edited(VALID, ("updates.3", correction)), publish_as=None)
    assert line.startswith("  updates[3].corrects: Update ")
    assert "is not published (Submitted), so it cannot be corrected." in line


def test_a_correction_of_what_is_in_the_tracker(load, duty):
    load()
    correction = {
        **VALID["updates"][1],
        "external_ref": "status-3",
        "corrects": "status-1",
        "status": "partly_active",
    }
    load(edited(VALID, ("updates.3", correction)))
    duty.refresh_from_db()
    assert (duty.status, duty.status_update.external_ref) == ("partly_active", "status-3")
    assert "there already: 4 (superseded 1)" in load(edited(VALID, ("updates.3", correction)))


def test_a_role_counts_and_not_the_name_of_the_account(load, reviewer, other_reporter):
    other_reporter.groups.add(Group.objects.get(name=Role.REVIEWER.group))
    assert "updates published: 3" in load(publish_as="other_reporter")


def test_progress_is_shown(load):
    assert load().splitlines()[0] == "  3 of 3 updates"


def test_progress_is_told_of_every_update(reporter, reviewer, tmp_path):
    file = updatefile.read(written(tmp_path / "updates.yaml", VALID))
    told = []
    updateload.load(
        file,
        author=reporter,
        publisher=reviewer,
        at=NOW,
        progress=lambda done, of: told.append((done, of)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_second_load_costs_the_same_few_queries_however_much_is_there(
    load, reporter, reviewer, tmp_path, django_assert_num_queries
):
    many = edited(VALID, ("updates.0.forums", ["FORUM"]))
    many["updates"] += [
        {**many["updates"][0], "external_ref": f"event-{number}"} for number in range(2, 12)
    ]
    load(many)
    file = updatefile.read(written(tmp_path / "updates.yaml", many))
    with django_assert_num_queries(10):
        updateload.load(file, author=reporter, publisher=reviewer, at=NOW)
