"""A process that goes on publishing updates with files while backups are made.

    DATABASE_URL=… EVIDENCE_DIR=… python -m tests.operations.backup.writer PEOPLE… COMMITMENT

It prints a line of JSON for each publication that was acknowledged: the time after it, the id of
the update and the digest of its file. Between two of them it writes a draft with a file and takes
the file out again. It ends when its input is closed.
"""

import hashlib
import json
import os
import secrets
import select
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.db import OperationalError  # noqa: E402
from django.utils import timezone  # noqa: E402

from commitments.choices import Action  # noqa: E402
from commitments.db import is_busy  # noqa: E402
from commitments.models import Commitment  # noqa: E402
from commitments.workflow import EvidenceChanges, edit_draft  # noqa: E402
from tests import steps  # noqa: E402
from tests.files.sample_files import pdf  # noqa: E402

FILE_BYTES = 200_000


def main(reporter, reviewer, commitment):
    reporter = User.objects.get(username=reporter)
    reviewer = User.objects.get(username=reviewer)
    commitment = Commitment.objects.select_related("plan").get(pk=commitment)
    while not select.select([sys.stdin], [], [], 0)[0]:
        when_free(lambda: change_a_draft(commitment, reporter))
        content = unlike_any_other()
        update = publish(commitment, reporter, reviewer, content)
        sha256 = hashlib.sha256(content).hexdigest()
        print(json.dumps({"at": time.time(), "update": update, "sha256": sha256}), flush=True)


def publish(commitment, reporter, reviewer, content):
    """Publish an update with a file, and return its id."""
    files = [steps.file_evidence(content=content)]
    draft = when_free(lambda: steps.draft(commitment, reporter, now(), evidence=files))
    when_free(lambda: steps.perform(draft, Action.SUBMIT, reporter, now()))
    return when_free(lambda: steps.perform(draft, Action.PUBLISH, reviewer, now())).pk


def change_a_draft(commitment, reporter):
    files = [steps.file_evidence(content=unlike_any_other())]
    draft = steps.draft(commitment, reporter, now(), evidence=[*files, steps.REPORT])
    [item] = draft.evidence.exclude(file="")
    edit_draft(draft, by=reporter, at=now(), evidence=EvidenceChanges(remove=[item.pk]))


def when_free(act):
    """Do something, again and again while others have the database to themselves."""
    while True:
        try:
            return act()
        except OperationalError as error:
            if not is_busy(error):
                raise


def unlike_any_other():
    return pdf(trailer=f"/Note({secrets.token_hex(FILE_BYTES // 2)})")


def now():
    return timezone.now()


if __name__ == "__main__":
    main(*sys.argv[1:])
