"""A token that is limited to plans shows of other plans what the public sees, and of its own what
its owner sees."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from commitments.models import ProgressUpdate
from tests import steps
from tests.factories import CommitmentFactory, MeetingFactory, PlanFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

LISTS = [
    "plans/",
    "goals/",
    "areas/",
    "commitments/",
    "milestones/",
    "meetings/",
    "forums/",
    "offices/",
    "changes/",
    "ledger/",
    "updates/",
    "updates/?state=draft",
    "updates/?state=submitted",
    "updates/?state=retracted",
    "updates/?q=meeting",
    "updates/?forum=COUNCIL",
    "evidence/",
    "evidence/?q=minutes",
    "commitments/?q=secret",
    "status/",
    "updates/export/?format=csv",
    "commitments/export/?format=csv",
    "contents/",
]
ITEMS = ["updates/{}/", "updates/{}/content/"]
# What a token allows besides reading it says itself.
BY_ROLE = {"allowed_actions"}


@pytest.fixture
def record(duty, council, reporter, reviewer, evidence_folder):
    """The updates of `PLAN` in every state, with internal evidence, notes and files."""
    pieces = [steps.REPORT, steps.INTERNAL, steps.file_evidence(public=False)]
    story = {"evidence": pieces, "forums": [council], "event_type": "participation"}
    rows = [
        steps.draft(duty, reporter, **story),
        steps.submitted(duty, reporter, **story),
        steps.returned(duty, reporter, reviewer, **story),
        steps.published(duty, reporter, reviewer, **story),
        steps.retracted(duty, reporter, reviewer, **story),
    ]
    MeetingFactory(forum=council)
    MeetingFactory(forum=council, public=True)
    return rows


@pytest.fixture
def draft_plan():
    plan = PlanFactory(code="SECRET", visibility="draft")
    CommitmentFactory(plan=plan, number="1", position=1)
    return plan


def read(path, user=None, plans=()):
    """What an answer says; of one that is refused, its status."""
    client = APIClient()
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Token {steps.token(user, (), plans=plans)}")
    answer = client.get(f"/api/v1/{path}")
    if answer.status_code != 200:
        return answer.status_code
    if answer.headers["Content-Type"] != "application/json":
        return b"".join(answer.streaming_content) if answer.streaming else answer.content
    return without(answer.json(), BY_ROLE)


def without(value, names):
    if isinstance(value, dict):
        return {key: without(each, names) for key, each in value.items() if key not in names}
    return [without(each, names) for each in value] if isinstance(value, list) else value


def addresses(record):
    pieces = [item.pk for update in record for item in update.evidence.all()]
    return [
        *LISTS,
        *(path.format(update.pk) for path in ITEMS for update in record),
        *(path.format(pk) for path in ("evidence/{}/", "evidence/{}/file/") for pk in pieces),
    ]


@pytest.mark.long
def test_of_another_plan_a_token_shows_what_the_public_sees(record, draft_plan, administrator):
    PlanFactory(code="OTHER")
    wrong = [
        path for path in addresses(record) if read(path, administrator, ["OTHER"]) != read(path)
    ]
    assert wrong == []


@pytest.mark.long
def test_of_its_own_plan_a_token_shows_what_its_owner_sees(record, administrator):
    different = []
    for path in addresses(record):
        whole = read(path, administrator)
        assert read(path, administrator, ["PLAN"]) == whole, path
        different += [path] if whole != read(path) else []
    assert {"updates/", "evidence/", "meetings/", "updates/?state=draft"} <= set(different)


def test_a_draft_plan_is_shown_by_the_tokens_that_are_for_it(draft_plan, plan, administrator):
    def codes(plans):
        return {row["code"] for row in read("plans/", administrator, plans)["results"]}

    assert codes([]) == codes(["SECRET"]) == {"PLAN", "SECRET"}
    assert codes(["PLAN"]) == {"PLAN"}
    assert read("commitments/SECRET-1/", administrator, ["PLAN"]) == 404
    assert read("status/?plan=SECRET", administrator, ["PLAN"]) == 400


@pytest.mark.parametrize("many", [False, True])
def test_a_draft_plan_of_others_is_as_one_that_does_not_exist_to_who_writes(
    draft_plan, plan, administrator, many
):
    token = steps.token(administrator, plans=["PLAN"])
    client = APIClient(headers={"Authorization": f"Token {token}"})

    def refusal(code):
        new = {"commitment": code, "effective_on": "2026-06-30", "summary": {"en": "A meeting."}}
        answer = client.post("/api/v1/updates/", [new] if many else new, format="json")
        return answer.status_code, answer.text.replace(code, "")

    assert refusal("SECRET-1") == refusal("SECRET-9")


def test_what_waits_is_of_the_plans_of_the_token(record, reporter, reviewer):
    draft, submitted, returned, *_rest = (update.pk for update in record)
    PlanFactory(code="OTHER")
    for plans in ([], ["PLAN"], ["OTHER", "PLAN"]):
        assert read("me/", reporter, plans)["waiting"] == {
            "drafts": [draft],
            "returned": [returned],
            "to_review": [],
        }
        assert read("me/", reviewer, plans)["waiting"]["to_review"] == [submitted]
    for person in (reporter, reviewer):
        nothing = {"drafts": [], "returned": [], "to_review": []}
        assert read("me/", person, ["OTHER"])["waiting"] == nothing


def test_a_kept_answer_is_not_given_to_a_token_with_other_limits(duty, reporter):
    PlanFactory(code="OTHER")
    new = {"commitment": "PLAN-1.1", "effective_on": "2026-06-30", "summary": {"en": "A meeting."}}
    statuses = []
    for plans in ([], ["OTHER"], []):
        token = steps.token(reporter, plans=plans)
        client = APIClient(headers={"Authorization": f"Token {token}"})
        answer = client.post(
            "/api/v1/updates/", new, headers={"Idempotency-Key": "k"}, format="json"
        )
        statuses.append(answer.status_code)
    assert statuses == [201, 422, 201]
    assert ProgressUpdate.objects.count() == 1


@pytest.mark.long
def test_a_limit_takes_no_more_queries(record, administrator):
    for path in ("updates/", "evidence/", "commitments/"):
        counts = []
        for plans in ([], ["PLAN"]):
            token = steps.token(administrator, (), plans=plans)
            client = APIClient(headers={"Authorization": f"Token {token}"})
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/api/v1/{path}")
            counts.append(len(queries))
        assert counts[0] == counts[1], path
