"""Every index has a query that is answered by it, on both databases."""

import re
from datetime import UTC, datetime

import pytest
from django.apps import apps

from commitments.choices import Role, State
from commitments.clocks import Clock
from commitments.models import (
    Commitment,
    Decision,
    KnownDate,
    LinkCheck,
    Mail,
    NothingNew,
    PlanFile,
    ProgressUpdate,
    RecordedContent,
    ReportCall,
    TaskRun,
    WebhookAttempt,
)
from tests.explaining import plan_with
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 1, tzinfo=UTC)
PAST = Clock(AT, known_at=AT)
UPDATES = ProgressUpdate.objects
READ_BY = {
    "commitment_current_state": Commitment.objects.filter(plan=1).order_by("position"),
    "content_of_subject": RecordedContent.objects.of("commitment", "PLAN-1.1"),
    "decision_erasure": Decision.objects.erasures()[:20],
    "decision_of_update": Decision.objects.filter(update=1).in_order(),
    "known_date_of_commitment": KnownDate.objects.filter(commitment=1, name="due_on"),
    "link_check_latest": LinkCheck.objects.filter(evidence=1).order_by("-pk")[:1],
    "mail_due": Mail.objects.due(AT),
    "nothing_new_latest": NothingNew.objects.filter(commitment=1).order_by("-at")[:1],
    "plan_file_of_plan": PlanFile.objects.filter(plan=1).order_by("-pk")[:1],
    "report_call_latest": ReportCall.objects.filter(plan=1).order_by("-pk")[:1],
    "taskrun_latest": TaskRun.objects.filter(task="backup").order_by("-started_at")[:1],
    "update_by_external_ref": UPDATES.filter(external_ref__in=["A", "B"]).order_by("-pk"),
    "update_by_state": UPDATES.filter(state=State.SUBMITTED).order_by("-pk"),
    "update_end_of_chain": UPDATES.filter(chain__in=[1, 2], state=State.PUBLISHED),
    "update_latest_assessment": UPDATES.filter(commitment=1).published_by(PAST).assessments()[:1],
    "update_latest_published": UPDATES.filter(commitment=1).published().assessments()[:1],
    "webhookattempt_age": WebhookAttempt.objects.filter(at__lt=AT),
    "webhookattempt_log": WebhookAttempt.objects.filter(subscriber=1).order_by("-pk")[:50],
}


@pytest.mark.parametrize("index", READ_BY)
def test_a_query_is_answered_by(index):
    assert index in plan_with(index, READ_BY[index])


def test_no_index_is_without_its_query():
    models = apps.get_app_config("commitments").get_models()
    assert {index.name for model in models for index in model._meta.indexes} == set(READ_BY)


def test_what_an_officer_may_see_is_found_by_the_states_of_updates():
    officer = UserFactory(roles=[Role.REPORTER])
    seen = UPDATES.visible_to(officer).values("id")
    assert re.search(r"update_by_state\b", plan_with("update_by_state", seen))


SELECTED = Commitment.objects.selectable_at(Clock(AT), [])


@pytest.mark.parametrize(
    "rows",
    [
        SELECTED.filter(freshness="lapsed").values("id"),
        SELECTED.filter(assessment_status="active", assessment_level__gte=2).values("id"),
        SELECTED.filter(action_on__gte=AT.date()).order_by("known_due_on").values("id"),
        SELECTED.order_by("assessment_effective_on").values("id"),
    ],
)
def test_commitments_are_selected_and_sorted_without_reading_their_rows(rows):
    # PostgreSQL would read an index alone only if it knew the table as large.
    plan = plan_with("commitment_current_state", rows, "bitmapscan")
    assert re.search("(COVERING INDEX|Index Only Scan using) commitment_current_state", plan)
