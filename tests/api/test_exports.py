"""`?format=` on `commitments/` and `updates/`: the list as a file."""

import gc
import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commitments.choices import Action, CoverageGap, FindingResult
from commitments.exports import commitments, updates
from commitments.exports.columns import columns_in
from commitments.exports.tidy.status import KnownStatus
from commitments.models import Commitment, Office, StrategicGoal
from commitments.texts.text import Text
from tests import steps
from tests.api.exported import LIST, UPDATES, built, content_of, table, world
from tests.factories import CommitmentFactory, ForumFactory, PlanFactory
from tests.methodology import STATUSES
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon"), pytest.mark.django_db]

__all__ = ["built", "table", "world"]  # fixtures


def names_of(shown):
    """Return the names of what a commitment is related to, by column."""
    goals = StrategicGoal.objects.filter(number__in=shown["supporting_goals"]).order_by("number")
    lead = Office.objects.filter(code=shown["lead_office"])
    helping = Office.objects.filter(code__in=shown["supporting_offices"]).order_by("code")
    named = {
        "forum_names": [Text(forum["name"]) for forum in shown["forums"]],
        "lead_office_name": [office.name for office in lead],
        "supporting_office_names": [office.name for office in helping],
        "supporting_goal_titles": [goal.title for goal in goals],
        "milestone_titles": [Text(item["title"]) for item in shown["milestones"]],
    }
    return {
        f"{column}_{tag}": "; ".join(text.get(tag, "") for text in texts)
        for column, texts in named.items()
        for tag in ("en", "zh")
    }


def tone_of(status):
    """Return what a commitment with this status in JSON counts as, by the methodology."""
    return "unknown" if status["freshness"] == "lapsed" else STATUSES[status["code"]].tone


@pytest.mark.long
def test_a_row_says_of_a_commitment_what_its_json_says(api, table, world):
    for path in (f"{LIST}?plan=PLAN", f"{LIST}?plan=PLAN&as_of=2020-01-01"):
        query = dict(pair.split("=") for pair in path.partition("?")[2].split("&"))
        rows = table(LIST, **query)
        assert len(rows) == 2
        for row, shown in zip(rows, api().get(path).json()["results"], strict=True):
            status, area, goal = shown["status"], shown["area"] or {}, shown["goal"] or {}
            plain = (
                "code",
                "plan",
                "number",
                "kind",
                "text_sha256",
                "start_on",
                "due_on",
                "ends_on",
            )
            expected = {
                name: shown[name]
                for name in (*plain, "due_on_first", "due_on_changes", "schedule", "updates")
            }
            texts = {name: shown[name] for name in ("title", "text")}
            for name, group in (("area", area), ("goal", goal)):
                texts[f"{name}_title"] = group.get("title", {})
                expected[name] = group.get("number")
            for name, text in texts.items():
                expected |= {f"{name}_{tag}": text.get(tag, "") for tag in ("en", "zh")}
            assessment = ("effective_on", "date_precision", "published_at", "update", "freshness")
            assessment += ("covers_from",)
            expected["tone"] = tone_of(status)
            expected["milestones"] = "; ".join(
                f"{item['key']} {item['due_on']}" for item in shown["milestones"]
            )
            expected["coverage"] = "; ".join(
                code
                for code in CoverageGap.values()
                if shown["code"] in api().get(f"{path}&coverage={code}").text
            )
            findings, action = shown["findings"] or {}, shown["last_action"] or {}
            for code in FindingResult.values():
                expected[f"findings_{code}"] = findings.get(code)
            expected |= {
                "last_action_on": action.get("on"),
                "last_action_type": action.get("event_type"),
            }
            expected |= {name: status[name] for name in (*assessment, "evidence_level")}
            expected |= {"status": status["code"], "lead_office": shown["lead_office"]}
            labels = status["label"]
            expected |= {f"status_label_{tag}": labels[tag] for tag in ("en", "zh-Hans")}
            expected["forums"] = "; ".join(forum["code"] for forum in shown["forums"])
            for name in ("supporting_goals", "supporting_offices"):
                expected[name] = "; ".join(str(value) for value in sorted(shown[name]))
            expected |= names_of(shown)
            expected |= {"as_of": query.get("as_of", "2026-07-01"), "known_at": ""}
            expected["title_en"] = expected["title_en"].replace("=1+1", "'=1+1")
            expected["url"] = f"http://testserver/en/PLAN/commitments/{shown['number']}/"
            assert row == {name: "" if v is None else str(v) for name, v in expected.items()}


@pytest.mark.long
def test_the_page_that_a_row_leads_to_is_there(client, table, world):
    for row in table(LIST) + table(UPDATES):
        address, _, place = row["url"].partition("#")
        page = client.get(address)
        assert page.status_code == 200
        assert not place or f'id="{place}"' in page.text


@pytest.mark.long
def test_a_file_holds_what_the_filters_select_in_the_order_asked_for(table, world):
    assert [row["code"] for row in table(LIST, kind="standing")] == ["PLAN-3.1"]
    assert [row["code"] for row in table(LIST, ordering="-number")] == ["PLAN-3.2", "PLAN-3.1"]
    assert table(LIST, plan="PLAN", status="contrary") == []
    assert [row["commitment"] for row in table(UPDATES, forum="FORUM")] == ["PLAN-3.1"]


@pytest.mark.long
def test_a_file_takes_both_clocks_and_says_so(table, world):
    before = table(LIST, known_at="2026-07-01T03:00:00Z")
    assert [row["status"] for row in before] == ["unassessed", "unassessed"]
    assert {row["known_at"] for row in before} == {"2026-07-01T03:00:00.000000Z"}
    assert [row["as_of"] for row in table(LIST, as_of="2026-06-30")] == ["2026-06-30"] * 2
    assert table(UPDATES, as_of="2026-06-30") == []


@pytest.mark.parametrize("offset", ["-23%3A05", "%2B23%3A59", "Z"])
@pytest.mark.parametrize("name", ["known_at", "changed_since"])
def test_a_time_of_any_offset_selects_on_every_database(api, world, name, offset):
    for path in (LIST, UPDATES):
        content_of(api().get(f"{path}export/?format=csv&{name}=2026-06-29T12:00:00{offset}"))


@pytest.mark.long
def test_files_are_named_after_the_plan_the_list_and_the_day(api, world):
    names = {}
    for query in ("format=csv", "format=ogp&as_of=2026-01-02", "format=xlsx&plan=PLAN"):
        answer = api().get(f"{LIST}export/?{query}")
        content_of(answer)
        names[query] = re.findall('"(.*)"', answer.headers["Content-Disposition"])[0]
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert list(names.values()) == [
        "PLAN-commitments-2026-07-01.csv",
        "PLAN-commitments-ogp-2026-01-02.csv",
        "PLAN-commitments-2026-07-01.xlsx",
    ]
    PlanFactory(code="OTHER")
    answer = api().get(f"{UPDATES}export/?format=csv")
    content_of(answer)
    assert 'filename="updates-2026-07-01.csv"' in answer.headers["Content-Disposition"]


def test_a_table_as_a_workbook_has_typed_cells_and_says_where_it_is_from(api, world):
    answer = api().get(f"{UPDATES}export/?format=xlsx&plan=PLAN")
    book = openpyxl.load_workbook(io.BytesIO(content_of(answer)))
    header, full = book["data"].iter_rows()
    cells = dict(zip([cell.value for cell in header], full, strict=True))
    assert list(cells) == [
        column.name for column in columns_in(updates.UPDATE_COLUMNS, ["en", "zh"])
    ]
    assert cells["effective_on"].is_date
    assert cells["published_at"].is_date
    assert cells["evidence_level"].value == 3
    (_blank, *tags), *rows = book["about"].iter_rows(values_only=True)
    told = {name: dict(zip(tags, values, strict=True)) for name, *values in rows}
    assert tags == ["en", "zh-Hans", "zh"]
    assert told["address"]["en"] == f"http://testserver{UPDATES}export/?format=xlsx&plan=PLAN"
    assert told["PLAN notice"] == {"en": "A trial.", "zh-Hans": None, "zh": "试运行。"}
    assert told["state"] == {"en": "Workflow state", "zh-Hans": "办理状态", "zh": None}
    assert set(cells) <= set(told)


# Updates: each as its reader may see it


def test_a_row_says_of_an_update_what_its_json_says(api, table, world, reporter, reviewer):
    full, _bare = world
    fields = {"search_note": en_zh("Looked.", "查找。"), "external_ref": "A-1"}
    steps.published(full, reporter, reviewer, evidence=[steps.RESOLUTION], **fields)
    rows, shown = table(UPDATES), api().get(UPDATES).json()["results"]
    assert len(rows) == 2
    same = ("id", "commitment", "effective_on", "date_precision", "status", "state")
    same += ("event_type", "covers_from")
    same += ("evidence_level", "published_at", "corrects", "superseded_at", "retracted_at")
    same += ("external_ref", "content_sha256", "loaded_from")
    for row, update in zip(rows, shown, strict=True):
        assert {name: row[name] for name in same} == {
            name: "" if update[name] is None else str(update[name]) for name in same
        }
        for name in ("summary", "search_note"):
            words = {tag: row[f"{name}_{tag}"] for tag in ("en", "zh")}
            assert {tag: cell for tag, cell in words.items() if cell} == update[name]
        for name in ("forums", "criteria", "rests_on"):
            assert row[name] == "; ".join(str(value) for value in update[name])
    assert rows[0]["evidence"] == (
        "[official] Resolution 1 | The assembly | https://example.org/resolution"
    )
    assert rows[1]["status_label_zh-Hans"] == "持续履行"


def test_a_tombstone_has_no_text_and_internal_evidence_is_for_staff(
    table, world, reporter, reviewer
):
    full, _bare = world
    pieces = [steps.RESOLUTION, steps.INTERNAL]
    gone = steps.published(full, reporter, reviewer, summary=en_zh("Secret.", ""), evidence=pieces)
    assert [row["evidence"].count("\n") for row in table(UPDATES, reviewer)] == [1, 0]
    assert "Internal" not in table(UPDATES)[0]["evidence"]
    steps.perform(gone, Action.RETRACT, reviewer, note="Wrong.")
    row = table(UPDATES)[0]
    assert (row["state"], row["retraction"], row["status"]) == ("retracted", "Wrong.", "")
    empty = ("summary_en", "summary_zh", "forums", "evidence", "evidence_level", "external_ref")
    assert {row[name] for name in empty} == {""}
    assert table(UPDATES, reviewer)[0]["summary_en"] == "Secret."


def test_drafts_are_in_the_file_of_whoever_may_see_them(table, world, reporter):
    steps.draft(world[0], reporter)
    assert [row["state"] for row in table(UPDATES)] == ["published"]
    assert [row["state"] for row in table(UPDATES, reporter)] == ["draft", "published"]


def test_a_file_as_evidence_is_named(table, world, reporter, reviewer, evidence_folder):
    piece = steps.file_evidence(title="Minutes, signed")
    steps.published(world[0], reporter, reviewer, evidence=[piece])
    assert table(UPDATES)[0]["evidence"] == "[independent] Minutes, signed | minutes.pdf"


# As an answer of the API


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("", ["format"]),
        ("format=json", ["format"]),
        ("format=pdf", ["format"]),
        ("format=", ["format"]),
        ("format=csv&format=xlsx", ["format"]),
        ("format=csv&page=2", ["page"]),
        ("format=html&page_size=9", ["page_size", "format"]),
        ("format=csv&stauts=active", ["stauts"]),
        ("format=csv&status=done", ["status"]),
    ],
)
def test_what_is_not_understood_is_refused_in_json(api, world, query, parameters):
    answer = api().get(f"{LIST}export/?{query}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["parameter"] for error in answer.json()["errors"]] == parameters


@pytest.mark.parametrize("path", [f"{LIST}PLAN-3.1/", "/api/v1/plans/", "/api/v1/status/"])
def test_formats_are_of_two_lists_alone(api, world, path):
    assert api().get(f"{path}?format=csv").status_code == 400
    assert api().get(f"{path}export/?format=csv").status_code == 404
    [error] = api().get(f"{UPDATES}export/?format=ogp").json()["errors"]
    assert error["allowed"] == ["csv", "xlsx"]


def test_a_page_is_json_and_whoever_wants_a_file_learns_where_it_is(api, world):
    [error] = api().get(f"{LIST}?format=csv").json()["errors"]
    assert (error["parameter"], error["allowed"]) == ("format", ["json"])
    assert "export/" in error["detail"]


def test_json_is_the_format_of_a_page(api, world):
    for path in (LIST, UPDATES, "/api/v1/forums/", "/api/v1/evidence/"):
        page = api().get(f"{path}?format=json&page_size=1").json()
        assert page["results"] == api().get(f"{path}?page_size=1").json()["results"]
    assert "format=json" in api().get(f"{LIST}?format=json&page_size=1").json()["next"]


@pytest.mark.long
def test_whoever_has_the_file_learns_that_nothing_changed(api, world, reviewer):
    first = api().get(f"{LIST}export/?format=csv")
    content_of(first)
    again = {"If-None-Match": first.headers["ETag"]}
    assert api().get(f"{LIST}export/?format=csv", headers=again).status_code == 304
    other = api().get(f"{LIST}export/?format=ogp", headers=again)
    content_of(other)
    mine = api(reviewer).get(f"{LIST}export/?format=csv")
    content_of(mine)
    assert mine.headers["Cache-Control"] == "private, no-store"


def test_a_failure_gives_no_file_rather_than_half_of_one(client, world, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr(commitments.CommitmentRow, "status", property(lambda row: 1 / 0))
    answer = client.get(f"{LIST}export/?format=csv")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")


@pytest.mark.parametrize("tidy", [False, True], ids=["list", "tidy-table"])
def test_a_failure_leaves_no_query_that_fails_a_later_one(client, world, monkeypatch, tidy):
    client.raise_request_exception = False
    monkeypatch.setattr(commitments.CommitmentRow, "status", property(lambda row: 1 / 0))
    monkeypatch.setattr(KnownStatus, "tone", property(lambda row: 1 / 0))
    table_of_plan = reverse("api:data-table", args=[world[0].plan.code, "status"])
    assert client.get(table_of_plan if tidy else f"{LIST}export/?format=csv").status_code == 500
    # What the traceback held of a query would be closed here, where PostgreSQL knows it no more.
    gc.collect()
    assert Commitment.objects.exists()


@pytest.mark.long
@pytest.mark.parametrize("staff", [False, True], ids=["public", "staff"])
@pytest.mark.parametrize(("path", "form"), [(LIST, "csv"), (LIST, "xlsx"), (UPDATES, "csv")])
def test_a_longer_list_takes_no_more_queries(api, world, reporter, reviewer, path, form, staff):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            content_of(api(reviewer if staff else None).get(f"{path}export/?format={form}"))
        return len(seen)

    def publish_one(number):
        commitment = CommitmentFactory(plan=world[0].plan, number=f"3.{number}")
        day = steps.TODAY - timedelta(days=number)
        steps.published(commitment, reporter, reviewer, effective_on=day, forums=[ForumFactory()])

    publish_one(4)
    few = queries()
    for number in range(5, 12):
        publish_one(number)
    assert queries() == few


@pytest.mark.parametrize("staff", [False, True], ids=["public", "staff"])
def test_the_content_of_many_updates_is_read_in_three_queries(
    api, world, reviewer, django_assert_num_queries, staff
):
    user = reviewer if staff else None
    # The others are for the plans, their time zones, the updates themselves and roles of staff.
    with django_assert_num_queries(7 if staff else 6):
        content_of(api(user).get(f"{UPDATES}export/?format=csv"))
