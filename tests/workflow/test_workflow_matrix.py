"""Every action from every state by every persona: the design's table, cell by cell.

The commitment has a lead office, with the author, the colleague and the editor as members. The
editor has edited every update and is a reviewer too. Marks: `+` done, `x` refused because of the
state, `.` not permitted in any state. Nothing is rated: the plan does not ask for second ratings.
"""

import pytest
from django.db import transaction

from commitments import workflow
from commitments.choices import INTERNAL_STATES, PUBLIC_STATES, Action, Role, State
from commitments.exceptions import ActionRefused, NotPermitted
from commitments.models import ProgressUpdate
from commitments.workflow.transitions import TRANSITIONS
from tests.factories import UserFactory
from tests.fixtures import worlds
from tests.steps import NOW, STATEMENT, draft, perform
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

TABLE = """
draft                    write submit recall discard return publish retract archive reassign rate
  the author               +     +      x      +       .      .       .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .       .
  colleague                +     +      .      .       .      .       .       .       .       .
  editor                   +     +      .      .       .      .       x       x       .       .
  reviewer                 .     .      .      .       x      x       x       x       .       .
  other_reviewer           .     .      .      .       x      x       x       x       .       .
  curator                  .     .      .      +       .      .       .       .       .       .
  administrator            .     .      .      +       x      x       x       x       .       .
  visitor                  .     .      .      .       .      .       .       .       .       .

submitted                write submit recall discard return publish retract archive reassign rate
  the author               x     x      +      x       .      .       .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .       .
  colleague                x     x      .      .       .      .       .       .       .       .
  editor                   x     x      .      .       .      .       x       x       .       .
  reviewer                 .     .      .      .       +      +       x       x       .       .
  other_reviewer           .     .      .      .       +      +       x       x       .       .
  curator                  .     .      .      x       .      .       .       .       .       .
  administrator            .     .      .      x       +      +       x       x       .       .
  visitor                  .     .      .      .       .      .       .       .       .       .

returned                 write submit recall discard return publish retract archive reassign rate
  the author               +     +      x      +       .      .       .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .       .
  colleague                +     +      .      .       .      .       .       .       .       .
  editor                   +     +      .      .       .      .       x       x       .       .
  reviewer                 .     .      .      .       x      x       x       x       .       .
  other_reviewer           .     .      .      .       x      x       x       x       .       .
  curator                  .     .      .      +       .      .       .       .       .       .
  administrator            .     .      .      +       x      x       x       x       .       .
  visitor                  .     .      .      .       .      .       .       .       .       .

discarded                write submit recall discard return publish retract archive reassign rate
  the author               x     x      x      x       .      .       .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .       .
  colleague                x     x      .      .       .      .       .       .       .       .
  editor                   x     x      .      .       .      .       x       x       .       .
  reviewer                 .     .      .      .       x      x       x       x       .       .
  other_reviewer           .     .      .      .       x      x       x       x       .       .
  curator                  .     .      .      x       .      .       .       .       .       .
  administrator            .     .      .      x       x      x       x       x       .       .
  visitor                  .     .      .      .       .      .       .       .       .       .

published                write submit recall discard return publish retract archive reassign rate
  the author               x     x      x      x       .      .       .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .       .
  colleague                x     x      .      .       .      .       .       .       .       .
  editor                   x     x      .      .       .      .       +       +       .       .
  reviewer                 .     .      .      .       x      x       +       +       .       .
  other_reviewer           .     .      .      .       x      x       +       +       .       .
  curator                  .     .      .      x       .      .       .       .       .       .
  administrator            .     .      .      x       x      x       +       +       .       .
  visitor                  .     .      .      .       .      .       .       .       .       .

superseded               write submit recall discard return publish retract archive reassign rate
  the author               x     x      x      x       .      .       .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .       .
  colleague                x     x      .      .       .      .       .       .       .       .
  editor                   x     x      .      .       .      .       +       x       .       .
  reviewer                 .     .      .      .       x      x       +       x       .       .
  other_reviewer           .     .      .      .       x      x       +       x       .       .
  curator                  .     .      .      x       .      .       .       .       .       .
  administrator            .     .      .      x       x      x       +       x       .       .
  visitor                  .     .      .      .       .      .       .       .       .       .

retracted                write submit recall discard return publish retract archive reassign rate
  the author               x     x      x      x       .      .       .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .       .
  colleague                x     x      .      .       .      .       .       .       .       .
  editor                   x     x      .      .       .      .       x       x       .       .
  reviewer                 .     .      .      .       x      x       x       x       .       .
  other_reviewer           .     .      .      .       x      x       x       x       .       .
  curator                  .     .      .      x       .      .       .       .       .       .
  administrator            .     .      .      x       x      x       x       x       .       .
  visitor                  .     .      .      .       .      .       .       .       .       .
"""

# Handing over an update whose author is no longer an active reporter.
HANDED_OVER = """
                 the author        curator            administrator
draft            .                 +                  +
submitted        .                 x                  x
returned         .                 +                  +
discarded        .                 x                  x
published        .                 x                  x
superseded       .                 x                  x
retracted        .                 x                  x
"""

# Authors with different roles: other roles permit nothing more on one's own update.
AUTHORS = ("reporter", "all_rounder", "administrator")


def rows():
    """Yield `(state, person, {action: mark})` for each line of the table."""
    for block in TABLE.strip().split("\n\n"):
        head, *lines = block.splitlines()
        state, *actions = head.split()
        for line in lines:
            person, marks = line[:25].strip(), line[25:].split()
            yield state, person, dict(zip(actions, marks, strict=True))


# A quick run has everybody in these states, in the others only those who wrote it or decided on it.
QUICK = ("submitted", "published")
PARTIES = ("the author", "reviewer")


ROWS = [
    pytest.param(
        author,
        state,
        person,
        expected,
        id=f"{state}-{person}-by {author}",
        marks=() if state in QUICK or person in PARTIES else pytest.mark.long,
    )
    for author in AUTHORS
    for state, person, expected in rows()
    if person != author and (author == "reporter" or person == "the author")
]


@pytest.fixture
def people(request, office):
    """`people(name)` returns the persona of that name."""

    def person(name):
        return hire_editor(office) if name == "editor" else request.getfixturevalue(name)

    return person


def hire_editor(office):
    editor = UserFactory(username="editor", roles=[Role.REPORTER, Role.REVIEWER])
    office.members.add(editor)
    return editor


@pytest.fixture(scope="module", autouse=True)
def updates_of_the_reporter(django_db_setup, django_db_blocker):
    """An update in each state by the author of most rows."""
    with worlds.shared_world(django_db_blocker):
        reporter, reviewer, _curator = worlds.people()
        office = worlds.the_office()
        duty = worlds.the_office_duty(worlds.the_plan(), office)
        editor = hire_editor(office)
        yield {state: bring_into(state, duty, reporter, editor, reviewer).pk for state in State}


@pytest.fixture
def update_in(office_duty, reviewer, updates_of_the_reporter):
    """`update_in(state, author, editor)` returns an update in a state, edited by the editor."""

    def update_in(state, author, editor):
        if author.username == "reporter":
            return ProgressUpdate.objects.get(pk=updates_of_the_reporter[state])
        return bring_into(state, office_duty, author, editor, reviewer)

    return update_in


def bring_into(state, duty, author, editor, reviewer):
    """Return an update in a state, written by the author and edited by the editor."""
    duty.lead_office.members.add(author)
    update = draft(duty, author, evidence=[STATEMENT])
    update = workflow.edit_draft(update, by=editor, at=NOW, search_note=en_zh("Looked."))
    for action, persona, note in STEPS[state]:
        perform(update, action, reviewer if persona == "reviewer" else author, note=note)
    if state == State.SUPERSEDED:
        correction = draft(duty, author, corrects=ProgressUpdate.objects.get(pk=update.pk))
        perform(correction, Action.SUBMIT, author)
        perform(correction, Action.PUBLISH, reviewer)
    update = ProgressUpdate.objects.get(pk=update.pk)
    assert update.state == state
    return update


_SUBMIT = (Action.SUBMIT, "author", "")
_PUBLISH = (Action.PUBLISH, "reviewer", "")
STEPS = {
    State.DRAFT: [],
    State.SUBMITTED: [_SUBMIT],
    State.RETURNED: [_SUBMIT, (Action.RETURN, "reviewer", "Which meeting?")],
    State.DISCARDED: [(Action.DISCARD, "author", "")],
    State.PUBLISHED: [_SUBMIT, _PUBLISH],
    State.SUPERSEDED: [_SUBMIT, _PUBLISH],
    State.RETRACTED: [_SUBMIT, _PUBLISH, (Action.RETRACT, "reviewer", "Wrong body.")],
}


def attempt(update, name, by, details):
    """Return the mark of an attempt, which is rolled back."""
    with transaction.atomic():
        try:
            if name == "write":
                workflow.edit_draft(update, by=by, at=NOW)
            else:
                perform(update, Action(name), by, **details)
        except NotPermitted:
            return "."
        except ActionRefused:
            return "x"
        finally:
            transaction.set_rollback(True)
        return "+"


def offered(update, name, by):
    """Return whether the interface offers the action to the person."""
    if name == "write":
        return workflow.may_edit_now(by, update)
    return Action(name) in workflow.allowed_actions(by, update)


def details_of(name, update, successor):
    link = update.evidence.get().pk
    details = {
        "reassign": {"to": successor},
        "archive": {"evidence": link, "archived_url": "https://archive.example.org/1"},
    }
    return {"note": "Because.", **details.get(name, {})}


@pytest.mark.parametrize(("author", "state", "person", "expected"), ROWS)
def test_what_a_person_may_do_from_a_state(update_in, people, author, state, person, expected):
    writer, editor = people(author), people("editor")
    update = update_in(State(state), writer, editor)
    by = {"the author": writer, "editor": editor}.get(person) or people(person)
    successor = UserFactory(roles=[Role.REPORTER])
    update.commitment.lead_office.members.add(successor)
    marks, offers = {}, {}
    for name in expected:
        fresh = ProgressUpdate.objects.get(pk=update.pk)
        offers[name] = offered(fresh, name, by)
        marks[name] = attempt(fresh, name, by, details_of(name, update, successor))
    assert marks == expected
    assert offers == {name: mark == "+" for name, mark in expected.items()}


def handovers():
    """Yield `(state, person, mark)` for each cell of the second table."""
    for line in HANDED_OVER.strip().splitlines()[1:]:
        state, *marks = line.split()
        people = ("the author", "curator", "administrator")
        yield from ((state, *pair) for pair in zip(people, marks, strict=True))


def _deactivate(person):
    person.is_active = False
    person.save()


def _end_the_role(person):
    person.groups.clear()


@pytest.mark.parametrize("end", [_deactivate, _end_the_role])
@pytest.mark.parametrize(("state", "person", "mark"), list(handovers()))
def test_who_hands_over_the_update_of_a_former_reporter(
    update_in, people, state, person, mark, end
):
    author, editor = people("reporter"), people("editor")
    update = update_in(State(state), author, editor)
    end(author)
    by = author if person == "the author" else people(person)
    update = ProgressUpdate.objects.get(pk=update.pk)
    assert offered(update, "reassign", by) == (mark == "+")
    assert attempt(update, "reassign", by, details_of("reassign", update, editor)) == mark


@pytest.mark.parametrize("state", list(State))
def test_a_deactivated_author_may_do_nothing(update_in, people, state):
    author = people("reporter")
    update = update_in(state, author, people("editor"))
    author.is_active = False
    author.save()
    for name in ("write", *(action.value for action in TRANSITIONS)):
        fresh = ProgressUpdate.objects.get(pk=update.pk)
        assert not offered(fresh, name, author)
        assert attempt(fresh, name, author, details_of(name, update, author)) == "."


def test_the_table_covers_every_state_and_action():
    actions = {name for _state, _person, marks in rows() for name in marks}
    assert {state for state, _person, _marks in rows()} == set(State)
    assert actions == {"write", *(action.value for action in TRANSITIONS)}


def test_an_update_is_either_public_or_internal_in_every_state():
    assert sorted([*PUBLIC_STATES, *INTERNAL_STATES]) == sorted(State)
