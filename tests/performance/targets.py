"""Print what the measured requests ask for, as JSON: rows from the middle of the record, tokens of
a reporter and a reviewer, the cookie of a session of the latter, and cursors of deep pages.

DATABASE_URL=… python -m tests.performance.targets
"""

import json
import os
from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count, Max  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from commitments.api.pagination import LIST_KEY  # noqa: E402
from commitments.choices import Role  # noqa: E402
from commitments.ledger import Position  # noqa: E402
from commitments.models import (  # noqa: E402
    Commitment,
    Decision,
    Forum,
    Office,
    Plan,
    ProgressUpdate,
)
from tests.steps import token  # noqa: E402

ROWS_PER_PAGE = 50


def cursor_after(position, name):
    """Return the cursor of a page of a list that follows a row, as REST framework writes it."""
    return b64encode(urlencode({"p": position, LIST_KEY: name}).encode()).decode()


def session_cookie(user):
    """Return the cookie of a new session of a person, as a browser sends it."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].OutputString([])


def middle(rows):
    return rows[rows.count() // 2]


def database_version():
    """Return the name and the version of the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sqlite_version()")
        else:
            cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0].split()[0]
    return f"{connection.display_name} {version}"


def targets():
    plan = middle(Plan.objects.order_by("pk"))
    assessed = plan.commitments.filter(status_update__isnull=False).order_by("position")
    commitment = middle(assessed)
    forum = Forum.objects.annotate(named=Count("partnerships")).order_by("-named", "pk")[0]
    office = Office.objects.filter(led_commitments__isnull=False).order_by("pk").first()
    statuses = Commitment.objects.values("status").annotate(n=Count("pk")).order_by("-n")
    commitments = Commitment.objects.count()
    last_update = ProgressUpdate.objects.aggregate(last=Max("pk"))["last"]
    last_seq = Decision.objects.aggregate(last=Max("seq"))["last"]
    link = Decision.objects.get(seq=last_seq // 2)
    # The middle of the record, by the dates of what was published.
    dates = ProgressUpdate.objects.published().order_by("effective_on")
    day = dates[dates.count() * 3 // 4].effective_on
    published = ProgressUpdate.objects.published().order_by("published_at")
    known = min(middle(published).published_at + timedelta(minutes=1), timezone.now())
    writable = plan.commitments.filter(lead_office=None, supporting_offices=None)
    reporter, reviewer = (
        User.objects.filter(groups__name=role.group).order_by("pk")[0]
        for role in (Role.REPORTER, Role.REVIEWER)
    )
    return {
        "plan": plan.code,
        "commitment": commitment.code,
        "number": commitment.number,
        "forum": forum.code,
        "office": office and office.code,
        "status": statuses.exclude(status="unassessed")[0]["status"],
        "page": max(1, commitments // ROWS_PER_PAGE // 2),
        "updates_cursor": cursor_after(last_update // 2, "updates"),
        "ledger_cursor": cursor_after(last_seq // 2, "ledger"),
        "changes_cursor": Position(link.seq, link.hash).as_text(),
        "as_of": day.isoformat(),
        "known_at": known.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "acted_since": (timezone.localdate() - timedelta(days=120)).isoformat(),
        "writable": middle(writable.order_by("position")).code,
        "reporter": token(reporter),
        "reviewer": token(reviewer),
        "update": ProgressUpdate.objects.get(pk=last_update // 2).pk,
        "cookie": session_cookie(reviewer),
        "database": database_version(),
        "commitments": commitments,
        "updates": ProgressUpdate.objects.count(),
        "decisions": Decision.objects.count(),
    }


if __name__ == "__main__":
    print(json.dumps(targets()))
