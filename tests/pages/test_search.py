"""The search pages: what they show, what they say of wrong queries, and what they cost."""

import re

import pytest

from commitments.models import Partnership
from tests.factories import CommitmentFactory, ForumFactory, PlanFactory
from tests.steps import REPORT, RESOLUTION, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

SEARCH = "/en/PLAN/search/"


@pytest.fixture
def treaty(duty, reporter, reviewer):
    """A commitment with an event and a source about a treaty, and a forum."""
    forum = ForumFactory(code="TREATY-GROUP", name=en_zh("Treaty group", "条约小组"))
    Partnership.objects.create(commitment=duty, forum=forum)
    source = RESOLUTION | {"title": "Text of the treaty", "publisher": "Treaty press"}
    summary = en_zh("The <treaty> was signed.", "条约签署。")
    return published(duty, reporter, reviewer, summary=summary, evidence=[source])


def test_hits_of_all_kinds_have_their_words_marked_and_lead_there(flat, treaty):
    page = flat(f"{SEARCH}?q=treaty")
    assert '<a href="/en/PLAN/forums/TREATY-GROUP/">' in page
    assert "<mark>Treaty</mark> group" in page
    assert f'href="/en/PLAN/commitments/1.1/#update-{treaty.pk}"' in page
    assert 'href="https://example.org/resolution" rel="external"' in page
    assert "Text of the <mark>treaty</mark>" in page
    assert "<mark>Treaty</mark> press" in page
    assert 'Cited for: <a href="/en/PLAN/commitments/1.1/">1.1</a>' in page


def test_words_of_the_record_are_escaped(get_page, treaty):
    assert "&lt;<mark>treaty</mark>&gt;" in get_page(f"{SEARCH}?q=treaty")
    assert "&lt;script&gt;" in get_page(f"{SEARCH}?q=<script>")


def test_a_hit_in_another_language_is_shown_in_that_language(flat, treaty):
    page = flat(f"{SEARCH}?q=条约")
    assert '<p lang="zh" dir="ltr" data-script="Hans"><mark>条约</mark>签署。</p>' in page


@pytest.fixture
def xinhua(duty, reporter, reviewer):
    """A source with a publisher of two names and a link, and one with a citation."""
    link = {**RESOLUTION, "title": en_zh("Text", "全文"), "publisher": en_zh("Xinhua", "新华社")}
    cited = {**REPORT, "title": "Minutes", "citation": "Yearbook <of> disarmament, volume 7."}
    return published(duty, reporter, reviewer, evidence=[link, cited])


@pytest.mark.parametrize(
    ("language", "query", "shown"),
    [
        ("en", "Xinhua", '<span lang="en" dir="ltr"><mark>Xinhua</mark></span> · '),
        (
            "en",
            "新华社",
            '<span lang="en" dir="ltr">Xinhua</span> · '
            '<span lang="zh" dir="ltr" data-script="Hans"><mark>新华社</mark></span> · ',
        ),
        (
            "zh-hans",
            "新华社",
            '<span lang="zh" dir="ltr" data-script="Hans"><mark>新华社</mark></span> · ',
        ),
        ("zh-hans", "Xinhua", '<span lang="en" dir="ltr"><mark>Xinhua</mark></span> · '),
        ("en", "disarmament", "Yearbook &lt;of&gt; <mark>disarmament</mark>, volume 7."),
        ("zh-hans", "disarmament", "Yearbook &lt;of&gt; <mark>disarmament</mark>, volume 7."),
        ("en", "resolution", "https://example.org/<mark>resolution</mark>"),
        ("zh-hans", "resolution", "https://example.org/<mark>resolution</mark>"),
    ],
)
def test_a_source_shows_where_its_publisher_citation_or_link_matches(
    get_page, xinhua, language, query, shown
):
    page = " ".join(get_page(f"/{language}/PLAN/search/?q={query}&type=source").split())
    assert shown in page


@pytest.mark.parametrize("query", ["text", "Xinhua"])
def test_the_link_of_a_source_that_its_names_explain_is_not_repeated(flat, xinhua, query):
    page = flat(f"{SEARCH}?q={query}&type=source")
    assert "Xinhua" in page
    assert ">https://example.org" not in page


def test_the_link_is_shown_for_what_the_names_lack(flat, xinhua):
    page = flat(f"{SEARCH}?q=Xinhua+resolution&type=source")
    assert "<mark>Xinhua</mark>" in page
    assert "https://example.org/<mark>resolution</mark>" in page


def test_the_names_of_a_forum_are_said(flat, treaty):
    assert "Also searched for: TREATY-GROUP and 条约小组" in flat(f"{SEARCH}?q=Treaty+group")
    assert "Also searched for" not in flat(f"{SEARCH}?q=treaty")


@pytest.mark.long
def test_one_kind_has_pages(flat, duty, reporter, reviewer):
    for _n in range(23):
        published(duty, reporter, reviewer, summary=en_zh("The treaty was signed."))
    page = flat(f"{SEARCH}?q=treaty")
    kind = re.search(r"type=(event|assessment)", page)[1]
    assert page.count("#update-") == 5
    first = flat(f"{SEARCH}?q=treaty&type={kind}")
    assert first.count("#update-") == 20
    assert "Page 1 of 2" in first
    assert flat(f"{SEARCH}?q=treaty&type={kind}&page=2").count("#update-") == 3


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("place", ["", "PLAN/"])
def test_a_search_without_words_or_hits_says_so(get_page, plan, language, place):
    address = f"/{language}/{place}search/"
    nothing = {"en": "Nothing was found", "zh-hans": "未找到"}[language]
    assert nothing not in get_page(address)
    assert nothing in get_page(f"{address}?q=zebra")


def test_wrong_parameters_are_named(flat, treaty):
    page = flat(f"{SEARCH}?q=treaty&type=zebra&x=1")
    assert (
        "Type (type): Choose one of: forum, commitment, assessment, event, source, publisher."
        in page
    )
    assert "Unknown parameter “x”; it was ignored." in page
    many = "+".join(["treaty"] * 31)
    for address in (SEARCH, "/en/search/", "/en/PLAN/commitments/"):
        assert "Enter at most 30 words; there are 31." in flat(f"{address}?q={many}")


def test_too_many_words_are_refused_by_the_api(api, plan):
    query = "+".join(["a"] * 2000)
    for path in ("commitments", "updates"):
        answer = api().get(f"/api/v1/{path}/?q={query}")
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["detail"] == "Enter at most 30 words; there are 2000."


def test_the_search_of_the_site_finds_all_public_plans(flat, treaty):
    other = PlanFactory(code="OTHER")
    CommitmentFactory(plan=other, number="7", title=en_zh("Join the treaty"))
    secret = PlanFactory(code="SECRET", visibility="draft")
    CommitmentFactory(plan=secret, number="9", title=en_zh("A secret treaty"))
    page = flat("/en/search/?q=treaty")
    assert '<span class="number">OTHER-7</span>' in page
    assert f'href="/en/PLAN/commitments/1.1/#update-{treaty.pk}"' in page
    assert "secret" not in page


def test_the_clocks_of_the_reader_are_kept(flat, treaty):
    page = flat(f"{SEARCH}?q=treaty&as_of=2026-07-01")
    assert 'href="/en/PLAN/forums/TREATY-GROUP/?as_of=2026-07-01"' in page
    assert "#update-" not in flat(f"{SEARCH}?q=treaty&as_of=2025-01-01")


def test_every_page_has_a_search(flat, plan):
    for address in ("/en/", "/en/PLAN/", "/en/PLAN/changes/"):
        assert '<form class="find"' in flat(address)
    assert '<form class="find"' not in flat(SEARCH)


@pytest.mark.parametrize(
    ("address", "most"),
    [
        (f"{SEARCH}?q=treaty", 12),
        (f"{SEARCH}?q=treaty&type=source", 9),
        ("/en/search/?q=treaty", 12),
    ],
)
def test_a_search_costs_few_queries(client, treaty, address, most, django_assert_max_num_queries):
    with django_assert_max_num_queries(most):
        client.get(address)
