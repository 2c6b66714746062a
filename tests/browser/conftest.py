"""A headless Chromium, as Debian packages it, and users signed in with it."""

import io

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from playwright.sync_api import expect, sync_playwright

from commitments.choices import Role
from commitments.importing import plan_file, plan_load
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
# In milliseconds; long, so that tests do not fail on a busy machine.
TIMEOUT = 20_000

expect.set_options(timeout=TIMEOUT)


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium, live_server):
    """`browse(user, locale)` returns a page, on which the user is signed in to the admin if one is
    given. The test fails if the console shows an error or a warning."""
    complaints, contexts = [], []

    def browse(user=None, locale="en-US", **options):
        context = chromium.new_context(base_url=live_server.url, locale=locale, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on(
            "console", lambda message: complaints.append(message.text) if is_bad(message) else 0
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if user is not None:
            user.password = make_password(PASSWORD)
            user.save()
            page.goto("/admin/")
            page.fill("#id_username", user.username)
            page.fill("#id_password", PASSWORD)
            with page.expect_navigation():
                page.click("input[type=submit]")
        return page

    yield browse
    for context in contexts:
        context.close()
    assert complaints == []


def is_bad(message):
    return message.type in ("error", "warning")


@pytest.fixture
def shipped_record(db):
    """The plan and the updates that ship with the tracker."""
    plan_load.load_plan(plan_file.read_plan_file("fixtures/iscc/plan.yaml").value, at=NOW)
    for name, role in (("reporter", Role.REPORTER), ("reviewer", Role.REVIEWER)):
        UserFactory(username=name, roles=[role])
    with time_machine.travel("2026-11-25T12:00:00Z"):
        people = {"author": "reporter", "publish_as": "reviewer"}
        record = "fixtures/iscc/public-record.yaml"
        call_command("load_updates", record, stdout=io.StringIO(), **people)
