"""A draft plan is for staff: the public sees nothing of it until a curator makes it public, and
then its record begins."""

import csv
from copy import deepcopy
from datetime import timedelta
from importlib import import_module
from io import StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from commitments.choices import Action
from commitments.exceptions import ActionRefused
from commitments.importing import plan_load
from commitments.ledger import format_utc
from commitments.models import Commitment, Criterion, Decision, KnownDate, Plan, RecordedContent
from tests.documents import edited
from tests.fixtures.worlds import shared_world
from tests.importing.town import VALID
from tests.steps import NOW, perform, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

HOUR = timedelta(hours=1)
DRAFT = edited(VALID, ("plan.visibility", "draft"))
REST = [
    "plans/TOWN/",
    "commitments/TOWN-A.1/",
    "commitments/TOWN-A.1/history/",
    "plans/TOWN/history/",
    "contents/plan/TOWN/",
    "contents/commitment/TOWN-A.1/",
    "contents/goal/TOWN-1/",
]
LISTS = ["plans/", "goals/", "areas/", "commitments/", "milestones/", "contents/", "changes/"]
PAGES = [
    "",
    "commitments/",
    "commitments/A.1/",
    "commitments/A.1/history/",
    "goals/1/",
    "forums/",
    "matrix/",
    "changes/",
    "changes.atom",
    "methodology/",
    "data/",
]


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield plan_load.load_plan(DRAFT, at=NOW).plan


@pytest.fixture
def draft(db, loaded):
    """A plan of which only its staff know."""
    return deepcopy(loaded)


@pytest.fixture
def make_public(admin_page):
    def make_public(plan, **columns):
        sent = {"visibility": "public", "reason": "The council adopted it.", **columns}
        return admin_page(plan, sent)

    return make_public


PLAN_FIELDS = ("review_interval_days", "expected_version", "visibility", "second_rating")


@pytest.fixture
def admin_page(client, curator):
    """Send the form of a plan as the curator, with its other values as they are."""

    def send(plan, sent):
        client.force_login(curator)
        path = f"/admin/commitments/plan/{plan.pk}/change/"
        form = client.get(path).context["adminform"].form
        values = {name: form[name].value() for name in PLAN_FIELDS}
        return client.post(path, values | {"notice_en": "", "licence_en": ""} | sent)

    return send


@pytest.mark.parametrize("path", REST)
def test_the_api_does_not_know_it(draft, api, reviewer, path):
    assert api().get(f"/api/v1/{path}").status_code == 404


@pytest.mark.parametrize("path", LISTS)
def test_no_list_of_the_api_has_it(draft, api, path):
    answer = api().get(f"/api/v1/{path}")
    assert answer.status_code == 200
    assert "TOWN" not in answer.content.decode()


@pytest.mark.long
def test_a_filter_by_it_is_as_by_a_plan_that_is_not_there(draft, api, reviewer):
    # The description of the API asks for the fields of the filters, which nobody may keep.
    assert api().get("/api/v1/schema/").status_code == 200
    for path in ("commitments/", "status/", "goals/", "changes/", "milestones/"):
        answer = api().get(f"/api/v1/{path}?plan=TOWN")
        assert answer.status_code == 400
        assert "TOWN" not in str(answer.json()["errors"][0].get("allowed", ""))
        assert api(reviewer).get(f"/api/v1/{path}?plan=TOWN").status_code == 200


@pytest.mark.parametrize("path", ["updates/", "evidence/", "changes/", "milestones/"])
def test_a_filter_by_its_commitments_is_as_by_one_that_is_not_there(draft, api, reviewer, path):
    refused = [api().get(f"/api/v1/{path}?commitment=TOWN-{n}") for n in ("A.1", "A.99")]
    assert [answer.status_code for answer in refused] == [400, 400]
    first, second = (answer.json()["errors"] for answer in refused)
    assert str(first).replace("A.1", "A.99") == str(second)
    assert api(reviewer).get(f"/api/v1/{path}?commitment=TOWN-A.1").status_code == 200


def test_its_entries_of_the_ledger_show_digests_only(draft, api):
    [shared, *_more, last] = api().get("/api/v1/ledger/").json()["results"]
    assert shared["entry"]["action"] == "edit"
    assert last["entry"] is None
    assert Decision.objects.in_order().last().action == Action.PREPARE


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_it_but_to_staff(draft, client, reporter, path):
    assert client.get(f"/en/TOWN/{path}").status_code == 404
    client.force_login(reporter)
    expected = 404 if path == "changes.atom" else 200
    assert client.get(f"/en/TOWN/{path}").status_code == expected


def test_neither_the_home_page_nor_the_sitemap_names_it(draft, client):
    for path in ("/en/", "/sitemap.xml"):
        assert "TOWN" not in client.get(path).content.decode()
    assert client.get("/sitemaps/plans/TOWN.xml").status_code == 404


def test_staff_see_it_marked(draft, client, api, reporter):
    assert "TOWN" in api(reporter).get("/api/v1/plans/").content.decode()
    client.force_login(reporter)
    page = client.get("/en/TOWN/").content.decode()
    assert "This plan is in preparation; only staff can see it." in page


def test_nothing_on_it_is_published(draft, reporter, reviewer):
    commitment = Commitment.objects.get(number="A.2")
    update = submitted(commitment, reporter, status="partly_active", summary=en_zh("Begun."))
    with pytest.raises(ActionRefused) as refusal:
        perform(update, Action.PUBLISH, reviewer)
    assert "still in preparation" in str(refusal.value.problems[0])


def test_edits_of_a_draft_are_no_public_changes(draft, admin_page, api):
    admin_page(draft, {"review_interval_days": 100, "reason": "Too long."})
    last = Decision.objects.in_order().last()
    assert (last.action, last.note) == (Action.PREPARE, "Too long.")
    # Those of forums and offices, which plans share, are public.
    changes = api().get("/api/v1/changes/").json()["results"]
    assert {(row["action"], row["plan"]) for row in changes} == {("edit", None)}
    call_command("verify_ledger", stdout=StringIO())


@pytest.mark.long
def test_making_it_public_records_all_of_it_at_once(draft, make_public, api, client):
    built = Commitment.objects.get(number="A.1")
    assert make_public(draft).status_code == 302
    last = Decision.objects.in_order().last()
    assert (last.action, last.plan, last.note) == (Action.LOAD, draft, "The council adopted it.")
    recorded = {(row["type"], row["key"]) for row in last.meta["subjects"]}
    assert {("plan", "TOWN"), ("commitment", "TOWN-A.1"), ("goal", "TOWN-1")} <= recorded
    assert api().get("/api/v1/contents/commitment/TOWN-A.1/").status_code == 200
    [entry] = api().get("/api/v1/commitments/TOWN-A.1/history/").json()["results"]
    assert (entry["action"], entry["role"]) == ("load", "curator")
    client.logout()
    assert client.get("/en/TOWN/").status_code == 200
    assert RecordedContent.objects.of("commitment", built.code).count() == 2
    call_command("verify_ledger", stdout=StringIO())


@pytest.mark.long
def test_dates_moved_in_preparation_do_not_count_as_moved(draft, make_public, curator, api):
    moved = edited(DRAFT, ("commitments.0.due_on", "2026-12-31"))
    plan_load.amend_plan(moved, reason="Later.", by=curator, at=NOW)
    make_public(draft)
    row = api().get("/api/v1/commitments/TOWN-A.1/").json()
    assert (row["due_on"], row["due_on_first"], row["due_on_changes"]) == (
        "2026-12-31",
        "2026-12-31",
        0,
    )
    assert KnownDate.objects.filter(known_until__isnull=False).count() == 0
    call_command("verify_ledger", stdout=StringIO())


@pytest.fixture
def public_with_discarded(draft, make_public, curator):
    """The plan, made public after a criterion was added and dropped in preparation."""
    criteria = DRAFT["commitments"][0]["criteria"]
    discarded = {"key": "discarded", "text": {"en": "Thought better of.", "zh": "已改变想法。"}}
    for used in ([*criteria, discarded], criteria):
        document = edited(DRAFT, ("commitments.0.criteria", used))
        plan_load.amend_plan(document, reason="Better.", by=curator, at=NOW + HOUR)
    make_public(draft)
    return draft


def public_criteria(api):
    """Return the keys in the table of criteria."""
    table = b"".join(api().get("/api/v1/data/TOWN/criteria.csv")).decode()
    return [row["key"] for row in csv.DictReader(StringIO(table))]


@pytest.mark.long
def test_criteria_replaced_in_preparation_never_become_public(public_with_discarded, api):
    assert public_criteria(api) == ["a", "b"]
    call_command("verify_ledger", stdout=StringIO())
    for at in (NOW, NOW + HOUR):
        answer = api().get(f"/api/v1/commitments/TOWN-A.1/?known_at={format_utc(at)}")
        assert not answer.json()["criteria"]


@pytest.mark.long
def test_an_upgrade_dates_the_criteria_of_plans_that_were_in_preparation(
    public_with_discarded, api
):
    Criterion.objects.update(added_at=NOW)
    assert "discarded" in public_criteria(api)
    migration = import_module("commitments.migrations.0009_criteria_of_preparation")
    migration.begin_with_the_load(apps, SimpleNamespace(connection=connection))
    assert public_criteria(api) == ["a", "b"]
    call_command("verify_ledger", stdout=StringIO())


def test_a_file_makes_it_public_too(draft, curator):
    result = plan_load.amend_plan(VALID, reason="Adopted.", by=curator, at=NOW)
    assert result.changes == ["Plan, visibility: In preparation → Public"]
    assert Decision.objects.in_order().last().action == Action.LOAD
    assert Plan.objects.get().visibility == "public"


def test_a_public_plan_is_no_draft_again(draft, make_public, admin_page):
    make_public(draft)
    draft.refresh_from_db()
    answer = admin_page(draft, {"visibility": "draft", "reason": "Oh."})
    assert answer.status_code == 200
    assert "visibility" in answer.context["adminform"].form.errors


@pytest.mark.long
def test_an_archived_plan_is_kept_found_and_marked(draft, make_public, admin_page, client, api):
    make_public(draft)
    draft.refresh_from_db()
    admin_page(draft, {"visibility": "archived", "reason": "A new plan follows."})
    assert Decision.objects.in_order().last().action == Action.EDIT
    assert api().get("/api/v1/plans/TOWN/").json()["visibility"] == "archived"
    page = client.get("/en/TOWN/").content.decode()
    assert "This plan is archived: it is kept as it was and no longer maintained." in page
