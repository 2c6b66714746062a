"""A request that writes is answered with what the workflow has at hand. That is the same as what is
read next."""

import pytest

from commitments.choices import Role
from commitments.models import Evidence, LinkCheck
from tests.api.writing import EVENT, UPDATES, Writer, add_what_is_named, assessment, naming_event
from tests.factories import UserFactory
from tests.steps import NOW, published
from tests.workflow.rating import rate_blind

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]

WHY = {"note": "Because."}


@pytest.fixture
def events(office_duty, colleague, reviewer):
    add_what_is_named(office_duty)
    return [published(office_duty, colleague, reviewer) for _number in range(2)]


@pytest.fixture
def writer(client, office, colleague, reviewer, events):
    """People of several roles: what may be done next is part of the answer."""
    every_role = UserFactory(username="every_role", roles=list(Role))
    office.members.add(every_role)
    return Writer(client, colleague=colleague, reviewer=reviewer, every_role=every_role)


@pytest.fixture
def same(writer):
    """`same(person, answer)` is the answer, which is what this person reads next."""

    def same(person, answer):
        read = writer.read(person, f"{UPDATES}{answer.json()['id']}/")
        assert answer.json() == read.json()
        assert answer.headers["ETag"] == read.headers["ETag"]
        return answer

    return same


def bodies(events, forum):
    """An event that names everything, an assessment, and a correction with new sources."""
    correction = naming_event(forum, count=3) | {"corrects": events[0].pk}
    return {"event": naming_event(forum), "assessment": assessment(events), "second": correction}


@pytest.mark.long
@pytest.mark.parametrize("kind", ["event", "assessment", "second"])
@pytest.mark.parametrize("publisher", ["reviewer", "every_role"])
def test_each_step_of_an_update_is_answered_as_it_is_read(
    kind, publisher, writer, same, events, forum
):
    answer = same("colleague", writer.create("colleague", bodies(events, forum)[kind]))
    answer = same("colleague", writer.act("colleague", "submit", answer))
    answer = same("colleague", writer.act("colleague", "recall", answer))
    answer = same("colleague", writer.act("colleague", "submit", answer))
    answer = same(publisher, writer.act(publisher, "return", answer, WHY))
    answer = same("colleague", writer.act("colleague", "submit", answer))
    answer = same(publisher, writer.act(publisher, "publish", answer))
    [*_others, last] = answer.json()["decisions"]
    assert (last["action"], answer.json()["state"]) == ("publish", "published")
    same("reviewer", writer.act("reviewer", "retract", answer, WHY))


def test_what_is_withdrawn_keeps_the_checks_of_its_links(writer, same):
    answer = writer.act("colleague", "submit", writer.create("colleague", EVENT))
    answer = writer.act("reviewer", "publish", answer)
    [piece] = Evidence.objects.filter(update=answer.json()["id"])
    LinkCheck.objects.create(evidence=piece, url=piece.url, status="ok", first_at=NOW, last_at=NOW)
    answer = same("reviewer", writer.act("reviewer", "retract", answer, WHY))
    [shown] = answer.json()["evidence"]
    assert shown["link"]["status"] == "ok"


@pytest.mark.long
def test_a_rating_and_what_follows_it_are_answered_as_they_are_read(writer, same, plan, events):
    rate_blind(plan)
    answer = writer.act("colleague", "submit", writer.create("colleague", assessment(events)))
    found = {"findings": answer.json()["findings"]}
    answer = same("reviewer", writer.act("reviewer", "rate", answer, found))
    assert answer.json()["second_rating"]["ratings"]
    answer = same("reviewer", writer.act("reviewer", "publish", answer))
    assert answer.json()["second_rating"]["outcome"] == "agrees"


def test_what_is_discarded_is_answered_as_it_is_read(writer, same):
    answer = writer.create("colleague", EVENT)
    same("colleague", writer.act("colleague", "discard", answer))
