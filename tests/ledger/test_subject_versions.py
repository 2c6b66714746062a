"""Versions of the contents of what curators maintain: the newest has every field of them."""

import pytest

from commitments.choices import SubjectType
from commitments.ledger import current_subject_version
from commitments.ledger.subject_versions import SUBJECT_VERSIONS, in_version
from commitments.ledger.subjects import KINDS
from commitments.models import Criterion, Milestone, Partnership
from tests.subjects import full_documents

pytestmark = pytest.mark.alike

CURRENT = current_subject_version()
FIELDS = SUBJECT_VERSIONS[CURRENT]
# The lists of a commitment and the models of their items.
ITEMS = {"forums": Partnership, "criteria": Criterion, "milestones": Milestone}
# Columns that are no field. The head of each content names the plan or the publisher's key; the
# content of the plan has the order of its commitments. Who belongs to an office is not public. The
# rest of a commitment follows from its updates and its text. Decisions on it say when its criteria
# and milestones came and went, and the order of its lists is theirs.
NOT_FIELDS = {
    SubjectType.PLAN: {"revision"},
    SubjectType.GOAL: {"plan"},
    SubjectType.AREA: {"plan"},
    SubjectType.COMMITMENT: {
        "plan",
        "position",
        "search_index",
        "status",
        "status_update",
        "status_effective_on",
        "status_level",
        "status_action_on",
        "last_action",
        "last_action_on",
        "last_deed_on",
        "published_updates",
        "text_sha256",
    },
    SubjectType.FORUM: {"search_index"},
    SubjectType.OFFICE: {"members", "search_index"},
    SubjectType.PUBLISHER: {"key", "search_index"},
    "forums": {"commitment", "forum"},
    "criteria": {"commitment", "position", "added_at", "retired_at", "search_index"},
    "milestones": {"commitment", "retired_at", "search_index"},
}
# Fields that are no column of the row itself.
NOT_COLUMNS = {
    SubjectType.PLAN: {"commitments"},
    SubjectType.COMMITMENT: {"criteria", "milestones"},
    "forums": {"code"},
}


def columns(model):
    """Return the columns of a model, and its relations to many."""
    columns = (*model._meta.fields, *model._meta.many_to_many)
    return {column.name for column in columns if not column.primary_key}


def fields_of_items(document):
    """Return the fields of the items of lists, as a version names them."""
    return {
        f"{name}.{field}"
        for name, items in document.items()
        if isinstance(items, list)
        for item in items
        if isinstance(item, dict)
        for field in item
    }


def test_the_newest_version_has_every_field_that_the_documents_have(duty, monkeypatch):
    written = {
        kind: {*document, *fields_of_items(document)}
        for kind, document in full_documents(duty, monkeypatch).items()
    }
    written[SubjectType.PUBLISHER].remove("key")
    assert written == {kind: {*fields} for kind, fields in FIELDS.items()}


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_column_is_a_field_of_the_newest_version_or_listed_as_none(kind):
    fields = {name for name in FIELDS[kind] if "." not in name}
    is_field = columns(KINDS[kind].model) ^ NOT_FIELDS[kind]
    assert is_field == fields ^ NOT_COLUMNS.get(kind, set())


@pytest.mark.parametrize("name", ITEMS)
def test_each_column_of_an_item_is_a_field_of_the_newest_version_or_listed_as_none(name):
    paths = [path.split(".") for path in FIELDS[SubjectType.COMMITMENT] if "." in path]
    fields = {field for of, field in paths if of == name}
    assert columns(ITEMS[name]) ^ NOT_FIELDS[name] == fields ^ NOT_COLUMNS.get(name, set())


def test_a_version_has_all_fields_of_the_one_before():
    for version in range(2, CURRENT + 1):
        for kind, fields in SUBJECT_VERSIONS[version - 1].items():
            assert {*fields} <= {*SUBJECT_VERSIONS[version][kind]}


def test_a_version_leaves_out_fields_that_were_added_later():
    item = {"key": "a", "text": {"en": "It is done."}}
    older = {"v": CURRENT, "type": "commitment", "key": "ISCC-1.1", "plan": "ISCC"}
    older |= {"supporting_goals": [2], "criteria": [item]}
    newer = older | {"v": CURRENT + 1, "leader": "UN", "criteria": [item | {"weight": 1}]}
    assert in_version(newer, CURRENT) == older
    with pytest.raises(KeyError):
        in_version(newer, CURRENT + 1)
