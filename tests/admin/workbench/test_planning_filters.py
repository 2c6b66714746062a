"""Who owes what: the planning table by office, and by what has not been answered."""

import html
import re
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from commitments.curation.report_calls import ask_for_reports, report_nothing_new
from tests.admin.workbench.planning import ADDRESS, REASON, stored
from tests.factories import CommitmentFactory, OfficeFactory, PlanFactory
from tests.steps import NOW, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def called(plan, curator, reporter):
    """Reports were called for on five commitments; two were answered, one of each office."""
    offices = {code: OfficeFactory(code=code) for code in ("CAC", "MFA")}
    rows = {
        number: CommitmentFactory(
            plan=plan, number=number, position=position, lead_office=offices.get(lead)
        )
        for position, (number, lead) in enumerate(
            {"1.1": "MFA", "1.2": "MFA", "1.3": "CAC", "1.4": None, "1.5": "CAC"}.items()
        )
    }
    rows["1.2"].supporting_offices.add(offices["CAC"])
    for office in offices.values():
        office.members.add(reporter)
    ask_for_reports(plan, by=curator, at=NOW - timedelta(hours=1), due_on=date(2026, 7, 15))
    report_nothing_new(rows["1.1"], by=reporter, at=NOW)
    submitted(rows["1.3"], reporter)
    OfficeFactory(code="ELSEWHERE")
    ask_for_reports(PlanFactory(code="OTHER"), by=curator, at=NOW, due_on=date(2026, 7, 15))
    return rows


def shown(client, query):
    return [row.commitment.number for row in client.get(ADDRESS + query).context["rows"]]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["1.1", "1.2", "1.3", "1.4", "1.5"]),
        ("?open=1", ["1.2", "1.4", "1.5"]),
        ("?office=MFA", ["1.1", "1.2"]),
        ("?office=CAC", ["1.2", "1.3", "1.5"]),
        ("?open=1&office=MFA", ["1.2"]),
        ("?open=1&office=CAC", ["1.2", "1.5"]),
        ("?open=1&office=none", ["1.4"]),
        ("?office=none", ["1.4"]),
        ("?office=ELSEWHERE", []),
        ("?open=1&q=PLAN-1.5", ["1.5"]),
        ("?open=1&sort=due", ["1.2", "1.4", "1.5"]),
    ],
)
def test_the_table_shows_what_an_office_owes(query, numbers, called, signed_in, reviewer):
    assert shown(signed_in(reviewer), query) == numbers


@pytest.mark.long
def test_the_page_says_which_offices_owe_how_many_and_links_to_each(called, signed_in, reviewer):
    client = signed_in(reviewer)
    page = " ".join(client.get(ADDRESS).text.split())
    assert "Reports due on 15 July 2026: 2 of 5 answered." in page
    links = re.findall(r'<a href="(\?open=1[^"]*)"[^>]*>([^<]*)</a>', html.unescape(page))
    assert links == [
        ("?open=1", "3"),
        ("?open=1&office=CAC", "CAC 2"),
        ("?open=1&office=MFA", "MFA 1"),
        ("?open=1&office=none", "No office assigned 1"),
    ]
    for query, words in links:
        assert len(shown(client, query)) == int(words.split()[-1])


def test_the_filters_are_a_form_that_keeps_what_else_was_chosen(called, signed_in, reviewer):
    page = " ".join(
        signed_in(reviewer).get(f"{ADDRESS}?open=1&office=CAC&q=1.&sort=due").text.split()
    )
    assert '<option value="CAC" selected>' in page
    assert re.search(r'name="open" value="1"[^>]* checked', page)
    assert 'name="sort" value="due"' in page
    # Of offices that this plan does not have there is nothing to choose.
    assert "ELSEWHERE" not in page
    order = html.unescape(page)
    assert 'href="?open=1&office=CAC&q=1."' in order


def test_an_office_that_there_is_not_is_said_and_filters_nothing(called, signed_in, reviewer):
    client = signed_in(reviewer)
    answer = client.get(f"{ADDRESS}?office=NONE")
    assert "There is no office “NONE”." in answer.text
    assert len(answer.context["rows"]) == 5


def test_without_a_call_nothing_is_owed(plan, duty, signed_in, reviewer):
    client = signed_in(reviewer)
    assert 'name="open"' not in client.get(ADDRESS).text
    assert shown(client, "?open=1") == []


def test_cells_are_saved_in_a_table_that_is_filtered(called, signed_in, curator):
    address, row = f"{ADDRESS}?open=1&office=CAC", called["1.5"]
    sent = {f"c{row.pk}-ends_on": "2030-12-31", f"w{row.pk}-ends_on": "", "reason": REASON}
    assert signed_in(curator).post(address, sent).url == address
    assert stored(row)[3] == date(2030, 12, 31)


def test_the_sheet_has_the_rows_that_are_shown(called, signed_in, curator, tmp_path):
    client = signed_in(curator)
    page = html.unescape(client.get(f"{ADDRESS}?open=1&office=CAC").text)
    address = f"{ADDRESS}sheet.xlsx?open=1&office=CAC"
    assert f'href="{address}"' in page
    file = tmp_path / "sheet.xlsx"
    file.write_bytes(client.get(address).content)
    [_head, *rows] = load_workbook(file).worksheets[0].iter_rows(values_only=True)
    assert [row[0] for row in rows] == ["1.2", "1.5"]


@pytest.mark.parametrize("rows", [1, 12])
def test_who_owes_what_takes_no_query_per_row(
    rows, called, plan, signed_in, reviewer, django_assert_max_num_queries
):
    for number in range(rows):
        office = OfficeFactory(code=f"O{number}")
        row = CommitmentFactory(plan=plan, number=f"8.{number}", position=10 + number)
        row.supporting_offices.add(office)
    client = signed_in(reviewer)
    with django_assert_max_num_queries(21):
        client.get(f"{ADDRESS}?open=1")
