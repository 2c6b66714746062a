"""Documents for files to load, and the rows that exist after a load."""

import copy
import re

import yaml
from django.apps import apps
from django.db import connection

# In `edited`: remove the value.
ABSENT = object()


class NoAliasDumper(yaml.SafeDumper):
    """Writes a value that occurs twice in full twice, without an anchor."""

    def ignore_aliases(self, data):
        return True


# An update file for the plan of the fixture `plan`.
SOURCE = {
    "title": "Minutes",
    "publisher": "The forum",
    "url": "https://example.org/minutes",
    "kind": "meeting_record",
    "source": "independent",
}
NOTE = {**SOURCE, "title": "Note", "url": "https://example.org/note", "public": False}
UPDATES = {
    "format": 1,
    "plan": "PLAN",
    "notice": {"en": "Example.", "zh": "示例。"},
    "forums": [{"code": "LEAGUE", "name": {"en": "The League"}, "kind": "dialogue"}],
    "updates": [
        {
            "external_ref": "event-1",
            "commitment": "1.1",
            "effective_on": "2024-05-31",
            "date_precision": "month",
            "event_type": "participation",
            "summary": {"en": "A meeting was held."},
            "forums": ["LEAGUE", "FORUM"],
            "evidence": [SOURCE, NOTE],
        },
        {
            "external_ref": "status-1",
            "commitment": "1.1",
            "covers_from": "2024-01-01",
            "effective_on": "2024-12-31",
            "status": "active",
            "summary": {"zh": "会议召开。"},
            "rests_on": ["event-1"],
        },
        {
            "external_ref": "status-2",
            "commitment": "1.2",
            "effective_on": "2024-12-31",
            "status": "no_evidence",
            "summary": {"en": "Nothing was found."},
            "search_note": {"en": "The forum's site was searched."},
        },
    ],
}


def edited(document, *edits):
    """Return a copy in which each `(path, value)` is set, or removed if the value is `ABSENT`. A
    path such as `updates.0.status` may end one past the end of a list, to append to it."""
    document = copy.deepcopy(document)
    for path, value in edits:
        *parents, last = (int(key) if key.isdigit() else key for key in path.split("."))
        container = document
        for key in parents:
            container = container[key]
        if value is ABSENT:
            del container[last]
        elif isinstance(container, list) and last == len(container):
            container.append(copy.deepcopy(value))
        else:
            # A copy, since a later edit may be inside of it.
            container[last] = copy.deepcopy(value)
    return document


# The same where the commitment 1.1 has the criteria "a" and "b".
ANSWERED = edited(
    UPDATES,
    ("updates.0.criteria", ["a"]),
    ("updates.1.status", "partly_active"),
    ("updates.1.rests_on", ABSENT),
    (
        "updates.1.findings",
        {"a": {"result": "shown", "events": ["event-1"]}, "b": {"result": "not_shown"}},
    ),
)


def write_file(path, content):
    """Write bytes, text or a document, and return the path as text."""
    if not isinstance(content, (str, bytes)):
        content = yaml.dump(content, Dumper=NoAliasDumper, sort_keys=False)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def said(error):
    """Return the lines of the error of a command, without the places in the file."""
    return [re.sub(r"^  [^ ]+:\d+:\d+: ", "", line) for line in str(error).splitlines()]


def placed(error):
    """Return the headline of the error of a command, and each problem with its path in the
    document."""
    problems = error.__cause__.problems if error.__cause__ else ()
    places = [f"{row.place}: " if row.path else "" for row in problems]
    lines = [f"  {place}{row.message}" for place, row in zip(places, problems, strict=True)]
    return [str(error).splitlines()[0], *lines]


def everything():
    """Return every row of every table of the tracker as stored, by the name of the model. The
    statements are plain: composing them by model takes longer than most tests that compare."""
    rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("commitments").get_models(include_auto_created=True):
            meta = model._meta
            cursor.execute(f'SELECT * FROM "{meta.db_table}" ORDER BY "{meta.pk.column}"')
            names = [column[0] for column in cursor.description]
            rows[model.__name__] = [dict(zip(names, row, strict=True)) for row in cursor]
    return rows
