"""The public pages of commitments: what they show, in both languages, under both clocks."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from commitments.choices import Action, Status
from commitments.models import Commitment, Decision, Partnership
from commitments.templatetags.tracker import on_day
from tests.factories import (
    CommitmentFactory,
    ForumFactory,
    PlanFactory,
)
from tests.record import amend_text
from tests.steps import RESOLUTION, perform, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

DUTY = "/en/PLAN/commitments/1.1/"


def test_the_first_page_is_in_the_readers_language(client, plan):
    for wanted, shown in (("zh-CN", "/zh-hans/"), ("fr", "/en/")):
        answer = client.get("/", headers={"accept-language": wanted}, follow=True)
        assert [place for place, _code in answer.redirect_chain] == [shown]


def test_the_list_shows_each_commitment_with_its_status_and_age(get_page, duty, reporter, reviewer):
    CommitmentFactory(plan=duty.plan, number="1.2", position=2, title=en_zh("Do more"))
    published(duty, reporter, reviewer, status="active", effective_on=date(2025, 6, 1))
    page = get_page("/en/PLAN/commitments/")
    assert "Active</span>" in page
    assert "1 June 2025 · Due for review" in page
    assert "Not yet assessed</span>" in page
    page = get_page("/zh-hans/PLAN/commitments/")
    assert "持续履行</span>" in page
    assert "2025年6月1日 · 待复核" in page


def test_a_commitment_shows_its_text_assessment_and_record(get_page, duty, reporter, reviewer):
    Partnership.objects.create(
        commitment=duty, forum=ForumFactory(code="FORUM"), quote=en_zh("the forum", "论坛")
    )
    update = published(
        duty, reporter, reviewer, status="active", evidence=[RESOLUTION], date_precision="month"
    )
    page = get_page(DUTY)
    link = '<mark><a href="/en/PLAN/forums/FORUM/">{}</a></mark>'
    assert f"take part in {link.format('the forum')}." in page
    assert f"积极参与{link.format('论坛')}。" in page
    assert "<dd>1 July 2025 – July 2026</dd>" in page
    assert "<dd>Formally adopted record</dd>" in page
    assert f'<a href="#update-{update.pk}">' in page
    assert 'href="https://example.org/resolution"' in page
    assert '<p lang="zh" dir="ltr" data-script="Hans">会议召开。</p>' in page


def test_a_correction_and_what_it_corrects_point_at_each_other(get_page, duty, reporter, reviewer):
    first = published(duty, reporter, reviewer, status="inactive")
    second = published(duty, reporter, reviewer, status="partly_active", corrects=first)
    page = get_page(DUTY)
    assert f"Corrects update {first.pk}." in page
    assert f"Corrected by update {second.pk}." in page
    assert "Corrected</strong>" in page


def test_a_retracted_update_is_a_tombstone_with_its_reason(get_page, duty, reporter, reviewer):
    update = published(duty, reporter, reviewer, status="inactive", summary=en_zh("Never public."))
    perform(update, Action.RETRACT, reviewer, note="The source was withdrawn.")
    page = get_page(DUTY)
    assert "Withdrawn on 1 July 2026: The source was withdrawn." in " ".join(page.split())
    assert "Not acted on</span>" in page  # the status code that was assessed
    assert update.decisions.get(action="publish").content_sha256 in page
    assert "Never public." not in page
    assert "There is no published assessment." in page


@pytest.mark.long
def test_the_clocks_of_the_address_rule_the_page_and_its_links(get_page, duty, reporter, reviewer):
    CommitmentFactory(plan=duty.plan, number="1.2", position=2)
    published(duty, reporter, reviewer, status="inactive", effective_on=date(2025, 1, 1))
    published(duty, reporter, reviewer, status="active")
    page = get_page(f"{DUTY}?as_of=2026-01-01")
    assert "As of 1 January 2026." in page
    assert '<span class="status" data-tone="none" data-status="inactive">' in page
    assert 'data-status="active"' not in page
    assert 'href="/en/PLAN/commitments/1.2/?as_of=2026-01-01"' in page
    assert 'href="/zh-hans/PLAN/commitments/1.1/?as_of=2026-01-01"' in page
    assert "There is no published assessment." in get_page(f"{DUTY}?known_at=2026-06-30T00:00:00Z")
    assert "No assessment has been published yet." in get_page("/en/PLAN/commitments/1.2/")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("utm_source=x", "Unknown parameter “utm_source”; it was ignored."),
        ("as_of=yesterday", "Date (as_of): Enter a date such as 2026-06-30."),
        ("as_of=2999-01-01", "Date (as_of): This date is in the future"),
    ],
)
def test_what_an_address_gets_wrong_is_reported_and_ignored(get_page, duty, query, sentence):
    page = get_page(f"{DUTY}?{query}")
    assert sentence in page
    assert re.search(r"As of \d", page) is None


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("/en/NONE/", "Page not found"), ("/zh-hans/x", "页面不存在")],
)
def test_what_is_not_found_is_reported_on_a_page_like_the_others(client, plan, path, sentence):
    answer = client.get(path, follow=True)
    assert answer.status_code == 404
    assert sentence in answer.text
    assert "site.css" in answer.text


def test_where_nothing_is_the_way_leads_back_to_the_plan(client, plan):
    def ways(path):
        answer = client.get(path, follow=True)
        assert answer.status_code == 404
        return re.findall(r'<p><a href="([^"]+)">', answer.text.split("<main")[1])

    assert ways("/en/PLAN/commitments/9.9/")[:2] == ["/en/PLAN/", "/en/"]
    assert ways("/en/plan/")[:2] == ways("/en/plan/updates/")[:2] == ["/en/PLAN/", "/en/"]
    assert ways("/en/NONE/commitments/9.9/")[0] == "/en/"
    plan.visibility = "draft"
    plan.save()
    assert ways("/en/PLAN/commitments/9.9/")[0] == "/en/"


def test_tomorrow_is_the_future_in_the_plans_own_zone(get_page, plan):
    """It is 2 July 04:00 UTC: the 1st in Pago Pago, whatever other plans there are."""
    PlanFactory(code="WEST", time_zone="Pacific/Pago_Pago")
    assert "This date is in the future" in get_page("/en/WEST/?as_of=2026-07-02")
    assert "This date is in the future" not in get_page("/en/PLAN/?as_of=2026-07-02")


def test_a_clock_that_is_not_understood_is_not_passed_on(get_page, duty):
    assert "garbage" not in get_page(f"{DUTY}?as_of=garbage").replace('?as_of=garbage" lang', "")


@pytest.mark.long
def test_under_a_clock_the_record_keeps_its_tombstones(get_page, duty, reporter, reviewer):
    gone = published(duty, reporter, reviewer, status="inactive")
    perform(gone, Action.RETRACT, reviewer, note="The source was withdrawn.")
    first = published(duty, reporter, reviewer, status="inactive")
    second = published(duty, reporter, reviewer, status="partly_active", corrects=first)
    for query in ("?as_of=2026-07-01", "?known_at=2026-07-01T12:00:00Z"):
        page = get_page(f"{DUTY}{query}")
        assert "The source was withdrawn." in page
        for update in (gone, first, second):
            assert f'id="update-{update.pk}"' in page
        assert "Texts and our reading of them are shown as they are today." in page
    assert 'id="update-' not in get_page(f"{DUTY}?known_at=2026-06-30T12:00:00Z")


@pytest.mark.parametrize(
    "path",
    ["/en/NONE/commitments/", "/en/PLAN/commitments/9.9/", "/en/PLAN/commitments/9.9/history/"],
)
def test_what_is_not_there_is_not_found(get_page, plan, path):
    get_page(path, 404)


@pytest.mark.long
def test_internal_evidence_and_what_is_under_way_are_on_no_page(client, get_page, record, curator):
    client.force_login(curator)  # pages are the same for everybody
    for number in ("3.2", "9.1"):
        page = get_page(f"/en/ISCC/commitments/{number}/")
        assert "Internal minutes" not in page
    page = get_page("/en/ISCC/commitments/3.2/")
    shown = {f'id="update-{row.pk}"' for row in record.other.updates.all()}
    assert {mark for mark in shown if mark in page} == {f'id="update-{record.retracted.pk}"'}


@pytest.mark.long
def test_a_history_shows_each_wording_compared_in_its_language(get_page, record):
    page = get_page("/en/ISCC/commitments/9.1/history/")
    assert "The <del>first</del><ins>second</ins> other wording." in page
    assert "Misprint in 9.1." in page
    assert "1 July 2026, 17:00" in page  # 09:00 UTC in the plan's time zone
    assert "2026年7月1日17时00分（北京时间）" in get_page("/zh-hans/ISCC/commitments/9.1/history/")
    assert "修订计划" in get_page("/zh-hans/ISCC/commitments/9.1/history/")


@pytest.mark.long
def test_a_chinese_wording_is_compared_by_characters(get_page, iscc, curator):
    row = Commitment.objects.get(number="9.1")
    amend_text("9.1", row.text["en"].replace("China", "The country", 1), curator)
    page = get_page("/zh-hans/ISCC/commitments/9.1/history/")
    compared = (
        '<dd lang="en" dir="ltr" class="comparison"><del>China</del><ins>The country</ins> will'
    )
    assert compared in page


@pytest.mark.long
def test_the_record_lists_changed_wordings_among_the_updates(get_page, record):
    page = get_page("/en/ISCC/commitments/9.1/")
    actions = Decision.objects.filter(action="amend", plan__code="ISCC").order_by("-seq")
    days = re.findall(r'<li id="(?:wording|update)-.*?<time datetime="([^"]+)"', page, re.DOTALL)
    assert days == sorted(days, reverse=True)
    told = page[page.index('<li id="wording-') :]
    assert re.findall(r'id="wording-(\d+)"', page) == [str(perform.seq) for perform in actions]
    assert 'id="update-' in page
    day = '<time datetime="2026-07-01">1 July 2026</time> <strong>Wording changed</strong>'
    assert day in " ".join(told.split())
    assert "Reason: Misprint in 9.1." in told
    assert '<p lang="en" dir="ltr" class="comparison">' in told
    assert "The <del>first</del><ins>second</ins> other wording." in page


@pytest.mark.long
def test_a_changed_wording_is_shown_from_its_own_time_on(get_page, record):
    page = "/en/ISCC/commitments/9.1/"
    assert 'id="wording-' not in get_page(f"{page}?as_of=2026-06-30")
    assert get_page(page).count('id="wording-') == 2
    assert get_page(f"{page}?as_of=2026-07-01").count('id="wording-') == 2
    decision = Decision.objects.filter(action="amend").in_order().first()
    time = decision.at.isoformat().replace("+00:00", "Z")
    assert get_page(f"{page}?known_at={time}").count('id="wording-') == 1


@pytest.mark.long
def test_a_record_of_changed_wordings_alone_has_no_update(get_page, iscc, curator):
    row = Commitment.objects.get(number="9.1")
    late = datetime(2026, 7, 1, 17, tzinfo=UTC)  # of 2 July in Shanghai
    amend_text("9.1", row.text["en"].replace("China", "The country", 1), curator, late)
    page = get_page("/en/ISCC/commitments/9.1/")
    assert "No assessment has been published yet." in page
    assert "No updates have been published." in page
    day = '<time datetime="2026-07-02">2 July 2026</time> <strong>Wording changed'
    assert day in " ".join(page.split())
    assert 'id="wording-' not in get_page("/en/ISCC/commitments/9.1/?as_of=2026-07-01")


@pytest.mark.long
def test_a_status_is_shown_with_the_day_since_it_has_held(get_page, duty, reporter, reviewer):
    def since(query=""):
        facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", get_page(f"{DUTY}{query}")))
        return facts.get("Since"), facts["Period"].split(" – ")[-1]

    for status, year in (("active", 2022), ("partly_active", 2023), ("active", 2024)):
        day = date(year, 12, 31)
        published(duty, reporter, reviewer, status=status, effective_on=day, date_precision="year")
    published(duty, reporter, reviewer, status=None)
    published(duty, reporter, reviewer, status="active", effective_on=date(2026, 5, 2))
    assert since() == ("2024", "2 May 2026")
    gone = published(duty, reporter, reviewer, status="inactive", effective_on=date(2026, 3, 1))
    assert since() == (None, "2 May 2026")  # shown once where both are the same
    perform(gone, Action.RETRACT, reviewer, note="The source was withdrawn.")
    assert since() == ("2024", "2 May 2026")
    assert since("?as_of=2024-06-01") == (None, "2023")


@pytest.mark.parametrize(("days", "held"), [(731, "1 January 2024"), (732, None)])
def test_a_status_that_lapsed_has_held_since_it_was_assessed_again(
    get_page, duty, reporter, reviewer, days, held
):
    first = date(2024, 1, 1)
    again = first + timedelta(days=days)
    for day in (first, again):
        published(duty, reporter, reviewer, status="active", effective_on=day)
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", get_page(DUTY)))
    assert facts["Period"].endswith(f" – {on_day(again)}")
    assert facts.get("Since") == held


@pytest.mark.long
@pytest.mark.parametrize(
    ("events", "english", "chinese"),
    [
        (0, "No assessment has been published yet.", "尚未发布评估结论。"),
        (1, "Not yet assessed; 1 event is on record.", "尚未作出评估，已记录1项事件。"),
        (2, "Not yet assessed; 2 events are on record.", "尚未作出评估，已记录2项事件。"),
    ],
)
def test_without_an_assessment_the_events_on_record_are_counted(
    get_page, duty, reporter, reviewer, events, english, chinese
):
    for _number in range(events):
        published(duty, reporter, reviewer, status=None)
    assert f"<p>{english}</p>" in get_page(DUTY)
    assert f"<p>{chinese}</p>" in get_page("/zh-hans/PLAN/commitments/1.1/")


@pytest.mark.long
def test_the_public_code_leads_to_the_page_of_the_number(client, duty):
    answer = client.get("/en/PLAN/commitments/PLAN-1.1/?as_of=2026-06-30")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{DUTY}?as_of=2026-06-30")
    assert client.get("/en/PLAN/commitments/PLAN-9.9/", follow=True).status_code == 404
    CommitmentFactory(plan=duty.plan, number="PLAN-1.1", position=9)
    assert client.get("/en/PLAN/commitments/PLAN-1.1/").status_code == 200


@pytest.mark.long
def test_a_day_before_the_plan_is_shown_as_such(get_page, duty):
    duty.plan.adopted_on = date(2017, 3, 1)
    duty.plan.save()
    said = "The plan was not adopted until 1 March 2017."
    assert said in get_page(f"{DUTY}?as_of=2017-02-28")
    assert said not in get_page(f"{DUTY}?as_of=2017-03-01")


@pytest.mark.parametrize(("here", "there"), [("en", "zh-hans"), ("zh-hans", "en")])
def test_where_nothing_is_the_other_language_is_found_on_its_first_page(get_page, db, here, there):
    assert f'<a href="/{there}/" lang=' in get_page(f"/{here}/nope/", 404)


def test_the_list_shows_of_each_status_its_age_and_its_evidence(get_page, duty, reporter, reviewer):
    published(duty, reporter, reviewer, status="active", evidence=[RESOLUTION])
    page = get_page("/en/PLAN/commitments/")
    assert "1 July 2026 · Current · Formally adopted record · Last action: 1 July 2026" in page


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/en/PLAN/commitments/", 8),
        (f"{DUTY}history/", 4),
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


def test_paragraphs_of_the_two_languages_stand_beside_each_other(get_page, duty):
    duty.text = en_zh("One.\n\nTwo.\nThree.", "一。\n二。")
    duty.save()
    part = get_page(DUTY)
    part = part[part.index('id="text"') : part.index('id="reading"')]
    rows = [re.findall(r"<blockquote[^>]*>([^<]*)<", row) for row in part.split('class="texts"')]
    assert rows[1:] == [["One.", "一。"], ["Two.", "二。"], ["Three.", ""]]


def test_every_status_has_a_mark_of_its_own():
    """By its tone and by its own name, in the style sheet."""
    with open("commitments/static/commitments/site.css", encoding="utf-8") as stream:
        style = stream.read()
    for status in Status:
        assert f'[data-tone="{status.rule.tone}"]' in style
    plain = {status for status in Status if f'[data-status="{status}"]' not in style}
    # Each tone's plain mark is used once.
    assert len({status.rule.tone for status in plain}) == len(plain)


@pytest.mark.parametrize("path", ["", "commitments/", "commitments/1.1/", "search/", "changes/"])
def test_what_there_is_to_say_of_an_address_stands_below_the_heading(get_page, duty, path):
    duty.plan.adopted_on = date(2017, 3, 1)
    duty.plan.save()
    page = get_page(f"/en/PLAN/{path}?as_of=2017-02-28&utm_source=mail")
    above, heading, below = page.partition("</h1>")
    for said in ("Unknown parameter “utm_source”", "The plan was not adopted until"):
        assert (said in above, heading, said in below) == (False, "</h1>", True), said
