"""`check_links`: its limits and pauses, the history of each link, and what readers see of a dead
link."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError

from commitments.choices import LinkStatus
from commitments.links import checks
from commitments.links.probe import ProbeResult
from commitments.management.commands import check_links as command
from commitments.models import Evidence, LinkCheck
from tests import steps
from tests.links.odd_server import odd_server

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

START = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def server(settings):
    with odd_server() as server:
        settings.LINK_CHECK_OPEN_HOSTS = [server.host]
        settings.LINK_CHECK_PAUSE = 0
        yield server


def check_links(**options):
    output = StringIO()
    call_command("check_links", stdout=output, **options)
    return output.getvalue()


def histories():
    """Return the states of each link, first to last, each with its number of checks."""
    return {
        item.url.rpartition("/")[2]: [
            (row.status, row.checks) for row in item.link_checks.order_by("pk")
        ]
        for item in Evidence.objects.exclude(url="")
    }


def record_daily(url, *results):
    """Record one result a day, from `START` on."""
    for day, result in enumerate(results):
        at = START + timedelta(days=day)
        checks.record_probe(url, result, at, before=at)


OK = ProbeResult(LinkStatus.OK, "200", fingerprint="aa")
GONE = ProbeResult(LinkStatus.GONE, "404")
UNREACHABLE = ProbeResult(LinkStatus.UNREACHABLE, "timed out")
REFUSED = ProbeResult(LinkStatus.UNREACHABLE, "403")


def test_every_public_link_is_checked_and_what_was_found_is_kept(server, linked):
    linked(*(f"http://{server.host}/{path}" for path in ("ok", "moved", "missing", "broken")))
    output = check_links()
    assert histories() == {
        "ok": [("ok", 1)],
        "moved": [("moved", 1)],
        "missing": [("gone", 1)],
        "broken": [("unreachable", 1)],
    }
    assert output.splitlines()[-1] == (
        "4 links: gone 1, moved 1, ok 1, unreachable 1. Still due: 0."
    )
    assert "gone         404" in output


def test_what_another_run_checked_meanwhile_is_no_longer_due(server, linked, monkeypatch):
    _first, second = linked(*(f"http://{server.host}/ok?{number}" for number in (1, 2)))
    record_probe = checks.record_probe

    def record_both(url, result, at, before):
        record_probe(url, result, at, before)
        record_probe(second.url, result, at, before)

    monkeypatch.setattr(command.checks, "record_probe", record_both)
    assert check_links().endswith("1 links: ok 1. Still due: 0.\n")


def test_a_link_is_not_checked_again_for_some_days(server, linked):
    linked(f"http://{server.host}/ok")
    check_links()
    assert check_links() == "0 links: none was due. Still due: 0.\n"
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8), tick=False):
        assert check_links().endswith("1 links: ok 1. Still due: 0.\n")
    assert histories() == {"ok": [("ok", 2)]}


@pytest.mark.long
def test_a_run_is_limited_and_the_next_one_continues(server, linked):
    linked(*(f"http://{server.host}/ok?{number}" for number in range(5)))
    assert check_links(limit=2).endswith("2 links: ok 2. Still due: 3.\n")
    assert check_links(limit=2).endswith("2 links: ok 2. Still due: 1.\n")
    assert check_links(limit=2).endswith("1 links: ok 1. Still due: 0.\n")
    assert len({path for _method, path, _host in server.requests}) == 5
    assert check_links(seconds=0, every=-1) == "0 links: none was due. Still due: 5.\n"


def test_a_run_that_is_stopped_keeps_its_results(server, linked, monkeypatch):
    linked(*(f"http://{server.host}/ok?{number}" for number in range(3)))
    record_probe, recorded = checks.record_probe, []

    def stop_at_the_second(url, *result):
        record_probe(url, *result)
        recorded.append(url)
        if len(recorded) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(command.checks, "record_probe", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        check_links()
    monkeypatch.undo()
    assert LinkCheck.objects.count() == 2


@pytest.mark.long
def test_if_nothing_can_be_reached_nothing_is_recorded(server, linked):
    dead = [f"http://{name}.invalid/" for name in "abc"]
    linked(*dead)
    with pytest.raises(CommandError, match="No host could be reached, so nothing was recorded"):
        check_links()
    assert LinkCheck.objects.count() == 0
    # One response, even an error, shows that the others are really unreachable.
    linked(f"http://{server.host}/broken")
    check_links()
    assert LinkCheck.objects.count() == 4


@pytest.mark.long
def test_two_hosts_may_be_down(linked):
    linked("http://a.invalid/", "http://b.invalid/", "http://b.invalid/2")
    check_links()
    assert LinkCheck.objects.count() == 3


def test_one_address_behind_several_updates_is_requested_once(server, linked):
    for _count in range(3):
        linked(f"http://{server.host}/ok")
    check_links()
    assert server.methods() == ["HEAD", "GET"]
    assert LinkCheck.objects.count() == 3
    linked(f"http://{server.host}/ok")
    check_links()
    assert [item.link_checks.count() for item in Evidence.objects.all()] == [1, 1, 1, 1]


def test_there_is_a_pause_between_requests_to_one_host(server, linked, settings, monkeypatch):
    settings.LINK_CHECK_PAUSE = 2
    linked(*(f"http://{server.host}/ok?{number}" for number in range(3)), "http://a.invalid/")
    clock, slept = [100.0], []

    def sleep(seconds):
        slept.append(round(seconds, 3))
        clock[0] += seconds

    monkeypatch.setattr(command, "sleep", sleep)
    monkeypatch.setattr(command, "monotonic", lambda: clock[0])
    check_links()
    # The other host is requested during the pause of the first.
    assert slept == [0, 0, 2, 2]
    assert [path for method, path, _host in server.requests if method == "GET"] == [
        "/ok?0",
        "/ok?1",
        "/ok?2",
    ]


def test_only_public_links_of_what_is_public_are_checked(server, duty, reporter, reviewer):
    link = {**steps.REPORT, "citation": "", "url": f"http://{server.host}/ok"}
    steps.submitted(duty, reporter, evidence=[link])
    steps.retracted(duty, reporter, reviewer, evidence=[link])
    steps.published(duty, reporter, reviewer, evidence=[steps.REPORT, {**link, "public": False}])
    assert check_links() == "0 links: none was due. Still due: 0.\n"
    assert server.requests == []


@pytest.mark.long
def test_a_page_whose_content_changed_is_not_taken_for_one_that_moved(server, linked):
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


def test_a_version_that_the_server_calls_unchanged_keeps_its_fingerprint(server, linked):
    linked(f"http://{server.host}/versioned")
    check_links()
    check_links(every=-1)
    assert server.methods() == ["HEAD", "GET", "HEAD"]
    row = LinkCheck.objects.get()
    assert (row.status, row.checks, len(row.fingerprint)) == ("ok", 2, 64)


# The state of a link


def health_of(item):
    return checks.health_of(Evidence.objects.prefetch_related("link_checks").get(pk=item.pk))


def test_a_link_never_checked_has_no_status(linked):
    [item] = linked("https://example.org/1")
    assert health_of(item) is None


def test_a_history_records_when_each_state_began_and_when_the_link_was_last_good(linked):
    [item] = linked("https://example.org/1")
    record_daily(item.url, OK, OK, UNREACHABLE, OK, GONE, GONE)
    rows = item.link_checks.order_by("pk").values_list("status", "checks", "first_at", "last_at")
    days = [START + timedelta(days=day) for day in range(6)]
    assert list(rows) == [
        ("ok", 2, days[0], days[1]),
        ("unreachable", 1, days[2], days[2]),
        ("ok", 1, days[3], days[3]),
        ("gone", 2, days[4], days[5]),
    ]
    health = health_of(item)
    assert (health.status, health.dead) == ("gone", True)
    assert (health.since, health.checked_at, health.good_at) == (days[4], days[5], days[3])


@pytest.mark.parametrize(
    ("results", "dead"),
    [
        ([OK], False),
        ([GONE], True),
        ([UNREACHABLE], False),
        ([UNREACHABLE, UNREACHABLE], True),
        ([UNREACHABLE, OK, UNREACHABLE], False),
        ([UNREACHABLE, ProbeResult(LinkStatus.UNREACHABLE, "500")], True),
        ([REFUSED] * 3, False),
        ([ProbeResult(LinkStatus.UNREACHABLE, "429")] * 3, False),
        ([REFUSED, REFUSED, UNREACHABLE], False),
        ([UNREACHABLE, REFUSED, UNREACHABLE], False),
        ([REFUSED, UNREACHABLE, UNREACHABLE], True),
        ([GONE, OK], False),
        ([OK, ProbeResult(LinkStatus.OK, "200", fingerprint="bb")], False),
        ([ProbeResult(LinkStatus.MOVED, "200", "https://example.org/2")], False),
    ],
)
def test_a_link_is_dead_if_gone_or_unreachable_more_than_once(linked, results, dead):
    [item] = linked("https://example.org/1")
    record_daily(item.url, *results)
    assert health_of(item).dead is dead
    assert LinkCheck.objects.latest_per_link().dead().exists() is dead
    assert Evidence.objects.dead_links().exists() is dead


def test_a_check_moves_the_revision_of_the_plans_that_show_it(linked, plan):
    [item] = linked("https://example.org/1")
    plan.refresh_from_db()
    before = plan.revision
    checks.record_probe(item.url, OK, START, before=START)
    plan.refresh_from_db()
    assert plan.revision == before + 1


def test_link_checks_do_not_change_the_ledger(linked):
    [item] = linked("https://example.org/1")
    digest = item.update.decisions.get(action="publish").content_sha256
    checks.record_probe(item.url, GONE, START, before=START)
    assert item.update.decisions.get(action="publish").content_sha256 == digest


@pytest.mark.long
def test_a_dead_link_is_shown_on_page_api_and_admin_with_its_last_good_day(
    linked, client, api, reviewer, signed_in
):
    [item] = linked("https://example.org/1")
    record_daily(item.url, OK, GONE)
    assert "This link is dead; it was last reached on 1 July 2026." in (
        client.get("/en/PLAN/commitments/1.1/").text
    )
    assert "该链接已失效，最近一次可访问：2026年7月1日。" in (
        client.get("/zh-hans/PLAN/commitments/1.1/").text
    )
    assert api().get(f"/api/v1/evidence/{item.pk}/").json()["link"] == {
        "url": "https://example.org/1",
        "archived_url": "",
        "status": "gone",
        "detail": "404",
        "dead": True,
        "since": "2026-07-02T04:00:00.000000Z",
        "checked_at": "2026-07-02T04:00:00.000000Z",
        "last_good_at": "2026-07-01T04:00:00.000000Z",
        "moved_to": "",
        "archived_dead": None,
        "archived_checked_at": None,
    }
    staff = signed_in(reviewer)
    listed = staff.get("/admin/commitments/evidence/?link=dead").text
    assert "Dead; last reached on 1 July 2026" in listed
    assert "0 evidence" in staff.get("/admin/commitments/evidence/?link=ok").text
    assert "https://example.org/1" in staff.get("/admin/commitments/evidence/?link=gone").text
    assert "gone" in staff.get("/admin/commitments/linkcheck/").text.lower()


@pytest.mark.long
def test_whoever_is_to_archive_a_dead_link_sees_it(linked, reviewer, signed_in):
    [item] = linked("https://example.org/1")
    record_daily(item.url, OK, GONE)
    staff, copy = signed_in(reviewer), "https://archive.example.org/1"
    address = f"/admin/updates/{item.update_id}"
    for page in ("", "archive/"):
        shown = staff.get(f"{address}/{page}").text
        assert "This link is dead; it was last reached on 1 July 2026." in shown
    data = {"expected_revision": item.update.revision, "evidence": item.pk, "archived_url": copy}
    staff.post(f"{address}/archive/", data)
    for page in ("", "archive/"):
        assert copy in staff.get(f"{address}/{page}").text


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        (
            [OK, ProbeResult(LinkStatus.OK, "200", fingerprint="bb")],
            "The content at this address has changed; first noticed on 2 July 2026.",
        ),
        ([ProbeResult(LinkStatus.MOVED, "200", "https://example.org/2")], "Moved to:"),
        ([GONE], "This link is dead."),
    ],
)
def test_other_troubles_are_shown_too(linked, client, results, sentence):
    [item] = linked("https://example.org/1")
    record_daily(item.url, *results)
    assert sentence in client.get("/en/PLAN/commitments/1.1/").text


def test_a_good_link_is_shown_without_its_status(linked, client):
    [item] = linked("https://example.org/1")
    record_daily(item.url, OK)
    assert "link-health" not in client.get("/en/PLAN/commitments/1.1/").text


@pytest.mark.parametrize("seconds", [(1, 2), (2, 1)])
def test_two_runs_at_once_record_one_result_whichever_is_first(linked, seconds):
    [item] = linked("https://example.org/1")
    before = START
    first, second = (START + timedelta(seconds=number) for number in seconds)
    checks.record_probe(item.url, UNREACHABLE, first, before)
    assert not checks.link_is_due(item.url, before, second)
    checks.record_probe(item.url, UNREACHABLE, second, before)
    assert [row.checks for row in item.link_checks.all()] == [1]
    week_later = START + timedelta(days=7)
    assert checks.link_is_due(item.url, week_later, week_later)


def test_a_clock_that_goes_back_breaks_nothing(linked):
    [item] = linked("https://example.org/1")
    later = START + timedelta(days=1)
    checks.record_probe(item.url, OK, START, before=later)
    checks.record_probe(item.url, OK, START - timedelta(hours=1), before=later)
    row = item.link_checks.get()
    assert (row.first_at, row.last_at, row.checks) == (START, START, 2)


def test_a_due_link_comes_with_its_last_validator(linked):
    [item] = linked("https://example.org/1")
    versions = [ProbeResult(LinkStatus.OK, "200", validator=f"v{number}") for number in (9, 1)]
    record_daily(item.url, versions[0], GONE, versions[1])
    later = START + timedelta(days=9)
    assert checks.due_links(later, later) == [(item.url, "v1")]
    linked(item.url)
    assert checks.due_links(later, later) == [(item.url, "")]


def test_a_link_that_moved_again_is_in_another_state(linked):
    [item] = linked("https://example.org/1")
    record_daily(
        item.url,
        *(
            ProbeResult(LinkStatus.MOVED, "200", f"https://example.org/{number}")
            for number in (2, 3, 3)
        ),
    )
    assert [row.checks for row in item.link_checks.order_by("pk")] == [1, 2]
