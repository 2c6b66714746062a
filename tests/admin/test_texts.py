"""Texts in the admin: forms offer the languages of the plan, pages that nobody may edit show a text
in all its languages, and curators name publishers in further ones."""

import re

import pytest

from commitments.models import Decision, Plan, ProgressUpdate, Publisher
from commitments.texts.text import Text
from tests.admin.workbench.forms import entered, log_of, page_of
from tests.curation.forms import version
from tests.factories import CommitmentFactory, GoalFactory, PlanFactory
from tests.steps import REPORT, STATEMENT, draft, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

ADMIN = "/admin/commitments"
CITED = {"citation": "No. 3"}


def offered(page, name):
    """Return the languages in which a form offers a text, in their order."""
    return re.findall(rf'<(?:input|textarea)[^>]* name="{re.escape(name)}_([\w-]+)"', page)


def in_languages(page, text):
    """Return the languages in which a page shows a text, each marked as such, in their order."""
    places = {tag: re.search(f'<span lang="{tag}"[^>]*>{text[tag]}</span>', page) for tag in text}
    found = {tag: place.start() for tag, place in places.items() if place}
    return sorted(found, key=found.get)


# Drafts


@pytest.mark.parametrize(
    ("language", "first", "others"), [("en", "en", ["zh"]), ("zh-CN", "zh", ["en"])]
)
def test_a_draft_is_written_in_the_languages_of_its_plan_the_writers_first(
    read, reporter, duty, language, first, others
):
    update = draft(duty, reporter)
    for path in (log_of(duty), page_of(update)):
        page = read(reporter, path, language)
        for name in ("summary", "search_note"):
            assert offered(page, name) == [first, *others]
    # The title in the language of the source comes before its translations.
    assert offered(page, "evidence-0-title") == ["und", first, *others]


def test_a_plan_in_other_languages_offers_these(signed_in, reporter, duty):
    plan = PlanFactory(code="LECTURA", languages=["es", "ar", "pt-BR"])
    commitment = CommitmentFactory(plan=plan, number="1")
    sent = {"cite": 1, "evidence-TOTAL_FORMS": 0, "evidence-INITIAL_FORMS": 0}
    page = signed_in(reporter).post(log_of(commitment), sent).text
    assert offered(page, "summary") == ["es", "ar", "pt-BR"]
    assert offered(page, "evidence-0-title") == ["und", "es", "ar", "pt-BR"]
    [arabic] = re.findall(r'<textarea name="summary_ar"[^>]*>', page)
    assert 'lang="ar" dir="rtl"' in arabic
    assert '<label for="id_summary_pt-BR">Brazilian Portuguese</label>' in page


def test_words_in_a_language_that_the_chosen_plan_lacks_are_refused_and_kept(
    signed_in, read, reporter, duty
):
    PlanFactory(code="LECTURA", languages=["es"])
    answer = signed_in(reporter).post(log_of(duty), entered(summary_es="Una reunión."))
    assert answer.status_code == 200
    assert "“es” is not a language of plan PLAN; its languages: en, zh." in answer.text
    assert "Una reunión." in answer.text
    assert not ProgressUpdate.objects.exists()


@pytest.mark.parametrize("query", ["", "?summary=Words", "?corrects=x"])
def test_a_form_opens_whatever_its_address_says(read, reporter, duty, query):
    assert "Words</textarea>" not in read(reporter, f"{log_of(duty)}{query}")


def test_words_in_every_language_of_the_form_are_saved(signed_in, reporter, duty):
    sent = entered(summary_zh="会议召开。", search_note_zh="查找。\r\n无。")
    assert signed_in(reporter).post(log_of(duty), sent).status_code == 302
    update = ProgressUpdate.objects.get()
    assert update.summary == en_zh("A meeting was held.", "会议召开。")
    assert update.search_note == en_zh("", "查找。\n无。")


# Sources


def test_a_title_is_given_in_the_language_of_the_source(signed_in, read, reporter, duty):
    source = {"title_und": "Протокол", "title_en": "Minutes", "language": "ru"}
    sent = entered(CITED | source | {"publisher_name": "Министерство"})
    assert signed_in(reporter).post(log_of(duty), sent).status_code == 302
    update = ProgressUpdate.objects.get()
    item = update.evidence.get()
    assert item.title == Text({"ru": "Протокол", "en": "Minutes"})
    assert item.publisher.name == Text({"ru": "Министерство"})
    page = read(reporter, page_of(update))
    # The language that the title has is offered although the plan does not list it.
    assert set(offered(page, "evidence-0-title")) == {"und", "en", "zh", "ru"}
    assert 'value="Протокол"' in page
    assert 'value="Министерство"' in page


def test_a_title_without_a_language_of_the_source_is_in_the_first_of_the_plan(
    signed_in, reporter, duty
):
    sent = entered(CITED | {"title_und": "Minutes"})
    assert signed_in(reporter).post(log_of(duty), sent).status_code == 302
    assert ProgressUpdate.objects.get().evidence.get().title == en_zh("Minutes")


def test_two_titles_in_the_language_of_the_source_are_refused_on_the_form(
    signed_in, reporter, duty
):
    source = {"title_und": "Minutes", "title_en": "Record", "language": "en"}
    answer = signed_in(reporter).post(log_of(duty), entered(CITED | source))
    assert "There are two titles in the language of the source, “en”." in answer.text
    assert 'value="Record"' in answer.text
    assert not ProgressUpdate.objects.exists()


def test_a_form_names_a_known_publisher_in_any_of_its_languages(signed_in, reporter, duty):
    known = Publisher.objects.create(key="Ministry", name=en_zh("Ministry", "部"))
    pieces = [
        {"title_en": name, "citation": name, "publisher_name": name} for name in ("部", "ministry")
    ]
    assert signed_in(reporter).post(log_of(duty), entered(*pieces)).status_code == 302
    assert {item.publisher for item in ProgressUpdate.objects.get().evidence.all()} == {known}
    assert Publisher.objects.get().name == en_zh("Ministry", "部")


def test_a_publisher_that_is_shown_in_the_writers_language_stays_the_same(
    signed_in, reporter, duty
):
    """A form that nobody has changed there says its name in another language than it was given."""
    update = draft(duty, reporter, evidence=[STATEMENT])
    item = update.evidence.get()
    Publisher.objects.filter(pk=item.publisher_id).update(name=en_zh("The ministry", "部"))
    sent = {
        "id": item.pk,
        "update": update.pk,
        "title_en": "Another title",
        "publisher_name": "部",
        "url": item.url,
        "citation": "",
        "public": "on",
    }
    body = entered(sent, **{"evidence-INITIAL_FORMS": 1, "expected_revision": update.revision})
    address = page_of(update)
    answer = signed_in(reporter).post(address, body, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 302
    item.refresh_from_db()
    assert (str(item.title), item.publisher.key) == ("Another title", "The ministry")
    assert Publisher.objects.count() == 1


# Publishers


def test_a_curator_adds_a_name_of_a_publisher_in_another_language(
    signed_in, curator, reporter, reviewer, duty, api
):
    update = published(duty, reporter, reviewer, evidence=[STATEMENT])
    publisher, before = Publisher.objects.get(), Plan.objects.get().revision
    address = f"{ADMIN}/publisher/{publisher.pk}/change/"
    page = signed_in(curator).get(address).text
    assert set(offered(page, "name")) >= {"en", "zh"}
    sent = {"name_en": "The ministry", "name_zh": "部", "reason": "It has a Chinese name."}
    sent |= version(publisher)
    assert signed_in(curator).post(address, sent).status_code == 302
    publisher.refresh_from_db()
    assert (publisher.key, publisher.name) == ("The ministry", en_zh("The ministry", "部"))
    edit = Decision.objects.get(action="edit")
    assert (edit.actor, edit.note) == (curator, "It has a Chinese name.")
    assert (edit.subject_type, edit.subject_key) == ("publisher", "The ministry")
    shown = api().get(f"/api/v1/updates/{update.pk}/").json()["evidence"][0]["publisher"]
    assert shown == {"en": "The ministry", "zh": "部"}
    # Answers to anonymous readers have changed.
    assert Plan.objects.get().revision > before


@pytest.mark.parametrize("persona", ["reporter", "reviewer"])
def test_whoever_is_no_curator_reads_publishers_only(persona, request, signed_in, reporter, duty):
    draft(duty, reporter, evidence=[STATEMENT])
    publisher = Publisher.objects.get()
    client = signed_in(request.getfixturevalue(persona))
    address = f"{ADMIN}/publisher/{publisher.pk}/change/"
    page = client.get(address)
    assert (page.status_code, offered(page.text, "name")) == (200, [])
    assert client.post(address, {"name_en": "X"}).status_code == 403
    publisher.refresh_from_db()
    assert publisher.name == en_zh("The ministry")


def test_nobody_adds_a_publisher_without_a_source_or_deletes_one_that_has_some(
    signed_in, curator, reporter, duty
):
    draft(duty, reporter, evidence=[STATEMENT])
    client, row = signed_in(curator), Publisher.objects.get()
    assert client.get(f"{ADMIN}/publisher/add/").status_code == 403
    client.post(f"{ADMIN}/publisher/{row.pk}/delete/", {"post": "yes"}, follow=True)
    assert Publisher.objects.filter(pk=row.pk).exists()


# Pages that are only read


@pytest.mark.parametrize(("language", "order"), [("en", ["en", "zh"]), ("zh-CN", ["zh", "en"])])
def test_a_text_that_is_only_read_is_shown_in_all_its_languages_the_readers_first(
    read, plan, duty, reviewer, language, order
):
    goal = GoalFactory(plan=plan, number=1, title=en_zh("A goal", "一项目标"))
    shown = {
        f"{ADMIN}/strategicgoal/{goal.pk}/change/": goal.title,
        f"{ADMIN}/commitment/{duty.pk}/change/": duty.title,
    }
    for path, text in shown.items():
        page = read(reviewer, path, language)
        assert in_languages(page, text) == order, path


@pytest.mark.parametrize(("language", "order"), [("en", ["en", "zh"]), ("zh-CN", ["zh", "en"])])
def test_evidence_that_is_only_read_has_its_title_in_all_its_languages(
    read, duty, reporter, reviewer, language, order
):
    title = en_zh("Report", "报告")
    update = published(duty, reporter, reviewer, evidence=[REPORT | {"title": title}])
    assert in_languages(read(reviewer, page_of(update), language), title) == order


def test_what_only_an_amendment_changes_is_shown_to_a_curator_but_not_read_from_a_form(
    signed_in, curator, plan
):
    address = f"{ADMIN}/plan/{plan.pk}/change/"
    page = signed_in(curator).get(address).text
    assert (offered(page, "title"), offered(page, "issuer")) == ([], [])
    assert "一项计划" in page
    assert offered(page, "notice") == ["en", "zh"]
    sent = {
        "review_interval_days": 365,
        "visibility": "public",
        "second_rating": "none",
        "title_en": "Another plan",
        "notice_en": "A trial.",
    }
    sent |= {"reason": "For visitors."} | version(plan)
    assert signed_in(curator).post(address, sent).status_code == 302
    plan.refresh_from_db()
    assert (plan.title, plan.notice) == (en_zh("A plan", "一项计划"), en_zh("A trial."))


def test_a_row_is_searched_for_in_every_language(signed_in, reporter, reviewer, duty):
    pieces = [REPORT | {"title": Text({"en": "Report", "ru": "Отчёт"})}]
    published(duty, reporter, reviewer, evidence=pieces)
    client = signed_in(reviewer)
    for path, words in (("evidence", "отчёт"), ("evidence", "report"), ("progressupdate", "会议")):
        found = client.get(f"{ADMIN}/{path}/", {"q": words}).context["cl"].result_list
        assert len(found) == 1, words


def test_a_list_marks_a_text_in_another_language_and_links_it(read, reporter, duty):
    plan = PlanFactory(code="LECTURA", languages=["es"])
    row = CommitmentFactory(plan=plan, number="1", title=Text({"es": "Leer más"}))
    page = read(reporter, "/admin/commitments/commitment/")
    assert f'/commitment/{row.pk}/change/"><span lang="es" dir="ltr">Leer más</span></a>' in page
    assert f'/commitment/{duty.pk}/change/">Take part in the forum</a>' in page


def test_the_inputs_of_a_text_are_a_group_with_its_name(read, reporter, duty):
    page = read(reporter, log_of(duty))
    assert 'id="id_summary" role="group" aria-label="Summary"' in page
