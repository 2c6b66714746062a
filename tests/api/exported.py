"""Lists as files: a plan with two commitments, and what a file of them says."""

import csv
import io
from copy import deepcopy

import pytest

from commitments.choices import Kind
from commitments.models import Partnership
from tests import steps
from tests.factories import AreaFactory, CommitmentFactory, GoalFactory, OfficeFactory
from tests.fixtures import worlds
from tests.words import en_zh

LIST, UPDATES = "/api/v1/commitments/", "/api/v1/updates/"


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with worlds.shared_world(django_db_blocker):
        yield build()


@pytest.fixture
def world(db, built):
    """A duty with all that a row can have, and a deliverable with as little as it can have."""
    return deepcopy(built)


def build():
    reporter, reviewer, _curator = worlds.people()
    plan, forum, office = worlds.the_plan(), worlds.the_forum(), worlds.the_office()
    plan.locality, plan.plan_number = "Nowhere", "7"
    plan.notice = en_zh("A trial.", "试运行。")
    plan.save()
    full = CommitmentFactory(
        plan=plan,
        number="3.1",
        position=1,
        area=AreaFactory(plan=plan, number=3, title=en_zh("An area")),
        goal=GoalFactory(plan=plan, number=2),
        lead_office=office,
        start_on="2020-01-01",
        title=en_zh("=1+1"),
    )
    full.supporting_goals.add(GoalFactory(plan=plan, number=5), GoalFactory(plan=plan, number=4))
    full.supporting_offices.add(OfficeFactory(code="HELP", name=en_zh("Helpers")))
    Partnership.objects.create(commitment=full, forum=forum)
    bare = CommitmentFactory(
        plan=plan, number="3.2", position=2, kind=Kind.DELIVERABLE, due_on="2030-01-01"
    )
    office.members.add(reporter)
    steps.published(full, reporter, reviewer, status="active", forums=[forum])
    return full, bare


def content_of(answer):
    assert answer.status_code == 200, answer.content
    # Read to its end, it is closed.
    return b"".join(answer)


@pytest.fixture
def table(api):
    """`table(LIST, user, plan="PLAN")` is a list of dictionaries."""

    def table(path, user=None, **query):
        content = content_of(api(user).get(f"{path}export/", {"format": "csv", **query}))
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))

    return table
