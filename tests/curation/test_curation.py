"""Curators in the admin: changes of a commitment need a reason, and rows with a history cannot be
deleted."""

import pytest
from django.contrib.auth.models import User

from commitments.choices import Action
from commitments.curation import edits, history
from commitments.curation.recording import ChangeReason, record_edits
from commitments.exceptions import InvalidUpdate
from commitments.models import Commitment, Decision, Forum, Office, Partnership, Plan, Publisher
from commitments.texts.text import Text
from tests.factories import (
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    MilestoneFactory,
    OfficeFactory,
    PublisherFactory,
    UserFactory,
)
from tests.steps import NOW, REPORT, STATEMENT, draft, perform, published, record_loaded

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def page(row):
    return f"/admin/commitments/{row._meta.model_name}/{row.pk}/change/"


def inputs(row, *texts, prefix=""):
    """Return what a browser sends for some texts of a row: an input for each of two languages."""
    return {
        f"{prefix}{name}_{tag}": getattr(row, name).get(tag, "")
        for name in texts
        for tag in ("en", "zh")
    }


def form(commitment, **changed):
    """Return what a browser sends for a commitment, with its forums and milestones."""
    row = Commitment.objects.get(pk=commitment.pk)
    sent = inputs(row, "title", "note", "kind_reason", "goal_reason")
    sent |= {name: getattr(row, f"{name}_id") or "" for name in ("area", "goal", "lead_office")}
    sent |= {name: getattr(row, name) or "" for name in ("kind", "start_on", "due_on")}
    for prefix, items, text, columns in (
        ("partnerships", row.partnerships.all(), "quote", ("forum_id",)),
        ("milestones", row.milestones.all(), "title", ("due_on", "done_on")),
    ):
        sent |= {f"{prefix}-TOTAL_FORMS": len(items), f"{prefix}-INITIAL_FORMS": len(items)}
        for index, item in enumerate(items):
            sent[f"{prefix}-{index}-id"] = item.pk
            sent |= inputs(item, text, prefix=f"{prefix}-{index}-")
            for column in columns:
                value = getattr(item, column)
                sent[f"{prefix}-{index}-{column.removesuffix('_id')}"] = value or ""
    return sent | changed


def errors(answer):
    assert answer.status_code == 200
    return answer.context["adminform"].form.errors


# Reasons


def test_a_change_of_a_commitment_needs_a_reason(curator, signed_in, deliverable):
    sent = form(deliverable, due_on="2027-06-30", reason="  ")
    answer = signed_in(curator).post(page(deliverable), sent)
    assert errors(answer) == {"reason": ["This field is required."]}
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
    MilestoneFactory(commitment=duty)
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
        ("milestones", "First step, due 2026-06-30", "First step, due 2026-09-30"),
    ]
    assert not Partnership.objects.filter(pk=old.pk).exists()


def test_saving_an_unchanged_page_records_nothing(curator, signed_in, duty):
    MilestoneFactory(commitment=duty)
    Partnership.objects.create(commitment=duty, forum=ForumFactory())
    record_loaded(duty.plan)
    revision = duty.plan.revision
    assert signed_in(curator).post(page(duty), form(duty, reason="None.")).status_code == 302
    assert Decision.objects.count() == 1
    assert Plan.objects.get(pk=duty.plan_id).revision == revision


def test_a_page_that_somebody_else_has_changed_since_is_refused(curator, signed_in, duty):
    client = signed_in(curator)
    version = client.get(page(duty)).context["adminform"].form["expected_version"].value()
    MilestoneFactory(commitment=duty)
    sent = form(duty, title_en="Mine", reason="So.", expected_version=version)
    assert "Someone else has changed this since you opened it." in str(
        errors(client.post(page(duty), sent))
    )
    version = client.get(page(duty)).context["adminform"].form["expected_version"].value()
    assert client.post(page(duty), sent | {"expected_version": version}).status_code == 302
    assert Commitment.objects.get(pk=duty.pk).title["en"] == "Mine"


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
    sent = inputs(plan, "notice", "licence") | {"review_interval_days": 180, "locality": ""}
    sent |= {"notice_en": "An example.", "reason": "For visitors."}
    assert signed_in(curator).post(page(plan), sent).status_code == 302
    sent = {"name_en": "Forum", "name_zh": "论坛", "kind": "dialogue", "closed_on": "2026-06-30"}
    sent |= {"reason": "It was merged."}
    assert signed_in(curator).post(page(forum), sent).status_code == 302
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
    answer = signed_in(curator).post(page(row), {"name_en": "Another", "review_interval_days": 90})
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
    assert signed_in(curator).post(page(publisher), sent).status_code == 302
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
    signed_in(curator).post(page(publisher), {"name_en": "Another", "reason": "Renamed."})
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
        signed_in(curator).post(page(publisher), {"name_en": name, "reason": "Renamed."})
        assert Decision.objects.filter(action=Action.EDIT).count() == count
        if count == 1:
            perform(update, Action.RETRACT, reviewer, note="Wrong.")


def test_deleting_a_publisher_that_was_never_public_tells_nothing(curator, signed_in):
    delete(signed_in(curator), PublisherFactory(key="The secret service"))
    assert not Publisher.objects.exists()
    assert not Decision.objects.exists()


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
    assert signed_in(curator).post(page(office), sent).status_code == 302
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


# Closing and deleting


@pytest.fixture
def rows_on_record(duty, office_duty, office, reporter, other_reporter, reviewer, curator):
    """Users, an office, a forum and a commitment, each with a history."""
    forum = ForumFactory(code="NAMED")
    update = draft(duty, reporter, forums=[forum])
    update.editors.add(other_reporter)
    perform(update, Action.SUBMIT, reporter)
    perform(update, Action.PUBLISH, reviewer)
    record_loaded(duty.plan)
    return {
        "author": reporter,
        "editor": other_reporter,
        "reviewer": reviewer,
        "office": office,
        "forum": forum,
        "commitment": duty,
    }


def delete(client, row, **sent):
    app = row._meta.app_label
    address = f"/admin/{app}/{row._meta.model_name}/{row.pk}/delete/"
    return client.post(address, {"post": "yes", "reason": "A typing error."} | sent, follow=True)


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("author", "Deactivate the account"),
        ("editor", "Deactivate the account"),
        ("reviewer", "Deactivate the account"),
        ("office", "assign its commitments to other offices and fill in “closed on”"),
        ("forum", "fill in “closed on”"),
        ("commitment", "publish an update with the status “No longer pursued”"),
    ],
)
def test_what_has_a_history_is_not_deleted_and_the_refusal_says_what_to_do_instead(
    name, instead, rows_on_record, administrator, signed_in
):
    row = rows_on_record[name]
    answer = delete(signed_in(administrator), row)
    assert answer.redirect_chain[-1][0].endswith(f"/{row.pk}/change/")
    assert instead in answer.text
    assert type(row).objects.filter(pk=row.pk).exists()


def test_an_office_that_was_assigned_once_cannot_be_deleted(
    office, office_duty, curator, signed_in
):
    record_loaded(office_duty.plan)
    sent = form(office_duty, lead_office="", reason="Given back.")
    assert signed_in(curator).post(page(office_duty), sent).status_code == 302
    assert "closed on" in delete(signed_in(curator), office).text
    assert Office.objects.filter(pk=office.pk).exists()


def test_a_forum_that_was_named_or_followed_once_cannot_be_deleted(curator, signed_in, duty):
    named, followed, after = (ForumFactory(code=code) for code in ("NAMED", "BEFORE", "AFTER"))
    link = Partnership.objects.create(commitment=duty, forum=named)
    after.successor_of = followed
    after.save()
    record_loaded(duty.plan)
    link.delete()
    after.successor_of = None
    after.save()
    record_loaded(duty.plan)
    for forum in (named, followed):
        assert "closed on" in delete(signed_in(curator), forum).text
        assert Forum.objects.filter(pk=forum.pk).exists()


def test_a_curator_who_only_changed_reference_data_cannot_be_deleted(
    curator, administrator, signed_in, duty
):
    signed_in(curator).post(page(duty), form(duty, title_en="New", reason="Shorter."))
    assert "Deactivate the account" in delete(signed_in(administrator), curator).text
    assert User.objects.filter(pk=curator.pk).exists()


def test_what_nothing_refers_to_can_be_deleted(administrator, curator, signed_in):
    for person, row in (
        (administrator, UserFactory(username="newcomer")),
        (curator, OfficeFactory(code="TYPO")),
        (curator, ForumFactory(code="TYPO")),
    ):
        delete(signed_in(person), row)
        assert not type(row).objects.filter(pk=row.pk).exists()
    of_office, of_forum = Decision.objects.order_by("seq")
    for decision, subject_type in ((of_office, "office"), (of_forum, "forum")):
        assert (decision.subject_type, decision.subject_key) == (subject_type, "TYPO")
        assert (decision.actor, decision.note) == (curator, "A typing error.")
        assert decision.content_sha256 is None


def test_nothing_public_is_deleted_without_a_reason(curator, signed_in, forum):
    assert "Give a reason." in delete(signed_in(curator), forum, reason=" ").text
    assert Forum.objects.filter(pk=forum.pk).exists()
    assert not Decision.objects.exists()


def test_rows_cannot_be_deleted_from_a_list(rows_on_record, administrator, signed_in):
    client = signed_in(administrator)
    for address in (
        "auth/user",
        "commitments/office",
        "commitments/forum",
        "commitments/commitment",
    ):
        sent = {"action": "delete_selected", "_selected_action": [1], "post": "yes"}
        client.post(f"/admin/{address}/", sent)
    assert all(type(row).objects.filter(pk=row.pk).exists() for row in rows_on_record.values())


@pytest.mark.parametrize("persona", ["reporter", "reviewer"])
def test_staff_who_are_no_curators_delete_nothing(persona, request, signed_in, forum):
    client = signed_in(request.getfixturevalue(persona))
    assert delete(client, forum).status_code == 403
    assert Forum.objects.filter(pk=forum.pk).exists()


def test_an_office_that_still_has_commitments_is_not_closed(
    office, office_duty, curator, signed_in
):
    sent = {"name_en": "An office", "name_zh": "", "closed_on": "2026-06-30", "reason": "Moved."}
    answer = signed_in(curator).post(page(office), sent)
    assert errors(answer) == {
        "closed_on": [
            "This office still leads or supports PLAN-1.3. Assign them to another office first."
        ]
    }
    assert Office.objects.get(pk=office.pk).closed_on is None


def test_a_closed_office_is_offered_no_commitments(curator, signed_in, duty):
    closed = OfficeFactory(code="CLOSED", closed_on="2026-06-30")
    answer = signed_in(curator).post(page(duty), form(duty, lead_office=closed.pk, reason="X"))
    assert "lead_office" in errors(answer)
    assert "CLOSED" not in signed_in(curator).get(page(CommitmentFactory(plan=duty.plan))).text


@pytest.mark.parametrize("field", ["lead_office", "supporting_offices"])
def test_an_office_closed_since_it_was_chosen_is_not_assigned(field, curator, duty, office):
    Office.objects.filter(pk=office.pk).update(closed_on=NOW.date())
    chosen = office if field == "lead_office" else [office]
    with pytest.raises(InvalidUpdate) as refusal:
        edits.assign([duty], by=curator, at=NOW, reason="So.", **{field: chosen})
    assert [str(row) for row in refusal.value.problems] == [f"Office “{office.code}” is closed."]
    duty.refresh_from_db()
    assert (duty.lead_office, duty.supporting_offices.count()) == (None, 0)
