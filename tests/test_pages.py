"""The public pages of commitments: what they show, in both languages, under both clocks."""

import html
import re
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import translation

from commitments.bilingual import Text
from commitments.choices import STATUS_RULES, Action, Status
from commitments.marking import marked
from commitments.models import Commitment, Partnership
from commitments.rollups import Item, group
from commitments.templatetags import tracker
from commitments.views.charts import bars
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    PlanFactory,
)
from tests.record import amend_text, play
from tests.steps import NOW, RESOLUTION, act, published

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

DUTY = "/en/PLAN/commitments/1.1/"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yield


@pytest.fixture
def get(client):
    def get(path, status=200):
        answer = client.get(path)
        assert answer.status_code == status, path
        return answer.text

    return get


def test_the_first_page_leads_to_the_only_plan_in_the_readers_language(client, plan):
    answer = client.get("/", headers={"accept-language": "zh-CN"}, follow=True)
    assert [place for place, _code in answer.redirect_chain] == [
        "/zh-hans/",
        "/zh-hans/PLAN/",
    ]
    answer = client.get("/", headers={"accept-language": "fr"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/en/PLAN/"


def test_several_plans_are_listed(get, plan):
    PlanFactory(code="OTHER", title_en="Another plan")
    assert "Another plan" in get("/en/")


def test_a_tracker_without_a_plan_says_so(get, db):
    assert "No plan has been loaded yet." in get("/en/")


def test_the_list_shows_each_commitment_with_its_status_and_age(get, duty, reporter, reviewer):
    CommitmentFactory(plan=duty.plan, number="1.2", position=2, title_en="Do more")
    published(duty, reporter, reviewer, status="active", effective_on=date(2025, 6, 1))
    page = get("/en/PLAN/commitments/")
    assert "Active</span>" in page
    assert "1 June 2025 · Due for review" in page
    assert "Not yet assessed</span>" in page
    page = get("/zh-hans/PLAN/commitments/")
    assert "持续履行</span>" in page
    assert "2025年6月1日 · 待复核" in page


def test_a_commitment_shows_its_text_claim_and_record(get, duty, reporter, reviewer):
    Partnership.objects.create(
        commitment=duty, forum=ForumFactory(code="FORUM"), quote_en="the forum", quote_zh="论坛"
    )
    update = published(
        duty, reporter, reviewer, status="active", evidence=[RESOLUTION], date_precision="month"
    )
    page = get(DUTY)
    link = '<mark><a href="/en/PLAN/forums/FORUM/">{}</a></mark>'
    assert f"take part in {link.format('the forum')}." in page
    assert f"积极参与{link.format('论坛')}。" in page
    assert "<dd>July 2026</dd>" in page
    assert "<dd>Formally adopted record</dd>" in page
    assert f'<a href="#update-{update.pk}">' in page
    assert 'href="https://example.org/resolution"' in page
    assert '<p lang="zh-Hans">会议召开。</p>' in page


def test_a_correction_and_what_it_corrects_point_at_each_other(get, duty, reporter, reviewer):
    first = published(duty, reporter, reviewer, status="inactive")
    second = published(duty, reporter, reviewer, status="partly_active", corrects=first)
    page = get(DUTY)
    assert f"Corrects update {first.pk}." in page
    assert f"Corrected by update {second.pk}." in page
    assert "Superseded</strong>" in page


def test_a_retracted_update_is_a_tombstone_with_its_reason(get, duty, reporter, reviewer):
    update = published(duty, reporter, reviewer, status="inactive", summary=Text("Never public."))
    act(update, Action.RETRACT, reviewer, note="The source was withdrawn.")
    page = get(DUTY)
    assert "Retracted on 1 July 2026: The source was withdrawn." in " ".join(page.split())
    assert "Not acted on</span>" in page  # the status code that was claimed
    assert update.decisions.get(action="publish").content_sha256 in page
    assert "Never public." not in page
    assert "No published claim stands." in page


def test_the_clocks_of_the_address_rule_the_page_and_its_links(get, duty, reporter, reviewer):
    CommitmentFactory(plan=duty.plan, number="1.2", position=2)
    published(duty, reporter, reviewer, status="inactive", effective_on=date(2025, 1, 1))
    published(duty, reporter, reviewer, status="active")
    page = get(f"{DUTY}?as_of=2026-01-01")
    assert "As it stood on 1 January 2026." in page
    assert '<span class="status" data-tone="none" data-status="inactive">' in page
    assert 'data-status="active"' not in page
    assert 'href="/en/PLAN/commitments/1.2/?as_of=2026-01-01"' in page
    assert 'href="/zh-hans/PLAN/commitments/1.1/?as_of=2026-01-01"' in page
    assert "No published claim stands." in get(f"{DUTY}?known_at=2026-06-30T00:00:00Z")
    assert "Nobody has published an assessment yet." in get("/en/PLAN/commitments/1.2/")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("utm_source=x", "This page does not know the parameter “utm_source”."),
        ("as_of=yesterday", "as_of: Give a day such as 2026-06-30."),
        ("as_of=2999-01-01", "as_of: This day is in the future"),
    ],
)
def test_what_an_address_says_wrongly_is_told_and_left_out(get, duty, query, sentence):
    page = get(f"{DUTY}?{query}")
    assert sentence in page
    assert "As it stood" not in page


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("/en/NONE/", "Nothing at this address"), ("/zh-hans/x", "此地址没有内容")],
)
def test_what_is_not_found_is_said_on_a_page_like_the_others(client, plan, path, sentence):
    answer = client.get(path, follow=True)
    assert answer.status_code == 404
    assert sentence in answer.text
    assert "site.css" in answer.text


def test_tomorrow_is_the_future_in_the_plans_own_zone(get, plan):
    """It is 2 July 04:00 UTC: the 1st in Pago Pago, whatever other plans there are."""
    PlanFactory(code="WEST", time_zone="Pacific/Pago_Pago")
    assert "This day is in the future" in get("/en/WEST/?as_of=2026-07-02")
    assert "This day is in the future" not in get("/en/PLAN/?as_of=2026-07-02")


def test_a_clock_that_is_not_understood_is_not_passed_on(get, duty):
    assert "?as_of" not in get(f"{DUTY}?as_of=garbage").replace('?as_of=garbage" lang', "")


def test_under_a_clock_the_record_keeps_its_tombstones(get, duty, reporter, reviewer):
    gone = published(duty, reporter, reviewer, status="inactive")
    act(gone, Action.RETRACT, reviewer, note="The source was withdrawn.")
    first = published(duty, reporter, reviewer, status="inactive")
    second = published(duty, reporter, reviewer, status="partly_active", corrects=first)
    for query in ("?as_of=2026-07-01", "?known_at=2026-07-01T12:00:00Z"):
        page = get(f"{DUTY}{query}")
        assert "The source was withdrawn." in page
        for update in (gone, first, second):
            assert f'id="update-{update.pk}"' in page
        assert "Texts, goals and forums are today's." in page
    assert 'id="update-' not in get(f"{DUTY}?known_at=2026-06-30T12:00:00Z")


def test_commitments_without_a_goal_stand_in_a_group_of_their_own(get, grouped):
    CommitmentFactory(plan=grouped.plan, number="9.9", position=9)
    GoalFactory(plan=grouped.plan, number=2, title_en="An empty goal")
    page = flat(get("/en/PLAN/"))
    assert "<h3>None of these</h3>" in page
    assert 'An empty goal</a></h3> <p class="muted">No commitments.</p>' in page
    assert "· adverse: 0" in page


def test_counts_by_status_stand_on_the_page_of_a_group_and_lead_to_its_list(get, grouped):
    page = get("/en/PLAN/goals/1/")
    address = "/en/PLAN/commitments/?goal=1&amp;kind=standing&amp;status=active"
    assert f'<a href="{address}">1</a>' in page
    assert "1 of 2 commitments" in get(html.unescape(address))


@pytest.mark.parametrize(
    "path",
    ["/en/NONE/commitments/", "/en/PLAN/commitments/9.9/", "/en/PLAN/commitments/9.9/history/"],
)
def test_what_is_not_there_is_not_found(get, plan, path):
    get(path, 404)


def test_internal_evidence_and_what_is_under_way_are_on_no_page(
    client, get, reporter, reviewer, curator
):
    record = play(reporter, reviewer, curator)
    client.force_login(curator)  # pages are the same for everybody
    for number in ("3.2", "9.1"):
        page = get(f"/en/ISCC/commitments/{number}/")
        assert "Internal minutes" not in page
    page = get("/en/ISCC/commitments/3.2/")
    shown = {f'id="update-{row.pk}"' for row in record.other.updates.all()}
    assert {mark for mark in shown if mark in page} == {f'id="update-{record.retracted.pk}"'}


def test_a_history_shows_each_wording_compared_in_its_language(get, reporter, reviewer, curator):
    play(reporter, reviewer, curator)
    page = get("/en/ISCC/commitments/9.1/history/")
    assert "The <del>first</del><ins>second</ins> other wording." in page
    assert "Misprint in 9.1." in page
    assert "2026-07-01 17:00" in page  # 09:00 UTC in the plan's time zone
    assert "修订计划" in get("/zh-hans/ISCC/commitments/9.1/history/")


def test_a_chinese_wording_is_compared_by_characters(get, iscc, curator):
    row = Commitment.objects.get(number="9.1")
    amend_text("9.1", row.text_en.replace("China", "The country", 1), curator)
    page = get("/zh-hans/ISCC/commitments/9.1/history/")
    assert '<dd lang="en" class="comparison"><del>China</del><ins>The country</ins> will' in page


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/en/PLAN/commitments/", 8),
        (DUTY, 12),
        (f"{DUTY}?known_at=2026-07-01T04:00:00Z", 12),
        (f"{DUTY}history/", 9),
    ],
)
def test_pages_cost_a_fixed_number_of_queries(
    client, duty, reporter, reviewer, path, queries, django_assert_num_queries
):
    for number in range(3):
        forum = ForumFactory(code=f"F{number}")
        Partnership.objects.create(commitment=duty, forum=forum)
        published(duty, reporter, reviewer, status="active", forums=[forum])
        CommitmentFactory(plan=duty.plan, number=f"2.{number}", position=number + 2)
    with django_assert_num_queries(queries):
        client.get(path)


# Roll-ups


@pytest.fixture
def grouped(plan, reporter, reviewer):
    """A goal and an area with a duty that is fulfilled and a deliverable that nobody assessed."""
    place = {"plan": plan, "goal": GoalFactory(plan=plan, number=1, text_en="The goal's words.")}
    place["area"] = AreaFactory(plan=plan, number=3, title_en="An area")
    done = CommitmentFactory(number="3.1", position=1, title_en="Do it", **place)
    CommitmentFactory(number="3.2", position=2, kind="deliverable", title_en="Make it", **place)
    forum = ForumFactory(code="UNGA", parent=ForumFactory(code="UN", name_en="United Nations"))
    Partnership.objects.create(commitment=done, forum=forum, quote_en="the forum")
    published(done, reporter, reviewer, status="active", forums=[forum])
    return done


def flat(page):
    return " ".join(page.split())


def test_the_dashboard_says_in_plain_counts_where_the_plan_stands(get, grouped):
    page = flat(get("/en/PLAN/"))
    assert "Of 2 commitments: 1 fulfilled, 0 adverse, 1 unknown." in page
    assert "2 项承诺中：已履行 1 项，不利 0 项，不明 1 项。" in flat(get("/zh-hans/PLAN/"))
    for name in ("1 A goal", "3 An area"):
        assert f"{name}</a>" in page
    assert "%" not in page  # no percentage anywhere
    assert 'href="/en/PLAN/commitments/?kind=standing&amp;status=active">1</a>' in page


def test_each_number_by_status_leads_to_the_list_behind_it(get, grouped):
    dashboard = get("/en/PLAN/?as_of=2026-07-01")
    counted = re.findall(r'href="(/en/PLAN/commitments/[^"]+)">(\d+)</a>', dashboard)
    assert len(counted) == 2
    for address, count in counted:
        page = get(html.unescape(address))
        assert f"{count} of 2 commitments" in page
        assert "As it stood on 1 July 2026." in page


def test_bars_are_as_long_as_what_they_count(plan):
    items = [
        Item(n, "standing", status, "current")
        for n, status in enumerate(
            ["active", "active", "inactive", "contrary", "unassessed", "withdrawn", "partly_active"]
        )
    ]
    items.append(Item(9, "standing", "active", "lapsed"))
    [bar] = bars(group(items, Text("All")))
    told = [(segment.tone, segment.count, segment.x, segment.width) for segment in bar.segments]
    assert told == [
        ("fulfilled", 2, 0, 250),
        ("partial", 1, 250, 125),
        ("none", 1, 375, 125),
        ("adverse", 1, 500, 125),
        ("unknown", 2, 625, 250),
        ("apart", 1, 875, 125),
    ]


def test_pages_of_a_goal_an_area_and_a_forum_list_their_commitments(get, grouped):
    for path in ("goals/1/", "areas/3/", "forums/UNGA/", "forums/UN/"):
        page = get(f"/en/PLAN/{path}")
        assert "Do it</a>" in page
        assert ("Make it</a>" in page) == ("forums" not in path)
    assert "The goal&#x27;s words." in get("/en/PLAN/goals/1/")
    assert "United Nations</a>" in get("/en/PLAN/forums/UNGA/")
    assert "A meeting was held." in get("/en/PLAN/forums/UN/")
    page = flat(get("/en/PLAN/forums/"))
    assert "1 commitment, 1 with recorded activity there lately" in page


@pytest.mark.parametrize("path", ["goals/9/", "areas/9/", "forums/NONE/", "goals/x/"])
def test_there_is_no_page_of_what_there_is_not(get, plan, path):
    get(f"/en/PLAN/{path}", 404)


def test_the_list_is_filtered_as_in_the_api(get, grouped):
    page = get("/en/PLAN/commitments/?kind=deliverable&kind=standing&status=active&q=do")
    assert "1 of 2 commitments" in page
    assert "Do it</a>" in page
    assert "Make it</a>" not in page
    assert '<input type="checkbox" name="status" value="active" checked>' in page
    assert "No commitment fits all of these filters." in get("/en/PLAN/commitments/?q=nothing")
    wrong = get("/en/PLAN/commitments/?status=done&goal=1")
    assert "status: " in wrong
    assert "2 of 2 commitments" in wrong


def test_the_methodology_is_that_of_the_code(get, plan):
    for language, code in (("en", "en"), ("zh-hans", "zh")):
        page = get(f"/{language}/PLAN/methodology/")
        for status, rule in STATUS_RULES.items():
            assert html.escape(getattr(status.label, code)) in page
            assert html.escape(getattr(rule.definition, code)) in page


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("", 8),
        ("goals/1/", 6),
        ("areas/3/", 5),
        ("forums/", 8),
        ("forums/UN/", 12),
        ("methodology/", 1),
    ],
)
def test_pages_of_roll_ups_cost_a_fixed_number_of_queries(
    client, grouped, path, queries, django_assert_num_queries
):
    with django_assert_num_queries(queries):
        client.get(f"/en/PLAN/{path}")


# How things are written


@pytest.mark.parametrize(
    ("language", "precision", "written"),
    [
        ("en", "day", "1 September 2025"),
        ("en", "month", "September 2025"),
        ("en", "year", "2025"),
        ("zh-hans", "day", "2025年9月1日"),
        ("zh-hans", "month", "2025年9月"),
        ("zh-hans", "year", "2025年"),
    ],
)
def test_a_day_is_written_as_precisely_as_it_is_known(language, precision, written):
    with translation.override(language):
        assert tracker.on_day(date(2025, 9, 1), precision) == written


@pytest.mark.parametrize(
    ("quotes", "pieces"),
    [
        ({}, [("take part in the UN General Assembly", "")]),
        ({"UN": "UN"}, [("take part in the ", ""), ("UN", "UN"), (" General Assembly", "")]),
        (
            {"UN": "UN", "UNGA": "UN General Assembly"},
            [("take part in the ", ""), ("UN General Assembly", "UNGA")],
        ),
        ({"X": ""}, [("take part in the UN General Assembly", "")]),
        ({"T": "take"}, [("take", "T"), (" part in the UN General Assembly", "")]),
    ],
)
def test_words_that_name_a_forum_are_marked_the_longest_first(quotes, pieces):
    assert list(marked("take part in the UN General Assembly", quotes)) == pieces


def test_every_status_has_a_mark_of_its_own():
    """By its tone and by its own name, in the style sheet."""
    with open("commitments/static/commitments/site.css", encoding="utf-8") as stream:
        style = stream.read()
    for status in Status:
        assert f'[data-tone="{status.rule.tone}"]' in style
    plain = {status for status in Status if f'[data-status="{status}"]' not in style}
    # Each tone's plain mark is used once.
    assert len({status.rule.tone for status in plain}) == len(plain)
