"""Cards in frames of other sites, and badges."""

import re
from copy import deepcopy
from datetime import date, timedelta
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from commitments.choices import Action
from commitments.models import Partnership
from tests.factories import CommitmentFactory, ForumFactory, PlanFactory
from tests.fixtures.worlds import people, shared_world, the_duty, the_forum, the_plan
from tests.steps import NOW, RESOLUTION, perform, published
from tests.words import en_zh
from tests.workflow.assessing import IN_PART, SHOWN, add_criteria, assess, findings, publish

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("a_day_later"),
]

CARD = "/embed/en/PLAN/commitments/1.1/"
BADGE = f"{CARD}badge.svg"
# Those of a duty without an assessment, and what other tests publish on it.
OTHER_CARD = "/embed/en/PLAN/commitments/1.4/"
OTHER_BADGE = f"{OTHER_CARD}badge.svg"
CARDS = ["/embed/en/PLAN/", "/embed/en/PLAN/forums/FORUM/", CARD]
LONG_AGO = date(2023, 1, 1)


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    """An assessed duty that names a forum."""
    with shared_world(django_db_blocker):
        reporter, reviewer, _curator = people()
        duty = naming(the_duty(the_plan()), the_forum())
        published(duty, reporter, reviewer, event_type="participation")
        published(duty, reporter, reviewer, status="active", evidence=[RESOLUTION])
        yield duty


def naming(commitment, forum):
    quote = en_zh("the forum", "论坛")
    Partnership.objects.create(commitment=commitment, forum=forum, quote=quote)
    return commitment


@pytest.fixture
def assessed(db, built):
    """The duty 1.1, which is active and names a forum."""
    return deepcopy(built)


@pytest.fixture
def named(plan, forum):
    """The duty 1.4, which names the same forum and is not assessed."""
    return naming(CommitmentFactory(plan=plan, number="1.4", position=4), forum)


def words_of_badge(answer):
    root = ElementTree.fromstring(answer.content)
    return [row.text for row in root.iter("{http://www.w3.org/2000/svg}text")]


# Frames


@pytest.mark.parametrize("path", CARDS)
def test_any_site_may_show_a_card_in_a_frame(client, assessed, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


def test_a_card_may_be_framed_after_it_was_asked_for_again(client, assessed):
    tag = client.get(CARD)["ETag"]
    answer = client.get(CARD, headers={"if-none-match": tag})
    assert answer.status_code == 304
    assert "X-Frame-Options" not in answer
    assert "frame-ancestors *" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    ["/en/", "/en/PLAN/", "/en/PLAN/commitments/1.1/", "/admin/login/", "/en/PLAN/grid.svg", BADGE],
)
def test_no_other_page_can_be_framed(client, assessed, path):
    answer = client.get(path)
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", CARDS)
def test_a_card_has_no_script_and_no_style_of_its_own(get_page, assessed, path):
    page = get_page(path)
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize("path", CARDS)
def test_links_of_a_card_open_outside_of_the_frame(get_page, assessed, path):
    links = re.findall(r"<a [^>]*>", get_page(path))
    assert len(links) >= 2
    assert all('target="_blank" rel="noopener"' in link for link in links)


# What cards say


def test_the_card_of_a_commitment_says_its_status_and_what_it_rests_on(flat, assessed):
    card = flat(CARD)
    assert 'data-status="active">Active</span>' in card
    assert "A meeting was held." in card
    assert "<dt>Assessed to</dt><dd>1 July 2026</dd>" in card
    assert "<dt>Last action on record</dt><dd>1 July 2026 · Took part</dd>" in card
    assert '<a href="http://testserver/en/PLAN/commitments/1.1/"' in card
    assert "As of 2 July 2026" in card
    assert "lapsed" not in card


def test_a_card_is_in_the_language_of_its_address(client, assessed):
    answer = client.get("/embed/zh-hans/PLAN/commitments/1.1/", headers={"accept-language": "en"})
    assert answer["Content-Language"] == "zh-hans"
    assert '<html lang="zh-Hans"' in answer.text
    assert "持续履行" in answer.text
    assert "http://testserver/zh-hans/PLAN/commitments/1.1/" in answer.text
    assert client.get("/embed/xx/PLAN/commitments/1.1/").status_code == 404


@pytest.mark.long
def test_a_lapsed_assessment_is_said_to_count_as_unknown(client, flat, named, reporter, reviewer):
    published(named, reporter, reviewer, status="active", effective_on=LONG_AGO)
    assert "lapsed, counts as unknown" in flat(OTHER_CARD)
    said = ["PLAN-1.4", "Active, lapsed, counts as unknown"]
    assert words_of_badge(client.get(OTHER_BADGE)) == said
    assert "Unknown 1 (1 lapsed)" in flat("/embed/en/PLAN/forums/FORUM/")
    # On a day before it lapsed it counts.
    assert "lapsed" not in flat(f"{OTHER_CARD}?as_of=2023-06-01")
    assert words_of_badge(client.get(f"{OTHER_BADGE}?as_of=2023-06-01"))[1] == "Active"


def test_without_an_assessment_a_card_says_so(flat, named):
    card = flat(OTHER_CARD)
    assert "Not yet assessed" in card
    assert "No assessment has been published yet." in card
    assert "Assessed to" not in card


def sentence_of_card(page):
    [sentence] = re.findall(r'<p class="sentence"[^>]*>([^<]*)</p>', page)
    return sentence


def test_the_sentence_of_an_assessment_is_on_the_card_with_its_reservations(
    get_page, named, reporter, reviewer
):
    words = "Delegates discussed measures of confidence at " + "one meeting after another, " * 7
    words += "but no source shows a result."
    published(named, reporter, reviewer, status="active", summary=en_zh(words, "会议召开。"))
    assert sentence_of_card(get_page(OTHER_CARD)) == words


def test_a_very_long_assessment_is_cut_after_a_sentence(get_page, named, reporter, reviewer):
    summary = en_zh("Delegates discussed confidence building measures. " * 15, "会议召开。")
    published(named, reporter, reviewer, status="active", summary=summary)
    card = get_page(OTHER_CARD)
    sentence = sentence_of_card(card)
    assert 200 < len(sentence) <= 600
    assert sentence.endswith("measures. …")
    # A frame that is too low hides neither the status nor where it is from and of which day.
    places = ['class="status"', "Assessed to", 'class="source"', "As of 2 July 2026", sentence]
    assert [card.index(place) for place in places] == sorted(map(card.index, places))


def test_of_a_script_whose_characters_are_wide_half_as_many_are_shown(
    get_page, named, reporter, reviewer
):
    summary = en_zh("A meeting was held.", "各方就建立信任措施交换意见，未见成果公布。" * 15)
    published(named, reporter, reviewer, status="active", summary=summary)
    sentence = sentence_of_card(get_page(OTHER_CARD.replace("/en/", "/zh-hans/")))
    assert 100 < len(sentence) <= 300
    assert sentence.endswith("…")


def test_a_card_says_how_many_criteria_are_shown(flat, named, reporter, reviewer):
    add_criteria(named)
    event = published(named, reporter, reviewer, event_type="participation", evidence=[RESOLUTION])
    found = findings(SHOWN, SHOWN, IN_PART, events=[event])
    draft = assess(named, reporter, "partly_active", found)
    assert "criteria shown" not in flat(OTHER_CARD)
    publish(draft, reporter, reviewer)
    assert "2 of 3 criteria shown, 1 in part" in flat(OTHER_CARD)


def test_the_card_of_a_forum_has_the_sentence_and_counts_of_its_page(flat, assessed):
    card, page = flat("/embed/en/PLAN/forums/FORUM/"), flat("/en/PLAN/forums/FORUM/")
    [sentence] = re.findall(r'<p class="sentence">([^<]*)</p>', card)
    [shown] = re.findall(r'<p class="summary"> (.*?)</p>', page)
    assert sentence == re.sub("<[^>]*>", "", shown).strip()
    assert "Fulfilled 1" in card


def test_the_card_of_a_plan_has_the_picture_of_the_home_page(get_page, assessed):
    def cells(page):
        [picture] = re.findall(r'<svg class="picture".*?</svg>', page, re.DOTALL)
        return re.findall(r'<rect data-tone="(\w+)"', picture)

    assert cells(get_page("/embed/en/PLAN/")) == cells(get_page("/en/")) != []


def test_the_card_of_a_plan_says_what_pale_cells_are_if_it_has_some(
    flat, named, reporter, reviewer
):
    words = "Pale: lapsed, so it counts as unknown."
    assert words not in flat("/embed/en/PLAN/")
    published(named, reporter, reviewer, status="active", effective_on=LONG_AGO)
    card = flat("/embed/en/PLAN/")
    assert 'class="lapsed"' in card
    assert words in card


@pytest.mark.long
def test_words_withdrawn_since_appear_nowhere(get_page, named, reporter, reviewer):
    words = en_zh("Words that were wrong.", "错误的话。")
    update = published(named, reporter, reviewer, status="active", summary=words)
    assert "were wrong" in get_page(OTHER_CARD)
    later = NOW + timedelta(hours=2)
    perform(update, Action.RETRACT, reviewer, later, note="The source was withdrawn.")
    known = urlencode({"known_at": (NOW + timedelta(hours=1)).isoformat()})
    assert "Active" in get_page(f"{OTHER_CARD}?{known}")
    for path in (*CARDS, OTHER_CARD, OTHER_BADGE, "/en/PLAN/grid.svg"):
        for query in ("", known):
            assert "were wrong" not in get_page(f"{path}?{query}")


def test_cards_have_the_first_paragraph_of_the_plans_notice(get_page, assessed):
    plan = assessed.plan
    for path in CARDS:
        assert 'class="about"' not in get_page(path)
    plan.notice = en_zh("For demonstration only.\n\nMore of it.", "仅供演示。")
    plan.save()
    for path in CARDS:
        page = get_page(path)
        assert ">For demonstration only.</p>" in page
        assert "More of it." not in page


# Badges


@pytest.mark.long
def test_a_badge_says_the_status_of_the_page(client, get_page, assessed):
    label = {"en": "Active", "zh-hans": "持续履行"}
    for language, status in label.items():
        answer = client.get(f"/embed/{language}/PLAN/commitments/1.1/badge.svg")
        assert answer["Content-Type"] == "image/svg+xml; charset=utf-8"
        assert words_of_badge(answer) == ["PLAN-1.1", status]
        assert f">{status}</span>" in get_page(f"/{language}/PLAN/commitments/1.1/")
    assert f'<title id="title">PLAN-1.1：{status}</title>' in answer.text
    assert 'role="img"' in answer.text


def test_the_badge_of_a_plan_or_forum_says_how_much_is_promised_and_when_something_was_done(
    client, assessed, reporter, reviewer
):
    plan, forum = assessed.plan, ForumFactory(code="HALL")
    assessed.partnerships.create(forum=forum)
    badges = "/embed/en/PLAN/badge.svg", "/embed/en/PLAN/forums/HALL/badge.svg"
    assert words_of_badge(client.get(badges[1])) == [
        "PLAN HALL",
        "1 commitment · no action on record",
    ]
    there = {"forums": [forum], "date_precision": "month", "event_type": "statement"}
    published(assessed, reporter, reviewer, effective_on=date(2026, 3, 31), **there)
    published(assessed, reporter, reviewer, event_type="contrary", forums=[forum])
    assert words_of_badge(client.get(badges[1])) == [
        "PLAN HALL",
        "1 commitment · last action March 2026",
    ]
    n = plan.commitments.count()
    label, text = words_of_badge(client.get(badges[0]))
    assert (label, text.partition(" · ")[0]) == ("PLAN", f"{n} commitment{'s' * (n > 1)}")
    chinese = client.get(badges[1].replace("/en/", "/zh-hans/"))
    assert words_of_badge(chinese)[1] == "1项承诺 · 最近一次行动：2026年3月"


def test_card_badge_and_search_say_that_a_commitment_is_overdue(
    client, get_page, plan, reporter, reviewer
):
    late = CommitmentFactory(
        plan=plan, number="8", position=8, kind="deliverable", due_on=date(2026, 6, 1)
    )
    published(late, reporter, reviewer, status="started", effective_on=date(2026, 1, 1))
    badge = client.get("/embed/en/PLAN/commitments/8/badge.svg")
    assert words_of_badge(badge)[1] == "Started, Overdue"
    for path in ("/embed/en/PLAN/commitments/8/", "/en/PLAN/search/?q=8"):
        assert '<strong class="warning">Overdue</strong>' in get_page(path)


# Caches and errors


@pytest.mark.parametrize("path", [CARD, BADGE, "/en/PLAN/grid.svg"])
def test_caches_may_keep_an_answer_for_a_while_and_see_every_change(
    client, assessed, reporter, reviewer, path
):
    first = client.get(path)
    assert first["Cache-Control"] == "public, max-age=300"
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    published(assessed, reporter, reviewer, status="partly_active", evidence=[RESOLUTION])
    changed = client.get(path, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200


@pytest.mark.parametrize("path", [*CARDS, BADGE, "/en/PLAN/grid.svg", "/en/PLAN/share.png"])
@pytest.mark.parametrize(
    "query",
    ["utm_source=x", "as_of=banana", "known_at=1", "forum=%F0%9F%93%9C", "page=99", "%FF=1"],
)
def test_no_query_fails(client, assessed, path, query):
    assert client.get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize("path", [*CARDS, BADGE, "/en/PLAN/grid.svg", "/en/PLAN/share.png"])
def test_a_draft_is_not_found_by_anybody(client, assessed, curator, path):
    assessed.plan.visibility = "draft"
    assessed.plan.save()
    assert client.get(path).status_code == 404
    client.force_login(curator)
    assert client.get(path).status_code == 404


def test_what_there_is_not_is_not_found(client, assessed):
    for path in ("commitments/9.9/", "commitments/9.9/badge.svg", "forums/NONE/"):
        assert client.get(f"/embed/en/PLAN/{path}").status_code == 404
    CommitmentFactory(plan=PlanFactory(code="BARE"))
    ForumFactory(code="OTHER")
    assert client.get("/embed/en/BARE/forums/OTHER/").status_code == 404


@pytest.mark.parametrize(("path", "queries"), [*zip(CARDS, (5, 5, 4), strict=True), (BADGE, 3)])
def test_a_card_costs_few_queries(client, assessed, django_assert_num_queries, path, queries):
    with django_assert_num_queries(queries):
        client.get(path)
