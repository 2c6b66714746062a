#!/usr/bin/env python3
"""Keep a copy of a tracker's published data, and update it from the list of changes.

    python3 mirror.py https://tracker.example.org/ copy.json

The file contains `cursor` (the position in the list), `updates` by id and `commitments` by code,
each as in the API. A run that was interrupted is continued by the next one. Assessments also lapse
without any change being published: request `status/` for the statuses on a date.

Python 3.10 or newer, standard library only.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus

# Changes that may affect every commitment of a plan.
PLAN_ACTIONS = ("load", "amend")


def get(api, path, **query):
    """Return the API's response. After too many requests (429), wait as long as it asks for."""
    address = f"{api}{path}?{urllib.parse.urlencode(query)}"
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.TOO_MANY_REQUESTS:
                raise
            time.sleep(int(error.headers["Retry-After"] or 1))


def commitments_of(api, plan):
    """Yield all commitments of a plan, page by page."""
    page = 1
    while page:
        response = get(api, "commitments/", plan=plan, page=page, page_size=200)
        yield from response["results"]
        page = page + 1 if response["next"] else None


def apply_changes(api, copy, changes):
    """Fetch the current version of everything that these changes affect, once each."""
    for plan in {row["plan"] for row in changes if row["action"] in PLAN_ACTIONS}:
        for commitment in commitments_of(api, plan):
            copy["commitments"][commitment["code"]] = commitment
    for code in {row["commitment"] for row in changes if row["commitment"]}:
        copy["commitments"][code] = get(api, f"commitments/{code}/")
    for number in {row["update"] for row in changes if row["update"]}:
        copy["updates"][str(number)] = get(api, f"updates/{number}/")


def save(copy, path):
    """Replace the file atomically: an interruption leaves the old copy or the new one."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(copy, file, ensure_ascii=False, indent=1)
    os.replace(f"{path}.new", path)


def main(address, path):
    """Bring the copy at `path` up to date, and save it after each page of changes."""
    api = f"{address.rstrip('/')}/api/v1/"
    copy = {"cursor": None, "updates": {}, "commitments": {}}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            copy = json.load(file)
    while True:
        query = {"cursor": copy["cursor"]} if copy["cursor"] else {}
        page = get(api, "changes/", page_size=200, **query)
        apply_changes(api, copy, page["results"])
        copy["cursor"] = page["cursor"]
        save(copy, path)
        if page["next"] is None:
            print(f"{len(copy['updates'])} updates, {len(copy['commitments'])} commitments")
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
