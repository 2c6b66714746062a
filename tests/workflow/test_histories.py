"""After any history, the querysets, the roll-ups and the REST API give the same statuses as a model
in plain Python, on any day and for any time of publication."""

from datetime import date, datetime
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given, settings

from commitments import rollups
from commitments.clocks import Clock
from commitments.models import Commitment
from tests.workflow.histories import DAY, D, S
from tests.workflow.player import EVERY_EXAMPLE, EXAMPLE, TICK, Player

# The same facts from three sources, in the form of the model


def by_queryset(clock):
    rows = Commitment.objects.at(clock).values_list(
        "number",
        "assessment_status",
        "assessment_id",
        "assessment_effective_on",
        "assessment_precision",
        "assessment_published_at",
        "assessment_level",
        "freshness",
        "schedule",
        "update_count",
    )
    return {number: tuple(values) for number, *values in rows}


def by_rollup(report):
    def plain(group):
        kinds = {
            kind.value: {**vars(part), "fulfilled": list(part.fulfilled)}
            for kind, part in group.kinds.items()
        }
        return {
            "commitments": group.commitments,
            "freshness": group.freshness,
            "active": group.active_at_forum,
            **kinds,
        }

    return plain(report.total), [(group.key, plain(group)) for group in report.groups]


def by_rest(client, address):
    response = client.get(address)
    assert response.status_code == 200, (address, response.content)
    return response.json()


def rest_commitment(row):
    status = row["status"]
    return (
        status["code"],
        status["update"],
        status["effective_on"] and date.fromisoformat(status["effective_on"]),
        status["date_precision"],
        status["published_at"] and datetime.fromisoformat(status["published_at"]),
        status["evidence_level"],
        status["freshness"],
        row["schedule"],
        row["updates"],
    )


def rest_group(group):
    values = {name: group[name] for name in ("commitments", "freshness", D, S)}
    return {**values, "active": group["active_at_forum"]}


def check_all_times(player):
    """Compare querysets and roll-ups at each time of a change, just before it, and around each date
    of the plan."""
    model, now = player.model, player.now()
    for time in {min(at + n * TICK, now) for at in player.times for n in (-1, 0)}:
        clock = Clock(now, known_at=time)
        assert by_queryset(clock) == model.statuses(now, known_at=time), time
        total, groups = by_rollup(rollups.report(Commitment.objects.at(clock), "forum", clock))
        expected_total, expected, _members = model.groups("forum", now, known_at=time)
        assert (total, dict(groups)) == (expected_total, expected), time
    dates = {row.get("due_on") for row in model.document["commitments"]}
    for milestone in model.row("4")["milestones"]:
        dates |= {milestone["due_on"], milestone.get("done_on")}
    for day in {date.fromisoformat(day) + n * DAY for day in dates if day for n in (0, 1)}:
        if day <= model.local_day(now):
            assert by_queryset(Clock(now, as_of=day)) == model.statuses(now, as_of=day), day


def compare_sources(player, reading, client):
    """Compare all sources under one clock."""
    parameters = player.clock(reading)
    query = urlencode({name: value.isoformat() for name, value in parameters.items()})
    compare_commitments(player, parameters, query, client)
    compare_groups(player, reading, parameters, query, client)
    compare_updates(player, parameters, query, client)


def compare_commitments(player, parameters, query, client):
    model, now = player.model, player.now()
    statuses = model.statuses(now, **parameters)
    assert by_queryset(Clock(now, **parameters)) == statuses, parameters
    rows = by_rest(client, f"/api/v1/commitments/?plan=PLAN&{query}")["results"]
    assert {row["number"]: rest_commitment(row) for row in rows} == statuses, parameters
    texts = {row["number"]: row["text"]["en"] for row in model.document["commitments"]}
    assert {row["number"]: row["text"]["en"] for row in rows} == texts


def compare_groups(player, reading, parameters, query, client):
    model, now, by = player.model, player.now(), reading.group_by
    clock = Clock(now, **parameters)
    expected_total, expected, members = model.groups(by, now, **parameters)
    report = rollups.report(Commitment.objects.at(clock), by, clock)
    status = by_rest(client, f"/api/v1/status/?plan=PLAN&group_by={by}&{query}")
    assert status["as_of"] == str(model.day(now, **parameters))
    rest = rest_group(status["total"]), [(row["key"], rest_group(row)) for row in status["groups"]]
    for total, listed in (by_rollup(report), rest):
        assert total == expected_total, parameters
        # Goals and areas without commitments are listed too; the model leaves them out.
        groups = [(key, group) for key, group in listed if key in expected or group["commitments"]]
        assert len(groups) == len(expected)
        assert dict(groups) == expected, (by, parameters)
    linked = [row for row in status["groups"] if row["members"] and row["key"] in members]
    for row in linked[reading.day_offset % 3 :: 4]:  # every fourth: reading all takes too long
        listed = by_rest(client, row["members"])["results"]
        assert {item["number"] for item in listed} == set(members[row["key"]]), row["members"]


def compare_updates(player, parameters, query, client):
    model, now = player.model, player.now()
    listed = by_rest(client, f"/api/v1/updates/?plan=PLAN&page_size=200&{query}")["results"]
    updates = model.counting(now, **parameters) if parameters else model.public()
    ids = sorted((update.pk for update in updates), reverse=True)
    assert [row["id"] for row in listed] == ids, parameters
    retracted = {update.pk for update in updates if update.retracted_at}
    assert {row["id"] for row in listed if row["summary"] == {}} == retracted


@pytest.fixture
def check_history(api, reporter, reviewer, curator):
    """`check_history(**example)` plays a history; it compares the querysets with the model after
    each event, and all sources at the end."""

    def check(zone, interval, history, readings):
        default = SimpleNamespace(day=None, day_offset=0, time=None, group_by="forum")
        # Fresh instances: Django caches permissions on them, and each example has other offices.
        people = (User.objects.get(pk=who.pk) for who in (reporter, reviewer, curator))
        with transaction.atomic():
            player = Player(zone, interval, *people)
            for event in history:
                player.play(event)
                now = player.now()
                assert by_queryset(Clock(now)) == player.model.statuses(now)
            check_all_times(player)
            with time_machine.travel(player.now(), tick=False):
                for reading in (default, *readings):
                    compare_sources(player, reading, api())
            transaction.set_rollback(True)

    return check


@pytest.mark.alike
@settings(max_examples=3, **EVERY_EXAMPLE)
@given(**EXAMPLE)
def test_model_querysets_roll_ups_and_rest_agree_on_any_history(check_history, **example):
    check_history(**example)


@pytest.mark.long
@settings(max_examples=80, **EVERY_EXAMPLE)
@given(**EXAMPLE)
def test_model_querysets_roll_ups_and_rest_agree_on_many_histories(check_history, **example):
    check_history(**example)
