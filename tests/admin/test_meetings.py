"""Meetings as curators keep them: making them public, changing and cancelling them."""

import pytest

from commitments.curation.meetings import meeting_version
from commitments.models import Meeting
from tests.factories import MeetingFactory
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

# What the form sends of the meeting that the factory makes.
SESSION = {
    "title_en": "Seventh session",
    "title_zh": "第七届会议",
    "starts_on": "2026-08-03",
    "ends_on": "2026-08-03",
}


def test_a_public_meeting_is_cancelled_and_not_deleted(signed_in, curator, council):
    meeting = MeetingFactory(forum=council, public=True)
    client = signed_in(curator)
    delete = f"/admin/commitments/meeting/{meeting.pk}/delete/"
    for answer in (
        client.get(delete, follow=True),
        client.post(delete, {"post": "yes"}, follow=True),
    ):
        assert answer.redirect_chain[-1][0].endswith(f"/{meeting.pk}/change/")
        assert "tick “cancelled”" in answer.text
        assert "permission" not in answer.text
    Meeting.objects.update(public=False)
    assert client.post(delete, {"post": "yes"}).status_code == 302
    assert not Meeting.objects.exists()


def test_meetings_are_not_deleted_from_their_list(signed_in, curator, council):
    meeting = MeetingFactory(forum=council, public=True)
    client = signed_in(curator)
    sent = {"action": "delete_selected", "_selected_action": [meeting.pk], "post": "yes"}
    client.post("/admin/commitments/meeting/", sent)
    assert "delete_selected" not in client.get("/admin/commitments/meeting/").text
    assert Meeting.objects.exists()


def test_no_reason_is_asked_for_when_a_meeting_is_deleted(read, curator, council):
    meeting = MeetingFactory(forum=council)
    shown = read(curator, f"/admin/commitments/meeting/{meeting.pk}/delete/")
    assert 'name="reason"' not in shown
    assert "The ledger keeps" not in shown


def test_a_change_is_counted_and_one_that_readers_see_has_their_answers_read_anew(
    signed_in, curator, plan, council
):
    meeting = MeetingFactory(forum=council)
    client = signed_in(curator)
    sent = SESSION | {"forum": council.pk}

    def save(**changes):
        address = f"/admin/commitments/meeting/{meeting.pk}/change/"
        shown = {"expected_version": meeting_version(meeting)}
        assert client.post(address, sent | shown | changes).status_code == 302
        meeting.refresh_from_db()
        plan.refresh_from_db()
        return meeting.sequence, plan.revision

    begun = plan.revision
    assert save() == (0, begun)
    assert save(place_en="Geneva") == (1, begun)
    assert save(place_en="Geneva", public="on") == (2, begun + 1)
    assert save(place_en="Vienna", public="on") == (3, begun + 2)
    assert save(place_en="Vienna") == (4, begun + 3)
    assert save(place_en="Bonn") == (5, begun + 3)


def test_readers_calendars_do_not_show_that_staff_prepare(
    signed_in, curator, plan, council, office
):
    meeting = MeetingFactory(forum=council, public=True)
    seen = (meeting.sequence, meeting.changed_at, plan.revision)
    address = f"/admin/commitments/meeting/{meeting.pk}/change/"
    client = signed_in(curator)
    form = client.get(address).context["adminform"].form
    version = form["expected_version"].value()
    sent = SESSION | {"forum": council.pk, "public": "on", "expected_version": version}
    prepared = sent | {"asks_en": "A mandate.", "offices": [office.pk]}
    assert client.post(address, prepared).status_code == 302
    meeting.refresh_from_db()
    plan.refresh_from_db()
    assert (meeting.asks["en"], [*meeting.offices.all()]) == ("A mandate.", [office])
    assert (meeting.sequence, meeting.changed_at, plan.revision) == seen
    assert "This has been changed since you opened it" in client.post(address, sent).text


@pytest.mark.parametrize("shown", [{}, {"expected_version": "0"}])
def test_a_meeting_that_somebody_else_has_changed_is_not_overwritten(
    shown, signed_in, curator, council
):
    meeting = MeetingFactory(forum=council, place=en_zh("Geneva", "日内瓦"))
    sent = {"forum": council.pk, "starts_on": "2026-08-03", "place_en": "", "place_zh": ""}
    address = f"/admin/commitments/meeting/{meeting.pk}/change/"
    answer = signed_in(curator).post(address, sent | shown)
    assert "This has been changed since you opened it, by somebody else or by you" in answer.text
    meeting.refresh_from_db()
    assert meeting.place["en"] == "Geneva"
    version = f'name="expected_version" value="{meeting_version(meeting)}"'
    assert signed_in(curator).get(address).text.count(version) == 1


@pytest.mark.parametrize(("last", "stored"), [("", "2026-08-03"), ("2026-08-05", "2026-08-05")])
def test_a_meeting_of_one_day_needs_no_last_day(last, stored, signed_in, curator, council):
    sent = {"forum": council.pk, "title_en": "Session", "starts_on": "2026-08-03", "ends_on": last}
    answer = signed_in(curator).post("/admin/commitments/meeting/add/", sent)
    assert answer.status_code == 302
    assert Meeting.objects.get().ends_on.isoformat() == stored


@pytest.mark.parametrize(
    "days", [{"starts_on": ""}, {"ends_on": "soon"}, {"ends_on": "2026-08-01"}]
)
def test_a_meeting_with_wrong_days_is_refused(days, signed_in, curator, council):
    sent = {"forum": council.pk, "title_en": "Session", "starts_on": "2026-08-03", "ends_on": ""}
    answer = signed_in(curator).post("/admin/commitments/meeting/add/", sent | days)
    assert answer.status_code == 200
    assert not Meeting.objects.exists()


def test_a_meeting_is_not_public_unless_a_curator_says_so(read, curator, council):
    form = read(curator, "/admin/commitments/meeting/add/")
    assert 'name="public"' in form
    assert 'name="public" checked' not in form
    assert "Offices, asks and drafts are never public." in form
    assert not Meeting(forum=council).public


def test_the_form_of_a_meeting_leads_to_who_changed_it(read, signed_in, curator, council):
    meeting = MeetingFactory(forum=council)
    address = f"/admin/commitments/meeting/{meeting.pk}/"
    days = {"starts_on": "2026-08-04", "ends_on": "2026-08-05"}
    sent = {"forum": council.pk, "expected_version": meeting_version(meeting)} | days
    assert signed_in(curator).post(f"{address}change/", sent).status_code == 302
    assert f'href="{address}history/"' in read(curator, f"{address}change/")
    assert "curator" in read(curator, f"{address}history/")
