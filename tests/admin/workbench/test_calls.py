"""Calls for reports: who is asked, who has answered, and that “nothing new” renews nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from commitments.access import policies
from commitments.choices import Action
from commitments.curation.report_calls import (
    ask_for_reports,
    move_deadline,
    report_nothing_new,
    take_back_nothing_new,
    withdraw_call,
)
from commitments.exceptions import InvalidInput, NotPermitted
from commitments.models import Commitment, Decision, NothingNew, ReportCall
from commitments.workflow import work_queue
from tests.factories import OfficeFactory, PlanFactory
from tests.steps import NOW, draft, perform, published

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PLANNING = "/admin/planning/PLAN/"
OTHER_CALL = "The call that this page showed is no longer in force. Nothing was changed."
DEADLINE = date(2026, 7, 15)


@pytest.fixture
def call(plan, duty, office_duty, curator):
    """A call for reports on a duty without an office and one of an office."""
    return ask_for_reports(plan, by=curator, at=NOW - timedelta(hours=1), due_on=DEADLINE)


def codes_asked_for(person):
    return [row.code for row in work_queue.asked_for(person)]


def test_a_curator_calls_for_reports(curator, signed_in, plan, duty):
    sent = {"due_on": "2026-07-15", "note": "For the annual report."}
    client = signed_in(curator)
    assert "Reports due on" in client.get(f"{PLANNING}call/").text
    answer = client.post(f"{PLANNING}call/", sent, follow=True)
    assert answer.redirect_chain == [(PLANNING, 302)]
    made = ReportCall.objects.get()
    assert (made.asked_by, made.due_on, made.note) == (curator, DEADLINE, "For the annual report.")
    page = " ".join(answer.text.split())
    assert "Reports due on 15 July 2026: 0 of 1 answered." in page
    assert "<q>For the annual report.</q>" in page


@pytest.mark.parametrize(
    ("due_on", "sentence"),
    [
        ("2026-06-30", "2026-06-30 is in the past; today is 2026-07-01."),
        ("soon", "Enter a date such as 2026-06-30."),
        ("", "This field is required."),
    ],
)
def test_a_deadline_is_a_day_to_come(due_on, sentence, curator, signed_in, plan, duty):
    page = signed_in(curator).post(f"{PLANNING}call/", {"due_on": due_on}).text
    assert sentence in page
    assert not ReportCall.objects.exists()


@pytest.mark.parametrize("persona", ["reporter", "reviewer"])
def test_only_a_curator_calls(persona, request, signed_in, plan, duty):
    person = request.getfixturevalue(persona)
    client = signed_in(person)
    assert client.get(f"{PLANNING}call/").status_code == 404
    assert client.post(f"{PLANNING}call/", {"due_on": "2026-07-15"}).status_code == 404
    with pytest.raises(NotPermitted):
        ask_for_reports(plan, by=person, at=NOW, due_on=DEADLINE)
    assert not ReportCall.objects.exists()


def test_those_who_report_find_what_is_asked_of_them_on_their_desk(
    call, reporter, colleague, reviewer, signed_in
):
    assert codes_asked_for(reporter) == ["PLAN-1.1"]
    assert codes_asked_for(colleague) == ["PLAN-1.1", "PLAN-1.3"]
    assert codes_asked_for(reviewer) == []
    page = " ".join(signed_in(reporter).get("/admin/").text.split())
    assert "due on 15 July 2026" in page
    assert 'action="/admin/log/PLAN-1.1/nothing-new/"' in page


@pytest.mark.parametrize(
    ("hour", "words"), [(15, "due on 15 July 2026"), (16, "overdue since 15 July 2026")]
)
def test_a_deadline_is_over_by_the_day_of_its_plan(hour, words, call, reporter, signed_in):
    """In Shanghai, whatever the days of other plans."""
    PlanFactory(code="WEST", time_zone="America/Lima")
    evening = datetime(2026, 7, 15, hour, tzinfo=UTC)
    with time_machine.travel(evening, tick=False):
        assert words in signed_in(reporter).get("/admin/").text


def test_everybody_who_may_report_on_a_commitment_is_asked(
    call, duty, office_duty, reporter, colleague, other_reporter, reviewer, curator, administrator
):
    """Where every reporter has an office, what has none would be on nobody's desk."""
    OfficeFactory(code="IDLE").members.add(other_reporter)
    for row in (duty, office_duty):
        people = [reporter, colleague, other_reporter, reviewer, curator, administrator]
        asked_of = {person for person in people if row.code in codes_asked_for(person)}
        assert asked_of == set(policies.who_may_report(row))
    assert other_reporter in policies.who_may_report(duty)


@pytest.mark.long
def test_a_line_opens_the_persons_own_draft_where_one_waits(
    plan, duty, reporter, other_reporter, colleague, curator, signed_in
):
    mine = draft(duty, reporter)
    done = draft(duty, colleague)
    perform(done, Action.DISCARD, colleague)
    ask_for_reports(plan, by=curator, at=NOW + timedelta(hours=1), due_on=DEADLINE)
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        for person, address in (
            (reporter, f"/admin/updates/{mine.pk}/"),
            (other_reporter, "/admin/log/PLAN-1.1/"),
            (colleague, "/admin/log/PLAN-1.1/"),
        ):
            [section] = [
                row
                for row in signed_in(person).get("/admin/").context["desk"]
                if row.name == "asked_for"
            ]
            page = signed_in(person).get("/admin/").text
            lines = page.partition('id="desk-asked_for"')[2].partition("</section>")[0]
            assert section.count == 1
            assert f'<a href="{address}">PLAN-1.1' in lines


def test_the_table_says_who_has_checked_and_of_which_office(
    call, office, office_duty, colleague, other_reporter, reviewer, signed_in
):
    office.members.add(other_reporter)
    OfficeFactory(code="ALSO").members.add(colleague)
    colleague.first_name, colleague.last_name = "Li", "Hua"
    colleague.save()
    report_nothing_new(office_duty, by=colleague, at=NOW - timedelta(minutes=30))
    report_nothing_new(office_duty, by=other_reporter, at=NOW)
    page = " ".join(signed_in(reviewer).get(PLANNING).text.split())
    assert "Nothing new <span" in page
    assert "Li Hua (OFFICE)" in page
    assert "other_reporter" not in page


@pytest.mark.long
def test_the_table_says_who_has_reported_and_how_far_it_is(
    call, office, office_duty, colleague, reviewer, curator, signed_in
):
    update = draft(office_duty, colleague)
    assert f"/admin/updates/{update.pk}/" not in signed_in(curator).get(PLANNING).text
    perform(update, Action.SUBMIT, colleague)
    page = " ".join(signed_in(curator).get(PLANNING).text.split())
    link = f'<a href="/admin/updates/{update.pk}/">In review</a>'
    assert f'{link} <span class="muted">1 July 2026</span> colleague (OFFICE)' in page
    perform(update, Action.RETURN, reviewer, note="Which forum?")
    assert ">Returned</a>" in signed_in(curator).get(PLANNING).text


def test_an_update_answers_once_it_is_submitted(call, duty, reporter, reviewer):
    update = draft(duty, reporter)
    assert codes_asked_for(reporter) == ["PLAN-1.1"]
    for action, by, note, still_asked in (
        (Action.SUBMIT, reporter, "", []),
        (Action.RECALL, reporter, "", ["PLAN-1.1"]),
        (Action.SUBMIT, reporter, "", []),
        (Action.RETURN, reviewer, "Which forum?", []),
        (Action.SUBMIT, reporter, "", []),
        (Action.PUBLISH, reviewer, "", []),
        (Action.RETRACT, reviewer, "It was another forum.", ["PLAN-1.1"]),
    ):
        perform(update, action, by, note=note)
        assert codes_asked_for(reporter) == still_asked, action


def test_a_draft_from_before_the_call_answers_it_once_it_is_submitted(
    plan, duty, reporter, reviewer, curator
):
    published(duty, reporter, reviewer)
    begun = draft(duty, reporter)
    ask_for_reports(plan, by=curator, at=NOW + timedelta(hours=1), due_on=DEADLINE)
    assert codes_asked_for(reporter) == ["PLAN-1.1"]
    perform(begun, Action.SUBMIT, reporter, at=NOW + timedelta(hours=2))
    assert codes_asked_for(reporter) == []


@pytest.mark.long
def test_nothing_new_is_said_in_one_click_and_renews_nothing(
    call, duty, reporter, reviewer, signed_in
):
    before = Decision.objects.count()
    answer = signed_in(reporter).post("/admin/log/PLAN-1.1/nothing-new/", follow=True)
    assert "PLAN-1.1: checked, nothing new. The assessment stays as it is." in answer.text
    assert codes_asked_for(reporter) == []
    said = NothingNew.objects.get()
    assert (said.commitment, said.by) == (duty, reporter)
    assert Decision.objects.count() == before
    assert Commitment.objects.get(pk=duty.pk).status == "unassessed"
    rows = signed_in(reviewer).get(PLANNING).context["rows"]
    assert [bool(row.commitment.checked_at) for row in rows] == [True, False]


@pytest.mark.long
def test_who_said_so_by_mistake_takes_it_back(call, duty, reporter, other_reporter, signed_in):
    client = signed_in(reporter)
    answer = client.post("/admin/log/PLAN-1.1/nothing-new/", follow=True)
    assert '<a href="/admin/log/PLAN-1.1/#checked">Take it back</a>' in answer.text
    assert "You said so on 1 July 2026" in client.get("/admin/log/PLAN-1.1/").text
    assert "You said so" not in signed_in(other_reporter).get("/admin/log/PLAN-1.1/").text
    undo = {"undo": "1"}
    none = "there is no such answer of yours since the latest call"
    address = "/admin/log/PLAN-1.1/nothing-new/"
    assert none in signed_in(other_reporter).post(address, undo, follow=True).text
    assert NothingNew.objects.count() == 1
    answer = signed_in(reporter).post(address, undo, follow=True)
    assert "your answer that there is nothing new was taken back" in answer.text
    assert not NothingNew.objects.exists()
    assert codes_asked_for(reporter) == ["PLAN-1.1"]
    assert none in signed_in(reporter).post(address, undo, follow=True).text


def test_what_answered_an_earlier_call_is_not_taken_back(call, plan, duty, reporter, curator):
    report_nothing_new(duty, by=reporter, at=NOW)
    ask_for_reports(plan, by=curator, at=NOW + timedelta(hours=1), due_on=DEADLINE)
    assert not take_back_nothing_new(duty, by=reporter)
    assert NothingNew.objects.count() == 1


@pytest.mark.long
def test_a_deadline_is_moved_and_answers_stay(call, duty, reporter, colleague, curator, signed_in):
    report_nothing_new(duty, by=reporter, at=NOW)
    address = f"{PLANNING}call/"
    page = " ".join(signed_in(curator).get(address).text.split())
    assert "Reports were called for on 1 July 2026, and are due on 15 July 2026." in page
    answer = signed_in(curator).post(
        address, {"move": str(call.pk), "new_day": "2026-07-31"}, follow=True
    )
    assert "The deadline is 31 July 2026 now." in answer.text
    assert "Reports due on 31 July 2026: 1 of 2 answered." in " ".join(answer.text.split())
    assert ReportCall.objects.get().due_on == date(2026, 7, 31)
    assert (codes_asked_for(reporter), codes_asked_for(colleague)) == ([], ["PLAN-1.3"])


def test_a_deadline_is_not_moved_to_a_day_gone_by_or_by_others(
    call, plan, reporter, curator, signed_in
):
    sent = {"move": str(call.pk), "new_day": "2026-06-30"}
    page = signed_in(curator).post(f"{PLANNING}call/", sent).text
    assert "2026-06-30 is in the past; today is 2026-07-01." in page
    assert signed_in(reporter).post(f"{PLANNING}call/", sent).status_code == 404
    with pytest.raises(NotPermitted):
        move_deadline(call, by=reporter, at=NOW, due_on=date(2026, 7, 31))
    assert ReportCall.objects.get().due_on == DEADLINE


@pytest.mark.long
def test_a_call_is_withdrawn_with_a_reason(call, plan, duty, reporter, curator, signed_in):
    address = f"{PLANNING}call/"
    sent = {"withdraw": str(call.pk), "reason": "It was meant for <next> year."}
    answer = signed_in(curator).post(address, sent, follow=True)
    assert answer.redirect_chain == [(PLANNING, 302)]
    page = " ".join(answer.text.split())
    assert "The call was withdrawn." in page
    assert "The call for reports of 1 July 2026 was withdrawn on 1 July 2026 by curator:" in page
    assert "<q>It was meant for &lt;next&gt; year.</q>" in page
    assert "of 2 answered" not in page
    assert codes_asked_for(reporter) == []
    call.refresh_from_db()
    assert (call.withdrawn_by, call.withdrawn_at) == (curator, NOW)
    assert "Withdraw the call" not in signed_in(curator).get(address).text
    # A new call asks as if there had been none.
    ask_for_reports(plan, by=curator, at=NOW, due_on=DEADLINE)
    assert codes_asked_for(reporter) == ["PLAN-1.1"]
    assert "was withdrawn" not in signed_in(curator).get(PLANNING).text


def test_a_call_is_not_withdrawn_without_a_reason_or_by_others(call, reporter, curator, signed_in):
    address = f"{PLANNING}call/"
    sent = {"withdraw": str(call.pk), "reason": " "}
    assert "This field is required." in signed_in(curator).post(address, sent).text
    sent["reason"] = "By mistake."
    assert signed_in(reporter).post(address, sent).status_code == 404
    with pytest.raises(NotPermitted):
        withdraw_call(call, by=reporter, at=NOW, reason="By mistake.")
    for reason in (" ", "\u202e.ekatsim yB"):
        with pytest.raises(InvalidInput):
            withdraw_call(call, by=curator, at=NOW, reason=reason)
    assert codes_asked_for(reporter) == ["PLAN-1.1"]


def test_a_page_that_shows_another_call_withdraws_nothing(call, plan, curator, signed_in):
    ask_for_reports(plan, by=curator, at=NOW, due_on=DEADLINE)
    sent = {"withdraw": str(call.pk), "reason": "By <mistake>."}
    page = signed_in(curator).post(f"{PLANNING}call/", sent).text
    assert OTHER_CALL in page
    assert "By &lt;mistake&gt;." in page
    assert not ReportCall.objects.exclude(withdrawn_at=None).exists()


def test_a_page_that_shows_a_withdrawn_call_moves_no_other_deadline(call, plan, curator, signed_in):
    second = ask_for_reports(plan, by=curator, at=NOW, due_on=DEADLINE)
    withdraw_call(second, by=curator, at=NOW, reason="By mistake.")
    sent = {"move": str(second.pk), "new_day": "2026-08-15"}
    page = signed_in(curator).post(f"{PLANNING}call/", sent).text
    assert OTHER_CALL in page
    assert 'value="2026-08-15"' in page
    assert ReportCall.objects.get(pk=call.pk).moves == 0


def test_what_was_typed_of_a_call_that_is_gone_is_shown(call, curator, signed_in):
    withdraw_call(call, by=curator, at=NOW, reason="By mistake.")
    sent = {"withdraw": str(call.pk), "reason": "It was <mine>."}
    page = signed_in(curator).post(f"{PLANNING}call/", sent).text
    assert OTHER_CALL in page
    assert "It was &lt;mine&gt;." in page
    assert "This field is required." not in page


@pytest.mark.long
def test_with_a_withdrawn_call_the_one_before_it_asks_again_for_what_it_lacks(
    call, plan, duty, office_duty, reporter, colleague, curator, signed_in
):
    report_nothing_new(duty, by=reporter, at=NOW)
    later = NOW + timedelta(hours=1)
    second = ask_for_reports(plan, by=curator, at=later, due_on=date(2026, 8, 15))
    assert (codes_asked_for(reporter), codes_asked_for(colleague)) == (
        ["PLAN-1.1"],
        ["PLAN-1.1", "PLAN-1.3"],
    )
    sent = {"withdraw": str(second.pk), "reason": "By mistake."}
    answer = signed_in(curator).post(f"{PLANNING}call/", sent, follow=True)
    page = " ".join(answer.text.split())
    assert "The one before it, due on 15 July 2026, is in force again." in page
    assert "Reports due on 15 July 2026: 1 of 2 answered." in page
    assert (codes_asked_for(reporter), codes_asked_for(colleague)) == ([], ["PLAN-1.3"])
    # The answer to the first call can be taken back again.
    assert take_back_nothing_new(duty, by=reporter)


def test_the_deadline_of_a_withdrawn_call_is_not_moved(call, curator):
    withdraw_call(call, by=curator, at=NOW, reason="By mistake.")
    with pytest.raises(InvalidInput, match="not moved"):
        move_deadline(call, by=curator, at=NOW, due_on=date(2026, 7, 31))


def test_the_next_call_asks_again(call, plan, duty, reporter, curator):
    report_nothing_new(duty, by=reporter, at=NOW)
    assert report_nothing_new(duty, by=reporter, at=NOW) == NothingNew.objects.get()
    ask_for_reports(plan, by=curator, at=NOW + timedelta(hours=1), due_on=DEADLINE)
    assert codes_asked_for(reporter) == ["PLAN-1.1"]
    report_nothing_new(duty, by=reporter, at=NOW + timedelta(hours=2))
    assert codes_asked_for(reporter) == []
    assert NothingNew.objects.count() == 2


@pytest.mark.long
def test_whoever_may_not_report_does_not_answer(call, office_duty, other_reporter, signed_in):
    client = signed_in(other_reporter)
    page = client.post("/admin/log/PLAN-1.3/nothing-new/", follow=True).text
    assert "You may not report on PLAN-1.3." in page
    assert not NothingNew.objects.exists()
    assert client.post("/admin/log/NONE-1/nothing-new/").status_code == 404
    assert client.get("/admin/log/PLAN-1.3/nothing-new/").status_code == 405


def test_a_call_is_of_its_plan_only(call, reporter, curator):
    other = PlanFactory(code="OTHER")
    ask_for_reports(other, by=curator, at=NOW, due_on=DEADLINE)
    assert codes_asked_for(reporter) == ["PLAN-1.1"]


def test_what_was_asked_is_not_asked_for_a_day_gone_by(plan, curator):
    with pytest.raises(InvalidInput):
        ask_for_reports(plan, by=curator, at=NOW, due_on=date(2026, 6, 30))
