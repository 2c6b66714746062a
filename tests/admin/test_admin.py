"""The admin: who may view and change what, and that updates change through the workflow only."""

import pytest
from django.conf import settings
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.urls import reverse

from commitments import models
from commitments.choices import Action, Status
from commitments.texts.text import in_interface_languages
from tests.curation.forms import version
from tests.examples import sampled
from tests.factories import OfficeFactory
from tests.steps import draft, perform, published, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

UPDATES = "/admin/commitments/progressupdate/"


def test_who_has_signed_out_is_told_so_without_the_menu_of_the_staff(signed_in, curator):
    client = signed_in(curator)
    assert 'class="workbench-menu"' in client.get("/admin/records/").text
    page = client.post("/admin/logout/").text
    assert "<h1>Signed out</h1>" in page
    assert "workbench-menu" not in page


# What an update finds and rests on is shown on its own page, what it was when it was returned on
# that of its review, ratings on both; former dates in edit histories; nodes of the ledger's tree
# follow from it.
# What mail somebody wants, who follows what, and at which address a calendar is read, is for nobody
# to look at; answers are kept for the programs that they were given to, dumps are files of the API.
# Accounts of programs are in the list of people.
SHOWN_ELSEWHERE = (
    "Basis",
    "CalendarAddress",
    "Dump",
    "FileMark",
    "Finding",
    "Follower",
    "Following",
    "IdempotentResponse",
    "KnownDate",
    "LedgerNode",
    "MailPreference",
    "NothingToReport",
    "Rating",
    "ReturnedContent",
    "ServiceAccount",
)
REGISTERED = [name for name in models.__all__ if name not in SHOWN_ELSEWHERE]
FOR_ADMINISTRATORS = (
    "AccountRequest",
    "ErasureRequest",
    "Mail",
    "TaskRun",
    "WebhookAttempt",
    "WebhookSubscriber",
)


def test_every_model_is_registered():
    registered = {
        model.__name__ for model in site._registry if model._meta.app_label == "commitments"
    }
    assert registered == set(REGISTERED)


@pytest.mark.parametrize("model", REGISTERED)
@pytest.mark.parametrize(
    "persona",
    sampled(
        ["reporter", "reviewer", "curator", "administrator"], lambda name: name == "administrator"
    ),
)
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


def test_every_action_has_its_sentence_in_every_language_of_the_interface():
    """A sentence that is not translated would be the same in another language."""
    sentences = {action: in_interface_languages(action.done) for action in Action}
    assert {len(text) for text in sentences.values()} == {len(settings.LANGUAGES)}
    assert [
        action for action, text in sentences.items() if len(set(text.values())) < len(text)
    ] == []


def test_a_commitments_text_is_frozen(curator, signed_in, duty):
    page = signed_in(curator).get(f"/admin/commitments/commitment/{duty.pk}/change/").text
    assert 'name="text_en"' not in page
    assert 'name="title_en"' in page


@pytest.mark.long
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
            "second_rating": "none",
            "notice_en": "An example.",
            "notice_zh": "示例。",
            "reason": "For visitors.",
            **version(plan),
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


@pytest.mark.long
@pytest.mark.parametrize("rows", [2, 12])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("admin:commitments_progressupdate_changelist", 14),
        ("admin:commitments_commitment_changelist", 18),
        ("admin:commitments_office_changelist", 11),
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


@pytest.mark.parametrize(
    ("zone", "language", "shown"),
    [
        ("UTC", "en", "1 July 2026, 04:00 UTC"),
        ("Asia/Shanghai", "en", "1 July 2026, 12:00 UTC+08:00"),
        ("Asia/Shanghai", "zh-CN", "2026年7月1日12时00分（北京时间）"),
    ],
)
def test_times_are_in_the_zone_of_the_plans_and_name_it(
    zone, language, shown, duty, reporter, reviewer, signed_in
):
    models.Plan.objects.update(time_zone=zone)
    update = published(duty, reporter, reviewer)
    client = signed_in(reviewer)
    decision = update.decisions.first()
    for path in ("", f"{decision.pk}/change/"):
        address = f"/admin/commitments/decision/{path}"
        assert shown in client.get(address, headers={"Accept-Language": language}).text


def test_days_are_entered_with_the_browsers_own_input(curator, signed_in, deliverable):
    """Its “today” is that of the person, not of the server."""
    page = signed_in(curator).get(f"/admin/commitments/commitment/{deliverable.pk}/change/").text
    assert '<input type="date" name="due_on"' in page
    assert "DateTimeShortcuts" not in page


@pytest.mark.parametrize(("language", "title"), [("en", "Progress updates"), ("zh-CN", "进展记录")])
def test_a_list_is_named_for_what_it_contains(language, title, reporter, signed_in):
    address = "/admin/commitments/progressupdate/"
    page = signed_in(reporter).get(address, headers={"Accept-Language": language}).text
    assert f"<h1>{title}</h1>" in page
