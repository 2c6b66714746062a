"""`docs/check_ledger.py` while the ledger grows: what was decided after it read the links is no
difference, and what is one is found."""

import json
import subprocess
import sys
from itertools import count, repeat

import pytest

from commitments.api.views_ledger import ContentsView, ContentView
from commitments.api.views_updates import UpdateView
from commitments.choices import Action
from commitments.ledger.proofs.checkpoints import latest_checkpoint, sign_checkpoint
from commitments.models import Decision, LedgerHead, RecordedContent
from tests.record import LATER, amend_text, rename_forum
from tests.steps import edited, perform, published, retracted
from tests.verification.tampering import change
from tests.words import en_zh, stored

pytestmark = [pytest.mark.alike, pytest.mark.long, pytest.mark.django_db(transaction=True)]

ARCHIVED = "https://archive.example.org/another"
OTHER_WORDS = stored(en_zh("Another.", "另一种表述。"))


@pytest.fixture
def check(live_server):
    """Run the script; return its exit code and the lines of its output."""

    def check(*options):
        command = [sys.executable, "-I", "docs/check_ledger.py", live_server.url]
        command += map(str, options)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    return check


@pytest.fixture
def before(monkeypatch):
    """`before(view, steps)`: each request to the view is answered after the next of these steps, as
    long as there are any."""

    def before(view, steps):
        waiting, dispatch = iter(steps), view.dispatch

        def dispatched(self, request, *args, **kwargs):
            next(waiting, lambda: None)()
            return dispatch(self, request, *args, **kwargs)

        monkeypatch.setattr(view, "dispatch", dispatched)

    return before


@pytest.fixture
def decisions(record, reporter, reviewer, curator, erase):
    """What can be decided about the record, by name; all of it can, in this order."""
    link = record.superseded.evidence.get(url__contains="statement", public=True)
    link.publisher.name = en_zh("The ministry", "该部")
    edited(link.publisher, curator, LATER)
    by_reviewer = {"by": reviewer, "at": LATER}

    def archive():
        piece = record.published.evidence.get()
        details = {"evidence": piece.pk, "archived_url": ARCHIVED}
        perform(record.published, Action.ARCHIVE, **by_reviewer, **details)

    def correct():
        commitment, correcting = record.published.commitment, {"corrects": record.published}
        published(commitment, reporter, reviewer, LATER, **correcting)

    def erase_source():
        piece = record.published.evidence.get()
        erase(record.published, f"evidence/{piece.pk}/publisher")
        parts = (f"evidence/{link.pk}/{name}" for name in ("url", "publisher", "title"))
        erase(record.superseded, *parts)

    def retract():
        for update in (record.superseded, record.correction):
            perform(update, Action.RETRACT, **by_reviewer, note="Wrong.")

    def erase_former_words():
        erase(RecordedContent.objects.of("commitment", "ISCC-9.1").first(), "text")

    return {
        "publish": lambda: published(record.duty, reporter, reviewer, LATER, status="inactive"),
        "publish and retract": lambda: retracted(record.other, reporter, reviewer, LATER),
        "archive": archive,
        "correct": correct,
        "edit": lambda: rename_forum("UNGA", "General Assembly", curator),
        "amend": lambda: amend_text("9.1", "The third other wording.", curator),
        "erase a text": lambda: erase(record.correction, "summary"),
        "erase a source": erase_source,
        "erase former words": erase_former_words,
        "retract": retract,
    }


DECISIONS = [
    "publish",
    "publish and retract",
    "archive",
    "correct",
    "edit",
    "amend",
    "erase a text",
    "erase a source",
    "erase former words",
    "retract",
]


def is_whole(checked):
    """Check that no difference was found, and that nothing but growth is told."""
    code, lines = checked
    seq = LedgerHead.objects.get().seq
    grown = f"The ledger has grown to link {seq} meanwhile: the next check reads what was added."
    assert lines[:-2] in ([], [grown])
    assert lines[-2].endswith("; differences: 0")
    assert code == 0


@pytest.mark.parametrize("decision", DECISIONS)
def test_what_is_decided_during_a_check_is_no_difference(decisions, check, before, decision):
    before(ContentView, [decisions[decision]])
    is_whole(check())
    assert check()[0] == 0


@pytest.mark.parametrize("view", [ContentsView, UpdateView])
def test_nor_is_all_that_is_decided_while_lists_are_read(decisions, check, before, view):
    def all_of_it():
        for name in DECISIONS:
            decisions[name]()

    before(view, [all_of_it])
    is_whole(check())


def test_a_difference_is_found_though_something_is_published_each_time(
    record, check, before, reporter, reviewer
):
    change("commitment", "text", OTHER_WORDS, record.other.pk)

    def publish():
        published(record.duty, reporter, reviewer, LATER)

    before(UpdateView, repeat(publish))
    code, lines = check()
    assert code == 1
    assert "commitment ISCC-3.2: its text differs from what the chain records" in lines
    assert lines[-2].endswith("; differences: 1")


def test_a_missing_note_of_a_link_that_was_added_meanwhile_is_found(record, check, before, curator):
    def rename_and_forget_why():
        rename_forum("UNGA", "Assembly", curator)
        added = Decision.objects.latest("seq").pk
        for column, value in {"note": "", "note_salt": "", "erased_by_id": added}.items():
            change("decision", column, value, added)

    before(ContentView, [rename_and_forget_why])
    code, lines = check()
    seq = LedgerHead.objects.get().seq
    assert (code, lines[:-2]) == (1, [f"link {seq}: its note is missing, but no link erases it"])


def test_a_difference_in_what_is_decided_on_meanwhile_is_found(decisions, record, check, before):
    change("progressupdate", "published_at", "2026-07-01 09:00:00+00:00", record.published.pk)
    before(ContentView, [decisions["archive"]])
    code, lines = check()
    assert (code, lines[:-2]) == (
        1,
        [
            f"update {record.published.pk}: published_at is 2026-07-01T09:00:00.000000Z, in the "
            "chain 2026-07-01T10:00:00.000000Z",
        ],
    )


def test_nothing_final_is_said_of_what_changes_each_time_that_it_is_looked_at(
    record, check, before, curator, ledger_key, tmp_path
):
    sign_checkpoint(ledger_key, LATER)
    keep = tmp_path / "kept.json"
    assert check("--keep", keep)[0] == 0
    kept = keep.read_text()
    names = (f"Assembly {number}" for number in count())
    before(ContentsView, (lambda: rename_forum("UNGA", next(names), curator) for _ in count()))
    code, lines = check("--keep", keep)
    assert code == 2
    assert "not final: forum UNGA: its name differs from what the chain records" in lines
    assert lines[-3] == (
        "The ledger grew each time that this was looked at, so nothing final can be said of it: "
        "run the check again."
    )
    assert lines[-2].endswith("; differences: 0")
    assert keep.read_text() == kept
    assert json.loads(kept)["checkpoint"] == latest_checkpoint().note
