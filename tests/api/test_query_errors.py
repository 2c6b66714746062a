"""All that is wrong in a query is named in one answer, each parameter for what is wrong first."""

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments.models import ProgressUpdate
from tests.api.problem_details import problem
from tests.examples import examples
from tests.factories import AreaFactory, CommitmentFactory, GoalFactory, PlanFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

QUERIES = [
    ("commitments/?colour=red&status=brilliant&page_size=0&page=x&fields=none", "status=brilliant"),
    ("commitments/?Status=active&plan=NOPE&as_of=today&ordering=title", "plan=NOPE"),
    ("commitments/export/?format=pdf&kind=promise&page_size=1&x=1", "format=pdf"),
    ("commitments/PLAN-1.1/?as_of=2026-07-02&status=active&fields=none", "as_of=2026-07-02"),
    ("updates/?cursor=zzz&page_size=201&state=secret&x=1", "cursor=zzz"),
    ("evidence/?cursor=zzz&publisher=Nobody&language=xx&x=1", "language=xx"),
    ("changes/?cursor=zzz&page_size=0&action=submit&x=1", "cursor=zzz"),
    ("ledger/?after=0&page_size=0&cursor=x&y=1", "after=0"),
    ("contents/?type=x&seq=0&y=1", "seq=0"),
    ("status/?group_by=colour&tone=x&y=1", "group_by=colour"),
    ("status/trend/?by=week&plan=NOPE&y=1&kind=z", "by=week"),
    ("status/compare/?from=now&plan=NOPE&y=1&kind=z", "from=now"),
    ("data/PLAN/?x=1&y=2", "x=1"),
    ("data/PLAN/trend.csv?by=week&as_of=now&x=1", "by=week"),
    ("ledger/consistency/?from=x&to=y&z=1", "to=y"),
    ("ledger/proof/?seq=x&z=1", "seq=x"),
    ("plans/?page=0&page_size=201&x=1", "page=0"),
]


def errors(client, path):
    return problem(client.get(f"/api/v1/{path}"), 400)["errors"]


def codes(client, path):
    return {error["parameter"]: error["code"] for error in errors(client, path)}


def names(path):
    return sorted(part.partition("=")[0] for part in path.partition("?")[2].split("&"))


@pytest.mark.parametrize(("path", "one"), QUERIES)
def test_every_error_of_a_query_is_named_at_once(duty, api, path, one):
    found = errors(api(), path)
    named = [error["parameter"] for error in found]
    assert sorted(named) == names(path)
    alone = errors(api(), f"{path.partition('?')[0]}?{one}")
    for error in alone:
        if error["parameter"] == one.partition("=")[0]:
            assert error in found


def test_what_is_required_is_named_with_what_is_wrong(duty, api):
    found = {
        error["parameter"]: error["code"] for error in errors(api(), "status/grid/?x=1&kind=y")
    }
    assert found == {
        "x": "unknown_parameter",
        "kind": "not_allowed",
        "plan": "required",
        "by": "required",
    }
    found = {
        error["parameter"]: error["code"] for error in errors(api(), "status/?group_by=goal&x")
    }
    assert found == {"x": "unknown_parameter", "plan": "required"}


ONCE = [
    ("status/compare/?plan=PLAN", "from", "2020-01-01"),
    ("status/report/?plan=PLAN", "from", "2020-01-01"),
    ("status/grid/?plan=PLAN", "by", "year"),
    ("status/?plan=PLAN", "group_by", "goal"),
    ("ledger/proof/?", "seq", "1"),
]


@pytest.mark.parametrize(("path", "name", "value"), ONCE)
def test_a_parameter_that_takes_one_value_is_refused_with_the_same_codes_everywhere(
    duty, api, path, name, value
):
    given = {"blank": f"&{name}=", "repeated": f"&{name}={value}" * 2}
    if name != "group_by":
        given["required"] = ""
    for code, query in given.items():
        assert codes(api(), path + query) == {name: code}, query


def test_all_fields_that_there_are_not_are_named_at_once(duty, api):
    found = errors(api(), "commitments/?fields=code,nope,title.fr,status.code.x,zz")
    assert [error["detail"] for error in found] == [
        f"“{name}” is not a field." for name in ("nope", "zz", "status.code.x")
    ]
    assert found[-1]["allowed"] == ["status.code"]


def test_several_errors_of_one_parameter_stay_together(duty, api):
    found = [
        (error["parameter"], error["code"]) for error in errors(api(), "commitments/?q=&q=a&x")
    ]
    assert found == [("x", "unknown_parameter"), ("q", "repeated"), ("q", "blank")]


def test_what_is_hidden_stays_so(plan, api):
    plan.visibility = "draft"
    plan.save()
    assert api().get("/api/v1/data/PLAN/?x=1").status_code in (400, 404)
    found = errors(api(), "status/trend/?by=year&plan=PLAN&x=1")
    assert [error["allowed"] for error in found if error["parameter"] == "plan"] == [[]]


def test_the_number_of_a_draft_plans_goal_or_area_is_refused_like_one_that_there_is_not(
    plan, api, reviewer
):
    GoalFactory(plan=plan, number=1)
    draft = PlanFactory(code="DRAFT", visibility="draft")
    GoalFactory(plan=draft, number=77)
    AreaFactory(plan=draft, number=77)
    for name in ("goal", "serves", "area"):
        for number in (77, 99):
            [error] = errors(api(), f"commitments/?{name}={number}")
            assert "77" not in map(str, error["allowed"])
        assert api(reviewer).get(f"/api/v1/commitments/?{name}=77").status_code == 200


def test_the_future_of_a_commitment_begins_by_the_day_of_its_own_plan(duty, api):
    east = CommitmentFactory(plan=PlanFactory(code="EAST", time_zone="Pacific/Kiritimati"))
    tomorrow = "?as_of=2026-07-02"
    with time_machine.travel("2026-07-01T12:00:00Z", tick=False):
        assert codes(api(), f"commitments/PLAN-1.1/{tomorrow}") == {"as_of": "in_future"}
        assert api().get(f"/api/v1/commitments/{east.code}/{tomorrow}").status_code == 200


def test_nothing_is_written_by_a_request_whose_query_is_refused(duty, api, reporter):
    body = {"commitment": duty.code, "effective_on": "2026-06-01", "summary": "An event."}
    answer = api(reporter).post("/api/v1/updates/?x=1&status=y", body, format="json")
    assert [error["parameter"] for error in problem(answer, 400)["errors"]] == ["x", "status"]
    assert not ProgressUpdate.objects.exists()


WRONG = {"status": "x", "plan": "NOPE", "page": "0", "page_size": "0", "fields": "x", "y": "1"}


@settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(chosen=st.sets(st.sampled_from(sorted(WRONG)), min_size=1))
def test_any_set_of_wrong_parameters_is_named_whole(chosen, duty, api):
    query = "&".join(f"{name}={WRONG[name]}" for name in sorted(chosen))
    found = errors(api(), f"commitments/?kind=standing&{query}")
    assert {error["parameter"] for error in found} == chosen
    assert len(found) == len(chosen)
