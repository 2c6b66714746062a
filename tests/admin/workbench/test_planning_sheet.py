"""A sheet of the planning table: looked at first, loaded all or nothing."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from commitments.admin.workbench import sheets
from tests.admin.workbench.planning import ADDRESS, REASON, REFUSED_REASONS, stored
from tests.factories import CommitmentFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def sheet_of(lines, name="plan.csv"):
    if name.endswith(".csv"):
        content = "\n".join(",".join(line) for line in lines).encode()
        return SimpleUploadedFile(name, content)
    book, file = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(file)
    return SimpleUploadedFile(name, file.getvalue())


PASTED = "number,lead_office,supporting_offices,due_on\n1.1,NOPE,MFA; X1; X2,2027-01-01\n9.9,CAC,,"


@pytest.mark.parametrize("separator", ["\t", ","])
def test_all_that_is_wrong_with_a_row_is_said_at_once(curator, signed_in, offices, duty, separator):
    pasted = PASTED.replace(",", separator)
    page = signed_in(curator).post(ADDRESS, {"check": "1", "pasted": pasted})
    said = [problem.message for _place, problem in page.context["sheet_problems"]]
    for words in ("“NOPE”", "“X1”", "“X2”", "9.9"):
        assert len([sentence for sentence in said if words in sentence]) == 1, words
    # A standing duty has no due date.
    assert len(said) == 5
    assert "Nothing to change" not in page.text


def test_rows_that_are_no_sheet_stay_where_they_were_pasted(curator, signed_in, duty):
    page = signed_in(curator).post(ADDRESS, {"check": "1", "pasted": "one\ttwo\nthree\tfour"})
    assert "The sheet has no column “number”." in page.text
    assert ">one\ttwo\nthree\tfour</textarea>" in page.text.replace("\r", "")


@pytest.mark.parametrize("separator", ["\t", ","])
@pytest.mark.parametrize("title", ['"Open', '"Open" data'])
def test_a_quotation_mark_that_would_swallow_rows_is_refused(
    curator, signed_in, duty, separator, title
):
    pasted = f"number,title,due_on\n1.1,{title},\n1.2,,2027-01-01".replace(",", separator)
    page = signed_in(curator).post(ADDRESS, {"check": "1", "pasted": pasted})
    assert "row 2 cannot be read; check its quotation marks" in page.text


COLUMNS = ["number", "title", "lead_office", "supporting_offices", "due_on"]


@pytest.mark.long
@pytest.mark.parametrize("name", ["plan.csv", "plan.xlsx"])
def test_a_sheet_shows_first_what_it_would_change(
    name, curator, signed_in, offices, duty, deliverable
):
    lines = [
        COLUMNS,
        ["1.1", "ignored", "CAC", "MFA", ""],
        ["1.2", "", "-", "", "2027-01-01"],
        ["", "", "", "", ""],
    ]
    client = signed_in(curator)
    page = client.post(ADDRESS, {"check": "1", "sheet": sheet_of(lines, name)})
    shown = [
        (row.commitment.number, row.field, row.before, row.after) for row in page.context["changes"]
    ]
    assert shown == [
        ("1.1", "lead_office", "", "CAC"),
        ("1.1", "supporting_offices", "", "MFA"),
        ("1.2", "lead_office", "MFA", ""),
        ("1.2", "due_on", "", "2027-01-01"),
    ]
    assert stored(duty) == (None, [], None, None)
    sent = {name: page.context[name] for name in ("staged", "shown")}
    sent |= {"load": "1", "reason": REASON}
    assert client.post(ADDRESS, sent).url == ADDRESS
    assert stored(duty) == ("CAC", ["MFA"], None, None)
    assert stored(deliverable) == (None, [], date(2027, 1, 1), None)


@pytest.fixture
def two_lines_a_page(monkeypatch):
    monkeypatch.setattr(sheets, "LINES_PER_PAGE", 2)


@pytest.mark.usefixtures("two_lines_a_page")
def test_a_long_sheet_is_shown_in_pages_and_all_of_it_is_loaded_as_the_page_says(
    curator, signed_in, offices, duty, deliverable
):
    lines = [COLUMNS, ["1.1", "", "CAC", "MFA", ""], ["1.2", "", "-", "", "2027-01-01"]]
    client = signed_in(curator)
    first = client.post(ADDRESS, {"check": "1", "sheet": sheet_of(lines)})
    warning = "This page shows changes 1 to 2. Loading makes all 4, those on the other pages too."
    assert warning in " ".join(first.text.split())
    assert "Changes: 4; commitments concerned: 2." in " ".join(first.text.split())
    sent = {name: first.context[name] for name in ("staged", "shown")} | {"reason": REASON}
    second = client.post(ADDRESS, sent | {"look": "2"})
    rows = [(row.commitment.number, row.field) for row in second.context["page"]]
    assert rows == [("1.2", "lead_office"), ("1.2", "due_on")]
    assert f'value="{REASON}"' in second.text
    assert stored(duty) == (None, [], None, None)
    assert client.post(ADDRESS, sent | {"load": "1"}).status_code == 302
    assert stored(duty) == ("CAC", ["MFA"], None, None)
    assert stored(deliverable) == (None, [], date(2027, 1, 1), None)


@pytest.mark.usefixtures("two_lines_a_page")
def test_whoever_turns_the_page_of_a_sheet_begins_anew_if_it_would_change_something_else(
    curator, signed_in, offices, duty, deliverable
):
    lines = [COLUMNS, ["1.1", "", "CAC", "MFA", ""], ["1.2", "", "-", "", "2027-01-01"]]
    client = signed_in(curator)
    seen = client.post(ADDRESS, {"check": "1", "sheet": sheet_of(lines)}).context
    deliverable.lead_office = None
    deliverable.save()
    sent = {"look": "2", "staged": seen["staged"], "shown": seen["shown"]}
    page = client.post(ADDRESS, sent)
    assert "Something has changed since" in page.text
    assert page.context["page"].number == 1


@pytest.mark.usefixtures("two_lines_a_page")
def test_the_mistakes_of_a_long_sheet_are_shown_in_pages(curator, signed_in, offices, duty):
    lines = [["number", "lead_office"], *([f"9.{number}", "CAC"] for number in range(3))]
    client = signed_in(curator)
    first = client.post(ADDRESS, {"check": "1", "sheet": sheet_of(lines)})
    assert "3 mistakes:" in first.text
    assert "9.2" not in first.text
    sent = {"look": "2", "staged": first.context["staged"], "shown": first.context["shown"]}
    assert "9.2" in client.post(ADDRESS, sent).text


def test_every_mistake_of_a_sheet_is_named_by_row_and_column(
    curator, signed_in, offices, duty, deliverable
):
    lines = [
        COLUMNS,
        ["1.1", "", "NONE", "", ""],
        ["1.2", "", "", "", "soon"],
        ["9.9", "", "CAC", "", ""],
    ]
    page = signed_in(curator).post(ADDRESS, {"check": "1", "sheet": sheet_of(lines)})
    places = [place for place, _problem in page.context["sheet_problems"]]
    assert places == ["row 2, lead_office", "row 3, due_on", "row 4, number"]
    assert "The sheet cannot be loaded." in page.text
    assert 'name="load"' not in page.text


def test_a_sheet_is_not_loaded_without_a_reason(curator, signed_in, offices, duty):
    client = signed_in(curator)
    sheet = sheet_of([["number", "lead_office"], ["1.1", "CAC"]])
    seen = client.post(ADDRESS, {"check": "1", "sheet": sheet}).context
    sent = {"load": "1", "staged": seen["staged"], "shown": seen["shown"]}
    page = client.post(ADDRESS, sent | {"reason": " "})
    assert "Give a reason." in page.text
    # The page is still there to be completed.
    assert 'name="load"' in page.text
    assert client.post(ADDRESS, sent | {"reason": REASON}).status_code == 302
    assert stored(duty)[0] == "CAC"


@pytest.mark.parametrize(("reason", "sentence"), REFUSED_REASONS)
def test_a_sheet_is_not_loaded_with_a_reason_that_cannot_be_published(
    reason, sentence, curator, signed_in, offices, duty
):
    client = signed_in(curator)
    sheet = sheet_of([["number", "lead_office"], ["1.1", "CAC"]])
    seen = client.post(ADDRESS, {"check": "1", "sheet": sheet}).context
    sent = {"load": "1", "staged": seen["staged"], "shown": seen["shown"], "reason": reason}
    page = client.post(ADDRESS, sent)
    assert page.context["reason_problem"].startswith(sentence)
    assert page.context["reason"] == reason
    assert 'name="load"' in page.text
    assert stored(duty)[0] is None


def test_a_sheet_is_not_loaded_over_what_changed_since_it_was_shown(
    curator, signed_in, offices, deliverable
):
    client = signed_in(curator)
    sheet = sheet_of([["number", "lead_office"], ["1.2", "CAC"]])
    seen = client.post(ADDRESS, {"check": "1", "sheet": sheet}).context
    deliverable.lead_office = None
    deliverable.save()
    sent = {"load": "1", "staged": seen["staged"], "shown": seen["shown"], "reason": REASON}
    page = client.post(ADDRESS, sent)
    assert "Something has changed since" in page.text
    assert [row.before for row in page.context["changes"]] == [""]
    assert stored(deliverable) == (None, [], None, None)


@pytest.mark.parametrize("button", ["load", "look"])
def test_a_sheet_is_not_loaded_by_a_form_that_does_not_say_what_was_shown(
    button, curator, signed_in, offices, duty
):
    client = signed_in(curator)
    sheet = sheet_of([["number", "lead_office"], ["1.1", "CAC"]])
    seen = client.post(ADDRESS, {"check": "1", "sheet": sheet}).context
    page = client.post(ADDRESS, {button: "1", "staged": seen["staged"], "reason": REASON})
    assert "Something has changed since" in page.text
    assert stored(duty)[0] is None


def test_a_number_that_stands_twice_in_a_sheet_is_a_mistake(curator, signed_in, offices, duty):
    lines = [["number", "lead_office"], ["1.1", "CAC"], ["1.1", "MFA"]]
    page = signed_in(curator).post(ADDRESS, {"check": "1", "sheet": sheet_of(lines)})
    [(place, problem)] = page.context["sheet_problems"]
    assert place == "row 3, number"
    assert problem.message == "Commitment 1.1 is in row 2 already."


def test_a_number_may_be_typed_in_full_width(curator, signed_in, offices, duty):
    chapter = CommitmentFactory(plan=duty.plan, number="（二）", position=9)
    pasted = "number\tlead_office\n１．１\tCAC\n（二）\tCAC\n1.1\tMFA"
    page = signed_in(curator).post(ADDRESS, {"check": "1", "pasted": pasted})
    [(place, problem)] = page.context["sheet_problems"]
    assert (place, problem.message) == ("row 4, number", "Commitment 1.1 is in row 2 already.")
    pasted = pasted.removesuffix("\n1.1\tMFA")
    page = signed_in(curator).post(ADDRESS, {"check": "1", "pasted": pasted})
    assert {row.commitment.pk for row in page.context["changes"]} == {duty.pk, chapter.pk}


def test_columns_that_are_not_read_are_named(curator, signed_in, offices, duty):
    lines = [["number", "lead_office", "colour"], ["1.1", "CAC", "blue"]]
    page = signed_in(curator).post(ADDRESS, {"check": "1", "sheet": sheet_of(lines)}).text
    assert "Columns that are not read: colour" in page


def test_a_sheet_in_the_encoding_of_chinese_offices_is_read(curator, signed_in, offices, duty):
    content = "number,title,lead_office\n1.1,参与论坛,CAC\n".encode("gb18030")
    sheet = SimpleUploadedFile("plan.csv", content)
    page = signed_in(curator).post(ADDRESS, {"check": "1", "sheet": sheet})
    assert [row.after for row in page.context["changes"]] == ["CAC"]


def test_pasted_rows_are_a_sheet(curator, signed_in, offices, duty, deliverable):
    pasted = f"number\tlead_office\tends_on\r\n{duty.number}\tCAC\t2030-12-31\r\n"
    page = signed_in(curator).post(ADDRESS, {"check": "1", "pasted": pasted})
    assert [change.after for change in page.context["changes"]] == ["CAC", "2030-12-31"]
    assert "pasted rows.csv" in page.text
    sent = {name: page.context[name] for name in ("staged", "shown")}
    signed_in(curator).post(ADDRESS, sent | {"load": "1", "reason": REASON})
    assert stored(duty) == ("CAC", [], None, date(2030, 12, 31))


@pytest.mark.parametrize(
    ("sheet", "sentence"),
    [
        (SimpleUploadedFile("a.csv", b"code\n1.1\n"), "The sheet has no column “number”."),
        (SimpleUploadedFile("a.xlsx", b"no workbook"), "a.xlsx is not a table"),
        (None, "Choose a file that is not empty, or paste rows from a sheet."),
        (
            SimpleUploadedFile("a.csv", b""),
            "Choose a file that is not empty, or paste rows from a sheet.",
        ),
        (SimpleUploadedFile("a.csv", b"number,lead_office\n"), "The sheet has no rows."),
        (SimpleUploadedFile("a.csv", b"number,due\n1.1,x\n"), "none of these columns: lead_office"),
        (SimpleUploadedFile("a.csv", b"number,due_on\n1.1,x,y\n"), "row 2 has more cells"),
    ],
)
def test_what_is_no_such_sheet_is_refused(sheet, sentence, curator, signed_in, offices):
    sent = {"check": "1"} | ({"sheet": sheet} if sheet else {})
    assert sentence in signed_in(curator).post(ADDRESS, sent, follow=True).text


def test_a_row_without_a_number_is_refused_unless_it_is_blank(curator, signed_in, duty):
    pasted = "number\tdue_on\n\t2027-01-01\n\t\n1.1\t"
    page = signed_in(curator).post(ADDRESS, {"check": "1", "pasted": pasted})
    found = [(place, problem.message) for place, problem in page.context["sheet_problems"]]
    assert found == [("row 2, number", "Enter the number of the commitment.")]


def test_a_row_behind_a_blank_one_is_named_by_its_own_number(curator, signed_in, duty):
    pasted = "number\tdue_on\n1.1\t\n\n7.7\t2027-01-01"
    page = signed_in(curator).post(ADDRESS, {"check": "1", "pasted": pasted})
    assert "row 4, number" in page.text
