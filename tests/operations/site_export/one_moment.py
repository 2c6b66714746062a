"""Prints a plan's title on its page before and after another program renames the plan, both in one
consistent read, and after that, as JSON.

    DATABASE_URL=… python -m tests.operations.site_export.one_moment
"""

import json
import os
import re

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.core.cache import caches  # noqa: E402
from django.db import connection  # noqa: E402

from commitments.db import consistent_read  # noqa: E402
from commitments.operations.site_export.answers import AnonymousReader  # noqa: E402

RENAMED = """UPDATE commitments_plan SET title = '{"en": "Renamed"}', revision = revision + 1"""


def title(reader):
    # What was kept for others would hide what is read.
    caches["responses"].clear()
    return re.search(r'og:title" content="([^"]+)"', reader.get("/en/LIBRARY/").body.decode())[1]


def rename():
    """Rename the plan over a connection of its own."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(RENAMED)
    other.close()


def main():
    reader = AnonymousReader("http://127.0.0.1")
    with consistent_read():
        titles = [title(reader)]
        rename()
        titles.append(title(reader))
    print(json.dumps([*titles, title(reader)]))


if __name__ == "__main__":
    main()
