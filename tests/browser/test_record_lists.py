"""The lists of records on a phone."""

import pytest

from tests.steps import published

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]

LISTS = ("progressupdate", "commitment", "decision", "evidence")
WIDER = "element => element.scrollWidth > element.clientWidth"


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_no_list_is_wider_than_a_phone(browse, duty, reporter, reviewer, administrator, locale):
    published(duty, reporter, reviewer)
    page = browse(administrator, locale=locale, viewport={"width": 390, "height": 844})
    for name in LISTS:
        page.goto(f"/admin/commitments/{name}/")
        assert page.evaluate("document.documentElement.scrollWidth") == 390, name
        assert not page.locator(".results").evaluate(WIDER), name


def test_each_value_on_a_phone_has_its_heading(browse, duty, reporter, reviewer):
    published(duty, reporter, reviewer)
    page = browse(reviewer, viewport={"width": 390, "height": 844})
    page.goto("/admin/commitments/progressupdate/")
    state = page.locator("#result_list td.field-state")
    assert state.get_attribute("data-label") == "State"
    shown = state.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert shown == '"State"'
