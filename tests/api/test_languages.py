"""Texts in the languages of their plan: which language is meant, which ones are refused, and
publishers known by a name in any language."""

import pytest
from django.conf import settings

from commitments.models import Evidence, Plan, ProgressUpdate, Publisher
from commitments.texts.languages import interface_tags
from commitments.texts.text import Text
from tests import steps
from tests.api.problem_details import problem
from tests.documents import everything
from tests.factories import CommitmentFactory, PlanFactory
from tests.words import en_zh

pytestmark = [pytest.mark.long, pytest.mark.alike, pytest.mark.usefixtures("noon")]

UPDATES = "/api/v1/updates/"
SOURCE = {"title": "Minutes", "citation": "Minutes 3", "kind": "report", "source": "official"}


@pytest.fixture
def write(api, duty, reporter):
    """`write(**fields)` posts a new update, `write.source(**fields)` one with a source."""

    def write(**fields):
        body = {"commitment": "PLAN-1.1", "effective_on": "2026-06-30", **fields}
        return api(reporter).post(UPDATES, body, format="json")

    write.source = lambda **fields: write(evidence=[SOURCE | fields])
    return write


@pytest.fixture
def change(api, reporter):
    """`change(path, **fields)` changes what is at a path of the API, with the right ETag."""

    def change(path, **fields):
        client, address = api(reporter), f"/api/v1/{path}"
        tag = {"If-Match": client.get(address).headers["ETag"]}
        return client.patch(address, fields, format="json", headers=tag)

    return change


def source_of(answer):
    assert answer.status_code == 201, answer.content
    [source] = answer.json()["evidence"]
    return source


def only_error(answer, pointer):
    """The sentence of the only error of a refusal, which has this pointer."""
    [error] = problem(answer, 400)["errors"]
    assert error["pointer"] == pointer
    return error["detail"]


# Which language is meant


def test_a_plain_string_is_in_the_first_language_of_the_plan(write):
    assert write(summary="A meeting.").json()["summary"] == {"en": "A meeting."}
    plan = PlanFactory(code="LECTURA", languages=["es", "qu"])
    CommitmentFactory(plan=plan, number="1")
    fields = {"commitment": "LECTURA-1", "summary": "Una reunión.", "search_note": "Nada."}
    answer = write(**fields, evidence=[SOURCE | {"title": "Actas"}])
    assert (answer.json()["summary"], answer.json()["search_note"]) == (
        {"es": "Una reunión."},
        {"es": "Nada."},
    )
    assert source_of(answer)["title"] == {"es": "Actas"}


def test_plain_strings_of_a_source_are_in_its_own_language(write):
    source = source_of(write.source(language="ru", title="Протокол", publisher="Министерство"))
    assert source["title"] == {"ru": "Протокол"}
    assert source["publisher"] == {"ru": "Министерство"}


def test_a_source_without_a_language_is_named_in_the_first_of_the_plan(write):
    source = source_of(write.source(publisher="The ministry"))
    assert (source["title"], source["publisher"]) == ({"en": "Minutes"}, {"en": "The ministry"})


def test_a_title_may_be_in_any_language_and_the_summary_only_in_those_of_the_plan(write):
    title = {"ru": "Протокол", "en": "Minutes"}
    assert source_of(write.source(language="ru", title=title))["title"] == title
    assert only_error(write(summary={"ru": "Встреча."}), "#/summary")


def test_a_text_lists_the_languages_of_its_plan_in_their_order(write):
    answer = write(summary={"zh": "会议。", "en": "A meeting."})
    assert list(answer.json()["summary"]) == ["en", "zh"]


def test_a_tag_is_read_in_any_case_and_shown_in_the_canonical_one(write):
    Plan.objects.update(languages=["zh-Hans", "pt-BR"])
    answer = write(summary={"ZH-hans": "会议。", "pt-br": "Uma reunião."})
    assert answer.json()["summary"] == {"zh-Hans": "会议。", "pt-BR": "Uma reunião."}


def test_words_of_blanks_only_are_no_text(write):
    answer = write(summary={"en": " \n\u2028\u3000", "zh": "会议。"}, search_note=" ")
    assert (answer.json()["summary"], answer.json()["search_note"]) == ({"zh": "会议。"}, {})


# Which languages are refused


@pytest.mark.parametrize("tag", ["english", "en_GB", "qq", "zh-Hanss", "en-", "", "und", "1"])
def test_a_tag_of_no_known_language_is_refused(write, tag):
    before = everything()
    assert f"“{tag}”" in only_error(write(summary={tag: "A meeting."}), "#/summary")
    for name in ("title", "publisher"):
        answer = write.source(**{name: {tag: "Minutes"}})
        assert f"“{tag}”" in only_error(answer, f"#/evidence/0/{name}")
    assert everything() == before


@pytest.mark.parametrize("tag", ["fr", "zh-Hant", "en-GB"])
@pytest.mark.parametrize("name", ["summary", "search_note"])
def test_a_language_that_the_plan_does_not_list_is_refused_with_those_that_it_does(
    write, change, duty, reporter, name, tag
):
    update = steps.draft(duty, reporter)
    before = everything()
    text = {name: {"en": "A meeting.", tag: "Other words."}}
    for answer in (write(**text), change(f"updates/{update.pk}/", **text)):
        sentence = only_error(answer, f"#/{name}")
        assert sentence == f"“{tag}” is not a language of plan PLAN; its languages: en, zh."
    assert everything() == before


@pytest.mark.parametrize("tag", ["english", "qq", "en_GB", "und"])
def test_the_language_of_a_source_is_the_tag_of_a_known_one(write, tag):
    assert f"“{tag}”" in only_error(write.source(language=tag), "#/evidence/0/language")


def test_every_unlisted_language_of_a_list_of_updates_is_pointed_at(api, duty, reporter):
    row = {"commitment": "PLAN-1.1", "effective_on": "2026-06-30"}
    body = [row | {"summary": text} for text in ("A meeting.", {"fr": "x"}, {"zh": "会"})]
    body[2]["search_note"] = {"de": "x"}
    errors = problem(api(reporter).post(UPDATES, body, format="json"), 400)["errors"]
    assert [error["pointer"] for error in errors] == ["#/1/summary", "#/2/search_note"]
    assert not ProgressUpdate.objects.exists()


# Changing


@pytest.mark.long
def test_a_change_of_one_language_leaves_the_other_and_an_empty_string_removes_it(
    change, duty, reporter
):
    path = f"updates/{steps.draft(duty, reporter, summary=en_zh('A meeting.', '会议。')).pk}/"
    answer = change(path, summary={"zh": "两次会议。"})
    assert answer.json()["summary"] == {"en": "A meeting.", "zh": "两次会议。"}
    answer = change(path, summary={"en": ""})
    assert answer.json()["summary"] == {"zh": "两次会议。"}
    assert change(path, summary={}).json()["summary"] == {"zh": "两次会议。"}
    assert change(path, summary={"zh": ""}).json()["summary"] == {}


def test_a_title_loses_a_language_but_not_its_last(change, duty, reporter):
    pieces = [steps.REPORT | {"title": en_zh("Report", "报告")}]
    path = f"evidence/{steps.draft(duty, reporter, evidence=pieces).evidence.get().pk}/"
    assert change(path, title={"ru": "Отчёт"}).json()["title"] == {
        "en": "Report",
        "zh": "报告",
        "ru": "Отчёт",
    }
    assert change(path, title={"en": "", "ru": ""}).json()["title"] == {"zh": "报告"}
    assert only_error(change(path, title={"zh": ""}), "#/title")
    assert Evidence.objects.get().title == {"zh": "报告"}


# Publishers


@pytest.fixture
def ministry(db):
    name = {"en": "Ministry of Culture", "zh": "文化部", "ru": "Министерство культуры"}
    return Publisher.objects.create(key="Ministry of Culture", name=Text(name))


@pytest.mark.parametrize(
    "name",
    [
        "Ministry of Culture",
        "ministry  of culture",
        "文化部",
        {"ru": "Министерство культуры"},
        # In whatever language the name is given; a further name is a curator's to add.
        {"en": "文化部"},
        {"zh": "文化部", "fr": "Ministère de la culture"},
    ],
)
def test_a_publisher_is_known_by_one_of_its_names_in_any_language(write, ministry, name):
    known = ministry.name.as_dict()
    assert source_of(write.source(publisher=name))["publisher"] == known
    assert Evidence.objects.get().publisher == ministry
    assert [row.name for row in Publisher.objects.all()] == [known]


def test_a_new_publisher_is_recorded_with_all_its_names(write, ministry):
    name = {"fr": "Ministère des sports", "ru": "Министерство спорта"}
    assert source_of(write.source(publisher=name))["publisher"] == name
    new = Publisher.objects.exclude(pk=ministry.pk).get()
    assert new.key == "Ministère des sports"
    assert source_of(write.source(publisher="Министерство спорта"))["publisher"] == name
    assert Publisher.objects.count() == 2


def test_names_of_two_different_publishers_are_refused(write, change, ministry, duty, reporter):
    Publisher.objects.create(key="Ministry of Sport", name=en_zh("Ministry of Sport"))
    item = steps.draft(duty, reporter, evidence=[steps.REPORT]).evidence.get()
    before = everything()
    name = {"zh": "文化部", "en": "Ministry of Sport"}
    for answer, pointer in (
        (write.source(publisher=name), "#/evidence/0/publisher"),
        (change(f"evidence/{item.pk}/", publisher=name), "#/publisher"),
    ):
        sentence = only_error(answer, pointer)
        assert "“Ministry of Culture”" in sentence
        assert "“Ministry of Sport”" in sentence
    assert everything() == before


@pytest.mark.parametrize("nobody", [None, "", {}, {"en": ""}])
def test_a_source_may_have_no_publisher_and_lose_the_one_that_it_has(
    write, change, ministry, nobody
):
    assert source_of(write.source(publisher=nobody))["publisher"] is None
    source = source_of(write.source(publisher="文化部"))
    path = f"evidence/{source['id']}/"
    # A change of something else leaves it.
    assert change(path, title={"en": "Other minutes"}).json()["publisher"] == source["publisher"]
    assert change(path, publisher=nobody).json()["publisher"] is None
    assert Evidence.objects.get(pk=source["id"]).publisher is None
    assert Publisher.objects.get() == ministry


def test_a_refused_update_leaves_no_new_publisher(write):
    before = everything()
    answer = write(summary={"fr": "x"}, evidence=[SOURCE | {"publisher": "A new institute"}])
    assert only_error(answer, "#/summary")
    assert everything() == before
    assert not Publisher.objects.exists()


def test_an_empty_string_in_place_of_an_object_is_no_text(write, change):
    update = write(search_note={"en": "Looked.", "zh": "已查阅。"}).json()
    assert change(f"updates/{update['id']}/", search_note="").json()["search_note"] == {}


def test_a_plain_string_changes_the_plans_first_language_only(write, change):
    update = write(summary={"en": "It met.", "zh": "会议召开。"}).json()
    changed = change(f"updates/{update['id']}/", summary="They met.").json()
    assert changed["summary"] == {"en": "They met.", "zh": "会议召开。"}


def test_a_title_has_that_of_the_source_first(write):
    source = source_of(write.source(language="fr", title={"en": "Minutes", "fr": "Actes"}))
    assert list(source["title"]) == ["fr", "en"]


def test_a_language_is_not_given_twice(write):
    error = only_error(write(summary={"en": "a", "EN": "b"}), "#/summary")
    assert error == "The language “en” is given twice."


def test_a_name_that_nobody_can_read_makes_no_publisher(write):
    error = only_error(write.source(publisher="\u200b"), "#/evidence/0/publisher")
    assert error == "This name has nothing that can be read."


def test_publishers_of_many_sources_are_read_in_one_query(write, django_assert_max_num_queries):
    def cost(count):
        sources = [SOURCE | {"publisher": f"Institute {n}"} for n in range(count)]
        for _again in range(2):  # the second time the publishers are known
            with django_assert_max_num_queries(1000) as captured:
                assert write(evidence=sources).status_code == 201
        return sum('"commitments_publisher"' in row["sql"] for row in captured.captured_queries)

    assert cost(2) == cost(9)


# Forms


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('{"zh": "会议记录", "fr": "Procès-verbal"}', {"zh": "会议记录", "fr": "Procès-verbal"}),
        ("Minutes", {"fr": "Minutes"}),
        ('["Minutes"]', {"fr": '["Minutes"]'}),
        ("{draft} minutes", {"fr": "{draft} minutes"}),
    ],
)
def test_in_a_form_a_text_is_a_json_object_or_plain_words(send, bare_draft, sent, kept):
    answer = send(bare_draft, title=sent, publisher=sent, language="fr")
    assert answer.status_code == 201, answer.content
    assert (answer.json()["title"], answer.json()["publisher"]) == (kept, kept)


@pytest.mark.parametrize("sent", ['{"en": "a", "en": "b"}', '{"en": "\\ud800"}', "{}"])
def test_in_a_form_an_object_that_is_not_strict_is_not_taken_for_words(send, bare_draft, sent):
    assert only_error(send(bare_draft, title=sent), "#/title")


def test_in_a_form_an_object_is_checked_like_any_other(send, bare_draft):
    sentence = only_error(send(bare_draft, title='{"qq": "Minutes"}'), "#/title")
    assert sentence == "“qq” is not the BCP 47 tag of a known language."


# Codes


def test_codes_have_a_label_in_every_language_of_the_interface(api, db):
    codes = api().get("/api/v1/codes/").json()
    labels = [entry["label"] for name in codes if name != "methodology" for entry in codes[name]]
    assert {tuple(label) for label in labels} == {tuple(interface_tags())}
    assert len(interface_tags()) == len(settings.LANGUAGES)
    # Whatever language is asked for.
    other = api().get("/api/v1/codes/", headers={"Accept-Language": "zh-CN"}).json()
    assert other == codes
