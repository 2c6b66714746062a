"""An edit that changes nothing leaves an update as it is, and nobody becomes an editor by it."""

import pytest

from commitments import workflow
from commitments.models import ProgressUpdate
from commitments.models.evidence import EVIDENCE_FIELDS
from commitments.workflow.evidence import EvidenceChanges
from tests.factories import ForumFactory, MilestoneFactory
from tests.steps import NOW, REPORT, TODAY, draft, published
from tests.words import en_zh
from tests.workflow.assessing import NOT_SHOWN, SHOWN, add_criteria, findings

pytestmark = pytest.mark.alike


@pytest.fixture
def whole(deliverable, reporter, reviewer, office, colleague):
    """A draft that has something in every field, and these fields; a colleague may edit it."""
    for person in (reporter, colleague):
        office.members.add(person)
    deliverable.lead_office = office
    deliverable.save()
    add_criteria(deliverable)
    MilestoneFactory(commitment=deliverable, key="m1")
    event, other = (published(deliverable, reporter, reviewer) for _number in range(2))
    fields = {
        "effective_on": TODAY,
        "date_precision": "day",
        "event_type": "contribution",
        "summary": en_zh("Done.", "已完成。"),
        "search_note": en_zh("Looked."),
        "status": "started",
        "external_ref": "a-1",
        "forums": [ForumFactory(), ForumFactory()],
        "criteria": ["a", "b"],
        "meets": ["m1"],
        "findings": findings(SHOWN, NOT_SHOWN, NOT_SHOWN, events=[event, other]),
        "rests_on": [other.pk],
        "corrects": None,
    }
    return draft(deliverable, reporter, evidence=[REPORT], **fields), fields


def edit(update, by, **fields):
    return workflow.edit_draft(update, by=by, at=NOW, **fields)


def test_an_edit_without_a_difference_changes_no_revision_and_makes_no_editor(whole, colleague):
    update, fields = whole
    before = ProgressUpdate.objects.values().get(pk=update.pk)
    for given in ({}, fields, *({name: value} for name, value in fields.items())):
        edit(update, colleague, **given)
        assert ProgressUpdate.objects.values().get(pk=update.pk) == before, given
    unordered = {"criteria": ["b", "a"], "forums": fields["forums"][::-1]}
    edit(update, colleague, evidence=EvidenceChanges(), **unordered)
    assert colleague not in update.editors.all()


CHANGES = [
    {"effective_on": TODAY.replace(day=1, month=1)},
    {"date_precision": "month"},
    {"event_type": "instrument"},
    {"summary": en_zh("Done.")},
    {"search_note": en_zh("Looked again.")},
    {"status": None},
    {"external_ref": "a-2"},
    {"forums": []},
    {"criteria": ["a"]},
    {"meets": []},
    {"findings": {}},
    {"rests_on": []},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_each_difference_counts(whole, colleague, change):
    update, fields = whole
    if "rests_on" in change:
        # The findings name the events too.
        update = edit(update, update.author, findings={})
    edited = edit(update, colleague, **fields | {"findings": {}} | change)
    assert edited.revision == update.revision + 1
    assert colleague in edited.editors.all()


def test_a_removed_source_is_a_difference(whole, colleague):
    update, _fields = whole
    [piece] = update.evidence.all()
    edited = edit(update, colleague, evidence=EvidenceChanges(remove=[piece.pk]))
    assert edited.revision == update.revision + 1
    assert not edited.evidence.exists()


def test_a_source_given_as_it_is_stored_is_no_difference(whole, colleague):
    update, _fields = whole
    [piece] = update.evidence.all()
    before = ProgressUpdate.objects.values().get(pk=update.pk)
    same = {name: getattr(piece, name) for name in EVIDENCE_FIELDS if name != "publisher"}
    for given in ({}, same, same | {"publisher": piece.publisher.name}):
        changes = EvidenceChanges(change={piece.pk: given})
        edit(update, colleague, evidence=changes)
        assert ProgressUpdate.objects.values().get(pk=update.pk) == before, given
    assert colleague not in update.editors.all()


@pytest.mark.parametrize(
    "change",
    [
        {"title": en_zh("Another report")},
        {"url": "https://example.org/another", "citation": ""},
        {"dated_on": TODAY.replace(day=1, month=2)},
        {"citation": "The institute, Report 8, 2026."},
        {"language": "zh-Hans"},
        {"kind": "news"},
        {"source": "statement"},
        {"public": False},
        {"publisher": en_zh("A new publisher")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_difference_of_a_source_counts(whole, colleague, change):
    update, _fields = whole
    [piece] = update.evidence.all()
    changes = EvidenceChanges(change={piece.pk: change})
    edited = edit(update, colleague, evidence=changes)
    assert edited.revision == update.revision + 1
    [stored] = edited.evidence.all()
    for name, value in change.items():
        given = stored.publisher.name if name == "publisher" else getattr(stored, name)
        assert given == value


def test_a_first_publisher_of_a_source_counts_though_nobody_has_named_it_before(whole, colleague):
    update, _fields = whole
    [piece] = update.evidence.all()
    update.evidence.update(publisher=None)
    changes = EvidenceChanges(change={piece.pk: {"publisher": en_zh("A new publisher")}})
    edited = edit(update, colleague, evidence=changes)
    assert edited.revision == update.revision + 1
    assert edited.evidence.get().publisher.name == en_zh("A new publisher")
