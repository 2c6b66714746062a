"""`check_links`: bounded and polite, each result kept at once, a history for each link; and what a
reader is told of a link that died."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError

from commitments import links
from commitments.fetch import Seen
from commitments.health import LinkOutcome
from commitments.management.commands import check_links as command
from commitments.models import Evidence, LinkCheck
from tests import steps
from tests.odd_server import odd_server

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

START = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def server(settings):
    with odd_server() as server:
        settings.LINK_CHECK_OPEN_HOSTS = [server.host]
        settings.LINK_CHECK_PAUSE = 0
        yield server


def check_links(**options):
    told = StringIO()
    call_command("check_links", stdout=told, **options)
    return told.getvalue()


def histories():
    """Each link's outcomes, first to last, with how often each was seen."""
    return {
        item.url.rpartition("/")[2]: [
            (row.outcome, row.checks) for row in item.link_checks.order_by("pk")
        ]
        for item in Evidence.objects.exclude(url="")
    }


def seen_over_days(url, *found):
    """Notes one finding a day."""
    for day, seen in enumerate(found):
        links.record(url, seen, START + timedelta(days=day))


OK = Seen(LinkOutcome.OK, "200", fingerprint="aa")
GONE = Seen(LinkOutcome.GONE, "404")
LOST = Seen(LinkOutcome.UNREACHABLE, "took too long")


def test_every_public_link_is_looked_at_and_what_was_found_is_kept(server, linked):
    linked(*(f"http://{server.host}/{path}" for path in ("ok", "moved", "missing", "broken")))
    told = check_links()
    assert histories() == {
        "ok": [("ok", 1)],
        "moved": [("moved", 1)],
        "missing": [("gone", 1)],
        "broken": [("unreachable", 1)],
    }
    assert told.splitlines()[-1] == ("4 links: gone 1, moved 1, ok 1, unreachable 1. Still due: 0.")
    assert "gone         404" in told


def test_a_link_is_not_looked_at_again_for_some_days(server, linked):
    linked(f"http://{server.host}/ok")
    check_links()
    assert check_links() == "0 links: none was due. Still due: 0.\n"
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8), tick=False):
        assert check_links().endswith("1 links: ok 1. Still due: 0.\n")
    assert histories() == {"ok": [("ok", 2)]}


def test_a_run_is_bounded_and_the_next_goes_on(server, linked):
    linked(*(f"http://{server.host}/ok?{number}" for number in range(5)))
    assert check_links(limit=2).endswith("2 links: ok 2. Still due: 3.\n")
    assert check_links(limit=2).endswith("2 links: ok 2. Still due: 1.\n")
    assert check_links(limit=2).endswith("1 links: ok 1. Still due: 0.\n")
    assert len({path for _method, path, _host in server.asked}) == 5
    assert check_links(seconds=0, every=-1) == "0 links: none was due. Still due: 5.\n"


def test_a_run_that_is_stopped_has_kept_what_it_found(server, linked, monkeypatch):
    linked(*(f"http://{server.host}/ok?{number}" for number in range(3)))
    record, noted = links.record, []

    def stop_at_the_second(url, *found):
        record(url, *found)
        noted.append(url)
        if len(noted) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(command.links, "record", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        check_links()
    monkeypatch.undo()
    assert LinkCheck.objects.count() == 2


def test_where_nothing_can_be_reached_nothing_is_noted(server, linked):
    dead = [f"http://{name}.invalid/" for name in "abc"]
    linked(*dead)
    with pytest.raises(CommandError, match="Nothing could be reached, and nothing was noted"):
        check_links()
    assert LinkCheck.objects.count() == 0
    # One answer, if only a refusal, and the others are what they seem.
    linked(f"http://{server.host}/broken")
    check_links()
    assert LinkCheck.objects.count() == 4


def test_two_hosts_may_be_down(linked):
    linked("http://a.invalid/", "http://b.invalid/", "http://b.invalid/2")
    check_links()
    assert LinkCheck.objects.count() == 3


def test_one_address_behind_several_updates_is_asked_once(server, linked):
    for _count in range(3):
        linked(f"http://{server.host}/ok")
    check_links()
    assert server.methods() == ["HEAD", "GET"]
    assert LinkCheck.objects.count() == 3
    linked(f"http://{server.host}/ok")
    check_links()
    assert [item.link_checks.count() for item in Evidence.objects.all()] == [1, 1, 1, 1]


def test_between_two_questions_to_one_host_there_is_a_pause(server, linked, settings, monkeypatch):
    settings.LINK_CHECK_PAUSE = 2
    linked(*(f"http://{server.host}/ok?{number}" for number in range(3)), "http://a.invalid/")
    clock, slept = [100.0], []

    def sleep(seconds):
        slept.append(round(seconds, 3))
        clock[0] += seconds

    monkeypatch.setattr(command, "sleep", sleep)
    monkeypatch.setattr(command, "monotonic", lambda: clock[0])
    check_links()
    # The other host is asked while the first one rests.
    assert slept == [0, 0, 2, 2]
    assert [path for method, path, _host in server.asked if method == "GET"] == [
        "/ok?0",
        "/ok?1",
        "/ok?2",
    ]


def test_only_public_links_of_what_is_public_are_looked_at(server, duty, reporter, reviewer):
    link = {**steps.REPORT, "citation": "", "url": f"http://{server.host}/ok"}
    steps.submitted(duty, reporter, evidence=[link])
    steps.retracted(duty, reporter, reviewer, evidence=[link])
    steps.published(duty, reporter, reviewer, evidence=[steps.REPORT, {**link, "public": False}])
    assert check_links() == "0 links: none was due. Still due: 0.\n"
    assert server.asked == []


def test_a_page_that_became_another_is_told_from_one_that_moved(server, linked):
    linked(f"http://{server.host}/titled", f"http://{server.host}/document")
    check_links()
    check_links(every=-1)
    assert histories() == {"titled": [("ok", 2)], "document": [("ok", 2)]}
    server.titles.append("This domain is for sale")
    check_links(every=-1)
    check_links(every=-1)
    assert histories()["titled"] == [("ok", 2), ("changed", 2)]
    assert histories()["document"] == [("ok", 2), ("changed", 2)]
    server.titles.append(server.titles[0])
    check_links(every=-1)
    assert histories()["titled"] == [("ok", 2), ("changed", 2), ("ok", 1)]


def test_what_the_server_calls_the_same_version_stays_what_it_was(server, linked):
    linked(f"http://{server.host}/versioned")
    check_links()
    check_links(every=-1)
    assert server.methods() == ["HEAD", "GET", "HEAD"]
    row = LinkCheck.objects.get()
    assert (row.outcome, row.checks, len(row.fingerprint)) == ("ok", 2, 64)


# What that says of a link


def health_of(item):
    return links.health(Evidence.objects.prefetch_related("link_checks").get(pk=item.pk))


def test_a_link_never_looked_at_has_no_health(linked):
    [item] = linked("https://example.org/1")
    assert health_of(item) is None


def test_a_history_keeps_when_each_state_began_and_when_it_was_last_good(linked):
    [item] = linked("https://example.org/1")
    seen_over_days(item.url, OK, OK, LOST, OK, GONE, GONE)
    rows = item.link_checks.order_by("pk").values_list("outcome", "checks", "first_at", "last_at")
    days = [START + timedelta(days=day) for day in range(6)]
    assert list(rows) == [
        ("ok", 2, days[0], days[1]),
        ("unreachable", 1, days[2], days[2]),
        ("ok", 1, days[3], days[3]),
        ("gone", 2, days[4], days[5]),
    ]
    health = health_of(item)
    assert (health.outcome, health.dead) == ("gone", True)
    assert (health.since, health.checked_at, health.good_at) == (days[4], days[5], days[3])


@pytest.mark.parametrize(
    ("found", "dead"),
    [
        ([OK], False),
        ([GONE], True),
        ([LOST], False),
        ([LOST, LOST], True),
        ([LOST, OK, LOST], False),
        ([LOST, Seen(LinkOutcome.UNREACHABLE, "500")], True),
        ([Seen(LinkOutcome.UNREACHABLE, "403")] * 3, False),
        ([Seen(LinkOutcome.UNREACHABLE, "429")] * 3, False),
        ([GONE, OK], False),
        ([OK, Seen(LinkOutcome.OK, "200", fingerprint="bb")], False),
        ([Seen(LinkOutcome.MOVED, "200", "https://example.org/2")], False),
    ],
)
def test_once_unreached_is_not_yet_dead(linked, found, dead):
    [item] = linked("https://example.org/1")
    seen_over_days(item.url, *found)
    assert health_of(item).dead is dead
    assert LinkCheck.objects.latest_of_each().dead().exists() is dead
    assert Evidence.objects.lost().exists() is dead


def test_a_check_moves_the_revision_of_the_plans_that_show_it(linked, plan):
    [item] = linked("https://example.org/1")
    plan.refresh_from_db()
    before = plan.revision
    links.record(item.url, OK, START)
    plan.refresh_from_db()
    assert plan.revision == before + 1


def test_the_ledger_does_not_speak_of_links(linked):
    [item] = linked("https://example.org/1")
    seen = item.update.decisions.get(action="publish").content_sha256
    links.record(item.url, GONE, START)
    assert item.update.decisions.get(action="publish").content_sha256 == seen


def test_a_dead_link_is_told_on_page_api_and_admin_with_its_last_good_day(
    linked, client, api, reviewer, signed_in
):
    [item] = linked("https://example.org/1")
    seen_over_days(item.url, OK, GONE)
    assert "This link is dead; it was last reached on 1 July 2026." in (
        client.get("/en/PLAN/commitments/1.1/").text
    )
    assert "该链接已失效，最近一次可访问：2026年7月1日。" in (
        client.get("/zh-hans/PLAN/commitments/1.1/").text
    )
    assert api().get(f"/api/v1/evidence/{item.pk}/").json()["link"] == {
        "url": "https://example.org/1",
        "archived_url": "",
        "outcome": "gone",
        "detail": "404",
        "dead": True,
        "since": "2026-07-02T04:00:00.000000Z",
        "checked_at": "2026-07-02T04:00:00.000000Z",
        "last_good_at": "2026-07-01T04:00:00.000000Z",
        "moved_to": "",
    }
    staff = signed_in(reviewer)
    listed = staff.get("/admin/commitments/evidence/?link=dead").text
    assert "Dead; last reached on 1 July 2026" in listed
    assert "0 evidence" in staff.get("/admin/commitments/evidence/?link=ok").text
    assert "https://example.org/1" in staff.get("/admin/commitments/evidence/?link=gone").text
    assert "gone" in staff.get("/admin/commitments/linkcheck/").text.lower()


def test_whoever_is_to_archive_a_dead_link_is_told_of_it(linked, reviewer, signed_in):
    [item] = linked("https://example.org/1")
    seen_over_days(item.url, OK, GONE)
    staff, copy = signed_in(reviewer), "https://archive.example.org/1"
    address = f"/admin/commitments/progressupdate/{item.update_id}"
    assert "Dead; last reached on 1 July 2026" in staff.get(f"{address}/change/").text
    form = staff.get(f"{address}/act/archive/")
    assert "This link is dead; it was last reached on 1 July 2026." in form.text
    data = {"seen": item.update.revision, "evidence": item.pk, "archived_url": copy}
    staff.post(f"{address}/act/archive/", data)
    for page in ("change/", "act/archive/"):
        assert copy in staff.get(f"{address}/{page}").text


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            [OK, Seen(LinkOutcome.OK, "200", fingerprint="bb")],
            "Since 2 July 2026 something else is at this address.",
        ),
        ([Seen(LinkOutcome.MOVED, "200", "https://example.org/2")], "It has moved:"),
        ([GONE], "This link is dead."),
    ],
)
def test_other_troubles_are_told_too(linked, client, found, sentence):
    [item] = linked("https://example.org/1")
    seen_over_days(item.url, *found)
    assert sentence in client.get("/en/PLAN/commitments/1.1/").text


def test_a_link_that_is_there_is_not_worth_a_word(linked, client):
    [item] = linked("https://example.org/1")
    seen_over_days(item.url, OK)
    assert "link-health" not in client.get("/en/PLAN/commitments/1.1/").text


def test_two_runs_at_once_note_one_finding(linked):
    [item] = linked("https://example.org/1")
    before = START
    links.record(item.url, LOST, START + timedelta(seconds=1), before)
    assert not links.is_due(item.url, before)
    links.record(item.url, LOST, START + timedelta(seconds=2), before)
    assert [row.checks for row in item.link_checks.all()] == [1]
    assert links.is_due(item.url, START + timedelta(days=7))


def test_a_clock_that_goes_back_breaks_nothing(linked):
    [item] = linked("https://example.org/1")
    links.record(item.url, OK, START)
    links.record(item.url, OK, START - timedelta(hours=1))
    row = item.link_checks.get()
    assert (row.first_at, row.last_at, row.checks) == (START, START, 2)


def test_the_validator_that_is_sent_along_is_the_last_one(linked):
    [item] = linked("https://example.org/1")
    versions = [Seen(LinkOutcome.OK, "200", validator=f"v{number}") for number in (9, 1)]
    seen_over_days(item.url, versions[0], GONE, versions[1])
    assert links.due(START + timedelta(days=9)) == [(item.url, "v1")]
    linked(item.url)
    assert links.due(START + timedelta(days=9)) == [(item.url, "")]


def test_a_link_that_moved_on_again_is_another_state(linked):
    [item] = linked("https://example.org/1")
    seen_over_days(
        item.url,
        *(Seen(LinkOutcome.MOVED, "200", f"https://example.org/{number}") for number in (2, 3, 3)),
    )
    assert [row.checks for row in item.link_checks.order_by("pk")] == [1, 2]
