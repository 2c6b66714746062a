"""The public view is a list of fields that may be shown; nothing else is."""

from dataclasses import fields
from datetime import date

import pytest

from commitments.api.serializers.evidence import (
    EvidenceSerializer,
    LinkSerializer,
    StoredFileSerializer,
)
from commitments.api.serializers.updates import UpdateSerializer
from commitments.exports.columns import columns_in
from commitments.exports.updates import UPDATE_COLUMNS, UpdateRow
from commitments.models import Evidence, ProgressUpdate
from commitments.pages.updates import page_update
from commitments.workflow import UPDATE_FIELDS, FindingFields, PublicView, public_view
from tests.factories import CriterionFactory, MilestoneFactory
from tests.steps import INTERNAL, REPORT, draft, published, retracted
from tests.words import en_zh

pytestmark = pytest.mark.alike

# Columns of an update for the workflow only.
INTERNAL_COLUMNS = {
    "search_index",
    "author",
    "publisher",
    "editors",
    "created_at",
    "changed_at",
    "internal_salt",
    "chain",
    "changes_event",
    "request_key",
}
# Columns of evidence for searching only.
INTERNAL_EVIDENCE_COLUMNS = {"search_index"}
# What an author sets is content and withheld from tombstones, except for this.
ON_TOMBSTONES = {"effective_on", "date_precision", "status", "covers_from", "corrects"}
AUTHORED_CONTENT = set(UPDATE_FIELDS) - ON_TOMBSTONES
CONTENT = AUTHORED_CONTENT | {"evidence", "evidence_level"}
VIEW_FIELDS = {field.name for field in fields(PublicView)} | {
    name for name in vars(PublicView) if not name.startswith("_")
}


@pytest.fixture
def complete(duty, reporter, reviewer, forum):
    """`complete(step)` returns an update by this step with a value in each field of its content."""
    CriterionFactory(commitment=duty, key="a")
    MilestoneFactory(commitment=duty, key="m1")
    event = published(duty, reporter, reviewer)
    content = {
        **dict.fromkeys(AUTHORED_CONTENT, "Words."),
        "event_type": "participation",
        "status": "partly_active",
        "covers_from": date(2026, 1, 1),
        "criteria": ["a"],
        "meets": ["m1"],
        "findings": {"a": FindingFields("in_part")},
        "rests_on": [event.pk],
        "summary": en_zh("A meeting was held.", "会议召开。"),
        "search_note": en_zh("Searched.", "已检索。"),
        "forums": [forum],
        "evidence": [REPORT, INTERNAL],
    }

    def complete(step):
        return step(duty, reporter, reviewer, **content)

    return complete


def test_every_column_is_either_in_the_view_or_listed_as_internal():
    columns = {field.name for field in ProgressUpdate._meta.get_fields() if not field.auto_created}
    assert columns - INTERNAL_COLUMNS <= VIEW_FIELDS
    assert not INTERNAL_COLUMNS & VIEW_FIELDS


def test_every_column_of_evidence_is_in_the_api_or_listed_as_internal():
    columns = {field.name for field in Evidence._meta.get_fields() if not field.auto_created}
    of_files = {f"file_{name}" for name in StoredFileSerializer().fields} | {"file_type"}
    shown = {*EvidenceSerializer().fields, *of_files, *LinkSerializer().fields}
    assert columns - INTERNAL_EVIDENCE_COLUMNS <= shown
    assert not INTERNAL_EVIDENCE_COLUMNS & shown


def test_the_interfaces_read_the_view_only(duty, reporter, anonymous):
    """Rows of exports and the serializer get the view instead of the update."""
    update = public_view(draft(duty, reporter), anonymous)
    row = UpdateRow(update, "https://example.org/")
    columns = columns_in(UPDATE_COLUMNS, ["en", "zh"])
    assert {column.name for column in columns if column.value(row) is not None}
    addresses = {"url", "html_url"}
    assert set(UpdateSerializer().fields) <= VIEW_FIELDS | addresses | {"commitment"}
    assert isinstance(page_update(draft(duty, reporter)), PublicView)


def test_every_field_of_an_update_is_in_the_exported_files():
    names = {column.name for column in UPDATE_COLUMNS}
    assert set(UPDATE_FIELDS) <= names


def test_an_internal_column_is_not_in_the_view(duty, reporter, reviewer, api):
    update = published(duty, reporter, reviewer)
    view = public_view(update, reporter)
    assert not hasattr(view, "internal_salt")
    assert update.internal_salt not in api(reporter).get(f"/api/v1/updates/{update.pk}/").text


def test_a_tombstone_holds_no_content_for_the_public(complete, anonymous, visitor):
    update = complete(retracted)
    for user in (anonymous, visitor):
        view = public_view(update, user)
        assert not any(getattr(view, name) for name in CONTENT)
        assert view.retraction.note == "The source was withdrawn."
        assert view.content_sha256


def test_staff_still_see_the_content_of_a_tombstone(complete, reviewer):
    view = public_view(complete(retracted), reviewer)
    assert all(getattr(view, name) for name in CONTENT)
    assert len(view.evidence) == 2


def test_the_public_sees_the_content_of_what_is_published_without_internal_evidence(
    complete, anonymous
):
    view = public_view(complete(published), anonymous)
    assert all(getattr(view, name) for name in CONTENT)
    assert [str(item.title) for item in view.evidence] == [REPORT["title"]]
