"""`load_updates`: a file of updates goes through the workflow, by two different people; all of it
or nothing, and a second time nothing."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import ledger, updatefile, updateload
from commitments.bilingual import Text
from commitments.choices import Action, Role, State
from commitments.models import Decision, Evidence, Forum, Plan, ProgressUpdate
from tests import steps
from tests.documents import edited, everything, written
from tests.steps import NOW
from tests.test_update_file import SOURCE, VALID

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world(plan, duty, deliverable, forum, reporter, reviewer, noon):
    """A plan of two commitments, a forum, the two people, and a clock that stands still."""


@pytest.fixture
def load(tmp_path):
    """`load(document, **options)` is what the command prints."""

    def load(document=VALID, **options):
        options = {"author": "reporter", "publish_as": "reviewer"} | options
        told = StringIO()
        path = written(tmp_path / "updates.yaml", document)
        call_command("load_updates", path, stdout=told, stderr=told, **options)
        return told.getvalue()

    return load


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
    return {row.external_ref: row for row in ProgressUpdate.objects.all()}


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


# Again


def test_loading_it_again_changes_nothing(load):
    load()
    before = everything()
    assert load() == "Plan PLAN: there already: 3.\n"
    assert everything() == before


def test_nobody_is_asked_for_a_role_where_nothing_is_new(load, reporter):
    load()
    reporter.groups.clear()
    assert load(publish_as=None) == "Plan PLAN: there already: 3.\n"


def test_what_is_new_is_added_to_what_is_there(load):
    load(edited(VALID, ("updates", VALID["updates"][:1])))
    assert "updates published: 2; there already: 1." in load()


def test_what_the_tracker_has_otherwise_is_told_and_stays(load):
    load()
    before = everything()
    told = load(
        edited(
            VALID,
            ("updates.0.effective_on", "2024-05-01"),
            ("updates.1.summary", {"en": "Another."}),
            ("updates.2.status", "not_verifiable"),
            ("updates.2.commitment", "1.1"),
            ("updates.0.evidence.1.public", True),
            ("forums.0.name.en", "The Club"),
        )
    )
    ids = {reference: row.pk for reference, row in by_reference().items()}
    left = "Left as it is in the tracker:"
    has = "has this reference and differs in:"
    assert told.splitlines() == [
        f"{left} updates[0]: update {ids['event-1']} {has} evidence",
        f"{left} updates[1]: update {ids['status-1']} {has} summary, evidence",
        f"{left} updates[2]: update {ids['status-2']} {has} commitment, status",
        f'{left} forums[0].name.en: the file says "The Club", the tracker "The League"',
        "Plan PLAN: there already: 3.",
    ]
    assert everything() == before


def test_references_are_those_of_the_plan_alone(load, reporter, reviewer, office_duty):
    other = Plan.objects.create(code="OTHER", title_en="Another plan", time_zone="UTC")
    office_duty.plan, office_duty.lead_office = other, None
    office_duty.save()
    steps.published(office_duty, reporter, reviewer, external_ref="event-1")
    assert "updates published: 3" in load()


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from([0, 1, 2]), unique=True), st.randoms(use_true_random=False))
def test_in_parts_and_in_any_order_it_comes_to_the_same(load, plan, first, order):
    """Whatever part was loaded before, the whole file leaves one update of each reference."""
    with transaction.atomic():
        if first:
            part = [VALID["updates"][index] for index in {0, *first}]
            load(edited(VALID, ("updates", part)))
        whole = list(VALID["updates"])
        order.shuffle(whole)
        load(edited(VALID, ("updates", whole)))
        summaries = {reference: row.summary for reference, row in by_reference().items()}
        assert summaries == {
            row["external_ref"]: Text.of(row["summary"]) for row in VALID["updates"]
        }
        assert ProgressUpdate.objects.published().count() == 3
        assert Evidence.objects.count() == 4
        transaction.set_rollback(True)


# Forums and notice


def test_a_notice_and_forums_that_are_there_are_left_alone(load, plan):
    plan.notice = Text("Ours.", "")
    plan.save()
    Forum.objects.create(code="LEAGUE", name_en="The League", kind="dialogue", name_zh="联盟")
    assert "Plan PLAN: updates published: 3.\n" in load()
    plan.refresh_from_db()
    assert plan.notice == Text("Ours.", "")
    assert Forum.objects.get(code="LEAGUE").name == Text("The League", "联盟")


def test_forums_and_notice_are_in_the_history_and_move_the_revisions(load, plan):
    other = Plan.objects.create(code="OTHER", title_en="Another plan", time_zone="UTC")
    load()
    league = Forum.objects.get(code="LEAGUE")
    assert league.history.last().history_change_reason.startswith("load_updates ")
    plan.refresh_from_db()
    other.refresh_from_db()
    assert plan.notice == Text("Example.", "示例。")
    # Three publications, and forums are every plan's.
    assert (plan.revision, other.revision) == (1 + 3 + 1, 1 + 1)


def test_a_forum_of_the_file_may_follow_one_and_be_part_of_another(load):
    child = {
        "code": "PANEL",
        "name": {"en": "Panel"},
        "kind": "dialogue",
        "parent": "LEAGUE",
        "successor_of": "FORUM",
    }
    load(edited(VALID, ("forums", [child, *VALID["forums"]])))
    panel = Forum.objects.get(code="PANEL")
    assert (panel.parent.code, panel.successor_of.code) == ("LEAGUE", "FORUM")


# Refusals


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
            ("updates.2.search_note", {"en": " "}),
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
    assert load(edited(VALID, ("updates.3", correction))) == "Plan PLAN: there already: 4.\n"


def test_a_role_counts_and_not_the_name_of_the_account(load, reviewer, other_reporter):
    other_reporter.groups.add(Group.objects.get(name=Role.REVIEWER.group))
    assert "updates published: 3" in load(publish_as="other_reporter")


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
    with django_assert_num_queries(11):
        updateload.load(file, author=reporter, publisher=reviewer, at=NOW)
