"""What must hold after any race, recomputed from the rows with plain Python.

The rows come straight from the database, and what racers were told from their answers; nothing is
asked of the tracker's own code.
"""

import hashlib
import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime

# The design's table: from which states an act leads to which; None: the state stays.
EDITABLE, SUBMITTED = {"draft", "returned"}, {"submitted"}
TABLE = {
    "submit": (EDITABLE, "submitted"),
    "recall": (SUBMITTED, "draft"),
    "discard": (EDITABLE, "discarded"),
    "return": (SUBMITTED, "returned"),
    "publish": (SUBMITTED, "published"),
    "supersede": ({"published"}, "superseded"),
    "retract": ({"published", "superseded"}, "retracted"),
    "archive": ({"published"}, None),
}
PUBLIC_ACTS = {"publish", "retract", "archive", "amend", "curate"}
DECISIONS = """
    SELECT d.*, p.code AS plan, c.number AS number, u.username AS actor
    FROM commitments_decision d
    JOIN commitments_plan p ON p.id = d.plan_id
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
    """`rows` answers a query with dictionaries; `log` is every attempt with its answer."""
    decisions = rows(DECISIONS)
    for decision in decisions:
        decision["at"] = moment(decision["at"])
    updates = {row["id"]: row for row in rows(UPDATES)}
    everything = [result for result in log if result["told"] == "yes"]
    told = [result for result in everything if result["update"] is not None]
    chain(decisions, rows("SELECT * FROM commitments_ledgerhead"))
    yeses_and_decisions(decisions, updates, told)
    folded(decisions, updates)
    revisions(decisions, updates, told)
    four_eyes(updates, rows(EDITORS))
    claims(updates.values(), rows("SELECT * FROM commitments_commitment"))
    plan_revisions(rows("SELECT * FROM commitments_plan"), updates, everything)


def moment(value):
    """A time as either database gives it, in UTC; null stays."""
    if value is None:
        return None
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC)


def day(value):
    return date.fromisoformat(str(value))


def committed(salt, text):
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def chain(decisions, heads):
    """Every link follows from the one before, from genesis to the head, and time never runs
    back."""
    previous, latest = "0" * 64, None
    for seq, row in enumerate(decisions, start=1):
        assert row["seq"] == seq, f"{row['seq']} stands in place {seq}"
        actor = f"user:{row['actor_id']}" if row["actor_id"] else "system"
        entry = {
            "v": 1,
            "seq": seq,
            "at": row["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "action": row["action"],
            "plan": row["plan"],
            "commitment": f"{row['plan']}-{row['number']}" if row["number"] else None,
            "update": row["update_id"],
            "role": row["role"],
            "content_sha256": row["content_sha256"],
            "note_commit": committed(row["note_salt"], row["note"]),
            "actor_commit": committed(row["actor_salt"], actor),
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
    assert moment(head["at"]) == latest, "the head's time"


def yeses_and_decisions(decisions, updates, told):
    """Each yes to an act is one decision of that person, each no is none; and what follows from
    publishing a correction follows at once."""
    acts = Counter(
        (result["update"], result["action"], result["by"])
        for result in told
        if result["action"] != "write"
    )
    of_updates = [row for row in decisions if row["update_id"] is not None]
    asked = [row for row in of_updates if row["action"] != "supersede"]
    decided = Counter((row["update_id"], row["action"], row["actor"]) for row in asked)
    assert decided == acts, f"no decision: {acts - decided}; no yes: {decided - acts}"
    following = [
        (row["seq"] + 1, updates[row["update_id"]]["corrects_id"], row["actor"], row["at"])
        for row in asked
        if row["action"] == "publish" and updates[row["update_id"]]["corrects_id"] is not None
    ]
    superseding = [
        (row["seq"], row["update_id"], row["actor"], row["at"])
        for row in of_updates
        if row["action"] == "supersede"
    ]
    assert superseding == following, (superseding, following)


def folded(decisions, updates):
    """State, publisher and times of each update are those that its decisions lead to, along the
    table; and from its submission on, its content stayed what was submitted."""
    state = dict.fromkeys(updates, "draft")
    facts = defaultdict(dict)
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
            facts[update] |= {"publisher": row["actor"], "published_at": row["at"]}
        elif action in ("supersede", "retract"):
            facts[update][f"{target}_at"] = row["at"]
    for pk, row in updates.items():
        assert row["state"] == state[pk], f"update {pk} is {row['state']}, not {state[pk]}"
        assert row["publisher"] == facts[pk].get("publisher"), f"publisher of update {pk}"
        for name in ("published_at", "superseded_at", "retracted_at"):
            assert moment(row[name]) == facts[pk].get(name), f"{name} of update {pk}"


def revisions(decisions, updates, told):
    """No write was lost under another: each yes told a revision of its own, and each left the
    state that the table says."""
    seen = defaultdict(list)
    for result in told:
        seen[result["update"]].append(result["revision"])
        target = TABLE[result["action"]][1] if result["action"] in TABLE else None
        assert result["state"] == target or target is None, result
    for row in decisions:
        if row["action"] == "supersede":
            seen[row["update_id"]].append(None)
    assert set(seen) == set(updates), set(seen) ^ set(updates)
    for pk, row in updates.items():
        named = [revision for revision in seen[pk] if revision is not None]
        assert len(set(named)) == len(named), f"two were told one revision of update {pk}"
        assert row["revision"] == len(seen[pk]), f"revision of update {pk}"


def four_eyes(updates, editors):
    wrote = {(row["id"], row["name"]) for row in editors}
    for pk, row in updates.items():
        assert (pk, row["author"]) in wrote, f"the author of update {pk} is no editor"
        assert (pk, row["publisher"]) not in wrote, f"an editor published update {pk}"


def claims(updates, commitments):
    """Each commitment stands on the highest of the published updates that claim a status."""
    for commitment in commitments:
        published = [
            (day(row["effective_on"]), moment(row["published_at"]), row["id"], row["status"])
            for row in updates
            if row["commitment_id"] == commitment["id"]
            and row["state"] == "published"
            and row["status"] is not None
        ]
        *_, claim, status = max(published, default=(None, "unassessed"))
        stored = (commitment["status"], commitment["status_update_id"])
        assert stored == (status, claim), f"claim of {commitment['number']}: {stored}"


def plan_revisions(plans, updates, everything):
    """Each public act and each curator's edit moved its plan's revision, or a reader's 304 would
    be stale."""
    codes = {plan["id"]: plan["code"] for plan in plans}
    moved = Counter(
        codes[updates[result["update"]]["plan_id"]] if result["update"] else result["plan"]
        for result in everything
        if result["action"] in PUBLIC_ACTS
    )
    for plan in plans:
        assert plan["revision"] > moved[plan["code"]], f"revision of {plan['code']}"
