"""Each number of commitments on a page is as long as the list that it leads to, in a world in
which a filter that is lost on the way shows: two plans with the same goal numbers, a whole with a
part and its successor, commitments without goal or forum, lapsed and set apart, over the years.

number  kind         goal  area  forum  assessments (day: status, forums that the update names)
1.1     standing     1     1     UN     2024-03-01 active; 2026-05-01 active, UN
1.2     standing     1     1     UNGGE  2025-03-01 active, APEC
1.3     standing     1     2     –      2026-06-01 partly_active
1.4     deliverable  1     1     OEWG   2023-01-01 started
2.1     standing     2     1     APEC   2026-06-10 active, UN
2.2     deliverable  2     2     UN     2024-01-01 completed
2.3     standing     2     2     –      2026-01-01 withdrawn
2.4     deliverable  –     –     –      –
2.5     standing     2     1     UN     2025-12-01 contrary
OTHER-1 standing     1     –     UN     2026-05-01 active
"""

import html
import re
from datetime import UTC, date, datetime
from operator import itemgetter

import pytest
from django.utils.html import strip_tags

from commitments.models import Forum, Partnership
from tests import steps
from tests.examples import parameters, some
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    OfficeFactory,
    PlanFactory,
)
from tests.fixtures.worlds import people, shared_world

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("a_day_later"),
]

MAY = datetime(2026, 5, 10, tzinfo=UTC)
S, D = "standing", "deliverable"
COMMITMENTS = [
    ("1.1", S, 1, 1, "UN", [("2024-03-01", "active", ""), ("2026-05-01", "active", "UN")]),
    ("1.2", S, 1, 1, "UNGGE", [("2025-03-01", "active", "APEC")]),
    ("1.3", S, 1, 2, "", [("2026-06-01", "partly_active", "")]),
    ("1.4", D, 1, 1, "OEWG", [("2023-01-01", "started", "")]),
    ("2.1", S, 2, 1, "APEC", [("2026-06-10", "active", "UN")]),
    ("2.2", D, 2, 2, "UN", [("2024-01-01", "completed", "")]),
    ("2.3", S, 2, 2, "", [("2026-01-01", "withdrawn", "")]),
    ("2.4", D, None, None, "", []),
    ("2.5", S, 2, 1, "UN", [("2025-12-01", "contrary", "")]),
]


@pytest.fixture(autouse=True, scope="module")
def world(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        reporter, reviewer, _curator = people()
        build(PlanFactory(code="PLAN", adopted_on=date(2023, 1, 1)), reporter, reviewer)
        yield


def build(plan, reporter, reviewer):
    goals = {number: GoalFactory(plan=plan, number=number) for number in (1, 2, 3)}
    areas = {number: AreaFactory(plan=plan, number=number) for number in (1, 2)}
    forums = {code: ForumFactory(code=code) for code in ("UN", "APEC")}
    forums["UNGGE"] = ForumFactory(code="UNGGE", parent=forums["UN"])
    forums["OEWG"] = ForumFactory(code="OEWG", parent=forums["UN"], successor_of=forums["UNGGE"])

    assessed = []

    def commit(forum, assessments, **fields):
        row = CommitmentFactory(**fields)
        if forum:
            Partnership.objects.create(commitment=row, forum=forums[forum])
        for written, status, place in assessments:
            day = date.fromisoformat(written)
            at = MAY if day < MAY.date() else steps.NOW
            assessment = {"status": status, "effective_on": day}
            assessment |= {"forums": [forums[place]] if place else []}
            assessed.append((at, row, assessment))

    for position, (number, kind, goal, area, forum, assessments) in enumerate(COMMITMENTS):
        place = {"goal": goals.get(goal), "area": areas.get(area), "position": position}
        commit(forum, assessments, plan=plan, number=number, kind=kind, **place)
    other = PlanFactory(code="OTHER")
    assessments = [("2026-05-01", "active", "")]
    goal = GoalFactory(plan=other, number=1)
    commit("UN", assessments, plan=other, number="1", kind=S, goal=goal)
    evidence = [steps.RESOLUTION, steps.REPORT]
    for at, row, assessment in sorted(assessed, key=itemgetter(0)):
        steps.published(row, reporter, reviewer, at, evidence=evidence, **assessment)


PAGES = (
    "",
    "goals/1/",
    "goals/2/",
    "areas/1/",
    "forums/",
    "forums/UN/",
    "forums/OEWG/",
    "forums/UN/brief/",
    "matrix/",
    "time/",
    "time/?goal=1",
    "time/?serves=2",
    "time/?area=1",
    "time/?forum=UN",
    "time/?kind=standing",
    "time/?q=1.",
)
CLOCKS = ("", "as_of=2025-06-30", "known_at=2026-05-31T00:00:00Z")


def listed(page):
    """The numbers of the commitments in a list."""
    return re.findall(r'<span class="number">([^<]+)</span>', page)


# A quick run has pages of each sort today, and two under every clock. On each page it follows one
# link of each kind.
QUICK = ("", "forums/UN/")
TODAY_ONLY = ("goals/1/", "areas/1/", "forums/", "matrix/", "time/?goal=1")
CASES = [
    pytest.param(
        path,
        clock,
        marks=() if path in QUICK or (path in TODAY_ONLY and not clock) else pytest.mark.long,
    )
    for path in PAGES
    for clock in CLOCKS
]


@pytest.mark.long
@pytest.mark.sampled
@pytest.mark.parametrize(("path", "clock"), CASES)
def test_a_number_is_as_long_as_its_list(flat, path, clock):
    shown = flat(f"/en/PLAN/{path}{'&' if '?' in path else '?'}{clock}")
    numbers = re.findall(r'href="(/en/PLAN/commitments/\?[^"]+)">(\d+)\b', shown)
    columns = re.findall(
        r'href="(/en/PLAN/commitments/\?[^"]+)"><svg role="img"><title>([^<]+)</title>', shown
    )
    told = [(address, int(n)) for address, n in numbers]
    # How many of the unknown have lapsed is in parentheses.
    told += [
        (address, sum(map(int, re.findall(r" (\d+)", re.sub(r"\(.*?\)", "", said)))))
        for address, said in columns
    ]
    assert told
    assert "does not know" not in shown
    followed = some(dict.fromkeys(address for address, _n in told), parameters)
    lists = {address: len(listed(flat(address))) for address in followed}
    told = [(address, n) for address, n in told if address in lists]
    assert [(address, lists[address]) for address, _n in told] == told
    assert bool(columns) == path.startswith("time/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("active_at=UN", ["1.1"]),  # 2.1 acts there, and is APEC's
        ("active_at=APEC", []),  # 1.2 acts there, and is UNGGE's
        ("active_at=APEC&active_at=UN", ["1.1"]),
        ("forum=OEWG", ["1.2", "1.4"]),  # of its predecessor too
        ("tone=apart", ["2.3"]),
        ("tone=unknown", ["1.4", "2.4"]),
        ("tone=adverse", ["2.5"]),
        ("goal=1&tone=fulfilled", ["1.1", "1.2"]),
    ],
)
def test_what_counts_as_something_or_acts_somewhere_is_found(flat, query, found):
    assert listed(flat(f"/en/PLAN/commitments/?{query}")) == found


def test_what_names_no_forum_is_counted_apart(flat):
    page = flat("/en/PLAN/forums/")
    assert "3 commitments name no forum." in page
    assert "forums/None/" not in page


def test_forums_are_on_one_scale(flat):
    """The commitments that name no forum are more than those of any forum, and set no scale."""
    bars = {
        code: re.findall(r'<rect data-tone="\w+" x="[^"]+" width="([^"]+)"', row)
        for row in re.split(r"<li[^>]*> <div>", flat("/en/PLAN/forums/"))
        for code in re.findall(r'<a href="/en/PLAN/forums/(\w+)/">', row)
    }
    assert bars["APEC"] == ["33.33%"]


def test_wholes_and_successors_can_be_chosen_and_are_distinguished(flat):
    whole = ForumFactory(code="ORG")
    Forum.objects.filter(code="UN").update(parent=whole)
    ForumFactory(code="NEXT", successor_of=Forum.objects.get(code="APEC"))
    ForumFactory(code="ELSEWHERE")
    page = flat("/en/PLAN/commitments/?forum=NEXT&active_at=ORG&forum=APEC")
    assert '<input type="checkbox" name="forum" value="NEXT" checked>' in page
    assert '<input type="checkbox" name="active_at" value="ORG" checked>' in page
    assert re.findall('aria-label="Remove ([^"]+)"', page) == [
        "Forum: NEXT Forum NEXT",
        "Forum: APEC Forum APEC",
        "With activity in the past two years at: ORG Forum ORG",
    ]
    assert "ELSEWHERE" not in page


def test_what_is_chosen_though_not_offered_stays_when_the_form_is_sent(flat):
    OfficeFactory(code="OLD", closed_on=date(2026, 1, 1))
    page = flat("/en/PLAN/commitments/?office=OLD&forum=UN")
    assert '<input type="checkbox" name="office" value="OLD" checked>' in page
    assert 'aria-label="Remove Office: OLD"' in page
    assert 'name="office"' not in flat("/en/PLAN/commitments/")


def test_the_plain_counts_are_of_the_day_that_is_shown(flat):
    page = strip_tags(flat("/en/PLAN/?as_of=2025-06-30"))
    assert (
        "As of 30 June 2025, of 3 deliverables 1 is completed and 2 are unknown; "
        "of 6 standing duties 2 are active and 4 are unknown."
    ) in page


@pytest.mark.long
def test_the_list_leads_to_the_years_of_what_it_selects(flat):
    page = flat("/en/PLAN/commitments/?goal=1&status=active&q=&as_of=2026-06-30")
    [address] = re.findall(r'formats"><a href="([^"]+)">Over time', page)
    assert address == "/en/PLAN/time/?goal=1&as_of=2026-06-30"
    shown = flat(address)
    assert "Over time · Primary goal: 1 A goal" in html.unescape(shown)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("changes/", 8),
        ("changes/?action=publish&goal=1&forum=UN", 12),
        ("events/?event_type=statement&goal=1&forum=UN&as_of=2026-06-15", 12),
        ("time/", 13),
        ("commitments/?forum=UN&active_at=UN&tone=fulfilled&coverage=one_source&q=do", 13),
    ],
)
def test_pages_cost_few_queries_whatever_they_select(
    client, path, most, django_assert_max_num_queries
):
    with django_assert_max_num_queries(most):
        client.get(f"/en/PLAN/{path}")


def test_a_record_shows_the_latest_day_first(flat):
    page = flat("/en/PLAN/commitments/1.1/")
    assert re.findall(r'<time datetime="([^"]+)"', page) == ["2026-05-01", "2024-03-01"]


def test_charts_are_described_in_words(flat):
    columns = re.findall(r'<svg role="img"><title>([^<]+)</title>', flat("/en/PLAN/time/"))
    assert columns[-1] == "Fulfilled 3, Partly fulfilled 1, Adverse 1, Excluded 1"
