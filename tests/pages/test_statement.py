"""The accessibility statement: complete, and the same at the top and in the table."""

import re
from collections import Counter

import pytest

from commitments.pages.wcag import SUCCESS_CRITERIA, Conformance, Level

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

PAGE = "/en/accessibility/"
# How many criteria each guideline of WCAG 2.2 has at levels A and AA, without 4.1.1.
OF_GUIDELINES = {
    "1.1": 1, "1.2": 5, "1.3": 5, "1.4": 9,
    "2.1": 3, "2.2": 2, "2.3": 1, "2.4": 8, "2.5": 6,
    "3.1": 2, "3.2": 5, "3.3": 6,
    "4.1": 2,
}  # fmt: skip
OPEN = (Conformance.NOT_MET, Conformance.NOT_EVALUATED)


def test_every_criterion_of_both_levels_is_there_once_and_in_order():
    numbers = [criterion.number for criterion in SUCCESS_CRITERIA]
    assert Counter(number.rpartition(".")[0] for number in numbers) == OF_GUIDELINES
    parts = [tuple(map(int, number.split("."))) for number in numbers]
    assert parts == sorted(set(parts))
    levels = Counter(criterion.level for criterion in SUCCESS_CRITERIA)
    assert levels == {Level.A: 31, Level.AA: 24}


def test_what_is_not_met_or_not_known_says_why():
    assert [row.number for row in SUCCESS_CRITERIA if row.result in OPEN and not row.note] == []


def test_all_results_are_those_of_the_public_pages_alone(flat):
    """The staff side has a time limit, a sign-in and messages; the public pages have none."""
    results = {row.number: row for row in SUCCESS_CRITERIA}
    for number in ("2.2.1", "3.3.8", "4.1.3"):
        assert results[number].result == Conformance.DOES_NOT_APPLY
        assert "ublic pages" in str(results[number].note)
    assert [row.number for row in SUCCESS_CRITERIA if "taff" in str(row.note)] == []
    page = flat(PAGE)
    assert "The results are those of the public pages alone" in page
    assert "Known not to be met there is 2.2.1" in page.partition("<table")[0]


def test_what_is_open_stands_at_the_top_and_everything_in_the_table(flat):
    page = flat(PAGE)
    top, table = page.split("<table", maxsplit=1)
    assert re.findall(r"<strong>([\d.]+) ", top) == [
        row.number for row in SUCCESS_CRITERIA if row.result in OPEN
    ]
    assert table.count('<th scope="row">') == len(SUCCESS_CRITERIA)
    counts = Counter(str(row.result.label) for row in SUCCESS_CRITERIA)
    assert {name: int(n) for name, n in re.findall(r"<dt>([^<]+)</dt><dd>(\d+)<", top)} == counts


def test_the_statement_says_partially_as_long_as_something_is_open(flat):
    assert any(row.result in OPEN for row in SUCCESS_CRITERIA)
    assert "<strong>partially conformant</strong>" in flat(PAGE)


def test_the_contact_is_that_of_the_settings(get_page, settings):
    assert "Those who run this site have not given a contact." in get_page(PAGE)
    settings.SITE_CONTACT = "tracker@example.org"
    page = get_page(PAGE)
    assert page.count('<a href="mailto:tracker@example.org">Contact</a>') == 2
    assert "have not given a contact" not in page


def test_the_statement_costs_no_query_and_every_page_leads_to_it(
    client, get_page, plan, django_assert_num_queries
):
    with django_assert_num_queries(0):
        client.get(PAGE)
    for path in ("/en/", "/en/PLAN/", "/en/ledger/"):
        assert f'<a href="{PAGE}">Accessibility</a>' in get_page(path)
