"""Pictures of the grid and of pages where they are shared: what they show, and what they cost."""

import re
import struct
from copy import deepcopy
from datetime import date
from xml.etree import ElementTree

import pytest

from commitments.choices import Kind, PeriodUnit, Tone
from commitments.clocks import Clock
from commitments.models import Commitment, Forum, Partnership, Plan
from commitments.pages import pictures
from commitments.pictures import fonts
from commitments.pictures.palette import AREAS, LAPSED_AREA, area_of, mix
from commitments.rollups.grid import grid
from tests.factories import AreaFactory, CommitmentFactory, ForumFactory, GoalFactory
from tests.fixtures import worlds
from tests.steps import NOW, RESOLUTION, published
from tests.words import en_zh

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("a_day_later"),
]

SVG = "{http://www.w3.org/2000/svg}"
GRID = "/en/PLAN/grid.svg"
YEARS = "/en/PLAN/years.svg"


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with worlds.shared_world(django_db_blocker):
        yield build()


@pytest.fixture
def world(db, built):
    """The plan with two commitments over six years."""
    return deepcopy(built)


def build():
    """Create two commitments of an area over six years; one has lapsed in between and names a
    forum. Return their plan."""
    reporter, reviewer, _curator = worlds.people()
    plan, office, forum = worlds.the_plan(), worlds.the_office(), worlds.the_forum()
    duty, deliverable = worlds.the_duty(plan), worlds.the_deliverable(plan)
    plan.adopted_on, plan.licence = date(2020, 3, 1), en_zh("CC BY 4.0", "CC BY 4.0")
    plan.save()
    duty.area = AreaFactory(plan=plan, number=1, title=en_zh("An area", "领域"))
    duty.goal = GoalFactory(plan=plan, number=1, title=en_zh("A goal", "目标"))
    duty.lead_office = office
    duty.save()
    office.members.add(reporter)
    Partnership.objects.create(commitment=duty, forum=forum, quote=en_zh("the forum", "论坛"))
    for kind, day in (
        ({"status": "active"}, date(2021, 5, 1)),
        ({"event_type": "context"}, date(2022, 3, 1)),
        ({"status": "partly_active"}, date(2025, 5, 1)),
    ):
        published(duty, reporter, reviewer, effective_on=day, **kind)
    published(deliverable, reporter, reviewer, status="started", evidence=[RESOLUTION])
    return plan


def drawn(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert answer["Content-Type"].startswith("image/svg+xml")
    return ElementTree.fromstring(answer.content)


def words(root):
    return [row.text for row in root.iter(f"{SVG}text")]


def cells(root):
    """Return the colour of each cell, and the numbers in cells, in order."""
    colours = [
        row.get("fill") for row in root.iter(f"{SVG}rect") if row.get("width") in ("34", "33")
    ]
    numbers = [
        int(row.text)
        for row in root.iter(f"{SVG}text")
        if row.get("text-anchor") == "middle" and row.get("font-weight") == "600"
    ]
    return colours, numbers


def is_png(answer):
    """Return the size of a PNG."""
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer.content[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", answer.content[16:24])


@pytest.mark.parametrize("query", ["", "as_of=2023-12-31"])
def test_the_sheet_has_the_figures_of_the_grid(client, world, query):
    clock = Clock(NOW, date(2023, 12, 31)) if query else Clock(NOW)
    found = grid(Commitment.objects.at(clock).in_order(), world, PeriodUnit.YEAR, clock)
    expected = [cell for row in found.rows for cell in row.cells]
    colours, numbers = cells(drawn(client, f"{GRID}?{query}"))
    assert numbers == [cell.events for cell in expected if cell.events]
    assert len(colours) == len(expected)
    for colour, cell in zip(colours, expected, strict=True):
        tone = Tone.UNKNOWN if cell.item.has_lapsed else cell.tone
        lapsed = mix(AREAS[Tone.FULFILLED], LAPSED_AREA)
        assert colour in (
            {lapsed} if cell.item.has_lapsed else {area_of(tone, n) for n in (1, 2, 3)}
        )


def test_the_sheet_says_what_it_shows_of_what_day_and_where_it_is_from(client, world):
    text = " ".join(words(drawn(client, f"{GRID}?as_of=2024-12-31")))
    for part in (
        "As of 31 December 2024, 1 deliverable, which has not been assessed yet",
        "the last on 31 December 2024",
        "Pale: lapsed, so it counts as unknown.",
        "Lapsed",
        "1 An area",
        "Active lapsed",
        "Source: Commitment tracker, testserver/en/PLAN/?as_of=2024-12-31",
        "CC BY 4.0",
    ):
        assert part in text, text


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        ("forum=FORUM", "Forum: FORUM"),
        ("goal=1", "Primary goal: 1 A goal"),
        ("area=1", "Area: 1 An area"),
        ("office=OFFICE", "Office: OFFICE"),
        ("status=partly_active", "Status: Partly active"),
    ],
)
def test_the_filters_of_the_list_select_rows_and_are_named(client, world, query, subject):
    found = words(drawn(client, f"{GRID}?{query}"))
    assert any(line.startswith(subject) for line in found), found
    assert "1.1" in found
    assert "1.2" not in found
    assert any(f"testserver/en/PLAN/commitments/?{query}" in line for line in found)


def test_where_no_row_is_selected_there_is_a_sentence(client, world):
    assert "No commitments." in words(drawn(client, f"{GRID}?q=nothing"))


def test_a_long_list_is_cut_and_says_so(client, world, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_LISTED", 1)
    text = " ".join(words(drawn(client, GRID)))
    assert "The first 1 of 2 commitments." in text
    assert "1 deliverable, which" in text


def test_titles_with_markup_and_control_characters_do_no_harm(client, world, duty):
    duty.title = en_zh('Hold <b> & "talks"\x0b', "会谈")
    duty.save()
    assert 'Hold <b> & "talks"' in " ".join(words(drawn(client, GRID)))
    assert is_png(client.get("/en/PLAN/commitments/1.1/share.png")) == (1200, 630)


def test_the_sheet_is_a_png_too(client, world):
    width, height = is_png(client.get("/en/PLAN/grid.png?forum=FORUM"))
    assert width == 2400
    assert height < 2400


# Status by year


def panels(root):
    """Return the headings of the kinds, and all numbers of the columns in order."""
    texts = words(root)
    headings = [line for line in texts if " · " in line and "commitment" in line]
    numbers = [
        int(row.text)
        for row in root.iter(f"{SVG}text")
        if row.get("font-weight") == "600" and row.get("text-anchor") == "middle"
    ]
    return headings, numbers


@pytest.mark.parametrize("query", ["", "as_of=2023-12-31", "forum=FORUM"])
def test_the_columns_have_the_figures_of_the_trend(client, world, query):
    trend = client.get(f"/api/v1/status/trend/?plan=PLAN&by=year&{query}").json()["periods"]
    counts = [
        [count for period in trend for count in period[kind]["tones"].values() if count]
        for kind in ("deliverable", "standing")
    ]
    headings, numbers = panels(drawn(client, f"{YEARS}?{query}"))
    assert numbers == [*counts[0], *counts[1]]
    assert len(headings) == sum(map(bool, counts))


def test_years_say_what_they_show_and_where_they_are_from(client, world):
    text = " ".join(words(drawn(client, f"{YEARS}?forum=FORUM&as_of=2024-12-31")))
    for part in (
        "Forum: FORUM",
        "by status at the end of each year, the last on 31 December 2024.",
        "Pale: lapsed, so it counts as unknown.",
        "of which lapsed",
        "Source: Commitment tracker, testserver/en/PLAN/time/?",
        "CC BY 4.0",
    ):
        assert part in text, text


def test_of_many_years_the_picture_has_the_last_ones_and_says_so(client, world):
    assert "of 7 years" not in " ".join(words(drawn(client, YEARS)))
    Plan.objects.filter(pk=world.pk).update(adopted_on=date(1890, 3, 1))
    text = words(drawn(client, YEARS))
    assert [line for line in text if re.fullmatch(r"\d{4}", line)] == [
        str(year) for _kind in Kind for year in range(2007, 2027)
    ]
    assert "The last 20 of 137 years." in " ".join(text)


def test_years_are_a_png_too_and_the_page_leads_to_both(client, get_page, world):
    page = get_page("/en/PLAN/time/?forum=FORUM")
    for name in ("svg", "png"):
        assert f'href="/en/PLAN/years.{name}?forum=FORUM"' in page
    assert is_png(client.get("/en/PLAN/years.png?forum=FORUM"))[0] == 2400


def test_where_nothing_is_selected_years_have_a_sentence(client, world):
    ForumFactory(code="SILENT")
    assert "No commitments." in words(drawn(client, f"{YEARS}?forum=SILENT"))


SHARED = ["", "commitments/1.1/", "goals/1/", "areas/1/", "forums/FORUM/", "offices/OFFICE/"]


@pytest.mark.parametrize("path", SHARED)
def test_a_page_has_a_picture_for_where_it_is_shared(client, get_page, world, path):
    page = get_page(f"/en/PLAN/{path}")
    told = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page))
    assert told["og:image"] == f"http://testserver/en/PLAN/{path}share.png"
    assert told["twitter:card"] == "summary_large_image"
    assert told["og:image:alt"]
    size = int(told["og:image:width"]), int(told["og:image:height"])
    assert is_png(client.get(told["og:image"])) == size


def test_other_pages_have_that_of_their_plan_under_their_clocks(get_page, world):
    for path in ("changes/", "commitments/1.1/history/"):
        page = get_page(f"/en/PLAN/{path}")
        assert 'property="og:image" content="http://testserver/en/PLAN/share.png"' in page
    page = get_page("/en/PLAN/goals/1/?as_of=2024-01-01&x=1")
    assert 'content="http://testserver/en/PLAN/goals/1/share.png?as_of=2024-01-01"' in page
    assert "og:image" not in get_page("/en/")


def test_a_picture_of_a_commitment_says_that_its_assessment_lapsed(client, world, monkeypatch):
    drawings = []
    monkeypatch.setattr(pictures, "draw_share", lambda card: drawings.append(card) or Blank())
    client.get("/en/PLAN/commitments/1.1/share.png?as_of=2024-12-31")
    client.get("/en/PLAN/commitments/1.1/share.png")
    assert [(card.status, card.warning) for card in drawings] == [
        ("active", "lapsed, counts as unknown"),
        ("partly_active", ""),
    ]
    assert drawings[0].day == "As of 31 December 2024"


def test_pictures_have_the_first_paragraph_of_the_plans_notice(client, world, monkeypatch):
    paths = ("share.png", "commitments/1.1/share.png", "goals/1/share.png")
    drawings = []
    monkeypatch.setattr(pictures, "draw_share", lambda card: drawings.append(card) or Blank())
    assert "demonstration" not in client.get(GRID).text
    world.notice = en_zh("For demonstration only.\n\nMore of it.", "仅供演示。")
    world.save()
    for path in paths:
        client.get(f"/en/PLAN/{path}")
    client.get("/zh-hans/PLAN/share.png")
    english = "For demonstration only."
    assert [card.notice for card in drawings] == [english, english, english, "仅供演示。"]
    for path in (GRID, YEARS):
        picture = client.get(path).text
        assert english in picture
        assert "More of it." not in picture


class Blank:
    """A drawing of nothing."""

    def undrawable(self):
        return set()

    def png(self):
        return b""


@pytest.mark.long
def test_without_fonts_there_is_a_reason_and_no_boxes(client, get_page, world, monkeypatch):
    monkeypatch.setattr(fonts, "_found", {("CJK", 0): False})
    answer = client.get("/zh-hans/PLAN/grid.png?forum=FORUM")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/plain")
    assert "http://testserver/zh-hans/PLAN/grid.svg?forum=FORUM" in answer.text
    assert "ETag" not in answer
    assert client.get("/zh-hans/PLAN/grid.svg").status_code == 200
    page = get_page("/zh-hans/PLAN/")
    assert "og:image" not in page
    assert "grid.png" not in page
    assert "grid.svg" in page
    assert "og:image" in get_page("/en/PLAN/")


GREEK = en_zh("Ομάδα", "Ομάδα")


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("commitments/1.1/", lambda world: world.commitments.get(number="1.1")),
        ("forums/FORUM/", lambda world: Forum.objects.get(code="FORUM")),
        ("goals/1/", lambda world: world.goals.get(number=1)),
        ("", lambda world: world),
    ],
)
def test_a_page_names_no_picture_whose_own_words_have_no_fonts(
    client, get_page, world, monkeypatch, path, title
):
    row = title(Plan.objects.get(code="PLAN"))
    name = "issuer" if isinstance(row, Plan) else "name" if isinstance(row, Forum) else "title"
    type(row).objects.filter(pk=row.pk).update(**{name: GREEK})
    monkeypatch.setattr(fonts, "_found", {("GREEK", 3): True})
    assert "og:image" in get_page(f"/en/PLAN/{path}")
    assert client.get(f"/en/PLAN/{path}share.png").status_code == 200
    monkeypatch.setattr(fonts, "_found", {("GREEK", 3): False})
    page = get_page(f"/en/PLAN/{path}")
    assert "og:image" not in page
    assert "share.png" not in page
    assert client.get(f"/en/PLAN/{path}share.png").status_code == 404
    # The texts of other pages have fonts.
    other = "goals/1/" if not path else "" if path != "goals/1/" else "commitments/1.1/"
    assert "og:image" in get_page(f"/en/PLAN/{other}")


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("grid.svg", 6),
        ("grid.svg?forum=FORUM", 7),
        ("years.svg", 5),
        ("share.png", 3),
        *((f"{path}share.png", 5 if "forums" in path else 4) for path in SHARED[2:]),
        ("commitments/1.1/share.png", 6),
    ],
)
def test_pictures_cost_few_queries(client, world, django_assert_num_queries, path, queries):
    with django_assert_num_queries(queries):
        client.get(f"/en/PLAN/{path}")


def test_queries_do_not_grow_with_rows(client, world, django_assert_num_queries):
    for n in range(3, 9):
        CommitmentFactory(plan=world, number=f"1.{n}", position=n)
        ForumFactory(code=f"F{n}")
    with django_assert_num_queries(6):
        client.get(GRID)
