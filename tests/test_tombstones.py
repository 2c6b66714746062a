"""Nothing of a retracted update's text and files reaches the public, whatever is asked and however.

Unmistakable words stand in every text and file of updates that are retracted in several ways. Every
path that the OpenAPI document names is then asked with every parameter that it names, so what is
added to the API later is asked too; and an update that stands shows that the sweep would find them.
"""

import hashlib
import io
import re
import zipfile
from datetime import timedelta
from itertools import chain, product

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from commitments import ledger
from commitments.bilingual import Text
from commitments.choices import Action, Role, State
from commitments.models import Decision, Evidence, ProgressUpdate
from commitments.urls import urlpatterns as page_routes
from tests.factories import ForumFactory, UserFactory
from tests.steps import NOW, TODAY, act, draft, published

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("a_day_later")]

HOUR = timedelta(hours=1)
WORD = "zqxmark"
# As long as the other: answers about the two are alike to the last byte.
NO_WORD = "zqxvoid"
REASON = "Withdrawn by its publisher."
# Only as they stand: published, one superseded; all retracted.
BEFORE, BETWEEN, AFTER = NOW + HOUR, NOW + 3 * HOUR, NOW + 6 * HOUR
LATER = NOW + 24 * HOUR
WAYS = ("alone", "fixes", "fixed", "last")

IN_TEXTS = ["en", "zh", "seen", "seenzh", "ref"]
IN_EVIDENCE = ["title", "by", "url", "cite", "lang", "name"]
INTERNAL = ["secret", "secretby", "secreturl"]
IN_NOTES = ["submitted", "returned", "again", "published"]
ARCHIVED = ["archived", "archnote"]
IN_ALL = IN_TEXTS + IN_EVIDENCE + INTERNAL + IN_NOTES + ARCHIVED


def marked(way, field):
    return f"{WORD}-{way}-{field}"


@pytest.fixture
def author(db):
    return UserFactory(username=marked("person", "author"), roles=[Role.REPORTER])


@pytest.fixture
def judge(db):
    return UserFactory(username=marked("person", "judge"), roles=[Role.REVIEWER])


@pytest.fixture
def forums(db):
    """One that only marked updates name, and one that nothing does."""
    return {word: ForumFactory(code=f"{word}-FORUM".upper()) for word in (WORD, NO_WORD)}


@pytest.fixture
def publishes(duty, author, judge, forums):
    """`publishes("alone", at)`: a published update with marks everywhere, archived too."""

    def publishes(way, at, **fields):
        def mark(field):
            return marked(way, field)

        def note(field):
            return f"It says {mark(field)}."

        said = {"kind": "report", "source": "independent"}
        link = {"title": mark("title"), "publisher": mark("by"), "language": mark("lang")}
        secret = {"title": mark("secret"), "publisher": mark("secretby"), "public": False}
        update = draft(
            duty,
            author,
            at,
            evidence=[
                {**said, **link, "url": f"https://example.org/{mark('url')}"},
                {**said, **link, "citation": f"Page 7 of {mark('cite')}."},
                {**said, **secret, "url": f"https://example.org/{mark('secreturl')}"},
            ],
            summary=Text(mark("en"), mark("zh")),
            search_note=Text(mark("seen"), mark("seenzh")),
            external_ref=mark("ref"),
            forums=[forums[WORD]],
            status="active",
            **fields,
        )
        # There is no other way to a file yet that is the same for all interfaces.
        content = mark("content").encode()
        Evidence.objects.create(
            update=update,
            title=mark("title"),
            file=ContentFile(content, name=mark("name")),
            file_name=f"{mark('name')}.txt",
            file_size=len(content),
            file_sha256=hashlib.sha256(content).hexdigest(),
            file_type="text/plain",
            **said,
        )
        act(update, Action.SUBMIT, author, at, note=note("submitted"))
        act(update, Action.RETURN, judge, at, note=note("returned"))
        act(update, Action.SUBMIT, author, at, note=note("again"))
        act(update, Action.PUBLISH, judge, at, note=note("published"))
        address = f"https://archive.example.org/{mark('archived')}"
        cited = update.evidence.get(url__contains=mark("url")).pk
        details = {"evidence": cited, "archived_url": address, "note": note("archnote")}
        return act(update, Action.ARCHIVE, judge, at, **details)

    return publishes


@pytest.fixture
def gone(duty, reporter, reviewer, judge, publishes):
    """Updates that are retracted, by what they were: alone, a correction, corrected, and the
    correction of that. Others on the commitment stand, one of them corrected."""
    plain = published(duty, reporter, reviewer, NOW, status="inactive")
    updates = {"alone": publishes("alone", NOW), "fixes": publishes("fixes", NOW, corrects=plain)}
    updates["fixed"] = publishes("fixed", NOW)
    updates["last"] = publishes("last", NOW + 2 * HOUR, corrects=updates["fixed"])
    for update in updates.values():
        act(update, Action.RETRACT, judge, NOW + 5 * HOUR, note=REASON)
    published(duty, reporter, reviewer, NOW + 5 * HOUR, status="partly_active")
    return {way: ProgressUpdate.objects.get(pk=row.pk) for way, row in updates.items()}


@pytest.fixture
def public(api, visitor):
    return {"anonymous": api(), "visitor": api(visitor)}


# What may be asked


class Asked:
    """What the OpenAPI document says can be asked, and what of it says something of updates."""

    def __init__(self, client, updates):
        self.document = client.get("/api/v1/schema/").json()
        evidence = Evidence.objects.filter(update__in=[row.pk for row in updates])
        ids = [str(row.pk) for row in updates]
        self.fill = {
            "plans": ["PLAN"],
            "forums": [f"{WORD}-FORUM".upper()],
            "offices": ["OFFICE"],
            "commitments": ["PLAN-1.1"],
            "updates": ids,
            "evidence": [str(row.pk) for row in evidence],
        }
        # For places that are not known yet, anything that may lead somewhere.
        entries = [str(row.seq) for row in Decision.objects.all()]
        self.anything = list(dict.fromkeys(chain(*self.fill.values(), entries)))

    def addresses(self, reading):
        """Every path, filled in, with the parameters of its GET."""
        for path, methods in self.document["paths"].items():
            if "get" not in methods and reading:
                continue
            place = path.removeprefix("/api/v1/").partition("/")[0]
            parameters = methods.get("get", {}).get("parameters", [])
            query = {item["name"]: item["schema"] for item in parameters if item["in"] == "query"}
            for value in self.fill.get(place, self.anything) if "{" in path else [""]:
                yield re.sub(r"\{\w+\}", value, path), query
        if reading:
            yield from (("/api/v1/schema/", {}), ("/api/v1/docs/", {}))
            yield from self.pages()

    def pages(self):
        """Every public page, in both languages; those of a forum name it, which is no secret."""
        fill = {"plan": "PLAN", "number": "1.1", "code": f"{WORD}-FORUM".upper()}
        clocks = {name: {"format": "date-time"} for name in ("as_of", "known_at")}
        clocks["as_of"] = {"format": "date"}
        for entry in page_routes:
            for language in ("en", "zh-hans"):
                place = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: fill[name[1]], str(entry.pattern))
                yield f"/{language}/{place}", clocks

    def queries(self, parameters):
        """Each parameter with each value that selects something, under both sorts of clock."""
        plan = {"plan": "PLAN"} if "plan" in parameters else {}
        yield {}
        for moment in (BEFORE, BETWEEN, AFTER) if "known_at" in parameters else ():
            yield plan | {"known_at": moment.isoformat()}
        for name, schema in parameters.items():
            for value in values_of(name, schema):
                yield plan | {name: value}
                if "known_at" in parameters and name != "known_at":
                    yield plan | {"known_at": BEFORE.isoformat(), name: value}
        for form in ("csv", "xlsx", "ogp", "json", "api", "atom"):
            yield plan | {"format": form}
            if "known_at" in parameters:
                yield plan | {"known_at": BEFORE.isoformat(), "format": form}

    def words(self, parameters):
        """Names of the parameters in which any word can be sent."""
        for name, schema in parameters.items():
            single = schema.get("items", schema)
            if single.get("type") == "string" and not {"enum", "format"} & set(single):
                yield name


def values_of(name, schema):
    schema = schema.get("items", schema)
    if "enum" in schema:
        return schema["enum"]
    if schema.get("format") == "date":
        return [str(TODAY - timedelta(days=30)), str(TODAY)]
    if schema.get("format") == "date-time":
        return [moment.isoformat() for moment in (BEFORE, BETWEEN, AFTER)]
    if schema.get("type") == "integer":
        return [1, 200]
    return {"plan": ["PLAN"], "commitment": ["PLAN-1.1"], "office": ["OFFICE"]}.get(name, [])


def said(answer):
    """All that an answer says, also inside of what is packed."""
    assert answer.status_code < 500
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    texts = [f"{name}: {value}" for name, value in answer.headers.items()]
    texts.append(body.decode(errors="replace"))
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            texts += [packed.read(name).decode(errors="replace") for name in packed.namelist()]
    return "\n".join(texts)


def secrets_of(updates):
    """What is no word of ours and would still tell: files, and salts that hide a text or name."""
    secrets = []
    for update in updates:
        secrets.append(update.internal_salt)
        for row in update.evidence.exclude(file=""):
            secrets += [row.file.name, row.file_sha256]
        for decision in update.decisions.all():
            secrets.append(decision.actor_salt)
            if decision.action not in (Action.RETRACT, Action.SUPERSEDE):
                secrets.append(decision.note_salt)
    return secrets


def found_in(text, address, secrets):
    text = text.lower()
    words = set(re.findall(rf"{WORD}-\w+(?:-\w+)?", text))
    if "/forums/" in address:  # that there is such a forum is no secret
        words.discard(f"{WORD}-forum")
    return words | {secret for secret in secrets if secret in text}


def swept(client, updates):
    """Where something that is marked comes to light: by what, the requests; and all that answered
    with something. Each list is followed to its end in short pages too."""
    asked, secrets = Asked(client, updates), secrets_of(updates)
    light, answered = {}, set()

    def look(answer, method, address, query):
        for word in found_in(said(answer), address, secrets):
            light.setdefault(word, []).append((method, address, query))

    for address, parameters in asked.addresses(reading=True):
        for query in asked.queries(parameters):
            answer = client.get(address, query)
            look(answer, "GET", address, query)
            answered |= {address} if answer.status_code == 200 else set()
        look(client.head(address), "HEAD", address, {})
        following = f"{address}?page_size=1" if "page_size" in parameters else None
        while following:
            answer = client.get(following)
            look(answer, "GET", following, {})
            following = answer.json().get("next")
    for address, _parameters in asked.addresses(reading=False):
        look(client.options(address), "OPTIONS", address, {})
    return light, answered


# The tests

READERS = pytest.mark.parametrize(
    "persona", ["anonymous", pytest.param("visitor", marks=pytest.mark.long)]
)


@pytest.mark.long
@READERS
def test_nothing_of_retracted_updates_comes_to_light(public, office, gone, persona):
    light, answered = swept(public[persona], gone.values())
    assert light == {}
    for place in ("commitments/", "commitments/PLAN-1.1/", "updates/", "status/", "ledger/head/"):
        assert f"/api/v1/{place}" in answered
    assert {f"/api/v1/updates/{update.pk}/" for update in gone.values()} <= answered


@pytest.mark.long
def test_the_sweep_finds_what_is_published(public, office, publishes):
    """Or it would prove nothing: text and public evidence, and nothing that is for staff."""
    update = publishes("alone", NOW)
    light, _answered = swept(public["anonymous"], [update])
    [file], archived = update.evidence.exclude(file=""), update.decisions.get(action=Action.ARCHIVE)
    expected = {marked("alone", name) for name in IN_TEXTS + IN_EVIDENCE + ARCHIVED}
    expected |= {f"{WORD}-forum", file.file_sha256}
    # The file's content and the ledger's links have addresses of their own.
    assert expected <= set(light) <= expected | {marked("alone", "content"), archived.note_salt}


@READERS
def test_a_word_of_a_retracted_update_finds_what_a_word_of_nothing_finds(
    public, office, gone, persona
):
    """Answers may repeat the word that was asked for, and differ in nothing else."""
    client, asked = public[persona], Asked(public["anonymous"], gone.values())
    texts = [marked(way, field) for way in WAYS for field in ("en", "seen")]
    words = [*texts, *(marked("alone", field) for field in IN_ALL), f"{WORD}-FORUM".upper()]
    different, compared = [], set()
    for address, parameters in asked.addresses(reading=True):
        then = [{"known_at": BEFORE.isoformat()}] if "known_at" in parameters else []
        for name, word in product(asked.words(parameters), words):
            if name != "q" and word not in (texts[0], words[-1]):
                continue
            nothing = word.replace(WORD, NO_WORD).replace(WORD.upper(), NO_WORD.upper())
            for clock in [{}, *(then if word in texts or name != "q" else [])]:
                one, other = (client.get(address, {name: w, **clock}) for w in (word, nothing))
                bodies = [
                    re.sub(f"{WORD}|{NO_WORD}", "", answer.content.decode().lower())
                    for answer in (one, other)
                ]
                if (one.status_code, bodies[0]) != (other.status_code, bodies[1]):
                    different.append((address, name, word, clock))
                compared |= {(address, name)} if one.status_code == 200 else set()
    assert different == []
    for place in ("updates", "commitments", "status"):
        assert {(f"/api/v1/{place}/", name) for name in ("q", "forum")} <= compared


@pytest.mark.parametrize("persona", ["anonymous", "visitor", "author without a role"])
def test_a_tombstone_shows_commitment_dates_status_code_reason_and_digest(
    api, public, gone, author, persona
):
    author.groups.clear()
    client = public.get(persona) or api(User.objects.get(pk=author.pk))
    rows = {row["id"]: row for row in client.get("/api/v1/updates/").json()["results"]}
    for way, update in gone.items():
        shown = client.get(f"/api/v1/updates/{update.pk}/").json()
        assert rows[update.pk] == shown
        assert (shown["commitment"], shown["status"]) == ("PLAN-1.1", "active")
        assert (shown["state"], shown["effective_on"]) == (State.RETRACTED, str(TODAY))
        assert shown["published_at"]
        assert shown["retracted_at"]
        assert shown["content_sha256"] == ledger.sha256_of(ledger.content(update))
        acts = {row["action"]: row["note"] for row in shown["decisions"]}
        superseded = {"supersede": ""} if way == "fixed" else {}
        assert acts == {"publish": None, **superseded, "retract": REASON}
        assert (shown["evidence"], shown["forums"]) == ([], [])
        for name in ("summary", "search_note"):
            assert shown[name] == {"en": "", "zh": ""}


@pytest.mark.parametrize(
    ("moment", "ways"),
    [(BEFORE, {"alone", "fixes", "fixed"}), (BETWEEN, {"alone", "fixes", "last"}), (AFTER, set())],
)
def test_a_tombstone_is_one_under_every_clock(public, gone, moment, ways):
    for client in public.values():
        query = {"known_at": moment.isoformat()}
        rows = client.get("/api/v1/updates/", query).json()["results"]
        tombstones = {row["id"] for row in rows if row["summary"] == {"en": "", "zh": ""}}
        assert tombstones == {gone[way].pk for way in ways}
        assert {row["id"] for row in rows if row["state"] == "retracted"} == tombstones


@pytest.mark.parametrize("person", ["author", "reviewer", "curator", "administrator"])
def test_staff_still_see_all_of_it(api, request, gone, person):
    client = api(request.getfixturevalue(person))
    for way, update in gone.items():
        text = said(client.get(f"/api/v1/updates/{update.pk}/"))
        assert {name for name in IN_ALL if marked(way, name) not in text} == set()
        for evidence in update.evidence.all():
            assert client.get(f"/api/v1/evidence/{evidence.pk}/").status_code == 200
        for query in ({"q": marked(way, "en")}, {"forum": f"{WORD}-FORUM".upper()}):
            listed = client.get("/api/v1/updates/", query).json()["results"]
            assert update.pk in [row["id"] for row in listed]
