"""The workbook of commitments, for people."""

import io
from copy import deepcopy
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import openpyxl
import pytest

from commitments.choices import METHODOLOGY, Action
from commitments.exports.workbook import Sheet, sheet_date, write_workbook
from commitments.importing import plan_load
from commitments.models import Commitment, Office
from tests import steps
from tests.factories import ForumFactory
from tests.fixtures.worlds import people, shared_world
from tests.importing.town import VALID
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

LIST = "/api/v1/commitments/export/?format=xlsx&plan=TOWN"
SHEETS = ["Commitments", "Criteria", "Updates", "Sources", "Milestones", "About"]


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield build()


@pytest.fixture
def town(db, built):
    """An update on the plan of the town."""
    return deepcopy(built)


def build():
    reporter, reviewer, _curator = people()
    plan_load.load_plan(VALID, at=steps.NOW)
    Office.objects.get(code="WORKS").members.add(reporter)
    built = Commitment.objects.get(number="A.1")
    return steps.published(
        built,
        reporter,
        reviewer,
        status="started",
        summary=en_zh("=Begun.", "已开始。"),
        evidence=[steps.REPORT, steps.INTERNAL],
    )


@pytest.fixture
def workbook(api):
    def workbook(query="", user=None, **headers):
        answer = api(user).get(LIST + query, headers=headers)
        assert answer.status_code == 200, answer.content
        return openpyxl.load_workbook(io.BytesIO(b"".join(answer)))

    return workbook


def rows_of(sheet):
    """Return the rows of a sheet by heading."""
    header, *rows = sheet.values
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.long
def test_there_is_a_sheet_for_each_sort_of_thing(town, workbook):
    book = workbook()
    assert book.sheetnames == SHEETS
    assert [sheet.max_row for sheet in book][:5] == [3, 3, 2, 2, 3]
    about = dict(book["About"].iter_rows(min_row=2, values_only=True))
    assert about["Link"] == f"http://testserver{LIST}"
    assert about["TOWN Title"] == "Town plan"
    assert "As of" not in about


@pytest.mark.long
def test_commitments_are_said_in_words_and_lead_to_their_pages(town, workbook):
    sheet = workbook()["Commitments"]
    built, _other = rows_of(sheet)
    assert built["Commitment"] == "TOWN-A.1"
    assert (built["Title (English)"], built["Kind"]) == ("Build", "Deliverable")
    assert (built["Status"], built["Freshness"]) == ("Started", "Current")
    assert built["Lead office"] == str(Office.objects.get(code="WORKS").name)
    assert built["Criteria shown"] == "1 / 2"
    link = sheet[2][-1]
    assert link.hyperlink.target == link.value == "http://testserver/en/TOWN/commitments/A.1/"


@pytest.mark.long
def test_criteria_stand_with_what_the_assessment_finds(town, workbook):
    first, second = rows_of(workbook()["Criteria"])
    assert (first["Key"], first["Criterion (English)"]) == ("a", "It is built.")
    found = [row["Finding of the current assessment"] for row in (first, second)]
    assert found == ["Shown", "Not shown"]


@pytest.mark.long
def test_updates_and_their_sources_are_those_that_the_reader_may_see(town, workbook, reviewer):
    book = workbook()
    [update] = rows_of(book["Updates"])
    assert (update["Update"], update["Status"]) == (town.pk, "Started")
    [source] = rows_of(book["Sources"])
    assert source["Title"] == steps.REPORT["title"]
    assert source["Citation"] == steps.REPORT["citation"]
    assert len(rows_of(workbook(user=reviewer)["Sources"])) == 2


@pytest.mark.long
def test_the_forums_of_an_update_stand_by_name_in_the_readers_language(
    town, workbook, reporter, reviewer
):
    forums = [ForumFactory(code=code, name=en_zh(f"The {code}", code * 2)) for code in ("B", "A")]
    steps.published(town.commitment, reporter, reviewer, forums=forums)
    named = [row["Partner forums"] for row in rows_of(workbook()["Updates"])]
    assert sorted(filter(None, named)) == ["The A\nThe B"]
    chinese = workbook(accept_language="zh-Hans")["进展记录"]
    assert "AA\nBB" in [row["合作机制与平台"] for row in rows_of(chinese)]


@pytest.mark.long
def test_text_is_never_a_formula(town, workbook):
    cell = workbook()["Updates"]["G2"]
    assert (cell.value, cell.data_type) == ("=Begun.", "s")


@pytest.mark.long
def test_milestones_have_their_dates_as_dates(town, workbook):
    first, second = rows_of(workbook()["Milestones"])
    assert (first["Key"], first["Due date"]) == ("m1", datetime(2025, 5, 1))
    assert (second["Title (English)"], second["Met on"]) == ("Half built", None)


@pytest.mark.long
def test_a_date_is_shown_as_exactly_as_it_is_known(town, workbook, reporter, reviewer):
    days = [(date(2025, 12, 31), "year", ["m1"]), (date(2026, 5, 31), "month", [])]
    for day, precision, met in days:
        dated = {"effective_on": day, "date_precision": precision, "meets": met}
        steps.published(town.commitment, reporter, reviewer, event_type="instrument", **dated)
    book = workbook()

    def shown(sheet, heading):
        header, *rows = book[sheet].iter_rows()
        column = [cell.value for cell in header].index(heading)
        return [(row[column].value, row[column].number_format) for row in rows]

    year, month = (datetime(2025, 12, 31), "yyyy"), (datetime(2026, 5, 31), "yyyy-mm")
    assert shown("Updates", "Date")[1:] == [month, year]
    assert shown("Updates", "Date")[0][1] == "yyyy-mm-dd"
    assert shown("Milestones", "Met on") == [year, (None, "General")]


def test_nor_is_a_year_shown_as_a_day_that_is_too_early_for_spreadsheets():
    rows = [SimpleNamespace(day=date(1898, 12, 31), precision=name) for name in ("year", "day")]
    sheet = Sheet("Old", [sheet_date("Day", "day", "precision")], lambda selection: rows)
    file = io.BytesIO()
    write_workbook([sheet], None, ["en"], {}, {}, file)
    old = openpyxl.load_workbook(file)["Old"]
    assert [row[0] for row in old.values] == ["Day", "1898", "1898-12-31"]


@pytest.mark.long
def test_the_headings_are_in_the_readers_language(town, workbook):
    book = workbook(accept_language="zh-hans")
    assert book.sheetnames[0] == "承诺"
    header = [cell.value for cell in book["承诺"][1]]
    assert header[:2] == ["承诺", "标题（英语）"]
    assert "牵头部门" in header
    assert ("评估方法", METHODOLOGY) in book["说明"].values


@pytest.mark.long
def test_every_sheet_can_be_filtered_and_keeps_its_heading_in_view(town, workbook):
    for sheet in workbook():
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(cell.font.bold for cell in sheet[1])
        assert sheet["A2"].alignment.wrap_text


@pytest.mark.long
def test_what_was_withdrawn_since_is_a_tombstone_under_an_earlier_clock(town, workbook, reviewer):
    steps.perform(town, Action.RETRACT, reviewer, steps.NOW + timedelta(hours=1), note="Wrong.")
    book = workbook(f"&known_at={steps.NOW:%Y-%m-%dT%H:%M:%SZ}")
    [update] = rows_of(book["Updates"])
    assert (update["Status"], update["Summary (English)"]) == ("Started", None)
    assert update["Evidence level"] is None
    assert rows_of(book["Sources"]) == []


@pytest.mark.long
def test_it_takes_the_clocks_and_the_filters(town, workbook):
    book = workbook("&as_of=2020-01-01")
    assert {row["Status"] for row in rows_of(book["Commitments"])} == {"Not yet assessed"}
    assert rows_of(book["Updates"]) == []
    assert rows_of(workbook("&status=completed")["Commitments"]) == []
