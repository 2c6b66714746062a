"""`changes/`: what was publicly done, in the ledger's order, with what it did to the status; and a
copy that is kept by it."""

import json
import subprocess
import sys
import threading
from base64 import urlsafe_b64encode
from datetime import date, timedelta

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import workflow
from commitments.choices import PUBLIC_ACTIONS, Action
from commitments.clocks import Clock
from commitments.curation.recording import ChangeReason, record_edits
from commitments.ledger import START
from commitments.models import Commitment, Decision, ProgressUpdate, Publisher
from tests import steps
from tests.examples import examples
from tests.factories import PlanFactory
from tests.record import LATER, rename_forum
from tests.steps import NOW
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

HOUR = timedelta(hours=1)


@pytest.mark.long
def test_every_public_change_is_listed_once_in_the_ledgers_order(
    record, changes, administrator, second_administrator
):
    steps.confirmed_time(administrator, NOW)
    steps.erased(record.published, ["summary"], administrator, second_administrator)
    public = Decision.objects.filter(action__in=PUBLIC_ACTIONS).order_by("seq")
    for size in (1, 2, 3, 200):
        rows = changes.every(size)
        assert [row["seq"] for row in rows] == list(public.values_list("seq", flat=True))
    assert {row["action"] for row in rows} == {action.value for action in PUBLIC_ACTIONS}
    assert [row["hash"] for row in rows] == list(public.values_list("hash", flat=True))


def test_what_a_row_says(record, changes):
    rows = {(row["action"], row["update"]): row for row in changes.every(200)}
    correction, superseded = record.correction.pk, record.superseded.pk
    published = rows["publish", correction]
    decision = record.correction.decisions.get(action="publish")
    assert published == {
        "seq": decision.seq,
        "at": "2026-07-01T07:00:00.000000Z",
        "action": "publish",
        "plan": "ISCC",
        "commitment": "ISCC-9.1",
        "update": correction,
        "subject": None,
        "subjects": [],
        "status": {"from": "partly_active", "to": "active"},
        "erased": [],
        "note": None,
        "hash": decision.hash,
    }
    # Of the same day as what it corrects, and later published: it counts before that is superseded.
    assert rows["supersede", superseded]["status"] == {"from": "active", "to": "active"}
    assert rows["archive", superseded]["note"] == "A copy."
    assert rows["archive", superseded]["status"] == {
        "from": "partly_active",
        "to": "partly_active",
    }
    retracted = rows["retract", record.retracted.pk]
    assert retracted["status"] == {"from": "active", "to": "unassessed"}
    assert retracted["note"] == "The source was withdrawn."
    load = rows["load", None]
    assert (load["commitment"], load["status"], load["note"]) == (None, None, "")
    assert load["subjects"] == []
    assert rows["amend", None]["note"] == "Misprint in 9.1."
    assert rows["amend", None]["subjects"] == [{"type": "commitment", "key": "ISCC-9.1"}]
    edit = rows["edit", None]
    assert (edit["plan"], edit["status"], edit["note"]) == (None, None, "As it is called now.")
    assert edit["subject"] == {"type": "forum", "key": "WIC"}
    assert edit["subjects"] == [edit["subject"]]


def test_nothing_of_what_was_retracted_is_shown_but_its_status(changes, duty, reporter, reviewer):
    update = steps.published(duty, reporter, reviewer, status="active", evidence=[steps.RESOLUTION])
    link = update.evidence.get()
    archived = "https://archive.example.org/secret"
    steps.perform(
        update, Action.ARCHIVE, reviewer, evidence=link.pk, archived_url=archived, note="Secret."
    )
    steps.perform(update, Action.RETRACT, reviewer, note="Wrong.")
    rows = changes()["results"]
    assert [(row["action"], row["note"]) for row in rows] == [
        ("publish", None),
        ("archive", None),
        ("retract", "Wrong."),
    ]
    assert "secret" not in json.dumps(rows).lower()


@pytest.mark.long
def test_a_downgrade_is_listed_as_one(changes, duty, reporter, reviewer):
    for status, day in (("active", 1), ("partly_active", 2), ("contrary", 3)):
        on = date(2026, 6, day)
        steps.published(duty, reporter, reviewer, status=status, effective_on=on)
    steps.published(duty, reporter, reviewer, status="inactive", effective_on=date(2026, 5, 1))
    assert [row["status"] for row in changes()["results"]] == [
        {"from": "unassessed", "to": "active"},
        {"from": "active", "to": "partly_active"},
        {"from": "partly_active", "to": "contrary"},
        # A late publication about an early day displaces nothing.
        {"from": "contrary", "to": "contrary"},
    ]


@pytest.mark.long
@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_the_statuses_are_those_that_known_at_gives(data, changes, duty, reporter, reviewer):
    """After each change, what it says it led to is what the tracker says of that time."""
    with transaction.atomic():
        at = NOW
        for _step in range(data.draw(st.integers(1, 6))):
            at += HOUR
            play(data, at, duty, reporter, reviewer)
        rows = changes.every()
        last_of_each_time = {row["at"]: row["status"]["to"] for row in rows}
        assert [row["status"]["from"] for row in rows] == [
            "unassessed",
            *(row["status"]["to"] for row in rows[:-1]),
        ][: len(rows)]
        for decision in Decision.objects.filter(seq__in=[row["seq"] for row in rows]):
            clock = Clock(now=at + HOUR, known_at=decision.at)
            [then] = Commitment.objects.filter(pk=duty.pk).at(clock)
            time = decision.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            assert last_of_each_time[time] == then.assessment_status
        transaction.set_rollback(True)


def play(data, at, duty, reporter, reviewer):
    """One public change of some sort."""
    standing = list(ProgressUpdate.objects.published().order_by("pk"))
    what = data.draw(st.sampled_from(["assessment", "event", "correct", "retract"]))
    chosen = data.draw(st.integers(0, 5))
    status = data.draw(st.sampled_from(["active", "inactive", "contrary"]))
    on = date(2026, data.draw(st.integers(1, 6)), 1)
    one = standing[chosen % len(standing)] if standing else None
    if what == "retract" and one:
        steps.perform(one, Action.RETRACT, reviewer, at, note="Wrong.")
        return
    steps.published(
        duty,
        reporter,
        reviewer,
        at,
        status=None if what == "event" else status,
        effective_on=on,
        corrects=one if what == "correct" else None,
    )


# Filters and cursors


@pytest.mark.long
def test_filters_choose_among_the_changes(record, changes):
    def found(**query):
        return [(row["action"], row["commitment"]) for row in changes(**query)["results"]]

    every = found()
    assert found(plan="ISCC") == every
    assert found(action=["load", "amend", "edit"]) == [row for row in every if row[1] is None]
    load, amend, edit = (("load", None), ("amend", None), ("edit", None))
    of_3_2 = [("publish", "ISCC-3.2"), ("retract", "ISCC-3.2")]
    assert found(commitment="ISCC-3.2") == [load, *of_3_2]
    # The amendments changed the wording of 9.1.
    of_9_1 = [row for row in every if row[1] == "ISCC-9.1" or row in (load, amend)]
    assert found(goal=6) == found(commitment="ISCC-9.1") == of_9_1
    assert found(forum="BRI") == [row for row in every if row != edit and row not in of_3_2]
    assert found(forum="UN") == [load]
    assert found(forum="WIC") == [load, edit, *of_3_2]


def test_an_edit_of_what_plans_share_is_a_change_of_every_plan(changes, plan, forum, curator):
    record_edits([plan], ChangeReason(curator, NOW, "Its notice."))
    PlanFactory(code="OTHER")
    record_edits([forum], ChangeReason(curator, NOW, "Its name."))
    for code, subjects in (("PLAN", ["PLAN", "FORUM"]), ("OTHER", ["FORUM"])):
        assert [row["subject"]["key"] for row in changes(plan=code)["results"]] == subjects


def text_of(words):
    return urlsafe_b64encode(words.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("cursor=", "cursor"),
        ("cursor=x", "cursor"),
        ("cursor=MTo", "cursor"),
        # 1:12, 2:1 and 2:-1:00…
        ("cursor=MToxMg", "cursor"),
        ("cursor=Mjox", "cursor"),
        (f"cursor={text_of(f'2:-1:{START.hash}')}", "cursor"),
        (f"cursor={text_of(f'2:01:{START.hash}')}", "cursor"),
        (f"cursor={START.as_text()}&cursor={START.as_text()}", "cursor"),
        ("cursor=%E4%B8%AD", "cursor"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("action=submit", "action"),
        ("plan=NONE", "plan"),
        ("as_of=2026-01-01", "as_of"),
        ("ordering=at", "ordering"),
    ],
)
def test_what_is_not_understood_is_refused(api, plan, query, parameter):
    answer = api().get(f"/api/v1/changes/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_private_actions_are_shown_to_nobody(changes, duty, reporter, reviewer, curator):
    steps.returned(duty, reporter, reviewer)
    assert changes()["results"] == changes(curator)["results"] == []


@pytest.mark.long
def test_a_page_costs_the_same_queries_however_long_it_is(
    api, duty, reporter, reviewer, django_assert_num_queries
):
    for _count in range(3):
        row = steps.published(
            duty, reporter, reviewer, status="active", evidence=[steps.RESOLUTION]
        )
        link, address = row.evidence.get(), "https://archive.example.org/1"
        steps.perform(row, Action.ARCHIVE, reviewer, evidence=link.pk, archived_url=address)
        steps.retracted(duty, reporter, reviewer)
    for query in ("page_size=1", "page_size=12", "action=archive", "action=retract"):
        with django_assert_num_queries(5):
            api().get(f"/api/v1/changes/?{query}")


# A copy


@pytest.fixture
def mirror(live_server, tmp_path):
    """Runs the script, which keeps its copy at `mirror.path`; gives what it says."""

    def mirror():
        command = [sys.executable, "-I", "docs/mirror.py", live_server.url, str(mirror.path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.stderr == ""
        return done.stdout

    mirror.path = tmp_path / "copy.json"
    return mirror


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_mirror_waits_where_it_asks_too_often(low_rate_limit, record, mirror):
    assert mirror() == "4 updates, 4 commitments\n"


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_mirror_is_what_the_tracker_publishes(
    live_server, record, api, reporter, reviewer, curator, mirror
):
    def published():
        answer = {
            name: api().get(f"/api/v1/{name}/", {"page_size": 200}).json()
            for name in ("updates", "commitments")
        }
        return {
            "updates": {str(row["id"]): row for row in answer["updates"]["results"]},
            "commitments": {row["code"]: row for row in answer["commitments"]["results"]},
        }

    def held():
        text = mirror.path.read_text(encoding="utf-8").replace(live_server.url, "http://testserver")
        copy = json.loads(text)
        return {name: copy[name] for name in ("updates", "commitments")}

    assert mirror() == "4 updates, 4 commitments\n"
    assert held() == published()
    steps.published(record.duty, reporter, reviewer, LATER, status="contrary")
    steps.perform(record.published, Action.RETRACT, reviewer, LATER, note="Wrong.")
    assert held()["updates"][str(record.published.pk)]["state"] == "published"
    assert mirror() == "5 updates, 4 commitments\n"
    assert held() == published()
    assert held()["updates"][str(record.published.pk)]["summary"] == {}
    # Each edit shows in other objects too, and is followed by itself.
    plan, publisher = record.duty.plan, Publisher.objects.get(key="The ministry")
    plan.review_interval_days, publisher.name = 1, en_zh("The other ministry")
    for edit, shows_now in (
        (lambda: rename_forum("BRI", "The Initiative", curator), True),
        (lambda: steps.edited(publisher, curator, LATER), True),
        (lambda: steps.edited(plan, curator, LATER), False),  # on the day after the next
    ):
        edit()
        assert (held() != published()) is shows_now
        assert mirror() == "5 updates, 4 commitments\n"
        assert held() == published()


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True)
def test_a_reader_misses_nothing_and_meets_nothing_twice_while_many_publish(
    api, plan, duty, deliverable, reporter, reviewer
):
    rows = [steps.submitted(row, reporter) for row in (duty, deliverable) * 20]
    # With the reader as many as the pool has connections.
    count = 3
    failed = []

    def publish(part):
        try:
            for update in part:
                workflow.perform(
                    update, Action.PUBLISH, by=reviewer, at=NOW, expected_revision=update.revision
                )
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=publish, args=(rows[n::count],)) for n in range(count)]
    for writer in writers:
        writer.start()
    met, cursor = [], {}
    while True:
        # Asked for before the page: what was published by then is on it.
        ended = not any(writer.is_alive() for writer in writers)
        page = api().get("/api/v1/changes/", {"page_size": 3, **cursor}).json()
        met += [row["seq"] for row in page["results"]]
        cursor = {"cursor": page["cursor"]}
        if ended and not page["results"]:
            break
    for writer in writers:
        writer.join()
    assert failed == []
    public = Decision.objects.filter(action__in=PUBLIC_ACTIONS).order_by("seq")
    assert met == list(public.values_list("seq", flat=True))
    assert len(met) == len(rows)
