"""What others did with a published update is told to its author."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from commitments.choices import Action
from commitments.models import Decision, MailPreference
from tests.steps import NOW, perform, published, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

LATER = NOW + timedelta(minutes=1)
SITE = "https://tracker.example.org"


@pytest.fixture
def people(reporter, reviewer, other_reporter, with_addresses):
    with_addresses(reporter, reviewer, other_reporter)
    return reporter, reviewer, other_reporter


@pytest.fixture
def update(duty, people, sent):
    """An update whose author has heard that it was published."""
    update = published(duty, people[0], people[1])
    assert len(sent(NOW)) == 1
    return update


def test_the_author_reads_what_the_reviewer_noted_on_publication(duty, people, sent):
    update = submitted(duty, people[0])
    perform(update, Action.PUBLISH, people[1], note="Thank you; next time name the paragraph.")
    [mail] = sent(NOW)
    assert mail.body.splitlines()[:5] == [
        "Your update was published:",
        "PLAN-1.1 Take part in the forum, 1 July 2026, Took part",
        f"{SITE}/en/PLAN/commitments/1.1/#update-{update.pk}",
        "",
        "The reviewer's note: Thank you; next time name the paragraph.",
    ]


def test_a_withdrawal_comes_with_its_public_reason(update, people, sent):
    perform(update, Action.RETRACT, people[1], note="The source was withdrawn.")
    [mail] = sent(LATER)
    assert mail.to == ["reporter@example.org"]
    assert mail.subject == "Withdrawn: PLAN-1.1 Take part in the forum, 1 July 2026, Took part"
    lines = mail.body.splitlines()
    assert lines[:5] == [
        "Your published update was withdrawn. Readers see the reason instead of the text:",
        "PLAN-1.1 Take part in the forum, 1 July 2026, Took part",
        f"{SITE}/en/PLAN/commitments/1.1/#update-{update.pk}",
        "",
        "Reason: The source was withdrawn.",
    ]


def test_a_correction_by_another_is_told_to_the_author_of_what_it_corrects(
    duty, update, people, sent
):
    _author, reviewer, other = people
    published(duty, other, reviewer, corrects=update, summary=en_zh("Two meetings."))
    told = {mail.to[0]: mail for mail in sent(LATER)}
    assert set(told) == {"reporter@example.org", "other_reporter@example.org"}
    assert told["other_reporter@example.org"].subject.startswith("Published: ")
    mail = told["reporter@example.org"]
    assert mail.subject == (
        "Corrected by somebody else: PLAN-1.1 Take part in the forum, 1 July 2026, Took part"
    )
    assert f"{SITE}/en/PLAN/commitments/1.1/#update-{update.pk}" in mail.body
    assert "other_reporter" not in mail.body


def test_whoever_corrects_their_own_update_hears_only_of_the_publication(
    duty, update, people, sent
):
    published(duty, people[0], people[1], corrects=update)
    assert [mail.subject.partition(":")[0] for mail in sent(LATER)] == ["Published"]


def test_they_are_notices_which_a_person_can_do_without(duty, update, people, sent):
    MailPreference.objects.create(user=people[0], language="en", notices=False)
    perform(update, Action.RETRACT, people[1], note="Wrong.")
    assert sent(LATER) == []


def test_each_is_in_the_language_of_the_author(duty, update, people, sent):
    MailPreference.objects.create(user=people[0], language="zh-hans")
    correction = published(duty, people[2], people[1], corrects=update)
    perform(correction, Action.RETRACT, people[1], note="来源已失效。")
    found = {mail.to[0]: mail for mail in sent(LATER)}
    assert found["reporter@example.org"].subject.startswith("您的进展记录已由他人更正")
    perform(update, Action.RETRACT, people[1], note="来源已失效。")
    [mail] = sent(LATER + timedelta(minutes=1))
    assert mail.subject.startswith("已撤回")
    assert "理由：来源已失效。" in mail.body


def test_a_correction_that_is_withdrawn_before_the_mail_goes_out_was_one_all_the_same(
    duty, update, people, sent
):
    correction = published(duty, people[2], people[1], corrects=update)
    perform(correction, Action.RETRACT, people[1], note="Wrong.")
    subjects = {mail.to[0]: mail.subject.partition(":")[0] for mail in sent(LATER)}
    assert subjects == {
        "reporter@example.org": "Corrected by somebody else",
        "other_reporter@example.org": "Withdrawn",
    }


@pytest.mark.parametrize("lost", ["role", "account"])
def test_a_former_author_hears_nothing_of_what_is_public(duty, update, people, sent, lost):
    perform(update, Action.RETRACT, people[1], note="Wrong.")
    published(duty, people[0], people[1])
    if lost == "role":
        people[0].groups.clear()
    else:
        User.objects.filter(pk=people[0].pk).update(is_active=False)
    assert sent(LATER) == []


def test_an_erased_reason_is_in_no_mail(update, people, sent):
    perform(update, Action.RETRACT, people[1], note="Names somebody.")
    decisions = Decision.objects.filter(update=update, action=Action.RETRACT)
    decisions.update(note="", note_salt="", erased_by=decisions.get())
    [mail] = sent(LATER)
    assert "Reason" not in mail.body
