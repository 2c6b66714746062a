"""Database and files of an archive are of one moment, whatever others write meanwhile."""

import os

import pytest
from django.db import connection

from commitments.choices import Action
from commitments.models import Evidence, ProgressUpdate
from commitments.operations.backup import databases
from commitments.operations.backup.making import MAX_ATTEMPTS
from commitments.workflow import EvidenceChanges, edit_draft
from tests import steps
from tests.factories import User
from tests.record import LATER


@pytest.mark.long
def test_what_is_written_after_the_snapshot_is_in_neither(site, path, destroy, monkeypatch):
    rows, files = site.rows(), site.files()
    dump = databases.DUMPS[connection.vendor]

    def dump_after_a_write(target):
        with site.another_connection():
            publish_another()
        dump(target)

    monkeypatch.setitem(databases.DUMPS, connection.vendor, dump_after_a_write)
    site.back_up(path)
    assert len(site.files()) == len(files) + 1
    destroy()
    assert site.run("restore", path)[1] == ""
    assert (site.rows(), site.files()) == (rows, files)


def publish_another():
    reporter, reviewer = (User.objects.get(username=name) for name in ("reporter", "reviewer"))
    [duty, *_others] = {row.update.commitment for row in Evidence.objects.exclude(file="")}
    update = steps.published(duty, reporter, reviewer, LATER, evidence=[steps.file_evidence()])
    assert update.decisions.filter(action=Action.PUBLISH).exists()


@pytest.fixture
def draft_with_file(site):
    """A draft on the site whose evidence is one file, the first to be copied."""
    draft = ProgressUpdate.objects.filter(state="draft").get()
    add_file(draft)
    return draft


def add_file(draft):
    reporter = User.objects.get(username="reporter")
    edit_draft(draft, by=reporter, at=LATER, evidence=EvidenceChanges(add=[steps.file_evidence()]))
    draft.refresh_from_db()


def remove_file(draft):
    reporter = User.objects.get(username="reporter")
    [item] = draft.evidence.exclude(file="")
    edit_draft(draft, by=reporter, at=LATER, evidence=EvidenceChanges(remove=[item.pk]))


def once(act):
    """Return a function that calls `act()` at the first of its calls."""
    left = [act]
    return lambda name: left.pop()() if left else None


@pytest.mark.long
def test_a_file_deleted_while_others_are_copied_is_in_neither_database_nor_files(
    site, path, destroy, copying, draft_with_file
):
    copying(once(lambda: remove_file(draft_with_file)))
    printed = site.back_up(path)
    assert "2 files of evidence" in printed
    rows = site.rows()
    destroy()
    assert site.run("restore", path)[1] == ""
    assert site.rows() == rows


@pytest.mark.long
def test_a_backup_gives_up_when_files_are_deleted_again_and_again(
    site, path, copying, draft_with_file
):
    tried = []

    def replace_file(name):
        if name == draft_with_file.evidence.exclude(file="").get().file.name:
            tried.append(name)
            remove_file(draft_with_file)
            add_file(draft_with_file)

    copying(replace_file)
    assert site.run("backup", path)[1] == (
        f"In each of {MAX_ATTEMPTS} attempts a file of evidence was deleted while the others were "
        "copied. Try again when fewer people work."
    )
    assert (len(tried), os.listdir(path.parent)) == (MAX_ATTEMPTS, [])


# PostgreSQL's programs


@pytest.mark.postgres
def test_a_missing_program_of_postgresql_is_named(site, path, monkeypatch):
    monkeypatch.setenv("PATH", str(path.parent))
    assert site.run("backup", path)[1] == (
        "The backup cannot be made: pg_dump is not installed. On Debian: apt-get install "
        "postgresql-client"
    )
    assert os.listdir(path.parent) == []


@pytest.mark.postgres
def test_no_password_is_on_a_command_line(site, path, monkeypatch):
    calls = []

    def run(command, **options):
        calls.append((command, options["env"]))
        raise FileNotFoundError

    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "s3cret")
    monkeypatch.setattr(databases.subprocess, "run", run)
    site.run("backup", path)
    [(command, environment)] = calls
    assert "s3cret" not in " ".join(command)
    assert environment["PGPASSWORD"] == "s3cret"
