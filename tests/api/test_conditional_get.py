"""304 to anonymous callers, and answers that are kept for others: cheap, and never stale, whatever
changed."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.api import response_cache
from commitments.choices import Action, LinkStatus
from commitments.importing import plan_load
from commitments.links import checks
from commitments.links.probe import ProbeResult
from commitments.models import Evidence
from commitments.texts.text import Text
from tests import steps
from tests.examples import some
from tests.record import amend_text

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("built_record", "cached_responses"),
]

LISTS = ["plans", "goals", "areas", "forums", "offices", "milestones", "meetings"]
LISTS += ["updates", "commitments"]
PATHS = [
    *(f"{name}/" for name in LISTS),
    "plans/ISCC/",
    "forums/BRI/",
    "commitments/ISCC-9.1/",
    "commitments/ISCC-9.1/history/",
    "commitments/?as_of=2026-07-01",
    "updates/?known_at=2026-07-01T08:00:00Z",
    "status/",
    "status/?plan=ISCC&group_by=goal",
    "status/trend/?plan=ISCC&by=year",
    "status/grid/?plan=ISCC&by=year",
    "status/compare/?plan=ISCC&from=2025-07-01",
    "changes/",
    "data/ISCC/",
    "data/ISCC/datapackage.json",
]
PAGES = [
    "/en/",
    "/zh-hans/",
    "/en/search/?q=forum",
    "/en/ISCC/",
    "/zh-hans/ISCC/commitments/?status=active",
    "/en/ISCC/commitments/9.1/",
    "/en/ISCC/commitments/9.1/?as_of=2026-07-01",
    "/en/ISCC/forums/BRI/",
    "/en/ISCC/changes/",
    "/en/ISCC/methodology/",
    "/en/ISCC/data/",
    "/embed/en/ISCC/",
]
# Each takes long to make anew.
FEW_PAGES = ["/en/", "/en/ISCC/commitments/9.1/", "/embed/en/ISCC/"]
# An afternoon in Shanghai, after all of the record.
NOW = datetime(2026, 7, 2, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.long
def test_what_is_the_same_is_not_sent_again(record, ask, django_assert_max_num_queries):
    for path in PATHS:
        first = ask(path)
        assert first.status_code == 200
        tag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "public, no-cache"
        assert "Authorization" in first.headers["Vary"]
        with django_assert_max_num_queries(2):
            again = ask(path, tag)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)


@pytest.mark.long
def test_who_asks_next_gets_what_was_kept(record, ask, django_assert_max_num_queries):
    for path in [*PATHS, *PAGES]:
        first = ask(path)
        assert first.status_code == 200, path
        # One more where the address names a plan.
        with django_assert_max_num_queries(2):
            again = ask(path)
        assert again.content == first.content
        headers = [dict(answer.headers) | {"X-Request-ID": ""} for answer in (first, again)]
        assert headers[0] == headers[1]
        with django_assert_max_num_queries(2):
            assert ask(path, first.headers["ETag"]).status_code == 304


@pytest.mark.long
def test_nothing_is_read_before_the_tag(record, ask):
    """A change in between would be missing from what is kept under the later tag."""
    for path in [*PATHS, *PAGES]:
        with CaptureQueriesContext(connection) as queries:
            ask(path)
        columns = re.findall(r'AS "(\w+)"', queries[0]["sql"])
        assert columns == ["code", "revision", "time_zone", "size", "checkpoint_size"], path


@pytest.mark.long
def test_pages_may_be_stored_but_are_asked_for_again(record, ask):
    answer = ask("/en/ISCC/")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    # Others show it in their own pages.
    assert ask("/embed/en/ISCC/").headers["Cache-Control"] == "public, max-age=300"


def test_what_asks_for_other_languages_is_kept_apart(record, ask):
    path = "commitments/?x=1"
    sentences = {ask(path, **{"Accept-Language": tag}).json()["detail"] for tag in ("en", "zh")}
    tags = {ask("commitments/", **{"Accept-Language": tag}).headers["ETag"] for tag in ("en", "zh")}
    assert (len(sentences), len(tags)) == (2, 2)


@pytest.mark.long
def test_nothing_is_kept_of_a_refusal_or_of_what_is_too_large(record, ask, monkeypatch):
    monkeypatch.setattr(response_cache, "MAX_CACHED_BYTES", 10)
    tag = ask("/en/ISCC/").headers["ETag"]
    assert response_cache.cached_response(tag) is None
    monkeypatch.undo()
    assert ask("/en/NONE/").status_code == 404
    ask("/en/ISCC/")
    assert response_cache.cached_response(tag).content == ask("/en/ISCC/").content


@pytest.mark.long
def test_a_page_of_who_has_signed_in_is_neither_kept_nor_taken_from_what_is(
    record, ask, client, reporter
):
    tag = ask("/en/ISCC/").headers["ETag"]
    caches["responses"].clear()
    client.force_login(reporter)
    answer = ask("/en/ISCC/", tag)
    assert answer.status_code == 200
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert response_cache.cached_response(tag) is None


def test_a_tag_is_known_weakened_and_among_others(plan, ask):
    tag = ask("commitments/").headers["ETag"]
    for given in (f"W/{tag}", f'"other", {tag}'):
        assert ask("commitments/", given).status_code == 304
    assert ask("commitments/", '"other"').status_code == 200


@pytest.mark.long
def test_each_address_has_a_tag_of_its_own(record, ask):
    tags = {ask(path).headers["ETag"] for path in [*PATHS, *PAGES]}
    assert len(tags) == len(PATHS) + len(PAGES)


def midnight(record, people, world):
    """In Shanghai, while in UTC it is the same day still."""
    world.move_to(NOW.replace(hour=16))


def publication(record, people, world):
    steps.published(record.duty, people.reporter, people.reviewer, world_now(), status="contrary")


def retraction(record, people, world):
    perform(record.published, Action.RETRACT, people.reviewer, note="Wrong.")


def archive(record, people, world):
    link = record.published.evidence.get()
    address = "https://archive.example.org/1"
    details = {"evidence": link.pk, "archived_url": address}
    perform(record.published, Action.ARCHIVE, people.reviewer, **details)


def amendment(record, people, world):
    amend_text("9.1", "A third other wording.", people.curator, world_now())


def another_plan(record, people, world):
    document = {
        "format": 1,
        "plan": {
            "code": "TOWN",
            "languages": ["en"],
            "title": {"en": "Town"},
            "time_zone": "UTC",
        },
        "commitments": [
            {"number": "1", "title": {"en": "Do"}, "text": {"en": "Do."}, "kind": "standing"}
        ],
    }
    plan_load.load_plan(document, at=world_now())


def link_check(record, people, world):
    item = Evidence.objects.public_links().first()
    now = world_now()
    checks.record_probe(item.url, ProbeResult(LinkStatus.GONE, "404"), now, before=now)


def release(record, people, world):
    people.settings.RELEASE = "another"


def operator(record, people, world):
    people.settings.SITE_OPERATOR = "Another ministry"


def curators_edit(record, people, world):
    edit(people, f"/admin/commitments/commitment/{record.duty.pk}/change/", note_en="A remark.")


def forum_edit(record, people, world):
    pk = record.duty.forums.get().pk
    edit(people, f"/admin/commitments/forum/{pk}/change/", name_en="Another name")


def world_now():
    return datetime.now(UTC)


def perform(update, action, by, **details):
    steps.perform(update, action, by, world_now(), **details)


def edit(people, address, **fields):
    """A curator changes some fields of a form of the staff side."""
    browser = people.browser
    browser.force_login(people.curator)
    page = browser.get(address)
    forms = [page.context["adminform"].form]
    for formset in page.context.get("inline_admin_formsets", ()):
        forms += [formset.formset.management_form, *formset.formset.forms]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, Text):
                data |= {f"{field.html_name}_{tag}": words for tag, words in value.items()}
            elif value is not None and value is not False:
                data[field.html_name] = value
    prefix = {"reason": "Because."}
    answer = browser.post(address, data | prefix | fields)
    assert answer.status_code == 302, answer.context["errors"]
    browser.logout()


# A quick run makes a change of each sort, and asks for one address of each resource.
CHANGES = [
    publication,
    pytest.param(archive, marks=pytest.mark.long),
    pytest.param(retraction, marks=pytest.mark.long),
    amendment,
    pytest.param(another_plan, marks=pytest.mark.long),
    link_check,
    pytest.param(release, marks=pytest.mark.long),
    pytest.param(operator, marks=pytest.mark.long),
    curators_edit,
    pytest.param(forum_edit, marks=pytest.mark.long),
    midnight,
]


def resource(path):
    return path.partition("/")[0] or "page"


@pytest.mark.long
@pytest.mark.sampled
@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_stale_after_anything_that_could_show(
    record, ask, reporter, reviewer, curator, settings, client, change
):
    people = SimpleNamespace(
        reporter=reporter,
        reviewer=reviewer,
        curator=curator,
        settings=settings,
        browser=client.__class__(),
    )
    with time_machine.travel(NOW, tick=False) as world:
        tags = {path: ask(path).headers["ETag"] for path in some([*PATHS, *FEW_PAGES], resource)}
        change(record, people, world)
        found = {path: ask(path, tag) for path, tag in tags.items()}
        assert {path: answer.status_code for path, answer in found.items()} == dict.fromkeys(
            tags, 200
        )
        # What is now kept is what is true now.
        kept = {path: ask(path).content for path in tags}
        caches["responses"].clear()
        assert {path: ask(path).content for path in tags} == kept


@pytest.mark.long
@pytest.mark.sampled
def test_who_signs_in_gets_no_tag_and_keeps_nothing(record, ask, api, reporter):
    for path in some(PATHS, resource):
        tag = ask(path).headers["ETag"]
        answer = api(reporter).get(f"/api/v1/{path}", headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert "ETag" not in answer.headers
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_tag_of_a_single_update_begins_with_its_revision(record, ask):
    path = f"updates/{record.published.pk}/"
    tag = ask(path).headers["ETag"]
    assert re.fullmatch(r'"3\.[0-9a-f]{32}"', tag)
    assert ask(path, tag).status_code == 304
    assert ask(path, '"3"').status_code == 200
    assert ask(path).headers["ETag"] == tag


@pytest.mark.parametrize("path", ["commitments/?x=1", "commitments/NONE-1/", "status/?plan=X"])
def test_a_refusal_has_no_tag(plan, ask, path):
    tag = ask("commitments/").headers["ETag"]
    answer = ask(path, tag)
    assert answer.status_code in (400, 404)
    assert "ETag" not in answer.headers


def test_a_head_request_is_answered_alike(plan, client):
    tag = client.get("/api/v1/commitments/").headers["ETag"]
    answer = client.head("/api/v1/commitments/", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.headers["ETag"]) == (304, tag)


def test_a_day_passes_in_utc_too_where_there_is_no_plan(ask):
    with time_machine.travel(NOW, tick=False) as world:
        tag = ask("plans/").headers["ETag"]
        assert ask("plans/", tag).status_code == 304
        world.shift(timedelta(days=1))
        assert ask("plans/", tag).status_code == 200
