"""The table of a plan: cells edited in place and loaded from a sheet, all or nothing."""

import io
import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from commitments.admin.workbench import sheets
from commitments.curation import history
from commitments.curation.planning import planned_changes, save_planned
from commitments.exceptions import InvalidUpdate, NotPermitted
from commitments.models import Commitment, Decision
from tests.factories import CommitmentFactory, MilestoneFactory, OfficeFactory, PlanFactory
from tests.steps import NOW, published, record_loaded, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

ADDRESS = "/admin/planning/PLAN/"
REASON = "As the council decided."


@pytest.fixture
def offices(plan, duty, deliverable):
    """Two open offices and a closed one; the plan has a standing duty and a deliverable."""
    made = [OfficeFactory(code=code) for code in ("MFA", "CAC")]
    OfficeFactory(code="OLD", closed_on=date(2020, 1, 1))
    deliverable.lead_office = made[0]
    deliverable.save()
    record_loaded(plan)
    return made


def table(client):
    return " ".join(client.get(ADDRESS).text.split())


def cells(commitment, was=None, **changed):
    """Return what a browser sends for the cells of a commitment."""
    sent = {}
    for name, value in changed.items():
        sent[f"c{commitment.pk}-{name}"] = value
        sent[f"w{commitment.pk}-{name}"] = (was or {}).get(name, "")
    return sent


def stored(commitment):
    row = Commitment.objects.get(pk=commitment.pk)
    supporting = sorted(office.code for office in row.supporting_offices.all())
    return row.lead_office and row.lead_office.code, supporting, row.due_on, row.ends_on


def test_cells_are_edited_in_place_with_one_reason(curator, signed_in, offices, duty, deliverable):
    sent = cells(duty, lead_office="CAC", supporting_offices="MFA", ends_on="2030-12-31")
    sent |= cells(deliverable, {"lead_office": "MFA"}, lead_office="", due_on="2027/1/2")
    answer = signed_in(curator).post(ADDRESS, sent | {"reason": REASON}, follow=True)
    assert "2 commitments were changed." in answer.text
    assert stored(duty) == ("CAC", ["MFA"], None, date(2030, 12, 31))
    assert stored(deliverable) == (None, [], date(2027, 1, 2), None)
    for row in (duty, deliverable):
        assert history.commitment_entries(row)[0].reason == REASON


def test_what_nobody_touched_stays_and_records_nothing(curator, signed_in, offices, deliverable):
    before = Decision.objects.count()
    sent = cells(deliverable, {"lead_office": "MFA"}, lead_office="MFA", due_on="")
    answer = signed_in(curator).post(ADDRESS, sent | {"reason": ""}, follow=True)
    assert "Nothing to change: all values are as on record." in answer.text
    assert Decision.objects.count() == before


@pytest.mark.parametrize(
    ("changed", "reason", "sentence"),
    [
        ({"lead_office": "NONE"}, REASON, "There is no open office “NONE”; there are: CAC, MFA."),
        ({"lead_office": "OLD"}, REASON, "There is no open office “OLD”"),
        ({"due_on": "soon"}, REASON, "Enter a date such as 2026-06-30."),
        ({"due_on": "2027-01"}, REASON, "Enter a date such as 2026-06-30."),
        ({"due_on": "2027-01-01"}, " ", "Give a reason."),
        ({"due_on": "2027-01-01"}, "\u3164", "Give a reason."),
        ({"supporting_offices": "MFA"}, REASON, "must not include the lead office"),
        ({"ends_on": "2027-01-01"}, REASON, "end date"),
    ],
)
def test_a_wrong_cell_keeps_everything_from_being_saved_and_is_marked(
    changed, reason, sentence, curator, signed_in, offices, duty, deliverable
):
    sent = cells(duty, lead_office="CAC") | cells(deliverable, {"lead_office": "MFA"}, **changed)
    page = signed_in(curator).post(ADDRESS, sent | {"reason": reason}).text
    assert sentence.lower() in page.lower()
    assert 'value="CAC"' in page
    assert stored(duty) == (None, [], None, None)


def test_a_cell_that_somebody_else_changed_meanwhile_is_not_overwritten(
    curator, signed_in, offices, deliverable
):
    page = signed_in(curator).get(ADDRESS).text
    assert f'name="w{deliverable.pk}-lead_office" value="MFA"' in page
    deliverable.lead_office = offices[1]
    deliverable.save()
    sent = cells(deliverable, {"lead_office": "MFA"}, lead_office="", due_on="2027-01-01")
    page = signed_in(curator).post(ADDRESS, sent | {"reason": REASON}).text
    assert "Someone else has changed this meanwhile: it is now “CAC”." in page
    assert stored(deliverable) == ("CAC", [], None, None)


@pytest.mark.parametrize("persona", ["reporter", "reviewer"])
def test_others_read_the_table_and_change_nothing(persona, request, signed_in, offices, duty):
    client = signed_in(request.getfixturevalue(persona))
    page = client.get(ADDRESS).text
    assert "1.1" in page
    assert f'name="c{duty.pk}-lead_office"' not in page
    sent = cells(duty, lead_office="CAC") | {"reason": REASON}
    assert client.post(ADDRESS, sent).status_code == 404
    assert stored(duty) == (None, [], None, None)


def test_only_a_curator_saves_whatever_the_interface(reporter, offices, plan, duty):
    changes, _problems = planned_changes(plan, {"1.1": {"lead_office": "CAC"}})
    with pytest.raises(NotPermitted):
        save_planned(changes, by=reporter, at=NOW, reason=REASON)
    assert stored(duty) == (None, [], None, None)


def test_the_table_says_what_is_due_and_what_is_under_way(
    signed_in, offices, duty, deliverable, reporter, reviewer
):
    published(duty, reporter, reviewer, status="active", effective_on=date(2025, 6, 1))
    submitted(duty, reporter)
    rows = {row.commitment.number: row for row in signed_in(reviewer).get(ADDRESS).context["rows"]}
    assert rows["1.1"].due_from == date(2026, 6, 2)
    assert (rows["1.1"].in_review, rows["1.1"].drafts) == (1, 0)
    assert rows["1.2"].due_from is None


def test_the_table_is_searched_and_sorted_by_what_is_due(
    signed_in, offices, plan, duty, reporter, reviewer
):
    published(duty, reporter, reviewer, status="active", effective_on=date(2025, 6, 1))
    client = signed_in(reviewer)

    def numbers(query):
        return [row.commitment.number for row in client.get(ADDRESS + query).context["rows"]]

    assert numbers("") == ["1.1", "1.2"]
    assert numbers("?sort=due") == ["1.2", "1.1"]
    assert numbers("?q=PLAN-1.2") == ["1.2"]
    assert client.get("/admin/planning/").url == ADDRESS
    PlanFactory(code="OTHER")
    assert 'href="/admin/planning/OTHER/"' in client.get(ADDRESS).text
    assert client.get("/admin/planning/NONE/").status_code == 404


@pytest.mark.parametrize("rows", [1, 12])
def test_the_table_takes_no_query_per_row(
    rows, signed_in, offices, plan, curator, django_assert_max_num_queries
):
    for number in range(rows):
        row = CommitmentFactory(plan=plan, number=f"8.{number}", position=10 + number)
        row.supporting_offices.add(offices[0])
    client = signed_in(curator)
    with django_assert_max_num_queries(16):
        client.get(ADDRESS)


# Sheets


def sheet_of(lines, name="plan.csv"):
    if name.endswith(".csv"):
        content = "\n".join(",".join(line) for line in lines).encode()
        return SimpleUploadedFile(name, content)
    book, file = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(file)
    return SimpleUploadedFile(name, file.getvalue())


COLUMNS = ["number", "title", "lead_office", "supporting_offices", "due_on"]


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


def test_a_number_that_stands_twice_in_a_sheet_is_a_mistake(curator, signed_in, offices, duty):
    lines = [["number", "lead_office"], ["1.1", "CAC"], ["1.1", "MFA"]]
    page = signed_in(curator).post(ADDRESS, {"check": "1", "sheet": sheet_of(lines)})
    [(place, problem)] = page.context["sheet_problems"]
    assert place == "row 3, number"
    assert problem.message == "Commitment 1.1 is in row 2 already."


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


def test_offices_may_be_named(curator, signed_in, offices, duty, deliverable):
    for office, name in zip(offices, ("外交部", "网信办"), strict=True):
        office.name = en_zh(f"Office {office.code}", name)
        office.save()
    sent = cells(duty, lead_office="外交部", supporting_offices="office cac、网信办")
    signed_in(curator).post(ADDRESS, sent | {"reason": REASON})
    assert stored(duty)[:2] == ("MFA", ["CAC"])


def test_a_name_that_two_offices_have_says_neither(curator, signed_in, offices, duty):
    for office in offices:
        office.name = en_zh("The office")
        office.save()
    page = signed_in(curator).post(ADDRESS, cells(duty, lead_office="The office"))
    assert "The office" in page.text
    assert stored(duty)[0] is None


def test_milestones_are_counted_and_the_next_is_named(
    curator, reporter, reviewer, signed_in, offices, deliverable
):
    client = signed_in(curator)
    assert "Milestones" not in table(client)
    for key, day in (("m1", date(2026, 1, 1)), ("m2", date(2026, 3, 1)), ("m3", date(2027, 1, 1))):
        MilestoneFactory(commitment=deliverable, key=key, title=en_zh(f"Step {key}"), due_on=day)
    offices[0].members.add(reporter)
    published(deliverable, reporter, reviewer, meets=["m1"])
    [row] = re.findall(rf"<tr>(?:(?!<tr>).)*>{deliverable.number}</a>.*?</tr>", table(client))
    assert "1 of 3 met" in row
    assert "1 March 2026</span> Step m2</span> <strong>Overdue</strong>" in row
    assert row.count("Overdue") == 1


def test_whoever_has_seen_the_present_value_may_replace_it(
    curator, signed_in, offices, deliverable
):
    client = signed_in(curator)
    sent = cells(deliverable, {"lead_office": "CAC"}, lead_office="") | {"reason": REASON}
    page = client.post(ADDRESS, sent).text
    assert "it is now “MFA”" in page
    assert f'name="w{deliverable.pk}-lead_office" value="MFA"' in page
    sent = cells(deliverable, {"lead_office": "MFA"}, lead_office="") | {"reason": REASON}
    assert client.post(ADDRESS, sent).status_code == 302
    assert stored(deliverable) == (None, [], None, None)


def test_every_mistake_is_said_at_once_with_the_missing_reason(
    curator, signed_in, offices, deliverable
):
    sent = cells(deliverable, due_on="soon") | {"reason": ""}
    page = signed_in(curator).post(ADDRESS, sent).text
    assert "Enter a date such as 2026-06-30." in page
    assert "Give a reason." in page


def test_a_reason_is_a_line_of_text(curator, signed_in, offices, duty):
    sent = cells(duty, lead_office="CAC") | {"reason": "As\0 the\x07 council decided."}
    signed_in(curator).post(ADDRESS, sent)
    assert history.commitment_entries(duty)[0].reason == REASON


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


def test_a_dry_run_changes_nothing(curator, offices, plan, duty):
    changes, problems = planned_changes(plan, {"1.1": {"lead_office": "CAC"}})
    assert problems == []
    before = Decision.objects.count()
    assert save_planned(changes, by=curator, at=NOW, reason=REASON, dry_run=True) == 1
    assert (stored(duty), Decision.objects.count()) == ((None, [], None, None), before)
    with pytest.raises(InvalidUpdate):
        save_planned(changes, by=curator, at=NOW, reason="", dry_run=True)


@pytest.mark.parametrize(
    "written", ["CAC, MFA", "MFA,CAC", "MFA; CAC", "MFA、CAC", "MFA, CAC, MFA", " CAC ,MFA,"]
)
def test_several_offices_are_written_in_any_order_with_any_separator(written, offices, plan, duty):
    [change], _problems = planned_changes(plan, {"1.1": {"supporting_offices": written}})
    assert change.after == "CAC, MFA"
