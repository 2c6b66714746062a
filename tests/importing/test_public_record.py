"""The example record holds what docs/public-record.md says, and follows the methodology.

The rules are written out here once more and read from the plain file, so that a mistake in the code
of the workflow does not hide a mistake in the record.
"""

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from commitments.exceptions import UpdateFileError
from commitments.importing import yaml_file
from tests.methodology import ASSESSMENTS as STATUS_ROWS

pytestmark = pytest.mark.alike

RECORD = yaml_file.read_yaml("fixtures/iscc/public-record.yaml", UpdateFileError).value
PLAN = yaml_file.read_yaml("fixtures/iscc/plan.yaml", UpdateFileError).value
COMMITMENTS = {row["number"]: row for row in PLAN["commitments"]}
CRITERIA = {
    number: [criterion["key"] for criterion in row["criteria"]]
    for number, row in COMMITMENTS.items()
}
LANGUAGES = set(PLAN["plan"]["languages"])
UPDATES = RECORD["updates"]
EVENTS = {row["external_ref"]: row for row in UPDATES if "event_type" in row}
ASSESSMENTS = [row for row in UPDATES if "status" in row]
SOURCES = [piece for row in EVENTS.values() for piece in row["evidence"]]
FINDINGS = [(row, key, finding) for row in ASSESSMENTS for key, finding in row["findings"].items()]
DOCS = Path("docs/public-record.md").read_text(encoding="utf-8")

SEARCHED_UNTIL = "2026-11-26"
PERIODS = {
    "2018-12-31": "2017-03-01",
    "2020-12-31": "2019-01-01",
    "2022-12-31": "2021-01-01",
    "2024-12-31": "2023-01-01",
    "2026-10-31": "2025-01-01",
}
ACTIONS = {"statement", "participation", "contribution", "instrument", "outcome"}
LEVELS = {"statement": 1, "official": 2, "independent": 3}
TWO_INTERVALS = timedelta(days=2 * 365)


def day(row, key="effective_on"):
    return date.fromisoformat(row[key])


def broken_by(rows, keeps):
    """Return the references of the rows that break a rule."""
    return [row["external_ref"] for row in rows if not keeps(row)]


def counts_in_docs(heading):
    """Return the first and the last cell of each row of the table under a heading of the page."""
    section = DOCS.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip().strip("`"): int(cells[-1]) for cells in lines}


# What it holds


def test_it_has_277_events_of_seven_types():
    assert len(EVENTS) == 277
    assert Counter(row["event_type"] for row in EVENTS.values()) == {
        "participation": 75,
        "statement": 65,
        "instrument": 60,
        "context": 42,
        "contribution": 19,
        "outcome": 14,
        "contrary": 2,
    }


def test_it_has_an_assessment_of_each_commitment_for_each_of_five_periods():
    assert len(UPDATES) == 277 + 150
    assert sorted((row["commitment"], row["effective_on"]) for row in ASSESSMENTS) == sorted(
        (number, last) for number in COMMITMENTS for last in PERIODS
    )


def test_it_has_359_pieces_of_evidence_with_307_addresses():
    assert len(SOURCES) == 359
    assert len({piece["url"] for piece in SOURCES}) == 307
    assert Counter(piece["source"] for piece in SOURCES) == {
        "independent": 194,
        "statement": 151,
        "official": 14,
    }


def test_it_answers_124_criteria_620_times():
    assert sum(len(keys) for keys in CRITERIA.values()) == 124
    assert Counter(finding["result"] for _row, _key, finding in FINDINGS) == {
        "not_shown": 391,
        "shown": 125,
        "in_part": 103,
        "against": 1,
    }


def test_it_gives_six_statuses():
    assert Counter(row["status"] for row in ASSESSMENTS) == {
        "partly_active": 98,
        "no_evidence": 32,
        "started": 14,
        "stalled": 3,
        "substantial": 2,
        "active": 1,
    }


def test_the_docs_count_right():
    assert counts_in_docs("Events") == Counter(row["event_type"] for row in EVENTS.values())
    assert counts_in_docs("Assessments") == Counter(row["status"] for row in ASSESSMENTS)
    assert counts_in_docs("Findings") == Counter(row["result"] for _row, _key, row in FINDINGS)
    assert counts_in_docs("Sources") == Counter(piece["source"] for piece in SOURCES)
    text = " ".join(DOCS.split())
    english = sum(piece["language"] == "en" for piece in SOURCES)
    languages = len({piece["language"] for piece in SOURCES})
    dated = sum("dated_on" in piece for piece in SOURCES)
    unclear = sum("date_precision" in row for row in EVENTS.values())
    for words in (
        f"{len(EVENTS)} events and {len(ASSESSMENTS)} assessments",
        f"{len(SOURCES)} pieces of evidence with {len({row['url'] for row in SOURCES})} addresses",
        f"{english} of {len(SOURCES)} are in English, the others in {languages - 1} languages",
        f"{dated} have a date of their own",
        f"of {unclear} events only the month or the year is known",
        f"{len(FINDINGS)} findings on {sum(map(len, CRITERIA.values()))} criteria",
    ):
        assert words in text


def test_the_notice_counts_right():
    years = {row["effective_on"][:4] for row in EVENTS.values()}
    addresses = {piece["url"] for piece in SOURCES}
    expected = {len(EVENTS), len(ASSESSMENTS), len(COMMITMENTS), len(addresses)}
    expected |= {int(min(years)), int(max(years))}
    assert set(RECORD["notice"]) == LANGUAGES
    for said in RECORD["notice"].values():
        assert expected <= {int(number) for number in re.findall(r"\d+", said)}
    assert "ended on 26 November 2026" in RECORD["notice"]["en"]
    assert "截至2026年11月26日" in RECORD["notice"]["zh"]


# Events


def test_no_event_is_before_the_plan_or_after_the_search():
    def keeps(row):
        return PLAN["plan"]["adopted_on"] <= row["effective_on"] <= SEARCHED_UNTIL

    assert PLAN["plan"]["adopted_on"] == "2017-03-01"
    assert broken_by(EVENTS.values(), keeps) == []


def test_an_imprecise_date_is_written_as_the_last_day_of_its_period():
    def keeps(row):
        following = day(row) + timedelta(days=1)
        is_last = {
            "day": True,
            "month": following.day == 1,
            "year": (following.month, following.day) == (1, 1),
        }
        return is_last[row.get("date_precision", "day")]

    assert broken_by(UPDATES, keeps) == []


def test_an_event_bears_on_criteria_of_its_commitment():
    def keeps(row):
        return set(row.get("criteria", [])) <= set(CRITERIA[row["commitment"]])

    assert broken_by(EVENTS.values(), keeps) == []


def test_an_event_is_no_assessment_at_once():
    assert not {row["external_ref"] for row in ASSESSMENTS} & set(EVENTS)


def test_an_event_has_public_evidence_with_an_address_that_it_names_once():
    def keeps(row):
        urls = [piece["url"] for piece in row["evidence"]]
        is_public = all(piece.get("public", True) for piece in row["evidence"])
        return urls and is_public and len(urls) == len(set(urls))

    assert broken_by(EVENTS.values(), keeps) == []


def test_titles_are_in_both_languages_and_that_of_the_source_and_publishers_in_both():
    for piece in SOURCES:
        assert set(piece["title"]) == LANGUAGES | {piece["language"]}, piece["url"]
        assert set(piece["publisher"]) == LANGUAGES, piece["url"]


def test_what_happened_is_written_in_english_and_chinese_each_in_its_own_writing():
    def keeps(row):
        en, zh = row["summary"]["en"], row["summary"]["zh"]
        chinese = re.search(r"[一-鿿]", zh) and not re.search(r"[,;:?!] ?[一-鿿]", zh)
        return chinese and not re.search(r"[一-鿿]", en)

    assert broken_by(UPDATES, keeps) == []


# Assessments


def test_an_assessment_answers_every_criterion_of_its_commitment():
    def keeps(row):
        return list(row["findings"]) == CRITERIA[row["commitment"]]

    assert broken_by(ASSESSMENTS, keeps) == []


def test_a_finding_names_earlier_events_of_its_commitment_that_list_the_criterion():
    for row, key, finding in FINDINGS:
        for reference in finding.get("events", []):
            event = EVENTS[reference]
            place = (row["external_ref"], key, reference)
            assert event["commitment"] == row["commitment"], place
            assert event["effective_on"] <= row["effective_on"], place
            assert key in event.get("criteria", []), place


def test_a_finding_that_shows_something_names_an_event_and_no_other_does():
    for row, key, finding in FINDINGS:
        is_shown = finding["result"] != "not_shown"
        assert bool(finding.get("events")) == is_shown, (row["external_ref"], key)


def test_an_assessment_rests_on_events_of_its_period_or_on_a_search():
    def keeps(row):
        first = row.get("covers_from", PLAN["plan"]["adopted_on"])
        days = [EVENTS[reference]["effective_on"] for reference in bases(row)]
        in_period = all(first <= on <= row["effective_on"] for on in days)
        return in_period and bool(days) != bool(row.get("search_note"))

    assert broken_by(ASSESSMENTS, keeps) == []


def test_an_assessment_has_no_evidence_and_no_forums_of_its_own():
    assert broken_by(ASSESSMENTS, lambda row: not {"evidence", "forums"} & set(row)) == []


def test_an_assessment_of_a_duty_and_no_other_covers_a_period():
    def keeps(row):
        is_standing = COMMITMENTS[row["commitment"]]["kind"] == "standing"
        return row.get("covers_from") == (PERIODS[row["effective_on"]] if is_standing else None)

    assert broken_by(ASSESSMENTS, keeps) == []
    assert all(
        date.fromisoformat(last) - date.fromisoformat(first) <= TWO_INTERVALS
        for last, first in PERIODS.items()
    )


# The rules of the methodology


def bases(row):
    """Return the references of all events on which an assessment rests."""
    named = {key for finding in row["findings"].values() for key in finding.get("events", [])}
    return named | set(row.get("rests_on", []))


def level(row):
    """Return the highest level of the events that a finding names, unless as `not_shown`."""
    named = {
        reference
        for finding in row["findings"].values()
        if finding["result"] != "not_shown"
        for reference in finding.get("events", [])
    }
    pieces = [piece for reference in named for piece in EVENTS[reference]["evidence"]]
    return max((LEVELS[piece["source"]] for piece in pieces), default=0)


def has_acted(row):
    """Return whether an assessment of a duty rests on an action of its period."""
    return any(
        EVENTS[key]["event_type"] in ACTIONS
        and row["covers_from"] <= EVENTS[key]["effective_on"] <= row["effective_on"]
        for key in bases(row)
    )


def has_stalled(row):
    """Return whether there was no action, and nothing newly shown, within two intervals."""
    shown = {
        key
        for finding in row["findings"].values()
        if finding["result"] in ("shown", "in_part")
        for key in finding.get("events", [])
    }
    recent = [
        event
        for event in EVENTS.values()
        if event["commitment"] == row["commitment"]
        and day(row) - TWO_INTERVALS < day(event) <= day(row)
    ]
    return not any(
        event["event_type"] in ACTIONS or event["external_ref"] in shown for event in recent
    )


def permitted(row):
    """Return the statuses that follow from the findings of an assessment."""
    results = [finding["result"] for finding in row["findings"].values()]
    shown = results.count("shown")
    some = shown + results.count("in_part") > 0
    if COMMITMENTS[row["commitment"]]["kind"] == "standing":
        against = {"contrary"} if "against" in results else set()
        if not (some and has_acted(row)):
            return against | {"no_evidence", "inactive"}
        is_active = shown == len(results) and level(row) >= STATUS_ROWS["active"].least_evidence
        return against | ({"active"} if is_active else {"partly_active"})
    if shown == len(results):
        return (
            {"completed"} if level(row) >= STATUS_ROWS["completed"].least_evidence else {"started"}
        )
    if not some:
        return {"not_started", "no_evidence"}
    substantial = {"substantial"} if shown * 2 > len(results) else set()
    return {"started"} | substantial | ({"stalled"} if has_stalled(row) else set())


def test_a_status_is_one_of_its_kind():
    def keeps(row):
        return COMMITMENTS[row["commitment"]]["kind"] in STATUS_ROWS[row["status"]].kinds

    assert broken_by(ASSESSMENTS, keeps) == []


def test_a_status_follows_from_the_findings():
    assert broken_by(ASSESSMENTS, lambda row: row["status"] in permitted(row)) == []


def test_a_status_has_its_least_evidence():
    def keeps(row):
        return level(row) >= STATUS_ROWS[row["status"]].least_evidence

    assert broken_by(ASSESSMENTS, keeps) == []


def test_a_status_that_needs_a_search_note_has_one_in_the_plans_languages_and_no_other_has():
    def keeps(row):
        needed = STATUS_ROWS[row["status"]].evidence == "search note"
        return set(row.get("search_note", ())) == (LANGUAGES if needed else set())

    assert broken_by(ASSESSMENTS, keeps) == []


def test_a_status_of_progress_rests_on_an_action_of_its_period():
    progress = [row for row in ASSESSMENTS if row["status"] in ("active", "partly_active")]
    assert broken_by(progress, has_acted) == []
    assert len(progress) == 99


def test_the_page_says_how_many_forums_are_identified_elsewhere():
    forums = [*PLAN["forums"], *RECORD["forums"]]
    identified = [row["code"] for row in forums if row.get("same_as")]
    assert len({row["code"] for row in forums}) == len(forums)
    assert f"Of the {len(forums)} forums of the plan and the record, {len(identified)} have" in DOCS


# How it is written

# Sentences that hide who said something, and those that begin with their object.
OBSCURE_ENGLISH = re.compile(
    r"\b(?:was|were|been) (?:told|reported)\b|\b(?:is|was) not said\b|\bit was (?:said|announced)\b"
    r"|(?:^|[.;] )(?:To|Who|Whom)\b"
)


def test_english_sentences_name_who_says_what_and_begin_with_their_subject():
    texts = {
        row["external_ref"]: f"{row['summary']['en']} {row.get('search_note', {}).get('en', '')}"
        for row in UPDATES
    }
    assert {key: text for key, text in texts.items() if OBSCURE_ENGLISH.search(text)} == {}
