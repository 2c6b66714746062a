"""The pages of webhook subscribers: who may open them, and what each of their forms does."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.urls import reverse

from commitments.admin.records import webhook_forms
from commitments.admin.records.webhooks import WebhookSubscriberAdmin
from commitments.models import Decision, WebhookAttempt, WebhookSubscriber
from commitments.webhooks.subscribers import address_refusal
from tests.factories import PlanFactory
from tests.steps import NOW, published
from tests.webhooks.receiver import LIMITS_PATH, SHORT, is_signed

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

LIST = "/admin/commitments/webhooksubscriber/"
ADD = f"{LIST}add/"
VALUES = {"name": "Mirror", "url": "https://example.org/hook", "begin": "now"}
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


@pytest.fixture
def administrating(administrator, signed_in):
    return signed_in(administrator)


@pytest.fixture
def page(administrating, subscriber):
    """`page(do, **values)` sends a form of the subscriber's page and returns what follows;
    `page()` opens it."""
    address = f"{LIST}{subscriber.pk}/change/"

    def page(do="", **values):
        if not do:
            return administrating.get(address)
        return administrating.post(address, {"do": do, **values}, follow=True)

    return page


# Who may


@pytest.mark.parametrize("persona", ["visitor", "reporter", "reviewer", "curator"])
def test_nobody_but_administrators_opens_or_sends_anything(
    persona, request, signed_in, subscriber, server
):
    client = signed_in(request.getfixturevalue(persona))
    change = f"{LIST}{subscriber.pk}/change/"
    for address in (LIST, ADD, change, "/admin/commitments/webhookattempt/"):
        assert client.get(address).status_code in (302, 403)
    sent = [client.post(ADD, VALUES | {"name": "Another"})]
    for do in ("save", "pause", "ping", "rotate", "replay", "remove"):
        sent.append(client.post(change, {"do": do, "seq": 1, "sure": "on"}))
    for answer in sent:
        # Who has no role is asked to sign in, and the form is kept.
        assert answer.status_code == 403 or 'name="sign_in-password"' in answer.text
    assert WebhookSubscriber.objects.get().state == "active"
    assert server.requests == []


def test_the_log_cannot_be_changed(administrating, subscriber):
    row = subscriber.attempts.create(
        at=NOW, message_id="ping-1", type="ping", status=204, milliseconds=7
    )
    base = f"/admin/commitments/webhookattempt/{row.pk}"
    assert administrating.get(f"{base}/change/").status_code == 200
    assert administrating.post(f"{base}/change/", {"type": "x"}).status_code == 403
    assert administrating.post(f"{base}/delete/", {"post": "yes"}).status_code == 403
    assert administrating.post(f"{LIST}{subscriber.pk}/delete/", {"post": "yes"}).status_code == 403


# Adding


def test_a_secret_is_shown_once(administrating, duty):
    answer = administrating.post(ADD, VALUES)
    [secret] = SECRET.findall(answer.text)
    assert "<h1>Secret of the new subscriber</h1>" in answer.text
    assert "no-store" in answer["Cache-Control"]
    row = WebhookSubscriber.objects.get()
    assert (row.name, row.actions, row.plan, row.state) == ("Mirror", [], None, "active")
    for address in (LIST, f"{LIST}{row.pk}/change/"):
        text = administrating.get(address).text
        assert "Mirror" in text
        assert secret not in text
        assert "whsec_" not in text
        assert row.secret not in text
    assert LogEntry.objects.get().object_repr == "Mirror"


def test_a_subscriber_begins_now_or_with_the_first_change(administrating, duty, reporter, reviewer):
    published(duty, reporter, reviewer)
    head = Decision.objects.in_order().last().seq
    administrating.post(ADD, VALUES)
    administrating.post(ADD, VALUES | {"name": "Copy", "begin": "first"})
    found = dict(WebhookSubscriber.objects.values_list("name", "position"))
    assert found == {"Mirror": head, "Copy": 0}


def test_plan_and_changes_are_chosen(administrating, plan):
    draft = PlanFactory(code="SECRET", visibility="draft")
    choices = administrating.get(ADD).context["form"].fields["plan"].queryset
    assert list(choices) == [plan]
    refused = administrating.post(ADD, VALUES | {"plan": draft.pk})
    assert "plan" in refused.context["form"].errors
    administrating.post(ADD, VALUES | {"plan": plan.pk, "actions": ["publish", "retract"]})
    row = WebhookSubscriber.objects.get()
    assert (row.plan, row.actions) == (plan, ["publish", "retract"])


def test_changes_that_are_not_public_cannot_be_chosen(administrating):
    assert (
        "actions"
        in administrating.post(ADD, VALUES | {"actions": ["submit"]}).context["form"].errors
    )
    assert "name" in administrating.post(ADD, VALUES | {"name": ""}).context["form"].errors
    assert not WebhookSubscriber.objects.exists()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://example.org/hook", "begins with https://"),
        ("https://user:word@example.org/", "without a password"),
        ("https://example.org/#part", "without “#”"),
        ("https://10.0.0.1/", "public"),
        ("https://[::1]/", "public"),
        ("https://localhost/hook", "public"),
        ("https://hook.Localhost./", "public"),
        ("https://169.254.169.254/latest/", "public"),
        ("ftp://example.org/", "without a password"),
        ("https:///hook", "without a password"),
        ("https://example.org:99999/", "without a password"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(address, why):
    assert why in address_refusal(address)


def test_a_refused_address_is_said_at_its_field(administrating):
    form = administrating.post(ADD, VALUES | {"url": "http://example.org/"}).context["form"]
    assert form.errors["url"] == ["Enter an address that begins with https://."]
    assert address_refusal("https://例子.example/hook?x=1") == ""


# The page of a subscriber


def test_the_page_says_where_it_stands(page, subscriber, server, deliver, duty, reporter, reviewer):
    for _number in range(2):
        published(duty, reporter, reviewer)
    server.way = "says_500"
    deliver(NOW)
    text = " ".join(page().text.split())
    assert "last error: 500" in text
    assert "up to ledger entry 0 of 4" in text
    assert "changes that wait: 2" in text
    assert "change-2-" in text
    assert "&lt;h1&gt;Oh no&lt;/h1&gt;" in text
    assert "Try again now" in text


def test_a_page_costs_the_same_however_long_the_log_is(
    page, subscriber, django_assert_max_num_queries
):
    for number in range(40):
        subscriber.attempts.create(
            at=NOW, message_id=f"ping-{number}", type="ping", status=204, milliseconds=7
        )
    page()
    with django_assert_max_num_queries(13):
        answer = page()
    assert len(answer.context["attempts"]) == 20
    assert answer.context["attempts"][0][0].message_id == "ping-39"


def test_what_is_saved_is_what_was_sent(page, subscriber, plan, now_of):
    values = {"name": "Copy", "url": "https://example.org/", "plan": plan.pk, "actions": "edit"}
    page("save", **values)
    found = now_of(subscriber)
    assert (found.name, found.url, found.plan, found.actions) == (
        "Copy",
        "https://example.org/",
        plan,
        ["edit"],
    )
    answer = page("save", **(values | {"url": "http://example.org/"}))
    assert "begins with https" in answer.text
    assert now_of(subscriber).url == "https://example.org/"


def test_what_is_counted_while_a_form_is_saved_is_not_undone(page, subscriber, now_of, monkeypatch):
    def accepted_meanwhile(address):
        WebhookSubscriber.objects.update(position=7, tries=2, error="500", state="stopped")
        return ""

    monkeypatch.setattr(webhook_forms, "address_refusal", accepted_meanwhile)
    page("save", **VALUES, contact="them@example.org")
    row = now_of(subscriber)
    assert (row.url, row.contact) == (VALUES["url"], "them@example.org")
    assert (row.position, row.tries, row.error, row.state) == (7, 2, "500", "stopped")


@pytest.mark.parametrize(
    "sent", [{"do": "save", **VALUES}, {"do": "rotate"}, {"do": "replay", "seq": 1}]
)
def test_a_subscriber_that_is_removed_while_a_form_is_sent_is_not_found(
    page, subscriber, monkeypatch, sent, duty, reporter, reviewer
):
    published(duty, reporter, reviewer)
    found = WebhookSubscriberAdmin.get_object

    def removed_meanwhile(*args):
        row = found(*args)
        WebhookSubscriber.objects.all().delete()
        return row

    monkeypatch.setattr(WebhookSubscriberAdmin, "get_object", removed_meanwhile)
    assert page(**sent).status_code == 404
    assert not WebhookSubscriber.objects.exists()


def test_it_is_paused_and_resumed(page, subscriber, now_of):
    page("pause")
    assert now_of(subscriber).state == "paused"
    WebhookSubscriber.objects.update(tries=3, error="500")
    page("resume")
    found = now_of(subscriber)
    assert (found.state, found.tries, found.error, found.due_at) == ("active", 0, "", NOW)


def test_pausing_conceals_no_failure(page, subscriber, now_of):
    WebhookSubscriber.objects.update(state="stopped")
    page("pause")
    assert now_of(subscriber).state == "stopped"


@pytest.mark.long
def test_a_ping_is_answered_at_once(page, server, subscriber, monkeypatch):
    assert "was accepted: 204." in page("ping").text
    server.way = "says_500"
    assert "was not accepted: 500." in page("ping").text
    server.way = "hangs"
    monkeypatch.setattr(LIMITS_PATH, SHORT)
    assert "was not accepted: no response in time." in page("ping").text
    assert [row.type for row in WebhookAttempt.objects.all()] == ["ping"] * 3


def test_a_new_secret_is_shown_once_and_signs(page, server, subscriber):
    answer = page("rotate")
    [secret] = SECRET.findall(answer.text)
    assert "Until 2 July 2026" in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert secret not in page().text
    page("ping")
    assert is_signed(secret, *server.requests[-1])
    assert "signed with the former secret" not in page("rotate", end_former="on").text


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({}, "Enter a ledger entry or a day."),
        ({"seq": 1, "day": "2026-06-30"}, "Enter a ledger entry or a day."),
        ({"seq": 0}, "greater than or equal to 1"),
        ({"seq": 999}, "The latest ledger entry is"),
        ({"seq": "x"}, "Enter a whole number."),
        ({"day": "yesterday"}, "Enter a date such as"),
        ({"day": "2030-01-01"}, "Nothing has changed since that day."),
    ],
)
def test_a_replay_from_nowhere_is_refused(
    values, error, page, subscriber, now_of, duty, reporter, reviewer
):
    published(duty, reporter, reviewer)
    WebhookSubscriber.objects.update(position=2)
    assert error in page("replay", **values).text
    assert now_of(subscriber).position == 2


@pytest.mark.long
def test_a_replay_begins_with_an_entry_or_a_day(
    page, subscriber, now_of, duty, reporter, reviewer, server, deliver
):
    published(duty, reporter, reviewer)
    deliver(NOW)
    sent = server.ids()
    for values in ({"seq": 2}, {"day": "2026-07-01"}):
        assert "Ledger entry 2 is sent next; changes that wait: 1." in page("replay", **values).text
        deliver(NOW)
    assert server.ids() == sent * 3
    assert "Nothing has changed" in page("replay", day="2026-07-02").text


def test_it_is_removed_with_its_log_once_that_is_confirmed(page, subscriber, server):
    page("ping")
    page("remove")
    assert WebhookSubscriber.objects.exists()
    answer = page("remove", sure="on")
    assert answer.redirect_chain[-1][0] == LIST
    assert not WebhookSubscriber.objects.exists()
    assert not WebhookAttempt.objects.exists()


def test_what_no_button_asks_for_is_not_there(page):
    assert page("publish").status_code == 404


def test_a_list_does_not_show_the_path_of_an_address(administrating, subscribe):
    subscribe(url="https://hooks.example.org/a/secret/path")
    text = administrating.get(LIST).text
    assert "hooks.example.org" in text
    assert "secret/path" not in text


def test_old_rows_of_the_log_are_forgotten(subscriber):
    for days in (29, 31):
        subscriber.attempts.create(
            at=NOW - timedelta(days=days), message_id="1", type="ping", status=204, milliseconds=1
        )
    call_command("forget")
    assert WebhookAttempt.objects.get().at == NOW - timedelta(days=29)


def test_the_list_leads_to_a_subscriber(administrating, subscriber):
    address = reverse("admin:commitments_webhooksubscriber_change", args=[subscriber.pk])
    assert address in administrating.get(LIST).text
