"""docs/methodology.md agrees with the tables of `choices`."""

import pytest
from django.utils import translation

from commitments.choices import (
    METHODOLOGY,
    STATUS_RULES,
    CoverageGap,
    Freshness,
    Kind,
    Reading,
    Schedule,
    Source,
    statuses_where,
)
from tests import methodology
from tests.methodology import PAGE, rows

pytestmark = pytest.mark.alike


def english(label):
    with translation.override("en"):
        return str(label)


def chinese(label):
    with translation.override("zh-hans"):
        return str(label)


def test_the_version_is_the_code_s():
    assert PAGE.startswith(f"# Methodology, version {METHODOLOGY}\n")


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
    assert [row[0] for row in rows("Thin evidence")[1:]] == CoverageGap.values()


def test_the_statuses_that_do_not_age_or_end_a_schedule_are_those_of_the_code():
    assert set(statuses_where(settled=True)) == methodology.SETTLED
    assert set(statuses_where(final=True)) == methodology.FINAL
