"""A form that is saved without a change leaves every text as it is stored, with its languages in
their order, whatever language its writer reads."""

import pytest
from django.apps import apps

from commitments.models import (
    Commitment,
    Criterion,
    Forum,
    Meeting,
    Milestone,
    Office,
    Partnership,
    Plan,
    Publisher,
)
from commitments.texts.fields import MultilingualField
from commitments.texts.text import Text
from tests.admin.workbench.forms import log_of, page_of, shown
from tests.curation.forms import page
from tests.factories import (
    AreaFactory,
    ForumFactory,
    GoalFactory,
    MeetingFactory,
    MilestoneFactory,
    OfficeFactory,
)
from tests.steps import REPORT, STATEMENT, draft, published
from tests.words import en_zh, stored

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

EDITED = [Plan, Commitment, Forum, Office, Meeting, Publisher]


def columns(model):
    return [each.name for each in model._meta.fields if isinstance(each, MultilingualField)]


def every_text():
    """Return all texts that are stored, as they are."""
    return {
        (model._meta.model_name, row.pk, name): stored(getattr(row, name))
        for model in apps.get_app_config("commitments").get_models()
        for row in model._default_manager.all()
        for name in columns(model)
    }


def turn_round():
    """Store the texts of the record with their languages in the reverse order."""
    for model in (*EDITED, Criterion, Milestone, Partnership):
        for row in model._default_manager.all():
            texts = {name: getattr(row, name) for name in columns(model)}
            turned = {name: Text(dict([*text.items()][::-1])) for name, text in texts.items()}
            model._default_manager.filter(pk=row.pk).update(**turned)


def save_unchanged(client, address, language, marked):
    sent = shown(client.get(address, headers={"Accept-Language": language}), marked)
    assert any(name.endswith(("_en", "_zh", "_und")) for name in sent), address
    given = sent | {"reason": ["Nothing."]} if marked != "data-draft" else sent
    answer = client.post(address, given, headers={"Accept-Language": language})
    assert answer.status_code == 302, address


@pytest.fixture
def world(plan, duty, reporter, reviewer):
    """Texts of every kind, in two languages."""
    goal = GoalFactory(plan=plan)
    AreaFactory(plan=plan)
    forum = ForumFactory(code="UN", name=en_zh("The forum", "论坛"))
    duty.partnerships.create(forum=forum, quote=en_zh("the forum", "论坛"))
    MilestoneFactory(commitment=duty, title=en_zh("First step", "第一步"))
    OfficeFactory()
    words = en_zh("Some words", "一些话")
    MeetingFactory(forum=forum, place=words, asks=words)
    Plan.objects.update(notice=words, licence=words)
    Commitment.objects.update(goal=goal, note=words, kind_reason=words, goal_reason=words)
    Criterion.objects.filter(commitment=duty).update(quote=en_zh("take part", "参与"))
    published(duty, reporter, reviewer, evidence=[STATEMENT])
    Publisher.objects.update(name=en_zh("The ministry", "部"))


@pytest.mark.parametrize(
    ("language", "turned"),
    [
        ("zh-CN", False),
        pytest.param("zh-CN", True, marks=pytest.mark.long),
        pytest.param("en", False, marks=pytest.mark.long),
        pytest.param("en", True, marks=pytest.mark.long),
    ],
)
@pytest.mark.usefixtures("world")
def test_pages_of_the_record_saved_without_a_change_leave_all_texts(
    signed_in, curator, language, turned
):
    if turned:
        turn_round()
    before = every_text()
    for model in EDITED:
        for row in model._default_manager.all():
            marked = f"{model._meta.model_name}_form"
            save_unchanged(signed_in(curator), page(row), language, marked)
            assert every_text() == before, page(row)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_draft_saved_without_a_change_leaves_all_texts(signed_in, reporter, duty, language):
    title = Text({"fr": "Rapport", "zh": "报告", "en": "Report"})
    pieces = [STATEMENT, REPORT | {"title": title, "language": "fr"}]
    note = en_zh("Looked for words.", "已查找。")
    update = draft(duty, reporter, evidence=pieces, search_note=note)
    before = every_text()
    address = page_of(update)
    save_unchanged(signed_in(reporter), address, language, "data-draft")
    assert every_text() == before


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_changed_source_keeps_the_order_of_its_title(signed_in, reporter, duty, language):
    title = Text({"fr": "Rapport", "zh": "报告", "en": "Report"})
    update = draft(duty, reporter, evidence=[REPORT | {"title": title, "language": "fr"}])
    client, address = signed_in(reporter), page_of(update)
    sent = shown(client.get(address, headers={"Accept-Language": language}))
    sent["evidence-0-citation"] = ["No. 4"]
    answer = client.post(address, sent, headers={"Accept-Language": language})
    assert answer.status_code == 302
    piece = update.evidence.get()
    assert (piece.citation, stored(piece.title)) == ("No. 4", stored(title))


def test_a_name_that_plans_share_keeps_its_first_language_when_another_is_added(signed_in, curator):
    forum = ForumFactory(code="UN", name=Text({"zh": "联合国", "en": "UN"}))
    client, address = signed_in(curator), page(forum)
    sent = shown(client.get(address), "forum_form")
    client.post(address, sent | {"name_en": ["United Nations"], "reason": ["Its full name."]})
    forum.refresh_from_db()
    assert list(forum.name.items()) == [("zh", "联合国"), ("en", "United Nations")]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_new_texts_have_their_languages_in_the_order_of_the_plan(
    signed_in, reporter, duty, language
):
    client, address = signed_in(reporter), log_of(duty)
    sent = shown(client.get(address, headers={"Accept-Language": language}))
    typed = {"event_type": "participation", "summary_zh": "会议。", "summary_en": "A meeting."}
    client.post(address, sent | typed, headers={"Accept-Language": language})
    assert list(duty.updates.get().summary) == ["en", "zh"]
