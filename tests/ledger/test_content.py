"""Versions of the canonical content: each digest is checked by the version it was made with."""

from dataclasses import replace

import pytest
from rest_framework.test import APIClient

from commitments import ledger
from commitments.choices import METHODOLOGY, Action
from commitments.ledger.content import CONTENT_VERSIONS
from commitments.models import Decision, ProgressUpdate
from commitments.verification.reading import SharedRows
from commitments.verification.updates import update_differences
from commitments.workflow import EVIDENCE_FIELDS, UPDATE_FIELDS
from tests.steps import perform, published, submitted

OLD = ledger.current_version()
NEW = OLD + 1


@pytest.fixture
def another_version(monkeypatch):
    """Add a version that also contains the names of files."""
    fields = (*CONTENT_VERSIONS[OLD].evidence_fields, "file_name")
    another = replace(CONTENT_VERSIONS[OLD], methodology=METHODOLOGY + 1, evidence_fields=fields)
    monkeypatch.setitem(CONTENT_VERSIONS, NEW, another)


def versions(update):
    rows = Decision.objects.filter(update=update).order_by("seq")
    return list(rows.values_list("action", "content_version"))


def test_the_current_version_holds_every_field_that_an_author_sets():
    fields = CONTENT_VERSIONS[ledger.current_version()]
    assert set(fields.update_fields) == set(UPDATE_FIELDS)
    assert set(fields.evidence_fields) == set(EVIDENCE_FIELDS)


def test_decisions_before_a_new_version_are_checked_by_the_old_one(
    duty, reporter, reviewer, request
):
    old = published(duty, reporter, reviewer)
    request.getfixturevalue("another_version")
    new = published(duty, reporter, reviewer)
    assert versions(old) == [("submit", OLD), ("publish", OLD)]
    assert versions(new) == [("submit", NEW), ("publish", NEW)]
    assert list(update_differences(SharedRows.read())) == []
    new.evidence.update(file_name="other.pdf")
    [difference] = update_differences(SharedRows.read())
    assert difference.place == f"update {new.pk}.content"


def test_frozen_content_keeps_its_version_and_its_digest(duty, reporter, reviewer, request):
    update = published(duty, reporter, reviewer)
    waiting = submitted(duty, reporter)
    request.getfixturevalue("another_version")
    published(duty, reporter, reviewer, corrects=update)
    perform(waiting, Action.PUBLISH, reviewer)
    assert {version for _action, version in versions(update)} == {OLD}
    assert {version for _action, version in versions(waiting)} == {OLD}
    digests = Decision.objects.filter(update=update).values_list("content_sha256", flat=True)
    assert len(set(digests)) == 1
    assert list(update_differences(SharedRows.read())) == []


def test_a_returned_update_is_submitted_again_with_the_current_version(
    duty, reporter, reviewer, request
):
    update = submitted(duty, reporter)
    request.getfixturevalue("another_version")
    perform(update, Action.RETURN, reviewer, note="Which one?")
    perform(update, Action.SUBMIT, reporter)
    assert versions(update) == [("submit", OLD), ("return", OLD), ("submit", NEW)]


def test_the_content_is_served_in_the_version_of_its_digest(duty, reporter, reviewer, request):
    old = published(duty, reporter, reviewer)
    request.getfixturevalue("another_version")
    new = published(duty, reporter, reviewer)
    for update, version in ((old, OLD), (new, NEW)):
        # The document describes the present version alone.
        answer = APIClient().get(f"/api/v1/updates/{update.pk}/content/")
        content = ledger.canonical_content(ProgressUpdate.objects.get(pk=update.pk), version)
        assert answer.json() == content
        assert ledger.published_digest(
            ProgressUpdate.objects.get(pk=update.pk)
        ) == ledger.sha256_of(content)


@pytest.mark.long
def test_an_assessment_keeps_the_methodology_by_which_it_was_made(
    duty, reporter, reviewer, request
):
    event = published(duty, reporter, reviewer)
    old = published(duty, reporter, reviewer, status="active")
    request.getfixturevalue("another_version")
    new = published(duty, reporter, reviewer, status="active")
    for update, methodology in ((event, None), (old, METHODOLOGY), (new, METHODOLOGY + 1)):
        for path in ("", "content/"):
            answer = APIClient().get(f"/api/v1/updates/{update.pk}/{path}").json()
            assert answer["methodology"] == methodology
    status = APIClient().get("/api/v1/commitments/PLAN-1.1/").json()["status"]
    assert status["methodology"] == METHODOLOGY
