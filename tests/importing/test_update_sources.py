"""Titles and publishers of sources in update files: a line in the language of the source, or the
words in each language."""

import pytest
from django.core.management.base import CommandError

from commitments.models import Evidence, Publisher
from commitments.texts.text import Text
from tests.documents import ABSENT, SOURCE, UPDATES, edited, everything, said

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

LOADED = "Plan PLAN: already loaded: 1.\n"
BOTH = {"en": "The forum", "zh": "论坛秘书处"}


@pytest.fixture(autouse=True)
def world(plan, duty, deliverable, forum, reporter, reviewer, noon):
    """A plan in English and Chinese with a commitment, a reporter and a reviewer."""


def with_source(*pieces, reference="event-1"):
    """Return an update file with one update, on these pieces of evidence."""
    event = UPDATES["updates"][0] | {"external_ref": reference}
    event |= {"forums": [], "evidence": [SOURCE | piece for piece in pieces]}
    return {"format": 1, "plan": "PLAN", "updates": [event]}


def names():
    return [list(row.name.items()) for row in Publisher.objects.order_by("pk")]


def test_a_line_is_in_the_language_of_the_source(load):
    load(with_source({"title": "Acta", "publisher": "El foro", "language": "es"}))
    piece = Evidence.objects.get()
    assert piece.title == Text({"es": "Acta"})
    assert (piece.publisher.key, piece.publisher.name) == ("El foro", Text({"es": "El foro"}))


def test_a_line_of_a_source_in_no_known_language_is_in_the_plans_first(load, plan):
    plan.languages = ["zh", "en"]
    plan.save()
    load(with_source({"title": "会议纪要", "publisher": "论坛"}))
    piece = Evidence.objects.get()
    assert (piece.title, piece.language) == (Text({"zh": "会议纪要"}), "")
    assert piece.publisher.name == Text({"zh": "论坛"})


def test_a_map_may_be_in_any_languages_and_keeps_their_order(load):
    title = {"fr": "Procès-verbal", "en": "Minutes", "zh-Hant": "會議紀要"}
    load(with_source({"title": title, "publisher": BOTH, "language": "fr"}))
    assert list(Evidence.objects.get().title.items()) == list(title.items())
    assert names() == [list(BOTH.items())]
    assert Publisher.objects.get().key == "The forum"


def test_a_source_may_have_no_publisher(load):
    document = edited(with_source({}), ("updates.0.evidence.0.publisher", ABSENT))
    load(document)
    assert Evidence.objects.get().publisher is None
    assert load(document) == LOADED


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("The forum", id="the same line"),
        pytest.param("THE  Forum", id="another spelling"),
        pytest.param("论坛秘书处", id="its other name"),
        pytest.param({"zh": "论坛秘书处"}, id="a map"),
        pytest.param(BOTH, id="all of its names"),
        pytest.param({"fr": "Le forum", "en": "The forum"}, id="a further name"),
    ],
)
def test_a_publisher_known_by_one_of_its_names_is_not_doubled(load, name):
    load(with_source({"publisher": BOTH}))
    assert "updates published: 1" in load(with_source({"publisher": name}, reference="event-2"))
    assert names() == [list(BOTH.items())]
    assert {piece.publisher.key for piece in Evidence.objects.all()} == {"The forum"}

    # Nor is it a difference, by whichever name the file has it.
    before = everything()
    assert load(with_source({"publisher": name})) == LOADED
    assert everything() == before


def test_a_publisher_is_recorded_once_for_all_updates_of_a_file(load):
    load()
    assert Evidence.objects.count() == 2
    assert names() == [[("en", "The forum")]]


def test_names_of_two_publishers_are_refused_with_their_place(load):
    other = {"publisher": "论坛秘书处", "title": "Other", "url": "https://example.org/other"}
    load(with_source({"publisher": "The forum"}, other))
    before = everything()
    with pytest.raises(CommandError) as refusal:
        load(with_source({"publisher": BOTH}, reference="event-2"))
    assert everything() == before
    assert said(refusal.value)[1:] == [
        "update event-2, evidence Minutes, publisher: These are the names of different publishers: "
        "“The forum” and “论坛秘书处”."
    ]


def test_a_publisher_that_a_curator_renamed_is_known_by_its_first_name_too(load):
    load(with_source({}))
    row = Publisher.objects.get()
    row.name = Text({"en": "Secretariat of the forum"})
    row.save()
    assert load(with_source({})) == LOADED
    assert load(with_source({"publisher": "Secretariat of the forum"})) == LOADED


def test_a_line_and_a_map_of_the_same_words_are_no_difference(load):
    load(with_source({"title": "Minutes"}))
    assert load(with_source({"title": {"en": "Minutes"}})) == LOADED


def test_a_title_in_a_further_language_is_a_difference_and_changes_nothing(load):
    load(with_source({"title": "Minutes"}))
    told = load(with_source({"title": {"en": "Minutes", "zh": "会议纪要"}}))
    assert "has this reference but differs in: evidence" in told
    assert Evidence.objects.get().title == Text({"en": "Minutes"})


def test_another_publisher_is_a_difference(load):
    load(with_source({}))
    without = edited(with_source({}), ("updates.0.evidence.0.publisher", ABSENT))
    for document in (with_source({"publisher": "Somebody"}), without):
        assert "has this reference but differs in: evidence" in load(document)
    assert names() == [[("en", "The forum")]]


def test_the_texts_of_an_update_have_the_order_of_the_plans_languages(load):
    summary = {"zh": "会议召开。", "en": "A meeting was held."}
    load(
        edited(
            with_source({}),
            ("updates.0.summary", summary),
            ("notice", {"zh": "示例。", "en": "Example."}),
        )
    )
    update = Evidence.objects.get().update
    assert list(update.summary) == ["en", "zh"]
    assert update.summary == Text(summary)
    update.commitment.plan.refresh_from_db()
    assert list(update.commitment.plan.notice) == ["en", "zh"]


def test_a_source_in_an_unknown_language_is_refused_with_its_place(load):
    with pytest.raises(CommandError) as refusal:
        load(with_source({"language": "qq"}))
    assert said(refusal.value)[1:] == [
        "update event-1, evidence Minutes, language: “qq” is not a language tag such as "
        "en, zh or zh-Hans."
    ]
