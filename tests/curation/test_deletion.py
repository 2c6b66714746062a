"""What curators close or delete in the admin, and what the record still needs."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import translation

from commitments.choices import Action
from commitments.curation import edits
from commitments.exceptions import InvalidInput
from commitments.models import Decision, Forum, Office, Partnership, Publisher
from tests.curation.forms import errors, form, page, version
from tests.factories import (
    CommitmentFactory,
    ForumFactory,
    MeetingFactory,
    OfficeFactory,
    PublisherFactory,
    UserFactory,
)
from tests.steps import NOW, draft, perform, record_loaded

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def rows_on_record(
    duty, office_duty, office, reporter, other_reporter, reviewer, curator, administrator
):
    """An office, a forum and a commitment, each with a history."""
    forum = ForumFactory(code="NAMED")
    update = draft(duty, reporter, forums=[forum])
    update.editors.add(other_reporter)
    perform(update, Action.SUBMIT, reporter)
    perform(update, Action.PUBLISH, reviewer)
    record_loaded(duty.plan)
    return {
        "office": office,
        "forum": forum,
        "commitment": duty,
    }


def delete(client, row, **sent):
    app = row._meta.app_label
    address = f"/admin/{app}/{row._meta.model_name}/{row.pk}/delete/"
    return client.post(address, {"post": "yes", "reason": "A typing error."} | sent, follow=True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "instead"),
    [
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


@pytest.mark.parametrize(
    ("public", "instead"),
    [(True, "fill in “closed on”"), (False, ">COUNCIL Seventh session</a>")],
)
def test_a_forum_with_a_meeting_is_not_deleted(public, instead, curator, signed_in):
    forum = ForumFactory(code="COUNCIL")
    MeetingFactory(forum=forum, public=public)
    answer = delete(signed_in(curator), forum)
    assert instead in answer.text
    assert "permission" not in answer.text
    assert Forum.objects.filter(pk=forum.pk).exists()


def test_an_account_is_never_deleted(administrator, signed_in):
    newcomer = UserFactory(username="newcomer")
    assert delete(signed_in(administrator), newcomer).status_code == 403
    assert User.objects.filter(pk=newcomer.pk).exists()


def test_what_nothing_refers_to_can_be_deleted(curator, signed_in):
    for row in (OfficeFactory(code="TYPO"), ForumFactory(code="TYPO")):
        delete(signed_in(curator), row)
        assert not type(row).objects.filter(pk=row.pk).exists()
    of_office, of_forum = Decision.objects.order_by("seq")
    for decision, subject_type in ((of_office, "office"), (of_forum, "forum")):
        assert (decision.subject_type, decision.subject_key) == (subject_type, "TYPO")
        assert (decision.actor, decision.note) == (curator, "A typing error.")
        assert decision.content_sha256 is None


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [(" ", "Give a reason."), ("\u202eopyt", "override the direction of text")],
)
def test_nothing_public_is_deleted_without_a_reason(reason, sentence, curator, signed_in, forum):
    assert sentence in delete(signed_in(curator), forum, reason=reason).text
    assert Forum.objects.filter(pk=forum.pk).exists()
    assert not Decision.objects.exists()


@pytest.mark.long
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
    answer = signed_in(curator).post(page(office), version(office) | sent)
    assert errors(answer) == {
        "closed_on": [
            "This office still leads or supports PLAN-1.3. Assign them to another office first."
        ]
    }
    assert Office.objects.get(pk=office.pk).closed_on is None


def test_codes_in_a_chinese_sentence_are_parted_by_its_own_sign(office, office_duty):
    CommitmentFactory(plan=office_duty.plan, number="1.4", lead_office=office, position=4)
    office.closed_on = NOW.date()
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refusal:
        office.clean()
    assert "PLAN-1.3、PLAN-1.4" in refusal.value.messages[0]


@pytest.mark.long
def test_a_closed_office_is_offered_no_commitments(curator, signed_in, duty):
    closed = OfficeFactory(code="CLOSED", closed_on="2026-06-30")
    answer = signed_in(curator).post(page(duty), form(duty, lead_office=closed.pk, reason="X"))
    assert "lead_office" in errors(answer)
    assert "CLOSED" not in signed_in(curator).get(page(CommitmentFactory(plan=duty.plan))).text


@pytest.mark.parametrize("field", ["lead_office", "supporting_offices"])
def test_an_office_closed_since_it_was_chosen_is_not_assigned(field, curator, duty, office):
    Office.objects.filter(pk=office.pk).update(closed_on=NOW.date())
    chosen = office if field == "lead_office" else [office]
    with pytest.raises(InvalidInput) as refusal:
        edits.assign([duty], by=curator, at=NOW, reason="So.", **{field: chosen})
    assert [str(row) for row in refusal.value.problems] == [f"Office “{office.code}” is closed."]
    duty.refresh_from_db()
    assert (duty.lead_office, duty.supporting_offices.count()) == (None, 0)


def test_deleting_a_publisher_that_was_never_public_tells_nothing(curator, signed_in):
    delete(signed_in(curator), PublisherFactory(key="The secret service"))
    assert not Publisher.objects.exists()
    assert not Decision.objects.exists()
