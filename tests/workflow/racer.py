"""One of several processes that change one database at the same time.

    DATABASE_URL=… python -m tests.workflow.racer

Each line of the input is a JSON list of attempts. The racer prints "ready", reads the start time of
the race from the next line (seconds since the epoch), makes its attempts one after the other, and
prints the result of each as a line of JSON. The `outcome` of a result is

    accepted  with the id, state and revision of the update
    refused   with the class, sentence and problems of the domain's error
    error     with the traceback of any other exception, such as a deadlock or an IntegrityError

SQLite's writers do not queue, and PostgreSQL's may be many on a slow machine: one may wait in vain
for as long as `SECONDS_TO_WAIT` while others take turns. A racer then comes again, as the answer
503 asks of people. An error without that wait, as of a transaction that began to read before it
wrote, stays an error.

An attempt is `{"by", "action", "update", "expected_revision", …}`. `expected_revision` is a number,
or "current" for the revision at the start of the attempt. Action `write` saves `fields` and
`evidence`, to a new update if the attempt has a `commitment` instead of an `update`; it needs no
`expected_revision`. `delay` is the number of seconds to wait first, `clock_lag` that by which the
racer's clock is slow.

Attempts on no update: `load` and `amend` with a `document`, and `curate`, which posts a `form` to a
`path` of the admin.
"""

import json
import os
import re
import signal
import sys
import time
import traceback
from datetime import date, timedelta
from http import HTTPStatus

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.db import OperationalError, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from commitments import workflow  # noqa: E402
from commitments.choices import Action  # noqa: E402
from commitments.db import is_busy  # noqa: E402
from commitments.exceptions import TrackerError  # noqa: E402
from commitments.importing import plan_load  # noqa: E402
from commitments.models import Commitment, ProgressUpdate  # noqa: E402
from commitments.workflow import EvidenceChanges  # noqa: E402
from tests import steps  # noqa: E402
from tests.words import en_zh  # noqa: E402
from tracker.data_settings import SECONDS_TO_WAIT  # noqa: E402

# A racer that takes longer, as in a deadlock, is killed, which fails the test.
RACE_TIMEOUT_SECONDS = 180


class BusyAnswer(Exception):
    """The admin answered that the database is busy."""


def main():
    for line in sys.stdin:
        attempts = json.loads(line)
        print_json("ready")
        start = float(sys.stdin.readline())
        signal.alarm(RACE_TIMEOUT_SECONDS)
        time.sleep(max(0, start - time.time()))
        for attempt in attempts:
            print_json(result_of(attempt))
        signal.alarm(0)


def print_json(value):
    print(json.dumps(value), flush=True)


def result_of(attempt):
    # Each attempt has a connection of its own, like a request.
    connections.close_all()
    time.sleep(attempt.get("delay", 0))
    started = time.time()
    try:
        update = run_when_free(attempt)
    except TrackerError as refusal:
        result = {
            "outcome": "refused",
            "refusal": type(refusal).__name__,
            "sentence": str(refusal),
            "problems": [str(problem) for problem in refusal.problems],
        }
    except Exception:
        result = {"outcome": "error", "error": traceback.format_exc()}
    else:
        result = {"outcome": "accepted", "update": None}
        if update is not None:
            result |= {"update": update.pk, "state": update.state, "revision": update.revision}
    return result | {"started": started, "ended": time.time()}


def run_when_free(attempt):
    """Make an attempt, and repeat it whenever it has waited in vain for as long as a writer
    waits."""
    while True:
        asked = time.monotonic()
        try:
            return run(attempt)
        except (OperationalError, BusyAnswer) as error:
            waited = time.monotonic() - asked
            if waited < SECONDS_TO_WAIT or not (isinstance(error, BusyAnswer) or is_busy(error)):
                raise


def run(attempt):
    """Make an attempt and return the update as stored, None for attempts on no update."""
    person = User.objects.get(username=attempt["by"])
    at = timezone.now() - timedelta(seconds=attempt.get("clock_lag", 0))
    if attempt["action"] == "load":
        plan_load.load_plan(attempt["document"], at=at)
        return None
    if attempt["action"] == "amend":
        plan_load.amend_plan(attempt["document"], reason="It was decided so.", by=person, at=at)
        return None
    if attempt["action"] == "curate":
        return post_admin_form(person, attempt["path"], attempt["form"])
    if attempt.get("update") is None:
        return steps.draft(
            Commitment.objects.select_related("plan").get(pk=attempt["commitment"]),
            by=person,
            at=at,
            evidence=attempt.get("evidence", ()),
            **parse_fields(attempt.get("fields", {})),
        )
    update = ProgressUpdate.objects.get(pk=attempt["update"])
    expected_revision = attempt.get("expected_revision")
    if expected_revision == "current":
        expected_revision = update.revision
    if attempt["action"] == "write":
        return workflow.edit_draft(
            update,
            by=person,
            at=at,
            expected_revision=expected_revision,
            evidence=EvidenceChanges(add=evidence_of(attempt)),
            **parse_fields(attempt.get("fields", {})),
        )
    return workflow.perform(
        update,
        Action(attempt["action"]),
        by=person,
        at=at,
        expected_revision=expected_revision,
        note=attempt.get("note", ""),
        **attempt.get("details", {}),
    )


def post_admin_form(person, path, form):
    """Save a form; if somebody else was faster, open the page again and save."""
    client = Client()
    client.force_login(person)
    for _try in range(20):
        shown = client.get(path)
        if shown.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            raise BusyAnswer
        version = re.search(r'name="expected_version" value="(\w+)"', shown.text)[1]
        response = client.post(path, form | {"expected_version": version})
        if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            raise BusyAnswer
        if "changed since you opened it" not in response.text:
            break
    # The admin redirects after saving a form, and renders a form with errors again.
    assert response.status_code == 302, response.content.decode()


def evidence_of(attempt):
    return [steps.with_texts(piece) for piece in attempt.get("evidence", ())]


def parse_fields(fields):
    """Return the values that the workflow takes for these JSON values."""
    values = dict(fields)
    if "effective_on" in values:
        values["effective_on"] = date.fromisoformat(values["effective_on"])
    if "summary" in values:
        values["summary"] = en_zh(values["summary"])
    if "corrects" in values:
        values["corrects"] = ProgressUpdate.objects.get(pk=values["corrects"])
    return values


if __name__ == "__main__":
    main()
