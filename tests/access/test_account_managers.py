"""Nobody reviews the work of whoever made their account, gave it a role, or reset its password."""

import pytest

from commitments import workflow
from commitments.accounts import record_command
from commitments.choices import Action
from commitments.workflow import work_queue
from tests.access.reviewing import fresh, is_kept_from_reviewing
from tests.factories import account_changed
from tests.steps import NOW, draft, perform, submitted
from tests.words import en_zh

pytestmark = pytest.mark.alike


@pytest.mark.long
def test_nobody_reviews_the_work_of_whoever_made_their_account(duty, reporter, reviewer):
    account_changed(reviewer, reporter)
    update = submitted(duty, reporter)
    assert is_kept_from_reviewing(reviewer, update)
    assert update not in work_queue.to_review_by(reviewer)


def test_nobody_reviews_the_work_of_a_superuser_who_gave_them_a_role_or_a_password(
    duty, administrator, reviewer, other_reviewer
):
    account_changed(reviewer, administrator)
    update = submitted(duty, administrator)
    assert is_kept_from_reviewing(reviewer, update)
    assert update in work_queue.to_review_by(other_reviewer)
    assert perform(update, Action.PUBLISH, other_reviewer).publisher == other_reviewer


def test_a_superuser_whose_account_the_author_made_is_no_exception(duty, reporter, administrator):
    update = submitted(duty, reporter)
    account_changed(administrator, reporter)
    assert is_kept_from_reviewing(fresh(administrator), update)


def test_nobody_reviews_what_the_maker_of_their_account_edited(
    office_duty, office_author, editing_reviewer, reviewer
):
    account_changed(reviewer, editing_reviewer)
    update = draft(office_duty, office_author)
    workflow.edit_draft(update, by=editing_reviewer, at=NOW, summary=en_zh("In other words."))
    perform(update, Action.SUBMIT, office_author)
    assert is_kept_from_reviewing(reviewer, update)
    assert update not in work_queue.to_review_by(reviewer)


def test_nobody_reviews_what_the_maker_of_their_account_submitted(
    office_duty, office_author, editing_reviewer, reviewer
):
    account_changed(reviewer, editing_reviewer)
    update = perform(draft(office_duty, office_author), Action.SUBMIT, editing_reviewer)
    assert is_kept_from_reviewing(reviewer, update)
    assert update not in work_queue.to_review_by(reviewer)


def test_a_password_reset_while_the_update_waits_counts(duty, reporter, reviewer):
    update = submitted(duty, reporter)
    account_changed(reviewer, reporter)
    assert is_kept_from_reviewing(fresh(reviewer), update)


def test_who_made_an_account_reviews_the_work_of_its_holder(duty, reporter, reviewer):
    account_changed(reporter, reviewer)
    assert perform(submitted(duty, reporter), Action.PUBLISH, reviewer).publisher == reviewer


def test_changing_ones_own_account_keeps_nobody_from_reviewing(duty, reporter, reviewer):
    account_changed(reviewer, reviewer)
    assert perform(submitted(duty, reporter), Action.PUBLISH, reviewer).publisher == reviewer


def test_nobody_reviews_the_work_of_who_made_the_account_of_their_accounts_maker(
    duty, reporter, reviewer, administrator, second_administrator
):
    account_changed(administrator, reporter)
    account_changed(second_administrator, administrator)
    account_changed(reviewer, second_administrator)
    assert is_kept_from_reviewing(reviewer, submitted(duty, reporter))


def test_two_who_changed_the_accounts_of_one_another_are_kept_apart_and_no_loop_hangs(
    duty, reporter, reviewer, other_reporter
):
    account_changed(reviewer, reporter)
    account_changed(reporter, reviewer)
    assert is_kept_from_reviewing(reviewer, submitted(duty, reporter))
    update = submitted(duty, other_reporter)
    assert perform(update, Action.PUBLISH, reviewer).publisher == reviewer


def test_what_a_command_did_keeps_nobody_from_reviewing(duty, reporter, reviewer):
    record_command(reviewer, changed="account", at=NOW)
    assert perform(submitted(duty, reporter), Action.PUBLISH, reviewer).publisher == reviewer
