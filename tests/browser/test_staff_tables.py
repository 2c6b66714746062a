"""Tables of the staff side on small screens and in Chinese."""

from datetime import date

import pytest

from tests.factories import CommitmentFactory, MilestoneFactory, OfficeFactory
from tests.steps import published
from tests.words import en_zh

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]


# The number of lines that the words of an element take.
COUNT_LINES = """element => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map(({top}) => top)).size;
}"""


def left_of(page, selector):
    return page.locator(selector).first.bounding_box()["x"]


def test_on_a_phone_the_commitment_stays_beside_what_is_scrolled_past_it(browse, plan, curator):
    row = CommitmentFactory(plan=plan, kind="deliverable", title=en_zh("Open the libraries"))
    MilestoneFactory(commitment=row)
    page = browse(curator, viewport={"width": 390, "height": 800})
    page.goto(f"/admin/planning/{plan.code}/")
    before = left_of(page, ".planning th[scope=row]")
    page.locator(".planning .scroll").evaluate("scrolled => { scrolled.scrollLeft = 300; }")
    assert left_of(page, ".planning td") < 0
    assert abs(left_of(page, ".planning th[scope=row]") - before) <= 8
    assert page.locator(".planning th[scope=row]").first.bounding_box()["width"] < 390 / 2


def test_in_a_list_in_chinese_the_date_is_one_line(browse, plan, duty, curator, reporter, reviewer):
    office = OfficeFactory(name=en_zh("Office", "部门" * 40))
    CommitmentFactory(plan=plan, number="8.1", lead_office=office)
    published(duty, reporter, reviewer, status="active", effective_on=date(2026, 6, 30))
    page = browse(curator, locale="zh-CN", viewport={"width": 1366, "height": 800})
    page.goto("/admin/commitments/commitment/")
    cell = page.locator(".field-effective", has_text="2026").first
    assert cell.evaluate(COUNT_LINES) == 1
