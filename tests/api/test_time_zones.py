"""Times in responses are in UTC, whatever the time zone of the site."""

import pytest
from rest_framework import serializers

from commitments.api.fields import UtcTimeField
from tests.described import document
from tests.steps import published, token

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]


@pytest.fixture
def answers(api, duty, reporter, reviewer):
    """`answers(people, paths)` is the JSON that the API returns to each of these people at these
    paths, by user name and path."""
    published(duty, reporter, reviewer)
    token(reporter)

    def ask(people, paths):
        given = {
            (person and person.username, path): api(person).get(path)
            for person in people
            for path in paths
        }
        is_json = {"application/json", "application/problem+json"}
        return {
            key: answer.content
            for key, answer in given.items()
            if answer.headers.get("Content-Type") in is_json and not answer.streaming
        }

    return ask


def test_an_update_has_the_same_times_in_each_time_zone_of_the_site(answers, settings):
    paths = [f"/api/v1/{name}/" for name in ("updates", "changes", "commitments", "evidence")]
    in_utc = answers([None], paths)
    assert b'"published_at":"2026-07-01T04:00:00.000000Z"' in in_utc[None, "/api/v1/updates/"]
    settings.TIME_ZONE = "Asia/Shanghai"
    assert answers([None], paths) == in_utc


def kinds_below(kind):
    return {kind, *(found for below in kind.__subclasses__() for found in kinds_below(below))}


def test_every_time_of_a_serializer_is_returned_in_utc():
    ours = [
        kind
        for kind in kinds_below(serializers.Serializer)
        if kind.__module__.startswith("commitments.api")
        # A base of others names no model.
        and (hasattr(kind, "Meta") or not issubclass(kind, serializers.ModelSerializer))
    ]
    times = {
        (kind.__name__, name): type(field)
        for kind in ours
        for name, field in kind().fields.items()
        if isinstance(field, serializers.DateTimeField)
    }
    assert len(times) > 20
    assert {place for place, kind in times.items() if not issubclass(kind, UtcTimeField)} == set()


@pytest.mark.long
def test_all_responses_have_the_same_times_in_each_time_zone_of_the_site(
    answers, settings, reporter, reviewer, curator, administrator
):
    people = [None, reporter, reviewer, curator, administrator]
    paths = [
        path
        for path, methods in document()["paths"].items()
        if "get" in methods and "{" not in path
    ]
    in_utc = answers(people, paths)
    assert len(in_utc) > 3 * len(people)
    settings.TIME_ZONE = "Asia/Shanghai"
    again = answers(people, paths)
    assert {key for key in in_utc if in_utc[key] != again[key]} == set()
