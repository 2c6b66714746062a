"""A list posted to `updates/`: all of it is written or none, and every error says which."""

import time

import pytest
from jsonschema import Draft202012Validator

from commitments.api.pagination import MAX_PAGE_SIZE
from commitments.models import Evidence, ProgressUpdate
from tests import steps
from tests.documents import everything

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

EVIDENCE = {**steps.STATEMENT}
MAX_SECONDS = 5


def row(number=1, **fields):
    return {
        "commitment": "PLAN-1.1",
        "effective_on": "2026-06-30",
        "summary": {"en": f"Meeting {number}."},
        "external_ref": f"ref-{number}",
        **fields,
    }


@pytest.fixture
def post(api, duty, deliverable, reporter):
    def post(body, by=reporter):
        return api(by).post("/api/v1/updates/", body, format="json")

    return post


def test_all_are_written_in_the_order_of_the_list(post):
    answer = post([row(1, evidence=[EVIDENCE]), row(2, commitment="PLAN-1.2"), row(3)])
    assert answer.status_code == 201
    body = answer.json()
    assert [(item["commitment"], item["external_ref"], item["state"]) for item in body] == [
        ("PLAN-1.1", "ref-1", "draft"),
        ("PLAN-1.2", "ref-2", "draft"),
        ("PLAN-1.1", "ref-3", "draft"),
    ]
    assert body[0]["evidence"][0]["title"] == {"en": EVIDENCE["title"]}
    assert ProgressUpdate.objects.count() == 3


def test_each_error_has_its_place_and_nothing_is_written(post, duty, reporter):
    steps.draft(duty, reporter, external_ref="there")
    before = everything()
    answer = post(
        [
            row(1),
            row(2, status="completed"),
            row(3, effective_on="2027-01-01"),
            row(4, external_ref="there"),
            row(5, evidence=[{**EVIDENCE, "citation": "Two sources."}]),
            row(6),
        ]
    )
    assert answer.status_code == 400
    assert answer.json()["detail"] == "None of the updates was saved."
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "#/1/status",
        "#/2/effective_on",
        "#/3/external_ref",
        "#/4/evidence/0",
    ]
    assert everything() == before
    assert Evidence.objects.count() == 1


def test_one_that_has_not_the_shape_hides_no_error_of_the_others(post):
    answer = post(
        [
            row(1, effective_on="2027-01-01"),
            row(2, forums=["NONE"], status="brilliant"),
            row(3),
            row(4, status="completed"),
            7,
        ]
    )
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "#/0/effective_on",
        "#/1/forums/0",
        "#/1/status",
        "#/3/status",
        "#/4",
    ]
    assert ProgressUpdate.objects.count() == 0


def test_one_reference_twice_in_a_list_is_refused_at_the_second(post):
    answer = post([row(1), row(2, external_ref="ref-1")])
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/1/external_ref"]
    assert ProgressUpdate.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], "#"),
        ([row(1), 7], "#/1"),
        ([row(1), {}], "#/1/commitment"),
        ([row(1), row(2, summary=["x"])], "#/1/summary"),
        ([row(1), row(2, summary={"fr": "x"})], "#/1/summary"),
        ([row(1), row(2, state="published")], "#/1/state"),
        ([row(1), row(2, forums=["NONE"])], "#/1/forums/0"),
        ([row(number) for number in range(MAX_PAGE_SIZE + 1)], "#"),
    ],
)
def test_what_has_not_the_shape_is_refused_with_its_place(post, body, pointer):
    answer = post(body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert ProgressUpdate.objects.count() == 0


def test_who_may_not_report_on_one_writes_none(post, duty, office, reporter):
    duty.lead_office = office
    duty.save()
    answer = post([row(1, commitment="PLAN-1.2"), row(2)])
    assert answer.status_code == 403
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/1"]
    assert ProgressUpdate.objects.count() == 0


@pytest.mark.parametrize(("person", "status"), [("visitor", 403), ("reviewer", 403)])
def test_whoever_does_not_report_at_all_is_refused(post, request, person, status):
    assert post([row(1)], by=request.getfixturevalue(person)).status_code == status


@pytest.mark.long
def test_one_is_answered_by_one_and_a_list_by_a_list_as_the_document_says(post, api):
    components = api().get("/api/v1/schema/").json()["components"]
    described = {"$ref": "#/components/schemas/UpdateOrUpdates", "components": components}
    for body in (row(1), [row(2), row(3)]):
        answer = post(body).json()
        assert isinstance(answer, type(body))
        Draft202012Validator(described).validate(answer)


@pytest.mark.long
def test_two_hundred_with_ten_sources_each_take_less_than_five_seconds(post, capsys):
    sources = [{**EVIDENCE, "url": f"https://example.org/{number}"} for number in range(10)]
    body = [row(number, evidence=sources) for number in range(MAX_PAGE_SIZE)]
    post([row(0, external_ref="first")])
    begun = time.process_time()
    answer = post(body)
    seconds = time.process_time() - begun
    assert answer.status_code == 201
    assert Evidence.objects.count() == 10 * MAX_PAGE_SIZE
    with capsys.disabled():
        print(f"\n200 updates with 2,000 sources: {seconds:.1f} s of CPU")
    # Of this process alone, since others may have the machine.
    assert seconds < MAX_SECONDS
