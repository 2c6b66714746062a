#!/usr/bin/env python3
"""Keep a copy of a tracker's published data, update it from the list of changes, and check it
against the tracker's ledger.

    python3 mirror.py https://tracker.example.org/ copy.json

The file contains `cursor` (the position in the list), `head` (the last link of the ledger that was
checked, by number and hash), `updates` by id, `commitments` by code, `meetings` by id, each as in
the API, and `contents`: what the ledger last recorded of each plan, goal, area, commitment, forum,
office and publisher, by type and key, as in the list of that name. The first run starts from the
tracker's dump, if there is one. A run that was interrupted is continued by the next one, a download
too. No ledger records meetings, so each run reads all of them. Assessments also lapse without any
change being published: request `status/` for the statuses on a date.

The copy has no bytes of evidence files: fetch `file.url` of a piece of evidence, and compare their
SHA-256 with `file.sha256`. Checks of links change `evidence[].link` of an update without a row in
the list of changes: what the copy has of them is of the time when the update was last read.

Each run recomputes the chain of the ledger from the link where the last one ended, and compares all
that it stores with the digests in the chain. If the ledger was rewritten, or does not match, the
program says where, leaves the copy as it was, and its exit code is 1; it is 2 if the tracker cannot
be read. Where the tracker itself says that its ledger no longer has the position (410), as after a
restore from a backup, the former copy is set aside as `copy.json.until-link-812`, and the program
starts again.

Python 3.10 or newer, standard library only.
"""

import gzip
import hashlib
import http.client
import json
import os
import shutil
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from http import HTTPStatus

GENESIS = "00" * 32
# Changes of what the ledger records the content of.
RECORDING = ("load", "amend", "edit")
ERASE, RETRACTED = "erase", "retracted"
# The content that the ledger's digest covers says this of a source as the list does.
OF_SOURCES = ("title", "url", "citation", "language", "dated_on", "kind", "source", "public")
# The entry of a link says this of a change as the list does.
OF_CHANGES = ("action", "plan", "commitment", "update")
# Lists of the dump of which rows are kept as they are, by this of each.
KEPT_AS_LISTED = {"commitments": "code", "meetings": "id"}
# Where `Retry-After` is no whole number of seconds, such as a date.
DEFAULT_WAIT_SECONDS = 60
# Requests of what changes while it is compared with the ledger.
ATTEMPTS = 3


class Differs(Exception):
    """The ledger was rewritten, or something does not match it."""


class StartAgain(Exception):
    """The ledger does not have the position of the copy, as the tracker itself says."""


# What an answer that is none of a tracker, such as a page of a proxy, or a damaged dump can raise.
UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    zlib.error,
    StartAgain,
)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    """Return canonical JSON (RFC 8785) of a value whose keys are ASCII and numbers are integers."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


# Requests


def opened(address, headers=None):
    """Return an open response. After too many requests (429), wait as long as it asks for."""
    while True:
        try:
            request = urllib.request.Request(address, headers=headers or {})
            return urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.TOO_MANY_REQUESTS:
                raise
            wait = error.headers["Retry-After"] or ""
            time.sleep(int(wait) if wait.isdecimal() else DEFAULT_WAIT_SECONDS)


def get(api, path, **query):
    """Return the API's response."""
    address = f"{api}{path}?{urllib.parse.urlencode(query)}" if query else f"{api}{path}"
    with opened(address) as response:
        return json.load(response)


def rows(api, path, **query):
    """Yield all rows of a list, page by page."""
    path = f"{path}?{urllib.parse.urlencode({**query, 'page_size': 200})}"
    while path:
        page = get(api, path)
        yield from page["results"]
        path = page["next"] and page["next"].partition("/api/v1/")[2]


def content_of(api, number):
    """Return the content of an update as bytes, None if it was withdrawn."""
    try:
        with opened(f"{api}updates/{number}/content/") as response:
            return response.read()
    except urllib.error.HTTPError as error:
        # Of what was never published, the answer is 404.
        if error.code not in (HTTPStatus.GONE, HTTPStatus.NOT_FOUND):
            raise
        return None


# The ledger


class Chain:
    """The links after a position, recomputed, and the digests that they hold.

    `hashes` maps the number of a link to its hash, `updates` the id of an update to the digest of
    its content, `recorded` a link, a type and a key to the digest of what was recorded, `erased` an
    erasure to the contents of which it dropped something, `public` the number of a public link to
    what its entry is about. `published` has the ids of the updates that were public: an erasure
    can also name one that was discarded as a draft.
    """

    def __init__(self, api, seq, digest):
        self.api, self.seq, self.hash = api, seq, digest
        self.hashes, self.updates, self.recorded, self.erased = {seq: digest}, {}, {}, {}
        self.public, self.published = {}, set()

    def read(self):
        """Read the links that were added since."""
        query = {"after": self.seq} if self.seq else {}
        for link in rows(self.api, "ledger/", **query):
            self.add(link)

    def add(self, link):
        seq, digest, entry = link["seq"], link["entry_sha256"], link["entry"]
        computed = sha256(bytes.fromhex(self.hash + digest))
        if seq != self.seq + 1 or link["hash"] != computed:
            raise Differs(f"the ledger was rewritten: link {seq} does not follow {self.place}")
        if entry is not None:
            if sha256(canonical(entry)) != digest or entry["seq"] != seq:
                raise Differs(f"the entry of link {seq} does not match its digest")
            self.apply(entry)
        self.seq, self.hash = seq, link["hash"]
        self.hashes[seq] = self.hash

    @property
    def place(self):
        return f"link {self.seq} with the hash {self.hash}"

    def apply(self, entry):
        """Keep the digests of a public entry."""
        seq, meta = entry["seq"], entry["meta"]
        self.public[seq] = {name: entry[name] for name in OF_CHANGES}
        if entry["update"]:
            self.updates[str(entry["update"])] = entry["content_sha256"]
            if entry["action"] != ERASE:
                self.published.add(str(entry["update"]))
        if entry["action"] == ERASE:
            self.erased[seq] = meta.get("contents", [])
            for row in self.erased[seq]:
                key = entry["subject"]["key"] if entry["subject"] else None
                self.recorded[row["seq"], row["type"], key] = row["content_sha256"]
            return
        for row in meta.get("subjects", []):
            self.recorded[seq, row["type"], row["key"]] = row["content_sha256"]
        if entry["subject"]:
            subject = entry["subject"]["type"], entry["subject"]["key"]
            self.recorded[(seq, *subject)] = entry["content_sha256"]

    def check_head(self, head):
        """Compare the last link as the tracker gives it with the one that was computed."""
        if self.hashes.get(head["seq"]) != head["hash"]:
            raise Differs(f"the ledger was rewritten: its head {head['seq']} is not after the copy")

    def check_change(self, change):
        """Compare a row of the list of changes with its link."""
        if self.hashes.get(change["seq"]) != change["hash"]:
            raise Differs(f"change {change['seq']} is not the link of that number")
        entry = self.public.get(change["seq"])
        if entry and any(change[name] != entry[name] for name in OF_CHANGES):
            raise Differs(f"change {change['seq']} is not what its link says")

    def check_complete(self, changes, after, last):
        """Compare a page of the list of changes, up to the link `last`, with the public links."""
        told = {change["seq"] for change in changes}
        left_out = [seq for seq in sorted(self.public) if after < seq <= last and seq not in told]
        if left_out:
            raise Differs(f"the list of changes leaves out link {left_out[0]} of the ledger")


# What is stored


def differing(row, body):
    """Return what of an update does not match its content, "" if all does."""
    if row["state"] == RETRACTED or body is None:
        withdrawn = row["state"] == RETRACTED and body is None
        return "" if withdrawn else "content, which only a withdrawn update lacks"
    if sha256(body) != row["content_sha256"]:
        return "content_sha256"
    content = json.loads(body)
    sources = {item["id"]: item for item in content["evidence"]}
    for item in row["evidence"]:
        for name in OF_SOURCES:
            if sources[item["id"]][name] != item[name]:
                return f"evidence {item['id']}, {name}"
    names = sorted(row.keys() & content.keys() - {"evidence"})
    return next((name for name in names if row[name] != content[name]), "")


def checked_update(chain, copy, number):
    """Return an update that matches its content and the chain."""
    for _attempt in range(ATTEMPTS):
        row, body = get(chain.api, f"updates/{number}/"), content_of(chain.api, number)
        held = copy["updates"].get(number, row)
        wrong = differing(row, body)
        if row["content_sha256"] != chain.updates.get(number, held["content_sha256"]):
            wrong = "content_sha256, which the ledger has otherwise"
        if not wrong:
            return row
        # It may have changed since the links were read.
        chain.read()
    raise Differs(f"update {number} does not match the ledger: {wrong}")


def matches(chain, row):
    """Return whether a recorded content has the digest that the chain holds."""
    expected = chain.recorded.get((row["seq"], row["type"], row["key"]))
    return (row["content"] and sha256(canonical(row["content"]))) == expected


def checked_contents(chain, seq):
    """Return all contents that a link of the ledger recorded."""
    for _attempt in range(ATTEMPTS):
        found = list(rows(chain.api, "contents/", seq=seq))
        wrong = [row for row in found if not matches(chain, row)]
        if not wrong:
            return found
        chain.read()
    place = f"{wrong[0]['type']} {wrong[0]['key']}"
    raise Differs(f"the content of {place} does not match link {seq} of the ledger")


def keep_content(copy, row):
    """Keep a content, unless a later one of the same subject is kept."""
    name = f"{row['type']} {row['key']}"
    held = copy["contents"].get(name)
    if held is None or held["seq"] <= row["seq"]:
        copy["contents"][name] = row


def drop_erased(chain, copy, change):
    """Drop the contents of which an erasure dropped something, and fetch what is left of them."""
    erased = {(row["seq"], row["type"]) for row in chain.erased[change["seq"]]}
    kept = copy["contents"]
    names = [name for name, row in kept.items() if (row["seq"], row["type"]) in erased]
    for seq in {kept.pop(name)["seq"] for name in names}:
        for row in rows(chain.api, "contents/", seq=seq):
            known = (row["seq"], row["type"], row["key"]) in chain.recorded
            if known and not matches(chain, row):
                raise Differs(f"what is left of the content of {row['key']} does not match")
            keep_content(copy, row)


def apply_changes(chain, copy, changes):
    """Fetch the current version of everything that these changes affect, once each."""
    for change in changes:
        chain.check_change(change)
    recording = [change for change in changes if change["action"] in RECORDING]
    recorded = [row for change in recording for row in checked_contents(chain, change["seq"])]
    for row in recorded:
        keep_content(copy, row)
    for change in changes:
        if change["action"] == ERASE:
            drop_erased(chain, copy, change)
    # A commitment shows titles of its goal and its area, names of its forums and, in its freshness,
    # the review interval of its plan.
    plans = {change["plan"] for change in recording if not change["commitment"]}
    for plan in filter(None, plans):
        for commitment in rows(chain.api, "commitments/", plan=plan):
            copy["commitments"][commitment["code"]] = commitment
    forums = {row["key"] for row in recorded if row["type"] == "forum"}
    codes = {change["commitment"] for change in changes if change["commitment"]}
    codes |= {
        commitment["code"]
        for commitment in copy["commitments"].values()
        if forums & {forum["code"] for forum in commitment["forums"]}
    }
    numbers = {str(change["update"]) for change in changes if change["update"]}
    numbers &= chain.published | copy["updates"].keys()
    if any(row["type"] == "publisher" for row in recorded):
        numbers |= copy["updates"].keys()
    for code in codes:
        copy["commitments"][code] = get(chain.api, f"commitments/{code}/")
    for number in numbers:
        copy["updates"][number] = checked_update(chain, copy, number)


# The dump


def download_dump(api, path):
    """Download the dump, or the rest of it, to a path. Return whether there is one. A dump without
    an ETag, which some proxies drop, is not continued, but begun again."""
    headers, tag_path = {}, f"{path}.etag"
    if os.path.exists(path) and os.path.exists(tag_path):
        with open(tag_path, encoding="utf-8") as file:
            headers = {"Range": f"bytes={os.path.getsize(path)}-", "If-Range": file.read()}
    try:
        response = opened(f"{api}dump/", headers)
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            return False
        if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        return True
    if response.status != HTTPStatus.PARTIAL_CONTENT:
        remove_dump(path)
    tag, length = response.headers["ETag"], response.headers["Content-Length"]
    with response, open(path, "ab") as to:
        if tag:
            with open(tag_path, "w", encoding="utf-8") as file:
                file.write(tag)
        begun = to.tell()
        shutil.copyfileobj(response, to)
        if length and to.tell() - begun != int(length):
            raise OSError("the download of the dump was cut off: run this again")
    return True


def remove_dump(path):
    for name in (path, f"{path}.etag"):
        if os.path.exists(name):
            os.remove(name)


def copy_of_dump(api, path):
    """Return the copy that a downloaded dump makes, compared with the ledger in it."""
    chain, copy = Chain(api, 0, GENESIS), new_copy()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        manifest = json.loads(next(lines, ""))["manifest"]
        for line in lines:
            add_of_dump(chain, copy, *json.loads(line).values())
    chain.check_head(manifest["ledger"])
    missing = sorted(chain.published - copy["updates"].keys())
    if missing or chain.seq != manifest["ledger"]["seq"]:
        raise Differs(f"the dump lacks links of the ledger, or the updates {missing}")
    return {**copy, "cursor": manifest["cursor"], "head": manifest["ledger"]}


def add_of_dump(chain, copy, name, row):
    """Add a line of the dump: the links come first, and an update before its content."""
    if name == "ledger":
        chain.add(row)
    elif name == "changes":
        chain.check_change(row)
    elif name in KEPT_AS_LISTED:
        copy[name][str(row[KEPT_AS_LISTED[name]])] = row
    elif name == "contents":
        if not matches(chain, row):
            place = f"{row['type']} {row['key']}"
            raise Differs(f"the content of {place} does not match link {row['seq']} of the ledger")
        keep_content(copy, row)
    elif name == "updates":
        if chain.updates.get(str(row["id"])) != row["content_sha256"]:
            raise Differs(f"update {row['id']} does not match the ledger")
        copy["updates"][str(row["id"])] = row
    elif name == "update_contents":
        wrong = differing(copy["updates"][str(row["update"])], canonical(row))
        if wrong:
            raise Differs(f"update {row['update']} does not match its content: {wrong}")


# The copy


def new_copy():
    head = {"seq": 0, "hash": GENESIS}
    lists = ("updates", "commitments", "contents", "meetings")
    return {"cursor": None, "head": head, **{name: {} for name in lists}}


def started(api, path):
    """Return the copy to go on from: the one that is kept, else that of the dump, else none."""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    dump = f"{path}.dump"
    if not download_dump(api, dump):
        return new_copy()
    try:
        copy = copy_of_dump(api, dump)
    finally:
        # One that is damaged is not to be continued.
        remove_dump(dump)
    save(copy, path)
    return copy


def save(copy, path):
    """Replace the file atomically: an interruption leaves the old copy or the new one."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(copy, file, ensure_ascii=False, indent=1)
    os.replace(f"{path}.new", path)


def set_aside(path, seq):
    """Keep a copy of a ledger that is no more under another name, and return that."""
    name, number = f"{path}.until-link-{seq}", 1
    while os.path.exists(name):
        number += 1
        name = f"{path}.until-link-{seq}-{number}"
    os.replace(path, name)
    return name


def next_page(api, cursor):
    query = {"cursor": cursor} if cursor else {}
    try:
        return get(api, "changes/", page_size=200, **query)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.GONE:
            raise
        raise StartAgain from error


def follow(api, copy, path):
    """Bring a copy up to date, and save it after each page of changes."""
    chain = Chain(api, copy["head"]["seq"], copy["head"]["hash"])
    while True:
        head = get(api, "ledger/head/")
        page = next_page(api, copy["cursor"])
        chain.read()
        chain.check_head(head)
        last = max((change["seq"] for change in page["results"]), default=0)
        seq = last if page["next"] else max(last, head["seq"])
        chain.check_complete(page["results"], copy["head"]["seq"], seq)
        apply_changes(chain, copy, page["results"])
        copy["cursor"], copy["head"] = page["cursor"], {"seq": seq, "hash": chain.hashes[seq]}
        save(copy, path)
        if page["next"] is None:
            break
    copy["meetings"] = {str(row["id"]): row for row in rows(api, "meetings/")}
    save(copy, path)


def main(address, path):
    """Bring the copy at `path` up to date; return the exit code."""
    api = f"{address.rstrip('/')}/api/v1/"
    copy = started(api, path)
    try:
        follow(api, copy, path)
    except StartAgain:
        kept = set_aside(path, copy["head"]["seq"])
        print(f"The tracker's ledger has no such position any more; kept: {kept}", file=sys.stderr)
        copy = started(api, path)
        follow(api, copy, path)
    print(f"{len(copy['updates'])} updates, {len(copy['commitments'])} commitments")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except Differs as error:
        print(f"The copy was left as it was: {error}.", file=sys.stderr)
        sys.exit(1)
    except UNREADABLE as error:
        print(f"Cannot read the tracker: {error!r}", file=sys.stderr)
        sys.exit(2)
    except http.client.HTTPException as error:
        print(f"The tracker broke off: {error!r}", file=sys.stderr)
        sys.exit(2)
