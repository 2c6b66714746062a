"""Atom feeds: valid, in both languages, and telling what `changes/` tells to the public."""

import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import feedparser
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.choices import Action
from commitments.models import Partnership, ProgressUpdate
from tests import steps
from tests.factories import CommitmentFactory, ForumFactory, GoalFactory, PlanFactory
from tests.fixtures.worlds import people, shared_world
from tests.steps import TODAY
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

DAY = timedelta(days=1)
ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = {
    "": "plan=PLAN",
    "goals/2/": "plan=PLAN&goal=2",
    "forums/UN/": "plan=PLAN&forum=UN",
    "commitments/3.1/": "commitment=PLAN-3.1",
}


@pytest.fixture(autouse=True, scope="module")
def world(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        reporter, reviewer, _curator = people()
        build(PlanFactory(code="PLAN"), reporter, reviewer)
        yield


def build(plan, reporter, reviewer):
    """Acts of all sorts on a commitment with a goal and a forum, and one on another, which is the
    duty of the fixture."""
    duty = CommitmentFactory(plan=plan, number="1.1", position=1)
    plan.notice, plan.licence = en_zh("A trial.\nMore.", "试运行。"), en_zh("Public domain", "")
    plan.save()
    commitment = CommitmentFactory(plan=plan, number="3.1", goal=GoalFactory(plan=plan, number=2))
    unga = ForumFactory(code="UNGA", parent=ForumFactory(code="UN"))
    Partnership.objects.create(commitment=commitment, forum=unga)
    steps.published(duty, reporter, reviewer)
    first = steps.published(
        commitment,
        reporter,
        reviewer,
        status="active",
        forums=[unga],
        evidence=[steps.STATEMENT, steps.REPORT],
    )
    steps.published(commitment, reporter, reviewer, status="partly_active", corrects=first)
    last = steps.published(commitment, reporter, reviewer, summary=en_zh("Secret.", "秘密。"))
    steps.perform(last, Action.RETRACT, reviewer, note="It was about <b>another</b> year.")


@pytest.fixture
def feed(client):
    """`feed("goals/2/", "zh-hans")` is the root of a feed."""

    def feed(path="", language="en"):
        answer = client.get(f"/{language}/PLAN/{path}changes.atom")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
        return ElementTree.fromstring(answer.content)

    return feed


def entries(root):
    return root.findall(f"{ATOM}entry")


def only(element, name):
    [found] = element.findall(f"{ATOM}{name}")
    return found.text


def places_of(root):
    """Where the entries lead: by page, the places on it."""
    places = defaultdict(set)
    for entry in entries(root):
        [link] = entry.findall(f"{ATOM}link")
        page, _, place = link.get("href").partition("#")
        places[page].add(place)
    return places


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("path", FEEDS)
def test_each_feed_is_valid_by_the_rules_of_rfc_4287(client, feed, path, language):
    root = feed(path, language)
    assert root.tag == f"{ATOM}feed"
    assert root.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == language
    for element in (root, *entries(root)):
        assert only(element, "title").strip()
        assert re.match(r"(https?|urn):\S+$", only(element, "id"))
        assert datetime.fromisoformat(only(element, "updated")).tzinfo
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"http://testserver/{language}/PLAN/{path}changes.atom"
    assert client.get(links["alternate"]).status_code == 200
    assert root.find(f"{ATOM}author/{ATOM}name").text
    assert only(root, "subtitle") in ("A trial.", "试运行。")
    ids = [only(entry, "id") for entry in entries(root)]
    assert len(set(ids)) == len(ids) > 0
    for page, places in places_of(root).items():
        text = client.get(page).text
        assert [place for place in places if f'id="{place}"' not in text] == []
    address = f"/{language}/PLAN/{path}changes.atom"
    assert not feedparser.parse(client.get(address).content).bozo


@pytest.mark.long
def test_an_entry_of_each_language_is_an_entry_of_its_own(feed):
    ids = [{only(entry, "id") for entry in entries(feed("", code))} for code in ("en", "zh-hans")]
    assert ids[0].isdisjoint(ids[1])
    assert {only(entry, "id") for entry in entries(feed("commitments/3.1/"))} < ids[0]


@pytest.mark.parametrize(("path", "query"), FEEDS.items())
def test_a_feed_lists_what_the_changes_list_latest_first(api, feed, path, query):
    told = api().get(f"/api/v1/changes/?{query}").json()["results"]
    times = [datetime.fromisoformat(only(entry, "published")) for entry in entries(feed(path))]
    assert len(times) == len(told) > 0
    assert times == [datetime.fromisoformat(row["at"]) for row in reversed(told)]


def test_a_title_says_what_was_done_and_what_became_of_the_status(feed):
    titles = [only(entry, "title") for entry in entries(feed("commitments/3.1/"))]
    assert [title.partition(": ")[2] for title in titles] == [
        "update withdrawn (1 July 2026)",
        "update published (1 July 2026)",
        "update corrected (1 July 2026, Took part, Active)",
        "update published (Active → Partly active)",
        "update published (Not yet assessed → Active)",
    ]
    assert {title.partition(": ")[0] for title in titles} == {"PLAN-3.1 Take part in the forum"}
    chinese = [only(entry, "title") for entry in entries(feed("commitments/3.1/", "zh-hans"))]
    assert chinese[-1] == "PLAN-3.1 参与论坛：发布进展记录（尚未评估 → 持续履行）"


def test_an_entry_has_text_evidence_and_the_state_of_today(feed):
    first = only(entries(feed("commitments/3.1/"))[-1], "summary")
    assert "Assessment: Active." in first
    assert "Now: Corrected" in first
    assert 'lang="en" dir="ltr">A meeting was held.' in first
    assert 'lang="zh" dir="ltr" data-script="Hans">会议召开。' in first
    assert '<a href="https://example.org/statement">Statement by the ministry</a>' in first
    assert "The institute, Report 7, 2026." in first


@pytest.mark.long
def test_a_retracted_text_is_in_no_feed_any_more_and_the_reason_is(client, feed):
    for path in FEEDS:
        for language in ("en", "zh-hans"):
            content = client.get(f"/{language}/PLAN/{path}changes.atom").text
            assert "Secret" not in content
            assert "秘密" not in content
    latest = only(entries(feed())[0], "summary")
    assert "Reason: It was about &lt;b&gt;another&lt;/b&gt; year." in latest


@pytest.mark.long
def test_an_entry_is_newer_once_its_update_was_corrected_withdrawn_or_erased(
    feed, plan, reporter, reviewer, administrator, second_administrator
):
    """Programs replace their copies by what is newer."""
    other = CommitmentFactory(plan=plan, number="4.1")
    at = [steps.NOW + timedelta(hours=hours) for hours in range(4)]

    def times():
        found = entries(feed("commitments/4.1/"))
        return sorted(datetime.fromisoformat(only(entry, "updated")) for entry in found)

    update = steps.published(other, reporter, reviewer, at[0])
    steps.published(other, reporter, reviewer, at[1], corrects=update)
    # The publication, its correction, and the publication of that.
    assert times() == [at[1]] * 3
    steps.perform(update, Action.RETRACT, reviewer, at[2], note="Another year.")
    assert times() == [at[1], *[at[2]] * 3]
    retraction = update.decisions.get(action=Action.RETRACT)
    steps.erased(retraction, ["note"], administrator, second_administrator, at[3])
    # The retraction, and the erasure itself.
    assert times()[-2:] == [at[3]] * 2


def test_a_note_to_the_author_and_internal_evidence_are_in_no_feed(
    client, duty, reporter, reviewer
):
    pieces = [steps.REPORT, steps.INTERNAL]
    update = steps.submitted(duty, reporter, evidence=pieces)
    steps.perform(update, Action.PUBLISH, reviewer, note="Well written.")
    content = client.get("/en/PLAN/changes.atom").text
    assert "Report 7" in content
    assert "Well written" not in content
    assert "Internal" not in content


def test_characters_that_xml_has_no_place_for_do_no_harm(feed, duty, reporter, reviewer):
    """An earlier release stored them; new texts have none."""
    update = steps.published(duty, reporter, reviewer)
    ProgressUpdate.objects.filter(pk=update.pk).update(summary=en_zh("A\x0bmeeting\ufffe.", ""))
    assert "A\ufffdmeeting\ufffd." in only(entries(feed())[0], "summary")


def test_a_feed_is_sent_again_only_after_something_happened(client, duty, reporter, reviewer):
    address = "/en/PLAN/goals/2/changes.atom"
    first = client.get(address)
    again = {"If-None-Match": first.headers["ETag"]}
    assert first.headers["Cache-Control"] == "public, no-cache"
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address, headers=again).status_code == 304
    assert len(seen) == 1
    steps.published(duty, reporter, reviewer)
    assert client.get(address, headers=again).status_code == 200


@pytest.mark.long
def test_a_longer_feed_takes_no_more_queries(client, duty, reporter, reviewer):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get("/en/PLAN/changes.atom")
        return len(seen)

    few = queries()
    for _number in range(5):
        steps.published(duty, reporter, reviewer)
    assert queries() == few <= 12


@pytest.mark.parametrize(
    "path", ["OTHER/", "PLAN/goals/9/", "PLAN/forums/NONE/", "PLAN/commitments/9.9/"]
)
def test_what_is_not_there_has_no_feed(client, path):
    assert client.get(f"/en/{path}changes.atom").status_code == 404


@pytest.mark.parametrize("path", FEEDS)
def test_a_reader_of_the_page_finds_its_feed(client, path):
    page = client.get(f"/zh-hans/PLAN/{path}").text
    found = re.findall(
        r'<link rel="alternate" type="application/atom\+xml"[^>]* href="([^"]+)"', page
    )
    assert f"/zh-hans/PLAN/{path}changes.atom" in found
    assert "/zh-hans/PLAN/changes.atom" in found


@pytest.mark.parametrize(
    ("day", "has_lapsed"), [(TODAY - 700 * DAY, False), (date(2024, 1, 1), True)]
)
def test_an_assessment_that_has_lapsed_says_what_it_counts_as(
    client, duty, reporter, reviewer, day, has_lapsed
):
    steps.published(duty, reporter, reviewer, status="inactive", effective_on=day)
    for language, sentence in (
        ("en", "It has lapsed and counts as unknown."),
        ("zh-hans", "该评估结论已失效，计为“情况不明”。"),
    ):
        text = client.get(f"/{language}/PLAN/changes.atom").text
        assert (sentence in text) is has_lapsed
