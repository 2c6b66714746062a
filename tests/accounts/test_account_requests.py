"""Who makes and changes accounts, what a second administrator has to confirm, and what is kept."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from commitments import accounts, workflow
from commitments.access import policies
from commitments.choices import Action, Role
from commitments.exceptions import ActionRefused, NotPermitted
from commitments.models import AccountRequest, Decision
from commitments.roles import roles_of
from tests.factories import OfficeFactory, UserFactory, account_changed
from tests.steps import NOW, perform, submitted, token

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

NEW = {"username": "new", "is_active": True, "is_superuser": False, "roles": ["reviewer"]}
LATER = NOW + timedelta(hours=1)


def request_change(account, by, **changes):
    return accounts.request_change(account, changes, by=by, at=NOW, reason="So it was decided.")


def again(user):
    return User.objects.get(pk=user.pk)


# One administrator


def test_a_lone_administrator_makes_an_account_at_once_and_the_ledger_says_so(administrator):
    request = request_change(None, administrator, **NEW)
    new = User.objects.get(username="new")
    assert (request.state, request.account, request.changes) == ("done", new, {})
    assert roles_of(new) == {Role.REVIEWER}
    assert not new.has_usable_password()
    decision = Decision.objects.get()
    assert (decision.action, decision.actor, decision.role) == (
        "account",
        administrator,
        "administrator",
    )
    assert decision.meta == {
        "account": new.pk,
        "changed": ["account", "is_active", "is_superuser", "roles", "username"],
        "gives_access": True,
        "active": True,
        "administrator": False,
        "roles": ["reviewer"],
    }
    assert (decision.note, request.reason) == ("So it was decided.", "")
    assert not policies.entry_is_public(decision)


def test_no_name_or_address_enters_the_ledger(administrator):
    request_change(None, administrator, **NEW, email="new@example.org", last_name="Newcomer")
    decision = Decision.objects.get()
    assert "example.org" not in str(decision.meta)
    assert "Newcomer" not in str(decision.meta)
    assert "new" not in str(decision.meta).split("'")


@pytest.mark.parametrize("persona", ["visitor", "reporter", "reviewer", "curator"])
def test_nobody_else_makes_or_changes_accounts(persona, request, reviewer):
    user = request.getfixturevalue(persona)
    for account in (None, reviewer):
        with pytest.raises(NotPermitted):
            request_change(account, user, **NEW)
    assert not Decision.objects.exists()


def test_a_reviewer_who_was_just_made_reviews_nothing_of_its_maker(duty, administrator):
    new = request_change(None, administrator, **NEW).account
    assert not policies.may_review(new, submitted(duty, administrator))


# Two administrators


@pytest.fixture
def two(administrator, second_administrator):
    """There are two administrators."""
    return administrator, second_administrator


GUARDED = {
    "a role": {"roles": ["reporter", "reviewer"]},
    "all roles": {"is_superuser": True},
    "another name": {"username": "another"},
    "another address": {"email": "another@example.org"},
    "a link": {"password": True},
}
FREE = {
    "no role": {"roles": []},
    "no longer active": {"is_active": False},
    "a family name": {"last_name": "Other"},
}


@pytest.fixture
def with_password(reporter):
    reporter.set_password("a-long-phrase-7")
    reporter.save()
    return reporter


@pytest.mark.parametrize("changes", GUARDED.values(), ids=GUARDED)
def test_what_gives_a_power_waits_for_the_second_administrator(changes, two, with_password):
    before = accounts.account_state(with_password)
    request = request_change(with_password, two[0], **changes)
    assert (request.state, request.link_due) == ("open", False)
    assert accounts.account_state(again(with_password)) == before
    assert not Decision.objects.exists()
    done = accounts.confirm_change(request, by=two[1], at=LATER)
    assert (done.state, done.closed_by, done.changes) == ("confirmed", two[1], {})
    decision = Decision.objects.get()
    assert (decision.actor, decision.meta["changed"]) == (two[1], [*changes])
    assert "asked_commit" in decision.meta
    expected = before | {name: value for name, value in changes.items() if name != "password"}
    assert accounts.account_state(again(with_password)) == expected
    assert done.link_due == ("password" in changes)


@pytest.mark.parametrize("changes", FREE.values(), ids=FREE)
def test_what_gives_no_power_is_done_at_once_and_recorded(changes, two, reporter):
    assert request_change(reporter, two[0], **changes).state == "done"
    assert accounts.account_state(again(reporter)).items() >= changes.items()
    assert Decision.objects.get().actor == two[0]


def test_a_new_account_waits_and_joins_its_offices_once_it_is_made(two):
    office = OfficeFactory(code="CYB")
    request = request_change(None, two[0], **NEW, offices=["CYB"])
    assert not User.objects.filter(username="new").exists()
    made = accounts.confirm_change(request, by=two[1], at=LATER).account
    assert [*made.offices.all()] == [office]
    assert made.username == "new"


@pytest.mark.parametrize(
    "changes",
    [
        {"is_active": False},
        {"is_superuser": False},
        {"last_name": "Other"},
        {"roles": ["reporter"]},
        {"password": True},
    ],
)
def test_no_administrator_changes_the_account_of_the_second_one_alone(changes, two):
    assert request_change(two[1], two[0], **changes).state == "open"
    assert policies.may_manage_accounts(again(two[1]))


def test_a_reactivated_account_waits(two, reporter):
    request_change(reporter, two[0], is_active=False)
    assert request_change(again(reporter), two[0], is_active=True).state == "open"


def test_ones_own_address_needs_nobody(two):
    assert request_change(two[0], two[0], email="me@example.org").state == "done"


def test_who_has_no_password_yet_gets_a_link_without_a_second_person(two, reporter):
    reporter.set_unusable_password()
    reporter.save()
    assert request_change(reporter, two[0], password=True).state == "done"


@pytest.mark.parametrize(
    "changes", [{"is_active": False}, {"email": "mine@example.org"}, {"password": True}]
)
def test_nobody_ends_up_without_the_second_administrator_who_confirms(changes, two):
    """Even if that one confirms it: only the operator of the server may."""
    before = accounts.account_state(two[1])
    request = request_change(two[1], two[0], **changes)
    with pytest.raises(ActionRefused, match="Afterwards nobody could confirm"):
        accounts.confirm_change(request, by=two[1], at=NOW)
    assert accounts.account_state(again(two[1])) == before
    assert accounts.confirm_change(request, by=None, at=NOW).closed_by is None


def test_two_accounts_that_one_administrator_made_are_not_two_persons(two, reporter):
    first, second = (
        accounts.confirm_change(
            request_change(None, two[0], **NEW | {"username": name, "is_superuser": True}),
            by=two[1],
            at=NOW,
        ).account
        for name in ("one", "other")
    )
    request = request_change(reporter, first, is_superuser=True)
    for user in (second, two[0]):
        with pytest.raises(NotPermitted):
            accounts.confirm_change(request, by=again(user), at=NOW)
    assert accounts.confirm_change(request, by=again(two[1]), at=NOW).state == "confirmed"


def test_whether_there_is_a_second_one_costs_as_many_queries_for_many(
    two, django_assert_num_queries
):
    for _ in range(5):
        UserFactory(is_superuser=True)
    account_changed(two[1], two[0])
    with django_assert_num_queries(2):
        assert policies.has_second_administrator(two[0])


def test_a_request_ends_with_the_power_of_who_made_it(two, reporter):
    request = request_change(reporter, two[0], is_superuser=True)
    User.objects.filter(pk=two[0].pk).update(is_superuser=False)
    with pytest.raises(NotPermitted):
        accounts.confirm_change(request, by=two[1], at=NOW)


def test_a_changed_name_keeps_nobody_from_reviewing(duty, administrator, reviewer):
    request_change(reviewer, administrator, last_name="Other")
    update = submitted(duty, administrator)
    assert perform(update, Action.PUBLISH, again(reviewer)).publisher == reviewer


def test_a_first_password_counts_as_access(duty, administrator, reviewer):
    reviewer.set_unusable_password()
    reviewer.save()
    request_change(reviewer, administrator, password=True)
    assert not policies.may_review(again(reviewer), submitted(duty, administrator))


@pytest.mark.parametrize("answer", [workflow.decline_request, workflow.recall_request])
def test_of_a_request_that_came_to_nothing_no_name_is_kept(answer, two):
    request = request_change(None, two[0], **NEW, email="new@example.org")
    answer(request, by=two[answer is workflow.decline_request], at=NOW)
    assert AccountRequest.objects.get().changes == {}


def test_roles_that_changed_while_the_request_waited_are_not_overwritten(two, reporter):
    request = request_change(reporter, two[0], roles=["reporter", "reviewer"])
    request_change(reporter, two[1], roles=[])
    with pytest.raises(ActionRefused, match="The roles have changed"):
        accounts.confirm_change(request, by=two[1], at=NOW)
    assert accounts.account_state(again(reporter))["roles"] == []


def test_sessions_do_not_come_back_with_a_deactivated_account(administrator, reporter, client):
    client.force_login(reporter)
    request_change(reporter, administrator, is_active=False)
    request_change(again(reporter), administrator, is_active=True)
    assert client.get("/admin/").status_code == 302


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_leave_at_once_do_not_leave_nobody(two):
    with transaction.atomic():
        account_changed(*two)
    barrier, refused = Barrier(2), []

    def leave(user):
        try:
            barrier.wait()
            request_change(user, again(user), is_superuser=False)
        except ActionRefused as error:
            refused.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=leave, args=(user,)) for user in two]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(is_superuser=True).count() == 1
    assert len(refused) == 1


@pytest.mark.parametrize("way", [(0, 1), (1, 0)])
def test_an_administrator_whose_account_the_other_made_is_no_second_one(way, two, reporter):
    account_changed(*(two[index] for index in way))
    assert request_change(reporter, again(two[0]), is_superuser=True).state == "done"


def test_nobody_confirms_what_they_asked_for_and_no_maker_of_the_askers_account(two, reporter):
    request = request_change(reporter, two[0], is_superuser=True)
    for user in (two[0], UserFactory(roles=[Role.CURATOR])):
        with pytest.raises(NotPermitted):
            accounts.confirm_change(request, by=user, at=NOW)
    account_changed(two[0], two[1])
    with pytest.raises(NotPermitted, match="other's account"):
        accounts.confirm_change(request, by=again(two[1]), at=NOW)
    assert not again(reporter).is_superuser


def test_who_asked_keeps_the_account_from_reviewing_their_work_and_who_confirmed_does_not(
    duty, two
):
    request = request_change(None, two[0], **NEW)
    new = accounts.confirm_change(request, by=two[1], at=NOW).account
    first, second = (submitted(duty, user) for user in two)
    assert not policies.may_review(new, first)
    assert perform(second, Action.PUBLISH, new).publisher == new


def test_a_request_is_answered_once(two, reporter):
    request = request_change(reporter, two[0], is_superuser=True)
    workflow.decline_request(request, by=two[1], at=NOW)
    with pytest.raises(ActionRefused, match="no longer open"):
        accounts.confirm_change(request, by=two[1], at=NOW)
    with pytest.raises(ActionRefused, match="no longer open"):
        workflow.recall_request(request, by=two[0], at=NOW)
    assert not again(reporter).is_superuser


def test_the_same_asked_for_twice_is_one_request(two, reporter):
    first, second = (request_change(reporter, two[0], is_superuser=True) for _ in range(2))
    assert first == second
    assert AccountRequest.objects.count() == 1
    assert request_change(reporter, two[0], roles=[]) != first


def test_what_became_so_meanwhile_is_not_recorded_again(two, reporter):
    request = request_change(reporter, two[0], email="a@example.org")
    User.objects.filter(pk=reporter.pk).update(email="a@example.org")
    with pytest.raises(ActionRefused, match=r"Nothing would change\."):
        accounts.confirm_change(request, by=two[1], at=NOW)


# What cannot be


@pytest.mark.parametrize(
    ("changes", "place", "sentence"),
    [
        ({"username": "a b"}, "username", "Enter a valid username"),
        ({"username": "reviewer"}, "username", "already exists"),
        ({"email": "nowhere"}, "email", "Enter a valid email address."),
        ({"is_active": False, "password": True}, "password", "The account is not active."),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    changes, place, sentence, administrator, reporter, reviewer
):
    before = accounts.account_state(reporter)
    with pytest.raises(ActionRefused) as refusal:
        request_change(reporter, administrator, **changes)
    [problem] = refusal.value.problems
    assert (problem.place, sentence in problem.message) == (place, True)
    assert accounts.account_state(again(reporter)) == before
    assert not AccountRequest.objects.exists()


def test_a_name_that_was_taken_while_the_request_waited_is_refused(two):
    request = request_change(None, two[0], **NEW)
    UserFactory(username="new")
    with pytest.raises(ActionRefused) as refusal:
        accounts.confirm_change(request, by=two[1], at=NOW)
    assert "already exists" in refusal.value.problems[0].message
    assert AccountRequest.objects.get().state == "open"


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_superuser": False}])
def test_the_last_administrator_stays(changes, administrator):
    with pytest.raises(ActionRefused, match="last administrator"):
        request_change(administrator, administrator, **changes)
    assert policies.may_manage_accounts(again(administrator))
    assert not Decision.objects.exists()


def test_nothing_changes_where_nothing_would(administrator, reporter):
    with pytest.raises(ActionRefused, match=r"Nothing would change\."):
        request_change(reporter, administrator, roles=["reporter"], is_active=True)


def test_a_deactivated_account_has_no_tokens(administrator, reporter):
    token(reporter)
    request_change(reporter, administrator, is_active=False)
    assert not reporter.auth_token_set.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "open"},
        {"state": "declined"},
        {"state": "confirmed"},
        {"decision": None},
        {"account": None},
        {"changes": {"email": "a@example.org"}},
        {"closed_at": None},
    ],
    ids=str,
)
def test_the_database_refuses_a_request_that_contradicts_itself(wrong, administrator):
    request = request_change(None, administrator, **NEW)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountRequest.objects.filter(pk=request.pk).update(**wrong)
