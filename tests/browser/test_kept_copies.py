"""What a browser keeps of a form until it is saved, and how it comes back."""

import re

import pytest
from playwright.sync_api import expect

from commitments import workflow
from commitments.models import ProgressUpdate
from tests.fixtures.browser import PASSWORD
from tests.steps import NOW, draft
from tests.words import en_zh

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.long
def test_what_was_typed_is_kept_in_the_browser_until_it_is_saved(browse, duty, reporter):
    page = browse(reporter)
    page.on("dialog", lambda dialog: dialog.accept())
    address = f"/admin/log/{duty.code}/"
    page.goto(address)
    page.fill("#id_summary_en", "Written for an hour.")
    page.get_by_role("radio", name="Took part").check()
    page.fill("#links", "https://example.org/1")
    page.locator("button[name=add]").click()
    page.fill("#id_evidence-0-title_und", "Resolution 1")
    page.wait_for_timeout(800)
    page.goto("/admin/")
    page.goto(address)
    expect(page.locator("#kept-copy")).to_be_visible()
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#id_summary_en")).to_have_value("Written for an hour.")
    expect(page.locator("#id_evidence-0-url")).to_have_value("https://example.org/1")
    expect(page.locator("#id_evidence-0-title_und")).to_have_value("Resolution 1")
    expect(page.get_by_role("radio", name="Took part")).to_be_checked()
    page.select_option("#id_evidence-0-kind", "resolution")
    page.select_option("#id_evidence-0-source", "official")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages .saved")).to_be_visible()
    page.goto(address)
    expect(page.locator("#kept-copy")).to_be_hidden()


@pytest.mark.long
def test_who_restores_what_was_saved_before_is_told_so(browse, duty, reporter):
    """The answer was lost, and the form is opened anew."""
    page = browse(reporter)
    page.on("dialog", lambda dialog: dialog.accept())
    address = f"/admin/log/{duty.code}/"
    page.goto(address)
    page.fill("#id_summary_en", "Written for an hour.")
    page.route(f"**{address}", lambda route: (route.fetch(), route.abort()))
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_timeout(500)
    page.unroute(f"**{address}")
    assert ProgressUpdate.objects.count() == 1
    page.goto(address)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#id_summary_en")).to_have_value("Written for an hour.")
    [update] = ProgressUpdate.objects.all()
    expect(page.locator(".messages")).to_contain_text("was saved before. Saved again, it makes")
    expect(page.locator(f".messages a[href='/admin/updates/{update.pk}/']")).to_be_visible()
    page.fill("#id_summary_en", "Written for another hour.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages .saved")).to_be_visible()
    assert ProgressUpdate.objects.count() == 2
    page.goto(address)
    expect(page.locator("#kept-copy")).to_be_hidden()


@pytest.mark.long
def test_two_forms_that_are_open_at_once_keep_two_copies(browse, duty, reporter):
    page = browse(reporter)
    address = f"/admin/log/{duty.code}/"
    page.goto(address)
    page.fill("#id_summary_en", "Of the first form.")
    page.wait_for_timeout(800)
    second = page.context.new_page()
    for opened in (page, second):
        opened.on("dialog", lambda dialog: dialog.accept())
    second.goto(address)
    second.fill("#id_summary_en", "Of the second form.")
    second.get_by_role("button", name="Save draft").click()
    expect(second.locator(".messages .saved")).to_be_visible()
    page.goto(address)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#id_summary_en")).to_have_value("Of the first form.")


@pytest.mark.long
def test_what_is_restored_on_a_draft_changed_meanwhile_can_be_saved(browse, duty, reporter):
    update = draft(duty, reporter)
    page = browse(reporter)
    page.on("dialog", lambda dialog: dialog.accept())
    address = f"/admin/updates/{update.pk}/"
    page.goto(address)
    page.fill("#id_summary_en", "Written for an hour.")
    page.wait_for_timeout(800)
    workflow.edit_draft(update, by=reporter, at=NOW, expected_revision=1, summary=en_zh("Newer."))
    page.goto(address)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".messages")).to_contain_text("was changed after you typed this")
    expect(page.locator("#id_summary_en")).to_have_value("Written for an hour.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages .saved")).to_be_visible()
    assert str(ProgressUpdate.objects.get().summary) == "Written for an hour."


@pytest.mark.long
def test_the_way_back_after_saving_begins_no_second_draft(browse, duty, reporter):
    page = browse(reporter)
    page.goto("/admin/log/")
    page.goto(f"/admin/log/{duty.code}/")
    page.fill("#id_summary_en", "Written once.")
    page.get_by_role("radio", name="Took part").check()
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages .saved")).to_be_visible()
    [update] = ProgressUpdate.objects.all()
    page.go_back()
    expect(page).to_have_url(re.compile(f"/admin/updates/{update.pk}/"))
    expect(page.locator(".messages")).to_contain_text("was saved before, as this update")
    expect(page.locator("#kept-copy")).to_be_hidden()
    page.fill("#id_summary_en", "Written once, and changed.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages .saved")).to_be_visible()
    assert str(ProgressUpdate.objects.get().summary) == "Written once, and changed."
    page.get_by_role("link", name="Log progress").click()
    page.goto(f"/admin/log/{duty.code}/")
    expect(page.locator("#id_summary_en")).to_have_value("")


@pytest.mark.long
def test_the_way_back_to_a_form_that_was_not_saved_leads_to_that_form(browse, duty, reporter):
    page = browse(reporter)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/admin/log/{duty.code}/")
    key = page.locator("[name=request_key]").input_value()
    page.fill("#id_summary_en", "Written for an hour.")
    page.wait_for_timeout(800)
    page.goto("/admin/")
    page.go_back()
    expect(page.locator("[name=request_key]")).to_have_value(key)
    if page.locator("#kept-copy").is_visible():
        page.get_by_role("button", name="Restore").click()
    expect(page.locator("#id_summary_en")).to_have_value("Written for an hour.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages .saved")).to_be_visible()
    assert ProgressUpdate.objects.get().request_key == key


def write(page, address, words):
    page.goto(address)
    page.fill("#id_summary_en", words)
    page.wait_for_timeout(800)


def kept_words(page):
    """Return what the browser has kept of all forms, as one text."""
    return page.evaluate("JSON.stringify({...localStorage})")


@pytest.mark.long
@pytest.mark.parametrize("start", ["/admin/", "/admin/records/"])
def test_signing_out_deletes_what_the_browser_has_kept_of_this_person_after_a_warning(
    start, browse, duty, reporter, other_reporter
):
    page = browse(reporter)
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    write(page, f"/admin/log/{duty.code}/", "Written for an hour.")
    page.evaluate(
        "user => localStorage.setItem(`draft ${user} /admin/log/PLAN-1.1/`, 'Of another person.')",
        other_reporter.pk,
    )
    page.goto(start)
    said.clear()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    assert len(said) == 1
    assert "Signing out deletes it." in said[0]
    assert "Written for an hour." not in kept_words(page)
    assert "Of another person." in kept_words(page)


@pytest.mark.long
def test_who_does_not_sign_out_after_the_warning_stays_and_loses_nothing(browse, duty, reporter):
    page = browse(reporter)
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    write(page, f"/admin/log/{duty.code}/", "Written for an hour.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#id_summary_en")).to_have_value("Written for an hour.")
    assert len(said) == 1
    assert "Written for an hour." in kept_words(page)


@pytest.mark.long
def test_who_signs_out_with_nothing_unsaved_is_asked_nothing(browse, duty, reporter):
    page = browse(reporter)
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    page.goto(f"/admin/log/{duty.code}/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    assert said == []


@pytest.mark.long
def test_from_the_form_itself_one_warning_is_enough(browse, duty, reporter):
    page = browse(reporter)
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.type), dialog.accept()))
    write(page, f"/admin/log/{duty.code}/", "Written for an hour.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    assert said == ["confirm"]
    assert "Written for an hour." not in kept_words(page)


@pytest.mark.long
def test_a_session_that_ends_by_itself_deletes_nothing(browse, duty, reporter):
    page = browse(reporter)
    page.on("dialog", lambda dialog: dialog.accept())
    write(page, f"/admin/log/{duty.code}/", "Written for an hour.")
    page.context.clear_cookies()
    page.goto("/admin/")
    expect(page.locator("#id_username")).to_be_visible()
    assert "Written for an hour." in kept_words(page)
    page.fill("#id_username", reporter.username)
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.goto(f"/admin/log/{duty.code}/")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#id_summary_en")).to_have_value("Written for an hour.")
