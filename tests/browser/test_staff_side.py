"""Logging progress and publishing it, as people do it: in a browser, in both languages."""

import pytest
from playwright.sync_api import expect

from commitments.choices import State, Status
from commitments.models import ProgressUpdate
from tests.steps import submitted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_a_reporter_logs_progress_and_a_reviewer_publishes_it(browse, duty, reporter, reviewer):
    page = browse(reporter)
    page.goto(f"/admin/commitments/commitment/{duty.pk}/change/")
    page.get_by_role("link", name="Log progress").click()
    page.fill("#id_summary_en", "The assembly adopted a resolution.")
    page.select_option("#id_status", Status.ACTIVE)
    page.locator("input[name=_save]").click()
    expect(page.get_by_text("needs public evidence of level 2")).to_be_visible()

    page.locator("#evidence-group .add-row a").click()
    page.fill("#id_evidence-0-title", "Resolution 1")
    page.fill("#id_evidence-0-url", "https://example.org/resolution")
    page.select_option("#id_evidence-0-kind", "resolution")
    page.select_option("#id_evidence-0-source", "official")
    page.locator("input[name=_continue]").click()
    expect(page.get_by_text("It can be submitted.")).to_be_visible()
    page.get_by_role("link", name="Submit for review").click()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("done (Submit for review)")).to_be_visible()

    update = ProgressUpdate.objects.get()
    page = browse(reviewer, locale="zh-CN")
    page.goto(f"/admin/commitments/progressupdate/{update.pk}/change/")
    page.get_by_role("link", name="发布", exact=True).click()
    expect(page.get_by_text("The assembly adopted a resolution.")).to_be_visible()
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_text("已完成“发布”")).to_be_visible()

    duty.refresh_from_db()
    assert duty.status == Status.ACTIVE


def test_a_reviewer_returns_an_update_with_the_reason(browse, duty, reporter, reviewer):
    update = submitted(duty, reporter)
    page = browse(reviewer)
    page.goto(f"/admin/commitments/progressupdate/{update.pk}/act/return/")
    page.fill("#id_note", "Name the meeting.")
    page.get_by_role("button", name="Return to author").click()
    expect(page.get_by_text("done (Return to author)")).to_be_visible()
    page = browse(reporter)
    page.goto(f"/admin/commitments/progressupdate/{update.pk}/change/")
    expect(page.get_by_text("Name the meeting.")).to_be_visible()
    update.refresh_from_db()
    assert update.state == State.RETURNED


def test_the_language_is_switched_in_the_head_of_the_page(browse, duty, curator):
    page = browse(curator)
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("link", name="进展更新", exact=True).first).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Progress updates", exact=True).first).to_be_visible()


def test_the_apis_page_works_under_the_content_security_policy(browse, duty):
    page = browse()
    page.goto("/api/v1/docs/")
    expect(page.locator("#operations-commitments-commitments_list")).to_be_visible()
