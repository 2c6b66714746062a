"""Rating an assessment on the page of its review, and what its author does with a rating."""

import pytest

from commitments.choices import Action, State
from commitments.models import Rating
from tests.admin.workbench.forms import page_of, shown
from tests.steps import STATEMENT, perform, published
from tests.words import en_zh
from tests.workflow.assessing import add_criteria
from tests.workflow.rating import ALL, SOME, assessed, event_on, rate, rate_blind

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def event(plan, duty, reporter, reviewer):
    rate_blind(plan)
    add_criteria(duty)
    return event_on(duty, reporter, reviewer)


@pytest.fixture
def update(duty, reporter, event):
    return assessed(duty, reporter, event)


def review_of(update):
    return f"/admin/review/{update.pk}/"


def answers(event, results, **more):
    """Return what is sent for a rating by one event."""
    sent = {"rate": "1", "expected_revision": "2", "status": ""}
    for key, result in zip("abc", results, strict=True):
        sent[f"findings_{key}"] = result
        if result != "not_shown":
            sent[f"findings_{key}_events"] = [event.pk]
    return sent | more


@pytest.fixture
def sent(update, event):
    return lambda results, **more: answers(
        event, results, expected_revision=update.revision, **more
    )


def test_a_reviewer_first_sees_what_is_assessed_and_not_what_was_found(
    update, event, signed_in, reviewer
):
    page = signed_in(reviewer).get(review_of(update)).text
    for words in ("Rate it first", "Show a.", "Show c.", f"#{event.pk}", "A meeting was held"):
        assert words in page
    work = page.split('<aside class="rail"')[0]
    assert "<option" in work
    assert "findings-table" not in page
    assert 'name="publish"' not in page
    assert 'name="return"' in page


def test_the_rater_sees_what_counts_of_an_event_under_the_id_that_the_assessment_names(
    duty, update, event, sent, signed_in, reporter, reviewer
):
    facts = {"evidence": [STATEMENT], "summary": en_zh("A meeting was announced.")}
    correction = published(duty, reporter, reviewer, corrects=event, **facts)
    client = signed_in(reviewer)
    page = client.get(review_of(update)).text
    assert "A meeting was announced." in page
    assert f"(corrects #{event.pk})" in page
    assert f"#{correction.pk} ·" in page
    assert "A meeting was held" not in page.split('<aside class="rail"')[0]
    assert client.post(review_of(update), sent(SOME)).status_code == 302
    assert Rating.objects.get().findings["a"]["events"] == [event.pk]
    perform(correction, Action.RETRACT, reviewer, note="The source was withdrawn.")
    assert f"· Withdrawn (corrects #{event.pk})" in client.get(review_of(update)).text


def test_a_rating_reveals_what_the_author_found_side_by_side(update, sent, signed_in, reviewer):
    client = signed_in(reviewer)
    answer = client.post(review_of(update), sent(SOME))
    assert answer.url == review_of(update)
    page = client.get(answer.url).text
    assert "Rate it first" not in page
    assert 'name="publish"' in page
    assert page.count("<td>agrees</td>") == 4
    assert "differs" not in page
    assert client.post(
        review_of(update), {"publish": "1", "expected_revision": update.revision, "note": ""}
    ).url
    update.refresh_from_db()
    assert update.state == State.PUBLISHED


@pytest.mark.long
def test_differences_are_marked_and_publishing_is_refused(update, sent, signed_in, reviewer):
    client = signed_in(reviewer)
    client.post(review_of(update), sent(ALL))
    page = client.get(review_of(update)).text
    assert page.count("<strong>differs</strong>") == 3
    assert "It cannot be published as it is:" in page
    assert "Publish and next" not in page
    publish = {"publish": "1", "expected_revision": update.revision, "note": ""}
    assert "differs from the assessment" in client.post(review_of(update), publish).text
    update.refresh_from_db()
    assert update.state == State.SUBMITTED


@pytest.mark.long
def test_answers_that_are_refused_are_kept_with_the_reason(update, sent, signed_in, reviewer):
    page = signed_in(reviewer).post(review_of(update), sent(SOME) | {"findings_b": ""}).text
    assert "Enter what was found of criterion b." in page
    assert '<option value="shown" selected>' in page
    page = signed_in(reviewer).post(review_of(update), sent(SOME, status="active")).text
    assert "does not follow from the findings" in page
    assert not Rating.objects.exists()


def test_what_changed_meanwhile_is_said_and_the_answers_are_kept(
    update, sent, signed_in, reporter, reviewer
):
    perform(update, Action.RECALL, reporter)
    perform(update, Action.SUBMIT, reporter)
    answer = signed_in(reviewer).post(review_of(update), sent(SOME))
    assert "has changed since you opened it" in answer.text
    assert answer.context["rating_form"]["expected_revision"].value() == str(update.revision + 2)
    assert '<option value="in_part" selected>' in answer.text


def test_answers_are_shown_when_somebody_else_was_faster(
    update, event, sent, signed_in, reviewer, other_reviewer
):
    typed = sent(SOME)
    rate(update, other_reviewer, event, SOME)
    perform(update, Action.PUBLISH, other_reviewer)
    answer = signed_in(reviewer).post(review_of(update), typed)
    assert "no longer in review: other_reviewer has published it meanwhile." in answer.text
    assert [key for key, _result in answer.context["rating"]] == ["a", "b", "c"]


def test_who_cannot_rate_is_told_so(update, sent, signed_in, reporter):
    assert "reserved for" in signed_in(reporter).post(review_of(update), sent(SOME)).text
    assert not Rating.objects.exists()


@pytest.fixture
def sent_back(update, event, reviewer):
    """The assessment, returned to its author after a rating that differs."""
    rate(update, reviewer, event, ALL)
    return perform(update, Action.RETURN, reviewer, note="See my rating.")


@pytest.mark.long
def test_an_author_sees_a_rating_once_the_assessment_was_returned(
    update, event, reporter, reviewer, signed_in
):
    rate(update, reviewer, event, ALL)
    client = signed_in(reporter)
    assert "Second rating of" not in client.get(page_of(update)).text
    perform(update, Action.RETURN, reviewer, note="See my rating.")
    page = client.get(page_of(update)).text
    assert "Second rating of" in page
    assert "Adopt this rating" in page
    assert "give your reasons" in page


@pytest.mark.long
def test_an_author_adopts_a_rating_with_one_click(sent_back, reporter, reviewer, signed_in):
    client, rating = signed_in(reporter), Rating.objects.get()
    path = f"/admin/updates/{sent_back.pk}/ratings/{rating.pk}/adopt/"
    assert "has changed since" in client.post(path, {"expected_revision": "1"}, follow=True).text
    answer = client.post(path, {"expected_revision": sent_back.revision}, follow=True)
    assert "Rating adopted." in answer.text
    assert "Adopt this rating" not in answer.text
    sent_back.refresh_from_db()
    assert sent_back.status == "active"
    client.post(page_of(sent_back), shown(answer) | {"submit": "1"})
    assert perform(sent_back, Action.PUBLISH, reviewer).state == State.PUBLISHED


def test_nobody_else_adopts_a_rating(sent_back, reviewer, signed_in):
    path = f"/admin/updates/{sent_back.pk}/ratings/{Rating.objects.get().pk}/adopt/"
    signed_in(reviewer).post(path, {"expected_revision": sent_back.revision})
    sent_back.refresh_from_db()
    assert sent_back.status == "partly_active"
    assert signed_in(reviewer).get(path).url == page_of(sent_back)
    missing = signed_in(reviewer).post(f"/admin/updates/{sent_back.pk}/ratings/0/adopt/")
    assert missing.status_code == 404


@pytest.mark.long
def test_an_author_gives_reasons_instead(sent_back, reporter, reviewer, signed_in):
    client = signed_in(reporter)
    form = shown(client.get(page_of(sent_back)))
    answer = client.post(page_of(sent_back), form | {"submit": "1"}, follow=True)
    assert "Saved, but not submitted" in answer.text
    form = shown(client.get(page_of(sent_back)))
    client.post(page_of(sent_back), form | {"submit": "1", "argument": "One of three meetings."})
    sent_back.refresh_from_db()
    assert sent_back.state == State.SUBMITTED
    page = signed_in(reviewer).get(review_of(sent_back)).text
    assert "One of three meetings." in page
    assert perform(sent_back, Action.PUBLISH, reviewer).state == State.PUBLISHED


@pytest.mark.long
def test_reasons_are_kept_when_something_else_is_missing(sent_back, reporter, signed_in):
    client = signed_in(reporter)
    form = shown(client.get(page_of(sent_back))) | {"status": "active", "submit": "1"}
    answer = client.post(page_of(sent_back), form | {"argument": "One of three meetings."})
    assert "Saved, but not submitted" in answer.text
    assert "One of three meetings.</textarea>" in answer.text


@pytest.mark.long
def test_the_pages_speak_chinese(update, sent, signed_in, reviewer):
    client = signed_in(reviewer)
    language = {"Accept-Language": "zh-hans"}
    assert "请先复评" in client.get(review_of(update), headers=language).text
    client.post(review_of(update), sent(ALL))
    assert "不一致" in client.get(review_of(update), headers=language).text


def test_a_curator_decides_whether_a_plan_is_rated_blind(plan, curator, signed_in):
    page = signed_in(curator).get(f"/admin/commitments/plan/{plan.pk}/change/").text
    assert "Review with a blind second rating" in page
