"""What each filter finds and how filters combine, in the world of `filtered`."""

import pytest

from tests.examples import some
from tests.fixtures.worlds import people, shared_world
from tests.rollups import filtered

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built_world(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield filtered.world(*people()[:2])


@pytest.fixture
def world(db, noon, built_world):
    """The updates, by name."""
    return built_world


def results(client, path):
    answer = client.get(path if path.startswith("http") else f"/api/v1/{path}")
    assert answer.status_code == 200, (path, answer.content)
    return answer.json()["results"]


# Commitments, by the last digit of PLAN-1.…; `o` is OTHER-1.

COMMITMENTS = {
    "": "o 1 2 3 4 5",
    "plan=PLAN": "1 2 3 4 5",
    "plan=OTHER": "o",
    "plan=PLAN&plan=OTHER": "o 1 2 3 4 5",
    "goal=1": "o 1 2",
    "plan=PLAN&goal=1": "1 2",
    "plan=PLAN&goal=1&goal=2": "1 2 3 5",
    "plan=PLAN&goal=3": "",
    "plan=PLAN&serves=2": "2 3 5",
    "plan=PLAN&serves=1": "1 2",
    "goal=1&serves=2": "2",
    "area=1": "1 2",
    "area=1&area=2": "1 2 3 5",
    "forum=UN": "1 2 3",
    "forum=UNGGE": "2",
    "forum=OEWG": "2 3",
    "forum=APEC": "5",
    "forum=APEC&forum=UNGGE": "2 5",
    "kind=standing": "o 1 2 5",
    "kind=deliverable": "3 4",
    "kind=standing&kind=deliverable": "o 1 2 3 4 5",
    "status=active": "1",
    "status=unassessed": "o 5",
    "status=active&status=started": "1 3",
    "status=not_started": "",
    "freshness=current": "1",
    "freshness=due": "2",
    "freshness=lapsed": "3",
    "freshness=settled": "4",
    "freshness=current&freshness=lapsed": "1 3",
    "tone=fulfilled": "1 4",
    "tone=partial": "2",
    "tone=unknown": "o 3 5",
    "tone=apart": "",
    "tone=fulfilled&tone=partial": "1 2 4",
    "active_at=UN": "2",
    "active_at=OEWG": "",
    "active_at=UNGGE": "2",
    "active_at=APEC&active_at=UN": "2 5",
    "schedule=none": "o 1 2",
    "schedule=on_schedule": "4 5",
    "schedule=overdue": "3",
    "evidence_level_min=0": "o 1 2 3 4 5",
    "evidence_level_min=1": "1 2 3 4",
    "evidence_level_min=2": "1 4",
    "evidence_level_min=3": "1",
    "office=OFFICE": "1 4",
    "office=IDLE": "",
    "office=IDLE&office=OFFICE": "1 4",
    "q=peace": "1",
    "q=PEACE": "1",
    "q=和平": "2",
    "q=keep the peace": "1",
    "q=keep war": "",
    "q=1.4": "4",
    # Signs alone are no words, and so no query.
    "q=%25": "o 1 2 3 4 5",
    "changed_since=2026-06-01T00:00:00Z": "o 1 5",
    "changed_since=2026-06-20T08:00:00%2B08:00": "o 5",
    "changed_since=2026-06-20T00:00:01Z": "5",
    "changed_since=2026-07-01T04:00:01Z": "",
    "plan=PLAN&kind=standing&status=active&status=partly_active&area=1": "1 2",
    "kind=standing&schedule=overdue": "",
    # The state of the world on a day.
    "as_of=2025-01-01&status=unassessed": "o 1 5",
    "as_of=2025-01-01&freshness=current": "2",
    "as_of=2024-12-31&status=partly_active": "",
    "as_of=2024-01-02&freshness=current": "3",
    "as_of=2024-01-02&tone=partial": "3",
    "as_of=2026-06-29&active_at=APEC": "",
    "as_of=2025-01-01&active_at=OEWG": "3",
    "as_of=2026-06-30&schedule=overdue": "",
    "as_of=2026-05-31&evidence_level_min=3": "",
    # What was public at a time.
    "known_at=2026-05-15T00:00:00Z&status=active": "o",
    "known_at=2026-06-20T00:00:00Z&status=active": "1",
    "known_at=2026-06-19T23:59:59Z&status=active": "o 1",
    "known_at=2026-04-30T00:00:00Z&status=unassessed": "o 1 2 3 4 5",
    "known_at=2026-05-15T00:00:00Z&tone=fulfilled": "o 4",
    "known_at=2026-07-01T03:59:59Z&active_at=APEC": "",
    "known_at=2026-06-15T00:00:00Z&schedule=overdue": "",
    "known_at=2026-05-15T00:00:00Z&as_of=2026-03-31&status=active": "",
    "known_at=2026-05-15T00:00:00Z&evidence_level_min=3": "o",
}


def short(row):
    return "o" if row["plan"] == "OTHER" else row["number"][-1]


def first_parameter(query):
    return query.partition("=")[0]


@pytest.mark.long
@pytest.mark.sampled
def test_each_filter_finds_the_commitments_that_the_table_says(api, world):
    found = {
        query: " ".join(short(row) for row in results(api(), f"commitments/?{query}"))
        for query in some(COMMITMENTS, first_parameter)
    }
    assert found == {query: COMMITMENTS[query] for query in found}


ASSESSED = "&".join(f"freshness={code}" for code in ("current", "due", "lapsed", "settled"))


ORDERS = {
    "plan=PLAN&ordering=number": "1 2 3 4 5",
    "plan=PLAN&ordering=-number": "5 4 3 2 1",
    f"{ASSESSED}&ordering=effective_on": "4 3 2 1",
    f"{ASSESSED}&ordering=-effective_on": "1 2 3 4",
    f"{ASSESSED}&ordering=status": "1 4 2 3",
    f"{ASSESSED}&ordering=-status": "3 2 4 1",
    "kind=deliverable&ordering=due_on": "3 4",
    "kind=deliverable&ordering=-due_on": "4 3",
    "kind=standing&plan=PLAN&area=1&ordering=due_on,-number": "2 1",
}


@pytest.mark.long
def test_commitments_can_be_ordered(api, world):
    found = {
        query: " ".join(short(row) for row in results(api(), f"commitments/?{query}"))
        for query in ORDERS
    }
    assert found == ORDERS


def test_a_commitment_alone_takes_both_clocks(api, world):
    def status(query):
        return api().get(f"/api/v1/commitments/OTHER-1/?{query}").json()["status"]["code"]

    queries = ("", "as_of=2026-05-01", "known_at=2026-05-15T00:00:00Z")
    assert [status(query) for query in queries] == ["unassessed", "unassessed", "active"]


# Updates, newest first

UPDATES = {
    "": "plain new gone done mid old",
    "plan=PLAN": "plain new done mid old",
    "plan=OTHER": "gone",
    "commitment=PLAN-1.1": "new",
    "commitment=PLAN-1.1&commitment=PLAN-1.2": "new mid",
    "commitment=PLAN-1.1&plan=OTHER": "",
    "goal=1": "new gone mid",
    "plan=PLAN&goal=1": "new mid",
    "goal=2&goal=3": "plain old",
    "forum=UN": "mid old",
    "forum=UNGGE": "mid old",
    "forum=OEWG": "old",
    "forum=APEC": "plain",
    "forum=APEC&forum=OEWG": "plain old",
    "state=published": "plain new done mid old",
    "state=retracted": "gone",
    "state=draft": "",
    "state=draft&state=retracted": "gone",
    "status=active": "new gone",
    "status=active&state=published": "new",
    "status=completed&status=started": "done old",
    "q=treaty": "new",
    "q=条约": "new",
    "q=meeting": "plain done mid old",
    "q=meeting treaty": "",
    "changed_since=2026-06-20T00:00:00Z": "plain gone",
    "changed_since=2026-06-20T00:00:01Z": "plain",
    "as_of=2026-06-29": "new done mid old",
    "as_of=2025-01-01": "done mid old",
    "known_at=2026-05-15T00:00:00Z": "gone done mid old",
    "known_at=2026-06-20T00:00:00Z": "new done mid old",
    "known_at=2026-06-15T00:00:00Z&as_of=2026-04-30": "gone done mid old",
}


@pytest.mark.long
@pytest.mark.sampled
def test_each_filter_finds_the_updates_that_the_table_says(api, world, reporter):
    names = {update.pk: name for name, update in world.items()}

    def found(query, user=None):
        rows = results(api(user), f"updates/?{query}")
        # `gone` is made before the others that were published in May.
        order = ["draft", "plain", "new", "gone", "done", "mid", "old"]
        return " ".join(sorted((names[row["id"]] for row in rows), key=order.index))

    for query in some(UPDATES, first_parameter):
        assert (query, found(query)) == (query, UPDATES[query])
    assert found("state=draft", reporter) == "draft"
    assert found("as_of=2026-07-01", reporter) == "plain new done mid old"


def test_updates_come_newest_first_and_pages_neither_skip_nor_repeat(api, world):
    every = [row["id"] for row in results(api(), "updates/?page_size=200")]
    assert every == sorted(every, reverse=True)
    paged, address = [], "http://testserver/api/v1/updates/?page_size=2"
    while address:
        page = api().get(address).json()
        paged += [row["id"] for row in page["results"]]
        address = page["next"]
    assert paged == every


def test_forums_milestones_goals_and_areas_are_filtered_by_plan(api, world):
    found = {
        query: len(results(api(), query))
        for query in (
            "forums/?plan=PLAN",
            "forums/?plan=OTHER",
            "forums/?kind=dialogue",
            "forums/?kind=un_body",
            "milestones/?plan=PLAN",
            "milestones/?plan=OTHER",
            "milestones/?commitment=PLAN-1.5",
            "goals/?plan=PLAN",
            "goals/?plan=OTHER",
            "areas/?plan=OTHER",
        )
    }
    assert list(found.values()) == [4, 0, 4, 0, 1, 0, 1, 3, 1, 0]
