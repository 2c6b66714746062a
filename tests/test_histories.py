"""Any history through the real doors, then four ways to ask what stood on a day by what was known
at a moment: a model in plain Python, the querysets, the roll-ups, and REST. All must agree."""

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
from tests.histories import DAY, D, S
from tests.player import EVERY_EXAMPLE, EXAMPLE, TICK, Player

# Four ways to ask


def by_queryset(clock):
    rows = Commitment.objects.at(clock).values_list(
        "number",
        "claim_status",
        "claim_id",
        "claim_effective_on",
        "claim_precision",
        "claim_published_at",
        "claim_level",
        "freshness",
        "schedule",
        "update_count",
    )
    return {number: tuple(told) for number, *told in rows}


def by_rollup(report):
    def plain(group):
        kinds = {
            kind.value: {**vars(told), "fulfilled": list(told.fulfilled)}
            for kind, told in group.kinds.items()
        }
        said = {"commitments": group.commitments, "freshness": group.freshness, **kinds}
        return {**said, "active": group.active_at_forum}

    return plain(report.total), [(group.key, plain(group)) for group in report.groups]


def by_rest(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.content)
    return answer.json()


def rest_commitment(row):
    said, moment = row["status"], row["status"]["published_at"]
    return (
        said["code"],
        said["update"],
        said["effective_on"] and date.fromisoformat(said["effective_on"]),
        said["date_precision"],
        moment and datetime.fromisoformat(moment),
        said["evidence_level"],
        said["freshness"],
        row["schedule"],
        row["updates"],
    )


def rest_group(group):
    said = {name: group[name] for name in ("commitments", "freshness", D, S)}
    return {**said, "active": group["active_at_forum"]}


def scan(player):
    """At every moment at which something was done or just had not been, and around every date."""
    model, now = player.model, player.now()
    for moment in {min(at + n * TICK, now) for at in player.moments for n in (-1, 0)}:
        clock = Clock(now, known_at=moment)
        assert by_queryset(clock) == model.standing(now, known_at=moment), moment
        told = by_rollup(rollups.report(Commitment.objects.at(clock), "forum", clock))
        total, groups, _members = model.groups("forum", now, known_at=moment)
        assert (told[0], dict(told[1])) == (total, groups), moment
    dates = {row.get("due_on") for row in model.document["commitments"]}
    for step in model.row("4")["milestones"]:
        dates |= {step["due_on"], step.get("done_on")}
    for day in {date.fromisoformat(day) + n * DAY for day in dates if day for n in (0, 1)}:
        if day <= model.local_day(now):
            assert by_queryset(Clock(now, as_of=day)) == model.standing(now, as_of=day), day


def compare(player, ask, client):
    model, now = player.model, player.now()
    clock = player.clock(ask)
    asked = Clock(now, **clock)
    query = urlencode({name: value.isoformat() for name, value in clock.items()})

    standing = model.standing(now, **clock)
    assert by_queryset(asked) == standing, clock
    rows = by_rest(client, f"/api/v1/commitments/?plan=PLAN&{query}")["results"]
    assert {row["number"]: rest_commitment(row) for row in rows} == standing, clock
    texts = {row["number"]: row["text"]["en"] for row in model.document["commitments"]}
    assert {row["number"]: row["text"]["en"] for row in rows} == texts

    total, groups, members = model.groups(ask.by, now, **clock)
    report = rollups.report(Commitment.objects.at(asked), ask.by, asked)
    status = by_rest(client, f"/api/v1/status/?plan=PLAN&group_by={ask.by}&{query}")
    assert status["as_of"] == str(model.day(now, **clock))
    rest = rest_group(status["total"]), [(row["key"], rest_group(row)) for row in status["groups"]]
    for told_total, listed in (by_rollup(report), rest):
        assert told_total == total, clock
        # A number without commitments may be listed too: there is nothing in it.
        told = [(key, group) for key, group in listed if key in groups or group["commitments"]]
        assert len(told) == len(groups)
        assert dict(told) == groups, (ask.by, clock)
    linked = [row for row in status["groups"] if row["members"] and row["key"] in members]
    for row in linked[ask.days % 3 :: 4]:  # not all of them: it takes long
        listed = by_rest(client, row["members"])["results"]
        assert {found["number"] for found in listed} == set(members[row["key"]]), row["members"]

    listed = by_rest(client, f"/api/v1/updates/?plan=PLAN&page_size=200&{query}")["results"]
    counting = model.counting(now, **clock) if clock else model.public()
    assert [row["id"] for row in listed] == sorted((u.pk for u in counting), reverse=True), clock
    gone = {update.pk for update in counting if update.retracted_at}
    assert {row["id"] for row in listed if row["summary"]["en"] == ""} == gone


@pytest.fixture
def tell(api, reporter, reviewer, curator):
    """Plays a history and compares what is told of it, by default clocks after each event."""

    def tell(zone, interval, history, asks):
        plain = SimpleNamespace(day=None, days=0, moment=None, by="forum")
        # What is known of a person is kept with them, and offices are others in each example.
        people = (User.objects.get(pk=who.pk) for who in (reporter, reviewer, curator))
        with transaction.atomic():
            player = Player(zone, interval, *people)
            for event in history:
                player.play(event)
                now = player.now()
                assert by_queryset(Clock(now)) == player.model.standing(now)
            scan(player)
            with time_machine.travel(player.now(), tick=False):
                for ask in (plain, *asks):
                    compare(player, ask, api())
            transaction.set_rollback(True)

    return tell


@pytest.mark.alike
@settings(max_examples=3, **EVERY_EXAMPLE)
@given(**EXAMPLE)
def test_any_history_is_told_alike_by_model_querysets_roll_ups_and_rest(tell, **example):
    tell(**example)


@pytest.mark.long
@settings(max_examples=80, **EVERY_EXAMPLE)
@given(**EXAMPLE)
def test_many_histories_are_told_alike_by_model_querysets_roll_ups_and_rest(tell, **example):
    tell(**example)
