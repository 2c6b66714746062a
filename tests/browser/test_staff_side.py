"""Logging progress, reviewing and assigning in a browser, in both languages, with and without
script; and what the work costs in clicks and loads."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from commitments.choices import State, Status
from commitments.models import ProgressUpdate
from tests.browser.worker import Worker
from tests.factories import OfficeFactory
from tests.steps import published, record_loaded, submitted, upload

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def labels(locale, *pairs):
    """Return the English or the Chinese text of each pair."""
    return [zh if locale == "zh-CN" else en for en, zh in pairs]


LOCALES = pytest.mark.parametrize(
    "locale", ["zh-CN", pytest.param("en-US", marks=pytest.mark.long)]
)
SCRIPT = pytest.mark.parametrize("script", [True, pytest.param(False, marks=pytest.mark.long)])
SUBMIT = ("Submit for review", "提交审核")
PUBLISH = ("Publish and next", "发布并继续")
RETURN = ("Return and next", "退回并继续")


@pytest.mark.long
@SCRIPT
@LOCALES
def test_a_reporter_logs_progress_and_a_reviewer_publishes_it(
    browse, duty, reporter, reviewer, locale, script
):
    log, took_part, submit, submitted_message, publish, done = labels(
        locale,
        ("Log progress", "填报进展"),
        ("Took part: ", "参与："),
        SUBMIT,
        ("Submitted for review.", "已提交审核。"),
        PUBLISH,
        ("Published.", "已发布。"),
    )
    page = browse(reporter, locale=locale, java_script_enabled=script)
    work = Worker(page)
    work.click(page.locator(f"#desk-needs_attention ~ .rows a[href$='/log/{duty.code}/']"))
    expect(page).to_have_title(re.compile(log))
    work.type(page.locator("#links"), "https://example.org/1 https://example.org/2")
    work.click(page.locator("button[name=add]"))
    expect(page.locator("fieldset.source")).to_have_count(2)
    for number in range(2):
        work.type(page.locator(f"#id_evidence-{number}-title_und"), f"Resolution {number}")
        work.choose(page.locator(f"#id_evidence-{number}-kind"), "resolution")
        work.choose(page.locator(f"#id_evidence-{number}-source"), "official")
    work.type(page.locator("#id_summary textarea").first, "The assembly adopted a resolution.")
    work.click(page.get_by_role("radio", name=took_part))
    work.click(page.get_by_role("button", name=submit))
    expect(page.locator(".messages")).to_contain_text(submitted_message)

    page = browse(reviewer, locale=locale, java_script_enabled=script)
    expect(page.locator("nav.staff .count")).to_have_text("1")
    page.locator("#desk-to_review ~ .rows a").click()
    expect(page.get_by_text("The assembly adopted a resolution.")).to_be_visible()
    page.get_by_role("button", name=publish).click()
    expect(page.locator(".messages")).to_contain_text(done)
    update = ProgressUpdate.objects.get()
    assert (update.state, update.evidence.count()) == (State.PUBLISHED, 2)


# What it costs


@pytest.mark.long
def test_logging_with_one_link_takes_ten_clicks_and_three_loads(browse, duty, reporter, reviewer):
    link = {"url": "https://example.org/1", "kind": "resolution", "source": "official"}
    published(duty, reporter, reviewer, evidence=[link | {"title": "One"}])
    page = browse(reporter)
    work = Worker(page)
    work.click(page.get_by_role("link", name="Log progress").first)
    work.click(page.locator(".rows a").first)
    work.type(page.locator("#links"), "https://example.org/2")
    work.click(page.locator("button[name=add]"))
    expect(page.locator("#id_evidence-0-kind")).to_have_value("resolution")
    work.type(page.locator("#id_evidence-0-title_und"), "Two")
    work.type(page.locator("#id_summary_en"), "The assembly adopted a second resolution.")
    work.click(page.get_by_role("radio", name="Took part"))
    work.click(page.get_by_role("button", name="Submit for review"))
    expect(page.locator(".messages .saved")).to_be_visible()
    assert work.clicks <= 10, work
    assert work.loads <= 3, work


@pytest.mark.long
def test_a_review_takes_one_click_and_one_load(browse, duty, reporter, reviewer):
    for _number in range(3):
        submitted(duty, reporter)
    page = browse(reviewer)
    work = Worker(page)
    work.click(page.locator("nav.staff").get_by_role("link", name="Review"))
    expect(page.get_by_text("1 of 3 that wait for you")).to_be_visible()
    page.wait_for_load_state()
    before = work.clicks, work.loads
    for left in (2, 1):
        work.click(page.get_by_role("button", name="Publish and next"))
        expect(page.locator("nav.staff .count")).to_have_text(str(left))
        page.wait_for_load_state()
    assert (work.clicks - before[0], work.loads - before[1]) == (2, 2)
    work.type(page.locator("#id_note"), "Name the meeting.")
    work.click(page.get_by_role("button", name="Return and next"))
    expect(page.get_by_text("Nothing else waits for your review.")).to_be_visible()
    page.wait_for_load_state()
    assert work.loads - before[1] == 3, work
    assert ProgressUpdate.objects.get(state=State.RETURNED)


@pytest.mark.long
def test_a_digit_is_corrected_in_five_clicks(browse, duty, reporter, reviewer):
    original = published(duty, reporter, reviewer, status=Status.ACTIVE)
    page = browse(reporter)
    work = Worker(page)
    work.click(page.get_by_role("link", name="Progress updates"))
    work.click(page.get_by_role("link", name=f"#{original.pk}", exact=True))
    work.click(page.get_by_role("link", name="Correct this update"))
    work.type(page.locator("#id_summary_en"), "2 meetings were held.")
    work.click(page.get_by_role("button", name="Submit for review"))
    expect(page.locator(".messages .saved")).to_be_visible()
    assert work.clicks <= 5, work
    update = ProgressUpdate.objects.latest("pk")
    assert (update.corrects, update.status, update.state) == (original, "active", "submitted")


@pytest.mark.long
@pytest.mark.parametrize("number", ["3.2", "9.1"])
def test_logging_takes_at_most_60_tabs_and_no_mouse(browse, iscc, reporter, number):
    page = browse(reporter)
    work = Worker(page)
    work.tab_to("a[href='/admin/log/']")
    work.enter()
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(number)
    work.enter()
    work.tab_to("#links")
    page.keyboard.type("https://example.org/1")
    work.tab_to("button[name=add]")
    page.keyboard.press("Enter")
    expect(page.locator("#id_evidence-0-url")).to_be_focused()
    work.tab_to("#id_evidence-0-title_und")
    page.keyboard.type("Resolution 1")
    for name, value in (("kind", "Resolution"), ("source", "Formally")):
        work.tab_to(f"#id_evidence-0-{name}")
        page.keyboard.type(value)
    work.tab_to("#id_summary_en")
    page.keyboard.type("Nothing happened.")
    page.keyboard.press("Enter")
    page.keyboard.type("Still nothing.")
    work.tab_to("input[name=event_type]")
    page.keyboard.press("ArrowDown")
    work.tab_to("button[name=submit]")
    work.enter()
    expect(page.locator(".messages .saved")).to_be_visible()
    assert work.tabs <= 60, work
    update = ProgressUpdate.objects.get()
    assert (update.event_type, update.state) == ("statement", State.SUBMITTED)
    assert update.summary["en"] == "Nothing happened.\nStill nothing."


# By key alone


@pytest.mark.long
@LOCALES
def test_updates_are_published_returned_and_skipped_by_key_alone(
    browse, duty, reporter, reviewer, locale
):
    first, second, third = (submitted(duty, reporter) for _number in range(3))
    page = browse(reviewer, locale=locale)
    page.goto(f"/admin/review/{first.pk}/")
    work = Worker(page)
    work.access_key("s")
    expect(page).to_have_url(re.compile(f"/review/{second.pk}/$"))
    work.access_key("p")
    expect(page).to_have_url(re.compile(f"/review/{third.pk}/$"))
    note = page.locator("#id_note")
    # Returning needs a note; what is typed is there after any refusal.
    work.access_key("r")
    expect(page.locator(".decide .error")).to_be_visible()
    expect(note).to_be_focused()
    page.keyboard.type("Name the meeting.")
    ProgressUpdate.objects.filter(pk=third.pk).update(revision=third.revision + 1)
    work.access_key("r")
    expect(note).to_have_value("Name the meeting.")
    work.access_key("r")
    expect(page).to_have_url(re.compile(f"/review/{first.pk}/$"))
    states = [ProgressUpdate.objects.get(pk=row.pk).state for row in (first, second, third)]
    assert states == [State.SUBMITTED, State.PUBLISHED, State.RETURNED]
    returning = third.decisions.get(action="return")
    assert str(returning.note) == "Name the meeting."


# Nothing is lost


@pytest.mark.long
def test_what_is_still_missing_is_said_anew_as_one_types_and_nothing_is_saved(
    browse, duty, reporter
):
    page = browse(reporter, viewport={"width": 390, "height": 844})
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/admin/log/{duty.code}/")
    missing, count = page.locator("#missing"), page.locator(".missing-count")
    expect(missing).to_contain_text("Needed to submit")
    page.fill("#id_summary_en", "A meeting was held.")
    expect(missing).to_contain_text("Choose an event type, a status, or both.")
    page.get_by_role("radio", name="Took part").check()
    expect(missing).to_contain_text("An event requires a source.")
    expect(count).to_have_text("Still missing: 1")
    assert not ProgressUpdate.objects.exists()


def drop_a_file(page):
    dropped = page.evaluate_handle(
        """() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["Minutes of the meeting."], "minutes.txt"));
        return transfer;
    }"""
    )
    page.dispatch_event(".add-sources", "drop", {"dataTransfer": dropped})


@pytest.mark.long
def test_a_file_that_is_dropped_where_sources_are_added_becomes_one(browse, duty, reporter):
    page = browse(reporter)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/admin/log/{duty.code}/")
    drop_a_file(page)
    expect(page.locator("fieldset.source .kept")).to_contain_text("minutes.txt")


@pytest.mark.long
def test_a_page_with_unsaved_words_is_not_left_without_a_warning(browse, duty, reporter):
    page, warnings = browse(reporter), []

    def stay(dialog):
        warnings.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(f"/admin/log/{duty.code}/")
    page.locator("#id_summary_en").click()
    page.keyboard.type("Words.")
    page.get_by_role("link", name="My desk").click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert warnings == ["beforeunload"]
    expect(page.locator("#id_summary_en")).to_have_value("Words.")


@pytest.mark.long
@SCRIPT
def test_a_chosen_file_survives_a_mistake(browse, duty, reporter, script):
    page = browse(reporter, java_script_enabled=script)
    page.goto(f"/admin/log/{duty.code}/")
    file = {"name": "minutes.pdf", "mimeType": "application/pdf", "buffer": upload().read()}
    page.set_input_files("#files", [file])
    page.locator("button[name=add]").click()
    expect(page.locator("fieldset.source .kept")).to_contain_text("minutes.pdf")
    page.fill("#id_when", "soon")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("fieldset.source .kept")).to_contain_text("minutes.pdf")
    page.fill("#id_when", "2026-06")
    page.fill("#id_summary_en", "Minutes were published.")
    page.select_option("#id_evidence-0-kind", "meeting_record")
    page.select_option("#id_evidence-0-source", "official")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages .saved")).to_be_visible()
    assert ProgressUpdate.objects.get().evidence.get().file_name == "minutes.pdf"


@pytest.mark.long
@LOCALES
def test_a_curator_assigns_what_a_filter_finds(
    browse, plan, duty, deliverable, office, curator, locale
):
    [done] = labels(locale, ("2 commitments assigned.", "已更新2项承诺的责任部门或期限。"))
    page = browse(curator, locale=locale)
    page.goto("/admin/commitments/commitment/?office=-")
    page.locator("#action-toggle").check()
    page.select_option("select[name=action]", "assign")
    page.locator("button[name=index]").click()
    page.select_option("#id_lead_office", str(office.pk))
    page.fill("#id_reason", "The council decided so.")
    page.locator("input[type=submit].default").click()
    expect(page.get_by_text(done)).to_be_visible()
    for row in (duty, deliverable):
        row.refresh_from_db()
        assert row.lead_office == office


PASTE = """(input, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const event = {clipboardData: data, bubbles: true, cancelable: true};
  input.dispatchEvent(new ClipboardEvent("paste", event));
}"""


@pytest.mark.long
def test_rows_of_a_sheet_are_pasted_into_the_planning_table(
    browse, plan, duty, deliverable, curator
):
    for code in ("CAC", "MFA"):
        OfficeFactory(code=code)
    record_loaded(plan)
    page = browse(curator)
    page.goto(f"/admin/planning/{plan.code}/")
    cell = page.locator(f"input[name=c{duty.pk}-lead_office]")
    cell.evaluate(PASTE, "CAC\tMFA\r\nMFA\t\t2027-01-02\r\n")
    expect(page.locator(f"input[name=c{deliverable.pk}-due_on]")).to_have_value("2027-01-02")
    nowhere = page.locator("#pasted-nowhere")
    expect(nowhere).to_be_hidden()
    # A standing duty has no due date, and there are two rows.
    cell.evaluate(PASTE, "CAC\tMFA\t2027-01-01\r\nMFA\t\t2027-01-02\r\nCAC\tMFA\r\n")
    expect(nowhere).to_have_text("Pasted cells for which there is no field here: 3")
    page.fill("#reason", "The council decided so.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 commitments were changed.")).to_be_visible()
    deliverable.refresh_from_db()
    assert (deliverable.lead_office.code, deliverable.due_on) == ("MFA", date(2027, 1, 2))
    duty.refresh_from_db()
    assert [office.code for office in duty.supporting_offices.all()] == ["MFA"]


@pytest.mark.long
def test_the_language_is_switched_in_the_head_of_the_page(browse, duty, curator):
    page = browse(curator)
    for address in ("/admin/", "/admin/records/"):
        page.goto(address)
        page.get_by_role("button", name="中文").click()
        expect(page.get_by_role("link", name="进展记录", exact=True).first).to_be_visible()
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("link", name="Progress updates", exact=True).first).to_be_visible()


@pytest.mark.long
def test_the_apis_page_works_under_the_content_security_policy(browse, duty):
    page = browse()
    page.goto("/api/v1/docs/")
    expect(page.locator("#operations-commitments-commitments_list")).to_be_visible()
