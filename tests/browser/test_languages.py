"""Plans in other languages than those of the interface, in a browser: accessible, within the width
of a phone, and with a form that offers their languages."""

import pytest
from playwright.sync_api import expect

from commitments.models import ProgressUpdate
from tests.browser.test_accessibility import open_all, violations
from tests.other_languages import PROGRESS, load_plan_of

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

PATHS = (
    "",
    "commitments/",
    "commitments/{number}/",
    "forums/",
    "forums/{forum}/",
    "forums/{forum}/brief/",
    "areas/1/",
    "changes/",
    "events/",
    "methodology/",
    "data/",
)


@pytest.fixture(params=PROGRESS)
def update(request, reporter, reviewer):
    return load_plan_of(request.param, reporter, reviewer)


def addresses(update):
    plan, [forum] = update.commitment.plan.code, update.forums.all()
    for path in PATHS:
        yield f"{plan}/{path.format(number=update.commitment.number, forum=forum.code)}"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_are_accessible(browse, update, language):
    page, wrong = browse(), {}
    for address in addresses(update):
        page.goto(f"/{language}/{address}")
        open_all(page)
        if found := violations(page):
            wrong[address] = found
    assert wrong == {}


def test_the_pages_do_not_scroll_sideways_on_a_phone(browse, update):
    page = browse(viewport={"width": 360, "height": 740})
    for address in addresses(update):
        page.goto(f"/en/{address}")
        open_all(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, address


def test_the_staff_side_is_accessible(browse, update, reporter, curator):
    wrong = {}
    for person, address in (
        (reporter, f"/admin/log/{update.commitment.code}/"),
        (curator, f"/admin/commitments/commitment/{update.commitment_id}/change/"),
    ):
        page = browse(person)
        page.goto(address)
        # Django's own widgets are not ours to mend: only the inputs of texts are checked.
        page.evaluate(
            "document.querySelectorAll('.related-widget-wrapper, #nav-sidebar')"
            ".forEach(element => element.remove())"
        )
        if found := [row for row in violations(page) if "language" in str(row[1])]:
            wrong[address] = found
    assert wrong == {}


def test_progress_is_logged_in_the_languages_of_the_plan(browse, reporter, reviewer):
    update = load_plan_of("OASIS", reporter, reviewer)
    page = browse(reporter)
    page.goto(f"/admin/log/{update.commitment.code}/")
    assert page.locator("#id_summary_en").count() == 0
    arabic, french = page.locator("#id_summary_ar"), page.locator("#id_summary_fr")
    expect(arabic).to_have_attribute("dir", "rtl")
    arabic.fill("عُقد الملتقى.")
    page.locator("#id_summary summary").click()
    french.fill("La rencontre a eu lieu.")
    page.fill("#id_when", "2026-06-15")
    page.get_by_role("radio", name="Took part").check()
    page.fill("#links", "https://example.org/bayan")
    page.locator("button[name=add]").click()
    page.fill("#id_evidence-0-title_und", "بيان")
    page.fill("#id_evidence-0-publisher_name", "Rencontre des oasis")
    page.select_option("#id_evidence-0-kind", "statement")
    page.select_option("#id_evidence-0-source", "independent")
    page.locator("#evidence summary", has_text="More").click()
    page.fill("#id_evidence-0-language", "ar")
    page.locator("button[name=save][value='1']").click()
    page.locator(".messages .saved").wait_for()
    made = ProgressUpdate.objects.latest("pk")
    assert made.summary == {"ar": "عُقد الملتقى.", "fr": "La rencontre a eu lieu."}
    [piece] = made.evidence.all()
    assert piece.title == {"ar": "بيان"}
    # The publisher was known by its French name, and has its Arabic one.
    assert piece.publisher.name["ar"] == "ملتقى الواحات"
