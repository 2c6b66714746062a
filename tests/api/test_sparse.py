"""Lists and single objects with the fields that the caller names, and their addresses."""

import pytest

from commitments.choices import ErrorCode
from tests import steps
from tests.api.problem_details import problem
from tests.factories import AreaFactory, GoalFactory, MilestoneFactory

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]


@pytest.fixture
def update(duty, reporter, reviewer):
    return steps.published(duty, reporter, reviewer)


def test_a_list_and_an_object_have_the_fields_that_are_named(get, update):
    query = "fields=code,title.en,status.code,status.update"
    [row] = get(f"commitments/?{query}")["results"]
    assert row == {
        "code": "PLAN-1.1",
        "title": {"en": "Take part in the forum"},
        "status": {"code": "unassessed", "update": None},
    }
    assert get(f"commitments/PLAN-1.1/?{query}") == row


def test_several_parameters_and_names_of_whole_objects_are_one_list(get, update):
    [row] = get("updates/?fields=id&fields=evidence.title,evidence.file,state")["results"]
    title = {"en": "Report of an institute"}
    assert row == {
        "id": update.pk,
        "state": "published",
        "evidence": [{"title": title, "file": None}],
    }
    # What is named within a field that is named too takes nothing away from it.
    whole = get("commitments/?fields=status,title")["results"]
    for names in ("status,status.code,title.en,title", "title,title.en,status.code,status"):
        assert get(f"commitments/?fields={names}")["results"] == whole
    assert get(f"updates/{update.pk}/?fields=state") == {"state": "published"}


def test_a_language_that_a_text_lacks_is_left_out(get, plan):
    assert get("plans/?fields=title.fr")["results"] == [{"title": {}}]


@pytest.mark.parametrize(
    ("query", "named", "allowed"),
    [
        ("plans/?fields=colour", "“colour”", "title"),
        ("commitments/?fields=code,status.colour", "“status.colour”", "status.code"),
        ("commitments/PLAN-1.1/?fields=code.x", "“code.x”", None),
        ("updates/?fields=evidence.x", "“evidence.x”", "evidence.title"),
        ("goals/?fields=colour", "“colour”", "number"),
    ],
)
def test_an_unknown_field_is_refused_with_those_allowed(api, update, query, named, allowed):
    [error] = problem(api().get(f"/api/v1/{query}"), 400)["errors"]
    assert (error["parameter"], error["code"]) == ("fields", ErrorCode.NOT_ALLOWED)
    assert named in error["detail"]
    assert allowed is None or allowed in error["allowed"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("plans/?fields=", "blank"),
        ("plans/?fields=code,", "blank"),
        ("commitments/export/?fields=code&format=csv", "unknown_parameter"),
        ("status/?fields=total", "unknown_parameter"),
    ],
)
def test_what_names_nothing_or_cannot_be_sparse_is_refused(api, duty, query, code):
    [error] = problem(api().get(f"/api/v1/{query}"), 400)["errors"]
    assert (error["parameter"], error["code"]) == ("fields", code)


def test_what_is_written_is_answered_whole(api, duty, reporter):
    body = {"commitment": "PLAN-1.1", "effective_on": "2026-06-30"}
    answer = api(reporter).post("/api/v1/updates/?fields=id", body, format="json")
    assert problem(answer, 400)["errors"][0]["code"] == "unknown_parameter"


# Addresses


@pytest.mark.long
def test_every_object_names_its_address_and_its_page(client, update, forum, office):
    duty = update.commitment
    goal, area = GoalFactory(plan=duty.plan), AreaFactory(plan=duty.plan)
    duty.goal, duty.area = goal, area
    duty.save()
    MilestoneFactory(commitment=duty)
    for name in ("plans", "forums", "offices", "commitments", "updates", "goals", "areas"):
        for row in client.get(f"/api/v1/{name}/").json()["results"]:
            if "url" in row:
                assert client.get(row["url"]).json() == row
            if "html_url" in row:
                assert client.get(row["html_url"]).status_code == 200
            assert "url" in row or name in ("goals", "areas")
            assert "html_url" in row or name in ("forums", "offices")


def test_a_page_is_in_the_language_of_the_request(client, plan):
    for language, path in (("en", "/en/PLAN/"), ("zh", "/zh-hans/PLAN/")):
        answer = client.get("/api/v1/plans/PLAN/", headers={"Accept-Language": language})
        assert answer.json()["html_url"] == f"http://testserver{path}"


def test_an_update_has_its_place_on_the_page_of_its_commitment(get, update):
    page = f"http://testserver/en/PLAN/commitments/1.1/#update-{update.pk}"
    assert get(f"updates/{update.pk}/")["html_url"] == page


@pytest.mark.long
def test_before_that_its_page_is_that_of_the_staff(api, client, duty, reporter):
    update = steps.draft(duty, reporter)
    found = api(reporter).get(f"/api/v1/updates/{update.pk}/").json()
    assert found["html_url"] == f"http://testserver/admin/updates/{update.pk}/"
    client.force_login(reporter)
    assert client.get(found["html_url"]).status_code == 200
    [piece] = api(reporter).get("/api/v1/evidence/").json()["results"]
    assert piece["html_url"] == found["html_url"]
