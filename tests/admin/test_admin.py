"""The admin: who may view and change what, and that updates change through the workflow only."""

import pytest
from django.conf import settings
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.urls import reverse

from commitments import models
from commitments.choices import Action, State, Status
from commitments.models import Decision, Evidence
from commitments.texts.text import in_interface_languages
from tests.factories import OfficeFactory
from tests.steps import REPORT, draft, perform, published, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

UPDATES = "/admin/commitments/progressupdate/"


# What an update finds and rests on is shown on its own page, former dates in edit histories.
SHOWN_ELSEWHERE = ("Basis", "Finding", "KnownDate")
REGISTERED = [name for name in models.__all__ if name not in SHOWN_ELSEWHERE]
FOR_ADMINISTRATORS = ("ErasureRequest",)


def test_every_model_is_registered():
    registered = {
        model.__name__ for model in site._registry if model._meta.app_label == "commitments"
    }
    assert registered == set(REGISTERED)


@pytest.mark.parametrize("model", REGISTERED)
@pytest.mark.parametrize("persona", ["reporter", "reviewer", "curator", "administrator"])
def test_staff_may_view_every_list(model, persona, request, signed_in, duty):
    client = signed_in(request.getfixturevalue(persona))
    may_view = persona == "administrator" or model not in FOR_ADMINISTRATORS
    expected = 200 if may_view else 403
    assert client.get(f"/admin/commitments/{model.lower()}/").status_code == expected


def test_a_person_without_a_role_sees_nothing_even_with_staff_status(visitor, signed_in, duty):
    visitor.is_staff = True
    visitor.save()
    answer = signed_in(visitor).get("/admin/commitments/commitment/")
    assert answer.url == "/admin/login/?next=/admin/commitments/commitment/"


@pytest.mark.parametrize("path", ["/admin/auth/user/", "/admin/auth/user/add/"])
@pytest.mark.parametrize(
    ("persona", "expected"), [("curator", 403), ("reviewer", 403), ("administrator", 200)]
)
def test_users_are_the_administrators(path, persona, expected, request, signed_in):
    assert signed_in(request.getfixturevalue(persona)).get(path).status_code == expected


def test_groups_are_not_edited_in_the_admin():
    assert Group not in site._registry


@pytest.mark.parametrize(
    ("persona", "expected"),
    [
        ("reporter", ["recall"]),
        ("reviewer", ["return", "publish"]),
        ("curator", []),
        ("administrator", ["return", "publish"]),
    ],
)
def test_a_page_offers_exactly_the_actions_that_its_reader_may_perform(
    persona, expected, request, reporter, signed_in, duty
):
    update = submitted(duty, reporter)
    page = signed_in(request.getfixturevalue(persona)).get(f"{UPDATES}{update.pk}/change/").text
    offered = [code for code in Action.values() if f"/action/{code}/" in page]
    assert sorted(offered) == sorted(expected)


def test_a_reviewer_publishes_the_revision_on_the_page(reporter, reviewer, signed_in, duty):
    update = submitted(duty, reporter, status=Status.ACTIVE)
    client = signed_in(reviewer)
    page = client.get(f"{UPDATES}{update.pk}/action/publish/")
    expected_revision = page.context["form"]["expected_revision"].value()
    client.post(
        f"{UPDATES}{update.pk}/action/publish/",
        {"expected_revision": expected_revision, "note": ""},
    )
    update.refresh_from_db()
    duty.refresh_from_db()
    assert (update.state, update.publisher, duty.status) == (
        State.PUBLISHED,
        reviewer,
        Status.ACTIVE,
    )


@pytest.mark.parametrize(
    ("language", "messages", "heading"),
    [
        ("en", ("Published.", "Submitted for review."), "Workflow state"),
        ("zh-CN", ("已发布。", "已提交审核。"), "办理状态"),
    ],
)
def test_actions_are_confirmed_and_listed_in_the_past_tense(
    reporter, reviewer, signed_in, duty, language, messages, heading
):
    published, submitted_message = messages
    update = submitted(duty, reporter)
    client = signed_in(reviewer)
    in_language = {"headers": {"Accept-Language": language}}
    answer = client.post(
        f"{UPDATES}{update.pk}/action/publish/",
        {"expected_revision": update.revision, "note": ""},
        follow=True,
        **in_language,
    )
    assert [str(message) for message in answer.context["messages"]] == [published]
    assert f"<p>{submitted_message}</p>" in answer.text
    assert heading in answer.text
    decisions = client.get("/admin/commitments/decision/", **in_language).text
    assert f'<td class="field-done">{published}</td>' in decisions


def test_every_action_has_its_sentence_in_every_language_of_the_interface():
    """A sentence that is not translated would be the same in another language."""
    sentences = {action: in_interface_languages(action.done) for action in Action}
    assert {len(text) for text in sentences.values()} == {len(settings.LANGUAGES)}
    assert [
        action for action, text in sentences.items() if len(set(text.values())) < len(text)
    ] == []


def test_an_author_cannot_publish_by_address(all_rounder, signed_in, duty):
    update = submitted(duty, all_rounder)
    answer = signed_in(all_rounder).post(
        f"{UPDATES}{update.pk}/action/publish/", {"expected_revision": update.revision}
    )
    assert "is reserved for a reviewer who neither wrote, edited nor submitted it" in answer.text
    update.refresh_from_db()
    assert update.state == State.SUBMITTED


def test_a_superuser_cannot_publish_their_own_work(administrator, signed_in, duty):
    update = submitted(duty, administrator)
    signed_in(administrator).post(
        f"{UPDATES}{update.pk}/action/publish/", {"expected_revision": update.revision}
    )
    update.refresh_from_db()
    assert update.state == State.SUBMITTED


def test_returning_needs_a_note(reporter, reviewer, signed_in, duty):
    update = submitted(duty, reporter)
    answer = signed_in(reviewer).post(
        f"{UPDATES}{update.pk}/action/return/", {"expected_revision": update.revision, "note": " "}
    )
    assert "This field is required." in answer.text
    update.refresh_from_db()
    assert update.state == State.SUBMITTED


def test_a_stale_page_does_not_publish(reporter, reviewer, signed_in, duty):
    update = submitted(duty, reporter)
    answer = signed_in(reviewer).post(
        f"{UPDATES}{update.pk}/action/publish/",
        {"expected_revision": update.revision - 1},
        follow=True,
    )
    # The page now has the current revision, so the action can be performed.
    assert f'name="expected_revision" value="{update.revision}"' in answer.text
    assert "has changed since you opened it" in answer.text


def test_an_update_that_is_not_visible_is_not_found(reporter, other_reporter, signed_in, duty):
    update = draft(duty, reporter)
    client = signed_in(other_reporter)
    assert client.get(f"{UPDATES}{update.pk}/action/submit/").status_code == 404
    assert f"#{update.pk}" not in client.get(UPDATES).text


def test_a_leavers_draft_is_handed_over(reporter, other_reporter, curator, signed_in, duty):
    update = draft(duty, reporter)
    reporter.is_active = False
    reporter.save()
    signed_in(curator).post(
        f"{UPDATES}{update.pk}/action/reassign/",
        {"expected_revision": update.revision, "to": other_reporter.pk, "note": "Left the office."},
    )
    update.refresh_from_db()
    assert update.author == other_reporter


def test_an_archived_address_is_added_to_a_published_link(
    reporter, reviewer, other_reviewer, signed_in, duty
):
    link = {**REPORT, "citation": "", "url": "https://example.org/report"}
    update = published(duty, reporter, reviewer, evidence=[link])
    archived = "https://archive.example.org/report"
    signed_in(other_reviewer).post(
        f"{UPDATES}{update.pk}/action/archive/",
        {
            "expected_revision": update.revision,
            "evidence": update.evidence.get().pk,
            "archived_url": archived,
        },
    )
    assert Evidence.objects.get().archived_url == archived
    assert Decision.objects.get(action=Action.ARCHIVE).meta["archived_url"] == archived


def test_a_commitments_text_is_frozen(curator, signed_in, duty):
    page = signed_in(curator).get(f"/admin/commitments/commitment/{duty.pk}/change/").text
    assert 'name="text_en"' not in page
    assert 'name="title_en"' in page


def test_the_kind_is_fixed_once_an_assessment_is_published(
    reporter, reviewer, curator, signed_in, duty
):
    client = signed_in(curator)
    address = f"/admin/commitments/commitment/{duty.pk}/change/"
    assert 'name="kind"' in client.get(address).text
    published(duty, reporter, reviewer, status=Status.ACTIVE)
    assert 'name="kind"' not in client.get(address).text


def test_a_curators_edit_increments_the_plans_revision(curator, signed_in, plan):
    before = plan.revision
    answer = signed_in(curator).post(
        f"/admin/commitments/plan/{plan.pk}/change/",
        {
            "review_interval_days": "180",
            "visibility": "public",
            "notice_en": "An example.",
            "notice_zh": "示例。",
            "reason": "For visitors.",
        },
    )
    plan.refresh_from_db()
    assert answer.status_code == 302
    assert (plan.review_interval_days, plan.notice["zh"]) == (180, "示例。")
    assert plan.revision > before


def test_decisions_cannot_be_added_changed_or_deleted(administrator, reporter, signed_in, duty):
    update = submitted(duty, reporter)
    decision = update.decisions.get()
    client = signed_in(administrator)
    base = "/admin/commitments/decision/"
    assert client.get(f"{base}add/").status_code == 403
    assert client.post(f"{base}{decision.pk}/change/", {"note": "x"}).status_code == 403
    assert client.post(f"{base}{decision.pk}/delete/", {"post": "yes"}).status_code == 403


def test_pages_speak_chinese(reviewer, reporter, signed_in, duty):
    update = submitted(duty, reporter)
    client = signed_in(reviewer)
    page = client.get(
        f"{UPDATES}{update.pk}/action/publish/", headers={"Accept-Language": "zh-CN"}
    ).text
    assert "评估结论" in page
    assert "发布" in page


@pytest.mark.parametrize("rows", [2, 12])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("admin:commitments_progressupdate_changelist", 12),
        ("admin:commitments_commitment_changelist", 16),
        ("admin:commitments_office_changelist", 9),
    ],
)
def test_lists_take_no_query_per_row(
    address, queries, rows, reviewer, reporter, signed_in, duty, django_assert_max_num_queries
):
    for _row in range(rows):
        perform(draft(duty, reporter), Action.SUBMIT, reporter)
        OfficeFactory().members.add(reporter)
    client = signed_in(reviewer)
    with django_assert_max_num_queries(queries):
        client.get(reverse(address))


def test_people_are_named_without_a_link_to_their_accounts(reporter, reviewer, signed_in, duty):
    update = published(duty, reporter, reviewer)
    page = signed_in(reviewer).get(f"{UPDATES}{update.pk}/change/").text
    assert "reporter" in page
    assert "/admin/auth/user/" not in page
