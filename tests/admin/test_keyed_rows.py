"""Curators replace criteria, and add, move and drop milestones, on the page of a commitment."""

from datetime import date

import pytest
import time_machine

from commitments.choices import CoverageGap
from commitments.clocks import Clock
from commitments.curation import history
from commitments.models import Commitment, Criterion, Decision, Milestone
from tests.curation.forms import errors, form, page
from tests.factories import CriterionFactory, MilestoneFactory
from tests.steps import NOW, published, record_loaded
from tests.verification.tampering import verify

pytestmark = [pytest.mark.long, pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture
def save(curator, signed_in, duty):
    """`save(**changed)` sends the form of a duty as a curator does, a day after it was loaded."""

    def save(**changed):
        sent = form(duty, reason="Read again.") | {
            name.replace("__", "-"): value for name, value in changed.items()
        }
        with time_machine.travel(NOW + (date(2026, 7, 2) - date(2026, 7, 1)), tick=False):
            return signed_in(curator).post(page(duty), sent)

    return save


@pytest.fixture
def answered(duty, reporter, reviewer):
    """A duty with criteria a and b, which its assessment answers."""
    for position, key in enumerate("ab", start=1):
        CriterionFactory(commitment=duty, key=key, position=position)
    record_loaded(duty.plan)
    published(duty, reporter, reviewer, status="active")
    return duty


NEW = {
    "criteria__TOTAL_FORMS": 3,
    "criteria__2__text_en": "A report is published.",
    "criteria__2__quote_en": "take part",
}


def in_use(commitment):
    return list(commitment.criteria.known(None).in_order().values_list("key", flat=True))


def test_a_criterion_is_replaced_by_another_with_the_next_free_key(answered, save):
    assert save(criteria__0__retire="on", **NEW).status_code == 302
    assert in_use(answered) == ["b", "c"]
    entry = history.commitment_entries(answered)[0]
    assert entry.reason == "Read again."
    assert [(change.field, change.before_text, change.after_text) for change in entry.changes] == [
        ("criteria", "a “It is done. / 已经完成。”", "–"),
        ("criteria", "–", "c “A report is published.”"),
    ]
    assert verify() == []


def test_the_assessment_keeps_what_it_answered_and_says_that_the_bar_moved(answered, save):
    save(criteria__0__retire="on", **NEW)
    now = Clock(entry_time(answered))
    for clock, expected in ((now, True), (Clock(now.now, known_at=NOW), False)):
        rows = Commitment.objects.at(clock).with_coverage_gaps(
            [CoverageGap.CRITERIA_CHANGED], clock
        )
        assert rows.filter(pk=answered.pk).exists() is expected
    findings = answered.updates.get().findings.all()
    assert [row.criterion.key for row in findings] == ["a", "b"]


def entry_time(commitment):
    return Decision.objects.filter(commitment=commitment).latest("seq").at


def test_a_criterion_that_is_sent_changed_stays_as_it_was(answered, save):
    assert save(criteria__0__text_en="It is nearly done.").status_code == 302
    assert Criterion.objects.get(commitment=answered, key="a").text["en"] == "It is done."
    assert Decision.objects.filter(action="edit").count() == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"criteria__0__retire": "on"}, "A commitment has no criteria or 2 to 6; this leaves 1."),
        (
            NEW | {"criteria__2__quote_en": "take the lead"},
            "“take the lead” does not occur in the commitment&#x27;s text in this language.",
        ),
        (NEW | {"criteria__2__key": "a"}, "This key has been used in this commitment."),
        (NEW | {"criteria__2__key": "A 1"}, "Use only small letters and digits"),
        (NEW | {"criteria__2__text_en": ""}, "This field is required."),
    ],
)
def test_what_a_criterion_lacks_is_said_and_nothing_is_changed(answered, save, changed, message):
    answer = save(**changed)
    assert answer.status_code == 200
    assert message in answer.text
    assert in_use(answered) == ["a", "b"]


@pytest.mark.long
def test_a_key_that_was_used_before_is_refused(answered, save):
    save(criteria__0__retire="on", **NEW)
    again = NEW | {"criteria__2__key": "a", "criteria__2__text_en": "It is done at last."}
    assert (
        "This key has been used in this commitment." in save(criteria__0__retire="on", **again).text
    )
    assert in_use(answered) == ["b", "c"]


def test_several_new_rows_get_keys_of_their_own(answered, save):
    more = {"criteria__TOTAL_FORMS": 5, "criteria__3__key": "d", "criteria__3__text_en": "Three."}
    assert save(**NEW | more | {"criteria__4__text_en": "Four."}).status_code == 302
    assert in_use(answered) == ["a", "b", "c", "d", "e"]


def test_one_key_for_two_new_rows_is_refused(answered, save):
    rows = {f"criteria__{n}__key": "x" for n in (2, 3)}
    rows |= {f"criteria__{n}__text_en": f"Criterion {n}." for n in (2, 3)}
    answer = save(**rows, criteria__TOTAL_FORMS=4)
    assert answer.status_code == 200
    assert "The same more than once: " in answer.text
    assert in_use(answered) == ["a", "b"]


def test_all_criteria_may_go(answered, save):
    assert save(criteria__0__retire="on", criteria__1__retire="on").status_code == 302
    assert in_use(answered) == []


def test_a_milestone_is_added_moved_and_dropped(duty, save):
    MilestoneFactory(commitment=duty, key="m1", is_known=False)
    MilestoneFactory(commitment=duty, key="m2", is_known=False)
    record_loaded(duty.plan)
    answer = save(
        milestones__TOTAL_FORMS=3,
        milestones__0__retire="on",
        milestones__1__due_on="2026-12-31",
        milestones__2__title_en="Second step",
        milestones__2__due_on="2027-03-31",
    )
    assert answer.status_code == 302
    entry = history.commitment_entries(duty)[0]
    assert [(change.before_text, change.after_text) for change in entry.changes] == [
        ("m1 “First step”, due 2026-06-30", "–"),
        ("m2 “First step”, due 2026-06-30", "m2 “First step”, due 2026-12-31"),
        ("–", "m3 “Second step”, due 2027-03-31"),
    ]
    rows = Milestone.objects.at(Clock(entry_time(duty))).in_order()
    assert [(row.key, row.known_due_on, row.due_on_changes) for row in rows] == [
        ("m2", date(2026, 12, 31), 1),
        ("m3", date(2027, 3, 31), 0),
    ]
    assert verify() == []


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-06-29", "the milestone is before the commitment&#x27;s start date, 2026-06-30"),
        ("2027-01-01", "the milestone is after the commitment&#x27;s last day, 2026-12-31"),
    ],
)
def test_a_milestone_outside_the_dates_of_its_commitment_is_refused(duty, save, day, sentence):
    MilestoneFactory(commitment=duty, key="m1", due_on=date(2026, 7, 1), is_known=False)
    days = {"start_on": date(2026, 6, 30), "ends_on": date(2026, 12, 31)}
    Commitment.objects.filter(pk=duty.pk).update(**days)
    duty.refresh_from_db()
    record_loaded(duty.plan)
    assert sentence in save(milestones__0__due_on=day).text
    assert save(milestones__0__due_on="2026-12-31").status_code == 302
    # One that is dropped may be anywhere.
    assert save(milestones__0__due_on=day, milestones__0__retire="on").status_code == 302


def test_a_milestone_that_is_dropped_is_not_changed_besides(duty, save):
    MilestoneFactory(commitment=duty, key="m1", is_known=False)
    record_loaded(duty.plan)
    save(milestones__0__retire="on", milestones__0__due_on="2030-12-31")
    assert Milestone.objects.get().due_on == date(2026, 6, 30)
    assert verify() == []


def test_the_page_shows_what_is_in_use_and_a_reader_of_it_changes_nothing(
    answered, save, signed_in, reporter
):
    save(criteria__0__retire="on", **NEW)
    shown = signed_in(reporter).get(page(answered)).text
    assert "A report is published." in shown
    assert 'name="criteria-0-retire"' not in shown
    assert "It is done." in shown


@pytest.mark.long
def test_a_row_that_is_out_of_use_by_now_is_not_written_anew(answered, save, duty):
    """A form that does not say which version it shows; browsers do, and are refused as such."""
    MilestoneFactory(commitment=duty, key="m1")
    page_before = form(duty, reason="Again.")
    save(criteria__0__retire="on", milestones__0__retire="on", **NEW)
    for changed in ({"criteria-1-retire": "on"}, {"milestones-0-due_on": "2027-01-01"}):
        answer = save(
            **{name.replace("-", "__"): value for name, value in page_before.items()}
            | {name.replace("-", "__"): value for name, value in changed.items()}
        )
        assert "A row of this list is no longer in use." in answer.text
    assert in_use(answered) == ["b", "c"]
    assert Milestone.objects.get().retired_at is not None


@pytest.mark.long
def test_a_correction_may_keep_a_milestone_that_was_dropped(
    duty, save, signed_in, reporter, reviewer
):
    MilestoneFactory(commitment=duty, key="m1", is_known=False)
    record_loaded(duty.plan)
    update = published(duty, reporter, reviewer, meets=["m1"])
    save(milestones__0__retire="on")
    add = f"/admin/log/{duty.code}/"
    client = signed_in(reporter)
    assert 'name="meets"' not in client.get(add).text
    assert 'name="meets"' in client.get(f"{add}?corrects={update.pk}").text


@pytest.mark.long
def test_an_end_date_is_for_standing_duties(deliverable, curator, signed_in, duty, save):
    record_loaded(duty.plan)
    assert save(ends_on="2027-06-30").status_code == 302
    assert Commitment.objects.get(pk=duty.pk).ends_on == date(2027, 6, 30)
    answer = signed_in(curator).post(
        page(deliverable), form(deliverable, ends_on="2027-06-30", reason="So.")
    )
    assert "Only a standing duty can have an end date." in str(errors(answer))
