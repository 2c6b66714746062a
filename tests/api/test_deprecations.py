"""What is to go is announced in the answers that depend on it, and in the OpenAPI document."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from commitments.api import deprecations
from commitments.api.deprecation_marks import described_parts
from commitments.api.deprecations import Deprecation
from commitments.exports.tidy import TIDY_TABLES
from tests.docs.markdown import documented_name
from tests.factories import PlanFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

RELATIONS = ("deprecation", "sunset")
SINCE, SUNSET = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


@pytest.fixture
def announced(monkeypatch):
    """The list of goals, a parameter of the list of areas, a key and a code of plans, and a column
    of a tidy table; and a route that has gone."""
    found = (
        Deprecation("api:goal-list", SINCE, SUNSET, instead="Use `areas/`."),
        Deprecation("api:area-list", SINCE, SUNSET, parameter="plan"),
        Deprecation("api:plan-list", SINCE, SUNSET, part="Plan.notice"),
        Deprecation("api:plan-detail", SINCE, SUNSET, part="Plan.notice"),
        Deprecation("api:plan-detail", SINCE, SUNSET, part="PlanVisibility.archived"),
        Deprecation("api:data-table", SINCE, SUNSET, column="updates.retraction"),
        Deprecation("api:gone", SINCE, SUNSET),
    )
    monkeypatch.setattr(deprecations, "DEPRECATIONS", found)


@pytest.mark.parametrize("address", ["goals/", "areas/?plan=NONE", "goals/?stauts=1"])
def test_an_answer_that_depends_on_it_says_since_when_and_until_when(api, announced, address):
    answer = api().get(f"/api/v1/{address}")
    assert answer.headers["Deprecation"] == "@1798761600"
    assert answer.headers["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"


def test_other_answers_say_nothing(api, announced):
    for address in ("areas/", "forums/"):
        headers = set(api().get(f"/api/v1/{address}").headers)
        assert not {"Deprecation", "Sunset", "Link"} & headers


def test_an_answer_leads_to_the_page_that_explains_it(api, announced):
    links = api().get("/api/v1/goals/").headers["Link"].split(", ")
    page = "http://testserver/api/v1/docs/"
    assert links == [f'<{page}>; rel="{name}"; type="text/html"' for name in RELATIONS]
    assert api().get(page).status_code == 200


@pytest.mark.usefixtures("cached_responses")
def test_an_answer_from_the_cache_has_the_same_links(api, announced):
    links = {api().get("/api/v1/goals/").headers["Link"] for _time in range(3)}
    assert [each.count("deprecation") for each in links] == [1]


def test_what_has_gone_is_announced_no_more(api, monkeypatch):
    gone = (Deprecation("api:goal-list", SINCE, SUNSET, part="Goal.title", is_gone=True),)
    monkeypatch.setattr(deprecations, "DEPRECATIONS", gone)
    assert "Deprecation" not in api().get("/api/v1/goals/").headers


def test_other_links_of_an_answer_stay(api, monkeypatch):
    before = api().get("/api/v1/").headers["Link"]
    gone = (Deprecation("api:index", SINCE, SUNSET),)
    monkeypatch.setattr(deprecations, "DEPRECATIONS", gone)
    first, *others = api().get("/api/v1/").headers["Link"].split(", ")
    assert (first, len(others)) == (before, 2)


def test_a_column_concerns_its_table_only(api, announced):
    plan = PlanFactory()
    for name, announced_there in (("updates", True), ("status", False)):
        answer = api().get(f"/api/v1/data/{plan.code}/{name}.csv")
        list(answer)  # read to its end, it is closed
        assert ("Sunset" in answer.headers) == announced_there


@pytest.fixture
def document(announced):
    return SchemaGenerator().get_schema(public=True)


def test_the_document_marks_an_operation_and_says_what_to_use_instead(document):
    marked = {
        path: operation["description"].rpartition("\n\n")[2]
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if operation.get("deprecated")
    }
    words = "Deprecated since 2027-01-01; may be gone from 2028-01-01. Use `areas/`."
    assert marked == {"/api/v1/goals/": words}


def test_the_document_marks_a_parameter(document):
    parameters = document["paths"]["/api/v1/areas/"]["get"]["parameters"]
    assert [row["name"] for row in parameters if row.get("deprecated")] == ["plan"]


def test_the_document_marks_a_key_and_speaks_of_a_code(document):
    schemas = document["components"]["schemas"]
    marked = [name for name, row in schemas["Plan"]["properties"].items() if row.get("deprecated")]
    assert marked == ["notice"]
    assert schemas["Plan"]["properties"]["notice"]["description"].count("Deprecated") == 1
    assert "`archived`: Deprecated since 2027-01-01" in schemas["PlanVisibility"]["description"]
    assert "deprecated" not in schemas["PlanVisibility"]


def is_there(document, item):
    """Whether the code still has what an entry is about."""
    if not item.column:
        return any(described_parts(document, item))
    table, _, column = item.column.partition(".")
    if table not in TIDY_TABLES:
        return False
    return not column or f"`{column}`" in map(documented_name, TIDY_TABLES[table].columns)


def test_what_is_listed_is_there_until_it_may_be_gone():
    document, now = SchemaGenerator().get_schema(public=True), timezone.now()
    there = [item for item in deprecations.DEPRECATIONS if item.sunset > now]
    assert [item for item in there if not is_there(document, item)] == []


def test_what_is_listed_and_nowhere_is_found(document):
    nowhere = [item.route for item in deprecations.DEPRECATIONS if not is_there(document, item)]
    assert nowhere == ["api:gone"]


def test_all_is_promised_for_twelve_months_at_least():
    for item in deprecations.DEPRECATIONS:
        assert (item.sunset - item.since).days >= 365
