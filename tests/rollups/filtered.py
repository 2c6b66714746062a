"""A small record for tests of filters, to be read on 1 July 2026 (Shanghai).

UN has two parts, UNGGE and its successor OEWG; APEC has no relations. The updates by name:

update   of         effective    published   retracted   assessments          level   names   author
old      PLAN-1.3   2024-01-01   1 May       –           started         1       OEWG    reporter
mid      PLAN-1.2   2025-01-01   1 May       –           partly_active   1       UNGGE   reporter
done     PLAN-1.4   2023-01-01   1 May       –           completed       2       –       reporter
gone     OTHER-1    2026-04-01   1 May       20 June     active          3       –       reporter
new      PLAN-1.1   2026-06-01   10 June     –           active          3       –       reporter
plain    PLAN-1.5   2026-06-30   1 July      –           –               3       APEC    reporter
draft    PLAN-1.5   2026-07-01   –           –           –               3       –       reporter
"""

from datetime import UTC, date, datetime

from commitments.choices import Action, Kind
from commitments.models import Partnership
from tests import steps
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    MilestoneFactory,
    OfficeFactory,
    PlanFactory,
)
from tests.words import en_zh


def world(reporter, reviewer):
    """Create the record and return the updates by name."""
    plan, office = PlanFactory(code="PLAN"), OfficeFactory(code="OFFICE")
    office.members.add(reporter)
    OfficeFactory(code="IDLE")
    un, apec = ForumFactory(code="UN"), ForumFactory(code="APEC")
    gge = ForumFactory(code="UNGGE", parent=un)
    oewg = ForumFactory(code="OEWG", parent=un, successor_of=gge)
    goals = {n: GoalFactory(plan=plan, number=n) for n in (1, 2, 3)}
    areas = {n: AreaFactory(plan=plan, number=n) for n in (1, 2)}
    other = PlanFactory(code="OTHER")
    standing, deliverable = Kind.STANDING, Kind.DELIVERABLE

    def commit(number, kind, goal=None, area=None, forum=None, **fields):
        commitment = CommitmentFactory(
            plan=plan,
            number=number,
            position=int(number[-1]),
            kind=kind,
            goal=goals.get(goal),
            area=areas.get(area),
            **fields,
        )
        if forum:
            Partnership.objects.create(commitment=commitment, forum=forum)
        return commitment

    one = commit("1.1", standing, 1, 1, un, lead_office=office, title=en_zh("Keep the peace"))
    two = commit("1.2", standing, 1, 1, gge, text=en_zh(zh="维护网络和平"))
    two.supporting_goals.add(goals[2])
    three = commit("1.3", deliverable, 2, 2, oewg, due_on="2026-06-30")
    four = commit("1.4", deliverable, due_on="2026-12-31")
    four.supporting_offices.add(office)
    five = commit("1.5", standing, 2, 2, apec)
    MilestoneFactory(commitment=five, due_on="2026-08-01")
    six = CommitmentFactory(
        plan=other, number="1", position=1, goal=GoalFactory(plan=other, number=1)
    )
    may, june = (datetime(2026, month, 1 + 9 * (month - 5), tzinfo=UTC) for month in (5, 6))

    def publish(commitment, at, day, status, evidence, **fields):
        fields |= {"status": status, "evidence": [evidence], "effective_on": date(*day)}
        return steps.published(commitment, reporter, reviewer, at, **fields)

    gone = publish(six, may, (2026, 4, 1), "active", steps.REPORT)
    updates = {
        "old": publish(three, may, (2024, 1, 1), "started", steps.STATEMENT, forums=[oewg]),
        "mid": publish(two, may, (2025, 1, 1), "partly_active", steps.STATEMENT, forums=[gge]),
        "done": publish(four, may, (2023, 1, 1), "completed", steps.RESOLUTION),
        "gone": gone,
        "new": publish(
            one, june, (2026, 6, 1), "active", steps.REPORT, summary=en_zh("A treaty.", "条约")
        ),
    }
    at = datetime(2026, 6, 20, tzinfo=UTC)
    steps.perform(gone, Action.RETRACT, reviewer, at, note="Wrong.")
    updates["plain"] = publish(
        five, steps.NOW, (2026, 6, 30), None, steps.REPORT, forums=[apec], external_ref="A-1"
    )
    updates["draft"] = steps.draft(five, reporter)
    return updates
