"""Reviewing as a queue: one update after the other, with one note for either decision."""

from datetime import date, timedelta

import pytest

from commitments.choices import Action, Role, State, Status
from commitments.models import Decision
from tests.admin.workbench.forms import page_of
from tests.factories import CommitmentFactory, OfficeFactory, UserFactory
from tests.files.sample_files import SAMPLES
from tests.steps import (
    NOW,
    REPORT,
    STATEMENT,
    draft,
    file_evidence,
    perform,
    published,
    returned,
    submitted,
)
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


QUERIES = 33


def review_of(update):
    return f"/admin/review/{update.pk}/"


@pytest.fixture
def queue(duty, reporter):
    """Three updates in review, the longest waiting first."""
    day = {"effective_on": date(2026, 6, 1)}
    return [submitted(duty, reporter, NOW - timedelta(days=3 - n), **day) for n in range(3)]


def decide(client, update, action, note="", **sent):
    data = {"expected_revision": update.revision, "note": note, action: "1"}
    return client.post(review_of(update), data | sent)


def test_the_queue_begins_with_what_waits_longest(queue, signed_in, reviewer):
    answer = signed_in(reviewer).get("/admin/review/")
    assert answer.url == review_of(queue[0])
    page = signed_in(reviewer).get(answer.url).text
    assert "1 of 3 that wait for you" in page
    assert "waiting for 3 days" in page


def test_a_decision_leads_to_the_next_update_in_one_load(queue, signed_in, reviewer):
    client = signed_in(reviewer)
    first, second, third = queue
    assert decide(client, second, "publish").url == review_of(third)
    assert decide(client, third, "return", "Name the meeting.").url == review_of(first)
    answer = decide(client, first, "publish")
    assert answer.url == "/admin/review/"
    assert "Nothing else waits for your review." in client.get(answer.url).text
    for update, state in zip(queue, ("published", "published", "returned"), strict=True):
        update.refresh_from_db()
        assert update.state == state


def test_the_last_decision_leads_to_the_end_of_the_queue_in_one_load(
    duty, reporter, reviewer, signed_in
):
    update = submitted(duty, reporter)
    sent = {"expected_revision": update.revision, "publish": "1"}
    answer = signed_in(reviewer).post(review_of(update), sent, follow=True)
    assert answer.redirect_chain == [("/admin/review/", 302)]
    assert "Nothing else waits for your review." in answer.text


def test_an_update_is_skipped(queue, signed_in, reviewer):
    client = signed_in(reviewer)
    for update, following in ((queue[0], queue[1]), (queue[2], queue[0])):
        assert client.get(f"/admin/review/?after={update.pk}").url == review_of(following)
    for odd in ("x", "²", "9" * 40, ""):
        assert client.get(f"/admin/review/?after={odd}").url == review_of(queue[0])


def test_the_only_update_is_skipped_to_the_end(duty, reporter, reviewer, signed_in):
    update = submitted(duty, reporter)
    page = signed_in(reviewer).get(f"/admin/review/?after={update.pk}").text
    assert "You skipped the last update; it still waits." in page


def test_a_note_survives_what_is_refused(queue, signed_in, reviewer):
    update = queue[0]
    update.commitment.plan.visibility = "draft"
    update.commitment.plan.save()
    page = decide(signed_in(reviewer), update, "publish", "Please name the meeting.").text
    assert "Please name the meeting.</textarea>" in page
    assert "is still in preparation" in page


@pytest.mark.parametrize("note", ["", " "])
def test_returning_needs_a_note(note, queue, signed_in, reviewer):
    page = decide(signed_in(reviewer), queue[0], "return", note).text
    assert "Give a reason: this action requires a note." in page
    queue[0].refresh_from_db()
    assert queue[0].state == State.SUBMITTED


@pytest.mark.parametrize("sent", [{}, {"publish": "1", "return": "1"}])
def test_what_names_no_decision_or_two_decides_nothing(sent, queue, signed_in, reviewer):
    data = {"expected_revision": queue[0].revision, "note": "So."} | sent
    assert signed_in(reviewer).post(review_of(queue[0]), data).status_code == 200
    queue[0].refresh_from_db()
    assert queue[0].state == State.SUBMITTED


def test_a_reviewer_publishes_the_revision_on_the_page(reporter, reviewer, signed_in, duty):
    update = submitted(duty, reporter, status=Status.ACTIVE)
    client = signed_in(reviewer)
    revision = client.get(review_of(update)).context["form"]["expected_revision"].value()
    decide(client, update, "publish", expected_revision=revision)
    update.refresh_from_db()
    duty.refresh_from_db()
    assert (update.state, update.publisher, duty.status) == (
        State.PUBLISHED,
        reviewer,
        Status.ACTIVE,
    )


def test_a_stale_page_does_not_publish(reporter, reviewer, signed_in, duty):
    update = submitted(duty, reporter)
    answer = signed_in(reviewer).post(
        review_of(update),
        {"expected_revision": update.revision - 1, "publish": "1", "note": "Well done."},
    )
    assert "Well done.</textarea>" in answer.text
    # The page now has the current revision, so the decision can be made.
    assert f'name="expected_revision" value="{update.revision}"' in answer.text
    assert "has changed since you opened it" in answer.text


def test_an_author_finds_no_decision_and_cannot_make_one(all_rounder, signed_in, duty):
    update = submitted(duty, all_rounder)
    client = signed_in(all_rounder)
    page = client.get(review_of(update)).text
    assert "Somebody else has to review this update" in page
    assert 'name="publish"' not in page
    answer = decide(client, update, "publish")
    assert "is reserved for a reviewer who neither wrote, edited nor submitted it" in answer.text
    update.refresh_from_db()
    assert update.state == State.SUBMITTED


def test_a_note_is_shown_when_somebody_else_was_faster(queue, signed_in, reviewer, other_reviewer):
    perform(queue[0], Action.PUBLISH, other_reviewer)
    answer = decide(signed_in(reviewer), queue[0], "return", "Name the meeting.")
    assert "no longer in review: other_reviewer has published it meanwhile." in answer.text
    assert "Nothing was decided." in answer.text
    assert "Name the meeting.</textarea>" in answer.text
    for address in (page_of(queue[0]), f"/admin/review/?after={queue[0].pk}"):
        assert f'href="{address}"' in answer.text
    assert not [*answer.context["messages"]]


def test_a_reviewer_who_is_also_a_curator_is_told_who_returned_it(queue, signed_in, other_reviewer):
    curator = UserFactory(roles=[Role.REVIEWER, Role.CURATOR])
    perform(queue[0], Action.RETURN, other_reviewer, note="Which day?")
    page = decide(signed_in(curator), queue[0], "publish", "Well done.").text
    assert "no longer in review: other_reviewer has returned it meanwhile." in page


def test_a_note_is_shown_when_the_author_took_the_update_back(queue, signed_in, reporter, reviewer):
    client, revision = signed_in(reviewer), queue[0].revision
    perform(queue[0], Action.RECALL, reporter)
    sent = {"expected_revision": revision, "note": "Name the <b>place</b>.", "publish": "1"}
    answer = client.post(review_of(queue[0]), sent)
    assert answer.status_code == 200
    assert (
        "That update is no longer in review: it was recalled or returned meanwhile." in answer.text
    )
    assert "Name the &lt;b&gt;place&lt;/b&gt;.</textarea>" in answer.text
    assert "A meeting was held." not in answer.text
    assert "PLAN-1.1" not in answer.text
    assert f'href="/admin/review/?after={queue[0].pk}"' in answer.text


def test_what_was_recalled_leads_on_to_the_queue(queue, signed_in, reporter, reviewer):
    perform(queue[1], Action.RECALL, reporter)
    answer = signed_in(reviewer).get(review_of(queue[1]), follow=True)
    assert answer.redirect_chain[-1][0] == review_of(queue[0])
    [message] = answer.context["messages"]
    assert (
        str(message) == "That update is no longer in review: it was recalled or returned meanwhile."
    )


def test_what_was_never_in_review_is_not_found_there(
    queue, signed_in, duty, reporter, reviewer, curator, colleague
):
    unknown, never = f"/admin/review/{2**40}/", review_of(draft(duty, reporter))
    perform(queue[0], Action.RECALL, reporter)
    reads = [(reviewer, unknown), (reviewer, never), (colleague, review_of(queue[0]))]
    for person, address in reads:
        assert signed_in(person).get(address).status_code == 404
        assert signed_in(person).post(address, {"note": "So."}).status_code == 404


def test_whoever_may_not_review_at_all_is_told_nothing_of_taking_part(queue, signed_in, curator):
    page = signed_in(curator).get(review_of(queue[0])).text
    assert "took part in it" not in page
    assert 'name="publish"' not in page


def test_a_superuser_cannot_publish_their_own_work(administrator, signed_in, duty):
    update = submitted(duty, administrator)
    decide(signed_in(administrator), update, "publish")
    update.refresh_from_db()
    assert update.state == State.SUBMITTED


def test_what_is_not_in_review_leads_to_its_page(duty, reporter, reviewer, signed_in):
    update = published(duty, reporter, reviewer)
    assert signed_in(reviewer).get(review_of(update)).url == page_of(update)


@pytest.mark.parametrize(("language", "done"), [("en", "Published."), ("zh-CN", "已发布。")])
def test_a_decision_is_confirmed_in_the_past_tense(
    language, done, reporter, reviewer, signed_in, duty
):
    update = submitted(duty, reporter)
    answer = signed_in(reviewer).post(
        review_of(update),
        {"expected_revision": update.revision, "publish": "1"},
        follow=True,
        headers={"Accept-Language": language},
    )
    [message] = answer.context["messages"]
    assert str(message) == f'{done} <a href="{page_of(update)}">PLAN-1.1</a>'


# What a reviewer sees


def read(client, update):
    return " ".join(client.get(review_of(update)).text.split())


def test_a_reviewer_sees_what_differs_from_the_current_assessment(
    signed_in, duty, reporter, reviewer
):
    before = published(
        duty,
        reporter,
        reviewer,
        status="inactive",
        effective_on=date(2025, 6, 1),
        evidence=[STATEMENT],
        summary=en_zh("One meeting was held.", "会议召开一次。"),
    )
    texts = {"summary": en_zh("Two meetings were held.", "会议召开两次。")}
    update = submitted(duty, reporter, status="active", evidence=[REPORT], **texts)
    page = read(signed_in(reviewer), update)
    assert f"Update {before.pk}</a> · Not acted on · 1 June 2025 · Statement by a party" in page
    assert "<del>One meeting was</del><ins>Two meetings were</ins> held." in page
    assert "会议召开<del>一</del><ins>两</ins>次。" in page
    assert "3 Third-party source" in page


def test_an_event_is_compared_with_nothing(signed_in, duty, reporter, reviewer):
    published(duty, reporter, reviewer, status="inactive", effective_on=date(2025, 6, 1))
    assert "Compared with" not in read(signed_in(reviewer), submitted(duty, reporter))


def test_a_correction_under_review_shows_what_it_drops(signed_in, duty, reporter, reviewer):
    first = published(
        duty,
        reporter,
        reviewer,
        evidence=[REPORT, STATEMENT],
        summary=en_zh("A meeting.", "会议。"),
    )
    update = submitted(duty, reporter, corrects=first, summary=en_zh("A meeting."))
    page = read(signed_in(reviewer), update)
    assert "<dt>Source removed</dt> <dd> <del>Statement by the ministry · The ministry" in page
    assert "<del>会议。</del>" in page


def test_a_reviewer_sees_the_thread_the_office_and_what_else_waits(
    signed_in, duty, reporter, reviewer
):
    OfficeFactory(code="BUREAU").members.add(reporter)
    update = returned(duty, reporter, reviewer)
    perform(update, Action.SUBMIT, reporter)
    other = submitted(duty, reporter)
    submitted(CommitmentFactory(plan=duty.plan, number="9.9", position=9), reporter)
    page = signed_in(reviewer).get(review_of(update))
    notes = [(entry.sentence, entry.note) for entry in page.context["thread"]]
    assert notes == [
        ("Submitted for review.", ""),
        ("Returned to author.", "Name the meeting."),
        ("Submitted for review.", ""),
    ]
    assert "reporter (BUREAU)" in " ".join(page.text.split())
    assert page.context["pending"] == [other]


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("Officer", "One", "Officer One"), ("员", "官", "官员"), ("", "", "reporter")],
)
def test_a_name_is_written_as_its_language_has_it(
    first, last, name, signed_in, duty, reporter, reviewer
):
    reporter.first_name, reporter.last_name = first, last
    reporter.save()
    page = read(signed_in(reviewer), submitted(duty, reporter))
    assert f"· {name}" in " ".join(page.split())


def test_a_reviewer_sees_the_external_reference(signed_in, duty, reporter, reviewer):
    update = submitted(duty, reporter, external_ref="register/7")
    page = read(signed_in(reviewer), update)
    assert "<dt>External reference</dt> <dd>register/7</dd>" in page


def test_pictures_are_shown_and_files_linked(signed_in, duty, reporter, reviewer):
    pieces = [file_evidence(), file_evidence("picture.png")]
    update = submitted(duty, reporter, evidence=pieces)
    document, picture = update.evidence.order_by("pk")
    for address in (review_of(update), page_of(update)):
        page = signed_in(reviewer).get(address).text
        link = '<a href="/api/v1/evidence/{}/file/">{}</a>'
        assert link.format(document.pk, "minutes.pdf") in page
        assert f'<img class="preview" src="/api/v1/evidence/{picture.pk}/file/"' in page


def test_a_pdf_has_a_preview_in_a_frame_for_those_who_may_see_it(
    signed_in, client, duty, reporter, reviewer
):
    pieces = [file_evidence(public=False), file_evidence("picture.png")]
    update = submitted(duty, reporter, evidence=pieces)
    document, picture = update.evidence.order_by("pk")
    address = f"/admin/evidence/{document.pk}/preview/"
    page = signed_in(reviewer).get(review_of(update)).text
    assert page.count("<iframe") == 1
    assert f'src="{address}"' in page
    answer = signed_in(reviewer).get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert b"".join(answer.streaming_content) == SAMPLES["minutes.pdf"]
    assert signed_in(reviewer).get(f"/admin/evidence/{picture.pk}/preview/").status_code == 404
    assert signed_in(reviewer).get("/admin/evidence/99/preview/").status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


def test_whom_a_file_names_as_its_author_is_told_to_the_reviewer(
    signed_in, duty, reporter, reviewer
):
    named = SAMPLES["minutes.pdf"] + b"1 0 obj << /Author (A. Writer) >> endobj"
    update = submitted(duty, reporter, evidence=[file_evidence(content=named)])
    sentence = "The file names as authors: A. Writer"
    assert sentence in read(signed_in(reviewer), update)
    assert sentence not in signed_in(reporter).get(page_of(update)).text


def test_the_review_speaks_chinese(reviewer, reporter, signed_in, duty):
    for code in ("EMBASSY", "BUREAU"):
        OfficeFactory(code=code).members.add(reporter)
    update = submitted(duty, reporter)
    page = signed_in(reviewer).get(review_of(update), headers={"Accept-Language": "zh-CN"}).text
    for words in ("当前评估结论", "发布并继续", "退回并继续", "reporter（BUREAU、EMBASSY）"):
        assert words in page


@pytest.mark.long
@pytest.mark.parametrize("rows", [1, 6])
def test_the_review_costs_the_same_queries_for_few_and_for_many(
    rows, signed_in, duty, reporter, reviewer, django_assert_num_queries
):
    events = [published(duty, reporter, reviewer) for _number in range(rows)]
    day = {"rests_on": [row.pk for row in events], "status": "active"}
    update = submitted(duty, reporter, evidence=[REPORT, STATEMENT], **day)
    for _number in range(rows):
        submitted(duty, reporter)
    client = signed_in(reviewer)
    with django_assert_num_queries(QUERIES):
        client.get(review_of(update))


def test_drafts_leave_no_decision_until_they_are_submitted(duty, reporter):
    draft(duty, reporter)
    assert not Decision.objects.exists()
