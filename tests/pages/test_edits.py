"""Edits and amendments on the pages of changes and in feeds."""

from copy import deepcopy
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import transaction

from commitments.curation.recording import ChangeReason, record_edits
from commitments.importing import plan_dump, plan_load
from commitments.models import Decision
from tests.record import amend_text, rename_forum
from tests.steps import NOW
from tests.words import en_zh

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("built_record"),
]

LATER = NOW + timedelta(days=1)


@pytest.fixture(scope="module", autouse=True)
def built_edits(built_record):
    """The edits of `edits`, made once on the record that the tests share."""
    record, curator = deepcopy(built_record), User.objects.get(username="curator")
    with transaction.atomic():
        yield edit(record, curator)
        transaction.set_rollback(True)


@pytest.fixture
def edits(db, built_edits):
    """An amendment, and edits of a plan, a commitment and a forum."""
    return deepcopy(built_edits)


def edit(record, curator):
    amend_text("9.1", "Another wording.", curator, LATER)
    plan, duty = record.duty.plan, record.other
    plan.review_interval_days, duty.title = 180, en_zh("Another title", duty.title["zh"])
    for row, reason in ((plan, "Twice a year."), (duty, "It is <b>shorter</b>.")):
        row.save()
        record_edits([row], ChangeReason(curator, LATER, reason))
    rename_forum("WIC", "Wuzhen Conference", curator, LATER)
    return list(Decision.objects.order_by("-seq")[:4])[::-1]


def flat(page):
    return " ".join(page.split())


@pytest.mark.long
def test_an_edit_is_listed_with_its_subject_its_reason_and_what_changed(edits, get_page):
    page = flat(get_page("/en/ISCC/changes/?action=edit"))
    for words in (
        "ISCC International Strategy of Cooperation on Cyberspace",
        "Reason: Twice a year.",
        "<del>365</del>",
        "<ins>180</ins>",
        "WIC Wuzhen Conference",
        "3.2 Another title",
        "It is &lt;b&gt;shorter&lt;/b&gt;.",
    ):
        assert words in page, words
    for decision in edits[1:]:
        assert f"/en/ISCC/changes/{decision.seq}/" in page


def test_an_amendment_names_what_it_changed(edits, get_page):
    page = flat(get_page("/en/ISCC/changes/?action=amend"))
    assert "ISCC-9.1 " in page
    assert ": text" in page


def test_the_page_of_an_edit_shows_all_that_it_changed(edits, get_page):
    page = flat(get_page(f"/en/ISCC/changes/{edits[0].seq}/"))
    assert "<h2>Commitment ISCC-9.1</h2>" in page
    assert "Reason: Misprint in 9.1." in page
    assert "The second other</del>" in page or "<ins>Another</ins>" in page
    chinese = flat(get_page(f"/zh-hans/ISCC/changes/{edits[1].seq}/"))
    assert "<h2>计划 ISCC</h2>" in chinese
    assert "复核周期（天）" in chinese


def test_there_is_no_page_of_a_publication_or_of_another_plans_edit(edits, client, plan, curator):
    published = Decision.objects.filter(action="publish").first()
    [other] = record_edits([plan], ChangeReason(curator, LATER, "So."))
    for seq in (published.seq, other.seq, 10**6, 10**30):
        assert client.get(f"/en/ISCC/changes/{seq}/").status_code == 404


def test_an_edit_has_a_page_under_known_at_once_it_was_made(edits, client):
    address = f"/en/ISCC/changes/{edits[1].seq}/?known_at="
    times = (LATER - timedelta(seconds=1), LATER)
    with time_machine.travel(LATER + timedelta(days=1)):
        answers = [client.get(f"{address}{time:%Y-%m-%dT%H:%M:%SZ}") for time in times]
    assert [answer.status_code for answer in answers] == [404, 200]


@pytest.mark.long
def test_a_long_amendment_says_how_much_more_it_changed(record, get_page, curator):
    document = plan_dump.plan_document(record.duty.plan)
    for area in document["areas"]:
        area["title"]["en"] += " (renamed)"
    plan_load.amend_plan(document, reason="Names.", by=curator, at=LATER)
    for page in ("/en/ISCC/changes/?action=amend", "/en/ISCC/changes.atom"):
        assert "and 3 more" in get_page(page)


def test_a_feed_tells_of_an_edit_and_links_to_its_page(edits, get_page):
    feed = flat(get_page("/en/ISCC/changes.atom"))
    for words in (
        "ISCC International Strategy of Cooperation on Cyberspace: edited",
        "WIC Wuzhen Conference: edited",
        "ISCC-3.2 Another title: edited",
        "plan amended",
        f"/en/ISCC/changes/{edits[1].seq}/",
        "Reason: Twice a year.",
    ):
        assert words in feed, words
    assert "WIC Wuzhen Conference: edited" in flat(get_page("/en/ISCC/forums/WIC/changes.atom"))
    of_one = flat(get_page("/en/ISCC/commitments/3.2/changes.atom"))
    assert "ISCC-3.2 Another title: edited" in of_one
    assert "plan amended" not in of_one


@pytest.mark.long
def test_edits_cost_no_query_each(edits, client, record, curator, django_assert_num_queries):
    with django_assert_num_queries(9):
        client.get("/en/ISCC/changes/")
    for n in range(5):
        rename_forum("WIC", f"Conference {n}", curator, LATER)
        amend_text("9.1", f"Wording {n}.", curator, LATER)
    with django_assert_num_queries(9):
        client.get("/en/ISCC/changes/")


@pytest.mark.long
def test_former_words_of_goals_areas_forums_and_the_plan_are_on_pages_of_their_own(
    edits, record, get_page, curator
):
    goal = record.duty.plan.goals.get(number=2)
    goal.text = en_zh("Other aims.", goal.text["zh"])
    goal.save()
    record_edits([goal], ChangeReason(curator, LATER, "The text was cut short."))
    area = record.duty.plan.areas.get(number=3)
    area.title = en_zh("Another area", area.title["zh"])
    area.save()
    record_edits([area], ChangeReason(curator, LATER, "A shorter name."))
    for page, words in (
        ("goals/2/", ("The text was cut short.", "<ins>Other", "ISCC-2")),
        ("areas/3/", ("A shorter name.", "Another", "ISCC-3")),
        ("forums/WIC/", ("Wuzhen", "WIC")),
        ("", ("Twice a year.", "<ins>180</ins>")),
    ):
        history = f"/en/ISCC/{page}history/"
        assert f'href="{history}"' in get_page(f"/en/ISCC/{page}")
        shown = flat(get_page(history))
        assert "Edits with their reasons, newest first." in shown
        for word in words:
            assert word in shown, (page, word)
        assert f'href="/en/ISCC/{page}"' in shown
    assert "修改内容及理由" in get_page("/zh-hans/ISCC/goals/2/history/")


def test_there_is_no_history_of_what_is_not_there(record, client):
    for page in ("goals/99", "areas/99", "forums/NONE", "commitments/99.1"):
        assert client.get(f"/en/ISCC/{page}/history/").status_code == 404
