"""Several processes change one database at the same time: which attempts are accepted, and what the
database then holds.

Each race runs in separate processes (`tests.workflow.racer`) on a separate database with its
triggers (`tests.workflow.race_track`). After each test everything that ever happened in that
database is audited (`tests.workflow.race_audit`).
"""

import random
from collections import Counter
from itertools import count

import pytest

from tests.words import en_zh, stored
from tests.workflow.race_track import (
    RACERS,
    REPORT,
    REVIEWERS,
    accepted,
    attempt,
    refused,
    track,
    tracks,
)
from tests.workflow.race_world import document

pytestmark = pytest.mark.long

__all__ = ["track", "tracks"]  # fixtures

REPORTERS = [f"reporter-{number}" for number in range(1, 5)]
DUTIES = ["EAST-1.1", "EAST-1.2", "WEST-1.1", "WEST-1.2"]
LINK_NUMBERS = count(1)
AS_SUBMITTED, AS_EDITED = "As submitted.", "As edited."
RETRACTION = "The source was withdrawn."
REFUSALS = {
    "NotPermitted",
    "ActionRefused",
    "StaleRevision",
    "InvalidInput",
    "DuplicateReference",
    # Of those whose clock is minutes behind.
    "TimeRefused",
}
EXPECTED_REVISIONS = pytest.mark.parametrize(
    "expected", ["as set up", "current"], ids=["revision_as_set_up", "current_revision"]
)


def edit(by, row, expected=None):
    # A link of its own: an edit that changes nothing is not written.
    piece = REPORT | {"url": f"https://example.org/{next(LINK_NUMBERS)}"}
    return attempt(by, "write", row, expected, fields={"summary": AS_EDITED}, evidence=[piece])


def staggered(turn, *lists):
    """Yield the lists of attempts with delays of 0, 2, 4 … ms, beginning with another list in each
    turn, so that each of them wins now and then. An action takes longer than 2 ms."""
    for index, attempts in enumerate(lists):
        delay = 0.002 * ((index - turn) % len(lists))
        yield [attempts[0] | {"delay": delay}, *attempts[1:]]


SENTENCES = {
    "StaleRevision": "has changed since you opened it",
    "ActionRefused": "“Published”; “Publish” is only possible from: In review",
}


@EXPECTED_REVISIONS
def test_of_all_who_publish_the_same_update_one_is_accepted(track, expected):
    for row in track.submitted(*DUTIES * 2, status="active"):
        results = track.race(*([attempt(by, "publish", row, expected)] for by in REVIEWERS))
        assert len(accepted(results)) == 1
        for result in refused(results):
            # The revision is checked before the state, so that the person reads the current content
            # first.
            assert SENTENCES[result["refusal"]] in result["sentence"]
    track.audit()


def test_all_who_rate_one_assessment_at_once_are_heard_once_and_one_publishes(track):
    ask_for_ratings(track, "blind")
    [row] = track.submitted("EAST-1.1", status="partly_active")
    found = {"details": {"status": "partly_active"}}
    # Each of them twice, as by a double click.
    results = track.race(
        *([attempt(by, "rate", row, "as set up", **found)] * 2 for by in REVIEWERS)
    )
    assert len(accepted(results)) == len(REVIEWERS)
    results = track.race(*([attempt(by, "publish", row, "as set up")] for by in REVIEWERS))
    assert len(accepted(results)) == 1
    raters = track.rows("SELECT rater_id FROM commitments_rating")
    assert len({rating["rater_id"] for rating in raters}) == len(raters) == len(REVIEWERS)
    # The other tests have the same plans.
    ask_for_ratings(track, "none")
    track.audit()


def ask_for_ratings(track, second_rating):
    amended = document("EAST")
    amended["plan"]["second_rating"] = second_rating
    amendment = {"by": "curator-1", "action": "amend", "plan": "EAST", "document": amended}
    assert len(accepted(track.run_alone([amendment]))) == 1


@pytest.mark.parametrize(
    "duties",
    [["EAST-1.1"] * RACERS, ["EAST-1.1", "EAST-1.2"] * 4, ["EAST-1.1", "WEST-1.1"] * 4],
    ids=["one_commitment", "one_plan", "two_plans"],
)
def test_different_updates_can_be_published_at_once(track, duties):
    for number in range(3):
        waiting = [
            track.submitted(duty, status=status, effective_on=f"2024-0{month}-15")[0]
            for duty, status, month in zip(
                duties, ["active", "inactive", None, "partly_active"] * 2, [3, 4, 5, 5] * 2,
                strict=True,
            )
        ]  # fmt: skip
        # Clocks of machines differ by less than a minute; the ledger's times must still not go
        # back.
        results = track.race(
            *(
                [attempt(by, "publish", row, clock_lag=15 * number + 3 * index)]
                for index, (by, row) in enumerate(zip(REVIEWERS, waiting, strict=True))
            )
        )
        assert len(accepted(results)) == RACERS
    track.audit()


@EXPECTED_REVISIONS
def test_of_all_corrections_of_one_update_one_is_published_and_the_others_are_refused(
    track, expected
):
    for target in track.published(*DUTIES, status="active"):
        duty = duty_of(track, target)
        waiting = track.submitted(*[duty] * RACERS, status="inactive", corrects=target["update"])
        results = track.race(
            *(
                [attempt(by, "publish", row, expected)]
                for by, row in zip(REVIEWERS, waiting, strict=True)
            )
        )
        assert len(accepted(results)) == 1
        for result in refused(results):
            assert result["refusal"] == "ActionRefused"
            assert result["problems"] == [
                f"corrects: Update {target['update']} cannot be corrected: "
                "it is not published (Corrected)."
            ]
        assert track.update(target)["state"] == "superseded"
    track.audit()


@EXPECTED_REVISIONS
def test_a_correction_and_the_retraction_of_what_it_corrects_do_not_cross(track, expected):
    for turn, target in enumerate(track.published(*DUTIES * 2, status="active")):
        first, second = track.submitted(
            *[duty_of(track, target)] * 2, by="reporter-2", corrects=target["update"]
        )
        results = track.race(
            *staggered(
                turn,
                *([attempt(by, "publish", first, expected)] for by in REVIEWERS[:2]),
                *([attempt(by, "publish", second, expected)] for by in REVIEWERS[2:4]),
                *(
                    [attempt(by, "retract", target, expected, note=RETRACTION)]
                    for by in REVIEWERS[4:]
                ),
            )
        )
        counts = Counter(result["action"] for result in accepted(results))
        corrected, retracted = counts["publish"], counts["retract"]
        assert corrected <= 1
        assert retracted <= 1
        # Once it is superseded, it can only be retracted by its current revision.
        assert 1 <= corrected + retracted <= (1 if expected == "as set up" else 2)
        row = track.update(target)
        assert row["state"] == ("retracted" if retracted else "superseded")
        assert (row["superseded_at"] is not None) == bool(corrected)
        for result in refused(results):
            assert result["refusal"] in {"ActionRefused", "StaleRevision"}
    track.audit()


@EXPECTED_REVISIONS
def test_of_publication_recall_and_return_one_happens_and_edits_only_after_it(track, expected):
    for turn, row in enumerate(track.submitted(*DUTIES * 2)):
        results = track.race(
            *staggered(
                turn,
                [attempt("reporter-1", "recall", row, expected)],
                [edit("reporter-1", row), edit("reporter-1", row)],
                *([attempt(by, "publish", row, expected)] for by in REVIEWERS[:3]),
                *(
                    [attempt(by, "return", row, expected, note="Which one?")]
                    for by in REVIEWERS[3:5]
                ),
                [edit("reporter-1", row, expected), edit("reporter-1", row, expected)],
            )
        )
        moved = [result for result in accepted(results) if result["action"] != "write"]
        edits = [result for result in accepted(results) if result["action"] == "write"]
        assert len(moved) == 1
        update = track.update(row)
        assert update["summary"] == stored(en_zh(AS_EDITED if edits else AS_SUBMITTED))
        if moved[0]["action"] == "publish":
            assert edits == []
        else:
            assert {result["state"] for result in edits} <= {update["state"]}
        for result in refused(results):
            assert result["refusal"] in {"ActionRefused", "StaleRevision"}
    track.audit()


def test_what_is_published_is_what_the_reviewer_read(track):
    """The author recalls the update, changes it and submits it again in the meantime."""
    for turn, row in enumerate(track.submitted(*DUTIES * 2)):
        again = [
            attempt("reporter-1", "recall", row),
            edit("reporter-1", row),
            attempt("reporter-1", "submit", row),
        ]
        delay = 0.005 * turn
        publish = [attempt(by, "publish", row, "as set up") for by in REVIEWERS[1:]]
        results = track.race(again, *([item | {"delay": delay}, item, item] for item in publish))
        published = [result for result in accepted(results) if result["action"] == "publish"]
        assert len(published) <= 1
        update = track.update(row)
        assert update["state"] == ("published" if published else "submitted")
        assert update["summary"] == stored(en_zh(AS_SUBMITTED if published else AS_EDITED))
    track.audit()


@EXPECTED_REVISIONS
def test_of_all_who_retract_the_same_update_one_is_accepted(track, expected):
    for row in track.published(*DUTIES * 2, status="active"):
        results = track.race(
            *([attempt(by, "retract", row, expected, note=RETRACTION)] for by in REVIEWERS)
        )
        assert len(accepted(results)) == 1
        assert {result["refusal"] for result in refused(results)} <= SENTENCES.keys()
    track.audit()


def test_an_external_reference_is_given_once_in_a_plan(track):
    """The updates are on different commitments."""
    for number in range(5):
        writers = zip(REPORTERS * 2, DUTIES * 2, strict=True)
        results = track.race(
            *(
                [
                    {
                        "by": by,
                        "action": "write",
                        "commitment": track.commitments[duty],
                        "plan": duty[:4],
                        "fields": {
                            "effective_on": "2024-05-01",
                            "external_ref": f"register/{id(track)}/{number}",
                        },
                    }
                ]
                for by, duty in writers
            )
        )
        assert Counter(result["plan"] for result in accepted(results)) == {"EAST": 1, "WEST": 1}
        assert {result["refusal"] for result in refused(results)} == {"DuplicateReference"}
    track.audit()


@pytest.mark.parametrize("expected", ["as set up", None], ids=["with_revision", "without_revision"])
def test_of_simultaneous_edits_either_one_is_saved_or_all_are(track, expected):
    """One if each names the revision that it changes, all if none does."""
    for row in track.drafts("EAST-2.1", "WEST-2.1", "EAST-2.1", "WEST-2.1"):
        results = track.race(*([edit(by, row, expected)] for by in REPORTERS * 2))
        saved = accepted(results)
        assert len(saved) == (1 if expected else RACERS)
        assert {result["refusal"] for result in refused(results)} <= {"StaleRevision"}
        pk = row["update"]
        pieces = f"SELECT id FROM commitments_evidence WHERE update_id = {pk}"
        assert len(track.rows(pieces)) == 1 + len(saved)
        recorded = track.rows(
            "SELECT username FROM auth_user JOIN commitments_progressupdate_editors e "
            f"ON e.user_id = auth_user.id WHERE e.progressupdate_id = {pk}"
        )
        editors = {"reporter-1"} | {result["by"] for result in saved}
        assert {editor["username"] for editor in recorded} == editors
    track.audit()


def test_nobody_publishes_what_they_edit_at_the_same_time(track):
    """The audit compares the publisher with every recorded editor."""
    for row in track.submitted("EAST-2.1", "WEST-2.1", "EAST-2.1", "WEST-2.1", by="reporter-1"):
        both = ["all-rounder-1", "all-rounder-2"]
        back_and_forth = [attempt("reporter-1", action, row) for action in ("recall", "submit")]
        results = track.race(
            back_and_forth * 3,
            *([edit(by, row) for _ in range(6)] for by in both),
            *([attempt(by, "publish", row, delay=0.01)] * 6 for by in both * 2),
        )
        assert {result["refusal"] for result in refused(results)} <= REFUSALS
    track.audit()


def duty_of(track, row):
    codes = {pk: code for code, pk in track.commitments.items()}
    return codes[track.update(row)["commitment_id"]]


@pytest.mark.parametrize("seed", [2017, 2026])
def test_after_any_crowd_the_ledger_the_states_and_the_assessments_agree(track, seed):
    """On all commitments of both plans; mostly by permitted persons, sometimes by others."""
    chance = random.Random(seed)
    duties = list(track.commitments)
    published = track.published(*duties, status="active")
    updates = [
        *published,
        *track.submitted(*duties * 2, status="inactive", effective_on="2024-06-01"),
        *track.drafts(*duties, status="partly_active", effective_on="2024-04-01"),
    ]
    for duty, target in zip(duties, published, strict=True):
        fields = {"status": "inactive", "corrects": target["update"]}
        updates += track.drafts(duty, **fields) + track.submitted(duty, **fields)
    pieces = {
        row["update_id"]: row["id"] for row in track.rows("SELECT * FROM commitments_evidence")
    }
    author, all_rounders = ["reporter-1"], ["all-rounder-1", "all-rounder-2"]
    # The weight of each action, and the persons who may be permitted to perform it.
    usual = {
        "write": (3, author + all_rounders),
        "submit": (8, author),
        "recall": (2, author),
        "discard": (1, [*author, "curator-1"]),
        "return": (4, REVIEWERS + all_rounders),
        "publish": (4, REVIEWERS + all_rounders),
        "retract": (1, REVIEWERS),
        "archive": (2, REVIEWERS),
    }
    everybody = [*REVIEWERS, *REPORTERS, *all_rounders, "curator-1"]

    def any_attempt():
        action = chance.choices(list(usual), [weight for weight, _ in usual.values()])[0]
        by = chance.choice(usual[action][1] if chance.random() < 0.9 else everybody)
        row = chance.choice(updates)
        expected = "current" if chance.random() < 0.9 else "as set up"
        lag = {"clock_lag": chance.choice([0, 0, 0, 30, 3000])}
        if action == "write":
            return edit(by, row, chance.choice([expected, None])) | lag
        result = attempt(by, action, row, expected, note="Because.") | lag
        if action == "archive":
            link = {"evidence": pieces[row["update"]], "archived_url": "https://example.org/1"}
            result["details"] = link
        return result

    results = track.race(*([any_attempt() for _ in range(40)] for _racer in range(RACERS)))
    # Many attempts succeed, and many get in each other's way.
    assert len(accepted(results)) > 40
    assert len(refused(results)) > 40
    assert {result["refusal"] for result in refused(results)} <= REFUSALS
    track.audit()
