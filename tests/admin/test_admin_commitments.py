"""Commitments in the admin: their list, their pages, assignment, and updates under review."""

from datetime import date

import pytest

from commitments.curation import history
from commitments.models import Commitment, Partnership, Plan
from tests.curation.forms import errors, form, version
from tests.factories import (
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    MilestoneFactory,
    OfficeFactory,
)
from tests.steps import (
    NOW,
    published,
    record_loaded,
    submitted,
)
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

LIST = "/admin/commitments/commitment/"


@pytest.fixture
def list_numbers(signed_in, reporter):
    """`list_numbers(query)` returns the numbers of the commitments in the list."""

    def list_numbers(query):
        rows = signed_in(reporter).get(f"{LIST}?{query}").context["cl"].result_list
        return [row.number for row in rows]

    return list_numbers


@pytest.fixture
def several(plan, duty, deliverable, office, reporter, reviewer):
    published(duty, reporter, reviewer, status="active", effective_on=date(2025, 6, 1))
    deliverable.due_on, deliverable.text = "2026-01-01", en_zh(zh="推动数字经济合作")
    deliverable.lead_office, deliverable.goal = office, None
    deliverable.save()
    forum = ForumFactory(code="UNGA", parent=ForumFactory(code="UN"))
    Partnership.objects.create(commitment=duty, forum=forum)
    Commitment.objects.filter(pk=duty.pk).update(goal=GoalFactory(plan=plan, number=1))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["1.1", "1.2"]),
        ("q=经济", ["1.2"]),
        ("q=PLAN-1.1", ["1.1"]),
        ("q=FORUM take", ["1.1", "1.2"]),
        ("q=nothing", []),
        ("freshness=due", ["1.1"]),
        ("schedule=overdue", ["1.2"]),
        ("status__exact=active", ["1.1"]),
        ("kind__exact=deliverable", ["1.2"]),
        ("forum=UN", ["1.1"]),
        ("office=OFFICE", ["1.2"]),
        ("office=-", ["1.1"]),
    ],
)
def test_commitments_are_found_by_words_and_filters(query, numbers, list_numbers, several):
    assert list_numbers(query) == numbers


@pytest.mark.long
def test_a_commitments_page_shows_its_text_marked_its_assessment_and_its_updates(
    signed_in, duty, reporter, reviewer
):
    Partnership.objects.create(
        commitment=duty, forum=ForumFactory(code="ARF"), quote=en_zh(zh="论坛")
    )
    update = published(duty, reporter, reviewer, status="active", effective_on=date(2025, 6, 1))
    submitted(duty, reporter)
    page = " ".join(signed_in(reviewer).get(f"{LIST}{duty.pk}/change/").text.split())
    assert '积极参与<mark title="ARF">论坛</mark>。' in page
    assert "<strong>Active</strong> · 1 June 2025 · Due for review · Third-party source" in page
    assert f"/admin/updates/{update.pk}/" in page
    assert "In review" in page
    log = '<a class="addlink" href="/admin/log/PLAN-1.1/">Log progress</a>'
    assert log not in page
    assert log in signed_in(reporter).get(f"{LIST}{duty.pk}/change/").text


# Assigning


def assign(client, rows, **sent):
    selection = {"action": "assign", "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, selection | sent)


@pytest.mark.long
def test_offices_and_a_due_date_are_assigned_to_several_at_once_with_a_reason(
    curator, signed_in, plan, deliverable
):
    other = CommitmentFactory(plan=plan, number="1.4", position=4, kind="deliverable")
    lead, helper, present = (OfficeFactory(code=code) for code in ("LEAD", "HELP", "HERE"))
    other.supporting_offices.add(present, lead)
    record_loaded(plan)
    client, before = signed_in(curator), Plan.objects.get().revision
    page = assign(client, [deliverable, other])
    assert "PLAN-1.2" in page.text
    sent = {"lead_office": lead.pk, "supporting_offices": [helper.pk], "due_on": "2027-01-01"}
    answer = assign(client, [deliverable, other], **sent, reason="The council decided so.")
    assert answer.status_code == 302
    for number, supporting in (("1.2", {helper}), ("1.4", {helper, present})):
        row = Commitment.objects.get(number=number)
        assert (row.lead_office, row.due_on) == (lead, date(2027, 1, 1))
        assert set(row.supporting_offices.all()) == supporting
        event = history.commitment_entries(row)[0]
        assert (event.at, event.reason) == (NOW, "The council decided so.")
        assert {change.field for change in event.changes} >= {"lead_office", "due_on"}
    assert Plan.objects.get().revision > before


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"reason": "", "due_on": "2027-01-01"}, "This field is required."),
        ({"reason": "So."}, "Choose an office or enter a due date."),
        ({"reason": "So.", "due_on": "soon"}, "Enter a date such as 2026-06-30."),
        ({"reason": "So.", "due_on": "1/2/2027"}, "Enter a date such as 2026-06-30."),
        (
            {"reason": "So.", "due_on": "2027-01-01"},
            "PLAN-1.1: Only a deliverable can have a due date.",
        ),
    ],
)
def test_an_assignment_that_is_invalid_for_one_is_made_to_none(
    sent, sentence, curator, signed_in, duty, deliverable
):
    answer = assign(signed_in(curator), [deliverable, duty], **sent)
    assert sentence in answer.text
    # Whoever has given a date that cannot be read is not told to give one.
    assert answer.text.count("Choose an office") == sentence.count("Choose an office")
    assert Commitment.objects.filter(due_on__isnull=False).count() == 0
    assert history.commitment_entries(deliverable) == []


@pytest.mark.long
def test_a_due_date_before_a_milestone_is_assigned_to_none(curator, signed_in, plan, deliverable):
    other = CommitmentFactory(plan=plan, number="1.4", position=4, kind="deliverable")
    MilestoneFactory(commitment=other, key="m1", due_on=date(2027, 3, 1))
    MilestoneFactory(commitment=deliverable, due_on=date(2027, 3, 1), retired_at=NOW)
    record_loaded(plan)
    client = signed_in(curator)
    sent = {"due_on": "2027-01-01", "reason": "So."}
    answer = assign(client, [deliverable, other], **sent)
    sentence = "the milestone is after the commitment&#x27;s last day, 2027-01-01"
    assert f"PLAN-1.4: m1: {sentence}" in answer.text
    assert answer.text.count(sentence) == 1
    assert Commitment.objects.filter(due_on__isnull=False).count() == 0
    assign(client, [deliverable, other], **sent | {"due_on": "2027-03-01"})
    assert Commitment.objects.filter(due_on=date(2027, 3, 1)).count() == 2


def test_a_closed_office_cannot_be_assigned(curator, signed_in, duty):
    closed = OfficeFactory(code="CLOSED", closed_on="2026-01-01")
    assign(signed_in(curator), [duty], lead_office=closed.pk, reason="So.")
    assert Commitment.objects.get(pk=duty.pk).lead_office is None


@pytest.mark.parametrize("persona", ["reporter", "reviewer"])
def test_only_curators_assign(persona, request, signed_in, duty, office):
    client = signed_in(request.getfixturevalue(persona))
    assign(client, [duty], lead_office=office.pk, reason="So.")
    assert Commitment.objects.get(pk=duty.pk).lead_office is None


def test_a_lead_office_does_not_support_the_same_commitment(curator, signed_in, duty, office):
    answer = signed_in(curator).post(
        f"{LIST}{duty.pk}/change/",
        {
            "title_en": "A duty",
            "kind": "standing",
            "lead_office": office.pk,
            "supporting_offices": [office.pk],
            "reason": "So.",
            "criteria-TOTAL_FORMS": 0,
            "criteria-INITIAL_FORMS": 0,
            "partnerships-TOTAL_FORMS": 0,
            "partnerships-INITIAL_FORMS": 0,
            "milestones-TOTAL_FORMS": 0,
            "milestones-INITIAL_FORMS": 0,
        },
    )
    assert "the supporting offices must not include the lead office" in answer.text


@pytest.mark.long
def test_all_commitments_that_a_filter_finds_can_be_assigned_at_once(
    curator, signed_in, plan, duty
):
    office = OfficeFactory(code="LEAD")
    CommitmentFactory(plan=plan, number="7.1", position=7)
    client = signed_in(curator)
    page = assign(client, [duty], select_across="1").text
    assert page.count('name="_selected_action"') == 1
    assign(client, [duty], select_across="1", lead_office=office.pk, reason="So.")
    assert Commitment.objects.filter(lead_office=office).count() == 2


def test_a_goal_is_not_primary_and_supporting_at_once(curator, signed_in, plan, duty):
    goal = GoalFactory(plan=plan, number=1)
    sent = {
        "title_en": "A duty",
        "kind": "standing",
        "goal": goal.pk,
        "supporting_goals": [goal.pk],
        "reason": "So.",
        "criteria-TOTAL_FORMS": 0,
        "criteria-INITIAL_FORMS": 0,
        "partnerships-TOTAL_FORMS": 0,
        "partnerships-INITIAL_FORMS": 0,
        "milestones-TOTAL_FORMS": 0,
        "milestones-INITIAL_FORMS": 0,
    }
    answer = signed_in(curator).post(f"{LIST}{duty.pk}/change/", sent)
    assert "the supporting goals must not include the primary goal" in answer.text


def test_a_reason_for_a_goal_needs_the_goal(curator, signed_in, duty):
    sent = form(duty, goal_reason_en="It opens.", reason="So.")
    found = errors(signed_in(curator).post(f"{LIST}{duty.pk}/change/", sent))
    assert found == {"goal_reason": ["there is no primary goal to give a reason for"]}


def test_whoever_may_not_report_sees_who_may(api, office_duty, other_reporter):
    sent = {"commitment": "PLAN-1.3", "effective_on": "2026-06-01", "summary": {"en": "A meeting."}}
    answer = api(other_reporter).post("/api/v1/updates/", sent, format="json")
    assert answer.json()["detail"].endswith("only reporters from OFFICE may.")


def test_an_office_is_not_assigned_as_lead_and_as_support_at_once(curator, signed_in, duty, office):
    sent = {"lead_office": office.pk, "supporting_offices": [office.pk], "reason": "So."}
    assert (
        "the supporting offices must not include the lead office"
        in assign(signed_in(curator), [duty], **sent).text
    )
    assert Commitment.objects.get(pk=duty.pk).lead_office is None


@pytest.mark.long
@pytest.mark.parametrize("field", ["due_on", "milestones-0-due_on"])
def test_dates_of_a_commitment_must_begin_with_the_year(field, curator, signed_in, deliverable):
    sent = {
        "title_en": "A deliverable",
        "kind": "deliverable",
        "reason": "So.",
        **version(deliverable),
        "criteria-TOTAL_FORMS": 0,
        "criteria-INITIAL_FORMS": 0,
        "partnerships-TOTAL_FORMS": 0,
        "partnerships-INITIAL_FORMS": 0,
        "milestones-TOTAL_FORMS": 1,
        "milestones-INITIAL_FORMS": 0,
        "milestones-0-title_en": "A step",
        "milestones-0-due_on": "2027/1/2",
    }
    page = f"{LIST}{deliverable.pk}/change/"
    answer = signed_in(curator).post(page, sent | {field: "1/2/2027"})
    assert "Enter a date such as 2026-06-30." in answer.text
    assert signed_in(curator).post(page, sent).status_code == 302
    assert deliverable.milestones.get().due_on == date(2027, 1, 2)
