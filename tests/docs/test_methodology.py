"""docs/rules.md agrees with the tables of `choices`, the example of docs/methodology.md with the
record."""

import re
from pathlib import Path

import pytest
import yaml
from django.utils import translation

from commitments.choices import (
    ACTIONS,
    METHODOLOGY,
    STATUS_RULES,
    CoverageGap,
    EventType,
    FindingResult,
    Freshness,
    Kind,
    Movement,
    RatingOutcome,
    Reading,
    Schedule,
    Source,
    statuses_where,
)
from tests import methodology
from tests.methodology import PAGE, rows

pytestmark = pytest.mark.alike

BRIEF = Path("docs/methodology.md").read_text(encoding="utf-8")


def english(label):
    with translation.override("en"):
        return str(label)


def chinese(label):
    with translation.override("zh-hans"):
        return str(label)


def test_the_version_is_the_code_s():
    assert PAGE.startswith(f"# Rules of methodology, version {METHODOLOGY}\n")
    assert BRIEF.startswith(f"# Methodology, version {METHODOLOGY}\n")


def test_the_methodology_takes_five_minutes():
    """At 240 words a minute, tables included."""
    assert len(BRIEF.split()) <= 5 * 240


def test_every_status_has_its_row():
    def evidence(rule):
        return "search note" if rule.search_note else str(rule.least_evidence or "–")

    assert rows("Statuses")[1:] == [
        [
            status.value,
            "both" if len(rule.kinds) == len(Kind) else rule.kinds[0].value,
            english(status.label),
            chinese(status.label),
            evidence(rule),
            rule.tone.value,
        ]
        for status, rule in STATUS_RULES.items()
    ]


def test_every_source_has_its_level():
    levels = {row[0]: row[1] for row in rows("Evidence levels")[2:]}
    assert levels == {
        str(source.level): f"{source.value}`, {english(source.label)}" for source in Source
    }


@pytest.mark.parametrize(
    ("heading", "codes"), [("Freshness", Freshness), ("Schedule", Schedule), ("Roll-ups", Reading)]
)
def test_every_code_has_its_label(heading, codes):
    labels = {row[0]: row[1] for row in rows(heading)}
    assert {code: labels.get(code) for code in codes.values()} == {
        code.value: english(code.label) for code in codes
    }


def test_the_gaps_of_coverage_are_those_of_the_code():
    assert [row[0] for row in rows("Weak basis")[1:]] == CoverageGap.values()


def test_every_event_type_has_its_row():
    assert [row[:4] for row in rows("Events")[1:]] == [
        [code.value, english(code.label), chinese(code.label), "yes" if code.is_action else "no"]
        for code in EventType
    ]


def test_every_finding_has_its_row():
    assert rows("Criteria")[1:] == [
        [code.value, english(code.label), chinese(code.label)] for code in FindingResult
    ]


def test_every_movement_has_its_row():
    text = " ".join(" ".join(row) for row in rows("Comparison of two dates"))
    for code in Movement:
        assert code.value in text
        assert english(code.label) in text


def test_the_scale_of_the_comparison_is_that_of_the_code():
    section = PAGE[PAGE.index("## Comparison of two dates") :]
    scale = section[section.index(": `not_achieved`") + 2 : section.index(".\n\n| code")]
    ranks = [set(re.findall(r"`(\w+)`", part)) for part in scale.split("<")]
    assert ranks == [
        {status.value for status, rule in STATUS_RULES.items() if rule.rank == rank}
        for rank in range(len(ranks))
    ]


def test_the_example_is_in_the_record():
    updates = {item["external_ref"]: item for item in record()["updates"]}
    assessment = updates["a-1.2-2026-10-31"]
    found = {
        key: (finding["result"], [updates[ref]["event_type"] for ref in finding["events"]])
        for key, finding in assessment["findings"].items()
    }
    assert found == {
        "a": ("shown", ["participation", "statement", "statement"]),
        "b": ("in_part", ["statement"]),
        "c": ("in_part", ["statement"]),
    }
    assert (assessment["covers_from"], assessment["status"]) == ("2025-01-01", "partly_active")
    [context] = [ref for ref in assessment["rests_on"] if updates[ref]["event_type"] == "context"]
    assert "13 countries" in updates[context]["summary"]["en"]
    sources = [item["source"] for item in updates["ev2-1-2-9"]["evidence"]]
    assert sources == ["independent"]
    actions = [
        (item["effective_on"], item["event_type"])
        for item in updates.values()
        if item["commitment"] == "1.2" and item.get("event_type") in ACTIONS
    ]
    assert max(actions) == ("2025-10-31", "statement")
    newest = [
        max(
            item["effective_on"]
            for item in updates.values()
            if item["commitment"] == number and item.get("event_type") in ACTIONS
        )
        for number in ("1.1", "1.2", "1.3")
    ]
    assert all(day < "2025-11-27" for day in newest)
    statuses = [updates[f"a-1.{n}-2026-10-31"]["status"] for n in (1, 2, 3)]
    assert statuses == ["partly_active"] * 3


def record():
    path = Path("fixtures/iscc/public-record.yaml")
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def test_the_statuses_that_do_not_age_or_end_a_schedule_are_those_of_the_code():
    assert set(statuses_where(settled=True)) == methodology.SETTLED
    assert set(statuses_where(final=True)) == methodology.FINAL


def test_every_outcome_of_a_second_rating_has_its_row():
    codes = [code.value for code in RatingOutcome]
    assert [row[0] for row in rows("Second ratings") if row[0] in codes] == codes
