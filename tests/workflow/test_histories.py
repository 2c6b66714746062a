"""After any history, querysets, roll-ups, the REST API, files and pages give the same figures as a
model in plain Python, on any day and for any time of publication."""

from datetime import date, datetime
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given, settings

from commitments.choices import CoverageGap, FindingResult, PeriodUnit
from commitments.clocks import Clock
from commitments.models import Commitment, Plan
from commitments.rollups.trend import trend
from tests.examples import examples
from tests.rollups.reports import report_at
from tests.workflow.histories import DAY, FIRST_READING, D, S
from tests.workflow.history_sources import (
    compare_file,
    compare_grid,
    compare_movements,
    compare_page,
)
from tests.workflow.player import EVERY_EXAMPLE, EXAMPLE, TICK, Player

# The same facts from three sources, in the form of the model


def by_queryset(clock):
    rows = Commitment.objects.at(clock).with_coverage_gap_flags(clock).with_findings()
    rows = rows.with_date_history(clock).with_milestones(clock).with_known_criteria(clock)
    return {row.number: queryset_state(row) for row in rows}


def queryset_state(row):
    action = (row.action_id, row.action_on, row.action_precision, row.action_type)
    found = {code.value: getattr(row, f"findings_{code.value}") for code in FindingResult}
    return {
        "status": row.assessment_status,
        "update": row.assessment_id,
        "effective_on": row.assessment_effective_on,
        "covers_from": row.assessment_covers_from,
        "precision": row.assessment_precision,
        "published_at": row.assessment_published_at,
        "level": row.assessment_level,
        "freshness": row.freshness,
        "schedule": row.schedule,
        "due_on": due_dates(row),
        "ends_on": row.known_ends_on,
        "milestones": {
            step.key: (*due_dates(step), *filter(None, (step.met_on, step.met_by)))
            for step in row.known_milestones
        },
        "updates": row.update_count,
        "action": action if row.action_id else None,
        "findings": sorted(result for result, n in found.items() for _ in range(n)),
        "criteria": {criterion.key for criterion in row.known_criteria},
        "gaps": {code.value for code in CoverageGap if getattr(row, code.value)},
    }


def due_dates(row):
    return (row.known_due_on, *filter(None, [row.due_on_first]), row.due_on_changes)


def by_rollup(report):
    return plain_group(report.total), [(group.key, plain_group(group)) for group in report.groups]


def plain_group(group):
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


def by_rest(client, address):
    response = client.get(address)
    assert response.status_code == 200, (address, response.content)
    return response.json()


def as_date(text):
    return text and date.fromisoformat(text)


def rest_state(row):
    """Return what the API says of a commitment in a list, which does not name gaps."""
    status, action, found = row["status"], row["last_action"], row["findings"] or {"of": 0}
    results = [result for result, n in found.items() if result != "of" for _ in range(n)]
    assert found["of"] == len(results)
    return {
        "status": status["code"],
        "update": status["update"],
        "effective_on": as_date(status["effective_on"]),
        "covers_from": as_date(status["covers_from"]),
        "precision": status["date_precision"],
        "published_at": status["published_at"] and datetime.fromisoformat(status["published_at"]),
        "level": status["evidence_level"],
        "freshness": status["freshness"],
        "schedule": row["schedule"],
        "due_on": rest_due_dates(row),
        "ends_on": as_date(row["ends_on"]),
        "milestones": {
            step["key"]: (
                *rest_due_dates(step),
                *filter(None, (as_date(step["met_on"]), step["met_by"])),
            )
            for step in row["milestones"]
        },
        "updates": row["updates"],
        "action": action
        and (
            action["update"],
            as_date(action["on"]),
            action["date_precision"],
            action["event_type"],
        ),
        "findings": sorted(results),
        "criteria": {criterion["key"] for criterion in row["criteria"]},
    }


def rest_due_dates(row):
    first = filter(None, [as_date(row["due_on_first"])])
    return (as_date(row["due_on"]), *first, row["due_on_changes"])


def rest_group(group):
    values = {name: group[name] for name in ("commitments", "freshness", D, S)}
    return {**values, "active": group["active_at_forum"]}


def check_times(player, most):
    """Compare querysets and roll-ups at times of a change and just before them, and around dates of
    the plan and days on which an assessment may lapse; at most as many times and days."""
    model, now = player.model, player.now()
    for time in spread({min(at + n * TICK, now) for at in player.times for n in (-1, 0)}, most):
        clock = Clock(now, known_at=time)
        assert by_queryset(clock) == model.states(now, known_at=time), time
        total, groups = by_rollup(report_at(clock, "forum"))
        expected_total, expected, _members = model.groups("forum", now, known_at=time)
        assert (total, dict(groups)) == (expected_total, expected), time
    days = {day + n * DAY for *_names, day in model.dates for n in (0, 1)}
    for update in model.public():
        ages = [n * model.interval + more for n in (1, 2, 3) for more in (0, 1)]
        days |= {update.effective_on + age * DAY for age in ages}
    for day in spread({day for day in days if day <= model.local_day(now)}, most):
        assert by_queryset(Clock(now, as_of=day)) == model.states(now, as_of=day), day


def spread(values, most):
    """Return at most this many of these values, evenly spread, the last among them."""
    values = sorted(values, reverse=True)
    return values[:: -(-len(values) // most) or 1]


def compare_sources(player, reading, client):
    """Compare all sources under one clock."""
    parameters = player.clock(reading)
    query = urlencode({name: value.isoformat() for name, value in parameters.items()})
    compare_commitments(player, reading, parameters, query, client)
    compare_groups(player, reading, parameters, query, client)
    compare_updates(player, parameters, query, client)
    compare_trend(player, parameters, query, client)
    compare_grid(player, parameters, query, client)
    compare_movements(player, reading, parameters, query, client)
    compare_file(player, parameters, query, client)
    compare_page(player, parameters, query, client)


def compare_commitments(player, reading, parameters, query, client):
    model, now = player.model, player.now()
    states = model.states(now, **parameters)
    assert by_queryset(Clock(now, **parameters)) == states, parameters
    rows = by_rest(client, f"/api/v1/commitments/?plan=PLAN&{query}")["results"]
    gaps = {number: state.pop("gaps") for number, state in states.items()}
    assert {row["number"]: rest_state(row) for row in rows} == states, parameters
    texts = {row["number"]: row["text"]["en"] for row in model.document["commitments"]}
    assert {row["number"]: row["text"]["en"] for row in rows} == texts
    code = CoverageGap.values()[reading.day_offset % len(CoverageGap)]
    expected = {number for number, codes in gaps.items() if code in codes}
    assert numbers(client, f"coverage={code}&{query}") == expected, (code, parameters)
    since = model.day(now, **parameters) - reading.days_before * DAY
    expected = {
        number
        for number, state in states.items()
        if state["action"] and state["action"][1] >= since
    }
    assert numbers(client, f"acted_since={since}&{query}") == expected, (since, parameters)


def numbers(client, query):
    rows = by_rest(client, f"/api/v1/commitments/?plan=PLAN&{query}")["results"]
    return {row["number"] for row in rows}


def compare_groups(player, reading, parameters, query, client):
    model, now, by = player.model, player.now(), reading.group_by
    clock = Clock(now, **parameters)
    expected_total, expected, members = model.groups(by, now, **parameters)
    status = by_rest(client, f"/api/v1/status/?plan=PLAN&group_by={by}&{query}")
    assert status["as_of"] == str(model.day(now, **parameters))
    rest = rest_group(status["total"]), [(row["key"], rest_group(row)) for row in status["groups"]]
    for total, listed in (by_rollup(report_at(clock, by)), rest):
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
    levels = model.levels(updates, parameters.get("known_at"))
    assert {row["id"]: row["evidence_level"] for row in listed} == levels, parameters


def compare_trend(player, parameters, query, client):
    model, now = player.model, player.now()
    clock = Clock(now, **parameters)
    plan, commitments = Plan.objects.get(code="PLAN"), Commitment.objects.at(clock)
    expected = {
        day: model.total(now, **parameters | {"as_of": day})
        for day in model.years(now, **parameters)
    }
    periods = trend(commitments, plan, PeriodUnit.YEAR, clock)
    assert {row.ends_on: plain_group(row.group) for row in periods} == expected, parameters
    rows = by_rest(client, f"/api/v1/status/trend/?plan=PLAN&by=year&{query}")["periods"]
    for row in rows:
        total = expected[date.fromisoformat(row["ends_on"])]
        assert {name: row[name] for name in (D, S, "freshness")} == {
            name: total[name] for name in (D, S, "freshness")
        }


@pytest.fixture
def check_history(api, reporter, reviewer, curator):
    """`check_history(most, **example)` plays a history. It compares the querysets with the model
    after at most `most` of its events and at as many times of changes, and all sources at the
    end."""

    def check(most, zone, interval, history, readings):
        # Fresh instances: Django caches permissions on them, and each example has other offices.
        people = (User.objects.get(pk=who.pk) for who in (reporter, reviewer, curator))
        with transaction.atomic():
            player = Player(zone, interval, *people)
            compared = spread(range(len(history)), most)
            for place, event in enumerate(history):
                player.play(event)
                now = player.now()
                if place in compared:
                    assert by_queryset(Clock(now)) == player.model.states(now)
            check_times(player, most)
            with time_machine.travel(player.now(), tick=False):
                for reading in (FIRST_READING, *readings):
                    compare_sources(player, reading, api())
            transaction.set_rollback(True)

    return check


@pytest.mark.alike
@settings(max_examples=2, **EVERY_EXAMPLE)
@given(**EXAMPLE)
def test_model_querysets_roll_ups_and_rest_agree_on_any_history(check_history, **example):
    check_history(2, **example | {"readings": example["readings"][:1]})


@pytest.mark.long
@settings(max_examples=examples(30), **EVERY_EXAMPLE)
@given(**EXAMPLE)
def test_model_querysets_roll_ups_and_rest_agree_on_many_histories(check_history, **example):
    check_history(8, **example)
