"""`docs/check_ledger.py` compares each field that curators maintain with its recorded value."""

import pytest

from commitments.choices import SubjectType
from tests.docs.programs import program
from tests.subjects import full_documents

pytestmark = pytest.mark.alike

script = program("check_ledger")
# It says which subject a content is about.
KEY = {"code"}
# `compare_order` compares this with the list of commitments.
OF_LISTS = {"plan": {"commitments"}}
# They are in no list; their names are in the contents of updates.
UNLISTED = {SubjectType.PUBLISHER.value}


@pytest.fixture
def contents(duty, monkeypatch):
    """What is recorded of a subject of each type, with the fields that have no value too."""
    return full_documents(duty, monkeypatch)


def test_each_field_of_a_content_is_compared(contents):
    assert script.LISTED_FIELDS.keys() == set(SubjectType.values()) - UNLISTED
    assert {kind: set(contents[kind]) - KEY for kind in script.LISTED_FIELDS} == {
        kind: {*names.split(), *OF_LISTS.get(kind, ())}
        for kind, names in script.LISTED_FIELDS.items()
    }


@pytest.mark.parametrize("name", script.ITEMS)
def test_each_field_of_the_items_of_a_list_is_compared(contents, name):
    [item] = contents["commitment"][name]
    assert set(item) == set(script.ITEMS[name])


def test_fields_of_later_versions_of_contents_are_left_alone():
    """Those who keep a copy of the program need no other when contents get a field."""
    listed = [{"key": "m1", "title": {"en": "A step"}, "due_on": "2030-01-01", "met_by": None}]
    recorded = [{"key": "m1", "title": {"en": "A step"}, "due_on": "2030-01-01", "place": "A hall"}]
    shown, known = (script.known_part("milestones", items) for items in (listed, recorded))
    assert script.comparable(shown) == script.comparable(known)
    moved = [{**recorded[0], "due_on": "2031-01-01"}]
    assert script.comparable(shown) != script.comparable(script.known_part("milestones", moved))
