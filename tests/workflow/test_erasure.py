"""Erasing a text, note, name or file for good: who may, what of, and what is left."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import OuterRef

from commitments import ledger, workflow
from commitments.choices import Action
from commitments.exceptions import ActionRefused, NotPermitted
from commitments.ledger import Part, erasures
from commitments.models import (
    Decision,
    ErasureRequest,
    Evidence,
    LinkCheck,
    ProgressUpdate,
    Publisher,
)
from commitments.texts.scripts import search_index
from commitments.workflow import erasing
from tests.factories import account_changed
from tests.record import ARCHIVED, MINUTES
from tests.steps import (
    INTERNAL,
    NOW,
    STATEMENT,
    asked_to_erase,
    draft,
    file_evidence,
    perform,
    published,
    record_loaded,
    retracted,
    returned,
    submitted,
)
from tests.verification.tampering import verify
from tests.words import en_zh

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=7)
REASON = "By order of the court."


def newest_content(update):
    return ledger.canonical_content(update, ledger.current_version())


def again(update):
    return ProgressUpdate.objects.get(pk=update.pk)


def log_of(user, about, action):
    kind = ContentType.objects.get_for_model(about)
    return LogEntry.objects.create(
        user=user, content_type=kind, object_id=about.pk, action_flag=action
    )


@pytest.fixture
def duty(plan, duty):
    """A standing commitment of a recorded plan."""
    record_loaded(plan)
    return duty


# Who


def test_only_an_administrator_may_ask_and_only_a_second_one_may_confirm(
    duty, reporter, reviewer, curator, administrator, second_administrator
):
    update = published(duty, reporter, reviewer)
    for user in (reporter, reviewer, curator):
        with pytest.raises(NotPermitted):
            asked_to_erase(update, ["summary"], user)
    request = asked_to_erase(update, ["summary"], administrator)
    for user in (reporter, reviewer, curator, administrator):
        with pytest.raises(NotPermitted):
            workflow.confirm_erasure(request, by=user, at=NOW)
    assert again(update).summary
    workflow.confirm_erasure(request, by=second_administrator, at=NOW)
    assert not again(update).summary


@pytest.mark.parametrize("who", ["who asks", "who confirms"])
def test_neither_administrator_may_have_made_or_changed_the_account_of_the_other(
    who, duty, reporter, reviewer, administrator, second_administrator
):
    update = published(duty, reporter, reviewer)
    request = asked_to_erase(update, ["summary"], administrator)
    pair = administrator, second_administrator
    account_changed(*(pair if who == "who confirms" else reversed(pair)))
    with pytest.raises(NotPermitted, match="other's account"):
        workflow.confirm_erasure(request, by=second_administrator, at=NOW)
    assert again(update).summary


def test_changes_of_other_accounts_and_of_ones_own_keep_nobody_from_confirming(
    duty, reporter, reviewer, administrator, second_administrator
):
    update = published(duty, reporter, reviewer)
    request = asked_to_erase(update, ["summary"], administrator)
    account_changed(reporter, administrator)
    account_changed(administrator, administrator)
    workflow.confirm_erasure(request, by=second_administrator, at=NOW)
    assert not again(update).summary


def test_a_deactivated_administrator_may_not(duty, reporter, reviewer, administrator):
    administrator.is_active = False
    with pytest.raises(NotPermitted):
        asked_to_erase(published(duty, reporter, reviewer), ["summary"], administrator)


def test_who_asks_may_recall_and_another_administrator_decline(
    duty, reporter, reviewer, administrator, second_administrator
):
    update = published(duty, reporter, reviewer)
    first, second = (asked_to_erase(update, ["summary"], administrator) for _ in range(2))
    with pytest.raises(NotPermitted):
        workflow.recall_request(first, by=second_administrator, at=NOW)
    with pytest.raises(NotPermitted):
        workflow.decline_request(second, by=administrator, at=NOW)
    workflow.recall_request(first, by=administrator, at=NOW)
    workflow.decline_request(second, by=second_administrator, at=NOW)
    assert [row.state for row in ErasureRequest.objects.order_by("pk")] == ["recalled", "declined"]
    for request in (first, second):
        with pytest.raises(ActionRefused, match="no longer open"):
            workflow.confirm_erasure(request, by=second_administrator, at=NOW)
        with pytest.raises(ActionRefused, match="no longer open"):
            workflow.recall_request(request, by=administrator, at=NOW)
    assert again(update).summary
    assert not Decision.objects.filter(action=Action.ERASE).exists()


def test_an_erasure_needs_a_reason_and_something_to_erase(duty, reporter, reviewer, administrator):
    update = published(duty, reporter, reviewer)
    for parts, reason, problem in (
        (["summary"], " ", "Give a reason."),
        (["summary"], "\u202erorre nA", "override the direction of text"),
        ([], REASON, "Choose what to erase."),
        (["search_note"], REASON, "“search_note” cannot be erased"),
        (["author"], REASON, "“author” cannot be erased"),
        (["evidence/0/title"], REASON, "“evidence/0/title” cannot be erased"),
    ):
        with pytest.raises(ActionRefused) as caught:
            asked_to_erase(update, parts, administrator, reason=reason)
        assert problem in caught.value.problems[0].message


@pytest.mark.parametrize("step", [draft, submitted, returned])
def test_what_can_still_be_edited_is_edited_instead(step, duty, reporter, reviewer, administrator):
    people = (reporter, reviewer) if step is returned else (reporter,)
    with pytest.raises(ActionRefused):
        asked_to_erase(step(duty, *people), ["summary"], administrator)


# Of an update


def test_an_erased_text_leaves_a_published_update_with_its_digests(
    duty, reporter, reviewer, erase, administrator, second_administrator
):
    update = published(duty, reporter, reviewer, status="active")
    before = again(update)
    decision = erase(update, "summary")
    after = again(update)
    assert (after.state, after.status, after.effective_on) == (
        before.state,
        before.status,
        before.effective_on,
    )
    assert (after.summary, after.search_index) == ({}, "")
    assert after.revision == before.revision + 1
    former = update.decisions.get(action=Action.PUBLISH).content_sha256
    left = newest_content(after)
    assert (left["summary"], left["erased"]) == ({}, ["summary"])
    assert decision.content_sha256 == ledger.sha256_of(left) != former
    assert (decision.note, decision.role, decision.actor) == (
        REASON,
        "administrator",
        second_administrator,
    )
    assert decision.meta == {
        "erased": ["summary"],
        "former_sha256": former,
        "asked_commit": ledger.salted_digest(decision.actor_salt, f"user:{administrator.pk}"),
    }
    assert ledger.published_digest(after) == decision.content_sha256


def test_the_former_digest_covers_what_nobody_knows_any_more(duty, reporter, reviewer, erase):
    """With the salt of the internal evidence, names could be tried until the digest fits."""
    update = published(duty, reporter, reviewer)
    salt, content = update.internal_salt, newest_content(again(update))
    erase(update, "summary")
    left = newest_content(again(update))
    assert again(update).internal_salt != salt
    assert left["internal_commit"] != content["internal_commit"]


@pytest.mark.long
@pytest.mark.parametrize("step", [published, retracted])
def test_all_of_an_update_and_its_evidence_can_be_erased(
    step, duty, reporter, reviewer, erase, evidence_folder, django_capture_on_commit_callbacks
):
    pieces = [STATEMENT, INTERNAL, file_evidence()]
    update = step(
        duty, reporter, reviewer, evidence=pieces, search_note=en_zh("Mr Example.", "某先生。")
    )
    possible = [str(part) for part in workflow.erasable_parts(again(update))]
    link, internal, file = (item.pk for item in update.evidence.order_by("pk"))
    assert possible == [
        "summary",
        "search_note",
        f"evidence/{link}/title",
        f"evidence/{link}/publisher",
        f"evidence/{link}/url",
        f"evidence/{internal}/title",
        f"evidence/{internal}/publisher",
        f"evidence/{internal}/citation",
        f"evidence/{file}/title",
        f"evidence/{file}/file",
    ]
    with django_capture_on_commit_callbacks(execute=True):
        erase(update, *possible)
    assert workflow.erasable_parts(again(update)) == []
    row = Evidence.objects.values().get(pk=file)
    assert (row["title"], row["file"], row["file_name"]) == ({}, "", "")
    assert row["file_sha256"]
    assert row["file_size"]
    assert row["file_type"]
    assert not Publisher.objects.exists()
    assert verify() == []


@pytest.mark.long
def test_the_rest_stays_and_can_be_erased_later(duty, reporter, reviewer, erase):
    update = published(duty, reporter, reviewer, evidence=[STATEMENT])
    [item] = update.evidence.all()
    erase(update, f"evidence/{item.pk}/title")
    first = again(update)
    item = first.evidence.get()
    assert (first.summary["en"], item.url) == ("A meeting was held.", STATEMENT["url"])
    assert (item.title, item.is_erased) == ({}, True)
    assert item.search_index == search_index([item.url])
    with pytest.raises(ActionRefused):
        erase(update, f"evidence/{item.pk}/title")
    held = ledger.sha256_of(newest_content(first))
    assert erase(update, "summary").meta["former_sha256"] == held
    left = newest_content(again(update))
    assert left["erased"] == ["summary", f"evidence/{item.pk}/title"]
    assert verify() == []


@pytest.mark.long
def test_an_update_that_was_erased_from_can_be_corrected_and_withdrawn(
    duty, reporter, reviewer, erase
):
    update = published(duty, reporter, reviewer)
    erase(update, "summary", *(f"evidence/{item.pk}/title" for item in update.evidence.all()))
    published(duty, reporter, reviewer, LATER, corrects=again(update))
    perform(update, Action.RETRACT, reviewer, LATER, note="Wrong.")
    assert again(update).state == "retracted"
    assert verify() == []


def test_a_correction_from_which_a_source_was_erased_verifies(duty, reporter, reviewer, erase):
    """Whether it changes the event was computed with the source."""
    first = published(duty, reporter, reviewer, evidence=[STATEMENT])
    correction = published(duty, reporter, reviewer, evidence=[STATEMENT], corrects=again(first))
    erase(first, f"evidence/{first.evidence.get().pk}/url")
    assert not again(correction).changes_event
    assert verify() == []


def test_an_erased_source_counts_as_it_did(duty, reporter, reviewer, erase):
    pieces = [STATEMENT, {**STATEMENT, "url": "https://example.org/2"}]
    update = published(duty, reporter, reviewer, evidence=pieces)
    links = [f"evidence/{item.pk}/url" for item in update.evidence.all()]
    level = workflow.evidence_level(again(update))
    erase(update, *links)
    assert workflow.evidence_level(again(update)) == level
    sources = Evidence.objects.filter(update=OuterRef("pk")).source_count()
    assert ProgressUpdate.objects.annotate(n=sources).get().n == 2


@pytest.mark.long
def test_with_a_link_go_its_archived_copy_and_its_checks(record, erase):
    item = record.superseded.evidence.get(url=STATEMENT["url"])
    LinkCheck.objects.create(
        evidence=item, url=item.url, status="ok", first_at=LATER, last_at=LATER
    )
    archive = record.superseded.decisions.get(action=Action.ARCHIVE)
    assert archive.meta["archived_url"] == ARCHIVED
    decision = erase(record.superseded, f"evidence/{item.pk}/url")
    archive.refresh_from_db()
    assert (archive.meta, archive.erased_by, archive.note) == ({}, decision, "A copy.")
    assert (decision.meta["entries"], decision.meta["links"]) == ([archive.seq], [archive.seq])
    item.refresh_from_db()
    assert (item.url, item.archived_url) == ("", "")
    assert not LinkCheck.objects.exists()
    assert verify() == []


@pytest.mark.long
def test_a_file_goes_from_storage_only_once_the_erasure_is_committed(
    stored, record, erase, django_capture_on_commit_callbacks
):
    item = record.superseded.evidence.exclude(file="").get()
    part = f"evidence/{item.pk}/file"
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        erase(record.superseded, part)
        transaction.set_rollback(True)
    assert MINUTES in stored()
    with django_capture_on_commit_callbacks() as callbacks:
        erase(record.superseded, part)
        assert MINUTES in stored()
    # A crash here leaves a file that `orphaned_files` lists.
    assert not Evidence.objects.filter(file=item.file.name).exists()
    for callback in callbacks:
        callback()
    assert MINUTES not in stored()


def test_the_admin_s_own_log_forgets_it_too(duty, reporter, reviewer, erase):
    update = published(duty, reporter, reviewer)
    entry = log_of(reporter, update, CHANGE)
    LogEntry.objects.update(object_repr="Mr Example", change_message="Mr Example")
    erase(update, "summary")
    entry.refresh_from_db()
    assert (entry.object_repr, entry.change_message) == ("", "")


def test_a_failure_undoes_all_of_it(duty, reporter, reviewer, erase, monkeypatch):
    update = published(duty, reporter, reviewer)
    before = list(Decision.objects.values()), again(update).summary
    monkeypatch.setattr(erasing.Dropped, "drop", lambda self, erasure: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erase(update, "summary")
    assert (list(Decision.objects.values()), again(update).summary) == before
    assert ErasureRequest.objects.get().state == "open"


def test_nothing_is_erased_of_a_plan_in_preparation(plan, duty, reporter, curator, administrator):
    update = draft(duty, reporter)
    perform(update, Action.DISCARD, reporter)
    plan.visibility = "draft"
    plan.save()
    with pytest.raises(ActionRefused) as caught:
        asked_to_erase(again(update), ["summary"], administrator)
    assert "still in preparation" in caught.value.problems[0].message


# Parts


def test_a_part_is_written_as_a_path():
    for text, part in (("note", Part("note")), ("evidence/31/file", Part("file", 31))):
        assert (Part.from_text(text), str(part)) == (part, text)
    assert list(map(str, erasures.sorted_parts(["evidence/10/url", "evidence/9/url", "note"]))) == [
        "note",
        "evidence/9/url",
        "evidence/10/url",
    ]
