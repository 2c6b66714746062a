"""Several updates submitted, returned or published at once, each for itself by the rules of one."""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from commitments import workflow
from commitments.api.bulk_actions import MAX_BULK_ACTIONS
from commitments.choices import Action, State
from commitments.exceptions import TimeRefused, TrackerError
from commitments.models import Decision, ProgressUpdate
from commitments.texts.text import NO_TEXT
from commitments.workflow import ActionRequest
from tests import steps
from tests.documents import everything
from tests.examples import examples
from tests.factories import CommitmentFactory, PlanFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

UPDATES = "/api/v1/updates/"


def item(update, **fields):
    update.refresh_from_db()
    return {"id": update.pk, "revision": update.revision, **fields}


def act(client, name, body, **headers):
    return client.post(f"{UPDATES}{name}/", body, format="json", headers=headers)


def problem_type(error):
    return error["type"].rstrip("/").rpartition("/")[2]


@pytest.mark.long
def test_several_are_submitted_published_and_returned(api, duty, reporter, reviewer):
    first, second, third = (steps.draft(duty, reporter) for _ in range(3))
    sent = act(api(reporter), "submit", [item(row) for row in (first, second, third)])
    assert sent.status_code == 200
    assert sent.json() == {
        "results": [
            {"id": row.pk, "done": True, "state": "submitted", "revision": 2}
            for row in (first, second, third)
        ],
        "errors": [],
    }
    done = act(api(reviewer), "publish", [item(second, note="Checked."), item(first)])
    assert [(row["id"], row["state"]) for row in done.json()["results"]] == [
        (second.pk, "published"),
        (first.pk, "published"),
    ]
    assert Decision.objects.filter(action="publish").values_list("note", flat=True)[0] == "Checked."
    back = act(api(reviewer), "return", [item(third, note="Name the place.")])
    assert [row["state"] for row in back.json()["results"]] == ["returned"]


@pytest.mark.long
def test_what_is_refused_keeps_nothing_else_from_being_done(
    api, duty, reporter, reviewer, all_rounder
):
    good = steps.submitted(duty, reporter)
    stale = steps.submitted(duty, reporter)
    published = steps.published(duty, reporter, reviewer)
    own = steps.submitted(duty, all_rounder)
    hidden = steps.draft(duty, reporter)
    body = [
        {**item(stale), "revision": 1},
        item(good),
        item(published),
        item(own),
        item(hidden),
        {"id": 10**9, "revision": 1},
    ]
    answer = act(api(all_rounder), "publish", body).json()
    assert [row["done"] for row in answer["results"]] == [False, True, False, False, False, False]
    assert [row["state"] for row in answer["results"]] == [
        "submitted",
        "published",
        "published",
        "submitted",
        None,
        None,
    ]
    assert [(row["pointer"], row["code"], problem_type(row)) for row in answer["errors"]] == [
        ("#/0/revision", "stale", "stale-revision"),
        ("#/2", "not_possible", "not-possible"),
        ("#/3", "not_permitted", "not-permitted"),
        ("#/4/id", "not_found", "not-found"),
        ("#/5/id", "not_found", "not-found"),
    ]
    assert all(row["detail"] for row in answer["errors"])


def test_what_is_missing_in_one_is_named_at_its_place(api, duty, reporter):
    empty = steps.draft(duty, reporter, summary=NO_TEXT, evidence=())
    good = steps.draft(duty, reporter)
    answer = act(api(reporter), "submit", [item(good), item(empty)]).json()
    assert [row["done"] for row in answer["results"]] == [True, False]
    assert [(row["pointer"], row["code"]) for row in answer["errors"]] == [
        ("#/1/summary", "required"),
        ("#/1/evidence", "evidence_needed"),
    ]


def test_a_return_without_a_note_is_refused_at_the_note(api, duty, reporter, reviewer):
    update = steps.submitted(duty, reporter)
    answer = act(api(reviewer), "return", [item(update, note=" ")]).json()
    assert [(row["pointer"], row["code"], problem_type(row)) for row in answer["errors"]] == [
        ("#/0/note", "required", "invalid-data")
    ]


def test_they_are_published_in_the_order_of_the_list(api, duty, reporter, reviewer):
    first, second = steps.submitted(duty, reporter), steps.submitted(duty, reporter)
    act(api(reviewer), "publish", [item(second), item(first)])
    published = Decision.objects.filter(action="publish").order_by("seq")
    assert [row.update_id for row in published] == [second.pk, first.pk]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ([], "#", "required"),
        ({}, "#", "malformed"),
        ([7], "#/0", "malformed"),
        ([{"id": 1}], "#/0/revision", "required"),
        ([{"id": "1", "revision": 1}], "#/0/id", "malformed"),
        ([{"id": 1, "revision": "1"}], "#/0/revision", "malformed"),
        ([{"id": 1, "revision": -1}], "#/0/revision", "out_of_range"),
        ([{"id": 1, "revision": 10**10}], "#/0/revision", "out_of_range"),
        ([{"id": 1, "revision": 1, "etag": "1"}], "#/0/etag", "unknown_key"),
        ([{"id": 1, "revision": 1, "note": 7}], "#/0/note", "malformed"),
        ([{"id": 1, "revision": 1}, {"id": 1, "revision": 2}], "#/1/id", "repeated"),
        ([{"id": n, "revision": 1} for n in range(1, MAX_BULK_ACTIONS + 2)], "#", "too_long"),
    ],
)
@pytest.mark.parametrize("name", ["submit", "return", "publish"])
def test_what_has_not_the_form_is_refused_as_a_whole(api, administrator, name, body, pointer, code):
    answer = act(api(administrator), name, body)
    assert answer.status_code == 400
    assert [(row["pointer"], row["code"]) for row in answer.json()["errors"]] == [(pointer, code)]


def test_nobody_publishes_their_own_work_among_others(api, duty, reporter, administrator):
    own = steps.submitted(duty, administrator)
    theirs = steps.submitted(duty, reporter)
    answer = act(api(administrator), "publish", [item(own), item(theirs)]).json()
    assert [row["state"] for row in answer["results"]] == ["submitted", "published"]


def test_a_token_for_one_plan_acts_on_no_other(duty, reporter, reviewer):
    other = CommitmentFactory(plan=PlanFactory(code="OTHER"), number="1", position=1)
    here, there = steps.submitted(duty, reporter), steps.submitted(other, reporter)
    seen = steps.published(other, reporter, reviewer)
    token = steps.token(reviewer, ["review"], plans=["PLAN"])
    client = APIClient(headers={"Authorization": f"Token {token}"})
    answer = act(client, "publish", [item(there), item(seen), item(here)]).json()
    assert [row["done"] for row in answer["results"]] == [False, False, True]
    errors = [(error["pointer"], problem_type(error)) for error in answer["errors"]]
    assert errors == [("#/0/id", "not-found"), ("#/1", "beyond-token")]


def test_a_repeated_list_is_answered_as_the_first_time(api, duty, reporter, reviewer):
    body = [item(steps.submitted(duty, reporter)), {"id": 10**9, "revision": 1}]
    key = {"Idempotency-Key": "batch"}
    first = act(api(reviewer), "publish", body, **key)
    rows = everything()
    assert act(api(reviewer), "publish", body, **key).json() == first.json()
    assert everything() == rows
    again = act(api(reviewer), "publish", body).json()
    assert [problem_type(row) for row in again["errors"]] == ["stale-revision", "not-found"]


def test_a_wrong_clock_refuses_the_whole_list(api, duty, reporter, reviewer, noon):
    update = steps.submitted(duty, reporter)
    noon.shift(10**8)
    assert act(api(reviewer), "publish", [item(update)]).status_code == 503
    with pytest.raises(TimeRefused):
        workflow.perform_each(
            [ActionRequest(update, 2)], Action.PUBLISH, by=reviewer, at=steps.NOW.replace(year=2031)
        )


def test_reading_what_is_acted_on_does_not_cost_a_query_for_each(
    api, duty, deliverable, reporter, reviewer
):
    """Each action has its own; what is read around them has not."""
    counts, client = [], api(reviewer)
    for n in (1, 2, 12):
        body = [{"id": 10**9 + k, "revision": 1} for k in range(n)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            act(client, "publish", body)
        counts.append(len(queries))
    assert counts[1] == counts[2]


# As one by one

ACTIONS = (Action.SUBMIT, Action.RETURN, Action.PUBLISH)
KINDS = ("draft", "empty", "submitted", "own", "published", "returned")


def make(kind, duty, reporter, reviewer):
    if kind == "empty":
        return steps.draft(duty, reporter, evidence=())
    if kind == "own":
        return steps.submitted(duty, reviewer)
    people = (reporter,) if kind in ("draft", "submitted") else (reporter, reviewer)
    return getattr(steps, kind)(duty, *people)


def outcome(result):
    if isinstance(result, TrackerError):
        # IDs go on in the second turn.
        sentence = re.sub(r"\d+", "…", str(result))
        return type(result), sentence, [(row.path, row.code) for row in result.problems]
    return State(result.state), result.revision


def one_by_one(requests, action, by):
    for update, expected_revision, note in requests:
        try:
            yield workflow.perform(
                update, action, by=by, at=steps.NOW, expected_revision=expected_revision, note=note
            )
        except TrackerError as error:
            yield error


def left_behind():
    """What is in the tables, without what is random."""
    updates = ProgressUpdate.objects.order_by("pk")
    place = {pk: index for index, pk in enumerate(updates.values_list("pk", flat=True))}
    decisions = Decision.objects.order_by("seq").values_list(
        "seq", "action", "actor", "note", "role", "update"
    )
    return (
        list(updates.values("state", "revision", "publisher", "published_at")),
        [(*row, place[pk]) for *row, pk in decisions],
    )


@pytest.mark.long
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kinds=st.lists(
        st.tuples(st.sampled_from(KINDS), st.booleans(), st.sampled_from(["", "Why."])),
        min_size=1,
        max_size=5,
    ),
    action=st.sampled_from(ACTIONS),
    by_reviewer=st.booleans(),
)
def test_several_at_once_end_as_one_by_one(duty, reporter, all_rounder, kinds, action, by_reviewer):
    by = all_rounder if by_reviewer else reporter
    ends = []
    for perform in (
        lambda requests: list(one_by_one(requests, action, by)),
        lambda requests: workflow.perform_each(requests, action, by=by, at=steps.NOW),
    ):
        with transaction.atomic():
            updates = [make(kind, duty, reporter, all_rounder) for kind, _stale, _note in kinds]
            requests = [
                ActionRequest(update, update.revision - stale, note)
                for update, (_kind, stale, note) in zip(updates, kinds, strict=True)
            ]
            outcomes = [outcome(result) for result in perform(requests)]
            ends.append((outcomes, *left_behind()))
            transaction.set_rollback(True)
    assert ends[0] == ends[1]
