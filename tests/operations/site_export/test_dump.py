"""The dump: everything public in one file, made when it is due, resumable, and never given out once
something in it was withdrawn."""

import gzip
import hashlib
import json
import tracemalloc
from copy import deepcopy
from datetime import timedelta
from itertools import repeat

import pytest
import time_machine
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.test import Client

from commitments.choices import Action
from commitments.curation.meetings import mark_changed
from commitments.ledger import Position
from commitments.models import Dump, Forum
from commitments.operations.site_export import dump, dump_is_due, make_dump
from commitments.operations.site_export.record import public_contents
from tests import record, steps
from tests.factories import MeetingFactory
from tests.fixtures.worlds import people, shared_world
from tests.record import LATER, rename_forum

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

SITE = "http://testserver"
ADDRESS = "/api/v1/dump/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield record.create_record(*people())


@pytest.fixture
def world(db, built, evidence_folder):
    """The record, without any stored file."""
    with time_machine.travel(LATER, tick=False):
        yield deepcopy(built)


@pytest.fixture
def made(world):
    return make_dump(SITE, LATER)


@pytest.fixture
def download(api):
    def download(status=200, user=None, **headers):
        answer = api(user).get(ADDRESS, headers=headers)
        answer.body = answer.getvalue()
        assert answer.status_code == status, answer.body
        return answer

    return download


def lines(answer):
    return [json.loads(line) for line in gzip.decompress(answer.body).splitlines()]


def test_the_contents_of_many_updates_are_read_in_four_queries(world, django_assert_num_queries):
    with django_assert_num_queries(4):
        assert len(list(public_contents())) > 2


@pytest.mark.long
def test_it_has_every_row_of_every_list_as_the_api_gives_it(made, download, api):
    manifest, *rows = lines(download())
    for name in dump.DUMPED_LISTS:
        address, listed = f"/api/v1/{name}/?page_size=200", []
        while address:
            page = api().get(address).json()
            listed += page["results"]
            address = page["next"]
        assert [row["row"] for row in rows if row["list"] == name] == listed, name
        assert listed or name in ("offices", "milestones", "meetings")
    contents = [row["row"] for row in rows if row["list"] == "update_contents"]
    for content in contents:
        answer = api().get(f"/api/v1/updates/{content['update']}/content/")
        assert json.loads(answer.content) == content
    assert len(contents) == 3
    assert {row["list"] for row in rows} <= set(manifest["manifest"]["lists"])


@pytest.mark.long
def test_the_manifest_names_the_tracker_the_time_and_where_to_go_on(
    made, download, api, world, reporter, reviewer
):
    manifest = lines(download())[0]["manifest"]
    head = Position.of_head()
    assert manifest["tracker"] == f"{SITE}/"
    assert manifest["at"] == "2026-07-01T10:00:00.000000Z"
    assert manifest["ledger"] == {"seq": head.seq, "hash": head.hash}
    update = steps.published(world.duty, reporter, reviewer, LATER)
    page = api().get("/api/v1/changes/", {"cursor": manifest["cursor"]}).json()
    assert [row["update"] for row in page["results"]] == [update.pk]


@pytest.mark.long
def test_of_a_file_it_has_the_address_and_the_digest_not_the_bytes(world, download, api):
    piece = record.attach(world.published, b"%PDF-1.7 bytes of a file")
    make_dump(SITE, LATER)
    answer = download()
    assert b"bytes of a file" not in gzip.decompress(answer.body)
    rows = [row["row"] for row in lines(answer)[1:] if row["list"] == "evidence"]
    [file] = [row["file"] for row in rows if row["id"] == piece.pk]
    content = api().get(file["url"]).getvalue()
    assert content == b"%PDF-1.7 bytes of a file"
    assert hashlib.sha256(content).hexdigest() == file["sha256"]


def test_nothing_that_is_not_public_is_in_it(made, download):
    text = gzip.decompress(download().body).decode()
    for words in ("Minutes 3/2026", "other minutes", "Name the meeting.", "reporter@"):
        assert words not in text


@pytest.mark.long
def test_it_is_a_file_that_is_resumed_and_asked_for_again(made, download, api, reporter):
    answer = download()
    whole = answer.body
    assert hashlib.sha256(whole).hexdigest() == made.sha256
    assert answer.headers["ETag"] == f'"{made.sha256}"'
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.headers["Content-Type"] == "application/gzip"
    assert f"dump-{made.head.seq}.jsonl.gz" in answer.headers["Content-Disposition"]
    rest = download(206, **{"Range": "bytes=100-", "If-Range": answer.headers["ETag"]})
    assert rest.body == whole[100:]
    assert rest.headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    # Of another dump, all of it.
    assert download(200, **{"Range": "bytes=100-", "If-Range": '"other"'}).body == whole
    assert download(304, **{"If-None-Match": answer.headers["ETag"]}).headers["ETag"]
    download(416, Range=f"bytes={len(whole)}-")
    mine = download(user=reporter)
    assert mine.body == whole
    assert mine.headers["Cache-Control"] == "private, no-store"


@pytest.mark.long
def test_the_same_record_has_the_same_bytes(made):
    assert make_dump(SITE, LATER).sha256 == made.sha256


@pytest.mark.long
def test_the_newer_takes_the_place_of_the_older(made, world, stored, reporter, reviewer):
    steps.published(world.duty, reporter, reviewer, LATER)
    newer = make_dump(SITE, LATER)
    assert list(Dump.objects.all()) == [newer]


@pytest.mark.long
def test_the_file_of_the_older_goes_with_it(world, stored, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make_dump(SITE, LATER)
        newest = make_dump(SITE, LATER + HOUR)
    assert newest.sha256 == Dump.objects.get().sha256
    assert [hashlib.sha256(content).hexdigest() for content in stored()] == [newest.sha256]


def test_there_is_none_before_the_first(world, download):
    problem = json.loads(download(404).body)
    assert problem["type"].endswith("/problems/not-found/")
    assert "changes/" in problem["detail"]


# What was withdrawn


def withdraw(world, reviewer):
    steps.perform(world.published, Action.RETRACT, reviewer, LATER, note="Wrong.")


@pytest.mark.long
def test_after_a_withdrawal_it_is_given_out_no_more_until_it_is_made_anew(
    made, world, download, reviewer
):
    tag = f'"{made.sha256}"'
    withdraw(world, reviewer)
    download(404, **{"If-None-Match": tag})
    assert dump_is_due(LATER)
    again = make_dump(SITE, LATER)
    [row] = [
        line["row"]
        for line in lines(download())[1:]
        if line["list"] == "updates" and line["row"]["id"] == world.published.pk
    ]
    assert (row["state"], row["summary"], row["evidence"]) == ("retracted", {}, [])
    assert again.sha256 != made.sha256


def test_an_erasure_deletes_the_file_too(
    made,
    world,
    stored,
    download,
    administrator,
    second_administrator,
    django_capture_on_commit_callbacks,
):
    assert len(stored()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        steps.erased(world.published, ["summary"], administrator, second_administrator, LATER)
    assert (stored(), Dump.objects.count()) == ([], 0)
    download(404)


@pytest.mark.long
def test_the_erasure_of_former_words_withdraws_it(
    made, world, download, administrator, second_administrator
):
    decision = world.retracted.decisions.get(action=Action.RETRACT)
    steps.erased(decision, ["note"], administrator, second_administrator, LATER)
    download(404)


@pytest.mark.long
def test_other_changes_leave_it(made, world, download, reporter, reviewer, curator):
    steps.published(world.duty, reporter, reviewer, LATER, corrects=world.correction)
    rename_forum("BRI", "The Initiative", curator)
    steps.submitted(world.other, reporter, LATER)
    assert download().headers["ETag"] == f'"{made.sha256}"'


@pytest.fixture
def meeting(world):
    return MeetingFactory(forum=Forum.objects.get(code="BRI"), public=True)


def change(meeting, at, **columns):
    """Change a meeting as the admin does."""
    was_public = meeting.public
    for name, value in columns.items():
        setattr(meeting, name, value)
    mark_changed(meeting, at, was_public)
    meeting.save()


def test_it_has_the_public_meetings(meeting, download, api):
    MeetingFactory(forum=meeting.forum)
    make_dump(SITE, LATER)
    rows = [line["row"] for line in lines(download())[1:] if line["list"] == "meetings"]
    assert rows == [api().get(f"/api/v1/meetings/{meeting.pk}/").json()]


@pytest.mark.long
def test_a_meeting_that_is_public_no_longer_ends_it_with_its_file(
    meeting, stored, download, django_capture_on_commit_callbacks
):
    make_dump(SITE, LATER)
    change(meeting, LATER, cancelled=True)
    download()
    with django_capture_on_commit_callbacks(execute=True):
        change(meeting, LATER, public=False)
    assert (stored(), Dump.objects.count()) == ([], 0)
    download(404)
    assert dump_is_due(LATER)


@pytest.mark.long
def test_it_is_due_after_a_clock_that_ran_ahead(world):
    make_dump(SITE, LATER + 300 * DAY)
    assert dump_is_due(LATER)
    make_dump(SITE, LATER)
    assert not dump_is_due(LATER)


def test_it_is_due_a_day_later_if_a_public_meeting_has_changed(meeting):
    make_dump(SITE, LATER)
    change(MeetingFactory(forum=meeting.forum), LATER + HOUR)
    assert not dump_is_due(LATER + DAY)
    change(meeting, LATER + HOUR, cancelled=True)
    assert not dump_is_due(LATER + DAY - HOUR)
    assert dump_is_due(LATER + DAY)


def test_a_meeting_that_is_hidden_while_it_is_written_is_in_no_dump(
    meeting, download, stored, monkeypatch
):
    write = dump._write

    def and_hide(*args):
        write(*args)
        change(meeting, LATER, public=False)

    monkeypatch.setattr(dump, "_write", and_hide)
    assert make_dump(SITE, LATER) is None
    assert (stored(), Dump.objects.count()) == ([], 0)


def test_what_is_withdrawn_while_it_is_written_is_in_no_dump(
    world, download, stored, reviewer, monkeypatch
):
    write = dump._write

    def and_withdraw(*args):
        write(*args)
        withdraw(world, reviewer)

    monkeypatch.setattr(dump, "_write", and_withdraw)
    assert make_dump(SITE, LATER) is None
    assert (stored(), Dump.objects.count()) == ([], 0)
    download(404)


@pytest.mark.long
def test_its_rows_are_not_held_in_memory(world, monkeypatch, tmp_path):
    """20,000 rows of a kilobyte are written with less memory than 2,000 of them take."""
    row = {"summary": {"en": "x" * 1000}}
    monkeypatch.setattr(dump, "list_rows", lambda reader, name: repeat(row, 20_000))
    monkeypatch.setattr(dump, "DUMPED_LISTS", ("updates",))
    tracemalloc.start()
    try:
        assert make_dump(SITE, LATER).size > 10_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


def test_writing_it_leaves_what_is_kept_for_others(world, cached_responses):
    caches["responses"].clear()
    make_dump(SITE, LATER)
    assert Client().get("/api/v1/plans/").status_code == 200
    kept = len(caches["kept responses"]._cache)
    assert kept == 1


# When it is made


def test_it_is_due_daily_if_something_was_published(made, world, reporter, reviewer):
    assert not dump_is_due(LATER + 2 * DAY)
    steps.published(world.duty, reporter, reviewer, LATER)
    assert not dump_is_due(LATER + DAY - HOUR)
    assert dump_is_due(LATER + DAY)


def test_what_is_not_public_makes_none_due(made, world, reporter):
    steps.submitted(world.other, reporter, LATER)
    assert not dump_is_due(LATER + 2 * DAY)


def test_it_is_due_where_its_file_is_lost_or_another_release_wrote_it(made, download, settings):
    settings.RELEASE = "another"
    assert dump_is_due(LATER)
    settings.RELEASE = made.release
    assert not dump_is_due(LATER)
    dump.storage.evidence_storage().delete(made.file)
    assert dump_is_due(LATER)
    download(404)


@pytest.mark.long
def test_the_command_makes_what_is_due(world, capsys):
    for _time in range(2):
        call_command("write_dump", address=SITE)
    [made] = Dump.objects.all()
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{made.size} bytes to link {made.head.seq}, SHA-256 {made.sha256}"
    assert said[1] == "No dump is due."
    call_command("write_dump", address=SITE, anew=True)
    assert Dump.objects.get() != made


def test_the_command_refuses_an_address_that_the_site_does_not_have(world):
    with pytest.raises(CommandError, match="is not in ALLOWED_HOSTS"):
        call_command("write_dump", address="http://elsewhere.example.org")


def test_its_file_is_no_orphan(made, capsys):
    with time_machine.travel(LATER + 9 * DAY):
        call_command("orphaned_files", remove=True)
    assert dump.storage.evidence_storage().exists(made.file)
