"""Tags of public answers cover what no revision of a plan says."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings

from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.models import Plan
from tests import steps
from tests.factories import OfficeFactory, PlanFactory

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("cached_responses"),
]

NOW = datetime(2026, 7, 2, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


def test_any_tag_is_none(plan, ask):
    """Some send `*`, which an answer that nobody has yet must not match."""
    for path in ("commitments/", "/en/PLAN/"):
        assert ask(path, "*").status_code == 200
    assert ask("/en/UNKNOWN/", "*").status_code == 404


def test_who_chose_a_language_gets_answers_in_it_and_others_do_not(plan, ask, client):
    path = "plans/PLAN/"
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    chosen = ask(path, **{"Accept-Language": "en"})
    assert "/zh-hans/" in chosen.json()["html_url"]
    del client.cookies[settings.LANGUAGE_COOKIE_NAME]
    other = ask(path, chosen.headers["ETag"], **{"Accept-Language": "en"})
    assert other.status_code == 200
    assert "/en/" in other.json()["html_url"]


@pytest.mark.long
def test_the_description_of_the_api_is_in_the_language_of_the_request(ask):
    chinese = ask("schema/", **{"Accept-Language": "zh-hans"})
    english = ask("schema/", chinese.headers["ETag"], **{"Accept-Language": "en"})
    assert english.status_code == 200
    han = re.compile("[\u4e00-\u9fff]")
    # Labels of codes are in all languages.
    assert len(han.findall(chinese.text)) > 1.3 * len(han.findall(english.text)) > 0


def test_a_signed_checkpoint_is_on_the_page_at_once(duty, reporter, reviewer, ask, ledger_key):
    steps.published(duty, reporter, reviewer, NOW, status="active", evidence=[steps.RESOLUTION])
    path = f"/en/PLAN/commitments/{duty.number}/"
    before = ask(path)
    sign_checkpoint(ledger_key, NOW)
    after = ask(path, before.headers["ETag"])
    assert ("proof" in before.text, "proof" in after.text) == (False, True)


def test_what_is_done_to_a_plan_in_preparation_changes_no_tag(plan, ask):
    draft = PlanFactory(code="LATER", visibility="draft")
    tag = ask("plans/").headers["ETag"]
    Plan.objects.filter(pk=draft.pk).bump_revision()
    assert ask("plans/", tag).status_code == 304
    Plan.objects.filter(pk=draft.pk).update(visibility="public")
    assert ask("plans/", tag).status_code == 200


@pytest.mark.parametrize("path", ["/en/{}/", "/en/{}/commitments/1.1/", "/cards/{}/"])
def test_a_plan_in_preparation_is_not_told_from_one_that_does_not_exist(ask, path):
    PlanFactory(code="LATER", visibility="draft")
    hidden, missing = (ask(path.format(code)) for code in ("LATER", "NEVER"))
    assert hidden.status_code == missing.status_code == 404
    own = hidden.headers.pop("X-Request-ID")[1]
    other = missing.headers.pop("X-Request-ID")[1]
    assert hidden.headers == missing.headers
    assert hidden.text.replace("LATER", "NEVER").replace(own, other) == missing.text


def test_before_there_is_a_plan_nothing_stays_the_same(ask, curator):
    before = ask("offices/")
    steps.edited(OfficeFactory(), curator, NOW)
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        after = ask("offices/", before.headers["ETag"])
    assert (before.json()["count"], after.json()["count"]) == (0, 1)


def test_a_page_that_ignored_a_time_to_come_is_not_kept(plan, ask):
    path = f"/en/PLAN/commitments/?known_at={NOW + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"
    early = ask(path)
    assert "This time is in the future." in early.text
    assert "ETag" not in early.headers
    assert early.headers["Cache-Control"] == "no-store"
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        assert "This time is in the future." not in ask(path).text
