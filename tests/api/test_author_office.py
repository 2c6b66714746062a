"""Staff find updates by the office of their author; for readers it is not public."""

import pytest

from tests import steps
from tests.factories import OfficeFactory, PlanFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

LIST = "/api/v1/updates/"


@pytest.fixture
def written(duty, reporter, other_reporter, reviewer):
    """Updates of somebody who is a member of two offices, and of somebody of none."""
    for code in ("CAC", "MFA"):
        OfficeFactory(code=code).members.add(reporter)
    OfficeFactory(code="MIIT")
    return {
        "published": steps.published(duty, reporter, reviewer),
        "draft": steps.draft(duty, reporter),
        "other": steps.published(duty, other_reporter, reviewer),
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("author_office=CAC", "published draft"),
        ("author_office=CAC&author_office=MFA", "published draft"),
        ("author_office=CAC&state=draft", "draft"),
        ("author_office=MIIT", ""),
        ("author_office=none", "other"),
        ("author_office=CAC&author_office=none", "published draft other"),
    ],
)
def test_staff_find_updates_by_the_office_of_their_author(api, written, curator, query, expected):
    rows = api(curator).get(f"{LIST}?{query}").json()["results"]
    names = {update.pk: name for name, update in written.items()}
    assert sorted(names[row["id"]] for row in rows) == sorted(expected.split())


@pytest.mark.parametrize("persona", ["anonymous", "visitor"])
@pytest.mark.parametrize("office", ["CAC", "none"])
def test_readers_do_not_learn_which_office_wrote_an_update(api, written, persona, office, request):
    answer = api(request.getfixturevalue(persona)).get(f"{LIST}?author_office={office}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["code"], error["parameter"]) == ("not_permitted", "author_office")
    assert "Only staff may filter by the office of the author" in error["detail"]
    assert "allowed" not in error


def test_a_token_for_some_plans_finds_authors_of_these_alone(client, written, curator):
    PlanFactory(code="OTHER")
    secret = steps.token(curator, plans=["OTHER"])
    bearer = {"Authorization": f"Bearer {secret}"}
    rows = client.get(f"{LIST}?author_office=CAC", headers=bearer).json()["results"]
    assert rows == []
