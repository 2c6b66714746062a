"""No text or file of a retracted update reaches the public.

Every text and file of the updates contains a marker, and the updates are retracted in several ways.
Then every path in the OpenAPI document is requested with every parameter in it, so that additions
to the API are covered too. A published update shows that the markers would be found.
"""

import hashlib
import re
from copy import deepcopy
from itertools import product

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from commitments import ledger
from commitments.choices import Action, Role, State
from commitments.models import Evidence, ProgressUpdate
from tests.access.sweep import AFTER, BEFORE, BETWEEN, HOUR, WORD, Requests, sweep, text_of
from tests.factories import ForumFactory, UserFactory
from tests.fixtures.worlds import people, shared_world, the_duty, the_plan
from tests.steps import NOW, TODAY, draft, perform, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("a_day_later"), pytest.mark.django_db]

# As long as the marker, so that responses about the two have the same length.
NO_WORD = "zqxvoid"
REASON = "Withdrawn by its publisher."
LATER = NOW + 24 * HOUR
WAYS = ("alone", "fixes", "fixed", "last")

IN_TEXTS = ["en", "zh", "search", "searchzh", "ref"]
IN_EVIDENCE = ["title", "by", "url", "cite", "name"]
INTERNAL = ["secret", "secretby", "secreturl"]
IN_NOTES = ["submitted", "returned", "again", "published"]
ARCHIVED = ["archived", "archnote"]
IN_ALL = IN_TEXTS + IN_EVIDENCE + INTERNAL + IN_NOTES + ARCHIVED


def marked(way, field):
    return f"{WORD}-{way}-{field}"


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    """The retracted updates by the way in which they were retracted, and the people and the duty
    of `publish_marked`."""
    with shared_world(django_db_blocker):
        reporter, reviewer, _curator = people()
        place = {
            "duty": the_duty(the_plan()),
            "author": UserFactory(username=marked("person", "author"), roles=[Role.REPORTER]),
            "publisher": UserFactory(username=marked("person", "publisher"), roles=[Role.REVIEWER]),
            # A forum that only marked updates name, and one that no update names.
            "forum": ForumFactory(code=f"{WORD}-FORUM".upper()),
        }
        ForumFactory(code=f"{NO_WORD}-FORUM".upper())
        yield retract_in_many_ways(place, reporter, reviewer), place


def publish_marked(place, way, at, **fields):
    """Publish an update with markers in all its texts and files, and add an archived address."""

    def mark(field):
        return marked(way, field)

    def note(field):
        return f"It says {mark(field)}."

    author, publisher = place["author"], place["publisher"]
    facts = {"kind": "report", "source": "independent"}
    link = {"title": mark("title"), "publisher": mark("by"), "language": "de"}
    secret = {"title": mark("secret"), "publisher": mark("secretby"), "public": False}
    update = draft(
        place["duty"],
        author,
        at,
        evidence=[
            {**facts, **link, "url": f"https://example.org/{mark('url')}"},
            {**facts, **link, "citation": f"Page 7 of {mark('cite')}."},
            {**facts, **secret, "url": f"https://example.org/{mark('secreturl')}"},
        ],
        summary=en_zh(mark("en"), mark("zh")),
        search_note=en_zh(mark("search"), mark("searchzh")),
        external_ref=mark("ref"),
        forums=[place["forum"]],
        status="active",
        **fields,
    )
    # There is no other way to a file yet that is the same for all interfaces.
    content = mark("content").encode()
    Evidence.objects.create(
        update=update,
        title=en_zh(mark("title")),
        file=ContentFile(content, name=mark("name")),
        file_name=f"{mark('name')}.txt",
        file_size=len(content),
        file_sha256=hashlib.sha256(content).hexdigest(),
        file_type="text/plain",
        **facts,
    )
    perform(update, Action.SUBMIT, author, at, note=note("submitted"))
    perform(update, Action.RETURN, publisher, at, note=note("returned"))
    perform(update, Action.SUBMIT, author, at, note=note("again"))
    perform(update, Action.PUBLISH, publisher, at, note=note("published"))
    address = f"https://archive.example.org/{mark('archived')}"
    cited = update.evidence.get(url__contains=mark("url")).pk
    details = {"evidence": cited, "archived_url": address, "note": note("archnote")}
    return perform(update, Action.ARCHIVE, publisher, at, **details)


def retract_in_many_ways(place, reporter, reviewer):
    """Return retracted updates: one alone, a correction, a corrected update, and the correction of
    that. Other updates on the commitment are published, one of them was corrected."""
    plain = published(place["duty"], reporter, reviewer, NOW, status="inactive")
    updates = {
        "alone": publish_marked(place, "alone", NOW),
        "fixes": publish_marked(place, "fixes", NOW, corrects=plain),
    }
    updates["fixed"] = publish_marked(place, "fixed", NOW)
    updates["last"] = publish_marked(place, "last", NOW + 2 * HOUR, corrects=updates["fixed"])
    for update in updates.values():
        perform(update, Action.RETRACT, place["publisher"], NOW + 5 * HOUR, note=REASON)
    published(place["duty"], reporter, reviewer, NOW + 5 * HOUR, status="partly_active")
    return {way: ProgressUpdate.objects.get(pk=row.pk) for way, row in updates.items()}


@pytest.fixture
def retracted(db, built):
    """The retracted updates, by the way in which they were retracted."""
    return deepcopy(built[0])


@pytest.fixture
def author(db, built):
    """Who wrote what was retracted."""
    return User.objects.get(pk=built[1]["author"].pk)


@pytest.fixture
def public(api, visitor):
    return {"anonymous": api(), "visitor": api(visitor)}


READERS = pytest.mark.parametrize("persona", ["anonymous", "visitor"])


@pytest.mark.long
@READERS
def test_no_request_reveals_a_retracted_update(public, office, retracted, persona):
    revealed, answered = sweep(public[persona], retracted.values())
    assert revealed == {}
    for place in ("commitments/", "commitments/PLAN-1.1/", "updates/", "status/", "ledger/head/"):
        assert f"/api/v1/{place}" in answered
    assert {f"/api/v1/updates/{update.pk}/" for update in retracted.values()} <= answered


@pytest.mark.long
def test_the_sweep_finds_what_is_published(public, office, built):
    """This shows that the sweep works: it finds text and public evidence, and nothing for staff."""
    update = publish_marked(deepcopy(built[1]), "shown", NOW + 5 * HOUR)
    revealed, _answered = sweep(public["anonymous"], [update])
    [file], archived = update.evidence.exclude(file=""), update.decisions.get(action=Action.ARCHIVE)
    expected = {marked("shown", name) for name in IN_TEXTS + IN_EVIDENCE + ARCHIVED}
    expected |= {f"{WORD}-forum", file.file_sha256}
    # The content of the file and the salt of the archived address may be found as well.
    assert expected <= set(revealed) <= expected | {marked("shown", "content"), archived.note_salt}


# A quick run looks for a text of each sort.
SEARCHES = [
    ("anonymous", ("fixed",), ("title", "secret", "submitted", "archnote")),
    pytest.param("anonymous", WAYS, IN_ALL, marks=pytest.mark.long),
    pytest.param("visitor", WAYS, IN_ALL, marks=pytest.mark.long),
]


@pytest.mark.long
@pytest.mark.parametrize(("persona", "ways", "fields"), SEARCHES)
def test_a_marker_of_a_retracted_update_finds_no_more_than_an_unused_word(
    public, office, retracted, persona, ways, fields
):
    """Responses may repeat the word in the request, and differ in nothing else."""
    client, requests = public[persona], Requests(public["anonymous"], retracted.values())
    texts = [marked(way, field) for way in ways for field in ("en", "search")]
    words = [*texts, *(marked("alone", field) for field in fields), f"{WORD}-FORUM".upper()]
    different, compared = [], set()
    for address, parameters in requests.addresses(reading=True):
        then = [{"known_at": BEFORE.isoformat()}] if "known_at" in parameters else []
        for name, word in product(requests.words(parameters), words):
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
    api, public, retracted, author, persona
):
    author.groups.clear()
    client = public.get(persona) or api(User.objects.get(pk=author.pk))
    rows = {row["id"]: row for row in client.get("/api/v1/updates/").json()["results"]}
    for way, update in retracted.items():
        shown = client.get(f"/api/v1/updates/{update.pk}/").json()
        assert rows[update.pk] == shown
        assert (shown["commitment"], shown["status"]) == ("PLAN-1.1", "active")
        assert (shown["state"], shown["effective_on"]) == (State.RETRACTED, str(TODAY))
        assert shown["published_at"]
        assert shown["retracted_at"]
        assert shown["content_sha256"] == ledger.sha256_of(
            ledger.canonical_content(update, ledger.current_version())
        )
        actions = {row["action"]: row["note"] for row in shown["decisions"]}
        superseded = {"supersede": ""} if way == "fixed" else {}
        assert actions == {"publish": None, **superseded, "retract": REASON}
        assert (shown["evidence"], shown["forums"]) == ([], [])
        for name in ("summary", "search_note"):
            assert shown[name] == {}


@pytest.mark.parametrize(
    ("time", "ways"),
    [(BEFORE, {"alone", "fixes", "fixed"}), (BETWEEN, {"alone", "fixes", "last"}), (AFTER, set())],
)
def test_a_tombstone_is_the_same_at_every_time(public, retracted, time, ways):
    for client in public.values():
        query = {"known_at": time.isoformat()}
        rows = client.get("/api/v1/updates/", query).json()["results"]
        tombstones = {row["id"] for row in rows if row["summary"] == {}}
        assert tombstones == {retracted[way].pk for way in ways}
        assert {row["id"] for row in rows if row["state"] == "retracted"} == tombstones


@pytest.mark.parametrize("query", [{"event_type": "statement"}, {"external_ref": "REF-7"}])
def test_only_staff_find_it_by_what_its_tombstone_does_not_show(
    api, duty, reporter, reviewer, curator, visitor, query
):
    update = published(
        duty, reporter, reviewer, NOW + 6 * HOUR, event_type="statement", external_ref="REF-7"
    )
    perform(update, Action.RETRACT, reviewer, NOW + 8 * HOUR, note=REASON)

    def found_by(client, **more):
        rows = client.get("/api/v1/updates/", {**query, **more}).json()["results"]
        return [row["id"] for row in rows]

    for client in (api(), api(visitor)):
        assert found_by(client) == found_by(client, state="retracted") == []
        assert found_by(client, known_at=(NOW + 7 * HOUR).isoformat()) == []
    assert found_by(api(curator)) == [update.pk]


@pytest.mark.long
@pytest.mark.parametrize("person", ["author", "reviewer", "curator", "administrator"])
def test_staff_still_see_all_of_it(api, request, retracted, person):
    client = api(request.getfixturevalue(person))
    for way, update in retracted.items():
        text = text_of(client.get(f"/api/v1/updates/{update.pk}/"))
        assert {name for name in IN_ALL if marked(way, name) not in text} == set()
        for evidence in update.evidence.all():
            assert client.get(f"/api/v1/evidence/{evidence.pk}/").status_code == 200
        for query in ({"q": marked(way, "en")}, {"forum": f"{WORD}-FORUM".upper()}):
            listed = client.get("/api/v1/updates/", query).json()["results"]
            assert update.pk in [row["id"] for row in listed]
