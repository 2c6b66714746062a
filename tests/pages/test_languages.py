"""Pages of plans in other languages: readers see theirs where it is there, else the plan's first,
always marked with its language and direction."""

import csv
import re

import pytest

from commitments.models import Commitment, ProgressUpdate
from commitments.texts.search_terms import search_terms
from tests.other_languages import load_plan_of

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

RTL = 'lang="ar" dir="rtl" data-script="Arab"'
PATHS = (
    "",
    "commitments/",
    "commitments/{number}/",
    "commitments/{number}/history/",
    "forums/",
    "forums/{forum}/",
    "forums/{forum}/brief/",
    "report/?from=2026-01-01&to=2026-06-30",
    "areas/1/",
    "matrix/",
    "time/",
    "changes/",
    "methodology/",
)


@pytest.fixture
def load(reporter, reviewer):
    return lambda code: load_plan_of(code, reporter, reviewer)


READINGS = [
    *(("en", "ISLANDS"), ("en", "VALLE"), ("zh-hans", "OASIS")),
    *(
        pytest.param(interface, code, marks=pytest.mark.long)
        for interface, code in (("zh-hans", "ISLANDS"), ("zh-hans", "VALLE"), ("en", "OASIS"))
    ),
]


@pytest.mark.long
@pytest.mark.parametrize(("interface", "code"), READINGS)
def test_every_page_of_a_plan_in_other_languages_is_there(get_page, load, code, interface):
    update = load(code)
    [forum] = update.forums.all()
    values = {"number": update.commitment.number, "forum": forum.code}
    has_goals = update.commitment.plan.goals.exists()
    for path in PATHS:
        if path == "matrix/" and not has_goals:
            continue
        page = get_page(f"/{interface}/{code}/{path.format(**values)}")
        assert "&lt;span" not in page, path
        for attribute in re.findall(r'(?:title|aria-label|content)="([^"]*)"', page):
            assert "<" not in attribute, path


def test_a_text_in_the_plans_language_is_marked_where_it_is_not_the_readers(get_page, load):
    load("VALLE")
    page = get_page("/zh-hans/VALLE/commitments/2.1/")
    title = '<span lang="es" dir="ltr">Convocar cada año la Mesa del Agua</span>'
    assert f'<span itemprop="name">{title}</span>' in page
    assert '<blockquote lang="es" dir="ltr">La mancomunidad convocará' in page
    assert '<p lang="es" dir="ltr">La Mesa del Agua se reunió en febrero.</p>' in page
    assert '<html lang="zh-Hans" dir="ltr" data-script="Hans">' in page
    # One language alone needs no names of languages.
    assert "other-language" not in page


@pytest.mark.long
def test_arabic_runs_from_right_to_left_and_stands_before_french(get_page, load):
    load("OASIS")
    page = get_page("/en/OASIS/commitments/2.1/")
    assert f"<span {RTL}>المشاركة في ملتقى الواحات</span>" in page
    text = page[page.index('id="text"') : page.index('id="reading"')]
    assert re.findall(r'<blockquote lang="(\w+)"', text) == ["ar", "fr"]
    assert f"<p {RTL}>شارك المجلس" in page
    assert '<summary lang="fr" dir="ltr">français</summary>' in page
    # Within a line of plain text it is isolated, so that signs around it keep their place.
    assert "OASIS-2.1 “\u2068المشاركة في ملتقى الواحات\u2069”, \u2068" in page


@pytest.mark.long
def test_a_text_that_lacks_the_plans_first_language_is_shown_in_the_next(get_page, load):
    load("ISLANDS")
    page = get_page("/en/ISLANDS/commitments/2/")
    assert '<span lang="pt" dir="ltr">Participar na Mesa da Pesca</span>' in page
    assert '<span itemprop="name">Build the new quay</span>' in get_page(
        "/en/ISLANDS/commitments/1/"
    )


def test_a_source_has_its_title_and_publisher_in_the_readers_language_if_they_exist(get_page, load):
    load("ISLANDS")
    page = get_page("/en/ISLANDS/commitments/2/")
    assert '<span lang="pt" dir="ltr">Ata da mesa</span>' in page
    assert "Fishing Round Table ·" in page


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("montana", ["2.1"]),
        ("MONTAÑA", ["2.1"]),
        ("publicará", ["1.1", "2.1"]),
        ("ublicará", []),
        ("quien decide", ["2.1"]),
    ],
)
def test_spanish_is_searched_by_words_without_their_accents(load, words, found):
    load("VALLE")
    rows = Commitment.objects.search(search_terms(words)).order_by("number")
    assert [row.number for row in rows] == found


def test_arabic_and_japanese_are_searched_by_their_scripts(load, anonymous):
    for code in ("OASIS", "ISLANDS"):
        load(code)
    assert [row.code for row in Commitment.objects.search(search_terms("عيون"))] == ["OASIS-1.1"]
    assert [row.code for row in Commitment.objects.search(search_terms("岸壁"))] == ["ISLANDS-1"]
    [update] = ProgressUpdate.objects.visible_to(anonymous).search(search_terms("円卓"), anonymous)
    assert update.commitment.code == "ISLANDS-2"


@pytest.mark.long
def test_files_have_a_column_for_each_language_that_is_selected(load, client):
    for code in ("OASIS", "VALLE"):
        load(code)

    def columns(query):
        answer = client.get(f"/api/v1/commitments/export/?format=csv{query}")
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        header = next(csv.reader(lines))
        return [name for name in header if re.match("(title|status_label)_", name)]

    labels = ["status_label_en", "status_label_zh-Hans"]
    assert columns("&plan=OASIS") == ["title_ar", "title_fr", *labels]
    assert columns("&plan=VALLE") == ["title_es", *labels]
    assert columns("") == ["title_ar", "title_fr", "title_es", *labels]


def test_a_feed_has_the_words_of_the_plan_with_their_language(load, client):
    load("OASIS")
    feed = client.get("/en/OASIS/changes.atom").text
    assert f"&lt;p {RTL}&gt;شارك" in feed
