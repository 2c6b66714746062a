"""`docs/mirror.py`: a copy that starts from the dump, goes on with the changes, and is what the
ledger says; a ledger that was rewritten, or does not match, is refused."""

import gzip
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from commitments.choices import Action, LinkStatus
from commitments.ledger import Position, changes
from commitments.links.checks import record_probe
from commitments.links.probe import ProbeResult
from commitments.models import (
    Decision,
    Dump,
    Forum,
    LedgerHead,
    Meeting,
    Plan,
    ProgressUpdate,
    RecordedContent,
)
from commitments.operations.site_export import make_dump
from tests import steps
from tests.factories import MeetingFactory
from tests.record import LATER, rename_forum
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.long, pytest.mark.django_db(transaction=True)]

HOUR = timedelta(hours=1)


class Mirror:
    """Runs the program, which keeps its copy at `path`."""

    def __init__(self, address, folder):
        self.address, self.path = address, folder / "copy.json"

    def run(self):
        command = [sys.executable, "-I", "docs/mirror.py", self.address, str(self.path)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    def succeeds(self):
        done = self.run()
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    @property
    def copy(self):
        text = self.path.read_text(encoding="utf-8")
        return json.loads(text.replace(self.address, "http://testserver"))

    def refuses(self, words):
        """Check that a run says this, and leaves the copy as it was."""
        before = self.path.read_bytes() if self.path.exists() else None
        done = self.run()
        assert done.returncode == 1, done
        assert words in done.stderr
        assert (self.path.read_bytes() if self.path.exists() else None) == before


@pytest.fixture
def mirror(live_server, tmp_path, evidence_folder):
    return Mirror(live_server.url, tmp_path)


@pytest.fixture
def published(api):
    """`published()` returns the updates and commitments as the API gives them now."""

    def published():
        rows = {
            name: api().get(f"/api/v1/{name}/", {"page_size": 200}).json()["results"]
            for name in ("updates", "commitments")
        }
        return {
            "updates": {str(row["id"]): row for row in rows["updates"]},
            "commitments": {row["code"]: row for row in rows["commitments"]},
        }

    return published


def held(mirror):
    return {name: mirror.copy[name] for name in ("updates", "commitments")}


def make_dump_of(mirror):
    """Make a dump with the addresses of the running server, whose host may have any port."""
    return make_dump(mirror.address, LATER)


def test_it_starts_from_the_dump_and_goes_on_with_the_changes(
    record, mirror, published, reporter, reviewer
):
    without_dump = mirror.succeeds()
    by_changes = mirror.copy
    mirror.path.unlink()
    make_dump_of(mirror)
    assert mirror.succeeds() == without_dump == "4 updates, 4 commitments\n"
    assert mirror.copy == by_changes
    assert held(mirror) == published()
    assert mirror.copy["head"] == Position.of_head()._asdict()
    assert [path.name for path in mirror.path.parent.iterdir()] == ["copy.json"]
    steps.published(record.duty, reporter, reviewer, LATER)
    assert mirror.succeeds() == "5 updates, 4 commitments\n"
    assert held(mirror) == published()


def test_it_has_the_public_meetings_as_they_are_now(record, mirror, get):
    meeting = MeetingFactory(forum=Forum.objects.get(code="BRI"), public=True)
    MeetingFactory(forum=meeting.forum)
    make_dump_of(mirror)
    mirror.succeeds()
    path = f"meetings/{meeting.pk}/"
    assert mirror.copy["meetings"] == {str(meeting.pk): get(path)}
    Meeting.objects.filter(pk=meeting.pk).update(cancelled=True)
    mirror.succeeds()
    assert mirror.copy["meetings"][str(meeting.pk)]["cancelled"] is True
    Meeting.objects.filter(pk=meeting.pk).update(public=False)
    mirror.succeeds()
    assert mirror.copy["meetings"] == {}


def test_checks_of_links_are_as_they_were_when_the_update_was_read(
    record, mirror, published, reviewer
):
    """No row of the list of changes says that a link was checked."""
    make_dump_of(mirror)
    mirror.succeeds()
    before, number = held(mirror), str(record.published.pk)
    [piece] = record.published.evidence.all()
    record_probe(piece.url, ProbeResult(LinkStatus.GONE, "404"), LATER, LATER)
    mirror.succeeds()
    assert held(mirror) == before != published()
    archived = {"evidence": piece.pk, "archived_url": "https://archive.example.org/another"}
    steps.perform(record.published, Action.ARCHIVE, reviewer, LATER, **archived)
    mirror.succeeds()
    assert held(mirror)["updates"][number] == published()["updates"][number]
    assert held(mirror)["updates"][number]["evidence"][0]["link"]["status"] == "gone"


def test_a_download_that_was_cut_off_is_resumed(record, mirror, published):
    dump = make_dump_of(mirror)
    part = mirror.path.with_name("copy.json.dump")
    from_storage = next(Path(path) for path in stored_files() if path.stat().st_size == dump.size)
    part.write_bytes(from_storage.read_bytes()[: dump.size // 2])
    part.with_name("copy.json.dump.etag").write_text(f'"{dump.sha256}"')
    mirror.succeeds()
    assert held(mirror) == published()
    # Of another dump nothing is continued.
    mirror.path.unlink()
    part.write_bytes(b"of another")
    part.with_name("copy.json.dump.etag").write_text('"another"')
    mirror.succeeds()
    assert held(mirror) == published()


def stored_files():
    folder = Path(make_dump.__globals__["storage"].evidence_storage().location)
    return [path for path in folder.rglob("*") if path.is_file()]


def test_it_follows_what_was_erased_edited_and_withdrawn(
    record, mirror, published, reviewer, curator, administrator, second_administrator
):
    make_dump_of(mirror)
    mirror.succeeds()
    piece = record.correction.evidence.order_by("pk").first()
    parts = ["summary", f"evidence/{piece.pk}/title", f"evidence/{piece.pk}/publisher"]
    steps.erased(record.correction, parts, administrator, second_administrator, LATER)
    content = RecordedContent.objects.filter(subject_type="commitment", subject_key="ISCC-9.1")
    steps.erased(content[0], ["text"], administrator, second_administrator, LATER)
    steps.perform(record.published, Action.RETRACT, reviewer, LATER, note="Wrong.")
    rename_forum("BRI", "The Initiative", curator)
    mirror.succeeds()
    assert held(mirror) == published()
    copy = mirror.copy
    assert copy["updates"][str(record.correction.pk)]["summary"] == {}
    assert copy["contents"]["forum BRI"]["content"]["name"]["en"] == "The Initiative"
    # A new copy has the same.
    mirror.path.unlink()
    mirror.succeeds()
    assert mirror.copy == copy


def test_an_erasure_of_an_update_that_was_never_public_changes_nothing(
    record, mirror, published, administrator, second_administrator
):
    mirror.succeeds()
    steps.erased(record.discarded, ["summary"], administrator, second_administrator, LATER)
    mirror.succeeds()
    copy = mirror.copy
    assert held(mirror) == published()
    assert str(record.discarded.pk) not in copy["updates"]
    # A new copy has the same, with the dump and without it.
    for make in (lambda: None, lambda: make_dump_of(mirror)):
        mirror.path.unlink()
        make()
        mirror.succeeds()
        assert mirror.copy == copy


# Another ledger


def restore(seq):
    """Leave the ledger as it was after this link, as a restore from a backup does."""
    Dump.objects.all().delete()
    RecordedContent.objects.filter(decision__seq__gt=seq).delete()
    lost = Decision.objects.filter(seq__gt=seq)
    updates = list(lost.exclude(update=None).values_list("update", flat=True))
    lost.delete()
    drafts = ProgressUpdate.objects.filter(pk__in=updates, decisions=None)
    drafts.update(state="draft", publisher=None, published_at=None, published_on=None)
    head = Decision.objects.get(seq=seq)
    LedgerHead.objects.update(seq=seq, hash=head.hash, at=head.at)
    Plan.objects.all().bump_revision()


def test_after_a_restore_it_starts_again_and_keeps_the_former_copy(
    record, mirror, published, reporter, reviewer
):
    before = LedgerHead.objects.get().seq
    steps.published(record.duty, reporter, reviewer, LATER)
    mirror.succeeds()
    former, lost = mirror.path.read_bytes(), LedgerHead.objects.get().seq
    restore(before)
    steps.published(record.other, reporter, reviewer, LATER, summary=en_zh("Another event."))
    done = mirror.run()
    assert (done.returncode, done.stdout) == (0, "5 updates, 4 commitments\n")
    kept = mirror.path.with_name(f"copy.json.until-link-{lost}")
    assert str(kept) in done.stderr
    assert kept.read_bytes() == former
    assert held(mirror) == published()
    assert mirror.succeeds() == "5 updates, 4 commitments\n"


def test_a_rewritten_link_is_refused(record, mirror, reporter, reviewer):
    mirror.succeeds()
    head = LedgerHead.objects.get().seq
    steps.published(record.duty, reporter, reviewer, LATER)
    Decision.objects.filter(seq=head + 1).update(entry_sha256="ab" * 32)
    mirror.refuses(f"the ledger was rewritten: link {head + 1} does not follow")


def test_a_public_entry_that_does_not_match_is_refused(record, mirror, reporter, reviewer):
    mirror.succeeds()
    update = steps.published(record.duty, reporter, reviewer, LATER)
    seq = update.decisions.get(action=Action.PUBLISH).seq
    Decision.objects.filter(seq=seq).update(role="curator")
    mirror.refuses(f"the entry of link {seq} does not match its digest")


def test_a_copy_of_a_ledger_that_the_tracker_denies_to_have_rewritten_is_refused(
    record, mirror, reporter, reviewer
):
    """The tracker answers the position, but its links do not follow what was kept."""
    mirror.succeeds()
    copy = json.loads(mirror.path.read_text())
    copy["head"]["hash"] = "cd" * 32
    mirror.path.write_text(json.dumps(copy))
    mirror.refuses("the ledger was rewritten")
    steps.published(record.duty, reporter, reviewer, LATER)
    mirror.refuses("the ledger was rewritten: link")


def test_a_list_of_changes_that_leaves_one_out_is_refused(
    record, mirror, published, reporter, reviewer, monkeypatch
):
    """A tracker could hide a publication from its subscribers alone, who then never fetch it."""
    mirror.succeeds()
    hidden = steps.published(record.duty, reporter, reviewer, LATER)
    steps.published(record.published.commitment, reporter, reviewer, LATER)
    seq = hidden.decisions.get(action=Action.PUBLISH).seq
    told = changes.with_status_changes
    with monkeypatch.context() as patched:
        patched.setattr(
            changes,
            "with_status_changes",
            lambda rows: [row for row in told(rows) if row.decision.seq != seq],
        )
        mirror.refuses(f"the list of changes leaves out link {seq} of the ledger")
    mirror.succeeds()
    assert held(mirror) == published()


def test_an_update_or_a_content_that_was_changed_is_refused(
    record, mirror, reporter, reviewer, curator
):
    mirror.succeeds()
    update = steps.published(record.duty, reporter, reviewer, LATER)
    ProgressUpdate.objects.filter(pk=update.pk).update(summary=en_zh("Something else."))
    mirror.refuses(f"update {update.pk} does not match the ledger")
    ProgressUpdate.objects.filter(pk=update.pk).update(summary=update.summary)
    rename_forum("BRI", "The Initiative", curator)
    row = RecordedContent.objects.get(decision__seq=LedgerHead.objects.get().seq)
    RecordedContent.objects.filter(pk=row.pk).update(content={**row.content, "kind": "dialogue"})
    mirror.refuses("the content of forum BRI does not match")


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("updates", {"summary": {"en": "Something else."}}, "does not match its content"),
        ("updates", {"content_sha256": "ab" * 32}, "does not match the ledger"),
        ("contents", {"content": {"v": 1}}, "does not match link"),
        ("ledger", {"hash": "ab" * 32}, "the ledger was rewritten: link 1 does not follow"),
        ("changes", {"hash": "ab" * 32}, "change 1 is not the link of that number"),
        ("changes", {"commitment": "ISCC-1.1"}, "change 1 is not what its link says"),
    ],
)
def test_a_dump_that_does_not_match_its_ledger_is_refused(record, mirror, name, change, words):
    dump = make_dump_of(mirror)
    change_dump(dump, name, change)
    mirror.refuses(words)
    assert list(mirror.path.parent.iterdir()) == []


def change_dump(dump, name, change):
    """Change the first row of a list in the stored file."""
    file = next(path for path in stored_files() if path.stat().st_size == dump.size)
    lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    with_content = (line for line in lines[1:] if line["list"] == name)
    first = next(line for line in with_content if line["row"].get("state") != "retracted")
    first["row"] |= change
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
