"""Addresses that programs look for on every site."""

from datetime import timedelta

import pytest
from django.utils.dateparse import parse_datetime

from tests.factories import PlanFactory
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

ADDRESS = "/.well-known/security.txt"


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("security@example.org", "mailto:security@example.org"),
        ("https://example.org/report", "https://example.org/report"),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)
def test_it_says_to_whom_a_weakness_is_reported(client, settings, contact, expected):
    settings.SITE_CONTACT = contact
    answer = client.get(ADDRESS)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == expected
    assert NOW < parse_datetime(fields["Expires"]) < NOW + timedelta(days=365)
    assert fields["Canonical"] == f"http://testserver{ADDRESS}"
    assert fields["Preferred-Languages"] == "en, zh-hans"


def test_without_a_contact_there_is_none(client, settings):
    settings.SITE_CONTACT = ""
    assert client.get(ADDRESS).status_code == 404


CATALOGUE = "/.well-known/api-catalog"


@pytest.mark.long
def test_the_catalogue_of_apis_leads_to_the_description_the_page_and_the_health(client):
    PlanFactory(code="PLAN")
    PlanFactory(code="DRAFT", visibility="draft")
    answer = client.get(CATALOGUE)
    kind, _, profile = answer["Content-Type"].partition("; ")
    assert kind == "application/linkset+json"
    assert profile == 'profile="https://www.rfc-editor.org/info/rfc9727"'
    catalogue, api = answer.json()["linkset"]
    assert catalogue["anchor"] == f"http://testserver{CATALOGUE}"
    assert catalogue["item"] == [{"href": api["anchor"]}]
    for relation in ("service-desc", "service-doc", "status", "service-meta"):
        [link] = api[relation]
        found = client.get(link["href"])
        assert found.status_code == 200
        assert found["Content-Type"].partition(";")[0] == link["type"], relation


def test_the_catalogue_is_found_by_the_head_of_its_address_and_of_the_api(client):
    link = f'<http://testserver{CATALOGUE}>; rel="api-catalog"'
    assert client.head(CATALOGUE)["Link"] == link
    assert client.head("/api/v1/")["Link"] == link
    assert client.post(CATALOGUE).status_code == 405


def test_scripts_of_other_sites_may_read_the_catalogue(client):
    answer = client.get(CATALOGUE, headers={"Origin": "https://example.org"})
    assert answer["Access-Control-Allow-Origin"] == "*"
