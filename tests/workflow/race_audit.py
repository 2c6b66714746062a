"""The invariants that must hold after any race, recomputed in plain Python.

Rows are read with SQL and compared with the results of the racers, without the tracker's code.
"""

import hashlib
import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime

# The source states and the target of each action, by the design; with target None the state stays.
EDITABLE, SUBMITTED = {"draft", "returned"}, {"submitted"}
TABLE = {
    "submit": (EDITABLE, "submitted"),
    "recall": (SUBMITTED, "draft"),
    "discard": (EDITABLE, "discarded"),
    "rate": (SUBMITTED, None),
    "return": (SUBMITTED, "returned"),
    "publish": (SUBMITTED, "published"),
    "supersede": ({"published"}, "superseded"),
    "retract": ({"published", "superseded"}, "retracted"),
    "archive": ({"published"}, None),
}
PLAN_REVISION_ACTIONS = {"publish", "retract", "archive", "amend"}
DECISIONS = """
    SELECT d.*, p.code AS plan, c.number AS number, u.username AS actor
    FROM commitments_decision d
    LEFT JOIN commitments_plan p ON p.id = d.plan_id
    LEFT JOIN commitments_commitment c ON c.id = d.commitment_id
    LEFT JOIN auth_user u ON u.id = d.actor_id
    ORDER BY d.seq
"""
UPDATES = """
    SELECT u.*, a.username AS author, p.username AS publisher, c.plan_id AS plan_id
    FROM commitments_progressupdate u
    JOIN commitments_commitment c ON c.id = u.commitment_id
    JOIN auth_user a ON a.id = u.author_id
    LEFT JOIN auth_user p ON p.id = u.publisher_id
"""
EDITORS = """
    SELECT e.progressupdate_id AS id, u.username AS name
    FROM commitments_progressupdate_editors e JOIN auth_user u ON u.id = e.user_id
"""


def check(rows, log):
    """Check all invariants.

    `rows(query)` returns rows as dictionaries; `log` holds every attempt together with its result.
    """
    decisions = rows(DECISIONS)
    for decision in decisions:
        decision["at"] = parse_time(decision["at"])
    updates = {row["id"]: row for row in rows(UPDATES)}
    accepted = [result for result in log if result["outcome"] == "accepted"]
    on_updates = [result for result in accepted if result["update"] is not None]
    check_chain(decisions, rows("SELECT * FROM commitments_ledgerhead"))
    check_decisions(decisions, updates, on_updates)
    check_columns(decisions, updates)
    check_revisions(decisions, updates, on_updates)
    check_four_eyes(updates, rows(EDITORS))
    check_assessments(updates.values(), rows("SELECT * FROM commitments_commitment"))
    check_plan_revisions(rows("SELECT * FROM commitments_plan"), updates, decisions, accepted)


def parse_time(value):
    """Return a time of either database in UTC, None for null."""
    if value is None:
        return None
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC)


def parse_date(value):
    return date.fromisoformat(str(value))


def salted_digest(salt, text):
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def check_chain(decisions, heads):
    """Each hash follows from the one before, from the first decision to the head, and no decision
    is dated before its predecessor."""
    previous, latest = "0" * 64, None
    for seq, row in enumerate(decisions, start=1):
        assert row["seq"] == seq, f"decision {row['seq']} in place of {seq}"
        actor = f"user:{row['actor_id']}" if row["actor_id"] else "system"
        entry = {
            "v": 1,
            "seq": seq,
            "at": row["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "action": row["action"],
            "plan": row["plan"],
            "commitment": f"{row['plan']}-{row['number']}" if row["number"] else None,
            "update": row["update_id"],
            "subject": {"type": row["subject_type"], "key": row["subject_key"]}
            if row["subject_type"]
            else None,
            "role": row["role"],
            "content_sha256": row["content_sha256"],
            "note_commit": salted_digest(row["note_salt"], row["note"]),
            "actor_commit": salted_digest(row["actor_salt"], actor),
            "meta": json.loads(row["meta"]) if isinstance(row["meta"], str) else row["meta"],
        }
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode())
        assert row["entry_sha256"] == digest.hexdigest(), f"entry {seq}"
        link = hashlib.sha256(bytes.fromhex(previous) + digest.digest()).hexdigest()
        assert row["hash"] == link, f"link {seq}"
        assert latest is None or row["at"] >= latest, f"decision {seq} is before the one before"
        previous, latest = link, row["at"]
    (head,) = heads
    assert (head["seq"], head["hash"]) == (len(decisions), previous), "head"
    assert parse_time(head["at"]) == latest, "the head's time"


def check_decisions(decisions, updates, results):
    """Each accepted action left one decision by its person, each refused one left none; and a
    published correction is directly followed by the supersession of its target."""
    accepted = Counter(
        (result["update"], result["action"], result["by"])
        for result in results
        if result["action"] != "write"
    )
    on_updates = [row for row in decisions if row["update_id"] is not None]
    requested = [row for row in on_updates if row["action"] != "supersede"]
    decided = Counter((row["update_id"], row["action"], row["actor"]) for row in requested)
    assert decided == accepted, (
        f"without a decision: {accepted - decided}; not accepted: {decided - accepted}"
    )
    expected_supersessions = [
        (row["seq"] + 1, updates[row["update_id"]]["corrects_id"], row["actor"], row["at"])
        for row in requested
        if row["action"] == "publish" and updates[row["update_id"]]["corrects_id"] is not None
    ]
    supersessions = [
        (row["seq"], row["update_id"], row["actor"], row["at"])
        for row in on_updates
        if row["action"] == "supersede"
    ]
    assert supersessions == expected_supersessions, (supersessions, expected_supersessions)


def check_columns(decisions, updates):
    """State, publisher and times of each update follow from its decisions by the table; and all
    decisions after a submission record the digest of what was submitted."""
    state = dict.fromkeys(updates, "draft")
    expected = defaultdict(dict)
    submitted = {}
    for row in decisions:
        update, action = row["update_id"], row["action"]
        if update is None:
            continue
        sources, target = TABLE[action]
        assert state[update] in sources, f"decision {row['seq']}: {action} of a {state[update]}"
        state[update] = target or state[update]
        if action == "submit":
            submitted[update] = row["content_sha256"]
        elif action != "discard":
            assert row["content_sha256"] == submitted[update], f"decision {row['seq']}"
        if action == "publish":
            expected[update] |= {"publisher": row["actor"], "published_at": row["at"]}
        elif action in ("supersede", "retract"):
            expected[update][f"{target}_at"] = row["at"]
    for pk, row in updates.items():
        assert row["state"] == state[pk], f"update {pk} is {row['state']}, not {state[pk]}"
        assert row["publisher"] == expected[pk].get("publisher"), f"publisher of update {pk}"
        for name in ("published_at", "superseded_at", "retracted_at"):
            assert parse_time(row[name]) == expected[pk].get(name), f"{name} of update {pk}"


def check_revisions(decisions, updates, results):
    """No write was lost: each accepted attempt returned a revision of its own, and the state that
    the table gives for its action."""
    revisions = defaultdict(list)
    for result in results:
        # A rating changes nothing of the update.
        if result["action"] != "rate":
            revisions[result["update"]].append(result["revision"])
        target = TABLE[result["action"]][1] if result["action"] in TABLE else None
        assert result["state"] == target or target is None, result
    for row in decisions:
        if row["action"] == "supersede":
            # A supersession raises the revision of its update too, but no result returned it.
            revisions[row["update_id"]].append(None)
    assert set(revisions) == set(updates), set(revisions) ^ set(updates)
    for pk, row in updates.items():
        returned = [revision for revision in revisions[pk] if revision is not None]
        assert len(set(returned)) == len(returned), f"one revision returned twice: update {pk}"
        assert row["revision"] == len(revisions[pk]), f"revision of update {pk}"


def check_four_eyes(updates, editors):
    wrote = {(row["id"], row["name"]) for row in editors}
    for pk, row in updates.items():
        assert (pk, row["author"]) in wrote, f"the author of update {pk} is no editor"
        assert (pk, row["publisher"]) not in wrote, f"an editor published update {pk}"


def check_assessments(updates, commitments):
    """The stored status of each commitment is that of its latest published assessment."""
    for commitment in commitments:
        published = [
            (
                parse_date(row["effective_on"]),
                parse_time(row["published_at"]),
                row["id"],
                row["status"],
            )
            for row in updates
            if row["commitment_id"] == commitment["id"]
            and row["state"] == "published"
            and row["status"] is not None
        ]
        *_, assessment, status = max(published, default=(None, "unassessed"))
        stored = (commitment["status"], commitment["status_update_id"])
        assert stored == (status, assessment), f"status of {commitment['number']}: {stored}"


def check_plan_revisions(plans, updates, decisions, results):
    """Each public action and each edit raised the revision of its plan; otherwise readers would get
    a stale 304."""
    codes = {plan["id"]: plan["code"] for plan in plans}
    changes = Counter(
        codes[updates[result["update"]]["plan_id"]] if result["update"] else result["plan"]
        for result in results
        if result["action"] in PLAN_REVISION_ACTIONS
    )
    changes += Counter(row["plan"] for row in decisions if row["action"] == "edit")
    for plan in plans:
        assert plan["revision"] > changes[plan["code"]], f"revision of {plan['code']}"
