#!/usr/bin/env python3
"""Check a tracker's ledger from outside, with public data alone.

    python3 check_ledger.py https://tracker.example.org/
    python3 check_ledger.py https://tracker.example.org/ --pin 812:<hash recorded earlier>
    python3 check_ledger.py https://tracker.example.org/ --keep tracker.json [--quick]
    python3 check_ledger.py FOLDER
    python3 check_ledger.py --proof update-17.tlog-proof --key KEY [--content 17.json]

The program recomputes the chain from its first link to the head, checks every public entry and
note against its digest, and checks the content of every published update and everything that was
ever recorded of plans, goals, areas, commitments, forums and offices against the digests in the
chain. Then it compares the tracker's lists with what follows from the chain. What is missing must
have been erased by a link that names it and its digest. It prints each difference. The exit code
is 1 if there is a difference, and 2 if the tracker cannot be read or nothing final can be said.

The content of each update is a request of its own: where 600 requests a minute are allowed, a check
takes a minute for 600 updates, and more than half an hour for 20,000. Meanwhile the ledger may
grow. Whatever differs and is concerned by new links is therefore compared once more, with these. If
new links concern it each time, nothing final can be said of it: the program says so.

FOLDER is a copy of a tracker that `manage.py export_site` wrote; it is checked in the same way,
with the files of evidence that are in it.

If the end of the chain was rewritten consistently, only a head that was recorded earlier shows it:
keep the last line of the output, and pass it as --pin the next time.

If the tracker signs checkpoints, the latest one is checked too: its root hash against the links,
and its signature. With --keep, it is kept in a file, with the key, for the next time: then it must
continue the one that was kept. With --quick only this is checked, by a proof and without reading
all links. Each --witness must have cosigned it: whoever shows others another ledger does not get
that. With --proof, a proof that was downloaded is checked, without the tracker; the exit code is 2
if its signatures could not be checked.

Python 3.10 or newer, standard library only; signatures are checked if the library cryptography is
there (Debian: apt-get install python3-cryptography), and the output says if they were not.
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from http import HTTPStatus
from pathlib import Path

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    Ed25519PublicKey = None

GENESIS = "00" * 32
# The state of an update after each action.
STATES = {"publish": "published", "supersede": "superseded", "retract": "retracted"}
COMPARED = ["commitment", "state", "content_sha256", *(f"{state}_at" for state in STATES.values())]
# What the lists show of each type of subject, and how a row of the list is identified.
LISTS = {
    "plan": "plans/",
    "goal": "goals/",
    "area": "areas/",
    "forum": "forums/",
    "office": "offices/",
    "commitment": "commitments/",
}
LISTED_FIELDS = {
    "plan": "languages title issuer adopted_on time_zone review_interval_days notice licence "
    "licence_url locality plan_number words visibility second_rating",
    "goal": "number title text",
    "area": "number title",
    "forum": "name kind parent successor_of closed_on same_as",
    "office": "name closed_on",
    "commitment": "number area title text kind kind_reason goal goal_reason supporting_goals "
    "forums criteria criteria_reason note start_on due_on ends_on lead_office supporting_offices "
    "milestones",
}
# Values that a recorded content leaves out.
DEFAULTS = {"visibility": "public", "second_rating": "none"}
# What is recorded of the items of a list; by which update a milestone is met follows from updates.
ITEMS = {
    "forums": ("code", "quote"),
    "criteria": ("key", "text", "quote"),
    "milestones": ("key", "title", "due_on"),
}
# The action that says that the clock is right, which alone may be dated before an earlier link.
CONFIRM_TIME = "confirm_time"
# The action that erases a text, note, name or file of earlier links and contents for good.
ERASE = "erase"
# The public action whose note is for the author only.
PUBLISH = "publish"
# Where `Retry-After` is no whole number of seconds, such as a date.
DEFAULT_WAIT_SECONDS = 60
# How often something is compared while new links concern it.
ATTEMPTS = 3
# What a link concerns that is not about an update: everything but updates, as a whole.
SUBJECTS = "subjects"
# The types of keys: of a ledger, and of a witness, whose signatures begin with a time.
NOTE, COSIGNATURE = b"\x01", b"\x04"
KEY_ID_BYTES, TIME_BYTES = 4, 8
# What an answer that is cut off, or none of a tracker, such as a page of a proxy, can raise.
UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    http.client.HTTPException,
)
NO_CRYPTOGRAPHY = "Signatures were not checked: the library cryptography is not installed."


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    """Return canonical JSON (RFC 8785) of a value whose keys are ASCII and numbers are integers."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def value_of_part(content, part):
    """Return what a content still has of an erased part, such as `summary` or `evidence/31/title`;
    of a file only its name, because its digest stays."""
    *path, name = part.split("/")
    if not path:
        return content[name]
    item = next((item for item in content["evidence"] if item["id"] == int(path[1])), {})
    return (item.get("file") or {}).get("name") if name == "file" else item.get(name)


def key_of(row):
    return row["code"] if "code" in row else f"{row['plan']}-{row['number']}"


def as_recorded(row):
    """Return a row of a list in the form of a recorded content."""
    flat = {name: None if DEFAULTS.get(name) == value else value for name, value in row.items()}
    if "status" in row:
        flat["area"] = row["area"] and row["area"]["number"]
        flat["goal"] = row["goal"] and row["goal"]["number"]
        flat["goal_reason"] = row["goal"] and row["goal"]["reason"]
    return flat


def known_part(name, value):
    """Return of the items of a list the fields that are compared here: in later versions of the
    recorded contents they may have more."""
    if name not in ITEMS:
        return value
    return [{field: item.get(field) for field in ITEMS[name]} for item in value or []]


def concerned(entry):
    """Return the places at which the tracker shows something else after a public link, `SUBJECTS`
    for those of all subjects."""
    places = {f"link {seq}" for seq in (entry["seq"], *entry["meta"].get("notes", []))}
    if entry["update"]:
        places |= {f"update {entry['update']}", f"commitment {entry['commitment']}"}
    if not entry["update"] or "contents" in entry["meta"]:
        places.add(SUBJECTS)
    return places


def comparable(value):
    """Return a value without empty parts, and with lists in one order."""
    if isinstance(value, dict):
        parts = {name: comparable(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part not in (None, "", [], {})}
    if isinstance(value, list):
        return sorted(map(comparable, value), key=canonical)
    return value


# The Merkle tree (RFC 9162, section 2.1)


def leaf_hash(entry_sha256):
    return hashlib.sha256(b"\x00" + bytes.fromhex(entry_sha256)).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf; it keeps its largest complete subtrees."""

    def __init__(self):
        self.size, self.subtrees = 0, []

    def add(self, leaf):
        self.size += 1
        self.subtrees.append(leaf)
        size = self.size
        while size % 2 == 0:
            right = self.subtrees.pop()
            self.subtrees.append(node_hash(self.subtrees.pop(), right))
            size //= 2

    def root(self):
        root = hashlib.sha256().digest() if not self.subtrees else self.subtrees[-1]
        for subtree in reversed(self.subtrees[:-1]):
            root = node_hash(subtree, root)
        return root


def is_included(index, size, leaf, proof, root):
    """Return whether a proof leads from a leaf to the root."""
    place, last = index, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if place % 2 or place == last:
            leaf = node_hash(sibling, leaf)
            while place and place % 2 == 0:
                place, last = place // 2, last // 2
        else:
            leaf = node_hash(leaf, sibling)
        place, last = place // 2, last // 2
    return index < size and last == 0 and leaf == root


def is_continued(old, new, old_root, new_root, proof):
    """Return whether a proof shows that the first `old` of `new` leaves have the old root."""
    if old in (0, new):
        return not proof and (old == 0 or old_root == new_root)
    if old & (old - 1) == 0:
        proof = [old_root, *proof]
    if not proof or old > new:
        return False
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place // 2, last // 2
    was = now = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while place and place % 2 == 0:
                place, last = place // 2, last // 2
        else:
            now = node_hash(now, sibling)
        place, last = place // 2, last // 2
    return last == 0 and (was, now) == (old_root, new_root)


# Checkpoints, keys and proofs (c2sp.org: tlog-checkpoint, signed-note, tlog-proof)


def whole(text):
    """Return a whole number. Raise ValueError unless it is written in the one way there is."""
    number = int(text)
    if str(number) != text or number < 0:
        raise ValueError(f"not a whole number: {text}")
    return number


class Key:
    """A verifier key, `name+id+base64`. Raise ValueError if the text is none of Ed25519."""

    def __init__(self, text):
        self.text = text
        self.name, _plus, rest = text.partition("+")
        typed_key = base64.b64decode(rest.partition("+")[2], validate=True)
        named = self.name.encode() + b"\n" + typed_key
        self.id = hashlib.sha256(named).digest()[:KEY_ID_BYTES]
        self.type, self.public = typed_key[:1], typed_key[1:]
        encoded = base64.b64encode(typed_key).decode()
        if text != f"{self.name}+{self.id.hex()}+{encoded}" or not self.name:
            raise ValueError("not a verifier key")
        if self.type not in (NOTE, COSIGNATURE) or len(self.public) != hashlib.sha256().digest_size:
            raise ValueError("not a verifier key of Ed25519")


class Checkpoint:
    """A signed head of the tree. Raise ValueError if the note is none."""

    def __init__(self, note):
        self.note = note
        text, _gap, lines = note.rpartition("\n\n")
        self.text = f"{text}\n"
        self.signatures = [line.split(" ") for line in lines.removesuffix("\n").split("\n")]
        self.origin, size, root = text.split("\n")
        self.size, self.root = whole(size), base64.b64decode(root, validate=True)

    def problem_with(self, key):
        """Return why this is not signed with a key, "" if it is."""
        values = [
            base64.b64decode(encoded, validate=True)
            for _dash, name, encoded in self.signatures
            if name == key.name
        ]
        found = [value[KEY_ID_BYTES:] for value in values if value[:KEY_ID_BYTES] == key.id]
        if not found:
            return f"is not signed with the key {key.text}"
        right = Ed25519PublicKey is None or all(self.is_right(value, key) for value in found)
        return "" if right else f"the signature of {key.name} is wrong"

    def is_right(self, value, key):
        message = self.text.encode()
        if key.type == COSIGNATURE:
            at, value = int.from_bytes(value[:TIME_BYTES], "big"), value[TIME_BYTES:]
            message = f"cosignature/v1\ntime {at}\n".encode() + message
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(value, message)
        except InvalidSignature:
            return False
        return True

    def cosigned_at(self, key):
        """Return when a witness signed this, which it did."""
        for _dash, name, encoded in self.signatures:
            value = base64.b64decode(encoded)
            if (name, value[:KEY_ID_BYTES]) == (key.name, key.id):
                seconds = int.from_bytes(value[KEY_ID_BYTES : KEY_ID_BYTES + TIME_BYTES], "big")
                return datetime.fromtimestamp(seconds, timezone.utc).isoformat()  # noqa: UP017
        return None


class Proof:
    """A file of an inclusion proof, or a consistency proof. Raise ValueError if it is neither."""

    def __init__(self, text):
        head, _gap, note = text.partition("\n\n")
        lines = head.split("\n")
        if lines[0] == "c2sp.org/tlog-proof@v1":
            lines.pop(0)
        self.extra = b""
        if lines[0].startswith("extra "):
            self.extra = base64.b64decode(lines.pop(0)[len("extra ") :], validate=True)
        word, number = lines.pop(0).split(" ")
        if word not in ("index", "old"):
            raise ValueError("not a proof")
        self.number = whole(number)
        self.hashes = [base64.b64decode(line, validate=True) for line in lines]
        self.checkpoint = Checkpoint(note)


class Tracker:
    def __init__(self, address):
        self.api = address.rstrip("/") + "/api/v1/"

    def get(self, path):
        """Return the content at a path of the API as bytes, or None if there is none (404), or none
        any more (410).

        After too many requests (429), wait as long as the tracker asks for.
        """
        request = urllib.request.Request(self.api + path, headers={"Accept": "application/json"})
        while True:
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    return response.read()
            except urllib.error.HTTPError as error:
                if error.code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                    return None
                if error.code != HTTPStatus.TOO_MANY_REQUESTS:
                    raise
                wait = error.headers["Retry-After"] or ""
                time.sleep(int(wait) if wait.isdecimal() else DEFAULT_WAIT_SECONDS)

    def text(self, path):
        """Return the content at a path of the API as text, or "" if there is none."""
        return (self.get(path) or b"").decode()

    def evidence_files(self):
        """Return no files: the tracker's are only downloaded to be read."""
        return ()

    def rows(self, path):
        """Yield every row of a list, page by page."""
        while path:
            page = json.loads(self.get(path))
            yield from page["results"]
            path = page["next"] and page["next"].partition("/api/v1/")[2]


class Copy:
    """A folder that `manage.py export_site` wrote, read like a tracker."""

    def __init__(self, folder):
        self.data = folder / "data"

    def get(self, path):
        file = self.data / path.rstrip("/")
        for candidate in (file, file.with_name(f"{file.name}.json")):
            if candidate.is_file():
                return candidate.read_bytes()
        return None

    def text(self, path):
        return (self.get(path) or b"").decode()

    def evidence_files(self):
        """Return the paths of the files of evidence, each named by the id of the evidence."""
        return sorted((self.data / "evidence").glob("*"))

    def rows(self, path):
        """Yield every row of a list; of the links, which do not grow, none after the last."""
        name, _mark, query = path.partition("?")
        if query.startswith("after="):
            return
        name = name.rstrip("/")
        with (self.data / f"{name}.jsonl").open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


class Check:
    """Compares a tracker with its chain.

    `updates` maps an id to what follows from the chain. `recorded` maps a link, a type and a key to
    the digest of what the link recorded of that subject, or of what erasures left of it, `subjects`
    a type and a key to what was recorded last. `without_note` are the links that lack a public
    note, `erased_notes` those whose note was erased. `roots` maps the sizes at which the root hash
    of the tree is wanted to it.

    What differs between tracker and links is one of the `doubts` until it is known that no link
    that was added meanwhile concerns its place. `concerned` are the places that those links concern
    which were read last, None while everything is compared for the first time.
    """

    def __init__(self, tracker):
        self.tracker = tracker
        self.differences, self.reported = 0, set()
        self.doubts, self.concerned = [], None
        self.seq, self.hash, self.at = 0, GENESIS, ""
        self.tree, self.roots = Tree(), {}
        self.updates, self.recorded, self.subjects = {}, {}, {}
        self.without_note, self.erased_notes = set(), set()

    def report(self, place, message):
        if (place, message) in self.reported:
            return
        self.reported.add((place, message))
        self.differences += 1
        print(f"{place}: {message}")

    def doubt(self, place, message, of=None):
        """Keep what may be a difference, at a place that may be a part `of` another."""
        if self.is_in_question(of or place):
            self.doubts.append((of or place, place, message))

    def is_in_question(self, place):
        """Return whether the links that were read last concern a place."""
        if self.concerned is None or place in self.concerned:
            return True
        return SUBJECTS in self.concerned and not place.startswith(("update ", "link "))

    def run(self, pin):
        self.read_links(pin)
        if pin and pin[0] > self.seq:
            self.report(f"link {pin[0]}", "the pinned link is missing")
        for _attempt in range(ATTEMPTS):
            self.doubts = []
            self.compare()
            if not self.doubts:
                break
            self.concerned = self.read_links(pin)
            self.settle_doubts()
            if not self.concerned:
                break

    def read_links(self, pin):
        """Read the links that were added since, and return the places that they concern."""
        places = set()
        for link in self.tracker.rows(f"ledger/?after={self.seq}" if self.seq else "ledger/"):
            self.check_link(link)
            self.tree.add(leaf_hash(link["entry_sha256"]))
            if self.tree.size in self.roots:
                self.roots[self.tree.size] = self.tree.root()
            if pin and pin[0] == link["seq"] and pin[1] != link["hash"]:
                self.report(f"link {pin[0]}", "its hash differs from the pinned one")
            if link["entry"] is not None:
                places |= concerned(link["entry"])
        return places

    def compare(self):
        """Compare what the tracker shows with the links, or of it what is in question."""
        for seq in sorted(self.without_note - self.erased_notes):
            self.doubt(f"link {seq}", "its note is missing, but no link erases it")
        for update, known in sorted(self.updates.items()):
            if self.is_in_question(f"update {update}"):
                self.check_content(update, known)
        self.check_subjects()
        self.compare_updates()
        self.compare_files()
        for kind in LISTS:
            self.compare_subjects(kind)

    def settle_doubts(self):
        """Report each doubt that the links read last do not concern; the others stay."""
        doubts, self.doubts = self.doubts, []
        for of, place, message in doubts:
            if self.is_in_question(of):
                self.doubts.append((of, place, message))
            else:
                self.report(place, message)

    def check_link(self, link):
        place = f"link {link['seq']}"
        if link["seq"] != self.seq + 1:
            self.report(place, f"follows link {self.seq}")
        if sha256(bytes.fromhex(self.hash + link["entry_sha256"])) != link["hash"]:
            self.report(place, "its hash does not match its entry and the previous link")
        self.seq, self.hash = link["seq"], link["hash"]
        entry = link["entry"]
        if entry is None:
            return
        if sha256(canonical(entry)) != link["entry_sha256"] or entry["seq"] != link["seq"]:
            self.report(place, "its entry does not match the digest in the chain")
        if entry["at"] < self.at and entry["action"] != CONFIRM_TIME:
            self.report(place, "is earlier than the public link before it")
        self.at = entry["at"]
        if link["note"] is not None:
            digest = sha256(bytes.fromhex(link["salt"]) + link["note"].encode())
            if digest != entry["note_commit"]:
                self.report(place, "its note does not match the digest in the chain")
        elif entry["action"] != PUBLISH:
            self.without_note.add(entry["seq"])
        if entry["action"] == ERASE:
            self.apply_erasure(place, entry)
        else:
            self.apply(entry)

    def apply(self, entry):
        """Add an entry to `recorded` and `updates`."""
        for row in entry["meta"].get("subjects", []):
            self.recorded[entry["seq"], row["type"], row["key"]] = row["content_sha256"]
        if entry["subject"]:
            subject = entry["subject"]["type"], entry["subject"]["key"]
            self.recorded[(entry["seq"], *subject)] = entry["content_sha256"]
        if not entry["update"]:
            return
        known = self.updates.setdefault(entry["update"], {})
        known.update(commitment=entry["commitment"], content_sha256=entry["content_sha256"])
        if entry["action"] == "archive":
            known.setdefault("archived", {})[entry["meta"]["evidence"]] = entry["meta"]
        else:
            known["state"] = STATES.get(entry["action"])
            known[f"{known['state']}_at"] = entry["at"]

    def apply_erasure(self, place, entry):
        """Replace the digests of what an erasure shortened by those of what is left."""
        meta = entry["meta"]
        self.erased_notes.update(meta.get("notes", []))
        for row in meta.get("contents", []):
            if not entry["subject"]:
                self.forget_publisher(row["seq"])
                continue
            name = row["seq"], entry["subject"]["type"], entry["subject"]["key"]
            # The contents of a private link are not public.
            if name not in self.recorded:
                continue
            if self.recorded[name] != row["former_sha256"]:
                self.report(place, f"erases another content than link {row['seq']} records")
            self.recorded[name] = row["content_sha256"]
        known = self.updates.get(entry["update"])
        # What was never published has no content that outsiders know.
        if known is None:
            return
        if known["content_sha256"] != meta["former_sha256"]:
            self.report(place, "erases another content than was published")
        known["content_sha256"] = entry["content_sha256"]
        known["erased"] = known.get("erased", set()) | set(meta["erased"])
        for part in meta["erased"]:
            if part.endswith("/url"):
                # With its archived address, and the entry that names that.
                known.get("archived", {}).pop(int(part.split("/")[1]), None)

    def forget_publisher(self, seq):
        """Drop what a link recorded of a publisher that was erased, the only one that it recorded:
        the link and the contents that name it are no longer public. It was read before, if it was
        erased since."""
        self.recorded = {
            name: digest for name, digest in self.recorded.items() if name[:2] != (seq, "publisher")
        }

    def check_subjects(self):
        """Compare every recorded content with its digest, and keep the last of each subject."""
        expected, self.subjects = dict(self.recorded), {}
        for row in self.tracker.rows("contents/"):
            name = row["seq"], row["type"], row["key"]
            place = f"{row['type']} {row['key']}"
            content = row["content"]
            if name not in expected:
                self.doubt(place, f"link {row['seq']} records no such content")
                continue
            if (content and sha256(canonical(content))) != expected.pop(name):
                self.doubt(place, f"its content of link {row['seq']} does not match the digest")
            self.subjects[row["type"], row["key"]] = content
        for seq, kind, key in sorted(expected):
            self.doubt(f"{kind} {key}", f"its content of link {seq} is missing")

    def check_content(self, update, known):
        """Compare the content of an update with the digest; a retracted update must have none."""
        known.pop("content", None)
        body = self.tracker.get(f"updates/{update}/content/")
        if "state" not in known:
            self.doubt(f"update {update}", "was archived but never published")
        elif known["state"] == "retracted":
            if body is not None:
                self.doubt(f"update {update}", "was retracted but still has its content")
        elif body is None:
            self.doubt(f"update {update}", "its content is missing, but no link retracts it")
        elif sha256(body) != known["content_sha256"]:
            self.doubt(f"update {update}", "its content does not match the digest in the chain")
        else:
            known["content"] = json.loads(body)
            self.check_erased(update, known["content"], known.get("erased", set()))

    def check_erased(self, update, content, erased):
        """Compare what a content names as erased with the chain; nothing may be left of it."""
        if set(content["erased"]) != erased:
            self.doubt(f"update {update}", "names other parts as erased than the chain")
        for part in sorted(erased):
            if value_of_part(content, part):
                self.doubt(f"update {update}", f"{part} was erased but is still there")

    def compare_updates(self):
        listed = {row["id"]: row for row in self.tracker.rows("updates/?page_size=200")}
        for update in sorted(listed.keys() ^ self.updates.keys()):
            message = "in the chain only" if update in self.updates else "in the list only"
            self.doubt(f"update {update}", message)
        for update in sorted(listed.keys() & self.updates.keys()):
            row, known = listed[update], self.updates[update]
            for name in COMPARED:
                if row[name] != known.get(name):
                    message = f"{name} is {row[name]}, in the chain {known.get(name)}"
                    self.doubt(f"update {update}", message)
            self.compare_content(update, row, known)

    def compare_content(self, update, row, known):
        """Compare a row of the list with the published content and the archived addresses."""
        content = known.get("content")
        if content is None:
            return
        for name in sorted(row.keys() & content.keys() - {"evidence"}):
            if row[name] != content[name]:
                self.doubt(f"update {update}", f"{name} differs from the published content")
        archived = known.get("archived", {})
        for item in row["evidence"]:
            listed = (item["link"] or {}).get("archived_url", "")
            recorded = archived.get(item["id"], {}).get("archived_url", "")
            if listed != recorded:
                message = f"archived at {listed}, in the chain {recorded}"
                self.doubt(f"evidence {item['id']}", message, of=f"update {update}")

    def compare_files(self):
        """Compare the files of evidence in a copy with the digests in the published contents."""
        contents = [known.get("content") for known in self.updates.values()]
        digests = {
            str(item["id"]): item["file"]["sha256"]
            for content in filter(None, contents)
            for item in content["evidence"]
            if item["file"]
        }
        for path in self.tracker.evidence_files():
            if sha256(path.read_bytes()) != digests.get(path.stem):
                self.doubt(f"evidence {path.stem}", "its file does not match the digest")

    def compare_subjects(self, kind):
        """Compare the rows of a list with what was recorded last."""
        rows = self.tracker.rows(f"{LISTS[kind]}?page_size=200")
        listed = {key_of(row): row for row in rows}
        known = {
            key: last for (type_, key), last in self.subjects.items() if type_ == kind and last
        }
        for key in sorted(listed.keys() ^ known.keys()):
            message = "in the chain only" if key in known else "in the list only"
            self.doubt(f"{kind} {key}", message)
        for key in sorted(listed.keys() & known.keys()):
            row, content = as_recorded(listed[key]), known[key]
            for name in LISTED_FIELDS[kind].split():
                if name == "goal_reason" and not row["goal"]:
                    continue  # The list gives the reason with the goal only.
                shown, recorded = (known_part(name, side.get(name)) for side in (row, content))
                if comparable({name: shown}) != comparable({name: recorded}):
                    self.doubt(f"{kind} {key}", f"its {name} differs from what the chain records")
            if kind == "commitment":
                self.compare_titles(key, listed[key])
                self.compare_status(key, row["status"])
        if kind == "commitment":
            self.compare_order(listed.values())

    def compare_titles(self, code, row):
        """Compare the titles of its goal and area in a row of a commitment with those recorded of
        the goal and the area of this number in its plan."""
        for kind in ("goal", "area"):
            if row[kind]:
                key = f"{row['plan']}-{row[kind]['number']}"
                recorded = self.subjects.get((kind, key)) or {}
                if comparable(row[kind]["title"]) != comparable(recorded.get("title")):
                    message = f"its {kind} has another title than the chain records"
                    self.doubt(f"commitment {code}", message)

    def compare_order(self, commitments):
        """Compare the order of each plan's commitments with what was recorded last."""
        order = {}
        for row in commitments:
            order.setdefault(row["plan"], []).append(row["number"])
        for plan, numbers in sorted(order.items()):
            if numbers != (self.subjects.get(("plan", plan)) or {}).get("commitments"):
                message = "its commitments are in another order than the chain records"
                self.doubt(f"plan {plan}", message)

    def compare_status(self, code, status):
        listed, known = (status["code"], status["update"]), self.current_status(code)
        if listed != known:
            self.doubt(f"commitment {code}", f"its status is {listed}, in the chain {known}")

    def current_status(self, code):
        """Return the current status and its update's id.

        The last published assessment counts, by effective_on, then published_at, then id.
        """
        assessments = [
            (known["content"]["effective_on"], known["published_at"], update)
            for update, known in self.updates.items()
            if known["commitment"] == code
            and known.get("state") == "published"
            and known.get("content", {}).get("status")
        ]
        if not assessments:
            return "unassessed", None
        update = max(assessments)[2]
        return self.updates[update]["content"]["status"], update


def check_signatures(checkpoint, key, witnesses, report):
    """Report each key that did not sign a checkpoint, and print what was signed."""
    if Ed25519PublicKey is None:
        print(NO_CRYPTOGRAPHY)
    for signer in (key, *witnesses):
        problem = checkpoint.problem_with(signer)
        if problem:
            report("checkpoint", problem)
    print(f"Checkpoint: {checkpoint.size} links of {checkpoint.origin}")
    for witness in witnesses:
        if Ed25519PublicKey and not checkpoint.problem_with(witness):
            print(f"Cosigned by {witness.name} at {checkpoint.cosigned_at(witness)}")


class CheckpointCheck:
    """Compares the tracker's checkpoint with the one that was kept, and with the links."""

    def __init__(self, check, options):
        self.check, self.options, self.keep = check, options, options.keep
        kept = json.loads(self.keep.read_text()) if self.keep and self.keep.exists() else None
        self.kept = kept and Checkpoint(kept["checkpoint"])
        note = check.tracker.text("ledger/checkpoint/")
        self.checkpoint = Checkpoint(note) if note else None
        self.key = options.key or (kept and Key(kept["key"]))
        if self.checkpoint and not self.key:
            self.key = Key(check.tracker.text("ledger/key/").removesuffix("\n"))
            print(f"The key is the tracker's own word; compare it elsewhere: {self.key.text}")
        for head in filter(None, (self.kept, self.checkpoint)):
            check.roots[head.size] = None

    def run(self):
        report = self.check.report
        if not self.checkpoint:
            if self.kept or self.key or self.options.witness:
                report("checkpoint", "the tracker has none")
            return
        check_signatures(self.checkpoint, self.key, self.options.witness, report)
        if self.checkpoint.origin != self.key.name:
            report("checkpoint", f"is of {self.checkpoint.origin}, the key of {self.key.name}")
        if self.kept and self.kept.size > self.checkpoint.size:
            report("checkpoint", f"has {self.checkpoint.size} links, the kept one {self.kept.size}")
        elif self.options.quick:
            self.check_proof()
        else:
            for name, head in (("", self.checkpoint), ("kept ", self.kept)):
                if head and self.check.roots[head.size] != head.root:
                    report(f"{name}checkpoint", f"the first {head.size} links have another root")

    def check_proof(self):
        if not self.kept:
            return
        sizes = f"from={self.kept.size}&to={self.checkpoint.size}"
        proof = Proof(self.check.tracker.text(f"ledger/consistency/?{sizes}"))
        roots = self.kept.root, self.checkpoint.root
        if not is_continued(self.kept.size, self.checkpoint.size, *roots, proof.hashes):
            self.check.report("checkpoint", "does not continue the one that was kept")

    def save(self):
        """Keep the checkpoint for the next time, unless there are differences, or may be."""
        if not (self.keep and self.checkpoint) or self.check.differences or self.check.doubts:
            return
        kept = {"key": self.key.text, "checkpoint": self.checkpoint.note}
        new = self.keep.with_name(f"{self.keep.name}.new")
        new.write_text(json.dumps(kept, indent=1))
        os.replace(new, self.keep)


def check_proof_file(options):
    """Check a proof without the tracker; return the exit code."""
    proof, differences = Proof(options.proof.read_text()), []

    def report(place, message):
        differences.append(message)
        print(f"{place}: {message}")

    if not (proof.extra or options.entry):
        raise ValueError("the proof has no public entry: pass its digest as --entry")
    digest = sha256(proof.extra) if proof.extra else options.entry
    if options.entry and digest != options.entry:
        report("proof", "is of another entry")
    checkpoint = proof.checkpoint
    check_signatures(checkpoint, options.key, options.witness, report)
    leaf = leaf_hash(digest)
    if not is_included(proof.number, checkpoint.size, leaf, proof.hashes, checkpoint.root):
        report("proof", "the entry is not in the checkpoint")
    entry = json.loads(proof.extra) if proof.extra else {}
    print(f"Link {proof.number + 1}: {json.dumps(entry) if entry else digest}")
    if options.content and sha256(options.content.read_bytes()) != entry.get("content_sha256"):
        report("content", "its digest is not that of the entry")
    print(f"differences: {len(differences)}")
    # A checkpoint that nobody signed proves nothing, whatever is in it.
    unsigned = 2 if Ed25519PublicKey is None else 0
    return 1 if differences else unsigned


def parse_key(text):
    return key_of_type(text, NOTE, "a ledger")


def parse_witness(text):
    return key_of_type(text, COSIGNATURE, "a witness")


def key_of_type(text, wanted, whose):
    try:
        key = Key(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}: {text}") from None
    if key.type != wanted:
        raise argparse.ArgumentTypeError(f"not the key of {whose}: {text}")
    return key


def parse_pin(text):
    seq, _colon, digest = text.partition(":")
    if not seq.isdigit() or len(digest) != len(GENESIS):
        raise argparse.ArgumentTypeError("a pin has the form SEQ:HASH")
    return int(seq), digest


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "address",
        nargs="?",
        help="the tracker's address, as in the browser, or the folder of a copy",
    )
    parser.add_argument("--pin", type=parse_pin, metavar="SEQ:HASH", help="a head recorded earlier")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="of the last checkpoint and key")
    parser.add_argument("--quick", action="store_true", help="check the checkpoint only")
    parser.add_argument("--key", type=parse_key, help="verifier key of the ledger")
    parser.add_argument(
        "--witness",
        type=parse_witness,
        action="append",
        default=[],
        metavar="KEY",
        help="verifier key of a witness that must have cosigned; may be repeated",
    )
    parser.add_argument("--proof", type=Path, metavar="FILE", help="a proof to check by itself")
    parser.add_argument("--content", type=Path, metavar="FILE", help="the content of its update")
    parser.add_argument("--entry", metavar="SHA256", help="the digest of its entry, if not public")
    options = parser.parse_args()
    if bool(options.address) == bool(options.proof):
        parser.error("give the address of a tracker, or a --proof")
    if options.proof and not options.key:
        parser.error("--proof needs the --key of the ledger")
    if options.quick and not options.keep:
        parser.error("--quick needs --keep")
    if options.quick and Path(options.address).is_dir():
        parser.error("--quick asks a tracker for a proof, which a copy cannot give")
    return options


def main():
    options = parse_options()
    if options.proof:
        return check_proof_file(options)
    folder = Path(options.address)
    tracker = Copy(folder) if folder.is_dir() else Tracker(options.address)
    check = Check(tracker)
    # Before the links, so that all of its links are among them.
    of_checkpoint = CheckpointCheck(check, options)
    if not options.quick:
        check.run(options.pin)
    of_checkpoint.run()
    if not options.quick:
        head = json.loads(tracker.get("ledger/head/"))
        if head["seq"] > check.seq:
            print(
                f"The ledger has grown to link {head['seq']} meanwhile: the next check reads what "
                "was added."
            )
        elif (head["seq"], head["hash"]) != (check.seq, check.hash):
            check.report("head", f"is {head['seq']}:{head['hash']}")
    of_checkpoint.save()
    for _of, place, message in check.doubts:
        print(f"not final: {place}: {message}")
    if check.doubts:
        print(
            "The ledger grew each time that this was looked at, so nothing final can be said of "
            "it: run the check again."
        )
    if options.quick:
        print(f"differences: {check.differences}")
    else:
        print(f"{check.seq} links, {len(check.updates)} updates; differences: {check.differences}")
        print(f"{check.seq}:{check.hash}")
    unsettled = 2 if check.doubts else 0
    return 1 if check.differences else unsettled


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UNREADABLE as error:
        # An unreadable tracker must look neither like a difference nor like a passed check.
        print(f"Cannot read the tracker: {error!r}", file=sys.stderr)
        sys.exit(2)
