"""axe finds no violation on the pages of webhook subscribers, which fit on a phone."""

import pytest

from commitments.webhooks.subscribers import add_subscriber
from tests.browser.test_accessibility import violations
from tests.steps import NOW

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

LIST = "/admin/commitments/webhooksubscriber/"


@pytest.mark.parametrize(("locale", "scheme"), [("en-US", "dark"), ("zh-CN", "light")])
def test_the_pages_of_subscribers(browse, duty, administrator, locale, scheme):
    row, _secret = add_subscriber(name="Mirror", url="https://example.org/a", at=NOW, tries=1)
    for status in (204, 500):
        row.attempts.create(
            at=NOW,
            message_id="change-1-0123456789abcdef",
            type="publish",
            status=status,
            reply="An answer of many words. " * 8,
            milliseconds=7,
        )
    page = browse(
        administrator,
        locale=locale,
        color_scheme=scheme,
        viewport={"width": 360, "height": 740},
    )
    wrong = {}
    for address in (LIST, f"{LIST}add/", f"{LIST}{row.pk}/change/"):
        page.goto(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        if (found := violations(page)) or width > 360:
            wrong[address] = (width, found)
    page.locator("button[value=rotate]").click()
    page.locator("code.token").wait_for()
    if found := violations(page):
        wrong["secret"] = found
    assert wrong == {}
