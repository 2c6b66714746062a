"""`verify_ledger` names what an update refers to of another commitment, where keys are the same."""

import pytest

from commitments.workflow import FindingFields
from tests.factories import CommitmentFactory, CriterionFactory, MilestoneFactory
from tests.steps import published, record_loaded
from tests.verification.tampering import sql, verify

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture
def twins(duty, reporter, reviewer):
    """An update on each of two commitments, with the same criterion, milestone and event."""
    other = CommitmentFactory(plan=duty.plan, number="8.1", position=8)
    found = []
    for commitment in (duty, other):
        rows = [CriterionFactory(commitment=commitment, key=key) for key in "ab"]
        step = MilestoneFactory(commitment=commitment, key="m1", is_known=False)
        found.append({"commitment": commitment, "criterion": rows[0], "milestone": step})
    record_loaded(duty.plan)
    for twin in found:
        fields = {"criteria": ["a"], "meets": ["m1"]}
        twin["event"] = published(twin["commitment"], reporter, reviewer, **fields)
        findings = {"a": FindingFields("shown", [twin["event"].pk])}
        findings["b"] = FindingFields("not_shown")
        twin["assessment"] = published(
            twin["commitment"], reporter, reviewer, status="partly_active", findings=findings
        )
    return found


REFERENCES = {
    "criteria": ("progressupdate_criteria", "criterion_id", "criterion", "event"),
    "meets": ("progressupdate_meets", "milestone_id", "milestone", "event"),
    "findings": ("finding", "criterion_id", "criterion", "assessment"),
    "events of findings": ("finding_events", "progressupdate_id", "event", "assessment"),
    "rests_on": ("basis", "event_id", "event", "assessment"),
}


@pytest.mark.parametrize(
    ("table", "column", "target", "source"), REFERENCES.values(), ids=REFERENCES
)
def test_a_reference_to_another_commitment_is_named(twins, table, column, target, source):
    mine, theirs = twins
    assert verify() == []
    where = "update_id = %s AND " if table in ("finding", "basis") else ""
    values = [mine[source].pk] if where else []
    sql(
        f"UPDATE commitments_{table} SET {column} = %s WHERE {where}{column} = %s",
        theirs[target].pk,
        *values,
        mine[target].pk,
    )
    place = f"update {mine[source].pk}."
    message = ": refers to what belongs to another commitment"
    assert any(line.startswith(place) and line.endswith(message) for line in verify())
