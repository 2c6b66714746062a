"""The workbook of the planning table: what is downloaded is what can be loaded."""

import csv
import io
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from commitments.curation.planning import PLANNED_FIELDS
from tests.admin.workbench.planning import ADDRESS, REASON, stored
from tests.factories import CommitmentFactory, MilestoneFactory, OfficeFactory
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

LANGUAGES = {
    "en": "Nothing to change: all values are as on record.",
    "zh-hans": "与现有记录一致，没有需要修改的内容。",
}


@pytest.fixture
def planned(plan, offices, duty, deliverable):
    """Cells of every kind, and a number that a spreadsheet would take for another."""
    duty.lead_office, duty.ends_on = offices[1], date(2030, 12, 31)
    duty.save()
    deliverable.due_on = date(2027, 1, 2)
    deliverable.save()
    deliverable.supporting_offices.add(offices[1])
    MilestoneFactory(commitment=deliverable, key="m1", due_on=date(2026, 12, 1))
    CommitmentFactory(plan=plan, number="1.10", title=en_zh("=1+1", "参与论坛"), position=9)
    return [duty, deliverable]


def downloaded(client, extension, language="en"):
    """Return the sheet of the table in a format, in the reader's language."""
    client.cookies["django_language"] = language
    answer = client.get(f"{ADDRESS}sheet.{extension}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f'.{extension}"')
    return answer.content


def checked(client, content, extension):
    """Return the page that says what a sheet would change."""
    sheet = SimpleUploadedFile(f"planning.{extension}", content)
    return client.post(ADDRESS, {"check": "1", "sheet": sheet})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_what_is_downloaded_and_uploaded_unchanged_changes_nothing(
    extension, language, curator, signed_in, planned
):
    client = signed_in(curator)
    page = checked(client, downloaded(client, extension, language), extension)
    assert LANGUAGES[language] in page.text
    assert page.context["sheet"].unread == []
    assert len(page.context["sheet"].cells) == 3


@pytest.mark.long
def test_a_cell_that_was_changed_in_the_workbook_is_exactly_what_changes(
    curator, signed_in, planned
):
    client = signed_in(curator)
    book = load_workbook(io.BytesIO(downloaded(client, "xlsx")))
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]
    assert head == ["number", "title", *PLANNED_FIELDS]
    assert sheet.cell(2, 2).value == str(planned[0].title)
    assert sheet.cell(3, 5).value == datetime(2027, 1, 2)
    sheet.cell(3, 5).value = datetime(2027, 6, 30)
    content = io.BytesIO()
    book.save(content)
    page = checked(client, content.getvalue(), "xlsx")
    [change] = page.context["changes"]
    assert (change.path, change.before, change.after) == (
        ("PLAN-1.2", "due_on"),
        "2027-01-02",
        "2027-06-30",
    )
    sent = {name: page.context[name] for name in ("staged", "shown")}
    client.post(ADDRESS, sent | {"load": "1", "reason": REASON})
    assert stored(planned[1]) == ("MFA", ["CAC"], date(2027, 6, 30), None)


def test_a_cell_that_was_changed_in_the_csv_is_exactly_what_changes(curator, signed_in, planned):
    client = signed_in(curator)
    rows = list(csv.DictReader(io.StringIO(downloaded(client, "csv").decode("utf-8-sig"))))
    rows[0]["supporting_offices"] = "MFA"
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    page = checked(client, file.getvalue().encode(), "csv")
    changes = [(row.path, row.before, row.after) for row in page.context["changes"]]
    assert changes == [(("PLAN-1.1", "supporting_offices"), "", "MFA")]


def test_a_code_is_that_office_whatever_others_are_called(curator, signed_in, planned):
    OfficeFactory(code="NEW", name=en_zh("MFA", "新部门"))
    client = signed_in(curator)
    page = checked(client, downloaded(client, "csv"), "csv")
    assert LANGUAGES["en"] in page.text


def test_the_table_offers_its_own_workbook_and_no_other(curator, signed_in, planned):
    page = signed_in(curator).get(ADDRESS).text
    assert f'href="{ADDRESS}sheet.xlsx"' in page
    assert f'href="{ADDRESS}sheet.csv"' in page
    assert "/export/" not in page


def test_a_sheet_of_another_format_or_plan_is_not_found(curator, signed_in, client, planned):
    assert "login" in client.get(f"{ADDRESS}sheet.xlsx").url
    signed_in(curator)
    assert client.get(f"{ADDRESS}sheet.pdf").status_code == 404
    assert client.get("/admin/planning/NONE/sheet.xlsx").status_code == 404


@pytest.mark.parametrize("rows", [1, 12])
def test_a_workbook_takes_no_query_per_row(
    rows, curator, signed_in, plan, offices, django_assert_num_queries
):
    for number in range(rows):
        row = CommitmentFactory(plan=plan, number=f"8.{number}", position=10 + number)
        row.supporting_offices.add(offices[0])
    client = signed_in(curator)
    client.get(f"{ADDRESS}sheet.csv")
    with django_assert_num_queries(7):
        client.get(f"{ADDRESS}sheet.csv")
