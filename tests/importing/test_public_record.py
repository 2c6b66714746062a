"""The example record follows the methodology, and pages and API show it with its origin."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from commitments import rollups
from commitments.choices import Action, Kind, Source, Status
from commitments.clocks import Clock, period
from commitments.exceptions import UpdateFileError
from commitments.importing import update_file, update_load, yaml_file
from commitments.models import Commitment, Decision, Plan, ProgressUpdate
from commitments.verification import ledger_differences
from tests import steps
from tests.factories import CommitmentFactory, PlanFactory
from tests.words import en_zh

pytestmark = pytest.mark.alike

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

FILE = "fixtures/iscc/public-record.yaml"
RECORD = yaml_file.read_yaml(FILE, UpdateFileError).value
PLAN = yaml_file.read_yaml("fixtures/iscc/plan.yaml", UpdateFileError).value
COMMITMENTS = {row["number"]: row for row in PLAN["commitments"]}
EVENTS = [row for row in RECORD["updates"] if "status" not in row]
ASSESSMENTS = [row for row in RECORD["updates"] if "status" in row]
EVIDENCE = dict(
    zip(
        [row["external_ref"] for row in RECORD["updates"]],
        update_file.evidence_of(RECORD, Plan(languages=PLAN["plan"]["languages"])),
        strict=True,
    )
)
LANGUAGES = set(PLAN["plan"]["languages"])
LEFT_UNASSESSED = {"7.2", "7.5", "7.6", "9.1"}


def last_day(row):
    return period(date.fromisoformat(row["effective_on"]), row.get("date_precision", "day"))[1]


# The rules of the methodology


def broken_by(rows, keeps):
    """Return the references of the rows that break a rule."""
    return [row["external_ref"] for row in rows if not keeps(row)]


def rule(row):
    return Status(row["status"]).rule


def test_a_status_is_one_of_its_kind():
    def keeps(row):
        return Kind(COMMITMENTS[row["commitment"]]["kind"]) in rule(row).kinds

    assert broken_by(ASSESSMENTS, keeps) == []


def test_a_status_has_its_least_evidence():
    def keeps(row):
        levels = [Source(piece["source"]).level for piece in EVIDENCE[row["external_ref"]]]
        return max(levels, default=0) >= rule(row).least_evidence

    assert broken_by(ASSESSMENTS, keeps) == []


def test_a_status_that_needs_a_search_note_has_one_in_the_plans_languages_and_no_other_has():
    def keeps(row):
        return set(row.get("search_note", ())) == (LANGUAGES if rule(row).search_note else set())

    assert broken_by(ASSESSMENTS, keeps) == []


def test_an_assessment_rests_on_events_or_on_a_search_and_names_no_forum():
    def keeps(row):
        own = {"evidence", "forums"} & set(row)
        return bool(row.get("based_on")) != bool(row.get("search_note")) and not own

    assert broken_by(ASSESSMENTS, keeps) == []


def test_an_event_has_public_evidence_of_its_own():
    def keeps(row):
        return row["evidence"] and all(piece.get("public", True) for piece in row["evidence"])

    assert broken_by(EVENTS, keeps) == []


def test_an_update_is_after_the_plan_and_before_it_was_written_down():
    def keeps(row):
        return PLAN["plan"]["adopted_on"] <= row["effective_on"] and last_day(row) < NOW.date()

    assert broken_by(RECORD["updates"], keeps) == []


def test_an_imprecise_date_is_written_as_the_last_day_of_its_period():
    def keeps(row):
        return row["effective_on"] == last_day(row).isoformat()

    assert broken_by(RECORD["updates"], keeps) == []


def test_what_happened_is_written_in_english_and_chinese_each_in_its_own_writing():
    def keeps(row):
        en, zh = row["summary"]["en"], row["summary"]["zh"]
        chinese = re.search(r"[一-鿿]", zh) and not re.search(r"[,;:?!] ?[一-鿿]", zh)
        return chinese and not re.search(r"[一-鿿]", en)

    assert broken_by(RECORD["updates"], keeps) == []


def test_the_statuses_that_were_lowered_are_those_that_the_docs_name():
    text = Path("docs/public-record.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| ([0-9.]+) \| ([0-9-]+) \|", text, re.MULTILINE)
    lowered = [
        row["status"] for row in ASSESSMENTS if (row["commitment"], row["effective_on"]) in named
    ]
    assert lowered == ["partly_active"] * len(named)
    assert f"{len(named)} of the {len(ASSESSMENTS)} assessments" in text


def test_nothing_is_assessed_twice_on_one_day():
    days = Counter((row["commitment"], row["effective_on"]) for row in ASSESSMENTS)
    assert set(days.values()) == {1}


def test_no_source_is_named_twice_for_one_event():
    for row in EVENTS:
        urls = [piece["url"] for piece in row["evidence"]]
        assert len(urls) == len(set(urls))


def test_the_notice_counts_right():
    pieces = [piece for row in EVENTS for piece in row["evidence"]]
    english = sum(piece["language"] == "en" for piece in pieces)
    unassessed = set(COMMITMENTS) - {row["commitment"] for row in ASSESSMENTS}
    assert unassessed == LEFT_UNASSESSED <= {row["commitment"] for row in EVENTS}
    years = {row["effective_on"][:4] for row in EVENTS}
    for said in RECORD["notice"].values():
        figures = [int(number) for number in re.findall(r"(?<![\d.])\d+(?![\d.])", said)]
        for count in (len(EVENTS), len(ASSESSMENTS), len(COMMITMENTS), len(pieces), english):
            assert count in figures
        assert int(min(years)) in figures
        assert int(max(years)) in figures
        assert all(number in said for number in LEFT_UNASSESSED)


# Loaded


@pytest.fixture
def loaded(iscc, reporter, reviewer):
    """Load the record; return the result and the file."""
    file = update_file.read_update_file(FILE)
    return update_load.load_updates(file, author=reporter, publisher=reviewer, at=NOW), file


def tones(as_of=None, known_at=None):
    clock = Clock(now=NOW, as_of=as_of, known_at=known_at)
    total = rollups.report(Commitment.objects.at(clock), None, clock).total
    return {tone.value: count for tone, count in total.tones.items() if count}


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_record_as_it_is_loaded(loaded, api, reporter, reviewer, get_page, signed_in, curator):
    """One test for all of it, because loading takes seconds."""
    result, file = loaded
    check_data(result, file, api, reporter, reviewer)
    check_origin_on_pages(file, get_page, signed_in, curator)
    check_page_of_forums(get_page)


def check_data(result, file, api, reporter, reviewer):
    assert (result.updates, result.forums, result.notice) == (len(RECORD["updates"]), 15, True)
    assert list(ledger_differences()) == []
    assert {row.meta["import"] for row in Decision.objects.exclude(action="load")} == {file.sha256}

    # `as_of` follows the events, `known_at` what the tracker had published.
    assert tones() == {"fulfilled": 4, "partial": 20, "none": 2, "unknown": 4}
    assert tones(as_of=date(2017, 3, 1)) == {"unknown": 30}
    assert tones(as_of=date(2020, 1, 1)) == {"fulfilled": 1, "partial": 9, "unknown": 20}
    assert tones(known_at=NOW - timedelta(seconds=1)) == {"unknown": 30}
    assert tones(known_at=NOW) == tones()
    again = update_load.load_updates(file, author=reporter, publisher=reviewer, at=NOW)
    assert (again.updates, again.differences) == (0, [])
    unassessed = Commitment.objects.filter(status=Status.UNASSESSED)
    assert set(unassessed.values_list("number", flat=True)) == LEFT_UNASSESSED

    # A forum shows the commitments of its predecessors.
    forum = api().get("/api/v1/commitments/", {"plan": "ISCC", "forum": "OEWG"}).json()
    assert [row["code"] for row in forum["results"]] == ["ISCC-2.1", "ISCC-5.3"]

    [event] = api().get("/api/v1/updates/", {"plan": "ISCC", "q": "UNIDIR"}).json()["results"]
    assert (event["effective_on"], event["date_precision"]) == ("2024-05-31", "month")
    assert event["loaded_from"] == file.sha256
    plan = api().get("/api/v1/plans/ISCC/").json()
    assert plan["notice"] == RECORD["notice"]


def check_origin_on_pages(file, get_page, signed_in, curator):
    paths = ("", "commitments/", "commitments/1.1/", "forums/", "forums/UN/", "goals/2/")
    for path in (*paths, "areas/5/", "commitments/1.1/history/", "methodology/"):
        english = get_page(f"/en/ISCC/{path}")
        assert "Example: the progress shown here is assessed from public sources" in english
        assert "/en/ISCC/methodology/#record" in english
        chinese = get_page(f"/zh-hans/ISCC/{path}")
        assert "示例：本页进展状态系根据公开资料评估" in chinese
        assert "/zh-hans/ISCC/methodology/#record" in chinese

    english, chinese = (
        get_page(f"/{language}/ISCC/commitments/1.1/") for language in ("en", "zh-hans")
    )
    assert "Loaded from a file" in english
    assert "文件导入" in chinese
    assert '<time datetime="2024-05">May 2024</time>' in english
    assert '<time datetime="2024-05">2024年5月</time>' in chinese
    assert "31 May 2024" not in english
    assert '<time datetime="2024">2024年</time>' in get_page("/zh-hans/ISCC/commitments/5.1/")

    page = get_page("/en/ISCC/methodology/")
    assert "151 public updates were loaded from a file on 25 November 2026" in page
    assert file.sha256 in page
    assert "66 assessments were made" in page

    staff = signed_in(curator)
    updates = staff.get("/admin/commitments/progressupdate/?q=UNIDIR").text
    assert "May 2024" in updates
    [event] = ProgressUpdate.objects.filter(external_ref="ev-1-1-3")
    page = staff.get(f"/admin/commitments/progressupdate/{event.pk}/change/").text
    assert f"Loaded from a file (SHA-256: {file.sha256})" in page


def check_page_of_forums(get_page):
    page = get_page("/en/ISCC/forums/")
    named, others = page.split("Other forums on record")
    assert "/forums/OEWG/" in named
    assert "/forums/ASEAN/" in others
    assert "ASEAN · 4 updates" in others
    assert named.index("/forums/UN/") < named.index("/forums/UNGA/") < named.index("/forums/OEWG/")
    assert "/forums/OEWG/" not in others
    row = r'<li class="indent-{}">\s*<div>\s*<p class="title">\s*<a href="/en/ISCC/forums/{}/'
    assert re.search(row.format(1, "UNGA"), named)
    assert re.search(row.format(2, "OEWG"), named)
    assert "Other forums on record" not in get_page("/en/ISCC/forums/?as_of=2017-03-01")

    other = PlanFactory(code="OTHER")
    CommitmentFactory(plan=other)
    assert "Other forums on record" not in get_page("/en/OTHER/forums/")
    page = get_page("/en/ISCC/forums/ASEAN/")
    assert "The plan does not name this forum; only updates do." in page
    assert "0 commitments" not in page


@pytest.mark.django_db
def test_files_of_another_plan_and_of_later_are_not_named(
    plan, duty, deliverable, forum, reporter, reviewer, noon, load, get_page
):
    PlanFactory(code="OTHER")
    load(publish_as=None)
    assert "SHA-256 of the file" not in get_page("/en/PLAN/methodology/")
    update = ProgressUpdate.objects.get(external_ref="event-1")
    steps.perform(update, Action.PUBLISH, reviewer)
    page = get_page("/en/PLAN/methodology/")
    assert "1 public update was loaded from a file on 1 July 2026" in page
    assert "SHA-256 of the file" not in get_page("/en/OTHER/methodology/")
    early = get_page("/en/PLAN/methodology/?known_at=2026-06-30T00:00:00Z")
    assert "SHA-256 of the file" not in early


@pytest.mark.django_db
def test_a_notice_of_one_line_leads_nowhere(plan, get_page):
    plan.notice = en_zh("", "试用。")
    plan.save()
    page = get_page("/en/PLAN/")
    marks = 'lang="zh" dir="ltr" data-script="Hans"'
    assert re.search(rf"<span {marks}>试用。</span>\s*</div>\s*</aside>", page)
