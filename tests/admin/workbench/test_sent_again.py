"""Forms that were sent before, since their answer was lost, and forms with several mistakes."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from commitments import workflow
from commitments.choices import Action, State
from commitments.models import Decision, ProgressUpdate
from tests.admin.workbench.forms import LINK, assessed, entered, log_of, page_of, shown
from tests.steps import REPORT, draft, perform, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def in_review(duty, reporter):
    return submitted(duty, reporter)


def decide(client, update, action):
    sent = {"expected_revision": update.revision, "note": "Which forum?", action: "1"}
    return client.post(f"/admin/review/{update.pk}/", sent, follow=True)


@pytest.mark.parametrize(
    ("action", "done"), [("publish", "Published."), ("return", "Returned to author.")]
)
def test_a_decision_that_is_sent_again_is_done(in_review, signed_in, reviewer, action, done):
    client = signed_in(reviewer)
    assert done in decide(client, in_review, action).text
    decisions = Decision.objects.count()
    again = decide(client, in_review, action)
    assert done in again.text
    assert "has changed since" not in again.text
    assert Decision.objects.count() == decisions


@pytest.fixture
def sent_twice(monkeypatch):
    """Actions are performed by two requests at once: the other one read the update as early, and
    gets the lock first."""
    perform_once = workflow.perform

    def perform_twice(update, action, **details):
        perform_once(ProgressUpdate.objects.get(pk=update.pk), action, **details)
        return perform_once(update, action, **details)

    monkeypatch.setattr(workflow, "perform", perform_twice)


@pytest.mark.parametrize(
    ("action", "done"), [("publish", "Published."), ("return", "Returned to author.")]
)
def test_of_a_double_click_both_responses_say_that_it_is_done(
    in_review, sent_twice, signed_in, reviewer, action, done
):
    page = decide(signed_in(reviewer), in_review, action)
    assert done in page.text
    assert "has changed since" not in page.text


@pytest.mark.parametrize("again", ["in one go", "later"])
def test_an_action_that_is_sent_again_is_done(again, request, in_review, signed_in, reporter):
    client, address = signed_in(reporter), f"{page_of(in_review)}recall/"
    sent = {"expected_revision": in_review.revision, "note": "Too early."}
    if again == "in one go":
        request.getfixturevalue("sent_twice")
    else:
        client.post(address, sent)
    answer = client.post(address, sent)
    assert answer.url == page_of(in_review)
    page = client.get(answer.url).text
    assert "Recalled." in page
    assert "has changed since" not in page


def test_an_action_with_another_note_is_not_taken_for_the_first(in_review, signed_in, reporter):
    client, address = signed_in(reporter), f"{page_of(in_review)}recall/"
    sent = {"expected_revision": in_review.revision, "note": "Too early."}
    client.post(address, sent)
    page = client.post(address, sent | {"note": "Wrong day."}).text
    assert "has changed since" in page


def test_a_decision_that_somebody_else_made_is_not_ones_own(
    in_review, signed_in, reviewer, other_reviewer
):
    decide(signed_in(reviewer), in_review, "publish")
    answer = decide(signed_in(other_reviewer), in_review, "publish")
    assert "Published." not in answer.text.partition('class="messages"')[2].partition("</ul>")[0]


def test_another_note_is_not_taken_for_the_first(in_review, signed_in, reviewer):
    client = signed_in(reviewer)
    decide(client, in_review, "return")
    sent = {"expected_revision": in_review.revision, "note": "Which day?", "return": "1"}
    answer = client.post(f"/admin/review/{in_review.pk}/", sent, follow=True)
    assert answer.redirect_chain == [(page_of(in_review), 302)]
    sentence = "Returned to author. What you have typed since was not sent: “Which day?”"
    assert sentence in answer.text


def test_what_was_returned_and_submitted_again_is_decided_anew(
    in_review, signed_in, reporter, reviewer
):
    client = signed_in(reviewer)
    decide(client, in_review, "return")
    in_review.refresh_from_db()
    perform(in_review, Action.SUBMIT, reporter)
    in_review.refresh_from_db()
    decide(client, in_review, "return")
    in_review.refresh_from_db()
    assert in_review.state == State.RETURNED
    assert Decision.objects.filter(action=Action.RETURN).count() == 2


def test_who_has_submitted_an_update_is_told_just_that(in_review, signed_in, reporter):
    answer = signed_in(reporter).post(page_of(in_review), entered(summary_en="Mine."), follow=True)
    assert (
        "You have submitted this update. What you changed after that was not saved;" in answer.text
    )
    assert "Mine.</textarea>" in answer.text


def test_a_form_that_somebody_saved_before_is_not_called_that_of_another(duty, signed_in, reporter):
    update = draft(duty, reporter)
    sent = entered(expected_revision=update.revision, summary_en="Mine.", save=1)
    client = signed_in(reporter)
    assert client.post(page_of(update), sent).status_code == 302
    answer = client.post(page_of(update), sent)
    assert (
        "You have changed this update since you opened this form, or sent it before." in answer.text
    )


def test_of_what_two_people_write_nobody_is_told_that_it_was_they(
    office_duty, office, signed_in, colleague, other_reporter
):
    office.members.add(other_reporter)
    update = draft(office_duty, colleague)
    sent = entered(expected_revision=update.revision, summary_en="Mine.", save=1)
    assert signed_in(other_reporter).post(page_of(update), sent).status_code == 302
    answer = signed_in(colleague).post(page_of(update), sent)
    assert "This update was changed since you opened it." in answer.text


KEY = "b" * 32


def new_form(commitment):
    """Return the address of a form for a new draft with its key, as the script makes it."""
    return f"{log_of(commitment)}?form={KEY}"


def levels(answer):
    return {message.extra_tags for message in answer.context["messages"]}


@pytest.mark.long
def test_the_way_back_after_saving_leads_to_what_was_saved(reporter, signed_in, duty):
    client = signed_in(reporter)
    page = client.get(new_form(duty))
    assert page.context["forms"].update["request_key"].value() == KEY
    saved = client.post(new_form(duty), entered(LINK, request_key=KEY, save=1))
    update = ProgressUpdate.objects.get()
    assert saved.url == page_of(update)
    back = client.get(new_form(duty), follow=True)
    assert back.redirect_chain == [(page_of(update), 302)]
    assert "What you wrote here was saved before, as this update." in back.text
    assert f'<a href="{log_of(duty)}">Begin another update</a>' in back.text
    # What is changed there changes the draft.
    sent = shown(back) | {"summary_en": "Changed on the way back.", "save": "1"}
    assert client.post(page_of(update), sent).status_code == 302
    assert str(ProgressUpdate.objects.get().summary) == "Changed on the way back."


def test_an_address_with_the_key_of_another_person_opens_a_form(
    reporter, other_reporter, signed_in, duty
):
    signed_in(reporter).post(log_of(duty), entered(LINK, request_key=KEY))
    assert signed_in(other_reporter).get(new_form(duty)).status_code == 200


@pytest.mark.long
@pytest.mark.parametrize("odd", ["", "x", "\0", "B" * 32, "b" * 31])
def test_an_address_with_something_else_for_a_key_opens_a_new_form(odd, reporter, signed_in, duty):
    page = signed_in(reporter).get(log_of(duty), {"form": odd})
    key = page.context["forms"].update["request_key"].value()
    assert re.fullmatch("[0-9a-f]{32}", key)


@pytest.mark.long
@pytest.mark.parametrize("sources", [[], [LINK], [LINK, {"title_en": "A", "citation": " b  "}]])
@pytest.mark.parametrize("make", [entered, assessed])
def test_a_form_that_is_sent_again_as_it_was_leads_to_what_was_saved(
    make, sources, reporter, signed_in, duty
):
    client = signed_in(reporter)
    sent = make(*sources, request_key=KEY, save=1, covers_from="")
    client.post(log_of(duty), sent, follow=True)
    again = client.post(log_of(duty), sent, follow=True)
    assert again.redirect_chain == [(page_of(ProgressUpdate.objects.get()), 302)]
    # The copy that the browser keeps is not needed.
    assert levels(again) == {"saved"}


def test_a_form_that_was_saved_and_is_sent_again_to_be_submitted_is_submitted(
    reporter, signed_in, duty
):
    client = signed_in(reporter)
    sent = entered(LINK, request_key=KEY, covers_from="")
    client.post(log_of(duty), sent | {"save": "1"})
    client.post(log_of(duty), sent | {"submit": "1"})
    assert ProgressUpdate.objects.get().state == State.SUBMITTED
    # Once more, it leads to what has been submitted.
    again = client.post(log_of(duty), sent | {"submit": "1"}, follow=True)
    assert again.redirect_chain == [(page_of(ProgressUpdate.objects.get()), 302)]


@pytest.mark.long
def test_a_file_that_is_sent_again_leads_to_what_was_saved(reporter, signed_in, duty):
    client = signed_in(reporter)
    for _time in range(2):
        file = SimpleUploadedFile("minutes.txt", b"The minutes.")
        source = {"title_en": "Minutes", "upload": file}
        answer = client.post(log_of(duty), entered(source, request_key=KEY, save=1))
        assert answer.url == page_of(ProgressUpdate.objects.get())


@pytest.mark.long
@pytest.mark.parametrize("submit", [{}, {"submit": 1}])
@pytest.mark.parametrize(
    "changed",
    [
        {"summary_en": "Other words."},
        {"evidence-0-title_en": "Another title"},
        {"evidence-0-url": "https://example.org/other"},
        {"evidence-0-source": "independent"},
        {"evidence-TOTAL_FORMS": 0},
        {"when": "2026-05"},
        {"links": "https://example.org/one-more"},
        {"links": "a line"},
        {"when": "soon"},
    ],
)
def test_a_form_that_is_sent_again_with_other_words_comes_back_with_them(
    changed, submit, reporter, signed_in, duty
):
    client = signed_in(reporter)
    sent = entered(LINK, request_key=KEY) | submit
    client.post(log_of(duty), sent, follow=True)
    [update] = ProgressUpdate.objects.all()
    answer = client.post(log_of(duty), sent | changed, follow=True)
    assert answer.redirect_chain == []
    assert f'as update <a href="{page_of(update)}">{update.pk}</a>. What you changed' in answer.text
    assert f'<a href="{log_of(duty)}">Begin another update</a>' in answer.text
    # Nothing says that these words were saved, so the browser keeps them, and warns.
    assert "saved" not in levels(answer)
    assert 'data-draft="unsaved"' in answer.text
    shown_again = str(shown(answer))
    assert all(str(value) in shown_again for value in changed.values())
    assert ProgressUpdate.objects.get().revision == update.revision


@pytest.mark.long
def test_a_file_that_is_sent_with_other_words_need_not_be_chosen_again(reporter, signed_in, duty):
    client = signed_in(reporter)
    client.post(log_of(duty), entered(LINK, request_key=KEY))
    files = {"files": SimpleUploadedFile("minutes.txt", b"The minutes.")}
    answer = client.post(log_of(duty), entered(LINK, request_key=KEY) | files)
    assert [row.kept_file for row in answer.context["forms"].evidence] == ["", "minutes.txt"]


@pytest.mark.long
def test_sources_that_were_added_in_two_tabs_are_not_lost_in_silence(reporter, signed_in, duty):
    update = draft(duty, reporter, evidence=[REPORT])
    client = signed_in(reporter)
    first, second = (shown(client.get(page_of(update))) for _tab in range(2))

    def with_source(form, **fields):
        row = {"kind": "report", "source": "independent", "public": "on", **fields}
        named = {f"evidence-1-{name}": value for name, value in row.items()}
        return form | named | {"evidence-TOTAL_FORMS": "2", "save": "1"}

    url = "https://example.org/first-tab"
    client.post(page_of(update), with_source(first, title_en="Of the first tab", url=url))
    file = SimpleUploadedFile("second.txt", b"Of the second tab.")
    sent = with_source(second, title_en="Of the second tab", upload=file)
    answer = client.post(page_of(update), sent | {"summary_en": "Of the second tab, too."})
    assert "You have changed this update since you opened this form" in answer.text
    assert 'data-draft="unsaved"' in answer.text
    rows = list(answer.context["forms"].evidence)
    assert rows[1]["title"].value()["en"] == "Of the second tab"
    assert [row.kept_file for row in rows] == ["", "second.txt"]
    assert "Of the second tab, too.</textarea>" in answer.text
    titles = {str(piece.title) for piece in update.evidence.all()}
    assert titles == {str(REPORT["title"]), "Of the first tab"}


def test_the_page_says_at_once_all_that_is_wrong_and_missing(duty, signed_in, reporter):
    """One mistake after the other would be a round for each."""
    piece = LINK | {"title_en": "", "dated_on": "1/2/2025"}
    sent = entered(piece, when="2999-01-01", summary_en="", event_type="", submit=1)
    answer = signed_in(reporter).post(log_of(duty), sent)
    assert not ProgressUpdate.objects.exists()
    assert "Nothing was saved yet" in answer.text
    said = " ".join(answer.context["missing"])
    for words in ("Source 1", "Source date", "is in the future", "summary"):
        assert words in said, words
    assert len(answer.context["missing"]) == len(set(answer.context["missing"])) >= 5


def test_what_is_wrong_with_a_stored_draft_does_not_make_it_ready(duty, signed_in, reporter):
    update = draft(duty, reporter)
    sent = entered(expected_revision=update.revision, when="2999-01-01", submit=1)
    answer = signed_in(reporter).post(page_of(update), sent)
    assert "is in the future" in " ".join(answer.context["missing"])
    assert "Ready to submit for review." not in answer.text


def test_a_mistake_of_all_sources_is_counted(duty, signed_in, reporter):
    """The same link twice is a problem that the workflow finds."""
    answer = signed_in(reporter).post(log_of(duty), entered(LINK, LINK, submit=1))
    assert "Nothing was saved yet: 0" not in " ".join(answer.text.split())
    assert "Nothing was saved yet: one entry needs correcting." in " ".join(answer.text.split())
