"""A headless Chromium, Debian's own, and people who sign in with it."""

import io

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from playwright.sync_api import expect, sync_playwright

from commitments import planfile, planload
from commitments.choices import Role
from tests.factories import UserFactory
from tests.steps import NOW

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "only-for-tests"
PATIENCE = 20_000  # milliseconds: a busy machine is no failure

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium, live_server):
    """`browse(user, locale)` gives a page on which the user has signed in to the staff side;
    without a user, a page. Whatever the console complains of fails the test."""
    complaints, contexts = [], []

    def page_of(user=None, locale="en-US", **options):
        context = chromium.new_context(base_url=live_server.url, locale=locale, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: complaints.append(message.text) if bad(message) else 0)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if user is not None:
            user.password = make_password(PASSWORD)
            user.save()
            page.goto("/admin/")
            page.fill("#id_username", user.username)
            page.fill("#id_password", PASSWORD)
            page.click("input[type=submit]")
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert complaints == []


def bad(message):
    return message.type in ("error", "warning")


@pytest.fixture
def the_record(db):
    """The plan and the record that ship with the tracker."""
    planload.load(planfile.read("fixtures/iscc/plan.yaml"), at=NOW)
    for name, role in (("reporter", Role.REPORTER), ("reviewer", Role.REVIEWER)):
        UserFactory(username=name, roles=[role])
    with time_machine.travel("2026-11-25T12:00:00Z"):
        people = {"author": "reporter", "publish_as": "reviewer"}
        record = "fixtures/iscc/public-record.yaml"
        call_command("load_updates", record, stdout=io.StringIO(), **people)
