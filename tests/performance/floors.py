"""What an answer costs at the least: the same rows by hand-written SQL and `json.dumps`, on a bare
WSGI function without a framework.

The queries run on SQLite and PostgreSQL. They give the main columns of an answer; what follows from
dates, such as freshness, and labels are left out, so a ratio of one cannot be reached.
"""

import csv
import io
import json
import os
import sqlite3
import threading
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

ROWS_PER_PAGE = 50
FIRST_LINK = 200
local = threading.local()
ADDRESS = urlsplit(os.environ["DATABASE_URL"])
ON_SQLITE = ADDRESS.scheme == "sqlite"

LEVEL = """(
    SELECT max(CASE e.source WHEN 'independent' THEN 3 WHEN 'official' THEN 2 ELSE 1 END)
    FROM commitments_basis b
    JOIN commitments_progressupdate named ON named.id = b.event_id
    JOIN commitments_progressupdate behind
        ON behind.chain_id = named.chain_id AND behind.state = 'published'
    JOIN commitments_evidence e ON e.update_id = behind.id AND e.public
    WHERE b.update_id = u.id AND b.counts
)"""
ACTIONS = "('statement', 'participation', 'contribution', 'instrument', 'outcome')"
LAST_ACTION = f"""(
    SELECT a.effective_on FROM commitments_progressupdate a
    WHERE a.commitment_id = c.id AND a.state = 'published' AND a.event_type IN {ACTIONS}
    ORDER BY a.effective_on DESC, a.published_at DESC, a.id DESC LIMIT 1
)"""
UPDATES = """(
    SELECT count(*) FROM commitments_progressupdate p
    WHERE p.commitment_id = c.id AND p.state = 'published'
)"""
COLUMNS = f"""
    c.id, plan.code || '-' || c.number, c.title, c.text, c.kind, area.number, area.title,
    goal.number, goal.title, c.due_on, office.code, {{status}}, u.effective_on, u.published_at,
    u.id, {LEVEL}, {LAST_ACTION}, {UPDATES}
"""
NAMES = (
    *("id", "code", "title", "text", "kind", "area", "area_title", "goal", "goal_title"),
    *("due_on", "lead_office", "status", "effective_on", "published_at", "update"),
    *("evidence_level", "last_action", "updates"),
)
TEXTS = ("title", "text", "area_title", "goal_title")
CURRENT = "u.id = c.status_update_id"
# By a day: the assessment that was the highest then.
AS_OF = """u.id = (
    SELECT a.id FROM commitments_progressupdate a
    WHERE a.commitment_id = c.id AND a.state = 'published' AND a.status IS NOT NULL
        AND a.effective_on <= %s
    ORDER BY a.effective_on DESC, a.published_at DESC, a.id DESC LIMIT 1
)"""
# Each forum with itself, its parts and the predecessors of either, at any distance.
THROUGH = """
    WITH RECURSIVE edges(forum, next) AS (
        SELECT parent_id, id FROM commitments_forum WHERE parent_id IS NOT NULL
        UNION ALL
        SELECT id, successor_of_id FROM commitments_forum WHERE successor_of_id IS NOT NULL
    ), through(forum, member) AS (
        SELECT id, id FROM commitments_forum
        UNION
        SELECT through.forum, edges.next FROM through JOIN edges ON edges.forum = through.member
    )
"""
FORUM = f"""{THROUGH}
    SELECT member FROM through JOIN commitments_forum f ON f.id = through.forum WHERE f.code = %s
"""
ORDERS = {
    "": "plan.code, c.position",
    "number": "plan.code DESC, c.position DESC",
    "effective_on": "u.effective_on DESC, c.id",
    "last_action": f"{LAST_ACTION} DESC, c.id",
    "due_on": "c.due_on, c.id",
    "status": "c.status, c.id",
}

UPDATE_COLUMNS = {
    "u.id": "id",
    "plan.code || '-' || c.number": "commitment",
    **{
        f"u.{name}": name
        for name in (
            *("effective_on", "date_precision", "event_type", "summary", "status", "covers_from"),
            *("search_note", "corrects_id", "external_ref", "state", "published_at"),
            *("superseded_at", "retracted_at", "revision"),
        )
    },
}
# What other tables have of these updates: the id of the update, then the columns.
UPDATE_PARTS = {
    "evidence": """
        SELECT e.update_id, e.id, e.title, e.url, e.citation, e.archived_url, e.language,
            e.dated_on, e.kind, e.source, p.name
        FROM commitments_evidence e LEFT JOIN commitments_publisher p ON p.id = e.publisher_id
        WHERE e.public AND e.update_id IN ({ids}) ORDER BY e.id
    """,
    "checks": """
        SELECT e.update_id, k.evidence_id, k.status, k.detail, k.moved_to, k.first_at, k.last_at
        FROM commitments_linkcheck k JOIN commitments_evidence e ON e.id = k.evidence_id
        WHERE e.public AND e.update_id IN ({ids}) ORDER BY k.id
    """,
    "decisions": """
        SELECT update_id, at, action, role, note, content_sha256 FROM commitments_decision
        WHERE action IN ('publish', 'supersede', 'retract', 'archive', 'erase')
            AND update_id IN ({ids}) ORDER BY seq
    """,
    "findings": """
        SELECT f.update_id, c.key, f.result, named.progressupdate_id FROM commitments_finding f
        JOIN commitments_criterion c ON c.id = f.criterion_id
        LEFT JOIN commitments_finding_events named ON named.finding_id = f.id
        WHERE f.update_id IN ({ids}) ORDER BY c.position, named.progressupdate_id
    """,
    "rests_on": """
        SELECT update_id, event_id FROM commitments_basis
        WHERE update_id IN ({ids}) AND event_id <> update_id ORDER BY event_id
    """,
    "forums": """
        SELECT named.progressupdate_id, f.code FROM commitments_progressupdate_forums named
        JOIN commitments_forum f ON f.id = named.forum_id
        WHERE named.progressupdate_id IN ({ids}) ORDER BY f.code
    """,
    "criteria": """
        SELECT named.progressupdate_id, c.key FROM commitments_progressupdate_criteria named
        JOIN commitments_criterion c ON c.id = named.criterion_id
        WHERE named.progressupdate_id IN ({ids}) ORDER BY c.key
    """,
    "meets": """
        SELECT named.progressupdate_id, m.key FROM commitments_progressupdate_meets named
        JOIN commitments_milestone m ON m.id = named.milestone_id
        WHERE named.progressupdate_id IN ({ids}) ORDER BY m.key
    """,
}


def connection():
    """Return the connection of this thread."""
    if not hasattr(local, "connection"):
        if ON_SQLITE:
            local.connection = sqlite3.connect(unquote(ADDRESS.path)[1:])
        else:
            local.connection = psycopg.connect(
                f"postgresql://{ADDRESS.netloc}{ADDRESS.path}", autocommit=True
            )
    return local.connection


def query(sql, values=()):
    cursor = connection().cursor()
    cursor.execute(sql.replace("%s", "?") if ON_SQLITE else sql, values)
    return cursor.fetchall()


def text(value):
    """Return a text, which SQLite has as JSON and PostgreSQL gives as a dictionary."""
    return json.loads(value) if isinstance(value, str) else value


def marks(values):
    return ", ".join(["%s"] * len(values))


def selection(asked, joins=""):
    """Return the tables and conditions of a list, with further `joins`; their values, and the
    column of the status."""
    as_of, status = asked.get("as_of"), "c.status"
    joined, values = CURRENT, []
    if as_of:
        joined, values, status = AS_OF, [as_of], "coalesce(u.status, 'unassessed')"
    conditions = []
    for name, condition in (
        ("plan", "plan.code = %s"),
        ("status", "c.status = %s"),
        ("code", "plan.code || '-' || c.number = %s"),
    ):
        if name in asked:
            conditions.append(condition)
            values.append(asked[name])
    if "forum" in asked:
        ids = [row[0] for row in query(FORUM, [asked["forum"]])]
        conditions.append(
            "EXISTS (SELECT 1 FROM commitments_partnership p WHERE p.commitment_id = c.id "
            f"AND p.forum_id IN ({marks(ids)}))"
        )
        values += ids
    if "office" in asked:
        conditions.append(
            "(office.code = %s OR EXISTS (SELECT 1 FROM commitments_commitment_supporting_offices s"
            " JOIN commitments_office o ON o.id = s.office_id"
            " WHERE s.commitment_id = c.id AND o.code = %s))"
        )
        values += [asked["office"]] * 2
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    tables = f"""
        FROM commitments_commitment c
        JOIN commitments_plan plan ON plan.id = c.plan_id
        LEFT JOIN commitments_actionarea area ON area.id = c.area_id
        LEFT JOIN commitments_strategicgoal goal ON goal.id = c.goal_id
        LEFT JOIN commitments_office office ON office.id = c.lead_office_id
        {joins}
        LEFT JOIN commitments_progressupdate u ON {joined}
        {where}
    """
    return tables, values, status


def commitments(asked, *, limit=True):
    tables, values, status = selection(asked)
    order = ORDERS[asked.get("ordering", "")]
    page = ""
    if limit:
        page = f"LIMIT {ROWS_PER_PAGE} OFFSET {(int(asked.get('page', 1)) - 1) * ROWS_PER_PAGE}"
    sql = f"SELECT {COLUMNS.format(status=status)} {tables} ORDER BY {order} {page}"
    rows = [dict(zip(NAMES, row, strict=True)) for row in query(sql, values)]
    for row in rows:
        for name in TEXTS:
            row[name] = text(row[name])
        row["evidence_level"] = row["evidence_level"] or 0
    return rows


def add_parts(rows):
    """Add forums, criteria and milestones, a query each."""
    by_id = {row["id"]: row | {"forums": [], "criteria": [], "milestones": []} for row in rows}
    ids = marks(by_id)
    for part, sql in (
        (
            "forums",
            "SELECT p.commitment_id, f.code, f.name, p.quote FROM commitments_partnership p "
            f"JOIN commitments_forum f ON f.id = p.forum_id WHERE p.commitment_id IN ({ids}) "
            "ORDER BY p.id",
        ),
        (
            "criteria",
            "SELECT commitment_id, key, text, quote FROM commitments_criterion "
            f"WHERE retired_at IS NULL AND commitment_id IN ({ids}) ORDER BY position",
        ),
        (
            "milestones",
            "SELECT commitment_id, key, title, due_on FROM commitments_milestone "
            f"WHERE retired_at IS NULL AND commitment_id IN ({ids}) ORDER BY due_on, id",
        ),
    ):
        for owner, key, words, more in query(sql, list(by_id)) if by_id else ():
            detail = more if part == "milestones" else text(more)
            by_id[owner][part].append({"code": key, "text": text(words), "detail": detail})
    return list(by_id.values())


def list_page(asked):
    tables, values, _status = selection(asked)
    [[count]] = query(f"SELECT count(*) {tables}", values)
    return {"count": count, "results": add_parts(commitments(asked))}


def commitment(asked):
    return add_parts(commitments(asked))[0]


# By what is grouped: what comes before the query, the key of a group, and its tables.
GROUPS = {
    "": ("", "NULL", ""),
    "goal": ("", "goal.number", ""),
    "forum": (
        f"""{THROUGH}, named AS (
            SELECT DISTINCT forum, commitment_id FROM through
            JOIN commitments_partnership p ON p.forum_id = through.member
        )""",
        "forum.code",
        "JOIN named ON named.commitment_id = c.id "
        "JOIN commitments_forum forum ON forum.id = named.forum",
    ),
}


def status(asked):
    """Return how many commitments of each group and kind have each status, with the day of the
    oldest assessment and of the newest action among them."""
    before, key, joins = GROUPS[asked.get("by", "")]
    tables, values, column = selection(asked, joins)
    rows = query(
        f"{before} SELECT {key}, c.kind, {column}, count(*), min(u.effective_on), "
        f"max({LAST_ACTION}) {tables} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        values,
    )
    groups = {}
    for group, kind, code, count, oldest, acted_on in rows:
        found = groups.setdefault(str(group), {}).setdefault(kind, {"of": 0, "counts": {}})
        found["counts"][code] = count
        found["of"] += count
        found.setdefault("days", []).append([oldest, acted_on])
    return {"groups": groups}


def updates(asked):
    conditions, values = ["u.state IN ('published', 'superseded', 'retracted')"], []
    if "deep" in asked:
        [[last]] = query("SELECT max(id) FROM commitments_progressupdate")
        conditions.append(f"u.id < {last // 2}")
    if "commitment" in asked:
        conditions.append("plan.code = %s AND c.number = %s")
        values += asked["commitment"].split("-", 1)
    rows = query(
        f"SELECT {', '.join(UPDATE_COLUMNS)}, {LEVEL} FROM commitments_progressupdate u "
        "JOIN commitments_commitment c ON c.id = u.commitment_id "
        "JOIN commitments_plan plan ON plan.id = c.plan_id "
        f"WHERE {' AND '.join(conditions)} ORDER BY u.id DESC LIMIT {ROWS_PER_PAGE}",
        values,
    )
    parts = dict.fromkeys(UPDATE_PARTS, ())
    names = [*UPDATE_COLUMNS.values(), "basis_level"]
    found = {row[0]: dict(zip(names, row, strict=True)) | parts for row in rows}
    for update in found.values():
        update["summary"], update["search_note"] = map(
            text, (update["summary"], update["search_note"])
        )
    for part, sql in UPDATE_PARTS.items():
        for owner, *values in query(sql.format(ids=marks(found)), list(found)) if found else ():
            found[owner][part] = [*found[owner][part], values]
    return {"results": list(found.values())}


def changes(asked):
    after = 0
    if "deep" in asked:
        [[last]] = query("SELECT max(seq) FROM commitments_decision")
        after = last // 2
    rows = query(
        "SELECT d.seq, d.at, d.action, plan.code, c.number, d.update_id, d.note, d.hash, "
        "d.entry_sha256 FROM commitments_decision d "
        "LEFT JOIN commitments_plan plan ON plan.id = d.plan_id "
        "LEFT JOIN commitments_commitment c ON c.id = d.commitment_id "
        f"WHERE d.seq > {after} ORDER BY d.seq LIMIT {FIRST_LINK}"
    )
    return {"results": [list(row) for row in rows]}


def csv_file(asked):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(NAMES)
    for row in commitments(asked, limit=False):
        writer.writerow(
            json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
            for value in row.values()
        )
    return out.getvalue().encode()


ANSWERS = {
    "/list": list_page,
    "/detail": commitment,
    "/status": status,
    "/updates": updates,
    "/changes": changes,
}


def application(environ, start_response):
    path = environ["PATH_INFO"]
    asked = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    if path == "/csv":
        body, media_type = csv_file(asked), "text/csv; charset=utf-8"
    else:
        answer = ANSWERS[path](asked) if path in ANSWERS else {}
        body = json.dumps(answer, ensure_ascii=False, default=str).encode()
        media_type = "application/json"
    start_response("200 OK", [("Content-Type", media_type), ("Content-Length", str(len(body)))])
    return [body]
