"""Every figure of a roll-up is as long as the list that it links to, in the world of `filtered`."""

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


# Each row: whether groups overlap, how many commitments there are in all, and in each group.
GROUPS = {
    "": (False, 6, {}),
    "group_by=kind": (False, 6, {"deliverable": 2, "standing": 4}),
    "plan=PLAN&group_by=goal": (False, 5, {"1": 2, "2": 2, "3": 0, None: 1}),
    "plan=PLAN&group_by=area": (False, 5, {"1": 2, "2": 2, None: 1}),
    "plan=PLAN&group_by=forum": (True, 5, {"APEC": 1, "OEWG": 2, "UN": 3, "UNGGE": 1, None: 1}),
    "plan=PLAN&group_by=office": (True, 5, {"OFFICE": 2, None: 3}),
    "plan=OTHER&group_by=forum": (True, 1, {None: 1}),
    "plan=PLAN&group_by=goal&status=active": (False, 1, {"1": 1, "2": 0, "3": 0}),
}


@pytest.mark.long
def test_groups_hold_the_commitments_that_the_table_says(api, world):
    found = {}
    for query in GROUPS:
        answer = api().get(f"/api/v1/status/?{query}").json()
        sizes = {group["key"]: group["commitments"] for group in answer["groups"]}
        found[query] = (answer["overlapping"], answer["total"]["commitments"], sizes)
    assert found == GROUPS


@pytest.mark.long
def test_activity_at_a_forum_is_of_that_forum_alone(api, world):
    groups = api().get("/api/v1/status/?group_by=forum").json()["groups"]
    active = {group["key"]: group["active_at_forum"] for group in groups}
    assert active == {"APEC": 1, "OEWG": 0, "UN": 1, "UNGGE": 1, None: None}


@pytest.mark.parametrize("grouping", ["goal", "area"])
def test_grouping_by_the_numbers_of_a_plan_needs_one_plan(api, world, grouping):
    for query in ("", "&plan=PLAN&plan=OTHER"):
        answer = api().get(f"/api/v1/status/?group_by={grouping}{query}")
        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.json()["errors"]] == ["plan"]
    assert api().get("/api/v1/status/?group_by=forum").json()["plan"] is None


FILTERS = [
    *("", "status=active", "freshness=due&freshness=lapsed", "forum=UN", "as_of=2025-01-01&q=t"),
    *("known_at=2026-05-15T08:00:00%2B08:00", "serves=2", "evidence_level_min=2&area=2"),
    *("office=OFFICE", "goal=1&goal=2&kind=deliverable"),
]


def differences(client, grouping, queries):
    """Groups whose size is not the length of the list behind them."""
    by = f"&group_by={grouping}" if grouping else ""
    for query in queries:
        answer = client.get(f"/api/v1/status/?plan=PLAN&{query}{by}").json()
        # A quick run has the whole, one group, and that of what is in no other.
        groups = some(answer["groups"], lambda group: group["key"] is None)
        for group in (answer["total"], *groups):
            kinds = [group[kind]["of"] for kind in ("deliverable", "standing")]
            assert sum(kinds) == group["commitments"]
            if group["members"] is None:
                assert f"{grouping}=" in query
                continue
            listed = client.get(f"{group['members']}&page_size=1").json()["count"]
            if listed != group["commitments"]:
                yield query, group["key"], group["commitments"], listed


@pytest.mark.parametrize("name", ["goal", "area", "forum", "office"])
def test_what_is_in_no_group_can_be_listed_alone_or_beside_others(api, world, name):
    def listed(query):
        rows = api().get(f"/api/v1/commitments/?plan=PLAN&{query}").json()["results"]
        return {row["code"]: row for row in rows}

    fields = {"goal": "goal", "area": "area", "forum": "forums", "office": "lead_office"}
    none = listed(f"{name}=none")
    assert none
    for row in none.values():
        assert not row[fields[name]]
        assert name != "office" or not row["supporting_offices"]
    other = {"goal": "1", "area": "1", "forum": "UN", "office": "OFFICE"}[name]
    some_rows = listed(f"{name}={other}")
    assert not some_rows.keys() & none.keys()
    assert listed(f"{name}={other}&{name}=none").keys() == some_rows.keys() | none.keys()
    groups = api().get(f"/api/v1/status/?plan=PLAN&group_by={name}").json()["groups"]
    [members] = [group["members"] for group in groups if group["key"] is None]
    assert members.endswith(f"{name}=none")


def test_updates_are_those_on_the_commitments_of_an_office_or_of_none(api, world):
    rows = api().get("/api/v1/updates/?plan=PLAN").json()["results"]
    for query in ("office=OFFICE", "office=none", "office=OFFICE&office=none"):
        commitments = api().get(f"/api/v1/commitments/?plan=PLAN&{query}").json()["results"]
        codes = {row["code"] for row in commitments}
        found = api().get(f"/api/v1/updates/?plan=PLAN&{query}").json()["results"]
        assert [row["id"] for row in found] == [
            row["id"] for row in rows if row["commitment"] in codes
        ]
        assert found


@pytest.mark.parametrize("query", ["forum=none", "goal=none"])
def test_updates_that_name_no_forum_or_whose_commitment_has_no_goal_can_be_listed(
    api, world, query
):
    rows = api().get(f"/api/v1/updates/?{query}").json()["results"]
    assert rows
    if query == "forum=none":
        assert {tuple(row["forums"]) for row in rows} == {()}


OTHER_GROUPINGS = [
    pytest.param(grouping, marks=pytest.mark.long)
    for grouping in ("goal", "area", "office", "kind", None)
]
# A quick run has no filter, one by status, and either clock.
QUICK = ("", "status=active", *FILTERS[4:6])


@pytest.mark.sampled
@pytest.mark.parametrize("grouping", ["forum", *OTHER_GROUPINGS])
@pytest.mark.parametrize(
    "filters", [QUICK, pytest.param(FILTERS, marks=pytest.mark.long)], ids=["some", "all"]
)
def test_every_figure_is_the_length_of_the_list_behind_it(api, world, grouping, filters):
    queries = [query for query in filters if f"{grouping}=" not in query]
    assert list(differences(api(), grouping, queries)) == []


@pytest.mark.parametrize(
    ("grouping", "query"),
    [
        ("forum", "forum=UN"),
        ("office", "office=OFFICE"),
        ("goal", "goal=1"),
        ("area", "area=2"),
        ("kind", "kind=standing"),
    ],
)
def test_so_it_is_where_a_filter_is_on_the_same_grouping(api, world, grouping, query):
    assert list(differences(api(), grouping, [query])) == []
