"""How much room the form for logging progress takes, and what of it stays in view."""

import pytest
from playwright.sync_api import expect

from commitments.models import Commitment
from tests.steps import published

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]

# In pixels: of the page with one link; 3.2 names the most forums.
MAX_HEIGHT = 1100
MAX_HEIGHT_WITH_ASSESSMENT = 2000
LOCALES = pytest.mark.parametrize("locale", ["zh-CN", "en-US"])


def height(page):
    return page.evaluate("document.documentElement.scrollHeight")


@pytest.fixture
def form_with_a_link(browse, iscc, reporter):
    """`form_with_a_link(number, …)` returns the page of a new draft, to which a link was added."""

    def form(number, **options):
        page = browse(reporter, **options)
        page.goto(f"/admin/log/{Commitment.objects.get(number=number).code}/")
        page.locator("#links").fill("https://example.org/minutes")
        page.locator("button[name=add]").click()
        expect(page.locator("fieldset.source")).to_have_count(1)
        return page

    return form


@LOCALES
@pytest.mark.parametrize("number", ["1.1", "3.2", "9.1"])
def test_with_one_link_the_form_is_less_than_two_screens_high(form_with_a_link, number, locale):
    page = form_with_a_link(number, locale=locale, viewport={"width": 1366, "height": 768})
    assert height(page) <= MAX_HEIGHT
    page.locator("details.assessment > summary").click()
    assert height(page) <= MAX_HEIGHT_WITH_ASSESSMENT


def test_where_sources_are_added_is_folded_once_there_is_one_and_opens_again(form_with_a_link):
    page = form_with_a_link("1.1")
    expect(page.locator("#links")).to_be_hidden()
    page.locator(".add-sources > summary").click()
    page.locator("#links").fill("https://example.org/report")
    page.locator("button[name=add]").click()
    expect(page.locator("fieldset.source")).to_have_count(2)


@LOCALES
def test_what_is_missing_stays_in_view_down_to_the_end_of_the_form(form_with_a_link, locale):
    page = form_with_a_link("1.1", locale=locale, viewport={"width": 1366, "height": 768})
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator("#missing")).to_be_in_viewport(ratio=1)
    expect(page.locator("button[name=submit]")).to_be_in_viewport(ratio=1)


def test_on_a_phone_what_is_missing_is_counted_beside_the_button(form_with_a_link):
    page = form_with_a_link("1.1", viewport={"width": 390, "height": 844})
    expect(page.locator(".missing-count")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@LOCALES
def test_a_column_of_events_is_headed_by_the_words_of_its_criterion(
    form_with_a_link, iscc, reporter, reviewer, locale
):
    published(Commitment.objects.get(number="1.1"), reporter, reviewer)
    page = form_with_a_link("1.1", locale=locale)
    page.locator("details.assessment > summary").click()
    criterion = Commitment.objects.get(number="1.1").criteria.get(key="a")
    words = criterion.text["zh" if locale == "zh-CN" else "en"]
    expect(page.locator(".events thead th").nth(1)).to_contain_text(words)
    box = page.get_by_role("checkbox", name=f"a {words}").first
    expect(box).to_be_visible()
