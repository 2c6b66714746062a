"""The story of an update over HTTP, as a client lives it: sign in, write, submit, review."""

import pytest

from commitments import workflow
from commitments.choices import Kind
from commitments.models import ProgressUpdate
from tests import steps
from tests.api.signing_in import signed_in
from tests.factories import CommitmentFactory, PlanFactory

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]

__all__ = ["signed_in"]  # a fixture

UPDATES = "/api/v1/updates/"


class Update:
    """One update, as one client sees it."""

    def __init__(self, client, location):
        self.client, self.location = client, location

    def read(self):
        return self.client.get(self.location).json()

    def tag(self):
        return {"If-Match": self.client.get(self.location).headers.get("ETag", '"0"')}

    def action(self, action, note=""):
        body = {"note": note} if note else {}
        return self.client.post(
            f"{self.location}{action}/", body, format="json", headers=self.tag()
        )

    def change(self, **fields):
        return self.client.patch(self.location, fields, format="json", headers=self.tag())


def write(client, **fields):
    body = {
        "commitment": "PLAN-1.1",
        "effective_on": "2026-06-30",
        "event_type": "participation",
        "summary": {"en": "A meeting was held.", "zh": "会议召开。"},
        "evidence": [steps.REPORT],
    } | fields
    if fields.get("status") and body["commitment"] == "PLAN-1.1":
        body = {"covers_from": "2025-07-01"} | body
    if fields.get("status") and not body["evidence"]:
        body["event_type"] = None
    return client.post(UPDATES, body, format="json")


def pointers(answer):
    return [error["pointer"] for error in answer.json()["errors"]]


# The whole way


@pytest.mark.long
def test_a_reporter_writes_and_submits_and_a_reviewer_publishes(
    signed_in, api, duty, reporter, reviewer
):
    made = write(signed_in(reporter), status="active", evidence=[steps.RESOLUTION, steps.INTERNAL])
    assert made.status_code == 201
    assert made.json()["state"] == "draft"
    assert made.json()["evidence_level"] == 2
    location = made.headers["Location"]
    assert location == f"http://testserver/api/v1/updates/{made.json()['id']}/"
    public = "/api/v1/commitments/PLAN-1.1/"
    assert api().get(location).status_code == 404

    mine, theirs = (Update(signed_in(person), location) for person in (reporter, reviewer))
    sent = mine.action("submit")
    assert (sent.status_code, sent.json()["state"]) == (200, "submitted")
    assert sent.json()["allowed_actions"] == ["recall"]
    assert api().get(public).json()["status"]["code"] == "unassessed"

    assert mine.action("publish").status_code == 403
    assert mine.read()["state"] == "submitted"

    done = theirs.action("publish", note="Well sourced.")
    assert (done.status_code, done.json()["state"]) == (200, "published")
    status = api().get(public).json()["status"]
    shown = {name: status[name] for name in ("code", "effective_on", "update", "evidence_level")}
    assert shown == {
        "code": "active",
        "effective_on": "2026-06-30",
        "update": made.json()["id"],
        "evidence_level": 2,
    }
    assert len(api().get(location).json()["evidence"]) == 1

    refused = mine.change(summary={"en": "Something else."})
    assert refused.status_code == 409
    assert "Published" in refused.json()["detail"]
    assert mine.read()["summary"]["en"] == "A meeting was held."


@pytest.mark.long
def test_what_is_returned_with_a_reason_is_improved_and_submitted_again(
    api, duty, reporter, reviewer
):
    location = write(api(reporter)).headers["Location"]
    mine, theirs = Update(api(reporter), location), Update(api(reviewer), location)
    mine.action("submit")
    bare = theirs.action("return")
    assert (bare.status_code, pointers(bare)) == (400, ["#/note"])
    assert theirs.action("return", note="Name the meeting.").json()["state"] == "returned"
    assert mine.read()["decisions"][-1]["note"] == "Name the meeting."
    assert mine.change(summary={"en": "The third meeting was held."}).status_code == 200
    mine.action("submit")
    assert theirs.action("publish").status_code == 200
    assert api().get(location).json()["summary"]["en"] == "The third meeting was held."


@pytest.mark.long
def test_a_submitted_update_can_be_recalled_and_a_draft_discarded(api, duty, reporter):
    update = Update(api(reporter), write(api(reporter)).headers["Location"])
    states = [update.action(action).json()["state"] for action in ("submit", "recall", "discard")]
    assert states == ["submitted", "draft", "discarded"]
    assert update.read()["allowed_actions"] == []


@pytest.mark.long
def test_a_retraction_needs_a_public_reason_and_takes_the_status_back(
    api, duty, reporter, reviewer
):
    update = steps.published(duty, reporter, reviewer, status="active")
    theirs = Update(api(reviewer), f"{UPDATES}{update.pk}/")
    bare = theirs.action("retract")
    assert (bare.status_code, pointers(bare)) == (400, ["#/note"])
    assert theirs.action("retract", note="The source was withdrawn.").status_code == 200
    shown = api().get(f"{UPDATES}{update.pk}/").json()
    assert shown["decisions"][-1]["note"] == "The source was withdrawn."
    assert api().get("/api/v1/commitments/PLAN-1.1/").json()["status"]["code"] == "unassessed"


# Writing


@pytest.mark.long
def test_changing_one_language_keeps_the_other(api, duty, reporter):
    update = Update(api(reporter), write(api(reporter)).headers["Location"])
    assert update.change(summary={"zh": "第三次会议召开。"}).status_code == 200
    assert update.read()["summary"] == {"en": "A meeting was held.", "zh": "第三次会议召开。"}
    assert update.change(summary={"en": ""}).status_code == 200
    assert update.read()["summary"] == {"zh": "第三次会议召开。"}


def test_one_language_is_enough(api, duty, reporter, reviewer):
    location = write(api(reporter), summary={"zh": "会议召开。"}).headers["Location"]
    Update(api(reporter), location).action("submit")
    Update(api(reviewer), location).action("publish")
    assert api().get(location).json()["summary"] == {"zh": "会议召开。"}


def test_a_change_leaves_what_it_does_not_name_as_it_was(api, duty, forum, reporter):
    fields = {"forums": ["FORUM"], "external_ref": "A-1", "evidence": [steps.REPORT]}
    update = Update(api(reporter), write(api(reporter), **fields).headers["Location"])
    before = update.read()
    update.change(search_note={"en": "Looked for minutes."})
    changed = {"search_note": {"en": "Looked for minutes."}, "revision": 2}
    assert update.read() == before | changed


@pytest.mark.parametrize(
    ("given", "precision", "stored"),
    [
        ("2026-05-12", "day", "2026-05-12"),
        ("2026-05-12", "month", "2026-05-31"),
        ("2025-03-01", "year", "2025-12-31"),
        ("2026-07-20", "month", "2026-07-01"),
        ("2026-12-31", "year", "2026-07-01"),
    ],
)
def test_an_imprecise_day_is_stored_as_the_last_of_its_period_or_the_day_it_is_written(
    api, duty, reporter, given, precision, stored
):
    answer = write(api(reporter), effective_on=given, date_precision=precision)
    assert answer.status_code == 201
    shown = (answer.json()["effective_on"], answer.json()["date_precision"])
    assert shown == (stored, precision)


@pytest.mark.parametrize(
    ("given", "precision"), [("2026-07-02", "day"), ("2026-08-01", "month"), ("2027-01-01", "year")]
)
def test_an_update_from_the_future_is_refused(api, duty, reporter, given, precision):
    answer = write(api(reporter), effective_on=given, date_precision=precision)
    assert (answer.status_code, pointers(answer)) == (400, ["#/effective_on"])


def test_what_an_update_says_of_its_commitment_cannot_be_changed_to_another(
    api, duty, deliverable, reporter
):
    update = Update(api(reporter), write(api(reporter)).headers["Location"])
    for field in ({"commitment": "PLAN-1.2"}, {"evidence": []}, {"state": "published"}):
        answer = update.change(**field)
        assert (answer.status_code, pointers(answer)) == (400, [f"#/{next(iter(field))}"])


@pytest.mark.parametrize(
    ("finding", "place"),
    [({"events": []}, "result"), ({"result": "shown", "event": []}, "event"), ({}, "result")],
)
def test_a_finding_is_given_whole_also_in_a_change(api, duty, reporter, finding, place):
    made = write(api(reporter))
    update = Update(api(reporter), made.headers["Location"])
    refused = update.change(findings={"a": finding})
    assert (refused.status_code, pointers(refused)) == (400, [f"#/findings/a/{place}"])
    at_once = write(api(reporter), findings={"a": finding})
    assert (at_once.status_code, pointers(at_once)) == (400, [f"#/findings/a/{place}"])


def test_submitting_says_all_that_is_missing(api, duty, reporter):
    client = api(reporter)
    made = write(client, status="active", summary={}, evidence=[steps.INTERNAL])
    update = Update(client, made.headers["Location"])
    answer = update.action("submit")
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert pointers(answer) == ["#/summary", "#/evidence"]
    assert update.read()["state"] == "draft"
    client.post(f"{update.location}evidence/", steps.RESOLUTION, format="json")
    update.change(summary={"en": "A meeting was held."})
    assert update.action("submit").status_code == 200


@pytest.mark.parametrize(
    ("status", "evidence", "missing"),
    [
        ("active", [steps.STATEMENT], ["#/evidence"]),
        ("active", [steps.RESOLUTION], []),
        ("partly_active", [], ["#/rests_on", "#/evidence"]),
        ("partly_active", [steps.STATEMENT], []),
        ("contrary", [steps.STATEMENT], ["#/evidence"]),
        ("no_evidence", [steps.REPORT], ["#/search_note"]),
        ("not_verifiable", [], ["#/search_note"]),
        (None, [], ["#/evidence"]),
        (None, [steps.STATEMENT], []),
    ],
)
def test_an_assessment_needs_the_evidence_of_the_methodology(
    api, duty, reporter, status, evidence, missing
):
    made = write(api(reporter), status=status, evidence=evidence)
    answer = Update(api(reporter), made.headers["Location"]).action("submit")
    assert (answer.status_code, answer.json().get("errors", []) and pointers(answer)) == (
        409 if missing else 200,
        missing,
    )


@pytest.mark.long
def test_an_assessment_of_a_missed_deadline_needs_a_deadline_that_is_past(api, plan, reporter):
    CommitmentFactory(plan=plan, number="2.1", kind=Kind.DELIVERABLE, due_on="2026-06-30")
    fields = {"commitment": "PLAN-2.1", "status": "not_achieved", "evidence": [steps.REPORT]}
    for day, expected in (("2026-06-30", 409), ("2026-07-01", 200)):
        made = write(api(reporter), effective_on=day, **fields)
        answer = Update(api(reporter), made.headers["Location"]).action("submit")
        assert answer.status_code == expected


@pytest.mark.long
def test_a_correction_supersedes_what_it_corrects(api, duty, reporter, reviewer):
    first = steps.published(duty, reporter, reviewer, status="active")
    made = write(
        api(reporter), corrects=first.pk, status="partly_active", evidence=[steps.STATEMENT]
    )
    location = made.headers["Location"]
    Update(api(reporter), location).action("submit")
    assert api().get(f"{UPDATES}{first.pk}/").json()["state"] == "published"
    done = Update(api(reviewer), location).action("publish")
    assert (done.status_code, done.json()["corrects"]) == (200, first.pk)
    old = api().get(f"{UPDATES}{first.pk}/").json()
    assert (old["state"], old["superseded_at"]) == ("superseded", "2026-07-01T04:00:00.000000Z")
    assert [action["action"] for action in old["decisions"]] == ["publish", "supersede"]
    # Effective a day before the corrected assessment, which counts no longer.
    status = api().get("/api/v1/commitments/PLAN-1.1/").json()["status"]
    assert (status["code"], status["update"]) == ("partly_active", made.json()["id"])


def test_only_a_published_update_of_the_same_commitment_can_be_corrected(
    api, duty, deliverable, reporter, reviewer
):
    other = steps.published(deliverable, reporter, reviewer)
    mine = steps.draft(duty, reporter)
    gone = steps.retracted(duty, reporter, reviewer)
    for target in (other, mine, gone):
        answer = write(api(reporter), corrects=target.pk)
        assert (answer.status_code, pointers(answer)) == (400, ["#/corrects"])


# A repeated external reference


def test_a_repeated_reference_is_refused_with_the_address_of_the_first(api, duty, reporter):
    first = write(api(reporter), external_ref="A-1").headers["Location"]
    again = write(api(reporter), external_ref="A-1")
    assert again.status_code == 409
    assert again.headers["Location"] == again.json()["existing"] == first
    assert ProgressUpdate.objects.count() == 1


def test_a_repeated_reference_does_not_tell_of_what_the_caller_may_not_see(
    api, duty, reporter, other_reporter
):
    hidden = write(api(reporter), external_ref="A-1").headers["Location"]
    again = write(api(other_reporter), external_ref="A-1")
    assert again.status_code == 409
    assert "Location" not in again.headers
    assert "existing" not in again.json()
    assert hidden.removeprefix("http://testserver") not in again.content.decode()


@pytest.mark.long
def test_a_change_to_a_reference_that_is_taken_is_refused_too(api, duty, reporter):
    write(api(reporter), external_ref="A-1")
    update = Update(api(reporter), write(api(reporter)).headers["Location"])
    assert update.change(external_ref="A-1").status_code == 409
    assert update.change(external_ref="A-2").status_code == 200
    assert update.change(external_ref="A-2").status_code == 200
    assert update.change(external_ref=None).json()["external_ref"] is None


def test_another_plan_may_use_the_same_reference(api, duty, reporter):
    CommitmentFactory(plan=PlanFactory(code="OTHER"), number="1")
    write(api(reporter), external_ref="A-1")
    assert write(api(reporter), commitment="OTHER-1", external_ref="A-1").status_code == 201


@pytest.mark.parametrize("title", ["\u200b", "\u3164\u2800", "\ufeff \u202e"])
def test_a_title_of_invisible_characters_is_none(api, duty, reporter, title):
    refused = write(api(reporter), evidence=[steps.REPORT | {"title": title}])
    assert (refused.status_code, pointers(refused)) == (400, ["#/evidence/0/title"])
    assert not ProgressUpdate.objects.exists()


def test_the_same_link_added_again_answers_the_first(api, duty, reporter):
    update = steps.draft(duty, reporter, evidence=())
    address = f"/api/v1/updates/{update.pk}/evidence/"
    first = api(reporter).post(address, steps.STATEMENT, format="json")
    again = api(reporter).post(address, steps.STATEMENT | {"title": "Other"}, format="json")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert update.evidence.count() == 1


def test_of_two_who_add_a_citation_at_once_each_is_answered_with_their_own(
    api, duty, reporter, monkeypatch
):
    update, add = steps.draft(duty, reporter, evidence=()), workflow.add_evidence

    def add_before_another(update, fields, **who):
        added = add(update, fields, **who)
        add(update, {**fields, "citation": "Page 9."}, **who)
        return added

    monkeypatch.setattr(workflow, "add_evidence", add_before_another)
    page = {"title": "Records", "kind": "report", "source": "independent", "citation": "Page 7."}
    answer = api(reporter).post(f"/api/v1/updates/{update.pk}/evidence/", page, format="json")
    assert (answer.status_code, answer.json()["citation"]) == (201, "Page 7.")
    assert update.evidence.count() == 2


def test_a_program_finds_its_own_by_their_reference(api, duty, reporter):
    for name in ("one", "two", "a, b"):
        steps.draft(duty, reporter, external_ref=name)
    found = api(reporter).get("/api/v1/updates/?external_ref=two&plan=PLAN").json()["results"]
    assert [row["external_ref"] for row in found] == ["two"]
    several = "/api/v1/updates/?external_ref=two&external_ref=a,%20b&external_ref=none"
    found = api(reporter).get(several).json()["results"]
    assert {row["external_ref"] for row in found} == {"two", "a, b"}
    assert api(reporter).get("/api/v1/updates/?external_ref=Two").json()["results"] == []
    assert api().get("/api/v1/updates/?external_ref=two").json()["results"] == []
