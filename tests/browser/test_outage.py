"""The database is busy while an officer saves: what she typed stays, with and without script, and
is saved once when she sends it again."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_staff_side import drop_a_file
from tests.faults.served_site import new_site
from tests.fixtures.browser import TIMEOUT
from tests.workflow.race_track import writer

pytestmark = [pytest.mark.browser, pytest.mark.long]

FORM = "/admin/log/EAST-2.1/"
WORDS = 'Written for an hour: "two" meetings.\nOne of them was public.'
UPDATES = "SELECT id, state, summary FROM commitments_progressupdate ORDER BY id"
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outage")
    with new_site(folder) as site:
        yield site


@pytest.fixture
def officer(chromium, site):
    """`officer(script)` returns a page on which a member of the lead office is signed in."""
    contexts, key = [], site.sessions()["reporter-1"]

    def officer(script=True):
        context = chromium.new_context(base_url=site.host, java_script_enabled=script)
        context.add_cookies([{"name": "sessionid", "value": key, "url": site.host}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("dialog", lambda dialog: dialog.accept())
        return page

    yield officer
    for context in contexts:
        context.close()


@pytest.fixture
def made(site):
    """`made()` returns the updates that the test has made."""
    before = site.rows(UPDATES)
    return lambda: [row for row in site.rows(UPDATES) if row not in before]


def write(page):
    page.goto(FORM)
    page.fill("#links", "https://example.org/1")
    page.click("button[name=add]")
    page.fill("#id_evidence-0-title_und", "Minutes")
    page.select_option("#id_evidence-0-kind", "meeting_record")
    page.select_option("#id_evidence-0-source", "independent")
    page.fill("#id_summary_en", WORDS)
    page.check("input[name=event_type][value=participation]")


def press(page, selector):
    """Press a button that loads another page; return the answer."""
    with page.expect_navigation() as loaded:
        page.locator(selector).last.click()
    return loaded.value


def press_while_busy(page, selector, site):
    with writer(site.address):
        answer = press(page, selector)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "Nothing was saved yet." in page.inner_text("main")


@SCRIPT
def test_a_form_that_could_not_be_saved_is_sent_again_from_the_page_that_says_so(
    officer, site, made, script
):
    page = officer(script)
    write(page)
    press_while_busy(page, "button[name=submit]", site)
    press_while_busy(page, "main button", site)
    assert made() == []
    kept = page.eval_on_selector("main form", "form => Object.fromEntries(new FormData(form))")
    press(page, "main button")
    expect(page.locator(".messages .saved")).to_be_visible()
    [update] = made()
    assert update["state"] == "submitted"
    assert "Written for an hour" in str(update["summary"])
    # Nor is it saved twice by whoever has the browser send it once more.
    assert "was saved before, as this update" in page.request.post(FORM, form=kept).text()
    assert len(made()) == 1


@SCRIPT
def test_whoever_goes_back_to_the_form_finds_it_as_they_left_it(officer, site, made, script):
    page = officer(script)
    page.goto(FORM)
    page.fill("#id_summary_en", WORDS)
    page.check("input[name=event_type][value=participation]")
    press_while_busy(page, "button[name=save]", site)
    page.go_back()
    expect(page.locator("#id_summary_en")).to_have_value(WORDS)
    expect(page.locator("input[name=event_type][value=participation]")).to_be_checked()
    # Nothing is offered that is there.
    expect(page.locator("#kept-copy")).to_be_hidden()
    press(page, "button[name=save]")
    expect(page.locator(".messages .saved")).to_be_visible()
    [update] = made()
    assert "One of them was public" in str(update["summary"])


def test_whoever_opens_the_form_anew_restores_what_the_browser_kept(officer, site, made):
    page = officer()
    write(page)
    press_while_busy(page, "button[name=submit]", site)
    page.goto("/admin/")
    page.goto(FORM)
    page.click("#kept-copy [data-restore]")
    expect(page.locator("#id_summary_en")).to_have_value(WORDS)
    expect(page.locator("#id_evidence-0-title_und")).to_have_value("Minutes")
    expect(page.locator("#kept-copy")).to_be_hidden()
    # What was filled in works as before.
    drop_a_file(page)
    expect(page.locator("fieldset.source .kept")).to_contain_text("minutes.txt")
    page.check("input[name='evidence-1-DELETE']")
    press(page, "button[name=submit]")
    expect(page.locator(".messages .saved")).to_be_visible()
    [update] = made()
    assert update["state"] == "submitted"
    page.goto(FORM)
    expect(page.locator("#kept-copy")).to_be_hidden()


def test_a_kept_copy_that_no_script_can_fetch_is_opened_as_a_page(officer, made):
    page = officer()
    page.goto(FORM)
    page.fill("#id_summary_en", WORDS)
    page.wait_for_timeout(800)
    page.goto("/admin/")
    page.goto(FORM)
    warned = []
    page.on("dialog", lambda dialog: warned.append(dialog.message))
    page.route("**/admin/log/**", abort_scripts)
    press(page, "#kept-copy [data-restore]")
    expect(page.locator("#id_summary_en")).to_have_value(WORDS)
    assert (made(), warned) == ([], [])
    # The page might not have come either: the copy stays until it is saved.
    assert WORDS[:20] in page.evaluate("JSON.stringify(Object.values(localStorage))")


def abort_scripts(route):
    route.abort() if route.request.resource_type == "fetch" else route.continue_()
