"""Tables of the staff side on small screens and in Chinese."""

from datetime import date

import pytest

from commitments.models import Partnership
from tests.factories import CommitmentFactory, ForumFactory, MilestoneFactory, OfficeFactory
from tests.steps import published, record_loaded
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


@pytest.fixture
def commitment_of_long_names(plan, duty, reporter, reviewer):
    """A commitment with forum, office and an update, all of them with long names."""
    parent = ForumFactory(code="COOPERATION-ASSEMBLY", name=en_zh("General assembly " * 5, "大会"))
    name = en_zh("Conference of the parties " * 4, "缔约方会议")
    forum = ForumFactory(code="CONFERENCE-OF-PARTIES", name=name, parent=parent)
    Partnership.objects.create(commitment=duty, forum=forum)
    record_loaded(plan)
    published(duty, reporter, reviewer, status="active")
    duty.lead_office = OfficeFactory(name=en_zh("Office of long names " * 4, "部门"))
    duty.save()
    return duty


LISTS = "links => links.map(link => link.getAttribute('href')).filter(to => !to.endsWith('/add/'))"


def test_no_list_of_records_is_wider_than_its_place(
    browse, commitment_of_long_names, administrator
):
    page = browse(administrator, viewport={"width": 1366, "height": 800})
    page.goto("/admin/records/")
    addresses = page.eval_on_selector_all(".record-groups a", LISTS)
    shown = 0
    for address in dict.fromkeys(addresses):
        page.goto(address)
        lists = page.locator("#changelist .results")
        for row in lists.all():
            shown += 1
            assert row.evaluate("place => place.scrollWidth <= place.clientWidth"), address
    assert shown >= 8
