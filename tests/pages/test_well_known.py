"""Addresses that programs look for on every site."""

from datetime import timedelta

import pytest
from django.utils.dateparse import parse_datetime

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
