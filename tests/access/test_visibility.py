"""Who sees which updates and evidence, and who may do what, in tables."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User

from commitments import workflow
from commitments.access import policies
from commitments.choices import Action, Role
from commitments.models import Commitment, Decision, Evidence, ProgressUpdate
from commitments.roles import is_staff
from tests.factories import CommitmentFactory, OfficeFactory, UserFactory
from tests.fixtures.worlds import shared_world, the_office, the_office_duty, the_plan
from tests.steps import INTERNAL, NOW, REPORT, draft, perform, published, retracted, returned
from tests.words import en_zh

ROLES = {
    "author": [Role.REPORTER],
    "editor": [Role.REPORTER],
    "colleague": [Role.REPORTER],
    "supporter": [Role.REPORTER],
    "other_reporter": [Role.REPORTER],
    "reviewer": [Role.REVIEWER],
    "other_reviewer": [Role.REVIEWER],
    "office_reviewer": [Role.REVIEWER],
    "curator": [Role.CURATOR],
    "visitor": [],
    "office_visitor": [],
}
STAFF = {*ROLES, "administrator"} - {"visitor", "office_visitor"}
EVERYONE = {*ROLES, "administrator", "anonymous"}
EDITED = {"summary": en_zh("A session was held.", "会议召开。")}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def employed(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        office = the_office()
        yield employ(office, the_office_duty(the_plan(), office))


@pytest.fixture
def people(db, employed):
    """The people of `employ`."""
    return read_again(employed)


def employ(office, office_duty):
    """Return users by their part in the updates on the office's commitment: the supporter is a
    member of an office that supports it, the reviewer is the one who returned updates."""
    people = {name: UserFactory(roles=roles) for name, roles in ROLES.items()}
    people["administrator"] = UserFactory(is_superuser=True)
    people["anonymous"] = AnonymousUser()
    names = ("author", "editor", "colleague", "office_reviewer", "office_visitor")
    office.members.set(people[name] for name in names)
    support = OfficeFactory(code="SUPPORT")
    support.members.add(people["supporter"])
    office_duty.supporting_offices.add(support)
    return people


def read_again(people):
    """Return the users as the next request reads them, without cached values."""
    return {
        name: User.objects.get(pk=user.pk) if user.pk else user for name, user in people.items()
    }


def leave_office(office, people):
    """Remove author and editor from the office, so that they see only what they wrote."""
    office.members.remove(people["author"], people["editor"])
    return read_again(people)


@pytest.fixture
def updates(office, office_duty, people, other_reviewer):
    """An update in every state, each written by the author, edited by the editor, and with public
    and internal evidence; the reviewer has returned two of them."""
    author, reviewer = people["author"], people["reviewer"]

    def written(**fields):
        update = draft(office_duty, author, evidence=(REPORT, INTERNAL), **fields)
        return workflow.edit_draft(update, by=people["editor"], at=NOW, **EDITED)

    def submitted(**fields):
        return perform(written(**fields), Action.SUBMIT, author)

    def public(**fields):
        return perform(submitted(**fields), Action.PUBLISH, other_reviewer)

    def sent_back():
        return perform(submitted(), Action.RETURN, reviewer, note="Name the meeting.")

    updates = {
        "draft": written(),
        "submitted": submitted(),
        "returned": sent_back(),
        "recalled": perform(perform(sent_back(), Action.SUBMIT, author), Action.RECALL, author),
        "discarded": perform(written(), Action.DISCARD, author),
        "superseded": public(),
        "retracted": perform(public(), Action.RETRACT, other_reviewer, note="It was withdrawn."),
    }
    return updates | {"published": public(corrects=updates["superseded"])}


ALL = {"draft", "submitted", "returned", "recalled", "discarded"} | (
    PUBLIC := {"published", "superseded", "retracted"}
)
VISIBLE = {
    "author": ALL,
    "editor": ALL,
    "colleague": ALL,
    "supporter": ALL,
    "other_reporter": PUBLIC,
    "reviewer": PUBLIC | {"submitted", "returned", "recalled"},
    "other_reviewer": PUBLIC | {"submitted"},
    "office_reviewer": ALL,
    "curator": ALL,
    "administrator": ALL,
    "visitor": PUBLIC,
    "office_visitor": PUBLIC,
    "anonymous": PUBLIC,
}


def visible_updates(user, updates):
    names = {update.pk: name for name, update in updates.items()}
    return {names[row.pk] for row in ProgressUpdate.objects.visible_to(user)}


def visible_evidence(user, updates):
    names = {update.pk: name for name, update in updates.items()}
    rows = Evidence.objects.visible_to(user)
    return {(names[row.update_id], "public" if row.public else "internal") for row in rows}


def test_each_person_sees_exactly_these_updates(office, people, updates):
    people = leave_office(office, people)
    assert {name: visible_updates(user, updates) for name, user in people.items()} == VISIBLE


def test_what_one_does_not_see_is_hidden_with_its_decisions(office, people, updates):
    people = leave_office(office, people)
    names = {update.pk: name for name, update in updates.items()}
    for name, user in people.items():
        hidden = {names[row.pk] for row in ProgressUpdate.objects.hidden_from(user)}
        assert hidden == set(updates) - VISIBLE[name]
        decisions = Decision.objects.filter(update__isnull=False).visible_to(user)
        # Nothing is decided on a draft before it is submitted.
        assert {names[row.update_id] for row in decisions} == VISIBLE[name] - {"draft"}
        assert Decision.objects.filter(update__isnull=True).visible_to(user).count() == (
            Decision.objects.filter(update__isnull=True).count()
        )


def test_staff_see_all_evidence_of_what_they_see_and_others_what_is_public(office, people, updates):
    people = leave_office(office, people)
    for_the_public = {("published", "public"), ("superseded", "public")}
    expected = {
        name: {(state, sort) for state in states for sort in ("public", "internal")}
        if name in STAFF
        else for_the_public
        for name, states in VISIBLE.items()
    }
    assert {name: visible_evidence(user, updates) for name, user in people.items()} == expected


@pytest.mark.parametrize("lost", ["account", "role"])
def test_users_who_lost_account_or_role_see_what_the_public_sees(lost, people, updates):
    if lost == "account":
        User.objects.update(is_active=False)
    else:
        Group.objects.get(name="Reporter").user_set.clear()
        Group.objects.get(name="Reviewer").user_set.clear()
        Group.objects.get(name="Curator").user_set.clear()
        people.pop("administrator")
    people = read_again(people)
    for name, user in people.items():
        assert visible_updates(user, updates) == PUBLIC, name
        assert visible_evidence(user, updates) == {
            ("published", "public"),
            ("superseded", "public"),
        }, name


def test_an_author_and_an_editor_see_only_what_they_wrote(
    duty, reporter, other_reporter, all_rounder
):
    mine = draft(duty, reporter)
    theirs = draft(duty, other_reporter)
    assert set(ProgressUpdate.objects.visible_to(reporter)) == {mine}
    assert set(ProgressUpdate.objects.visible_to(other_reporter)) == {theirs}
    assert set(ProgressUpdate.objects.visible_to(all_rounder)) == set()


def test_an_offices_member_sees_nothing_of_other_commitments(
    plan, duty, colleague, reporter, other_reporter
):
    other_office = OfficeFactory()
    other_office.members.add(other_reporter)
    draft(duty, reporter)
    draft(CommitmentFactory(plan=plan, lead_office=other_office), other_reporter)
    assert not ProgressUpdate.objects.visible_to(colleague).exists()


def test_a_reviewer_still_sees_what_they_returned_after_it_was_discarded(
    duty, reporter, reviewer, other_reviewer
):
    update = perform(returned(duty, reporter, reviewer), Action.DISCARD, reporter)
    assert list(ProgressUpdate.objects.visible_to(reviewer)) == [update]
    assert not ProgressUpdate.objects.visible_to(other_reviewer).exists()


def test_an_update_is_listed_once_if_there_are_several_reasons_to_see_it(
    people, office, office_duty, reviewer
):
    office_duty.supporting_offices.add(office)
    people["colleague"].groups.add(Group.objects.get(name="Reviewer"))
    update = draft(office_duty, people["author"])
    for name in ("editor", "colleague", "supporter"):
        update = workflow.edit_draft(update, by=people[name], at=NOW, external_ref=name)
    for _ in range(2):
        perform(
            perform(update, Action.SUBMIT, people["author"]), Action.RETURN, reviewer, note="Again."
        )
    people = read_again(people)
    for user in (people["colleague"], people["author"], reviewer):
        assert list(ProgressUpdate.objects.visible_to(user)) == [update]


def test_after_a_handover_the_former_author_and_the_new_one_see_it(
    duty, reporter, other_reporter, curator
):
    update = draft(duty, reporter)
    reporter.is_active = False
    reporter.save()
    perform(update, Action.REASSIGN, curator, to=other_reporter, note="The author has left.")
    assert list(ProgressUpdate.objects.visible_to(other_reporter)) == [update]
    reporter.is_active = True
    assert list(ProgressUpdate.objects.visible_to(reporter)) == [update]


# Who may do what

PERMITTED = {
    "may_submit": {"author", "colleague", "supporter"},
    "may_edit": {"author", "colleague", "supporter"},
    "may_recall": {"author"},
    "may_discard": {"author", "curator", "administrator"},
    "may_review": {"reviewer", "other_reviewer", "office_reviewer", "administrator"},
    "may_retract": {"reviewer", "other_reviewer", "office_reviewer", "administrator"},
    "may_archive": {"reviewer", "other_reviewer", "office_reviewer", "administrator"},
    "may_reassign": set(),
    "may_see_content": STAFF,
}


@pytest.fixture
def update(office, office_duty, people):
    """A draft written by the author and edited by the editor."""
    update = draft(office_duty, people["author"])
    return workflow.edit_draft(update, by=people["editor"], at=NOW, **EDITED)


def permitted(predicate, people, subject):
    is_permitted = getattr(policies, predicate)
    return {name for name, user in people.items() if is_permitted(user, subject)}


@pytest.mark.parametrize(("predicate", "who"), PERMITTED.items())
def test_these_people_may_do_this_with_an_update(predicate, who, office, people, update):
    people = leave_office(office, people)
    assert permitted(predicate, people, update) == who


@pytest.mark.parametrize("predicate", [name for name in PERMITTED if name != "may_see_content"])
def test_the_deactivated_may_do_nothing(predicate, people, update):
    User.objects.update(is_active=False)
    update = ProgressUpdate.objects.get(pk=update.pk)
    assert permitted(predicate, read_again(people), update) == set()


def test_a_role_less_author_or_member_may_do_nothing(people, update):
    for name in ("author", "editor", "colleague", "supporter"):
        people[name].groups.clear()
    people = read_again({name: people[name] for name in ("author", "editor", "colleague")})
    for predicate in PERMITTED:
        if predicate != "may_see_content":
            assert permitted(predicate, people, update) == set(), predicate


@pytest.mark.parametrize("superuser", [False, True], ids=["all roles", "superuser"])
@pytest.mark.parametrize(
    ("part", "may_review", "may_retract"),
    [("author", False, False), ("editor", False, True), ("neither", True, True)],
)
def test_four_eyes_hold_for_holders_of_every_role(
    part, may_review, may_retract, superuser, duty, reporter, office
):
    roles = [] if superuser else list(Role)
    person = UserFactory(roles=roles, is_superuser=superuser)
    office.members.add(person)
    duty.supporting_offices.add(office)
    office.members.add(reporter)
    update = draft(duty, person if part == "author" else reporter)
    if part == "editor":
        update = workflow.edit_draft(update, by=person, at=NOW, **EDITED)
    assert policies.may_review(person, update) is may_review
    assert policies.may_retract(person, update) is may_retract
    assert policies.may_archive(person, update) is may_retract


def test_a_curator_may_hand_over_once_the_author_is_deactivated(people, update):
    User.objects.filter(pk=people["author"].pk).update(is_active=False)
    update = ProgressUpdate.objects.get(pk=update.pk)
    assert permitted("may_reassign", people, update) == {"curator", "administrator"}


def test_the_former_author_may_still_not_review(duty, all_rounder, other_reporter, curator):
    update = draft(duty, all_rounder)
    User.objects.filter(pk=all_rounder.pk).update(is_active=False)
    update = perform(
        update, Action.REASSIGN, curator, to=other_reporter, note="The author has left."
    )
    assert not policies.may_review(all_rounder, update)


def test_reporters_report_on_what_has_no_office_else_as_its_members(
    office, office_duty, duty, people
):
    leave_office(office, people)
    people = read_again(people)
    reporters = {"author", "editor", "colleague", "supporter", "other_reporter", "administrator"}
    assert permitted("may_report", people, duty) == reporters
    assert permitted("may_report", people, office_duty) == {"colleague", "supporter"}


def test_the_reportable_commitments_are_those_that_one_may_report_on(duty, office_duty, people):
    for name, user in people.items():
        listed = set(Commitment.objects.reportable_by(user))
        allowed = {row for row in (duty, office_duty) if policies.may_report(user, row)}
        assert listed == allowed, name


def test_a_reportable_commitment_is_listed_once(office, office_duty, people):
    office_duty.supporting_offices.add(office)
    assert list(Commitment.objects.reportable_by(people["colleague"])) == [office_duty]


def test_curators_and_superusers_curate(people):
    curators = {name for name, user in people.items() if policies.may_curate(user)}
    assert curators == {"curator", "administrator"}


def test_staff_are_the_holders_of_a_role(people):
    assert {name for name, user in people.items() if is_staff(user)} == STAFF


def test_the_content_of_a_retracted_update_is_for_staff(duty, reporter, reviewer, people):
    update = retracted(duty, reporter, reviewer)
    assert permitted("may_see_content", people, update) == STAFF


PUBLIC_NOTES = {"supersede", "retract", "archive", "amend", "load", "edit", "confirm_time", "erase"}


@pytest.mark.parametrize("action", list(Action))
def test_notes_of_public_actions_but_publish_are_public_and_others_for_staff(
    action, people, update
):
    note = Decision(action=action)
    shown = {name for name, user in people.items() if policies.may_see_note(user, update, note)}
    assert shown == (EVERYONE if action.value in PUBLIC_NOTES else STAFF)


SHOWN_BY_STATE = {
    "published": (["publish"], ["submit", "publish"], 1, 2),
    "superseded": (["publish", "supersede"], ["submit", "publish", "supersede"], 1, 2),
    "retracted": (["publish", "retract"], ["submit", "publish", "retract"], 0, 2),
}


def test_staff_are_shown_more_of_an_update_than_the_public(updates, people):
    for state, (public_actions, all_actions, public_pieces, all_pieces) in SHOWN_BY_STATE.items():
        update = ProgressUpdate.objects.get(pk=updates[state].pk)
        for name, user in people.items():
            actions = [decision.action for decision in policies.visible_decisions(user, update)]
            pieces = policies.visible_evidence(user, update)
            assert actions == (all_actions if name in STAFF else public_actions), (state, name)
            assert len(pieces) == (all_pieces if name in STAFF else public_pieces), (state, name)
            assert name in STAFF or all(piece.public for piece in pieces), (state, name)


def test_visible_updates_need_one_query(duty, reporter, reviewer, django_assert_num_queries):
    published(duty, reporter, reviewer)
    draft(duty, reporter)
    rows = ProgressUpdate.objects.visible_to(reviewer)
    with django_assert_num_queries(1):
        assert len(rows) == 1
