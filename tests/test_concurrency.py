"""Many processes act on one database at the same moment: who is told yes, and what is left.

Each race is run by processes with interpreters of their own (`tests.racer`), on a database of its
own (`tests.race_track`) of the kind that the suite runs on, triggers in place. After each test,
all that ever happened in that database is audited (`tests.race_audit`).
"""

import random
from collections import Counter

import pytest

from tests.race_track import RACERS, REPORT, REVIEWERS, attempt, no, track, tracks, yes

pytestmark = pytest.mark.long

__all__ = ["track", "tracks"]  # fixtures

REPORTERS = [f"reporter-{number}" for number in range(1, 5)]
DUTIES = ["EAST-1.1", "EAST-1.2", "WEST-1.1", "WEST-1.2"]
AS_SUBMITTED, AS_EDITED = "As submitted.", "As edited."
RETRACTION = "The source was withdrawn."
REFUSALS = {
    "NotPermitted",
    "TransitionRefused",
    "StaleRevision",
    "InvalidUpdate",
    "DuplicateReference",
}
SEEN = pytest.mark.parametrize(
    "seen", ["as set up", "look"], ids=["as_all_were_shown_it", "as_each_finds_it"]
)


def edit(by, row, seen=None):
    return attempt(by, "write", row, seen, fields={"summary": AS_EDITED}, evidence=[REPORT])


def in_turns(turn, *lists):
    """The lists, each beginning a moment after the one before, another one first at each turn: so
    that every side wins now and then. A moment is less than what an act takes."""
    for index, attempts in enumerate(lists):
        late = 0.002 * ((index - turn) % len(lists))
        yield [attempts[0] | {"late": late}, *attempts[1:]]


@SEEN
def test_of_all_who_publish_the_same_update_one_is_told_yes(track, seen):
    for row in track.submitted(*DUTIES * 2, status="active"):
        results = track.race(*([attempt(by, "publish", row, seen)] for by in REVIEWERS))
        assert len(yes(results)) == 1
        for result in no(results):
            # The state is told before the revision is: it says more.
            assert result["refusal"] == "TransitionRefused"
            assert "“Published”; “Publish” is possible from: Submitted" in result["sentence"]
    track.audit()


@pytest.mark.parametrize(
    "duties",
    [["EAST-1.1"] * RACERS, ["EAST-1.1", "EAST-1.2"] * 4, ["EAST-1.1", "WEST-1.1"] * 4],
    ids=["one_commitment", "one_plan", "two_plans"],
)
def test_different_updates_can_be_published_at_once(track, duties):
    for round_ in range(3):
        waiting = [
            track.submitted(duty, status=status, effective_on=f"2024-0{month}-15")[0]
            for duty, status, month in zip(
                duties, ["active", "inactive", None, "partly_active"] * 2, [3, 4, 5, 5] * 2,
                strict=True,
            )
        ]  # fmt: skip
        # Clocks differ between machines: the ledger's time must not run back all the same.
        results = track.race(
            *(
                [attempt(by, "publish", row, behind=100 * round_ + 10 * index)]
                for index, (by, row) in enumerate(zip(REVIEWERS, waiting, strict=True))
            )
        )
        assert len(yes(results)) == RACERS
    track.audit()


@SEEN
def test_of_all_corrections_of_one_update_one_is_published_and_the_others_hear_why_not(track, seen):
    for target in track.published(*DUTIES, status="active"):
        duty = duty_of(track, target)
        waiting = track.submitted(*[duty] * RACERS, status="inactive", corrects=target["update"])
        results = track.race(
            *(
                [attempt(by, "publish", row, seen)]
                for by, row in zip(REVIEWERS, waiting, strict=True)
            )
        )
        assert len(yes(results)) == 1
        for result in no(results):
            assert result["refusal"] == "TransitionRefused"
            assert result["problems"] == [
                f"corrects: Update {target['update']} is not published (Superseded), "
                "so it cannot be corrected."
            ]
        assert track.update(target)["state"] == "superseded"
    track.audit()


@SEEN
def test_a_correction_and_the_retraction_of_what_it_corrects_do_not_cross(track, seen):
    for turn, target in enumerate(track.published(*DUTIES * 2, status="active")):
        first, second = track.submitted(
            *[duty_of(track, target)] * 2, by="reporter-2", corrects=target["update"]
        )
        results = track.race(
            *in_turns(
                turn,
                *([attempt(by, "publish", first, seen)] for by in REVIEWERS[:2]),
                *([attempt(by, "publish", second, seen)] for by in REVIEWERS[2:4]),
                *([attempt(by, "retract", target, seen, note=RETRACTION)] for by in REVIEWERS[4:]),
            )
        )
        told = Counter(result["action"] for result in yes(results))
        corrected, retracted = told["publish"], told["retract"]
        assert corrected <= 1
        assert retracted <= 1
        # Only who finds it superseded may still retract it; who was shown it published may not.
        assert 1 <= corrected + retracted <= (1 if seen == "as set up" else 2)
        row = track.update(target)
        assert row["state"] == ("retracted" if retracted else "superseded")
        assert (row["superseded_at"] is not None) == bool(corrected)
        for result in no(results):
            assert result["refusal"] in {"TransitionRefused", "StaleRevision"}
    track.audit()


@SEEN
def test_of_publication_recall_and_return_one_happens_and_edits_only_after_it(track, seen):
    for turn, row in enumerate(track.submitted(*DUTIES * 2)):
        results = track.race(
            *in_turns(
                turn,
                [attempt("reporter-1", "recall", row, seen)],
                [edit("reporter-1", row), edit("reporter-1", row)],
                *([attempt(by, "publish", row, seen)] for by in REVIEWERS[:3]),
                *([attempt(by, "return", row, seen, note="Which one?")] for by in REVIEWERS[3:5]),
                [edit("reporter-1", row, seen), edit("reporter-1", row, seen)],
            )
        )
        moved = [result for result in yes(results) if result["action"] != "write"]
        edits = [result for result in yes(results) if result["action"] == "write"]
        assert len(moved) == 1
        found = track.update(row)
        assert found["summary_en"] == (AS_EDITED if edits else AS_SUBMITTED)
        if moved[0]["action"] == "publish":
            assert edits == []
        else:
            assert {result["state"] for result in edits} <= {found["state"]}
        for result in no(results):
            assert result["refusal"] in {"TransitionRefused", "StaleRevision"}
    track.audit()


def test_what_is_published_is_what_the_reviewer_was_shown(track):
    """The author takes the update back, changes it and submits it again in the meantime."""
    for turn, row in enumerate(track.submitted(*DUTIES * 2)):
        again = [
            attempt("reporter-1", "recall", row),
            edit("reporter-1", row),
            attempt("reporter-1", "submit", row),
        ]
        late = 0.005 * turn
        publish = [attempt(by, "publish", row, "as set up") for by in REVIEWERS[1:]]
        results = track.race(again, *([tried | {"late": late}, tried, tried] for tried in publish))
        published = [result for result in yes(results) if result["action"] == "publish"]
        assert len(published) <= 1
        found = track.update(row)
        assert found["state"] == ("published" if published else "submitted")
        assert found["summary_en"] == (AS_SUBMITTED if published else AS_EDITED)
    track.audit()


@SEEN
def test_of_all_who_retract_the_same_update_one_is_told_yes(track, seen):
    for row in track.published(*DUTIES * 2, status="active"):
        results = track.race(
            *([attempt(by, "retract", row, seen, note=RETRACTION)] for by in REVIEWERS)
        )
        assert len(yes(results)) == 1
        assert {result["refusal"] for result in no(results)} == {"TransitionRefused"}
    track.audit()


def test_an_external_reference_is_given_once_in_a_plan(track):
    """Also to updates of different commitments."""
    for round_ in range(5):
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
                            "external_ref": f"register/{id(track)}/{round_}",
                        },
                    }
                ]
                for by, duty in writers
            )
        )
        assert Counter(result["plan"] for result in yes(results)) == {"EAST": 1, "WEST": 1}
        assert {result["refusal"] for result in no(results)} == {"DuplicateReference"}
    track.audit()


@pytest.mark.parametrize("seen", ["as set up", None], ids=["as_shown", "whatever_it_is"])
def test_of_edits_at_once_either_one_counts_or_all_do(track, seen):
    """One if each names the revision that it changes, all if none does."""
    for row in track.drafts("EAST-2.1", "WEST-2.1", "EAST-2.1", "WEST-2.1"):
        editors = REPORTERS * 2
        results = track.race(*([edit(by, row, seen)] for by in editors))
        kept = yes(results)
        assert len(kept) == (1 if seen else RACERS)
        assert {result["refusal"] for result in no(results)} <= {"StaleRevision"}
        pk = row["update"]
        pieces = f"SELECT id FROM commitments_evidence WHERE update_id = {pk}"
        assert len(track.rows(pieces)) == 1 + len(kept)
        recorded = track.rows(
            "SELECT username FROM auth_user JOIN commitments_progressupdate_editors e "
            f"ON e.user_id = auth_user.id WHERE e.progressupdate_id = {pk}"
        )
        wrote = {"reporter-1"} | {result["by"] for result in kept}
        assert {editor["username"] for editor in recorded} == wrote
    track.audit()


def test_nobody_publishes_what_they_edit_at_the_same_moment(track):
    """The audit compares the publisher with every recorded editor."""
    for row in track.submitted("EAST-2.1", "WEST-2.1", "EAST-2.1", "WEST-2.1", by="reporter-1"):
        both = ["all-rounder-1", "all-rounder-2"]
        back_and_forth = [attempt("reporter-1", act, row) for act in ("recall", "submit")]
        results = track.race(
            back_and_forth * 3,
            *([edit(by, row)] * 6 for by in both),
            *([attempt(by, "publish", row, late=0.01)] * 6 for by in both * 2),
        )
        assert {result["refusal"] for result in no(results)} <= REFUSALS
    track.audit()


def duty_of(track, row):
    codes = {pk: code for code, pk in track.commitments.items()}
    return codes[track.update(row)["commitment_id"]]


@pytest.mark.parametrize("seed", [2017, 2026])
def test_after_any_crowd_the_ledger_the_states_and_the_claims_agree(track, seed):
    """Over all commitments of both plans, mostly by those who may, sometimes by others."""
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
        seen = "look" if chance.random() < 0.9 else "as set up"
        slow = {"behind": chance.choice([0, 0, 0, 30, 3000])}
        if action == "write":
            return edit(by, row, chance.choice([seen, None])) | slow
        tried = attempt(by, action, row, seen, note="Because.") | slow
        if action == "archive":
            link = {"evidence": pieces[row["update"]], "archived_url": "https://example.org/1"}
            tried["details"] = link
        return tried

    results = track.race(*([any_attempt() for _ in range(40)] for _racer in range(RACERS)))
    # The crowd gets something done, and is often in its own way.
    assert len(yes(results)) > 40
    assert len(no(results)) > 40
    assert {result["refusal"] for result in no(results)} <= REFUSALS
    track.audit()
