"""Logging progress, reviewing and assigning in a browser, in both languages."""

import pytest
from playwright.sync_api import expect

from commitments.choices import State, Status
from commitments.models import ProgressUpdate
from tests.steps import submitted

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
SUBMIT = ("Submit for review", "提交审核")
PUBLISH = ("Publish", "发布")
RETURN = ("Return to author", "退回修改")


@LOCALES
def test_a_reporter_logs_progress_and_a_reviewer_publishes_it(
    browse, duty, reporter, reviewer, locale
):
    log, missing, ready, submit, publish, done = labels(
        locale,
        ("Log progress", "填报进展"),
        ("requires public evidence of level 2", "至少需要2级公开佐证材料"),
        ("Ready to submit for review.", "可以提交审核。"),
        SUBMIT,
        PUBLISH,
        ("Published.", "已发布。"),
    )
    page = browse(reporter, locale=locale)
    page.goto(f"/admin/commitments/commitment/{duty.pk}/change/")
    page.get_by_role("link", name=log).click()
    page.fill("#id_summary_en", "The assembly adopted a resolution.")
    page.select_option("#id_event_type", "participation")
    page.select_option("#id_status", Status.ACTIVE)
    page.fill("#id_covers_from", "2026-01-01")
    page.locator("input[name=_save]").click()
    expect(page.get_by_text(missing)).to_be_visible()

    # Two links at once.
    for number in range(2):
        page.locator("#evidence-group .add-row a").click()
        page.fill(f"#id_evidence-{number}-title_en", f"Resolution {number}")
        page.fill(f"#id_evidence-{number}-url", f"https://example.org/resolution/{number}")
        page.select_option(f"#id_evidence-{number}-kind", "resolution")
        page.select_option(f"#id_evidence-{number}-source", "official")
    page.locator("input[name=_continue]").click()
    expect(page.get_by_text(ready)).to_be_visible()
    page.get_by_role("link", name=submit).click()
    page.get_by_role("button", name=submit).click()

    update = ProgressUpdate.objects.get()
    page = browse(reviewer, locale=locale)
    expect(page.locator("#desk-to_review")).to_contain_text("1")
    page.locator(f"a[href$='/{update.pk}/action/publish/']").click()
    expect(page.get_by_text("The assembly adopted a resolution.")).to_be_visible()
    page.get_by_role("button", name=publish).click()
    expect(page.locator(".messagelist")).to_contain_text(done)

    duty.refresh_from_db()
    assert duty.status == Status.ACTIVE
    assert update.evidence.count() == 2


@pytest.mark.long
@LOCALES
def test_a_reviewer_returns_an_update_with_the_reason(browse, duty, reporter, reviewer, locale):
    [send_back, done] = labels(locale, RETURN, ("Returned to author.", "已退回修改。"))
    update = submitted(duty, reporter)
    page = browse(reviewer, locale=locale)
    page.goto(f"/admin/commitments/progressupdate/{update.pk}/action/publish/")
    page.get_by_role("link", name=send_back).click()
    page.fill("#id_note", "Name the meeting.")
    page.get_by_role("button", name=send_back).click()
    expect(page.locator(".messagelist")).to_contain_text(done)
    page = browse(reporter, locale=locale)
    expect(page.get_by_text("Name the meeting.")).to_be_visible()
    page.locator("#content-main .desk-rows a").first.click()
    expect(page.locator("#id_summary_en")).to_be_editable()
    update.refresh_from_db()
    assert update.state == State.RETURNED


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


@pytest.mark.long
def test_logging_works_with_the_keyboard_alone(browse, duty, reporter):
    page = browse(reporter)
    page.goto(f"/admin/commitments/progressupdate/add/?commitment={duty.pk}")
    page.locator("#id_event_type").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("Nothing happened.")
    page.keyboard.press("Enter")
    page.keyboard.type("Still nothing.")
    page.locator("#id_status").focus()
    page.keyboard.type("Not acted")
    page.locator("input[name=_save]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_be_visible()
    update = ProgressUpdate.objects.get()
    assert (update.status, update.summary["en"]) == (
        "inactive",
        "Nothing happened.\nStill nothing.",
    )


def test_the_language_is_switched_in_the_head_of_the_page(browse, duty, curator):
    page = browse(curator)
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("link", name="进展记录", exact=True).first).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Progress updates", exact=True).first).to_be_visible()


def test_the_apis_page_works_under_the_content_security_policy(browse, duty):
    page = browse()
    page.goto("/api/v1/docs/")
    expect(page.locator("#operations-commitments-commitments_list")).to_be_visible()
