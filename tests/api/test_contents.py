"""`contents/`: what the ledger recorded of plans, goals, areas, commitments, forums, offices and
publishers; and the histories made of it."""

import hashlib
import json
from urllib.parse import quote

import pytest

from commitments.curation.recording import ChangeReason, record_deletion, record_edits
from commitments.models import Decision, Forum, Publisher, RecordedContent
from commitments.texts.text import Text
from tests.record import LATER, rename_forum
from tests.steps import STATEMENT, published
from tests.words import en_zh

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("built_record"),
]


@pytest.fixture
def get(api):
    return lambda path, **query: api().get(f"/api/v1/{path}", query)


def rows(get, **query):
    return get("contents/", **query).json()["results"]


@pytest.mark.long
def test_every_content_is_listed_in_the_ledgers_order_with_its_digest(record, get):
    found, path = [], "contents/?page_size=20"
    while path:
        page = get(path).json()
        found += page["results"]
        path = page["next"] and page["next"].partition("/api/v1/")[2]
    assert len(found) == RecordedContent.objects.count()
    assert [row["seq"] for row in found] == sorted(row["seq"] for row in found)
    for row in found:
        text = json.dumps(row["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(text.encode()).hexdigest() == row["content_sha256"]


def test_contents_are_chosen_by_type_key_and_link(record, get):
    assert {row["type"] for row in rows(get, type="area")} == {"area"}
    former, latest = rows(get, type="forum", key="WIC")
    assert (former["seq"], latest["content"]["name"]["en"]) == (1, "World Internet Conference")
    assert rows(get, seq=latest["seq"]) == [latest]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("type=person", "type"), ("seq=0", "seq"), ("seq=x", "seq"), ("plan=ISCC", "plan")],
)
def test_what_is_not_understood_is_refused(get, db, query, parameter):
    answer = get(f"contents/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_the_content_of_a_subject_is_the_bytes_of_its_last_digest(record, get, curator):
    publisher = Publisher.objects.get(key="The ministry")
    record_edits([publisher], ChangeReason(curator, LATER, "Its name."))
    for kind, key in (
        ("plan", "ISCC"),
        ("goal", "ISCC-2"),
        ("area", "ISCC-3"),
        ("commitment", "ISCC-9.1"),
        ("forum", "WIC"),
        ("publisher", "The ministry"),
    ):
        answer = get(f"contents/{kind}/{key}/")
        assert answer["Content-Type"] == "application/json"
        last = RecordedContent.objects.of(kind, key).last()
        assert hashlib.sha256(answer.content).hexdigest() == last.sha256, kind


def test_a_key_may_have_slashes_and_any_script(record, get, curator, reporter, reviewer):
    name = "新华社 / Xinhua? #1"
    source = STATEMENT | {"publisher": Text({"en": name}), "url": "https://example.org/2"}
    published(record.duty, reporter, reviewer, LATER, evidence=[source])
    record_edits([Publisher.objects.get(key=name)], ChangeReason(curator, LATER, "Its name."))
    answer = get(f"contents/publisher/{quote(name, safe='/')}/")
    assert answer.json()["key"] == name


@pytest.mark.parametrize("path", ["forum/NONE/", "person/WIC/", "forum/"])
def test_what_was_never_recorded_is_not_found(record, get, path):
    assert get(f"contents/{path}").status_code == 404


def test_a_deleted_forum_has_a_history_and_no_content(record, get, curator):
    forum = Forum.objects.create(code="TYPO", name=en_zh("Tipo"), kind="dialogue")
    record_edits([forum], ChangeReason(curator, LATER, "It was missing."))
    record_deletion(forum, ChangeReason(curator, LATER, "A typing error."))
    forum.delete()
    assert get("contents/forum/TYPO/").status_code == 404
    assert rows(get, key="TYPO")[-1] == {
        "seq": Decision.objects.count(),
        "type": "forum",
        "key": "TYPO",
        "content_sha256": None,
        "content": None,
    }
    deleted, added = get("forums/TYPO/history/").json()["results"]
    assert (deleted["deleted"], deleted["reason"], deleted["changes"]) == (
        True,
        "A typing error.",
        [],
    )
    assert (added["deleted"], added["reason"], added["changes"]) == (False, "It was missing.", [])


def test_plans_forums_and_offices_have_histories(record, get, curator):
    plan = record.duty.plan
    plan.review_interval_days = 180
    plan.save()
    record_edits([plan], ChangeReason(curator, LATER, "Twice a year."))
    rename_forum("WIC", "Wuzhen Conference", curator)
    latest = get("plans/ISCC/history/").json()["results"][0]
    assert (latest["action"], latest["reason"]) == ("edit", "Twice a year.")
    assert latest["changes"] == [
        {"field": "review_interval_days", "from": 365, "to": 180, "comparison": None}
    ]
    renamed, before, load = get("forums/WIC/history/").json()["results"]
    assert [row["decision"] for row in (renamed, before, load)][-1] == 1
    assert renamed["changes"][0]["to"]["en"] == "Wuzhen Conference"
    assert get("offices/NONE/history/").status_code == 404
