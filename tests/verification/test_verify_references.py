"""`verify_ledger` names what updates and commitments refer to that does not exist, or that belongs
to another commitment or plan, where keys are the same."""

import pytest
from django.db import transaction

from commitments.choices import Action
from commitments.models import Commitment
from commitments.workflow import FindingFields
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    CriterionFactory,
    GoalFactory,
    MilestoneFactory,
    PlanFactory,
)
from tests.steps import published, record_loaded
from tests.verification.tampering import change, differs, sql, verify

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture
def twins(duty, reporter, reviewer, forum):
    """An update on each of two commitments, with the same criterion, milestone and event."""
    other = CommitmentFactory(plan=duty.plan, number="8.1", position=8)
    found = []
    for commitment in (duty, other):
        rows = [
            CriterionFactory(commitment=commitment, key=key, position=position)
            for position, key in enumerate("ab", start=1)
        ]
        step = MilestoneFactory(commitment=commitment, key="m1", is_known=False)
        found.append({"commitment": commitment, "criterion": rows[0], "milestone": step})
    record_loaded(duty.plan)
    for twin in found:
        fields = {"criteria": ["a"], "meets": ["m1"], "forums": [forum]}
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


@pytest.mark.parametrize("field", ["goal", "area", "supporting_goals"])
def test_a_goal_or_an_area_of_another_plan_is_named(duty, field):
    """Contents have their numbers only, which other plans have too."""
    other = PlanFactory(code="OTHER")
    rows = {"goal": GoalFactory, "area": AreaFactory}
    mine, theirs = (
        {name: make(plan=plan, number=7) for name, make in rows.items()}
        for plan in (duty.plan, other)
    )
    Commitment.objects.filter(pk=duty.pk).update(**mine)
    duty.supporting_goals.add(mine["goal"])
    record_loaded(duty.plan)
    record_loaded(other)
    assert verify() == []
    if field == "supporting_goals":
        duty.supporting_goals.set([theirs["goal"]])
    else:
        change("commitment", f"{field}_id", theirs[field].pk, duty.pk)
    assert verify() == [f"commitment PLAN-1.1.{field}: refers to what belongs to another plan"]


NOWHERE = 999_999


@pytest.fixture
def unchecked():
    """Keep foreign keys from being checked, which happens at the end of the transaction."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("field", "table", "column", "source"),
    [
        ("forums", "progressupdate_forums", "forum_id", "event"),
        ("criteria", "progressupdate_criteria", "criterion_id", "event"),
        ("meets", "progressupdate_meets", "milestone_id", "event"),
        ("findings", "finding", "criterion_id", "assessment"),
        ("findings", "finding_events", "progressupdate_id", "assessment"),
        ("rests_on", "basis", "event_id", "assessment"),
        ("evidence", "evidence", "publisher_id", "assessment"),
    ],
)
def test_a_reference_to_nothing_is_named(twins, unchecked, field, table, column, source):
    *_others, last = twins
    sql(
        f"UPDATE commitments_{table} SET {column} = %s "
        f"WHERE id = (SELECT MAX(id) FROM commitments_{table})",
        NOWHERE,
    )
    assert f"update {last[source].pk}.{field}: refers to what does not exist" in verify()


def test_an_added_basis_that_does_not_exist_changes_the_content(twins, unchecked):
    event = twins[0]["event"]
    sql(
        "INSERT INTO commitments_basis (update_id, event_id, counts) VALUES (%s, %s, %s)",
        event.pk,
        NOWHERE,
        True,
    )
    assert verify() == [
        *differs(event, Action.SUBMIT),
        f"update {event.pk}.rests_on: refers to what does not exist",
    ]


def test_an_added_finding_on_a_criterion_that_does_not_exist_is_named(twins, unchecked):
    assessment = twins[0]["assessment"]
    sql(
        "INSERT INTO commitments_finding (update_id, criterion_id, result) VALUES (%s, %s, %s)",
        assessment.pk,
        NOWHERE,
        "shown",
    )
    assert verify() == [f"update {assessment.pk}.findings: refers to what does not exist"]
