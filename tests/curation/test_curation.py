"""Curators in the admin: edits need a reason, and are public with it."""

import pytest

from commitments.choices import Action
from commitments.curation import history
from commitments.curation.recording import ChangeReason, record_edits
from commitments.models import Commitment, Decision, Partnership, Plan, Publisher
from commitments.texts.text import Text
from tests.curation.forms import errors, form, inputs, page, version
from tests.factories import (
    ForumFactory,
    GoalFactory,
    MilestoneFactory,
    OfficeFactory,
    PublisherFactory,
)
from tests.steps import NOW, REPORT, STATEMENT, perform, published, record_loaded

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


# Reasons


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("  ", "This field is required."),
        ("\u3164", "Give a reason."),
        (
            "\u202e.ti devom licnuoc ehT",
            "Signs that override the direction of text (U+202D, U+202E) are not allowed.",
        ),
    ],
)
def test_a_change_of_a_commitment_needs_a_reason(reason, sentence, curator, signed_in, deliverable):
    sent = form(deliverable, due_on="2027-06-30", reason=reason)
    answer = signed_in(curator).post(page(deliverable), sent)
    assert errors(answer) == {"reason": [sentence]}
    assert Commitment.objects.get(pk=deliverable.pk).due_on is None


def test_a_changed_due_date_and_goal_are_recorded_with_their_reason(
    curator, signed_in, deliverable, plan
):
    goal = GoalFactory(plan=plan, number=4)
    record_loaded(plan)
    sent = form(deliverable, due_on="2027-06-30", goal=goal.pk, reason=" The council moved it. ")
    assert signed_in(curator).post(page(deliverable), sent).status_code == 302
    event = history.commitment_entries(deliverable)[0]
    assert (event.at, event.reason) == (NOW, "The council moved it.")
    assert (event.decision.actor, event.decision.role) == (curator, "curator")
    assert [(change.field, change.after) for change in event.changes] == [
        ("goal", 4),
        ("due_on", "2027-06-30"),
    ]


def test_a_duty_whose_kind_is_fixed_gets_no_due_date(curator, signed_in, duty, reporter, reviewer):
    published(duty, reporter, reviewer, status="active")
    answer = signed_in(curator).post(page(duty), form(duty, due_on="2027-06-30", reason="So."))
    assert errors(answer) == {"due_on": ["Only a deliverable can have a due date."]}


def test_forums_offices_and_milestones_of_one_page_are_one_event(curator, signed_in, duty):
    old = Partnership.objects.create(commitment=duty, forum=ForumFactory(code="OLD"))
    new, office = ForumFactory(code="NEW"), OfficeFactory(code="CYBER")
    MilestoneFactory(commitment=duty, key="m1", is_known=False)
    record_loaded(duty.plan)
    sent = form(duty) | {
        "partnerships-TOTAL_FORMS": 2,
        "partnerships-0-DELETE": "on",
        "partnerships-1-forum": new.pk,
        "partnerships-1-quote_en": "the forum",
        "milestones-0-due_on": "2026-09-30",
        "supporting_offices": [office.pk],
        "reason": "Read again.",
    }
    assert signed_in(curator).post(page(duty), sent).status_code == 302
    event = history.commitment_entries(duty)[0]
    assert event.reason == "Read again."
    assert [(change.field, change.before_text, change.after_text) for change in event.changes] == [
        ("forums", "OLD", "–"),
        ("forums", "–", "NEW “the forum”"),
        ("supporting_offices", "–", "CYBER"),
        ("milestones", "m1 “First step”, due 2026-06-30", "m1 “First step”, due 2026-09-30"),
    ]
    assert not Partnership.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize(
    ("language", "list_error", "row_error"),
    [
        ("en", "The same more than once: Partner forum.", "This row repeats another one."),
        ("zh-hans", "合作机制与平台重复。", "此行与另一行重复。"),
    ],
)
def test_a_forum_that_is_named_twice_is_told_in_the_readers_language(
    curator, signed_in, duty, language, list_error, row_error
):
    forum = ForumFactory(code="NEW")
    sent = form(duty) | {
        "partnerships-TOTAL_FORMS": 2,
        "partnerships-0-forum": forum.pk,
        "partnerships-1-forum": forum.pk,
        "reason": "Read again.",
    }
    answer = signed_in(curator).post(page(duty), sent, headers={"Accept-Language": language})
    [formset] = [
        inline.formset
        for inline in answer.context["inline_admin_formsets"]
        if inline.formset.prefix == "partnerships"
    ]
    assert formset.non_form_errors() == [list_error]
    assert formset.errors[1] == {"__all__": [row_error]}


def test_saving_an_unchanged_page_records_nothing(curator, signed_in, duty):
    MilestoneFactory(commitment=duty)
    Partnership.objects.create(commitment=duty, forum=ForumFactory())
    record_loaded(duty.plan)
    revision = duty.plan.revision
    assert signed_in(curator).post(page(duty), form(duty, reason="None.")).status_code == 302
    assert Decision.objects.count() == 1
    assert Plan.objects.get(pk=duty.plan_id).revision == revision


@pytest.mark.long
def test_a_page_that_somebody_else_has_changed_since_is_refused(curator, signed_in, duty):
    client = signed_in(curator)
    version = client.get(page(duty)).context["adminform"].form["expected_version"].value()
    MilestoneFactory(commitment=duty)
    sent = form(duty, title_en="Mine", reason="So.", expected_version=version)
    assert "This has been changed since you opened it, by somebody else" in str(
        errors(client.post(page(duty), sent))
    )
    version = client.get(page(duty)).context["adminform"].form["expected_version"].value()
    assert client.post(page(duty), sent | {"expected_version": version}).status_code == 302
    assert Commitment.objects.get(pk=duty.pk).title["en"] == "Mine"


def test_a_form_that_does_not_say_which_version_it_shows_is_refused(curator, signed_in, duty):
    sent = form(duty, title_en="Mine", reason="So.", expected_version="")
    answer = signed_in(curator).post(page(duty), sent)
    assert "This has been changed since you opened it, by somebody else" in str(errors(answer))
    assert Commitment.objects.get(pk=duty.pk).title["en"] != "Mine"


def test_a_curators_change_does_not_change_the_current_assessment(
    curator, signed_in, duty, reporter, reviewer
):
    published(duty, reporter, reviewer, status="active")
    sent = form(duty, title_en="Another title", reason="Shorter.", status="contrary")
    assert signed_in(curator).post(page(duty), sent).status_code == 302
    row = Commitment.objects.get(pk=duty.pk)
    assert (row.title["en"], row.status) == ("Another title", "active")


def test_edits_of_a_plan_and_a_forum_are_public_with_their_reason(curator, signed_in, plan, forum):
    record_loaded(plan)
    sent = inputs(plan, "notice", "licence") | {
        "review_interval_days": 180,
        "visibility": "public",
        "second_rating": "none",
        "licence_url": "",
        "locality": "",
    }
    sent |= {"notice_en": "An example.", "reason": "For visitors."}
    assert signed_in(curator).post(page(plan), version(plan) | sent).status_code == 302
    sent = {"name_en": "Forum", "name_zh": "论坛", "kind": "dialogue", "closed_on": "2026-06-30"}
    sent |= {"reason": "It was merged."}
    assert signed_in(curator).post(page(forum), version(forum) | sent).status_code == 302
    of_plan, of_forum = Decision.objects.filter(action=Action.EDIT).order_by("seq")
    assert [(row.actor, row.note) for row in (of_plan, of_forum)] == [
        (curator, "For visitors."),
        (curator, "It was merged."),
    ]
    entries = history.entries_by([of_plan, of_forum], ["en"])
    assert [entries[row.pk][0].field_labels for row in (of_plan, of_forum)] == [
        ["review interval in days", "notice"],
        ["name", "closed on"],
    ]
    assert (of_plan.plan, of_forum.plan) == (plan, None)
    assert (of_forum.subject_type, of_forum.subject_key) == ("forum", "FORUM")


@pytest.mark.parametrize("name", ["plan", "forum", "office", "publisher"])
def test_what_readers_see_is_not_edited_without_a_reason(name, request, curator, signed_in):
    row = PublisherFactory() if name == "publisher" else request.getfixturevalue(name)
    answer = signed_in(curator).post(
        page(row),
        version(row) | {"name_en": "Another", "review_interval_days": 90, "visibility": "public"},
    )
    assert errors(answer)["reason"] == ["This field is required."]
    assert not Decision.objects.exists()


@pytest.mark.parametrize("public", [False, True])
def test_a_publisher_of_internal_sources_alone_stays_internal(
    public, curator, signed_in, duty, reporter, reviewer, api
):
    source = REPORT | {"publisher": Text({"en": "The secret service"}), "public": public}
    published(duty, reporter, reviewer, evidence=[STATEMENT, source])
    publisher = Publisher.objects.get(key="The secret service")
    sent = {"name_en": "The known service", "reason": "Renamed."}
    assert signed_in(curator).post(page(publisher), version(publisher) | sent).status_code == 302
    publisher.refresh_from_db()
    assert publisher.name["en"] == "The known service"
    assert Decision.objects.filter(action=Action.EDIT).exists() is public
    known = [api().get(f"/api/v1/{path}/").text for path in ("changes", "contents", "ledger")]
    assert any("service" in text for text in known) is public


def test_a_publisher_of_a_withdrawn_update_alone_is_not_told_of_anew(
    curator, signed_in, duty, reporter, reviewer
):
    source = STATEMENT | {"publisher": Text({"en": "The press"})}
    update = published(duty, reporter, reviewer, evidence=[source])
    perform(update, Action.RETRACT, reviewer, note="Wrong.")
    publisher = Publisher.objects.get(key="The press")
    signed_in(curator).post(
        page(publisher), version(publisher) | {"name_en": "Another", "reason": "Renamed."}
    )
    publisher.refresh_from_db()
    assert publisher.name["en"] == "Another"
    assert not Decision.objects.filter(action=Action.EDIT).exists()


def test_edits_of_a_publisher_that_the_ledger_names_are_all_recorded(
    curator, signed_in, duty, reporter, reviewer
):
    source = STATEMENT | {"publisher": Text({"en": "The press"})}
    update = published(duty, reporter, reviewer, evidence=[source])
    publisher = Publisher.objects.get(key="The press")
    for count, name in enumerate(("Another", "A third"), start=1):
        signed_in(curator).post(
            page(publisher), version(publisher) | {"name_en": name, "reason": "Renamed."}
        )
        assert Decision.objects.filter(action=Action.EDIT).count() == count
        if count == 1:
            perform(update, Action.RETRACT, reviewer, note="Wrong.")


def test_a_forum_is_not_added_without_a_reason(curator, signed_in):
    sent = {"code": "NEW", "name_en": "New forum", "kind": "dialogue"}
    add = "/admin/commitments/forum/add/"
    assert "reason" in errors(signed_in(curator).post(add, sent))
    assert signed_in(curator).post(add, sent | {"reason": "It was founded."}).status_code == 302
    [decision] = Decision.objects.all()
    assert (decision.action, decision.subject_key, decision.note) == (
        "edit",
        "NEW",
        "It was founded.",
    )


def test_the_members_of_an_office_are_not_public(curator, signed_in, office, reporter):
    record_edits([office], ChangeReason(curator, NOW, "Founded."))
    sent = inputs(office, "name") | {"members": [reporter.pk]}
    assert signed_in(curator).post(page(office), version(office) | sent).status_code == 302
    assert list(office.members.all()) == [reporter]
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("persona", ["reporter", "reviewer"])
def test_staff_who_are_no_curators_may_view_a_page_without_a_reason_field(
    persona, request, signed_in, duty
):
    client = signed_in(request.getfixturevalue(persona))
    answer = client.get(page(duty))
    assert answer.status_code == 200
    assert "Reason for the change" not in answer.text
    assert client.post(page(duty), form(duty, title_en="X", reason="Y")).status_code == 403


def test_the_form_says_that_the_reason_is_public(curator, signed_in, duty):
    assert (
        "Published in the edit history and under “Changes”."
        in signed_in(curator).get(page(duty)).text
    )


def test_the_history_page_shows_reasons_and_changes(curator, signed_in, deliverable, reporter):
    record_loaded(deliverable.plan)
    sent = form(deliverable, title_en="Take part in the new forum", reason="<b>Misprint</b>")
    signed_in(curator).post(page(deliverable), sent)
    answer = signed_in(reporter).get(page(deliverable).replace("change", "history"))
    assert "1 July 2026, 12:00" in answer.text  # in the plan's time zone
    assert "&lt;b&gt;Misprint&lt;/b&gt;" in answer.text
    assert "Take part in the <ins>new </ins>forum" in answer.text
