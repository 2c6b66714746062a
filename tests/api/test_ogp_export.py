"""`?format=ogp`: the columns of the Open Government Partnership, and ours after them."""

import re
from pathlib import Path

import pytest

from commitments.choices import Kind, Status
from commitments.exports import commitments, ogp
from tests.api.exported import LIST, built, table, world
from tests.factories import CommitmentFactory, PlanFactory
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon"), pytest.mark.django_db]

__all__ = ["built", "table", "world"]  # fixtures

OGP = [
    ("Commitment Unique Identifier", "PLAN-3.1"),
    ("Country/Locality", "Nowhere"),
    ("Action Plan Number", "7"),
    ("Commitment Number", "3.1"),
    ("Theme", "An area"),
    ("Commitment Title", "'=1+1"),
    ("Short Title", "'=1+1"),
    ("Full Text", "It will be done."),
    ("Start Date", "2020-01-01"),
    ("End Date", ""),
    ("Lead Institution", "An office"),
    ("Supporting Institution(s)", "Helpers"),
    ("Completion (Progress Report)", "NA"),
    ("URL", "http://testserver/en/PLAN/commitments/3.1/"),
]


def test_the_columns_of_the_partnership_come_first_then_ours(table, world):
    full, _bare = world
    full.refresh_from_db()
    full.text, office = en_zh("It will be done.", ""), full.lead_office
    full.save()
    office.name = en_zh("An office", "")
    office.save()
    row, other = table(LIST, format="ogp")
    assert list(row.items())[: len(OGP)] == OGP
    assert all(name.startswith("x_") for name in list(row)[len(OGP) :])
    assert (row["x_status"], row["x_kind"], row["x_forums"]) == ("active", "standing", "FORUM")
    assert (other["End Date"], other["Theme"], other["Lead Institution"]) == ("2030-01-01", "", "")


def test_a_plan_without_english_is_exported_in_chinese(table, db):
    plan = PlanFactory(code="CHINESE")
    CommitmentFactory(plan=plan, number="1", title=en_zh("", "举办论坛"), text=en_zh("", "举办。"))
    [row] = table(LIST, format="ogp", plan="CHINESE")
    assert (row["Commitment Title"], row["Full Text"]) == ("举办论坛", "举办。")


COMPLETION = dict(
    re.findall(
        r"^\| deliverable \| `(\w+)` \| ([\w ]+) \|$",
        Path("docs/ogp-export.md").read_text("utf-8"),
        re.MULTILINE,
    )
)


@pytest.mark.parametrize("status", Status.values())
def test_completion_is_given_for_deliverables_whose_status_implies_it(status):
    for kind in Kind:
        commitment = type("Assessed", (), {"kind": kind, "assessment_status": status})
        row = commitments.CommitmentRow(commitment, None, "")
        expected = "NA" if kind == Kind.STANDING else COMPLETION.get(status, "")
        assert ogp.completion(row) == expected
