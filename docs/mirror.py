#!/usr/bin/env python3
"""Keep a copy of a tracker's published data, and update it from the list of changes.

    python3 mirror.py https://tracker.example.org/ copy.json

The file contains `cursor` (the position in the list), `updates` by id, `commitments` by code, each
as in the API, and `contents`: what the ledger last recorded of each plan, goal, area, commitment,
forum, office and publisher, by type and key. A run that was interrupted is continued by the next
one. Assessments also lapse without any change being published: request `status/` for the statuses
on a date.

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

# Changes of what the ledger records the content of.
RECORDING = ("load", "amend", "edit")


def get(api, path, **query):
    """Return the API's response. After too many requests (429), wait as long as it asks for."""
    address = f"{api}{path}?{urllib.parse.urlencode(query)}" if query else f"{api}{path}"
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


def contents_of(api, seq):
    """Yield all contents that a link of the ledger recorded, page by page."""
    path = f"contents/?seq={seq}&page_size=200"
    while path:
        response = get(api, path)
        yield from response["results"]
        path = response["next"] and response["next"].partition("/api/v1/")[2]


def apply_changes(api, copy, changes):
    """Fetch the current version of everything that these changes affect, once each."""
    recording = [change for change in changes if change["action"] in RECORDING]
    recorded = [row for change in recording for row in contents_of(api, change["seq"])]
    for row in recorded:
        copy["contents"][f"{row['type']} {row['key']}"] = row["content"]
    # A commitment shows titles of its goal and its area, names of its forums and, in its freshness,
    # the review interval of its plan.
    plans = {change["plan"] for change in recording if not change["commitment"]}
    for plan in filter(None, plans):
        for commitment in commitments_of(api, plan):
            copy["commitments"][commitment["code"]] = commitment
    forums = {row["key"] for row in recorded if row["type"] == "forum"}
    codes = {change["commitment"] for change in changes if change["commitment"]}
    codes |= {
        commitment["code"]
        for commitment in copy["commitments"].values()
        if forums & {forum["code"] for forum in commitment["forums"]}
    }
    numbers = {str(change["update"]) for change in changes if change["update"]}
    if any(row["type"] == "publisher" for row in recorded):
        numbers |= copy["updates"].keys()
    for code in codes:
        copy["commitments"][code] = get(api, f"commitments/{code}/")
    for number in numbers:
        copy["updates"][number] = get(api, f"updates/{number}/")


def save(copy, path):
    """Replace the file atomically: an interruption leaves the old copy or the new one."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(copy, file, ensure_ascii=False, indent=1)
    os.replace(f"{path}.new", path)


def main(address, path):
    """Bring the copy at `path` up to date, and save it after each page of changes."""
    api = f"{address.rstrip('/')}/api/v1/"
    copy = {"cursor": None, "updates": {}, "commitments": {}, "contents": {}}
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
