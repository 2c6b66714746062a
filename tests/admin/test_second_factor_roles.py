"""Whoever holds a role that asks for a second factor sets one up before anything else."""

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.access.second_factor import has_second_factor
from commitments.models import Plan
from tests.one_time_codes import FACTORS, SIGN_IN, is_signed_in, set_up_app, sign_in
from tests.steps import token

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.mark.long
@pytest.mark.parametrize(
    ("roles", "persona", "required"),
    [
        (["reviewer"], "reviewer", True),
        (["reviewer"], "reporter", False),
        (["administrator"], "administrator", True),
        (["curator"], "administrator", True),
        (["administrator"], "curator", False),
    ],
)
def test_a_role_that_asks_for_one_opens_nothing_else_first(
    client, request, settings, roles, persona, required
):
    settings.SECOND_FACTOR_ROLES = roles
    sign_in(client, request.getfixturevalue(persona))
    for page in ("/admin/", "/admin/records/", "/admin/commitments/progressupdate/"):
        answer = client.get(page)
        assert getattr(answer, "url", None) == (FACTORS if required else None), page
    assert client.get("/api/v1/me/").status_code == (401 if required else 200)
    if required:
        assert "Your role requires a second factor" in client.get(FACTORS).text
        set_up_app(client)
    assert is_signed_in(client)
    assert client.get("/api/v1/me/").status_code == 200


@pytest.mark.long
def test_until_then_one_may_read_and_sign_out(client, reviewer, settings, iscc):
    settings.SECOND_FACTOR_ROLES = ["reviewer"]
    sign_in(client, reviewer)
    assert client.get("/en/ISCC/").status_code == 200
    assert client.get("/api/v1/plans/ISCC/").status_code == 200
    Plan.objects.update(visibility="draft")
    assert client.get("/en/ISCC/").status_code == 404
    assert client.get("/api/v1/plans/ISCC/").status_code == 404
    assert client.post("/admin/logout/").status_code == 200
    assert client.get("/admin/").url.startswith(SIGN_IN)


def test_tokens_go_on(client, reviewer, settings):
    text = token(reviewer)
    settings.SECOND_FACTOR_ROLES = ["reviewer"]
    assert client.get("/api/v1/me/", headers={"Authorization": f"Token {text}"}).status_code == 200


def test_who_must_have_one_keeps_the_last_one(client, reporter, settings):
    settings.SECOND_FACTOR_ROLES = ["reporter"]
    sign_in(client, reporter)
    set_up_app(client)
    page = client.post("/admin/second-factor/app/remove/")
    assert "set up another one before you remove this one" in page.text
    passkey = Authenticator.objects.create(
        user=reporter, type="webauthn", data={"name": "Key", "credential": {}}
    )
    assert client.post("/admin/second-factor/app/remove/").status_code == 302
    client.post(f"/admin/second-factor/passkey/{passkey.pk}/remove/")
    assert has_second_factor(reporter)


def test_without_such_roles_nobody_is_looked_up(client, reporter):
    sign_in(client, reporter)
    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/me/")
    assert queries
    assert not [query for query in queries if "authenticator" in query["sql"]]
