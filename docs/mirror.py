#!/usr/bin/env python3
"""Keeps a copy of what a tracker has published, and brings it up to date by the list of changes.

    python3 mirror.py https://tracker.example.org/ copy.json

The file holds `cursor` (how far the copy has come), `updates` by id and `commitments` by code, each
as the API gives it. Run it as often as you like: a run that was stopped goes on where it was.
Statuses also age without anything being published: ask `status/` for those of a day.

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

# Acts after which any of a plan's commitments may be another.
ON_PLANS = ("load", "amend")


def get(api, path, **query):
    """What the API answers, asked again as late as it says where this is too often."""
    address = f"{api}{path}?{urllib.parse.urlencode(query)}"
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.TOO_MANY_REQUESTS:
                raise
            time.sleep(int(error.headers["Retry-After"] or 1))


def commitments_of(api, plan):
    page = 1
    while page:
        found = get(api, "commitments/", plan=plan, page=page, page_size=200)
        yield from found["results"]
        page = page + 1 if found["next"] else None


def take_over(api, copy, changes):
    """Asks for everything that these changes touched, as it is now, each thing once."""
    for plan in {row["plan"] for row in changes if row["action"] in ON_PLANS}:
        for commitment in commitments_of(api, plan):
            copy["commitments"][commitment["code"]] = commitment
    for code in {row["commitment"] for row in changes if row["commitment"]}:
        copy["commitments"][code] = get(api, f"commitments/{code}/")
    for number in {row["update"] for row in changes if row["update"]}:
        copy["updates"][str(number)] = get(api, f"updates/{number}/")


def save(copy, path):
    """The file is either the old copy or the new one, whenever this is stopped."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(copy, file, ensure_ascii=False, indent=1)
    os.replace(f"{path}.new", path)


def main(address, path):
    api = f"{address.rstrip('/')}/api/v1/"
    copy = {"cursor": None, "updates": {}, "commitments": {}}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            copy = json.load(file)
    while True:
        query = {"cursor": copy["cursor"]} if copy["cursor"] else {}
        page = get(api, "changes/", page_size=200, **query)
        take_over(api, copy, page["results"])
        copy["cursor"] = page["cursor"]
        save(copy, path)
        if page["next"] is None:
            print(f"{len(copy['updates'])} updates, {len(copy['commitments'])} commitments")
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
