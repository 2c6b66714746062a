"""Every act, from every state, by every sort of person: the design's table, cell by cell.

The commitment is led by an office. Its members here are the author, the colleague and the editor;
the editor, who edited every update, is a reviewer too. `+` is done, `x` is refused because of the
state, `.` is not permitted, whatever the state.
"""

import pytest
from django.db import transaction

from commitments import workflow
from commitments.choices import Action, Role, State
from commitments.exceptions import NotPermitted, TransitionRefused
from commitments.models import ProgressUpdate
from tests.factories import UserFactory
from tests.steps import NOW, STATEMENT, act, draft

pytestmark = pytest.mark.alike

TABLE = """
draft                    write submit recall discard return publish retract archive reassign
  the author               +     +      x      +       .      .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .
  colleague                +     +      .      .       .      .       .       .       .
  editor                   +     +      .      .       .      .       x       x       .
  reviewer                 .     .      .      .       x      x       x       x       .
  other_reviewer           .     .      .      .       x      x       x       x       .
  curator                  .     .      .      +       .      .       .       .       .
  administrator            .     .      .      +       x      x       x       x       .
  visitor                  .     .      .      .       .      .       .       .       .

submitted                write submit recall discard return publish retract archive reassign
  the author               x     x      +      x       .      .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .
  colleague                x     x      .      .       .      .       .       .       .
  editor                   x     x      .      .       .      .       x       x       .
  reviewer                 .     .      .      .       +      +       x       x       .
  other_reviewer           .     .      .      .       +      +       x       x       .
  curator                  .     .      .      x       .      .       .       .       .
  administrator            .     .      .      x       +      +       x       x       .
  visitor                  .     .      .      .       .      .       .       .       .

returned                 write submit recall discard return publish retract archive reassign
  the author               +     +      x      +       .      .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .
  colleague                +     +      .      .       .      .       .       .       .
  editor                   +     +      .      .       .      .       x       x       .
  reviewer                 .     .      .      .       x      x       x       x       .
  other_reviewer           .     .      .      .       x      x       x       x       .
  curator                  .     .      .      +       .      .       .       .       .
  administrator            .     .      .      +       x      x       x       x       .
  visitor                  .     .      .      .       .      .       .       .       .

discarded                write submit recall discard return publish retract archive reassign
  the author               x     x      x      x       .      .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .
  colleague                x     x      .      .       .      .       .       .       .
  editor                   x     x      .      .       .      .       x       x       .
  reviewer                 .     .      .      .       x      x       x       x       .
  other_reviewer           .     .      .      .       x      x       x       x       .
  curator                  .     .      .      x       .      .       .       .       .
  administrator            .     .      .      x       x      x       x       x       .
  visitor                  .     .      .      .       .      .       .       .       .

published                write submit recall discard return publish retract archive reassign
  the author               x     x      x      x       .      .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .
  colleague                x     x      .      .       .      .       .       .       .
  editor                   x     x      .      .       .      .       +       +       .
  reviewer                 .     .      .      .       x      x       +       +       .
  other_reviewer           .     .      .      .       x      x       +       +       .
  curator                  .     .      .      x       .      .       .       .       .
  administrator            .     .      .      x       x      x       +       +       .
  visitor                  .     .      .      .       .      .       .       .       .

superseded               write submit recall discard return publish retract archive reassign
  the author               x     x      x      x       .      .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .
  colleague                x     x      .      .       .      .       .       .       .
  editor                   x     x      .      .       .      .       +       x       .
  reviewer                 .     .      .      .       x      x       +       x       .
  other_reviewer           .     .      .      .       x      x       +       x       .
  curator                  .     .      .      x       .      .       .       .       .
  administrator            .     .      .      x       x      x       +       x       .
  visitor                  .     .      .      .       .      .       .       .       .

retracted                write submit recall discard return publish retract archive reassign
  the author               x     x      x      x       .      .       .       .       .
  other_reporter           .     .      .      .       .      .       .       .       .
  colleague                x     x      .      .       .      .       .       .       .
  editor                   x     x      .      .       .      .       x       x       .
  reviewer                 .     .      .      .       x      x       x       x       .
  other_reviewer           .     .      .      .       x      x       x       x       .
  curator                  .     .      .      x       .      .       .       .       .
  administrator            .     .      .      x       x      x       x       x       .
  visitor                  .     .      .      .       .      .       .       .       .
"""

# With its author deactivated: the author does nothing, and a curator hands the update over.
DEACTIVATED = """
                 the author        curator            administrator
draft            .                 +                  +
submitted        .                 x                  x
returned         .                 +                  +
discarded        .                 x                  x
published        .                 x                  x
superseded       .                 x                  x
retracted        .                 x                  x
"""

# Whoever writes: the roles that they hold besides give them nothing on their own update.
AUTHORS = ("reporter", "all_rounder", "administrator")


def rows():
    """`(state, person, {act: mark})` of the table."""
    for block in TABLE.strip().split("\n\n"):
        head, *lines = block.splitlines()
        state, *acts = head.split()
        for line in lines:
            person, marks = line[:25].strip(), line[25:].split()
            yield state, person, dict(zip(acts, marks, strict=True))


ROWS = [
    pytest.param(author, state, person, expected, id=f"{state}-{person}-by {author}")
    for author in AUTHORS
    for state, person, expected in rows()
    if person != author and (author == "reporter" or person == "the author")
]


@pytest.fixture
def people(request, office):
    """The persona of that name."""

    def person(name):
        if name != "editor":
            return request.getfixturevalue(name)
        editor = UserFactory(username="editor", roles=[Role.REPORTER, Role.REVIEWER])
        office.members.add(editor)
        return editor

    return person


@pytest.fixture
def brought(office_duty, people, reviewer):
    """`brought(state, author, editor)`: an update in that state, edited by the editor."""

    def to(state, author, editor):
        office_duty.lead_office.members.add(author)
        update = draft(office_duty, author, evidence=[STATEMENT])
        update = workflow.write(update, by=editor, at=NOW)
        for action, who, note in STEPS[state]:
            act(update, action, reviewer if who == "reviewer" else author, note=note)
        if state == State.SUPERSEDED:
            correction = draft(
                office_duty, author, corrects=ProgressUpdate.objects.get(pk=update.pk)
            )
            act(correction, Action.SUBMIT, author)
            act(correction, Action.PUBLISH, reviewer)
        update = ProgressUpdate.objects.get(pk=update.pk)
        assert update.state == state
        return update

    return to


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
    """The mark of what happens; whatever happened is undone."""
    with transaction.atomic():
        try:
            if name == "write":
                workflow.write(update, by=by, at=NOW)
            else:
                act(update, Action(name), by, **details)
        except NotPermitted:
            return "."
        except TransitionRefused:
            return "x"
        finally:
            transaction.set_rollback(True)
        return "+"


def offered(update, name, by):
    """Whether the person is told that they could."""
    if name == "write":
        return workflow.may_write(by, update)
    return Action(name) in workflow.allowed_actions(by, update)


def details_of(name, update, successor):
    link = update.evidence.get().pk
    details = {
        "reassign": {"to": successor},
        "archive": {"evidence": link, "archived_url": "https://archive.example.org/1"},
    }
    return {"note": "Because.", **details.get(name, {})}


@pytest.mark.parametrize(("author", "state", "person", "expected"), ROWS)
def test_what_a_person_may_do_from_a_state(brought, people, author, state, person, expected):
    writer, editor = people(author), people("editor")
    update = brought(State(state), writer, editor)
    by = {"the author": writer, "editor": editor}.get(person) or people(person)
    successor = UserFactory(roles=[Role.REPORTER])
    update.commitment.lead_office.members.add(successor)
    done, told = {}, {}
    for name in expected:
        fresh = ProgressUpdate.objects.get(pk=update.pk)
        told[name] = offered(fresh, name, by)
        done[name] = attempt(fresh, name, by, details_of(name, update, successor))
    assert done == expected
    assert told == {name: mark == "+" for name, mark in expected.items()}


def handovers():
    """`(state, person, mark)` of the second table."""
    for line in DEACTIVATED.strip().splitlines()[1:]:
        state, *marks = line.split()
        people = ("the author", "curator", "administrator")
        yield from ((state, *pair) for pair in zip(people, marks, strict=True))


@pytest.mark.parametrize(("state", "person", "mark"), list(handovers()))
def test_who_hands_over_the_update_of_somebody_deactivated(brought, people, state, person, mark):
    author, editor = people("reporter"), people("editor")
    update = brought(State(state), author, editor)
    author.is_active = False
    author.save()
    by = author if person == "the author" else people(person)
    update = ProgressUpdate.objects.get(pk=update.pk)
    assert offered(update, "reassign", by) == (mark == "+")
    assert attempt(update, "reassign", by, details_of("reassign", update, editor)) == mark


@pytest.mark.parametrize("state", list(State))
def test_the_author_does_nothing_any_more_once_deactivated(brought, people, state):
    author = people("reporter")
    update = brought(state, author, people("editor"))
    author.is_active = False
    author.save()
    for name in ("write", *(action.value for action in workflow.TRANSITIONS)):
        fresh = ProgressUpdate.objects.get(pk=update.pk)
        assert not offered(fresh, name, author)
        assert attempt(fresh, name, author, details_of(name, update, author)) == "."


def test_the_table_covers_every_state_and_act():
    acts = {name for _state, _person, marks in rows() for name in marks}
    assert {state for state, _person, _marks in rows()} == set(State)
    assert acts == {"write", *(action.value for action in workflow.TRANSITIONS)}
