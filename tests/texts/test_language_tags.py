"""Languages by their tags: which there are, their names, their direction, and the best match."""

import pytest
from django.utils import translation

from commitments.texts.languages import (
    best_match,
    canonical_tag,
    direction,
    language_name,
    language_name_for_reader,
    likely_locale,
    script,
    short_name,
)

pytestmark = pytest.mark.alike


@pytest.mark.parametrize(
    ("given", "tag"),
    [
        ("en", "en"),
        ("ZH-hans", "zh-Hans"),
        ("pt-br", "pt-BR"),
        ("ES-419", "es-419"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("azb", "azb"),
        ("tpi", "tpi"),
        ("", None),
        ("qq", None),
        ("english", None),
        ("en_GB", None),
        ("en-", None),
        ("x-private", None),
        ("en\n", None),
        ("en-Lat\u017f", None),
        ("und", None),
        ("mul", None),
    ],
)
def test_a_tag_is_put_in_its_canonical_form_if_it_names_a_language(given, tag):
    assert canonical_tag(given) == tag


@pytest.mark.parametrize(
    ("tag", "way", "written"),
    [
        ("en", "ltr", "Latn"),
        ("ar", "rtl", "Arab"),
        ("he", "rtl", "Hebr"),
        ("fa-AF", "rtl", "Arab"),
        ("uz", "ltr", "Latn"),
        ("uz-Arab", "rtl", "Arab"),
        ("azb", "rtl", "Arab"),
        ("dv", "rtl", "Thaa"),
        ("zh", "ltr", "Hans"),
        ("zh-TW", "ltr", "Hant"),
        ("ja", "ltr", "Jpan"),
    ],
)
def test_the_script_gives_the_direction(tag, way, written):
    assert (direction(tag), script(tag)) == (way, written)


def test_a_language_has_its_name_in_itself_and_in_the_readers_language():
    assert (language_name("es"), language_name("zh"), language_name("azb")) == (
        "español",
        "中文",
        "azb",
    )
    assert (short_name("zh-Hans"), short_name("pt-BR")) == ("中文", "português")
    with translation.override("zh-hans"):
        assert language_name_for_reader("ar") == "阿拉伯语"
        assert language_name_for_reader("zh-Hans") == "简体中文"
    with translation.override("en"):
        assert language_name_for_reader("ar") == "Arabic"


@pytest.mark.parametrize(
    ("wanted", "tags", "match"),
    [
        ("zh-Hans", ["en", "zh"], "zh"),
        ("zh-Hans", ["zh", "zh-Hans"], "zh-Hans"),
        ("zh-Hans", ["en", "zh-Hant"], "zh-Hant"),
        ("zh-Hans", ["zh-Hant", "zh-Hans-CN"], "zh-Hans-CN"),
        ("zh-Hans", ["zh-TW", "zh-CN"], "zh-CN"),
        ("pt-BR", ["pt-PT", "pt"], "pt"),
        ("pt", ["en", "pt-BR", "pt-PT"], "pt-BR"),
        ("es", ["en", "est"], None),
        ("es", [], None),
    ],
)
def test_the_best_match_is_the_nearest_in_the_same_language(wanted, tags, match):
    assert best_match(wanted, tags) == match


def test_a_preview_names_the_territory_of_most_readers():
    assert [likely_locale(tag) for tag in ("en", "zh-Hans", "zh-Hant", "pt-PT", "ar")] == [
        "en_US",
        "zh_CN",
        "zh_TW",
        "pt_PT",
        "ar_EG",
    ]
