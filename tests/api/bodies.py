"""Every operation of the API that writes: who calls it, with what, and the call itself."""

import json

from django.db import transaction

from commitments.choices import State
from commitments.models import ProgressUpdate
from tests import steps
from tests.api.test_permissions import update_in

NEW = {
    "commitment": "PLAN-1.1",
    "effective_on": "2026-06-30",
    "date_precision": "day",
    "status": "active",
    "summary": {"en": "A meeting was held."},
    "search_note": {"zh": "无"},
    "forums": ["FORUM"],
    "external_ref": "meeting-1",
    "corrects": None,
    "evidence": [steps.STATEMENT],
}
CHANGE = {name: NEW[name] for name in NEW if name not in ("commitment", "evidence")}
PIECE = {**steps.STATEMENT, "language": "en", "dated_on": "2026-06-01", "public": True}
COPY = {"archived_url": "https://archive.example.org/1", "note": "Because."}
NOTE = {"note": "Because."}

# Each operation: who calls it, its method, its address with the state of what it is done to, and a
# good body.
OPERATIONS = {
    "create": ("reporter", "POST", "updates/", NEW),
    "create several": ("reporter", "POST", "updates/", [NEW]),
    "change": ("reporter", "PATCH", "updates/{draft}/", CHANGE),
    "submit": ("reporter", "POST", "updates/{draft}/submit/", NOTE),
    "recall": ("reporter", "POST", "updates/{submitted}/recall/", NOTE),
    "discard": ("reporter", "POST", "updates/{draft}/discard/", NOTE),
    "return": ("reviewer", "POST", "updates/{submitted}/return/", NOTE),
    "publish": ("reviewer", "POST", "updates/{submitted}/publish/", NOTE),
    "retract": ("reviewer", "POST", "updates/{published}/retract/", NOTE),
    "add evidence": ("reporter", "POST", "updates/{draft}/evidence/", PIECE),
    "change evidence": ("reporter", "PATCH", "evidence/{draft_link}/", PIECE),
    "archive": ("reviewer", "POST", "evidence/{published_link}/archive/", COPY),
}
# What takes a form; the test has it.
FORMS = {"add file": ("reporter", "POST", "updates/{draft}/files/", None)}
# The actions, whose bodies are alike, and the others.
ACTIONS = [name for name, (*_rest, body) in OPERATIONS.items() if body is NOTE]
SHAPES = [name for name in OPERATIONS if name not in ACTIONS]


def shape(operation):
    """Return what an operation's body is like: that of any action, or its own."""
    return "action" if operation in ACTIONS else operation


def caller(served, commitment, reporter, reviewer):
    """`call(operation, body, content_type)` is the answer. What was done is undone; what was left
    behind by a refusal stays, for tests to find."""
    places, tags = {}, {}
    for state in (State.DRAFT, State.SUBMITTED, State.PUBLISHED):
        update = update_in(state, commitment, reporter, reviewer)
        places |= {state: update.pk, f"{state}_link": update.evidence.exclude(url="").get().pk}
        revision = ProgressUpdate.objects.get(pk=update.pk).revision
        tags |= {state: f'"{revision}"', f"{state}_link": f'"{revision}"'}
    people = {"reporter": reporter, "reviewer": reviewer}
    tokens = {name: steps.token(user) for name, user in people.items()}

    def call(operation, body, content_type="application/json", headers=(), **environ):
        who, method, path, _good = (OPERATIONS | FORMS)[operation]
        [tag] = [tag for name, tag in tags.items() if f"{{{name}}}" in path] or [None]
        sent = {"Authorization": f"Token {tokens[who]}", **dict(headers)}
        with transaction.atomic():
            answer = served.open(
                f"/api/v1/{path.format(**places)}",
                method=method,
                data=body if isinstance(body, bytes) else body.encode(),
                content_type=content_type,
                headers=sent | ({"If-Match": tag} if tag else {}),
                environ_overrides=environ,
                buffered=True,
            )
            transaction.set_rollback(answer.status_code < 400)
        return answer

    return call


def good(operation):
    return json.dumps(OPERATIONS[operation][-1], ensure_ascii=False)
