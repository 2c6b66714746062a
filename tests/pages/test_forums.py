"""The brief before a meeting, and the matrix of goals and forums."""

import html
import re
from datetime import date, timedelta

import pytest
from django.utils.html import strip_tags

from commitments.choices import Action
from commitments.models import Evidence, Partnership
from commitments.pictures.qr import qr_code
from tests import steps
from tests.examples import parameters, some
from tests.factories import CommitmentFactory, ForumFactory, GoalFactory, MilestoneFactory
from tests.steps import TODAY
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

BRIEF, MATRIX = "/en/PLAN/forums/UN/brief/", "/en/PLAN/matrix/"


@pytest.fixture
def world(plan, reporter, reviewer):
    """UN with its part UNGA, at which a duty of goal 1 is active; SCO, where nothing happened."""
    goals = [GoalFactory(plan=plan, number=number) for number in (1, 2)]
    forums = {"UN": ForumFactory(code="UN"), "SCO": ForumFactory(code="SCO")}
    forums["UNGA"] = ForumFactory(code="UNGA", parent=forums["UN"])
    rows = {}
    for position, (number, code) in enumerate([("1", "UNGA"), ("2", "UN"), ("3", "SCO")]):
        goal = goals[1 if number == "3" else 0]
        rows[number] = CommitmentFactory(
            plan=plan, number=number, position=position, goal=goal, title=en_zh(f"Do {number}")
        )
        Partnership.objects.create(commitment=rows[number], forum=forums[code])
    steps.published(
        rows["1"],
        reporter,
        reviewer,
        status="active",
        forums=[forums["UNGA"]],
        summary=en_zh("A resolution was adopted.", "通过决议。"),
        evidence=[steps.STATEMENT, steps.RESOLUTION, steps.REPORT],
    )
    return {"rows": rows, "forums": forums}


def section(page, title):
    start = page.index(f"<h2>{title}")
    return page[start : page.index("</section>", start)]


def test_a_brief_says_what_was_promised_done_and_is_unanswered_and_what_shows_it(flat, world):
    page = flat(BRIEF)
    promised = section(page, "Commitments at this forum")
    assert re.findall(r'data-status="(\w+)"', promised) == ["active", "unassessed"]
    assert "A resolution was adopted." in section(page, "Actions there since 2 July 2024")
    assert re.findall(r"Do \d", section(page, "Open questions")) == ["Do 2"]
    shown = re.findall(r"Report of|Resolution 1|Statement by the ministry", page)
    assert shown == ["Report of", "Resolution 1", "Statement by the ministry"]


def test_the_page_of_a_forum_has_the_sources_of_its_events_with_their_days(flat, world, reporter):
    page = flat("/en/PLAN/forums/UN/")
    sources = page[page.index('id="sources"') : page.index('id="questions"')]
    assert re.findall(r"Report of|Resolution 1|Statement by the ministry", sources) == [
        "Report of",
        "Resolution 1",
        "Statement by the ministry",
    ]
    days = Evidence.objects.exclude(dated_on=None).values_list("dated_on", flat=True)
    assert len(days) == sources.count("<time datetime=")
    for pk in Evidence.objects.exclude(url="").values_list("pk", flat=True):
        assert f"testserver/source/{pk}/" in sources
    assert 'id="sources"' not in flat("/en/PLAN/forums/SCO/")


@pytest.mark.long
@pytest.mark.parametrize(
    ("status", "asked"), [("contrary", True), ("inactive", True), ("partly_active", False)]
)
def test_what_is_adverse_or_not_acted_on_is_unanswered_too(
    flat, world, reporter, reviewer, status, asked
):
    steps.published(world["rows"]["2"], reporter, reviewer, status=status)
    assert ("Do 2" in section(flat(BRIEF), "Open questions")) == asked


@pytest.mark.parametrize("path", [BRIEF, "/en/PLAN/forums/UN/"])
def test_criticism_and_context_stand_apart_from_what_was_done(
    flat, world, reporter, reviewer, path
):
    words = {"context": "A scholar wrote.", "contrary": "A filter was installed."}
    for event_type, summary in words.items():
        steps.published(
            world["rows"]["2"],
            reporter,
            reviewer,
            event_type=event_type,
            forums=[world["forums"]["UN"]],
            summary=en_zh(summary),
        )
    done, _heading, apart = flat(path).partition("Criticism and context")
    assert all(summary in apart and summary not in done for summary in words.values())
    assert "A resolution was adopted." in done


def test_without_criticism_nothing_is_said_of_it(flat, world):
    assert "Criticism" not in flat(BRIEF) + flat("/en/PLAN/forums/UN/")


@pytest.mark.long
def test_an_open_question_says_that_it_has_lapsed_and_is_overdue(flat, world, reporter, reviewer):
    assert "Overdue" not in section(flat(BRIEF), "Open questions")
    MilestoneFactory(commitment=world["rows"]["2"], due_on=date(2026, 6, 1))
    day = date(2023, 1, 1)
    steps.published(world["rows"]["2"], reporter, reviewer, status="inactive", effective_on=day)
    asked = section(flat(BRIEF), "Open questions")
    assert "1 January 2023 · lapsed, counts as unknown · Overdue" in asked


def test_a_brief_of_a_forum_without_a_record_has_one_sentence_and_no_empty_section(flat, world):
    ForumFactory(code="BRICS")
    page = flat("/en/PLAN/forums/BRICS/brief/")
    brief = page[page.index("<article") : page.index("</article>")]
    assert "No commitments." in brief
    assert "The plan does not name this forum, and nothing is on record there" in brief
    assert "<h2>" not in brief


def test_no_summary_is_cut_on_a_brief_and_none_within_a_word_on_the_page(
    flat, world, reporter, reviewer
):
    words = "Delegates met. " + "They discussed confidence-building measures " * 9 + "in vain."
    un = world["forums"]["UN"]
    facts = {"event_type": "participation", "forums": [un], "summary": en_zh(words, "会议召开。")}
    steps.published(world["rows"]["2"], reporter, reviewer, **facts)
    assert words in flat(BRIEF)
    page = flat("/en/PLAN/forums/UN/")
    [shown] = re.findall(r"<span[^>]*>(Delegates[^<]*)</span>", page)
    assert words not in page
    assert shown.removesuffix("…").split()[-1] in words.split()


@pytest.mark.long
def test_what_does_not_fit_on_a_brief_is_counted_and_linked(flat, world, reporter, reviewer):
    for number in range(20):
        row = CommitmentFactory(plan=world["rows"]["1"].plan, number=f"9.{number}", position=50)
        Partnership.objects.create(commitment=row, forum=world["forums"]["UN"])
    for n in range(8):
        steps.published(
            world["rows"]["1"],
            reporter,
            reviewer,
            forums=[world["forums"]["UN"]],
            evidence=[{**steps.REPORT, "citation": f"The institute, Report {n}."}],
        )
    page = flat(BRIEF)
    for title, n in (
        ("Commitments at this forum", 22),
        ("Actions there since", 9),
        ("Open questions", 21),
        ("Sources", 11),
    ):
        part = section(page, title)
        more = re.search(r'<a href="/en/PLAN/forums/UN/">and (\d+) more</a>', part)
        assert int(more[1]) + part.count("<li>") == n


@pytest.mark.long
@pytest.mark.parametrize(
    ("event_type", "shown", "heading"),
    [("participation", 10, "Latest actions there"), ("context", 5, "Criticism and context")],
)
def test_the_events_that_a_forum_leaves_out_are_counted_and_linked(
    client, flat, world, reporter, reviewer, event_type, shown, heading
):
    un = world["forums"]["UN"]
    for _number in range(shown + 2):
        steps.published(world["rows"]["2"], reporter, reviewer, event_type=event_type, forums=[un])
    page = flat("/en/PLAN/forums/UN/?known_at=2026-07-01T05:00:00Z")
    part = page[page.index(heading) :]
    address, n = re.search(r'<a href="([^"]+)">All (\d+) events</a>', part).groups()
    # One participation is there before.
    assert int(n) == shown + 2 + (event_type == "participation")
    assert f"{n} events" in flat(html.unescape(address))
    assert "known_at=2026-07-01T05%3A00%3A00Z" in address


def test_an_update_withdrawn_since_names_no_forum_in_the_past(flat, world, reporter, reviewer):
    forum = ForumFactory(code="ZEBRA")
    row = world["rows"]["2"]
    update = steps.published(row, reporter, reviewer, forums=[forum])
    path = "/en/PLAN/forums/?known_at=2026-07-01T04:00:00Z"
    assert "ZEBRA" in flat(path)
    steps.perform(
        update, Action.RETRACT, reviewer, steps.NOW + timedelta(minutes=1), note="A mistake."
    )
    assert "ZEBRA" not in flat(path)


@pytest.mark.long
def test_a_brief_covers_two_review_intervals_before_its_day(flat, world, reporter, reviewer):
    row, un = world["rows"]["2"], world["forums"]["UN"]
    for age, words in ((730, "Just in time."), (732, "Too long ago.")):
        day = TODAY - timedelta(days=age)
        steps.published(
            row, reporter, reviewer, effective_on=day, forums=[un], summary=en_zh(words)
        )
    page = flat(f"{BRIEF}?as_of=2026-07-01")
    assert ("Just in time." in page, "Too long ago." in page) == (True, False)


@pytest.mark.parametrize("path", [BRIEF, "/en/PLAN/forums/UN/"])
def test_the_promise_is_quoted_in_the_sentence_that_names_the_forum(flat, world, path):
    row = world["rows"]["1"]
    row.text = en_zh(
        "China supports rules. It will speak up in the General Assembly, No. 1 of all. So much.",
        "中国支持规则。将在联大积极发言。仅此而已。",
    )
    row.save()
    row.partnerships.update(quote=en_zh("the General Assembly", "联大"))
    english = "It will speak up in <mark>the General Assembly</mark>, No. 1 of all.</blockquote>"
    page = flat(path)
    assert english in page
    assert "So much" not in page
    assert "将在<mark>联大</mark>积极发言。</blockquote>" in flat(path.replace("/en/", "/zh-hans/"))


@pytest.mark.parametrize("path", [BRIEF, "/en/PLAN/forums/UN/"])
def test_that_a_forum_is_named_in_the_other_language_only_is_said(flat, world, path):
    row = world["rows"]["1"]
    row.text = en_zh("China supports rules.", "将在联大积极发言。")
    row.save()
    row.partnerships.update(quote=en_zh("", "联大"))
    said = "The text in English does not use the term “联大”."
    page = flat(path)
    assert "将在<mark>联大</mark>积极发言。</blockquote>" in page
    assert said in page
    assert "英语文本" not in flat(path.replace("/en/", "/zh-hans/"))


@pytest.mark.long
@pytest.mark.parametrize("path", [BRIEF, "/en/PLAN/forums/UN/"])
def test_each_promise_has_the_last_action_there_or_says_that_there_is_none(
    flat, world, reporter, reviewer, path
):
    row, forums = world["rows"]["2"], world["forums"]
    day = date(2024, 9, 3)
    there = steps.published(row, reporter, reviewer, effective_on=day, forums=[forums["UN"]])
    steps.published(row, reporter, reviewer, forums=[forums["SCO"]])
    assert f'/commitments/2/#update-{there.pk}">3 September 2024 · Took part</a>' in flat(path)
    elsewhere = flat("/en/PLAN/forums/SCO/brief/").partition("Do 3")[2]
    assert "No action is on record there." in elsewhere


@pytest.mark.long
def test_a_brief_leads_to_itself_as_of_today_by_a_qr_code(client, flat, world):
    page = flat(f"{BRIEF}?as_of=2026-07-01")
    [address] = re.findall(r'<a href="(http://testserver/at/2026-07-01/[^"]+)">', page)
    assert address.endswith("/PLAN/forums/UN/brief/")
    drawn = re.search(r'<svg[^>]*class="qr".*?</svg>', page)[0]
    assert drawn == " ".join(qr_code(address).split())
    assert "A resolution was adopted." in client.get(address, follow=True).text


def test_a_short_address_leads_to_each_source(client, flat, world):
    link, *_others = Evidence.objects.exclude(url="")
    assert f"testserver/source/{link.pk}/</span>" in flat(BRIEF)
    assert client.get(f"/source/{link.pk}/").url == link.url
    citation = Evidence.objects.filter(url="").first()
    for pk in (citation.pk, 10**9, 10**30):
        assert client.get(f"/source/{pk}/").status_code == 404


def test_a_source_that_is_not_public_has_no_short_address(client, duty, reporter, reviewer):
    hidden = steps.STATEMENT | {"public": False}
    steps.draft(duty, reporter, evidence=[steps.STATEMENT])
    steps.published(duty, reporter, reviewer, evidence=[steps.REPORT, hidden])
    steps.retracted(duty, reporter, reviewer, evidence=[steps.STATEMENT])
    links = Evidence.objects.exclude(url="")
    assert len(links) == 3
    for piece in links:
        assert client.get(f"/source/{piece.pk}/").status_code == 404


def test_forums_are_listed_by_kind_with_parts_below_the_whole(flat, world):
    world["forums"]["SCO"].kind = "regional_organisation"
    world["forums"]["SCO"].save()
    world["forums"]["UN"].kind = "un_body"
    world["forums"]["UN"].save()
    page = flat("/en/PLAN/forums/")
    places = [
        page.index(words)
        for words in (
            ">United Nations bodies</h2>",
            'class="muted">UN<',
            'class="muted">UNGA<',
            ">Regional organisations</h2>",
            'class="muted">SCO<',
        )
    ]
    assert places == sorted(places)
    assert "no activity recorded there in the past two years" in page


@pytest.mark.long
@pytest.mark.parametrize("query", ["", "?as_of=2024-01-01"])
def test_forums_without_activity_are_listed_below_their_number(flat, world, query):
    page = flat(f"/en/PLAN/forums/{query}")
    headline = page[page.index('<p class="headline" id="silent">') :]
    [n] = re.findall(r"No activity on record at (\d+) of 3 forums", headline)
    shown = headline[: headline.index("</ul>")]
    silent = re.findall(rf'<a href="/en/PLAN/forums/(\w+)/{re.escape(query)}">', shown)
    assert len(silent) == int(n)
    assert silent == (["SCO"] if not query else ["SCO", "UN", "UNGA"])
    assert f'href="/en/PLAN/forums/{query}#silent">{n}</a> of 3 forums' in flat(f"/en/PLAN/{query}")


def test_the_page_of_a_forum_leads_to_its_brief(flat, world):
    assert f'href="{BRIEF}"' in flat("/en/PLAN/forums/UN/")


@pytest.mark.long
def test_what_stands_there_through_another_forum_says_which_its_text_names(flat, world):
    for page in (BRIEF, "/en/PLAN/forums/UN/"):
        shown = flat(page)
        assert re.findall(r"via (\w+)", shown) == ["UNGA"]
        place = shown.index("via UNGA")
        assert shown.rindex("Do 1", 0, place) > shown.rfind("Do 2", 0, place)
    assert "via " not in flat("/en/PLAN/forums/UNGA/")
    assert "via " not in flat("/en/PLAN/goals/1/")


def test_a_forum_that_is_no_part_of_another_is_no_way_to_it(flat, world):
    """The text names UNGA, which is a part of the UN, and SCO, which has nothing to do with it."""
    [row] = Partnership.objects.filter(commitment=world["rows"]["1"])
    for code in ("SCO", "UN"):
        Partnership.objects.create(commitment=row.commitment, forum=world["forums"][code])
    part = ForumFactory(code="UNGA-1", parent=world["forums"]["UNGA"])
    Partnership.objects.filter(pk=row.pk).update(forum=part)
    for page in ("/en/PLAN/forums/UNGA/", "/en/PLAN/forums/UNGA/brief/"):
        assert re.findall(r"via ([\w, -]+)", flat(page)) == ["UNGA-1"]
    assert "via " not in flat("/en/PLAN/forums/UN/")


@pytest.mark.long
@pytest.mark.sampled
def test_each_number_of_the_matrix_leads_to_as_many_commitments(flat, world):
    page = flat(MATRIX)
    links = re.findall(r'<td><a href="([^"]+)">(\d+)</a></td>', page)
    assert len(links) == 8
    for address, n in some(links, kind=lambda link: parameters(link[0])):
        assert f"{n} of 3 commitments" in flat(address)


def test_forums_without_recorded_activity_are_named(flat, world):
    page = flat(MATRIX)
    silent = page[page.index("Partner forums without activity") :]
    assert re.findall(r'class="muted">([A-Z]+)</span>', silent) == ["SCO"]
    before = flat(f"{MATRIX}?known_at=2026-07-01T03:00:00Z")
    silent = before[before.index("Partner forums without activity") :]
    assert re.findall(r'class="muted">([A-Z]+)</span>', silent) == ["SCO", "UN", "UNGA"]


def test_the_list_of_forums_says_at_how_many_nothing_is_on_record(flat, world):
    assert "No activity on record at 1 of 3 forums" in flat("/en/PLAN/forums/")
    before = flat("/en/PLAN/forums/?known_at=2026-07-01T03:00:00Z")
    assert "No activity on record at 3 of 3 forums" in before


@pytest.mark.long
def test_the_page_of_a_forum_has_the_open_questions_of_its_brief(flat, world):
    found = {}
    for code in ("UN", "SCO"):
        page = flat(f"/en/PLAN/forums/{code}/").partition("Open questions")[2]
        brief = flat(f"/en/PLAN/forums/{code}/brief/").partition("Open questions")[2]
        found[code] = strip_tags(page.partition("Edit history")[0]).split()
        assert found[code] == strip_tags(brief.partition("Sources")[0]).split()
    assert found["SCO"] != found["UN"]


@pytest.mark.long
@pytest.mark.parametrize(("path", "queries"), [(BRIEF, 10), (MATRIX, 8)])
def test_these_pages_cost_a_fixed_number_of_queries(
    client, world, reporter, reviewer, path, queries, django_assert_max_num_queries
):
    for number in range(4):
        row = CommitmentFactory(plan=world["rows"]["1"].plan, number=f"8.{number}")
        Partnership.objects.create(commitment=row, forum=ForumFactory(code=f"F{number}"))
        steps.published(row, reporter, reviewer, forums=[world["forums"]["UN"]])
    with django_assert_max_num_queries(queries):
        client.get(path)
