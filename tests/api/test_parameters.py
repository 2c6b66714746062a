"""Every operation describes the parameters that it understands, and no others; `format=json` is
what it says wherever the answer is JSON."""

import re

import pytest

from commitments.models import AccessToken
from tests import steps
from tests.api.problem_details import problem
from tests.described import document
from tests.factories import ForumFactory, MeetingFactory, OfficeFactory

pytestmark = pytest.mark.usefixtures("noon")

READING = [path for path, methods in document()["paths"].items() if "get" in methods]
# What it understands depends on what the address names; the document has it for all together.
BY_NAME = {"/api/v1/data/{code}/{table}.csv"}
# Asked of a signed-in caller only.
PRIVATE = ("/api/v1/me/", "/api/v1/auth/tokens/")


@pytest.fixture
def address(duty, reporter, reviewer):
    """`address(path)` fills the names in a path of the document."""
    update = steps.published(duty, reporter, reviewer)
    steps.token(reporter)
    ids = {
        "auth": AccessToken.objects.get().pk,
        "evidence": update.evidence.get().pk,
        "meetings": MeetingFactory().pk,
        "updates": update.pk,
    }
    codes = {
        "commitments": duty.code,
        "forums": ForumFactory().code,
        "offices": OfficeFactory().code,
    }
    other = {
        "key": "PLAN",
        "quarter": "2025-Q3",
        "slug": "stale-revision",
        "subject_type": "plan",
        "table": "status",
        "tile": "0/000.p/1",
    }

    def address(path):
        place = path.removeprefix("/api/v1/").partition("/")[0]
        values = {**other, "code": codes.get(place, "PLAN"), "id": ids.get(place)}
        return re.sub(r"\{(\w+)\}", lambda name: str(values[name[1]]), path)

    return address


def query_of(path):
    parameters = document()["paths"][path]["get"].get("parameters", [])
    return {item["name"] for item in parameters if item["in"] == "query"}


@pytest.mark.alike
@pytest.mark.parametrize("path", READING)
def test_an_operation_describes_the_parameters_that_it_understands(path, address, api, reporter):
    caller = api(reporter if path.startswith(PRIVATE) else None)
    errors = problem(caller.get(f"{address(path)}?banana=1"), 400)["errors"]
    [error] = [error for error in errors if error["parameter"] == "banana"]
    understood = set(error["allowed"])
    if path in BY_NAME:
        assert understood < query_of(path)
    else:
        assert understood == query_of(path)


@pytest.mark.alike
@pytest.mark.parametrize("path", READING)
def test_an_answer_may_be_asked_for_in_the_form_that_it_has(path, address, api, reporter):
    caller = api(reporter if path.startswith(PRIVATE) else None)
    described = [*document()["paths"][path]["get"]["responses"]["200"]["content"]]
    refused = [
        form
        for form in ("json", "xml")
        if "format" in _refused(caller.get(address(path), {"format": form}))
    ]
    assert refused == (["xml"] if described == ["application/json"] else ["json", "xml"])


@pytest.mark.long
def test_null_characters_are_refused_wherever_they_stand(address, api, reporter):
    """PostgreSQL has no such texts, and would refuse the query."""
    for path in READING:
        parameters = sorted(query_of(path))
        query = "&".join(f"{name}=a%00b&{name}=a%00c" for name in parameters)
        answer = api(reporter).get(f"{address(path)}?{query}")
        if parameters:
            errors = problem(answer, 400)["errors"]
            assert {error["parameter"] for error in errors} == set(parameters), path


def _refused(answer):
    errors = answer.json().get("errors", ()) if answer.status_code == 400 else ()
    return [error["parameter"] for error in errors]
