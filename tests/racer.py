"""One of many processes that act on one database at the same moment.

    DATABASE_URL=… python -m tests.racer

Each line of its input is a JSON list of attempts. The racer answers `ready`, reads from the next
line when the race starts (seconds since the epoch), makes its attempts one after the other, each
through the workflow, and answers each with one JSON line. `told` is

    yes    with the update as it then stands
    no     with the refusal: its class, its sentence, its problems
    error  with the traceback, for whatever is no refusal of the domain: a lock that was not got, a
           deadlock, a constraint that only the database held

An attempt is `{"by", "action", "update", "seen", …}`. `seen` is a revision, or "look": the one that
stands when the attempt begins. With action `write`, `fields` and `evidence` are written, to a new
update if it names a `commitment` instead of an `update`; there `seen` may be left out. `late` is
how many seconds it waits first, `behind` by how many seconds its clock is slow.

Attempts on no update: `load` and `amend` with a `document`, and `curate`, a form that is sent to a
page of the admin.
"""

import json
import os
import signal
import sys
import time
import traceback
from datetime import date, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from commitments import planload, workflow  # noqa: E402
from commitments.bilingual import Text  # noqa: E402
from commitments.choices import Action  # noqa: E402
from commitments.drafts import EvidenceChanges  # noqa: E402
from commitments.exceptions import TrackerError  # noqa: E402
from commitments.models import ProgressUpdate  # noqa: E402

# A race in which nothing moves any more ends the process, and so the test.
PATIENCE = 180


def main():
    for line in sys.stdin:
        attempts = json.loads(line)
        say("ready")
        start = float(sys.stdin.readline())
        signal.alarm(PATIENCE)
        time.sleep(max(0, start - time.time()))
        for attempt in attempts:
            say(outcome(attempt))
        signal.alarm(0)


def say(answer):
    print(json.dumps(answer), flush=True)


def outcome(attempt):
    # Each attempt on a connection of its own, as each request has one.
    connections.close_all()
    time.sleep(attempt.get("late", 0))
    began = time.time()
    try:
        update = attempted(attempt)
    except TrackerError as refusal:
        answer = {
            "told": "no",
            "refusal": type(refusal).__name__,
            "sentence": str(refusal),
            "problems": [str(problem) for problem in refusal.problems],
        }
    except Exception:
        answer = {"told": "error", "error": traceback.format_exc()}
    else:
        answer = {"told": "yes", "update": None}
        if update is not None:
            answer |= {"update": update.pk, "state": update.state, "revision": update.revision}
    return answer | {"began": began, "ended": time.time()}


def attempted(attempt):
    person = User.objects.get(username=attempt["by"])
    at = timezone.now() - timedelta(seconds=attempt.get("behind", 0))
    if attempt["action"] == "load":
        planload.load(attempt["document"], at=at)
        return None
    if attempt["action"] == "amend":
        planload.amend(attempt["document"], reason="It was decided so.", by=person, at=at)
        return None
    if attempt["action"] == "curate":
        return curated(person, attempt["path"], attempt["form"])
    if attempt.get("update") is None:
        update = ProgressUpdate(commitment_id=attempt["commitment"])
    else:
        update = ProgressUpdate.objects.get(pk=attempt["update"])
    seen = update.revision if attempt.get("seen") == "look" else attempt.get("seen")
    if attempt["action"] == "write":
        pieces = EvidenceChanges(add=attempt.get("evidence", ()))
        fields = as_written(attempt.get("fields", {}))
        return workflow.write(update, by=person, at=at, seen=seen, evidence=pieces, **fields)
    return workflow.perform(
        update,
        Action(attempt["action"]),
        by=person,
        at=at,
        seen=seen,
        note=attempt.get("note", ""),
        **attempt.get("details", {}),
    )


def curated(person, path, form):
    browser = Client()
    browser.force_login(person)
    answer = browser.post(path, form)
    # The admin answers a saved form with a redirection, and shows any other again.
    assert answer.status_code == 302, answer.content.decode()


def as_written(fields):
    """JSON's values as those that `workflow.write` takes."""
    values = dict(fields)
    if "effective_on" in values:
        values["effective_on"] = date.fromisoformat(values["effective_on"])
    if "summary" in values:
        values["summary"] = Text(values["summary"])
    if "corrects" in values:
        values["corrects"] = ProgressUpdate.objects.get(pk=values["corrects"])
    return values


if __name__ == "__main__":
    main()
