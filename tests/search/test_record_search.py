"""What a query finds in the record: every kind, ranked, and nothing that readers must not see."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from commitments.choices import Action, HitKind
from commitments.clocks import Clock
from commitments.models import Forum, Partnership, Plan, ProgressUpdate
from commitments.search import RecordSearch
from tests.factories import CommitmentFactory, ForumFactory, PlanFactory
from tests.steps import INTERNAL, NOW, REPORT, STATEMENT, draft, perform, published, retracted
from tests.words import en_zh

pytestmark = pytest.mark.django_db

NOW_CLOCK = Clock(NOW + timedelta(hours=1))


@pytest.fixture
def sco(duty):
    """A forum that the text names as 上合组织, which is none of its names."""
    forum = ForumFactory(
        code="SCO", name=en_zh("Shanghai Cooperation Organization", "上海合作组织")
    )
    duty.text = en_zh("China will work with the SCO on rules.", "中国将与上合组织制定规则。")
    duty.save()
    Partnership.objects.create(commitment=duty, forum=forum, quote=en_zh("the SCO", "上合组织"))
    return forum


def search(query, *plans, clock=NOW_CLOCK):
    plans = plans or [Plan.objects.get(code="PLAN")]
    periods = Plan.objects.review_periods(clock, plans)
    return RecordSearch(Forum.objects.search_terms(query), plans, clock, periods)


def found(query, kind, *plans, clock=NOW_CLOCK):
    return list(search(query, *plans, clock=clock).hits(kind))


def counts(query):
    return {kind.value: n for kind, n in search(query).counts.items() if n}


@pytest.mark.parametrize(
    "query", ["SCO", "sco", "上海合作组织", "上合组织", "Shanghai Cooperation Organization"]
)
def test_every_name_of_a_forum_finds_what_has_any_of_them(query, sco, duty, reporter, reviewer):
    event = {"event_type": "participation"}
    english = published(duty, reporter, reviewer, summary=en_zh("The SCO met.", "会议。"), **event)
    chinese = published(duty, reporter, reviewer, summary=en_zh("Met.", "上合组织会议。"), **event)
    published(duty, reporter, reviewer, summary=en_zh("Scope was widened.", "扩大。"), **event)
    assert [forum.code for forum in found(query, HitKind.FORUM)] == ["SCO"]
    assert [row.number for row in found(query, HitKind.COMMITMENT)] == ["1.1"]
    assert set(found(query, HitKind.EVENT)) == {english, chinese}


def test_the_words_of_a_draft_plan_are_no_names(sco, duty):
    secret = PlanFactory(code="SECRET", visibility="draft")
    row = CommitmentFactory(plan=secret, text=en_zh("With the Pact.", "与公约。"))
    Partnership.objects.create(commitment=row, forum=sco, quote=en_zh("the Pact", "公约"))
    [term] = Forum.objects.search_terms("SCO")
    assert "the SCO" in term.spellings
    assert "the Pact" not in term.spellings


def test_a_forum_that_no_commitment_names_has_its_own_names_whatever_a_draft_plan_names(sco):
    ForumFactory(code="HARBOUR", name=en_zh("Harbour Talks", "港口对话"))
    row = CommitmentFactory(plan=PlanFactory(code="SECRET", visibility="draft"))
    Partnership.objects.create(commitment=row, forum=sco, quote=en_zh("the Pact", "公约"))
    [term] = Forum.objects.search_terms("HARBOUR")
    assert set(term.spellings) == {"HARBOUR", "Harbour Talks", "港口对话"}


def test_assessments_and_events_are_told_apart_and_the_newest_is_first(duty, reporter, reviewer):
    days = date(2026, 5, 1), date(2026, 6, 1)
    summary = en_zh("The treaty was signed.", "条约签署。")
    event = {"event_type": "participation", "summary": summary}
    older, newer = (published(duty, reporter, reviewer, effective_on=day, **event) for day in days)
    both = published(duty, reporter, reviewer, status="active", summary=summary)
    assert found("treaty", HitKind.EVENT) == [newer, older]
    assert found("条约", HitKind.ASSESSMENT) == [both]
    assert counts("treaty") == {"event": 2, "assessment": 1}


def test_titles_count_more_than_texts_and_the_number_most(plan):
    texts = [("1.1", "A duty", "On rules."), ("1.2", "Rules for all", "A text."), ("2.1", "X", "Y")]
    for position, (number, title, text) in enumerate(texts):
        CommitmentFactory(
            plan=plan, number=number, position=position, title=en_zh(title), text=en_zh(text)
        )
    assert [row.number for row in found("rules", HitKind.COMMITMENT)] == ["1.2", "1.1"]
    assert next(row.number for row in found("1.2", HitKind.COMMITMENT)) == "1.2"
    assert [row.number for row in found("plan-2.1", HitKind.COMMITMENT)] == ["2.1"]


@pytest.mark.parametrize("query", ["UN", "un", "联合国", "United Nations", "“United Nations”"])
def test_the_forum_of_this_code_or_name_is_first(query, duty):
    names = {
        "A-UN": en_zh("Council of the United Nations", "联合国理事会"),
        "B-UN": en_zh("United Nations Assembly", "联合国大会"),
        "UN": en_zh("United Nations", "联合国"),
        "UNX": en_zh("Unrelated to the United Nations", "非联合国"),
    }
    for code, name in names.items():
        Partnership.objects.create(commitment=duty, forum=ForumFactory(code=code, name=name))
    codes = [forum.code for forum in found(query, HitKind.FORUM)]
    assert codes == ["UN", "B-UN", "UNX", "A-UN"]


def test_the_earlier_the_name_of_a_forum_has_the_words_the_higher_it_is(duty):
    for code, name in (("A", "Council on cyber rules"), ("B", "Cyber council")):
        forum = ForumFactory(code=code, name=en_zh(name))
        Partnership.objects.create(commitment=duty, forum=forum)
    assert [forum.code for forum in found("cyber", HitKind.FORUM)] == ["B", "A"]


def test_the_publisher_of_this_key_is_first(duty, reporter, reviewer):
    for number, publisher in enumerate(["Forum of the press", "Forum of the press", "Forum"]):
        source = STATEMENT | {"url": f"https://example.org/{number}", "publisher": publisher}
        published(duty, reporter, reviewer, evidence=[source])
    first, second = found("forum", HitKind.PUBLISHER)
    assert (first.source_count, second.source_count) == (1, 2)


@pytest.mark.parametrize("query", ["3b", "3B", "plan-3b"])
def test_a_number_with_a_letter_is_exact_in_either_case(query, plan):
    for position, (number, title) in enumerate([("1", "After 3b, PLAN-3b"), ("3b", "Duty")]):
        CommitmentFactory(plan=plan, number=number, position=position, title=en_zh(title))
    assert next(row.number for row in found(query, HitKind.COMMITMENT)) == "3b"


def test_a_source_is_found_once_by_title_publisher_address_and_citation(duty, reporter, reviewer):
    other = CommitmentFactory(plan=duty.plan, number="1.2", position=2)
    for row in (duty, other):
        published(row, reporter, reviewer, evidence=[STATEMENT, REPORT, INTERNAL])
    for query in ("statement", "ministry", "example.org", "statement ministry", STATEMENT["url"]):
        [source] = found(query, HitKind.SOURCE)
        assert source["place"] == STATEMENT["url"]
    cited = search("x").citing_commitments([STATEMENT["url"]])
    assert cited == {STATEMENT["url"]: [duty, other]}
    assert [row["place"] for row in found("Report 7", HitKind.SOURCE)] == [REPORT["citation"]]
    assert not found("minutes", HitKind.SOURCE)
    [publisher] = found("ministry", HitKind.PUBLISHER)
    assert publisher.source_count == 1


ADDRESS = "https://www2.news.example.org/2024/report_7.html?page=2&of=G20-summit.2024.pdf"


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        (ADDRESS, True),
        ("www2.news.example.org/2024", True),
        ("news.example.org/2024", True),
        ("example.org", True),
        ("example", True),
        ("NEWS.Example.org", True),
        ("report_7", True),
        ("2024/report", True),
        ("g20", True),
        ("summit", True),
        ("pdf", True),
        ("news2.example.net", False),
        ("xample.org", False),
        ("org/2024/other", False),
    ],
)
def test_an_address_is_found_from_the_beginning_of_any_of_its_words(
    query, is_found, duty, reporter, reviewer
):
    source = STATEMENT | {
        "url": "https://www2.news.example.org/2024/report_7.html?page=2&of=G20-summit.2024.pdf"
    }
    published(duty, reporter, reviewer, evidence=[source])
    assert bool(found(query, HitKind.SOURCE)) is is_found


def test_publishers_and_not_their_sources_are_counted(duty, reporter, reviewer):
    for number in range(3):
        source = STATEMENT | {"url": f"https://example.org/{number}", "publisher": "The Gazette"}
        published(duty, reporter, reviewer, evidence=[source])
    assert counts("gazette") == {"source": 3, "publisher": 1}


def test_a_publisher_of_nothing_that_is_public_is_not_found(duty, reporter, reviewer):
    secret = INTERNAL | {"publisher": "The quiet office"}
    published(duty, reporter, reviewer, evidence=[STATEMENT, secret])
    assert not found("quiet", HitKind.PUBLISHER)
    assert counts("quiet") == {}


def test_drafts_and_withdrawn_updates_are_found_by_nothing(duty, reporter, reviewer):
    words = {
        "summary": en_zh("Zebra crossing.", "斑马线。"),
        "evidence": [STATEMENT | {"title": "Zebra report", "publisher": "Zebra press"}],
    }
    draft(duty, reporter, **words)
    retracted(duty, reporter, reviewer, **words)
    for query in ("zebra", "斑马"):
        assert counts(query) == {}


def test_the_past_does_not_bring_back_what_was_withdrawn_since(duty, reporter, reviewer):
    """Of a retracted update a tombstone is left, whatever the record said before."""
    forum = ForumFactory(code="ZEBRA", name=en_zh("Zebra council"))
    update = published(
        duty,
        reporter,
        reviewer,
        summary=en_zh("Zebra crossing.", "斑马线。"),
        evidence=[STATEMENT | {"title": "Zebra report", "publisher": "Zebra press"}],
    )
    update.forums.add(forum)
    known = replace(NOW_CLOCK, known_at=NOW)
    assert search("zebra", clock=known).counts[HitKind.PUBLISHER] == 1
    perform(update, Action.RETRACT, reviewer, NOW + timedelta(minutes=1), note="Wrong.")
    assert ProgressUpdate.objects.under(known).get() == update
    assert {kind: n for kind, n in search("zebra", clock=known).counts.items() if n} == {}
    assert search("zebra", clock=known).citing_commitments([STATEMENT["url"]]) == {}


def test_a_search_stays_within_its_plans(duty, reporter, reviewer):
    other = CommitmentFactory(plan=PlanFactory(code="OTHER"), title=en_zh("A rule"))
    published(other, reporter, reviewer, summary=en_zh("A rule was made."))
    assert counts("rule") == {}
    assert [row.code for row in found("rule", HitKind.COMMITMENT, duty.plan, other.plan)] == [
        other.code
    ]


def test_what_was_not_yet_known_at_the_clock_is_not_found(duty, reporter, reviewer):
    update = published(duty, reporter, reviewer, status="active", summary=en_zh("Zebra crossing."))
    before = update.published_at - timedelta(seconds=1)
    assert found("zebra", HitKind.ASSESSMENT) == [update]
    assert not found("zebra", HitKind.ASSESSMENT, clock=replace(NOW_CLOCK, known_at=before))


def test_every_word_must_be_found(duty, reporter, reviewer):
    published(duty, reporter, reviewer, summary=en_zh("A treaty was signed.", "条约。"))
    assert counts("treaty signed").get("event") or counts("treaty signed").get("assessment")
    assert counts("treaty sunk") == {}


@pytest.mark.parametrize(
    "query",
    [
        "“code of conduct”",
        '"code of conduct"',
        "code, conduct",
        "code of conduct.",
        "conduct?",
        "“行为准则”",
        "《行为准则》",
        "网络犯罪，行为准则",
        "(WSIS)",
        "PLAN-5.3:",
        "5.3.",
        "#355",
    ],
)
def test_signs_in_a_query_do_not_hide_what_its_words_find(query, plan):
    text = en_zh("A code of conduct, as WSIS and resolution 355 say.", "打击网络犯罪的行为准则。")
    CommitmentFactory(plan=plan, number="5.3", text=text)
    assert [row.number for row in found(query, HitKind.COMMITMENT)] == ["5.3"]
