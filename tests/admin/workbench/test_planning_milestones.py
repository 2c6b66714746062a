"""Milestones in the planning table and its sheet: their dates are cells like others."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from commitments.clocks import Clock
from commitments.curation import history
from commitments.models import Commitment, Decision, Milestone
from tests.admin.workbench.planning import ADDRESS, REASON
from tests.factories import MilestoneFactory
from tests.steps import NOW, record_loaded
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

BEFORE = "m1 2026-03-01; m2 2027-01-01"


@pytest.fixture
def steps(plan, offices, deliverable):
    """Two milestones of the deliverable, and one that was dropped."""
    made = [
        MilestoneFactory(commitment=deliverable, key=key, title=en_zh(f"Step {key}"), due_on=day)
        for key, day in (("m1", date(2026, 3, 1)), ("m2", date(2027, 1, 1)))
    ]
    MilestoneFactory(commitment=deliverable, key="m3", title=en_zh("Old"), retired_at=NOW)
    record_loaded(plan)
    return made


def dates(commitment):
    rows = Milestone.objects.filter(commitment=commitment, retired_at=None)
    return {row.key: row.due_on for row in rows}


def save(client, commitment, cell, was=BEFORE):
    name = f"{commitment.pk}-milestones"
    sent = {f"c{name}": cell, f"w{name}": was, "reason": REASON}
    return client.post(ADDRESS, sent, follow=True)


@pytest.mark.long
def test_the_dates_of_milestones_are_edited_in_place(curator, signed_in, steps, deliverable, duty):
    client = signed_in(curator)
    page = client.get(ADDRESS).text
    assert f'name="c{deliverable.pk}-milestones" value="{BEFORE}"' in page
    assert f'name="c{duty.pk}-milestones"' not in page
    answer = save(client, deliverable, "m2 2027/6/30；m1 2026-03-01")
    assert "1 commitment was changed." in answer.text
    assert dates(deliverable) == {"m1": date(2026, 3, 1), "m2": date(2027, 6, 30)}
    assert history.commitment_entries(deliverable)[0].reason == REASON


def test_a_date_that_was_moved_is_known_as_of_its_time(curator, signed_in, steps, deliverable):
    save(signed_in(curator), deliverable, "m1 2026-03-01; m2 2027-06-30")
    [step] = Milestone.objects.at(Clock(NOW)).filter(key="m2")
    assert (step.known_due_on, step.due_on_first) == (date(2027, 6, 30), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("m1 2026-03-01", "Milestones are added and dropped on the page of the commitment"),
        ("", "Milestones are added and dropped on the page of the commitment"),
        (f"{BEFORE}; m4 2028-01-01", "Milestones are added and dropped on the page"),
        ("m1 2026-03-01; m3 2027-01-01", "Milestones are added and dropped on the page"),
        ("m1 2026-03-01; m1 2026-04-01; m2 2027-01-01", "Write each milestone once"),
        ("m1 soon; m2 2027-01-01", "Write each milestone once, as its key and its date"),
        ("m1 2026-03; m2 2027-01-01", "Write each milestone once, as its key and its date"),
        ("2026-03-01", "Write each milestone once, as its key and its date"),
    ],
)
def test_a_cell_that_names_other_milestones_or_no_dates_is_refused(
    cell, sentence, curator, signed_in, steps, deliverable
):
    before = Decision.objects.count()
    answer = save(signed_in(curator), deliverable, cell)
    assert sentence in answer.text
    assert dates(deliverable) == {"m1": date(2026, 3, 1), "m2": date(2027, 1, 1)}
    assert Decision.objects.count() == before


@pytest.mark.parametrize("cell", ["m1 2026-03-01", "soon"])
def test_a_commitment_without_milestones_says_that_it_has_none(
    cell, curator, signed_in, steps, duty
):
    pasted = f"number\tmilestones\n{duty.number}\t{cell}"
    page = signed_in(curator).post(ADDRESS, {"check": "1", "pasted": pasted}).text
    assert "This commitment has no milestones. They are added on the page of the" in page
    assert "“m1 2026-06-30”" not in page


def test_dates_that_somebody_else_has_moved_are_not_overwritten(
    curator, signed_in, steps, deliverable
):
    Milestone.objects.filter(pk=steps[0].pk).update(due_on=date(2026, 9, 9))
    answer = save(signed_in(curator), deliverable, "m1 2026-03-01; m2 2027-06-30")
    assert "it is now “m1 2026-09-09; m2 2027-01-01”" in answer.text


def test_a_sheet_moves_the_dates_of_milestones(curator, signed_in, steps, deliverable):
    """Also one from the export of the list, which says when they were met."""
    client = signed_in(curator)
    lines = f'number,milestones\n1.2,"{BEFORE.replace("01;", "01 met 2026-02-02;", 1)}"\n'
    sheet = SimpleUploadedFile("plan.csv", lines.encode())
    page = client.post(ADDRESS, {"check": "1", "sheet": sheet})
    assert "Nothing to change" in page.text
    sheet = SimpleUploadedFile("plan.csv", lines.replace("2027-01-01", "2027-02-02").encode())
    page = client.post(ADDRESS, {"check": "1", "sheet": sheet})
    [change] = page.context["changes"]
    assert (change.before, change.after) == (BEFORE, "m1 2026-03-01; m2 2027-02-02")
    sent = {name: page.context[name] for name in ("staged", "shown")}
    client.post(ADDRESS, sent | {"load": "1", "reason": REASON})
    assert dates(deliverable)["m2"] == date(2027, 2, 2)
    assert Commitment.objects.get(pk=deliverable.pk).due_on is None


def test_who_may_not_edit_reads_no_inputs(reviewer, signed_in, steps, deliverable):
    assert f'name="c{deliverable.pk}-milestones"' not in signed_in(reviewer).get(ADDRESS).text


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("m1 2026-03-01; m2 2027-07-01", "m2: the milestone is after the commitment&#x27;s last"),
        ("m1 2025-12-31; m2 2027-01-01", "m1: the milestone is before the commitment&#x27;s start"),
    ],
)
def test_a_date_outside_those_of_the_commitment_is_refused(
    cell, sentence, curator, signed_in, steps, deliverable
):
    days = {"start_on": date(2026, 1, 1), "due_on": date(2027, 6, 30)}
    Commitment.objects.filter(pk=deliverable.pk).update(**days)
    before = dates(deliverable)
    assert sentence in save(signed_in(curator), deliverable, cell).text
    assert dates(deliverable) == before
    save(signed_in(curator), deliverable, "m1 2026-01-01; m2 2027-06-30")
    assert dates(deliverable) == {"m1": date(2026, 1, 1), "m2": date(2027, 6, 30)}


def test_refused_milestones_are_listed_as_the_reader_writes_lists(
    curator, signed_in, steps, deliverable
):
    client = signed_in(curator)
    Commitment.objects.filter(pk=deliverable.pk).update(due_on=date(2027, 6, 30))
    for cell, sentence in (("", "m1、m2。"), ("m1 2026-03-01; m2 2027-07-01", "m2：")):
        client.cookies["django_language"] = "zh-hans"
        assert sentence in save(client, deliverable, cell).text


def test_a_commitment_is_not_due_before_its_milestones(curator, signed_in, steps, deliverable):
    Commitment.objects.filter(pk=deliverable.pk).update(due_on=date(2027, 6, 30))
    name = f"{deliverable.pk}-due_on"
    sent = {f"c{name}": "2026-12-31", f"w{name}": "2027-06-30", "reason": REASON}
    answer = signed_in(curator).post(ADDRESS, sent, follow=True)
    assert "m2: the milestone is after the commitment&#x27;s last day, 2026-12-31" in answer.text
    assert Commitment.objects.get(pk=deliverable.pk).due_on == date(2027, 6, 30)
