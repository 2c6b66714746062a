"""Print, as JSON, how long it takes to verify the ledger, and how many decisions that is per
second.

DATABASE_URL=… python -m tests.performance.verifying
"""

import json
import os
import time
from io import StringIO

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from commitments.models import Decision  # noqa: E402


def verification():
    started = time.monotonic()
    call_command("verify_ledger", no_record=True, stdout=StringIO())
    seconds = time.monotonic() - started
    return {"seconds": seconds, "decisions_per_second": Decision.objects.count() / seconds}


if __name__ == "__main__":
    print(json.dumps(verification()))
