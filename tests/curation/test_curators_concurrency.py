"""Curators amend plans and edit reference data while reviewers publish. The races are run like
those of `tests.workflow.test_concurrency`."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.workflow.race_track import RACERS, REVIEWERS, accepted, attempt, refused, track, tracks
from tests.workflow.race_world import document

pytestmark = pytest.mark.long

__all__ = ["track", "tracks"]  # fixtures
CURATORS = ["curator-1", "curator-2"]


def amendment(by, plan, words):
    fields = document(plan)["plan"] | {"notice": {"en": words}}
    changes = {"format": 1, "plan": fields, "commitments": []}
    return {"by": by, "action": "amend", "plan": plan, "document": changes}


def reading(by, track, duty, words):
    """Return a change of a commitment's reading through the admin."""
    form = {
        "title_en": words,
        "reason": "It reads better.",
        "kind": "standing",
        "partnerships-TOTAL_FORMS": "0",
        "partnerships-INITIAL_FORMS": "0",
        "criteria-TOTAL_FORMS": "0",
        "criteria-INITIAL_FORMS": "0",
        "milestones-TOTAL_FORMS": "0",
        "milestones-INITIAL_FORMS": "0",
    }
    path = f"/admin/commitments/commitment/{track.commitments[duty]}/change/"
    return {"by": by, "action": "curate", "plan": duty[:4], "path": path, "form": form}


def notice(by, track, plan, words):
    """Return a change of a plan's notice through the admin."""
    (row,) = track.rows(f"SELECT id FROM commitments_plan WHERE code = '{plan}'")
    form = {
        "review_interval_days": "365",
        "visibility": "public",
        "second_rating": "none",
        "notice_en": words,
        "reason": "It says more.",
    }
    path = f"/admin/commitments/plan/{row['id']}/change/"
    return {"by": by, "action": "curate", "plan": plan, "path": path, "form": form}


def publications(waiting):
    """Return publications by different reviewers, at times at which the edits are under way."""
    return [
        [attempt(by, "publish", row, delay=0.02 * index)]
        for index, (by, row) in enumerate(zip(REVIEWERS[:4], waiting, strict=True))
    ]


def test_one_plan_can_be_amended_while_the_other_is_worked_on(track):
    """Locks are taken in one order, plans before the ledger's head, to prevent deadlocks."""
    east = track.submitted(*["EAST-1.1"] * 16, status="active")
    west = track.submitted(*["WEST-1.1"] * 16, status="active")
    publish = [
        attempt(by, "publish", row) for by, row in zip(REVIEWERS * 4, east + west, strict=True)
    ]
    results = track.race(
        [amendment("curator-1", "EAST", f"Notice {number}.") for number in range(8)],
        [amendment("curator-2", "WEST", f"Notice {number}.") for number in range(8)],
        *(publish[index::4] for index in range(4)),
    )
    assert refused(results) == []
    amended = track.rows("SELECT id FROM commitments_decision WHERE action = 'amend'")
    amendments = [result for result in track.log if result["action"] == "amend"]
    assert len(amended) == len(accepted(amendments))
    track.audit()


def edited_while_published(track, duty, edit):
    """Run rounds of edits and publications at once, with an audit after each, since the next
    public action would repair a lost assessment."""
    for round_ in range(8):
        waiting = track.submitted(*[duty] * 4, status="active")
        edits = [
            [edit(CURATORS[index % 2], f"Words {round_}.{index}")] * 2
            for index in range(RACERS - 4)
        ]
        results = track.race(*edits, *publications(waiting))
        assert refused(results) == []
        track.audit()


def test_a_curator_who_edits_a_commitment_does_not_undo_a_publication(track):
    edited_while_published(
        track, "EAST-1.1", lambda by, words: reading(by, track, "EAST-1.1", words)
    )


def test_a_curator_who_edits_a_plan_does_not_reset_its_revision(track):
    edited_while_published(track, "WEST-1.2", lambda by, words: notice(by, track, "WEST", words))


def test_of_all_who_load_a_new_plan_one_creates_it_and_the_others_find_it(track):
    for code in ("NORTH", "SOUTH"):
        load = {"by": "curator-1", "action": "load", "plan": code, "document": document(code)}
        results = track.race(*[[load]] * RACERS)
        assert len(accepted(results)) == RACERS
        plan = f"SELECT id FROM commitments_plan WHERE code = '{code}'"
        found = f"SELECT id FROM commitments_decision WHERE action = 'load' AND plan_id = ({plan})"
        assert len(track.rows(found)) == 1
    track.audit()


def test_verify_ledger_finds_no_difference_during_and_after_publications(track):
    """An open transaction, or one committed during the verification, is no difference."""
    waiting = track.submitted(*["EAST-1.1", "WEST-1.1"] * 60, status="active")
    lists = [
        [attempt(by, "publish", row) for row in waiting[index::RACERS]]
        for index, by in enumerate(REVIEWERS)
    ]
    with ThreadPoolExecutor() as pool:
        racing = pool.submit(track.race, *lists)
        reports = [track.manage("verify_ledger")]
        while not racing.done():
            reports.append(track.manage("verify_ledger"))
    assert refused(racing.result()) == []
    reports.append(track.manage("verify_ledger"))
    assert [report for report in reports if "No difference" not in report] == []
