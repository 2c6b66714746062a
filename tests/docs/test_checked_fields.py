"""`docs/check_ledger.py` compares each field that curators maintain with its recorded value."""

import pytest

from commitments.choices import SubjectType
from commitments.ledger import content_of, documents
from tests.docs.programs import program
from tests.factories import (
    AreaFactory,
    ForumFactory,
    GoalFactory,
    MilestoneFactory,
    OfficeFactory,
)

pytestmark = pytest.mark.alike

script = program("check_ledger")
# What says which subject a content is about, and in which form it is.
HEAD = {"v", "type", "key", "plan", "code"}
# `compare_order` compares this with the list of commitments.
OF_LISTS = {"plan": {"commitments"}}
# They are in no list; their names are in the contents of updates.
UNLISTED = {SubjectType.PUBLISHER.value}


@pytest.fixture
def contents(duty, monkeypatch):
    """The content of a subject of each type, with the fields that have no value too."""
    monkeypatch.setattr(documents, "without_empty", dict)
    MilestoneFactory(commitment=duty)
    rows = (
        duty.plan,
        duty,
        GoalFactory(plan=duty.plan),
        AreaFactory(plan=duty.plan),
        ForumFactory(),
        OfficeFactory(),
    )
    return {content["type"]: content for content in map(content_of, rows)}


def test_each_field_of_a_content_is_compared(contents):
    listed = script.LISTED_FIELDS
    assert listed.keys() == set(SubjectType.values()) - UNLISTED
    assert {kind: set(content) - HEAD for kind, content in contents.items()} == {
        kind: {*names.split(), *OF_LISTS.get(kind, ())} for kind, names in listed.items()
    }


def test_each_field_of_a_milestone_is_compared(contents):
    [milestone] = contents["commitment"]["milestones"]
    assert set(milestone) == set(script.MILESTONE)
