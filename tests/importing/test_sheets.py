"""Loading plans from tables: our own CSV, the columns of the Open Government Partnership, XLSX."""

import csv
from contextlib import suppress
from datetime import date
from io import BytesIO, StringIO
from time import monotonic

import openpyxl
import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from commitments.curation.recording import ChangeReason, record_edits
from commitments.exceptions import PlanFileError
from commitments.importing import plan_dump
from commitments.importing.table_file import MAX_ROWS, read_rows
from commitments.models import Commitment, Office, Plan
from tests.documents import everything
from tests.factories import CommitmentFactory, ForumFactory, MilestoneFactory, PlanFactory
from tests.importing.harbour_town import HARBOUR
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PLAN = {
    "format": 1,
    "plan": {"code": "TABLE", "languages": ["en"], "title": {"en": "A table"}, "time_zone": "UTC"},
}


def load(path, **options):
    out = StringIO()
    call_command("load_plan", str(path), stdout=out, stderr=StringIO(), **options)
    return out.getvalue().splitlines()


@pytest.fixture
def base(tmp_path):
    """A plan file without commitments."""
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(PLAN), encoding="utf-8")
    return str(path)


@pytest.fixture
def table(tmp_path):
    """Write rows of dictionaries as CSV and return the path."""

    def table(*rows, name="table.csv"):
        path = tmp_path / name
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            lines = csv.DictWriter(file, list(rows[0]))
            lines.writeheader()
            lines.writerows(rows)
        return path

    return table


@pytest.fixture
def exported(api, tmp_path):
    """Export the commitments of a plan and return the path of the file."""

    def exported(form, code="HARBOUR"):
        answer = api().get(f"/api/v1/commitments/export/?plan={code}&format={form}")
        path = tmp_path / f"{form}.csv"
        path.write_bytes(b"".join(answer))
        return path

    return exported


@pytest.fixture
def harbour(curator):
    load(HARBOUR)
    return Plan.objects.get()


@pytest.mark.long
@pytest.mark.parametrize("form", ["csv", "ogp"])
def test_what_is_exported_comes_in_again_and_changes_nothing(harbour, exported, form):
    before = plan_dump.dump_plan(harbour)
    printed = load(exported(form))
    assert printed[-1] == "Plan HARBOUR unchanged: the file changes nothing (7 commitments)."
    assert plan_dump.dump_plan(harbour) == before


@pytest.mark.long
def test_what_is_exported_makes_the_same_plan_in_another_tracker(harbour, exported, tmp_path):
    """Under another code. What the table has no column for, such as notes, is not there."""
    document = plan_dump.plan_document(harbour)
    path = exported("csv")
    base = tmp_path / "base.yaml"
    kept = {part: document[part] for part in ("format", "plan", "forums")}
    kept["plan"] |= {"code": "OTHER"}
    base.write_text(yaml.safe_dump(kept), encoding="utf-8")
    load(path, base=str(base))
    copy = plan_dump.plan_document(Plan.objects.get(code="OTHER"))
    assert copy["areas"] == document["areas"]
    assert copy["offices"] == document["offices"]
    without = ("note", "kind_reason", "goal_reason", "criteria_reason", "forums", "criteria")
    for ours, theirs in zip(document["commitments"], copy["commitments"], strict=True):
        assert theirs["number"] == ours["number"]
        assert {key: ours[key] for key in ours if key not in without} == {
            key: theirs[key] for key in theirs if key not in without
        }
        codes = [{link["code"] for link in item.get("forums", [])} for item in (ours, theirs)]
        assert codes[0] == codes[1]


@pytest.mark.long
def test_a_cell_that_was_changed_is_an_amendment_and_the_rest_stays(harbour, exported):
    path = exported("csv")
    text = path.read_text(encoding="utf-8-sig").replace("2027-12-31", "2028-06-30")
    path.write_text(text, encoding="utf-8-sig")
    printed = load(path, amend="Later.", by="curator")
    assert "  Commitment A.1, due date: 2027-12-31 → 2028-06-30" in printed
    built = Commitment.objects.get(number="A.1")
    assert str(built.due_on) == "2028-06-30"
    assert str(built.kind_reason) == "A renewed plant is there or is not."


@pytest.mark.long
@pytest.mark.parametrize("others", [(), ("A.2",)])
def test_what_curators_changed_is_not_reverted_by_a_file_loaded_after_a_table(
    harbour, curator, table, others
):
    drains = Commitment.objects.get(number="A.2")
    drains.title = en_zh("Close the drains", "")
    drains.save()
    record_edits([drains], ChangeReason(curator, timezone.now(), "As agreed."))
    row = {"plan": "HARBOUR", "number": "A.1", "due_on": "2028-06-30"}
    unchanged = [row | {"number": number, "due_on": "2026-06-30"} for number in others]
    load(table(row, *unchanged), amend="Later.", by="curator")
    printed = load(HARBOUR, amend="The file again.", by="curator")
    assert "  Commitment A.1, due date: 2028-06-30 → 2027-12-31" in printed
    [kept] = [line for line in printed if line.startswith("  kept: ")]
    assert 'commitment A.2, title, en: "Close the old storm drains" in the file' in kept
    drains.refresh_from_db()
    assert drains.title == en_zh("Close the drains", "")


@pytest.mark.long
def test_a_cell_whose_conflict_was_settled_without_a_change_does_not_come_back(
    harbour, curator, table
):
    plant = Commitment.objects.get(number="A.1")
    plant.due_on = date(2028, 3, 31)
    plant.save()
    record_edits([plant], ChangeReason(curator, timezone.now(), "As agreed."))
    path = table({"plan": "HARBOUR", "number": "A.1", "due_on": "2028-06-30"})
    with pytest.raises(CommandError, match='"2028-03-31" in the tracker'):
        load(path, amend="Later.", by="curator")
    for options in ({"take": ["tracker"]}, {}):
        assert "unchanged" in load(path, amend="Later.", by="curator", **options)[3]
    plant.refresh_from_db()
    assert plant.due_on == date(2028, 3, 31)


@pytest.mark.long
def test_the_columns_are_shown_first(harbour, exported):
    printed = load(exported("csv"))
    assert "  title_en → title_en" in printed
    [unread] = [line for line in printed if line.startswith("  not read: ")]
    assert "status" in unread
    assert "url" in unread
    printed = load(exported("ogp"))
    assert "  Lead Institution → lead_office_name_en" in printed
    assert "  Theme → theme" in printed


def test_the_columns_of_the_partnership_are_enough(table, base):
    rows = [
        {
            "Commitment Number": "1",
            "Theme": "Open data",
            "Commitment Title": "Publish budgets",
            "Full Text": "Budgets will be published.",
            "Start Date": "2024-01-01",
            "End Date": "2025-12-31",
            "Lead Institution": "Ministry of Finance",
            "Supporting Institution(s)": "Treasury; National Archive",
        },
        {
            "Commitment Number": "2",
            "Theme": "Open data",
            "Commitment Title": "Publish contracts",
            "Full Text": "Contracts will be published.",
            "Start Date": "",
            "End Date": "",
            "Lead Institution": "Ministry of Finance",
            "Supporting Institution(s)": "",
        },
    ]
    load(table(*rows), base=base, kind="deliverable")
    plan = Plan.objects.get()
    first, second = plan.commitments.in_order()
    assert [str(area.title) for area in plan.areas.all()] == ["Open data"]
    assert (str(first.due_on), first.kind, first.area.number) == ("2025-12-31", "deliverable", 1)
    assert (first.lead_office.code, second.lead_office) == (
        "MINISTRY-OF-FINANCE",
        first.lead_office,
    )
    assert sorted(row.code for row in first.supporting_offices.all()) == [
        "NATIONAL-ARCHIVE",
        "TREASURY",
    ]
    assert Office.objects.count() == 3


def test_a_workbook_with_these_columns_comes_in_with_its_dates(tmp_path, base):
    book = openpyxl.Workbook()
    book.active.append(["number", "kind", "title_en", "text_en", "due_on", "milestones"])
    book.active.append(["1.1", "deliverable", "Build", "Build it.", None, "m1 2026-01-31"])
    book.active["E2"] = date(2026, 12, 31)
    path = tmp_path / "plan.xlsx"
    book.save(path)
    with pytest.raises(CommandError, match=r"plan.xlsx:2: commitment 1.1, milestones m1"):
        load(path, base=base)
    book.active["G1"], book.active["G2"] = "milestone_titles_en", "Begun"
    book.save(path)
    load(path, base=base)
    built = Commitment.objects.get()
    assert str(built.due_on) == "2026-12-31"
    assert str(built.milestones.get()) == "m1 Begun · 2026-01-31"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": ""}, "table.csv:2: commitment 1: missing: “kind”"),
        ({"kind": "duty"}, 'table.csv:2: commitment 1, kind: "duty" is not allowed'),
        ({"due_on": "soon"}, 'table.csv:2: commitment 1, due_on: "soon" is not a date'),
        ({"forums": "BRIX"}, "no forum “BRIX”; meant BRICS?"),
        ({"goal": "2"}, "no goal 2"),
        ({"number": ""}, "table.csv:2: missing: “number”"),
    ],
)
def test_every_error_is_named_with_its_row(table, base, changes, message):
    ForumFactory(code="BRICS")
    row = {"number": "1", "kind": "deliverable", "title_en": "Build", "text_en": "Build it."}
    before = everything()
    with pytest.raises(CommandError) as refusal:
        load(table(row | changes), base=base)
    assert message in str(refusal.value)
    assert everything() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no column “number” or “Commitment Number”"),
        (b"a,b\n1,2\n", "has no column “number” or “Commitment Number”"),
        (b"number,title_en\n1,a,b,c\n", "is not a table"),
        (b"\xff\xfe\x00", "is not a table"),
        (b"number,title_en\n1,a\n", "is not of one loaded plan"),
    ],
)
def test_what_is_no_table_of_a_plan_is_refused(tmp_path, content, message):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=message):
        load(path)
    with pytest.raises(CommandError, match=r"is not a table|No such file"):
        load(tmp_path / "none.xlsx")


# A row of the plan `titled`, without the titles.
MILESTONES = {
    "plan": "TITLES",
    "number": "1",
    "milestones": "m1 2026-06-30; m2 2026-06-30; m3 2026-06-30",
}


@pytest.fixture
def titled(curator):
    """A plan in which titles of milestones contain the separator or lack a language."""
    plan = PlanFactory(code="TITLES")
    duty = CommitmentFactory(plan=plan, number="1")
    titles = [en_zh("Dig; build", "开挖；建设"), en_zh("Open", ""), en_zh("", "评估")]
    for key, title in enumerate(titles, start=1):
        MilestoneFactory(commitment=duty, key=f"m{key}", title=title)
    return plan


@pytest.mark.long
def test_titles_of_milestones_come_in_again_in_the_languages_that_they_have(titled, exported):
    before = plan_dump.dump_plan(titled)
    printed = load(exported("csv", "TITLES"))
    assert printed[-1] == "Plan TITLES unchanged: the file changes nothing (1 commitment)."
    assert plan_dump.dump_plan(titled) == before


def test_an_empty_place_leaves_a_title_as_it_is_and_a_new_one_is_set(titled, table):
    row = MILESTONES | {"milestone_titles_en": "; Open it;"}
    load(table(row), amend="As decided.", by="curator", take=["file"])
    titles = titled.commitments.get().milestones.order_by("key").values_list("title", flat=True)
    assert list(titles) == [
        en_zh("Dig; build", "开挖；建设"),
        en_zh("Open it", ""),
        en_zh("", "评估"),
    ]


def test_titles_that_cannot_be_told_apart_are_refused_with_their_row(titled, table):
    row = MILESTONES | {"milestone_titles_en": "Dig; build; Open it;"}
    with pytest.raises(CommandError) as refused:
        load(table(row))
    assert (
        "table.csv:2: commitment 1, milestone_titles_en: 4 titles for 3 milestones; a title that "
        "contains “;” cannot be given in a table"
    ) in str(refused.value)


def test_a_number_that_occurs_twice_is_refused_with_both_rows(table, base):
    row = {"number": "1", "kind": "deliverable", "title_en": "Build", "text_en": "Build it."}
    with pytest.raises(CommandError) as refused:
        load(table(row, row), base=base)
    assert str(refused.value).splitlines()[1:] == [
        "  table.csv:3: Commitment 1 is in row 2 already."
    ]


def test_errors_of_all_kinds_are_in_the_order_of_the_rows(table, base):
    row = {"number": "1", "kind": "deliverable", "title_en": "Build", "text_en": "Build it."}
    row |= {"milestones": "", "milestone_titles_en": ""}
    with pytest.raises(CommandError) as refused:
        load(
            table(
                row | {"kind": "duty"},
                row,
                row | {"number": "", "kind": "duty"},
                row | {"number": "2", "milestones": "m1 2026-01-31", "milestone_titles_en": "A; B"},
                row | {"number": "3", "kind": ""},
            ),
            base=base,
        )
    places = [line.partition(": ")[0] for line in str(refused.value).splitlines()[1:]]
    assert places == [f"  table.csv:{row}" for row in (2, 3, 4, 4, 5, 5, 6)]
    assert "table.csv:4: kind: " in str(refused.value)


def test_a_text_that_was_escaped_comes_in_as_it_was(table, base):
    row = {"number": "1", "kind": "deliverable", "title_en": "'=Build", "text_en": "''tis it."}
    load(table(row), base=base)
    commitment = Commitment.objects.get()
    assert (str(commitment.title), str(commitment.text)) == ("=Build", "''tis it.")


@pytest.mark.parametrize("last", [(1, 16_384), (1_048_576, 1), (1_048_576, 16_384)])
def test_a_small_file_that_claims_a_vast_table_is_read_or_refused_at_once(tmp_path, last):
    book = openpyxl.Workbook()
    book.active.append(["number", "title_en"])
    book.active.cell(*last).value = "x"
    path = tmp_path / "vast.xlsx"
    book.save(path)
    begun = monotonic()
    with path.open("rb") as file, suppress(PlanFileError):
        assert len(read_rows(path.name, file)) <= MAX_ROWS
    assert monotonic() - begun < 10


def test_rows_behind_a_blank_one_keep_their_numbers(table, base):
    path = table({"number": "1", "kind": "deliverable"})
    path.write_text("number,kind\n1,deliverable\n\n\n2,building\n\n", encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        load(path, base=base)
    assert "table.csv:5" in str(refused.value)
    assert "table.csv:3" not in str(refused.value)


def test_a_table_names_its_columns_in_the_first_row_or_is_refused(table, base):
    path = table({"number": "1", "kind": "deliverable"})
    path.write_text("\nnumber,kind\n1,building\n", encoding="utf-8")
    with pytest.raises(CommandError, match="the first row is empty; it has to name the columns"):
        load(path, base=base)


@pytest.mark.parametrize("name", ["blank.csv", "blank.xlsx"])
def test_blank_rows_are_read_as_such_but_for_the_last(name):
    file = BytesIO(b"number,kind\n1,a\n\n2,b\n\n\n")
    if name.endswith(".xlsx"):
        book, file = openpyxl.Workbook(), BytesIO()
        for row, words in {1: ("number", "kind"), 2: ("1", "a"), 4: ("2", "b")}.items():
            for column, word in enumerate(words, start=1):
                book.active.cell(row, column, word)
        book.save(file)
    rows = read_rows(name, file)
    assert [row["number"] for row in rows] == ["1", "", "2"]
