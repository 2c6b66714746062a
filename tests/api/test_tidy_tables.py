"""`data/{plan}/`: tidy tables, valid by the standard that their description names, which say what
the rest of the API says."""

import csv
import io
from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.choices import Action
from commitments.exports.tidy import TIDY_TABLES
from commitments.models import Commitment
from commitments.texts.text import Text
from tests import record, steps
from tests.examples import sampled
from tests.factories import CommitmentFactory, MilestoneFactory, PlanFactory
from tests.fixtures.worlds import people, shared_world
from tests.table_schema import package_errors, read_package
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

DATA = "/api/v1/data/ISCC/"
# Between the correction and the amendments, and before anything but the plan.
KNOWN_AT = steps.NOW + timedelta(hours=2)


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield build()


def build():
    """Return the record, with one assessment that has findings."""
    reporter, reviewer, curator = people()
    made = record.create_record(reporter, reviewer, curator)
    first = Commitment.objects.get(number="1.1")
    made.assessment = steps.published(first, reporter, reviewer, record.LATER, status="active")
    return made


@pytest.fixture
def world(db, built):
    """A plan with updates in every state and every kind of decision."""
    return deepcopy(built)


@pytest.fixture
def content(api):
    """`content(address, user)` returns the bytes that somebody gets."""

    def content(address, user=None):
        answer = api(user).get(address)
        assert answer.status_code == 200, answer.content
        return b"".join(answer)

    return content


@pytest.fixture
def rows(content):
    """`rows("updates", "?known_at=…")` are the rows of a table, by the names of its columns."""

    def rows(name, query="", plan="ISCC"):
        text = content(f"/api/v1/data/{plan}/{name}.csv{query}").decode()
        return list(csv.DictReader(io.StringIO(text, newline="")))

    return rows


def known_at(time):
    return f"?known_at={time:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.long
@pytest.mark.parametrize(
    "query",
    sampled(["", known_at(KNOWN_AT), known_at(steps.NOW), "?as_of=2020-02-29", "?by=month"], bool),
)
def test_the_package_and_every_table_are_valid_by_the_standard(api, content, world, query):
    descriptor = api().get(f"{DATA}datapackage.json{query}").json()
    assert [resource["name"] for resource in descriptor["resources"]] == list(TIDY_TABLES)
    assert package_errors(descriptor, content) == []


@pytest.mark.long
def test_the_validator_sees_what_is_wrong(api, content, world):
    descriptor = api().get(f"{DATA}datapackage.json").json()
    del descriptor["resources"][0]["name"]
    descriptor["resources"][0]["name"] = "commitments"
    assert package_errors(descriptor, content) == []
    fields = {row["name"]: row for row in descriptor["resources"][0]["schema"]["fields"]}
    fields["number"]["type"] = "date"
    fields["kind"]["categories"] = [{"value": "deliverable"}]
    fields["due_on"]["constraints"] = {"required": True}
    descriptor["resources"][1]["schema"]["primaryKey"] = ["key"]
    descriptor["resources"][3]["schema"]["foreignKeys"][0]["reference"]["fields"] = ["corrects"]
    descriptor["licenses"] = [{"title": "without a name or path"}]
    errors = "\n".join(package_errors(descriptor, content))
    for wrong in (
        "$.licenses[0]",
        "number is no date",
        "kind is none of its categories",
        "due_on is missing",
        "criteria: a primary key occurs twice",
        "findings: (",
    ):
        assert wrong in errors


def test_there_is_one_row_for_each_thing(rows, world, get):
    listed = get("commitments/?plan=ISCC&page_size=200")["results"]
    codes = [row["code"] for row in listed]
    assert [row["code"] for row in rows("commitments")] == codes
    assert [row["commitment"] for row in rows("status")] == codes
    pairs = [(row["code"], forum["code"]) for row in listed for forum in row["forums"]]
    found = [(row["commitment"], row["forum"]) for row in rows("partnerships")]
    assert sorted(found) == sorted(pairs)
    keys = {(row["code"], item["key"]) for row in listed for item in row["criteria"]}
    in_use = [row for row in rows("criteria") if not row["retired_at"]]
    assert {(row["commitment"], row["key"]) for row in in_use} == keys


def test_a_status_is_that_of_the_api(rows, world, get):
    shown = {row["code"]: row for row in get("commitments/?plan=ISCC")["results"]}
    found = rows("status")
    assert len(found) == 4
    for row in found:
        status = shown[row["commitment"]]["status"]
        for name in ("effective_on", "covers_from", "update", "evidence_level", "freshness"):
            assert row[name] == ("" if status[name] is None else str(status[name])), name
        assert row["status"] == status["code"]
        assert row["updates"] == str(shown[row["commitment"]]["updates"])


def test_the_grid_and_the_trend_are_those_of_the_api(rows, world, get):
    shown = get("status/grid/?plan=ISCC&by=year")
    cells = {
        (line["code"], period["period"]): cell
        for line in shown["commitments"]
        for period, cell in zip(shown["periods"], line["cells"], strict=True)
    }
    found = rows("grid", "?by=year")
    assert {(row["commitment"], row["period"]) for row in found} == set(cells)
    for row in found:
        cell = cells[row["commitment"], row["period"]]
        assert (row["status"], row["tone"]) == (cell["status"], cell["tone"])
        assert (row["events"], row["event_type"]) == (str(cell["events"]), cell["event_type"] or "")
        assert row["lapsed"] == str(cell["lapsed"]).lower()
    periods = {row["period"]: row for row in get("status/trend/?plan=ISCC&by=year")["periods"]}
    for row in rows("trend", "?by=year"):
        counts = periods[row["period"]][row["kind"]]["counts"]
        assert int(row["commitments"]) == counts[row["status"]]
    assert {row["period"][4:] for row in rows("trend")} == {"-Q1", "-Q2", "-Q3", "-Q4"}


def test_changes_are_those_of_the_api(rows, world, get):
    shown = get("changes/?plan=ISCC&page_size=200")["results"]
    found = rows("changes")
    assert [row["hash"] for row in found] == [row["hash"] for row in shown]
    for row, change in zip(found, shown, strict=True):
        moved = change["status"] or {"from": "", "to": ""}
        assert (row["status_from"], row["status_to"]) == (moved["from"], moved["to"])
        assert row["note"].removeprefix("'") == (change["note"] or "")
        assert row["commitment"] == (change["commitment"] or "")


@pytest.mark.long
def test_everybody_reads_what_strangers_read(content, world, reviewer, curator):
    for name in TIDY_TABLES:
        address = f"{DATA}{name}.csv"
        assert content(address, curator) == content(address), name
    evidence = content(f"{DATA}evidence.csv").decode()
    assert steps.STATEMENT["title"] in evidence
    assert steps.INTERNAL["title"] not in evidence


def test_a_withdrawn_update_stays_without_its_text_and_sources(rows, world):
    [gone] = [row for row in rows("updates") if row["id"] == str(world.retracted.pk)]
    assert (gone["state"], gone["status"]) == ("retracted", "active")
    assert gone["retraction"] != ""
    assert {gone[name] for name in ("summary_en", "summary_zh", "event_type", "forums")} == {""}
    assert str(world.retracted.pk) not in {row["update"] for row in rows("evidence")}
    assert str(world.retracted.pk) not in {row["update"] for row in rows("findings")}


def test_drafts_are_in_no_table(rows, world):
    public = (world.superseded, world.correction, world.retracted, world.published)
    public += (world.assessment,)
    assert {row["id"] for row in rows("updates")} == {str(row.pk) for row in public}


def test_findings_are_those_of_the_api(rows, world, get):
    shown = get(f"updates/{world.assessment.pk}/")["findings"]
    found = rows("findings")
    assert {row["update"] for row in found} == {str(world.assessment.pk)}
    assert {row["criterion"]: row["result"] for row in found} == {
        key: finding["result"] for key, finding in shown.items()
    }


def test_under_known_at_a_table_is_what_it_was(rows, world):
    [first] = rows("updates", known_at(KNOWN_AT))
    assert (first["id"], first["state"]) == (str(world.superseded.pk), "published")
    assert first["superseded_at"] == ""
    now = {row["id"]: row["state"] for row in rows("updates")}
    assert now[first["id"]] == "superseded"
    assert rows("updates", known_at(steps.NOW)) == []
    status = {row["commitment"]: row for row in rows("status", known_at(KNOWN_AT))}
    assert status["ISCC-9.1"]["status"] == "partly_active"
    assert {row["known_at"] for row in status.values()} == {"2026-07-01T06:00:00.000000Z"}
    assert [row["action"] for row in rows("changes", known_at(KNOWN_AT))] == [
        "load",
        "publish",
        "archive",
    ]


def test_a_criterion_that_was_replaced_stays_and_is_in_use_at_earlier_times(rows, world):
    criterion = world.other.criteria.first()
    criterion.retired_at = steps.NOW + timedelta(hours=3)
    criterion.save()
    key = ("ISCC-3.2", criterion.key)
    for query, retired in (("", "2026-07-01T07:00:00.000000Z"), (known_at(KNOWN_AT), "")):
        found = {(row["commitment"], row["key"]): row for row in rows("criteria", query)}
        assert found[key]["retired_at"] == retired


def test_texts_are_in_the_languages_of_the_plan_and_no_cell_is_a_formula(rows, content):
    plan = PlanFactory(code="ES", languages=["es"])
    CommitmentFactory(plan=plan, number="1.1", title=Text({"es": "=1+1"}), text=Text({"es": "Uno"}))
    [row] = rows("commitments", plan="ES")
    assert (row["title_es"], row["text_es"]) == ("'=1+1", "Uno")
    assert "title_en" not in row
    assert content("/api/v1/data/ES/commitments.csv").startswith(b'"code","plan"')


def test_a_title_in_another_language_is_not_lost(rows, world, reporter, reviewer):
    source = {**steps.RESOLUTION, "title": en_zh("", "决议"), "publisher": "Une assemblée"}
    update = steps.published(world.other, reporter, reviewer, record.LATER, evidence=[source])
    [row] = [row for row in rows("evidence") if row["update"] == str(update.pk)]
    assert (row["title"], row["title_language"], row["title_en"]) == ("决议", "zh", "")
    assert row["publisher"] == "Une assemblée"


def test_erased_text_is_in_no_table(rows, world, administrator, second_administrator):
    both = (administrator, second_administrator)
    steps.erased(world.published, ["summary"], *both, record.LATER)
    [row] = [row for row in rows("updates") if row["id"] == str(world.published.pk)]
    assert row["summary_en"] == ""
    assert rows("changes")[-1]["erased"] == '["summary"]'


# As answers of the API


def test_the_index_lists_the_tables_with_what_they_know(get, api, world):
    index = get("data/ISCC/")
    assert [table["name"] for table in index["tables"]] == list(TIDY_TABLES)
    known = {table["name"]: table["parameters"] for table in index["tables"]}
    assert known["grid"] == ["as_of", "known_at", "by"]
    assert known["updates"] == ["known_at"]
    assert known["partnerships"] == ["known_at"]
    assert index["datapackage"] == f"http://testserver{DATA}datapackage.json"
    assert index["version"].split(".")[:2] == ["1", "0"]


def test_a_description_passes_the_parameters_on_to_the_tables_that_know_them(api, world):
    answer = api().get(f"{DATA}datapackage.json?by=year&as_of=2026-01-01")
    paths = {item["name"]: item["path"] for item in answer.json()["resources"]}
    assert paths["grid"] == f"http://testserver{DATA}grid.csv?by=year&as_of=2026-01-01"
    assert paths["status"] == f"http://testserver{DATA}status.csv?as_of=2026-01-01"
    assert paths["updates"] == f"http://testserver{DATA}updates.csv"


def test_a_table_leads_to_its_description(api, world):
    answer = api().get(f"{DATA}updates.csv")
    list(answer)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ISCC-updates.csv"'
    link = f'<http://testserver{DATA}datapackage.json>; rel="describedby"'
    assert answer.headers["Link"].startswith(link)


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("updates.csv?as_of=2026-01-01", "as_of"),
        ("partnerships.csv?as_of=2026-01-01", "as_of"),
        ("grid.csv?by=week", "by"),
        ("status.csv?by=year", "by"),
        ("status.csv?as_of=2027-01-01", "as_of"),
        ("trend.csv?known_at=2026-01-01", "known_at"),
        ("datapackage.json?stauts=1", "stauts"),
        ("?as_of=2026-01-01", "as_of"),
    ],
)
def test_what_a_table_does_not_know_is_refused(api, world, address, parameter):
    answer = api().get(DATA + address)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize("name", ["", "datapackage.json", "updates.csv"])
def test_a_plan_that_is_not_public_is_there_for_staff_only(api, world, reporter, name):
    PlanFactory(code="DRAFT", visibility="draft")
    for code, user, status in (
        ("NONE", reporter, 404),
        ("DRAFT", None, 404),
        ("DRAFT", reporter, 200),
    ):
        answer = api(user).get(f"/api/v1/data/{code}/{name}")
        assert answer.status_code == status
        if answer.streaming:
            list(answer)
    problem = api().get("/api/v1/data/ISCC/nothing.csv")
    assert problem.status_code == 404
    assert problem.headers["Content-Type"] == "application/problem+json"


def test_numbers_of_findings_are_empty_where_no_criterion_is_answered(rows):
    found = {
        row["commitment"]: [row[name] for name in row if name.startswith("findings_")]
        for row in rows("status")
    }
    answered = {row["commitment"] for row in rows("findings")}
    assert answered < found.keys()
    for commitment, counts in found.items():
        is_answered = commitment in answered and counts[0] != ""
        assert counts == [""] * 4 or is_answered, commitment
    assert any("" not in counts for counts in found.values())


def test_an_unchanged_table_is_not_sent_again(api, world, reporter, reviewer):
    address = f"{DATA}updates.csv"
    answer = api().get(address)
    list(answer)
    same = {"If-None-Match": answer.headers["ETag"]}
    assert api().get(address, headers=same).status_code == 304
    steps.perform(world.published, Action.RETRACT, reviewer, note="Wrong.", at=record.LATER)
    changed = api().get(address, headers=same)
    assert changed.status_code == 200
    list(changed)


@pytest.mark.long
@pytest.mark.parametrize("name", TIDY_TABLES)
def test_more_rows_take_no_more_queries(
    content, world, reporter, reviewer, name, django_assert_num_queries
):
    address = f"{DATA}{name}.csv{known_at(record.LATER) if TIDY_TABLES[name].parameters else ''}"
    MilestoneFactory(commitment=world.published.commitment, key="another")
    with CaptureQueriesContext(connection) as before:
        content(address)
    for commitment in Commitment.objects.all():
        evidence = [steps.STATEMENT, steps.RESOLUTION, steps.REPORT]
        steps.published(commitment, reporter, reviewer, record.LATER, evidence=evidence)
        CommitmentFactory(plan=commitment.plan, number=f"x{commitment.number}")
        MilestoneFactory(commitment=commitment, key="m9")
    with django_assert_num_queries(len(before)):
        content(address)


@pytest.mark.long
def test_values_have_the_types_that_the_description_states(api, content, world, get):
    descriptor = api().get(f"{DATA}datapackage.json").json()
    tables = read_package(descriptor, content)
    status = {row["commitment"]: row for row in tables["status"].rows}["ISCC-9.1"]
    assert status["update"] == world.correction.pk
    assert status["as_of"].isoformat() == "2026-07-02"
    goals = {row["code"]: row["supporting_goals"] for row in tables["commitments"].rows}
    shown = {
        row["code"]: row["supporting_goals"] for row in get("commitments/?plan=ISCC")["results"]
    }
    assert goals == {code: numbers or None for code, numbers in shown.items()}
    assert any(goals.values())
