"""What an assessment finds is withheld from whoever has to rate it first, on every way to it."""

import csv
import io

import pytest
from django.core import mail

from commitments.access import policies
from commitments.admin.workbench.desk import all_sections
from commitments.admin.workbench.subject import update_context
from commitments.choices import Action, Role, State
from commitments.clocks import Clock
from commitments.models import ProgressUpdate
from commitments.notify.digest import DigestReader, _digest_section
from commitments.workflow import work_queue
from tests.examples import sampled
from tests.factories import MeetingFactory, UserFactory
from tests.staff_pages import record_pages
from tests.steps import NOW, draft, perform, submitted
from tests.words import en_zh
from tests.workflow.assessing import add_criteria, assess, findings
from tests.workflow.rating import SOME, event_on, rate, rate_blind

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

SECRETS = ("Hardly anything", "Nothing in the archive", "Give the numbers", "Here are the numbers")


@pytest.fixture
def event(plan, duty, forum, reporter, reviewer):
    rate_blind(plan)
    add_criteria(duty)
    duty.partnerships.create(forum=forum)
    return event_on(duty, reporter, reviewer)


@pytest.fixture
def update(duty, event, reporter, other_reviewer):
    """An assessment in review that has a history: it was returned once, before anybody rated it."""
    update = assess(
        duty,
        reporter,
        "partly_active",
        findings(*SOME, events=[event]),
        summary=en_zh("Hardly anything was done.", "几乎没有进展。"),
        search_note=en_zh("Nothing in the archive."),
    )
    perform(update, Action.SUBMIT, reporter)
    perform(update, Action.RETURN, other_reviewer, note="Give the numbers.")
    return perform(update, Action.SUBMIT, reporter, note="Here are the numbers.")


@pytest.fixture
def curating_reviewer(db):
    return UserFactory(username="curating_reviewer", roles=[Role.CURATOR, Role.REVIEWER])


RATERS = ["reviewer", "other_reviewer", "curating_reviewer", "administrator"]


@pytest.fixture(params=sampled(RATERS, lambda name: "all alike"))
def rater(request):
    """Whoever may be the one to rate it."""
    return request.getfixturevalue(request.param)


def pages_on(update, meeting):
    own = f"/admin/updates/{update.pk}/"
    return [
        "/admin/",
        own,
        f"{own}discard/",
        f"/admin/review/{update.pk}/",
        f"/admin/meetings/{meeting.pk}/",
        f"/admin/commitments/commitment/{update.commitment_id}/change/",
        "/admin/commitments/progressupdate/",
        "/admin/commitments/decision/",
        *(f"/admin/commitments/decision/{row.pk}/change/" for row in update.decisions.all()),
    ]


@pytest.mark.long
def test_no_page_of_the_staff_shows_it(update, forum, rater, administrator, signed_in):
    client = signed_in(rater)
    meeting = MeetingFactory(forum=forum)
    addresses = pages_on(update, meeting)
    addresses += record_pages(administrator) if rater == administrator else []
    for address in addresses:
        answer = client.get(address, follow=True)
        assert answer.status_code in (200, 403, 404), address
        found = [words for words in SECRETS if words in answer.text]
        assert not found, (address, found)
        # Where no list names all statuses.
        if address in ("/admin/", f"/admin/updates/{update.pk}/"):
            assert "Partly active" not in answer.text


@pytest.mark.long
def test_the_lists_of_the_staff_do_not_find_it_by_what_it_says(update, rater, signed_in):
    client, path = signed_in(rater), "/admin/commitments/progressupdate/"
    listed = f"/admin/updates/{update.pk}/"
    own = f"/admin/commitments/progressupdate/{update.pk}/change/"
    assert own in client.get(path).text or listed in client.get(path).text
    for query in (
        "status__exact=partly_active",
        "q=Hardly",
        "status=partly_active",
    ):
        text = client.get(f"{path}?{query}", follow=True).text
        assert own not in text, query
        assert listed not in text, query
    for query in (
        "summary__contains=Hardly",
        "search_index__contains=hardly",
        "state=submitted&search_note__isnull=0",
        "ratings__isnull=1",
    ):
        assert client.get(f"{path}?{query}")["Location"] == f"{path}?e=1", query


def test_the_api_leaves_it_empty_and_says_what_is_left_out(update, event, rater, api):
    client = api(rater)
    for address in (f"updates/{update.pk}/", "updates/?state=submitted"):
        answer = client.get(f"/api/v1/{address}")
        assert not [words for words in SECRETS if words in answer.content.decode()]
        shown = answer.json()
        shown = shown["results"][0] if "results" in shown else shown
        assert (shown["status"], shown["findings"], shown["evidence_level"]) == (None, {}, None)
        assert shown["withheld"] == [
            "status",
            "summary",
            "search_note",
            "criteria",
            "findings",
            "evidence_level",
        ]
        assert shown["second_rating"] is None
        assert {row["note"] for row in shown["decisions"]} == {None}
        # What is to be rated is there.
        assert shown["rests_on"] == [event.pk]
        assert shown["covers_from"]


@pytest.mark.long
def test_the_api_does_not_find_it_by_what_it_says(update, rater, reporter, api):
    queries = ("status=partly_active", "q=Hardly", "q=archive")
    for query in queries:
        address = f"/api/v1/updates/?state=submitted&{query}"
        assert api(rater).get(address).json()["results"] == []
        assert len(api(reporter).get(address).json()["results"]) == 1


def test_exports_leave_it_empty(update, rater, api):
    answer = api(rater).get("/api/v1/updates/export/?state=submitted&format=csv")
    text = b"".join(answer).decode("utf-8-sig") if answer.streaming else answer.content.decode()
    assert not [words for words in SECRETS if words in text]
    [row] = list(csv.DictReader(io.StringIO(text)))
    assert row["status"] == ""
    assert row["findings"] == ""


def test_a_refusal_does_not_tell_it(update, rater, api):
    tag = {"If-Match": f'"{update.revision}"'}
    address = f"/api/v1/updates/{update.pk}/publish/"
    answer = api(rater).post(address, {}, format="json", headers=tag)
    assert answer.status_code == 409
    assert [error["code"] for error in answer.json()["errors"]] == ["rating_needed"]
    assert "artly" not in answer.content.decode()


def test_the_digest_of_a_desk_does_not_tell_it(update, rater):
    sections = [row for row in all_sections(rater, Clock(NOW)) if row.name == "to_review"]
    reader = DigestReader(rater, Clock(NOW))
    [section] = [_digest_section(row, reader) for row in sections if row.rows]
    assert not mail.outbox
    assert "Partly active" not in str(section)
    assert update.commitment.code in str(section)


def test_everything_is_shown_to_whoever_has_rated_it(update, event, rater, api):
    rate(update, rater, event)
    shown = api(rater).get(f"/api/v1/updates/{update.pk}/").json()
    assert shown["status"] == "partly_active"
    assert shown["withheld"] == []
    assert shown["second_rating"]["ratings"][0]["status"] == "partly_active"
    assert "Here are the numbers." in {row["note"] for row in shown["decisions"]}


def test_one_rating_is_withheld_from_the_next_rater(update, event, reviewer, other_reviewer, api):
    rate(update, reviewer, event)
    shown = api(other_reviewer).get(f"/api/v1/updates/{update.pk}/").json()
    assert (shown["status"], shown["second_rating"]) == (None, None)


def test_a_field_that_no_row_of_the_page_is_for_is_not_shown_to_a_rater(update, reviewer, reporter):
    ProgressUpdate.objects.filter(pk=update.pk).update(external_ref="7-A")
    stored = ProgressUpdate.objects.get(pk=update.pk)
    shown = {
        person: [value for _label, value in update_context(person, stored, NOW)["other_fields"]]
        for person in (reviewer, reporter)
    }
    assert shown == {reviewer: [], reporter: ["7-A"]}


@pytest.mark.long
def test_the_next_rater_does_not_see_that_another_rated_it_and_returned_it(
    update, event, reviewer, other_reviewer, curating_reviewer, reporter, api, signed_in
):
    rate(update, reviewer, event)
    perform(update, Action.RETURN, reviewer, note="See my rating.")
    perform(update, Action.SUBMIT, reporter, note="I stay with mine.")
    shown = api(curating_reviewer).get(f"/api/v1/updates/{update.pk}/").json()
    assert [row["action"] for row in shown["decisions"]] == ["submit"]
    page = signed_in(curating_reviewer).get(f"/admin/review/{update.pk}/").text
    assert "Submitted for review." in page
    assert "Returned to author." not in page
    assert "Rated." not in page
    # Whoever returned it, before it was rated at all, sees that.
    own = api(other_reviewer).get(f"/api/v1/updates/{update.pk}/").json()
    assert [row["action"] for row in own["decisions"]] == ["return", "submit"]
    own = api(reporter).get(f"/api/v1/updates/{update.pk}/").json()
    assert {"rate", "return"} <= {row["action"] for row in own["decisions"]}


def test_an_author_sees_no_rating_before_it_was_returned(update, event, reviewer, reporter, api):
    rate(update, reviewer, event)
    address = f"/api/v1/updates/{update.pk}/"
    assert api(reporter).get(address).json()["second_rating"] is None
    perform(update, Action.RETURN, reviewer, note="See my rating.")
    told = api(reporter).get(address).json()["second_rating"]
    assert told["outcome"] is None
    assert len(told["ratings"]) == 1


# Who is kept from it, as a rule and in the database


def test_authors_editors_offices_and_staff_who_cannot_rate_see_it(
    office_duty, office, colleague, all_rounder, curator, reviewer, plan
):
    rate_blind(plan)
    office.members.add(all_rounder)
    update = submitted(office_duty, colleague, status="partly_active")
    seeing = {
        person.username: not policies.is_withheld(person, update)
        for person in (colleague, all_rounder, curator, reviewer)
    }
    assert seeing == {"colleague": True, "all_rounder": True, "curator": True, "reviewer": False}


def test_nobody_has_in_their_queue_what_they_could_read_before_rating(
    update, plan, office, editing_reviewer, reviewer, other_reviewer, all_rounder
):
    update.commitment.lead_office = office
    update.commitment.save()

    def queued():
        people = (editing_reviewer, all_rounder, reviewer, other_reviewer)
        rows = {person: work_queue.to_review_by(person).contains(update) for person in people}
        assert rows == {person: policies.may_review(person, update) for person in people}
        return [person for person, row in rows.items() if row]

    assert queued() == [all_rounder, reviewer, other_reviewer]
    plan.second_rating = "none"
    plan.save()
    update.commitment.plan.refresh_from_db()
    assert editing_reviewer in queued()


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "discarded", "published"])
@pytest.mark.parametrize(
    "persona",
    sampled(
        [*RATERS, "reporter", "curator", "all_rounder", "visitor"], lambda name: name in RATERS
    ),
)
def test_lists_withhold_what_the_rule_withholds(
    request, state, persona, update, event, reporter, reviewer, other_reviewer, duty
):
    person = request.getfixturevalue(persona)
    if state in ("draft", "returned", "discarded"):
        perform(update, Action.RECALL, reporter)
    if state == "discarded":
        perform(update, Action.DISCARD, reporter)
    if state == "returned":
        perform(update, Action.SUBMIT, reporter)
        perform(update, Action.RETURN, reviewer, note="Once more.")
    if state == "published":
        rate(update, other_reviewer, event)
        perform(update, Action.PUBLISH, other_reviewer)
    plain = draft(duty, reporter)
    for row in (update, event, plain):
        stored = ProgressUpdate.objects.get(pk=row.pk)
        rows = ProgressUpdate.objects.filter(pk=row.pk)
        listed = rows.with_is_withheld(person).get().is_withheld
        assert bool(listed) == policies.is_withheld(person, stored), stored
        assert rows.not_withheld_from(person).exists() != bool(listed)
    withheld = policies.is_withheld(person, ProgressUpdate.objects.get(pk=update.pk))
    before = state in ("draft", "submitted", "returned")
    assert withheld == (before and persona in (*RATERS, "all_rounder"))
    assert State(ProgressUpdate.objects.get(pk=update.pk).state) == state
