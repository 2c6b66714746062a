"""Subscribers of a record with every kind of change: what each gets, again or in part."""

from datetime import timedelta

import jsonschema_rs
import pytest
from django.core.management import call_command

from commitments.models import Decision, WebhookAttempt, WebhookSubscriber
from commitments.notify.webhooks import deliver_due
from commitments.webhooks.subscribers import replay_from
from tests.described import closed, components, document
from tests.factories import PlanFactory
from tests.steps import NOW
from tests.webhooks.receiver import is_signed

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("built_record")]

DAY = timedelta(days=1)


@pytest.mark.long
def test_a_message_is_the_row_of_the_list_of_changes(record, subscribe, server, deliver, api):
    _subscriber, secret = subscribe()
    rows = api().get("/api/v1/changes/", {"page_size": 200}).json()["results"]
    assert deliver(NOW + DAY) == {"delivered": len(rows)}
    assert server.payloads() == [
        {"type": row["action"], "timestamp": row["at"], "data": row} for row in rows
    ]
    assert [name.split("-")[1] for name in server.ids()] == [str(row["seq"]) for row in rows]
    for headers, body in server.requests:
        assert is_signed(secret, headers, body)
        assert headers["Content-Type"] == "application/json; charset=utf-8"
        assert headers["webhook-timestamp"] == str(int((NOW + DAY).timestamp()))
        assert "." not in headers["webhook-id"]


@pytest.mark.long
def test_a_message_is_what_the_description_of_the_api_says(subscriber, server, deliver):
    deliver(NOW + DAY)
    content = document()["webhooks"]["change"]["post"]["requestBody"]["content"]
    schema = {**closed(content["application/json"]["schema"]), "components": components()}
    described = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    payloads = server.payloads()
    assert payloads
    assert [error for payload in payloads for error in described.iter_errors(payload)] == []


@pytest.mark.long
def test_a_subscriber_of_a_plan_gets_its_changes_and_those_of_what_plans_share(
    subscribe, server, deliver, record
):
    subscribe(plan=record.duty.plan)
    subscribe(name="Elsewhere", plan=PlanFactory(code="ELSE"))
    deliver(NOW + DAY)
    plans = {payload["data"]["plan"] for payload in server.payloads()}
    assert plans == {record.duty.plan.code, None}
    shared = Decision.objects.public().filter(plan=None).count()
    own = Decision.objects.public().filter(plan=record.duty.plan).count()
    assert len(server.requests) == own + 2 * shared


def test_a_subscriber_of_some_changes_gets_no_others(record, subscribe, server, deliver, now_of):
    subscriber, _secret = subscribe(actions=["retract", "edit"])
    deliver(NOW + DAY)
    assert {payload["type"] for payload in server.payloads()} == {"retract", "edit"}
    # Whoever wants more from now on does not get what was before.
    WebhookSubscriber.objects.filter(pk=subscriber.pk).update(actions=[])
    before = len(server.requests)
    deliver(NOW + 2 * DAY)
    assert len(server.requests) == before
    assert now_of(subscriber).position == Decision.objects.in_order().last().seq


@pytest.mark.long
def test_a_replay_sends_the_same_messages_again(record, subscriber, server, deliver):
    deliver(NOW + DAY)
    sent = server.ids()
    middle = Decision.objects.public().in_order()[3]
    replay_from(subscriber.pk, middle.seq, at=NOW)
    deliver(NOW + DAY)
    assert server.ids() == sent + sent[3:]


def test_a_position_is_never_beyond_the_ledger(subscriber, now_of, record):
    replay_from(subscriber.pk, 10**9, at=NOW)
    assert now_of(subscriber).position == Decision.objects.in_order().last().seq
    replay_from(subscriber.pk, 0, at=NOW)
    assert now_of(subscriber).position == 0


def test_a_dry_run_sends_and_changes_nothing(record, subscriber, server, now_of, capsys):
    call_command("send_webhooks_due", "--dry-run")
    out = capsys.readouterr().out
    assert f"Mirror: {Decision.objects.public().count()} changes, the first change-1-" in out
    assert "whsec_" not in out
    assert server.requests == []
    assert now_of(subscriber).due_at == NOW
    assert not WebhookAttempt.objects.exists()


@pytest.mark.long
def test_the_command_says_what_came_of_it(record, subscriber, server, capsys):
    call_command("send_webhooks_due")
    assert "Changes: delivered" in capsys.readouterr().out
    call_command("send_webhooks_due")
    assert "none was due" in capsys.readouterr().out


def test_a_run_ends_in_time(record, subscriber, server):
    times = iter(range(0, 10_000, 4))
    counts = deliver_due(lambda: NOW + timedelta(minutes=next(times)))
    assert 0 < counts["delivered"] < Decision.objects.public().count()
