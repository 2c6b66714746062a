"""Rating an assessment over the API, and what everybody reads of it once it is published."""

import hashlib

import pytest

from commitments.choices import Action
from commitments.ledger.hashing import canonical_json
from tests.steps import perform
from tests.workflow.assessing import add_criteria
from tests.workflow.rating import ALL, assessed, event_on, rate, rate_blind

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]


@pytest.fixture
def event(plan, duty, reporter, reviewer):
    rate_blind(plan)
    add_criteria(duty)
    return event_on(duty, reporter, reviewer)


@pytest.fixture
def update(duty, reporter, event):
    return assessed(duty, reporter, event)


@pytest.fixture
def post(api, update):
    """`post(person, action, body)` performs an action on the assessment as it is."""

    def post(person, action, body=None, tag=None):
        update.refresh_from_db()
        headers = {"If-Match": tag or f'"{update.revision}"'}
        path = f"/api/v1/updates/{update.pk}/{action}/"
        return api(person).post(path, body or {}, format="json", headers=headers)

    return post


def answers(event, *results):
    """Return findings as they are sent."""
    return {
        key: {"result": result, "events": [] if result == "not_shown" else [event.pk]}
        for key, result in zip("abc", results, strict=True)
    }


def test_a_rating_is_answered_with_what_the_author_found(update, event, reviewer, post):
    answer = post(reviewer, "rate", {"findings": answers(event, *ALL)})
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["status"], shown["withheld"], shown["state"]) == (
        "partly_active",
        [],
        "submitted",
    )
    [rating] = shown["second_rating"]["ratings"]
    assert (rating["status"], rating["assessed_status"]) == ("active", "partly_active")
    assert shown["second_rating"]["outcome"] is None
    assert shown["allowed_actions"] == ["return", "publish"]


def test_what_is_missing_or_wrong_is_named(update, event, reviewer, post):
    def pointers(body):
        answer = post(reviewer, "rate", body)
        assert answer.status_code in (400, 409)
        return [error["pointer"] for error in answer.json()["errors"]]

    found = answers(event, *ALL)
    assert pointers({"findings": {"a": found["a"]}}) == ["#/findings/b", "#/findings/c"]
    assert pointers({"findings": found, "status": "inactive"}) == ["#/status"]
    assert pointers({"findings": found, "status": "green"}) == ["#/status"]
    assert pointers({"findings": found, "note": "So."}) == ["#/note"]
    everything = {"result": "shown", "events": [update.pk]}
    assert pointers({"findings": found | {"a": everything}}) == ["#/findings/a/events/0"]


@pytest.mark.long
def test_a_rating_needs_the_revision_and_is_made_once(event, reviewer, reporter, post, api, update):
    body = {"findings": answers(event, *ALL)}
    path = f"/api/v1/updates/{update.pk}/rate/"
    assert api(reviewer).post(path, body, format="json").status_code == 428
    assert post(reviewer, "rate", body, tag='"1"').status_code == 412
    assert post(reporter, "rate", body).status_code == 403
    assert post(reviewer, "rate", body).status_code == 200
    again = post(reviewer, "rate", body)
    assert again.status_code == 409
    assert [error["code"] for error in again.json()["errors"]] == ["duplicate"]


@pytest.mark.long
def test_a_difference_is_argued_over_the_api(event, reviewer, reporter, post):
    post(reviewer, "rate", {"findings": answers(event, *ALL)})
    assert post(reviewer, "publish").status_code == 409
    assert post(reviewer, "return", {"note": "See my rating."}).status_code == 200
    refused = post(reporter, "submit")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/note"]
    assert post(reporter, "submit", {"note": "One of three meetings."}).status_code == 200
    published = post(reviewer, "publish")
    assert published.json()["second_rating"]["outcome"] == "argued"


def test_everybody_can_check_a_published_rating_against_the_ledger(update, event, reviewer, api):
    rate(update, reviewer, event)
    assert api().get(f"/api/v1/updates/{update.pk}/").status_code == 404
    perform(update, Action.PUBLISH, reviewer)
    shown = api().get(f"/api/v1/updates/{update.pk}/").json()["second_rating"]
    assert shown["outcome"] == "agrees"
    [rating] = shown["ratings"]
    names = ("basis_sha256", "findings", "status", "assessed_findings", "assessed_status")
    content = {"v": 1, "update": update.pk, **{name: rating[name] for name in names}}
    digest = hashlib.sha256(bytes.fromhex(rating["salt"]) + canonical_json(content)).hexdigest()
    assert rating["commit"] == digest
    links = api().get("/api/v1/ledger/?page_size=200").json()["results"]
    entries = [link["entry"] for link in links if link["entry"]]
    [entry] = [row for row in entries if row["action"] == "publish" and row["update"] == update.pk]
    assert entry["meta"]["second_rating"] == {"outcome": "agrees", "ratings": [digest]}
    assert [row["action"] for row in entries if row["action"] == "rate"] == []


def test_nobody_is_named(update, event, reviewer, api):
    rate(update, reviewer, event)
    perform(update, Action.PUBLISH, reviewer)
    text = api().get(f"/api/v1/updates/{update.pk}/").content.decode()
    assert reviewer.username not in text.replace('"role":"reviewer"', "")


def test_a_withdrawn_assessment_does_not_show_its_ratings(update, event, reviewer, api):
    rate(update, reviewer, event)
    perform(update, Action.PUBLISH, reviewer)
    perform(update, Action.RETRACT, reviewer, note="The source was withdrawn.")
    assert api().get(f"/api/v1/updates/{update.pk}/").json()["second_rating"] is None
    assert api(reviewer).get(f"/api/v1/updates/{update.pk}/").json()["second_rating"]
