"""Addresses of the API without the slash at their end."""

import pytest
from django.db import transaction

from commitments.api.problem_types import ProblemType
from commitments.models import Decision, Evidence, ProgressUpdate
from tests import steps
from tests.api.problem_details import problem, type_of
from tests.api.writing import EVENT, LINK

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.mark.parametrize("method", ["get", "head"])
def test_readers_of_an_address_without_its_last_slash_are_led_on(client, method):
    answer = getattr(client, method)("/api/v1/updates?plan=PLAN&page_size=5")
    assert (answer.status_code, answer.url) == (301, "/api/v1/updates/?plan=PLAN&page_size=5")
    assert client.get("/api/v1/nothing").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_who_writes_there_is_told_that_it_is_missing(api, reporter, method):
    answer = getattr(api(reporter), method)("/api/v1/updates")
    said = "This address does not exist: the slash at its end is missing."
    assert (answer.status_code, answer.json()["detail"]) == (404, said)


@pytest.fixture
def update(duty, reporter):
    return steps.draft(duty, reporter)


def writes(update):
    """What the author of a draft may do with it: the method, the address, and the body."""
    piece = update.evidence.get()
    yield "post", "/api/v1/updates/", EVENT | {"commitment": update.commitment.code}
    yield "patch", f"/api/v1/updates/{update.pk}/", {"summary": {"en": "Other words."}}
    yield "post", f"/api/v1/updates/{update.pk}/evidence/", LINK
    yield "patch", f"/api/v1/evidence/{piece.pk}/", {"title": {"en": "Another"}}
    yield "delete", f"/api/v1/evidence/{piece.pk}/", None
    yield "post", f"/api/v1/updates/{update.pk}/submit/", {}


def sent(client, update, method, address, body):
    """The answer to a write, with the ETag that the update has."""
    update.refresh_from_db()
    headers = {"If-Match": f'"{update.revision}"'}
    return getattr(client, method)(address, body, format="json", headers=headers)


def test_nothing_is_written_without_the_slash_which_the_problem_names(api, reporter, update):
    client = api(reporter)
    before = rows()
    for method, address, body in writes(update):
        answer = sent(client, update, method, address.removesuffix("/"), body)
        assert type_of(problem(answer, 404)) == ProblemType.MISSING_SLASH, address
        assert rows() == before
    remedy = api().get("/api/v1/problems/missing-slash/").json()["remedy"]["en"]
    assert remedy == "Send the request to the address with a slash at its end."
    for method, address, body in writes(update):
        with transaction.atomic():
            assert sent(client, update, method, address, body).status_code < 300, address
            assert rows() != before
            transaction.set_rollback(True)


def rows():
    """Every row that a write could change."""
    tables = (ProgressUpdate, Evidence, Decision)
    return [list(table.objects.order_by("pk").values()) for table in tables]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_where_there_is_nothing_with_a_slash_either_none_is_said_to_be_missing(
    api, reporter, method
):
    answer = getattr(api(reporter), method)("/api/v1/nothing")
    assert type_of(problem(answer, 404)) == ProblemType.NOT_FOUND


def test_whether_there_is_such_an_update_is_not_told(api, update):
    """By somebody who may not see it."""
    addresses = [f"/api/v1/updates/{number}" for number in (update.pk, update.pk + 1)]
    one, other = (api().patch(address) for address in addresses)
    assert (one.status_code, one.content) == (other.status_code, other.content)
