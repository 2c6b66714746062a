"""What the public must not be told: names, private notes, and what was not or is no longer
published."""

from copy import deepcopy

import pytest
from django.urls import reverse

from commitments.choices import Action
from commitments.models import Evidence, ProgressUpdate
from tests import steps
from tests.fixtures import worlds
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon"), pytest.mark.django_db]


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with worlds.shared_world(django_db_blocker):
        yield build()


@pytest.fixture
def secrets(db, built):
    """The retracted update."""
    return deepcopy(built)


def build():
    """Create a published, a superseded and a retracted update by people with unmistakable names;
    return the last one."""
    reporter, reviewer, _curator = worlds.people()
    plan, forum = worlds.the_plan(), worlds.the_forum()
    duty, deliverable = worlds.the_duty(plan), worlds.the_deliverable(plan)
    for person, name in ((reporter, "q1author"), (reviewer, "q1publisher")):
        person.username, person.email = name, f"{name}@example.org"
        person.first_name = person.last_name = name
        person.save()
    evidence = (steps.REPORT, steps.INTERNAL | {"title": "q2internal", "citation": "q2minutes"})
    first = steps.submitted(duty, reporter, evidence=evidence, status="active")
    steps.perform(first, Action.RETURN, reviewer, note="q3returned")
    steps.perform(first, Action.SUBMIT, reporter, note="q3submitted")
    first = steps.perform(first, Action.PUBLISH, reviewer, note="q3published")
    steps.published(duty, reporter, reviewer, evidence=evidence, status="active", corrects=first)
    steps.draft(duty, reporter, summary=en_zh("q4draft", ""))
    steps.submitted(duty, reporter, summary=en_zh("q4submitted", ""))
    steps.returned(duty, reporter, reviewer, summary=en_zh("q4returned", ""))
    source = {"title": "q5title", "publisher": "q5publisher", "citation": "q5citation"}
    gone = steps.published(
        deliverable,
        reporter,
        reviewer,
        status="substantial",
        forums=[forum],
        external_ref="q5reference",
        summary=en_zh("q5summary", "q5总结"),
        search_note=en_zh("q5note", ""),
        evidence=(steps.REPORT | source, steps.RESOLUTION | {"url": "https://q5.example.org/"}),
    )
    return steps.perform(gone, Action.RETRACT, reviewer, note="The source was withdrawn.")


PUBLIC = ["index", "status", "codes", "ledger-head", "plan-list", "goal-list", "area-list"]
PUBLIC += ["forum-list", "office-list", "commitment-list", "update-list", "milestone-list"]


@pytest.mark.parametrize("who", ["anonymous", pytest.param("visitor", marks=pytest.mark.long)])
def test_no_public_answer_holds_a_name_a_private_note_or_what_was_not_or_no_longer_published(
    api, secrets, who, visitor
):
    """Every public address, under the clocks too; with the detail of whatever a list shows."""
    client = api(visitor if who == "visitor" else None)
    clocks = ["", "?as_of=2026-07-01", "?known_at=2026-07-01T04:00:00Z"]
    addresses = [reverse(f"api:{name}") for name in PUBLIC]
    addresses += [
        reverse(f"api:{name}-list") + c for name in ("commitment", "update") for c in clocks
    ]
    addresses += [reverse("api:status") + "?group_by=forum&known_at=2026-07-01T04:00:00Z"]
    for commitment in ("PLAN-1.1", "PLAN-1.2"):
        addresses += [f"/api/v1/commitments/{commitment}/{clock}" for clock in clocks]
    for sort, model in (("updates", ProgressUpdate), ("evidence", Evidence)):
        addresses += [f"/api/v1/{sort}/{row.pk}/" for row in model.objects.all()]
    answers = [client.get(address) for address in addresses]
    said = b"\n".join(answer.content for answer in answers).decode()
    assert sum(answer.status_code == 200 for answer in answers) > 25
    assert "A meeting was held." in said
    assert "The source was withdrawn." in said
    assert [word for word in ("q1", "q2", "q3", "q4", "q5") if word in said] == []


def test_staff_read_what_the_public_does_not(api, secrets, reviewer, curator):
    said = b"\n".join(
        api(curator).get(f"/api/v1/updates/{query}").content for query in ("", f"{secrets.pk}/")
    ).decode()
    for word in ("q2internal", "q3returned", "q3published", "q4draft", "q5summary", "q5citation"):
        assert word in said


def test_a_tombstone_keeps_dates_status_reason_and_digest(get, secrets):
    answer = get(f"updates/{secrets.pk}/")
    assert len(bytes.fromhex(answer.pop("content_sha256"))) == 32
    assert [(row["action"], row["note"]) for row in answer.pop("decisions")] == [
        ("publish", None),
        ("retract", "The source was withdrawn."),
    ]
    kept = {
        "id": secrets.pk,
        "url": f"http://testserver/api/v1/updates/{secrets.pk}/",
        "html_url": f"http://testserver/en/PLAN/commitments/1.2/#update-{secrets.pk}",
        "commitment": "PLAN-1.2",
        "effective_on": "2026-07-01",
        "date_precision": "day",
        "status": "substantial",
        "state": "retracted",
        "published_at": "2026-07-01T04:00:00.000000Z",
        "retracted_at": "2026-07-01T04:00:00.000000Z",
        "revision": 4,
        "methodology": 2,
    }
    assert {name: answer.pop(name) for name in kept} == kept
    # Every other field, whatever an update is given one day, is there and empty.
    assert {"summary", "evidence", "forums", "external_ref"} < answer.keys()
    assert [value for value in answer.values() if value not in (None, "", [], {})] == []
    assert get("commitments/PLAN-1.2/")["status"]["code"] == "unassessed"


@pytest.mark.parametrize(
    "query",
    [
        "q=q5summary",
        "q=q5note",
        "forum=FORUM",
    ],
)
def test_a_tombstone_is_not_found_by_what_it_hides(get, secrets, curator, query):
    assert [row["id"] for row in get(f"updates/?{query}", curator)["results"]] == [secrets.pk]
    assert get(f"updates/?{query}")["results"] == []


@pytest.mark.long
def test_internal_evidence_does_not_raise_the_level(get, duty, reporter, reviewer):
    update = steps.published(duty, reporter, reviewer, evidence=(steps.STATEMENT, steps.INTERNAL))
    assert get(f"updates/{update.pk}/")["evidence_level"] == 1
    assert len(get(f"updates/{update.pk}/")["evidence"]) == 1
    assert len(get(f"updates/{update.pk}/", reviewer)["evidence"]) == 2
