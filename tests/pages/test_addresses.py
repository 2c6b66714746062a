"""No address fails, whatever stands in it: what there cannot be is not found or refused."""

import pytest

pytestmark = pytest.mark.django_db

NAMES = ["%00", "1.1%00", "x%00y", "%F0%9F%93%9C", "%27", "9" * 30, "..", "%2e%2e", "a" * 500]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/commitments/{}/",
        "/api/v1/commitments/{}/history/",
        "/api/v1/commitments/PLAN-{}/history/",
        "/api/v1/updates/{}/content/",
        "/en/{}/",
        "/en/PLAN/commitments/{}/",
        "/en/PLAN/commitments/{}/history/",
        "/en/PLAN/goals/{}/",
        "/en/PLAN/areas/{}/",
        "/en/PLAN/forums/{}/",
    ],
)
def test_a_name_that_there_cannot_be_is_not_found(client, plan, path, name):
    assert client.get(path.format(name)).status_code == 404


# A quick run gives every value to a parameter of each sort, and the first one to the others.
QUICK = ("q", "goal", "forum", "as_of", "page")
OTHERS = ("office", "status", "known_at", "ordering", "%00")
QUERIES = [
    pytest.param(
        parameter, name, marks=() if name == NAMES[0] or parameter in QUICK else pytest.mark.long
    )
    for parameter in QUICK + OTHERS
    for name in NAMES
]


@pytest.mark.parametrize(("parameter", "name"), QUERIES)
def test_a_page_is_shown_whatever_the_query_says(client, plan, parameter, name):
    assert client.get(f"/en/PLAN/commitments/?{parameter}={name}").status_code == 200
