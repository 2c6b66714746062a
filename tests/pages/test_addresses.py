"""No address fails, whatever stands in it: what there cannot be is not found or refused."""

from itertools import product

import pytest

from commitments.pages.urls import urlpatterns
from tests.examples import sampled

pytestmark = pytest.mark.django_db

OF_PLAN = "<plan:plan>"
NAMES = ["%00", "1.1%00", "x%00y", "%F0%9F%93%9C", "%27", "9" * 30, "..", "%2e%2e", "a" * 500]


PATHS = [
    "/api/v1/commitments/{}/",
    "/en/PLAN/commitments/{}/",
    "/api/v1/commitments/{}/history/",
    "/api/v1/commitments/PLAN-{}/history/",
    "/api/v1/updates/{}/content/",
    "/en/{}/",
    "/en/PLAN/commitments/{}/history/",
    "/en/PLAN/goals/{}/",
    "/en/PLAN/areas/{}/",
    "/en/PLAN/forums/{}/",
]


def in_quick_paths(path, name):
    """A quick run gives every name to an address of the API and to a page, and the first one to
    the others."""
    return path, name if path in PATHS[:2] else None


@pytest.mark.parametrize(("path", "name"), sampled(product(PATHS, NAMES), in_quick_paths))
def test_a_name_that_there_cannot_be_is_not_found(client, plan, path, name):
    assert client.get(path.format(name)).status_code == 404


PARAMETERS = ["q", "goal", "forum", "as_of", "page"]
PARAMETERS += ["office", "status", "known_at", "ordering", "%00"]


def in_quick_queries(parameter, name):
    """A quick run gives every value to a text and to a day, and the first one to the others."""
    return parameter, name if parameter in ("q", "as_of") else None


@pytest.mark.parametrize(
    ("parameter", "name"), sampled(product(PARAMETERS, NAMES), in_quick_queries)
)
def test_a_page_is_shown_whatever_the_query_says(client, plan, parameter, name):
    assert client.get(f"/en/PLAN/commitments/?{parameter}={name}").status_code == 200


def without_names(entry):
    return "<" not in str(entry.pattern).removeprefix(OF_PLAN)


@pytest.mark.parametrize("entry", [*filter(without_names, urlpatterns)], ids=lambda e: e.name)
def test_no_page_fails_because_of_a_null_character_in_its_query(client, duty, entry):
    """PostgreSQL has no such texts, and would refuse the query."""
    view = getattr(entry.callback, "view_class", entry.callback)
    parameters = dict.fromkeys(("q", "as_of", *getattr(view, "parameters", ())))
    query = "&".join(f"{name}=a%00b&{name}=a%00c" for name in parameters)
    path = str(entry.pattern).replace(OF_PLAN, "PLAN")
    # 404: this plan has no forums, offices or meetings.
    assert client.get(f"/en/{path}?{query}", follow=True).status_code in (200, 404)
