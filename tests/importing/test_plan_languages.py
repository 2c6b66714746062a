"""A plan is in the languages that it lists, and an amendment can only add to them."""

import hashlib
import json

import pytest
import yaml
from django.core.management.base import CommandError

from commitments.importing import plan_dump
from commitments.models import Commitment, Decision, Forum, Milestone, Office, Plan
from commitments.texts.text import Text
from tests.documents import edited, everything, placed
from tests.importing.town import VALID, changed

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


def commitment_in(tag):
    return {"number": "A.2", "title": {tag: "Two"}, "text": {tag: "Two."}, "kind": "standing"}


# It lists two languages and has words in the first alone.
IN_ENGLISH = changed(("plan.title", {"en": "Town plan"}), ("commitments.1", commitment_in("en")))
BUILD = "Build it with the League."
CONSTRUIR = "Construirlo con la Liga."
SPANISH = ("plan.languages", ["en", "zh", "es"])


@pytest.fixture
def amend(load_plan, curator):
    def amend(document):
        return load_plan(document, amend="The council had it translated.", by="curator")

    return amend


@pytest.fixture
def refused(amend):
    """Return the lines of the error; check that nothing was written."""

    def refused(document):
        before = everything()
        with pytest.raises(CommandError) as refusal:
            amend(document)
        assert everything() == before
        return placed(refusal.value)

    return refused


def words(text):
    """Return the languages and words of a text, in their order."""
    return list(text.items())


def digest(**text):
    """Return the SHA-256 of the canonical JSON of a wording; its languages in sorted order."""
    canonical = json.dumps(text, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


# The order of the languages


def test_a_text_has_the_order_of_the_plans_languages_whatever_that_of_the_file(load_plan):
    load_plan(
        changed(
            ("plan.languages", ["zh", "es", "en"]),
            ("plan.notice", {"en": "Trial.", "es": "Ensayo.", "zh": "试用。"}),
            ("goals.0.title", {"en": "Goal", "zh": "目标"}),
            ("areas.0.title", {"es": "Área", "zh": "领域"}),
            ("commitments.0.text", {"en": BUILD, "es": CONSTRUIR, "zh": "与联盟共建。"}),
            ("commitments.0.forums.0.quote", {"en": "the League", "es": "la Liga", "zh": "联盟"}),
            ("commitments.0.milestones.0.title", {"en": "Plans drawn", "zh": "图纸"}),
        )
    )
    plan = Plan.objects.get()
    built = Commitment.objects.get(number="A.1")
    assert plan.languages == ["zh", "es", "en"]
    assert words(plan.title) == [("zh", "城镇计划"), ("en", "Town plan")]
    assert words(plan.notice) == [("zh", "试用。"), ("es", "Ensayo."), ("en", "Trial.")]
    assert words(plan.goals.get(number=1).title) == [("zh", "目标"), ("en", "Goal")]
    assert words(plan.areas.get(number=1).title) == [("zh", "领域"), ("es", "Área")]
    assert list(built.text) == ["zh", "es", "en"]
    assert list(built.partnerships.get().quote) == ["zh", "es", "en"]
    assert list(built.milestones.get(due_on="2025-05-01").title) == ["zh", "en"]

    [row, *_others] = yaml.safe_load(plan_dump.dump_plan(plan))["commitments"]
    assert list(row["text"]) == ["zh", "es", "en"]


def test_the_order_of_the_languages_in_the_file_is_no_difference_but_that_of_the_list_is(load_plan):
    load_plan(VALID)
    assert "unchanged" in load_plan(changed(("plan.title", {"zh": "城镇计划", "en": "Town plan"})))
    with pytest.raises(CommandError) as refusal:
        load_plan(changed(("plan.languages", ["zh", "en"])))
    assert placed(refusal.value)[1:] == ["  Plan, languages: en, zh → zh, en"]


def test_names_of_forums_and_offices_may_be_in_any_language_and_keep_their_order(load_plan):
    load_plan(
        changed(
            ("forums.0.name", {"pt-BR": "A Liga", "ar": "الرابطة", "en": "The League"}),
            ("offices.0.name", {"zh-Hant": "工務局"}),
        )
    )
    name = Forum.objects.get(code="LEAGUE").name
    assert words(name) == [("pt-BR", "A Liga"), ("ar", "الرابطة"), ("en", "The League")]
    assert words(Office.objects.get(code="WORKS").name) == [("zh-Hant", "工務局")]
    dumped = yaml.safe_load(plan_dump.dump_plan(Plan.objects.get()))
    assert list(dumped["forums"][0]["name"]) == ["pt-BR", "ar", "en"]


# Amendments


def test_a_language_that_is_added_keeps_the_others_and_is_a_new_wording(load_plan, amend):
    load_plan(VALID)
    amend(changed(SPANISH, ("commitments.0.text.es", CONSTRUIR)))
    built = Commitment.objects.get(number="A.1")
    assert Plan.objects.get().languages == ["en", "zh", "es"]
    assert words(built.text) == [("en", BUILD), ("es", CONSTRUIR)]
    assert built.text_sha256 == digest(en=BUILD, es=CONSTRUIR)
    loaded, amended = built.contents.in_order()
    assert (loaded.content["text"], amended.content["text"]) == (
        {"en": BUILD},
        {"en": BUILD, "es": CONSTRUIR},
    )


@pytest.mark.long
def test_a_language_that_is_added_is_none_to_add_any_more(load_plan, amend):
    load_plan(VALID)
    added = changed(
        SPANISH,
        ("plan.title.es", "Plan de la villa"),
        ("goals.0.title.es", "Meta 1"),
        ("commitments.0.title.es", "Construir"),
        ("commitments.0.text.es", CONSTRUIR),
        ("commitments.0.note", {"es": "No dice dónde."}),
        ("commitments.0.forums.0.quote.es", "la Liga"),
    )
    assert amend(added).splitlines() == [
        "Plan TOWN amended (2 commitments).",
        "  Plan, title (es): – → “Plan de la villa”",
        "  Plan, languages: en, zh → en, zh, es",
        "  Strategic goal 1, title (es): – → “Meta 1”",
        "  Commitment A.1, title (es): – → “Construir”",
        f"  Commitment A.1, text (es): – → “{CONSTRUIR}”",
        "  Commitment A.1, note on the text (es): – → “No dice dónde.”",
        "  Commitment A.1, partner forums: LEAGUE “the League” → LEAGUE “the League / la Liga”",
    ]
    assert "unchanged" in load_plan(added)
    built = Commitment.objects.get(number="A.1")
    assert words(built.note) == [("es", "No dice dónde.")]
    assert words(built.partnerships.get().quote) == [("en", "the League"), ("es", "la Liga")]


def test_a_language_alone_is_a_difference_that_an_amendment_applies(load_plan, amend):
    load_plan(VALID)
    amend(changed(SPANISH))
    assert Plan.objects.get().languages == ["en", "zh", "es"]
    [changed_subject] = Decision.objects.in_order().last().meta["subjects"]
    assert (changed_subject["type"], changed_subject["key"]) == ("plan", "TOWN")


def test_words_that_are_added_take_their_place_in_the_order_of_the_languages(load_plan, amend):
    load_plan(VALID)
    amend(changed(("commitments.1.text.en", "Take part.")))
    assert words(Commitment.objects.get(number="A.2").text) == [
        ("en", "Take part."),
        ("zh", "参与圆桌会议。"),
    ]


@pytest.mark.parametrize(
    "languages",
    [
        pytest.param(["zh", "en"], id="in another order"),
        pytest.param(["es", "en", "zh"], id="a new one first"),
        pytest.param(["en", "es", "zh"], id="a new one between"),
        pytest.param(["en", "es"], id="one replaced"),
    ],
)
def test_languages_are_added_only_at_the_end(load_plan, refused, languages):
    load_plan(IN_ENGLISH)
    assert refused(edited(IN_ENGLISH, ("plan.languages", languages))) == [
        "The file cannot be loaded.",
        "  plan.languages: languages can only be added, after those that the plan has: en, zh",
    ]


def test_no_language_is_removed_even_if_nothing_is_written_in_it(load_plan, refused):
    load_plan(IN_ENGLISH)
    assert refused(edited(IN_ENGLISH, ("plan.languages", ["en"]))) == [
        "The file cannot be loaded.",
        "  plan.languages: languages can only be added, after those that the plan has: en, zh",
    ]


def test_a_text_of_an_amendment_is_in_a_language_of_the_plan(load_plan, refused):
    load_plan(VALID)
    [_first, line] = refused(changed(("commitments.1.text.es", "Participar.")))
    assert line == (
        "  commitments[1].text.es: “es” is not a language of the plan; its languages: en, zh"
    )


def test_every_text_in_another_language_is_named_at_once(load_plan, refused):
    load_plan(VALID)
    found = refused(
        changed(
            ("plan.languages", ["en"]), ("plan.title.es", "Plan"), ("forums.0.name.es", "La Liga")
        )
    )
    assert found[1:] == [
        f"  {place}: “{place.rpartition('.')[2]}” is not a language of the plan; its languages: en"
        for place in (
            "plan.title.zh",
            "plan.title.es",
            "commitments[1].title.zh",
            "commitments[1].text.zh",
        )
    ]


def test_plans_in_other_languages_share_forums(load_plan):
    load_plan(VALID)
    villa = {"code": "VILLA", "languages": ["es"], "title": {"es": "Plan"}, "time_zone": "UTC"}
    member = commitment_in("es") | {"forums": [{"code": "LEAGUE"}]}
    load_plan({"format": 1, "plan": villa, "commitments": [member]})
    villa = Plan.objects.get(code="VILLA")
    assert yaml.safe_load(plan_dump.dump_plan(villa))["forums"][0]["name"] == {"en": "The League"}


def test_a_milestone_that_is_translated_stays_the_same_one(load_plan, amend):
    load_plan(IN_ENGLISH)
    before = list(Milestone.objects.order_by("pk").values_list("pk", flat=True))
    title = {"en": "Plans drawn", "es": "Planos dibujados"}
    amend(edited(IN_ENGLISH, SPANISH, ("commitments.0.milestones.0.title", title)))
    assert list(Milestone.objects.order_by("pk").values_list("pk", flat=True)) == before
    assert Milestone.objects.get(pk=before[0]).title == Text(title)


@pytest.mark.parametrize("tag", ["und", "mul", "zxx", "mis"])
def test_a_tag_that_stands_for_no_one_language_is_refused(load_plan, tag):
    with pytest.raises(CommandError) as refusal:
        load_plan(changed(("plan.languages", ["en", "zh", tag])))
    assert f"plan, languages {tag}: no known language has the tag “{tag}”" in str(refusal.value)


@pytest.mark.long
def test_milestones_that_share_words_in_one_language_stay_apart(load_plan, amend):
    titles = [{"en": "Report", "zh": "报告一"}, {"en": "Report", "zh": "报告二"}]
    edits = [(f"commitments.0.milestones.{n}.title", title) for n, title in enumerate(titles)]
    load_plan(changed(*edits))
    dumped = yaml.safe_load(plan_dump.dump_plan(Plan.objects.get()))
    assert load_plan(dumped) == "Plan TOWN unchanged: the file changes nothing (2 commitments).\n"
    dumped["commitments"][0]["milestones"][1]["due_on"] = "2025-10-01"
    amend(dumped)
    assert [row.title["zh"] for row in Milestone.objects.order_by("due_on")] == [
        "报告一",
        "报告二",
    ]
