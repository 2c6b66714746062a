"""Cursors of the list of changes are bound to the chain: a reader goes on where they were, or
learns that this chain does not have their place."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments.choices import Action
from commitments.ledger import START, Position, chain_hash
from commitments.models import Decision, LedgerHead
from tests import steps
from tests.examples import examples

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


def test_a_reader_goes_on_where_they_were(changes, duty, reporter, reviewer):
    first = steps.published(duty, reporter, reviewer)
    page = changes()
    assert (page["next"], [row["update"] for row in page["results"]]) == (None, [first.pk])
    again = changes(cursor=page["cursor"])
    assert again == {"results": [], "next": None, "cursor": page["cursor"]}
    second = steps.published(duty, reporter, reviewer)
    page = changes(cursor=page["cursor"])
    assert [row["update"] for row in page["results"]] == [second.pk]


def test_an_empty_list_has_a_position_too(changes, duty, reporter, reviewer):
    assert changes()["cursor"] == START.as_text()
    update = steps.submitted(duty, reporter)
    page = changes()
    assert (page["results"], page["cursor"]) == ([], Position.of_head().as_text())
    steps.perform(update, Action.PUBLISH, reviewer)
    for cursor in (START.as_text(), page["cursor"]):
        assert [row["update"] for row in changes(cursor=cursor)["results"]] == [update.pk]


def test_a_cursor_within_the_list_is_of_its_last_row_and_at_its_end_of_the_last_link(
    changes, duty, reporter, reviewer
):
    for _count in range(2):
        steps.published(duty, reporter, reviewer)
    steps.submitted(duty, reporter)
    first = changes(page_size=1)
    row = first["results"][0]
    assert first["cursor"] == Position(row["seq"], row["hash"]).as_text()
    assert first["cursor"] in first["next"]
    assert changes(cursor=first["cursor"])["cursor"] == Position.of_head().as_text()


def rewrite_tail(first):
    """Give the links from this one on other hashes, as another history would."""
    previous = Decision.objects.get(seq=first - 1).hash if first > 1 else START.hash
    for row in Decision.objects.filter(seq__gte=first).order_by("seq"):
        row.hash = previous = chain_hash(previous, chain_hash(row.hash, row.entry_sha256))
        row.save()
    LedgerHead.objects.update(hash=previous)


def cut_tail(first):
    """Leave out the links from this one on, as a backup of that time does."""
    Decision.objects.filter(seq__gte=first).delete()
    last = Decision.objects.order_by("seq").last()
    LedgerHead.objects.update(seq=last.seq if last else 0, hash=last.hash if last else START.hash)


@pytest.mark.long
@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_cursor_from_a_lost_tail_is_refused_and_any_other_goes_on(
    data, api, changes, duty, deliverable, reporter, reviewer
):
    with transaction.atomic():
        links = data.draw(st.lists(st.sampled_from(["publish", "submit", "other"]), min_size=1))
        for what in links[:6]:
            commitment = deliverable if what == "other" else duty
            write = steps.submitted if what == "submit" else steps.published
            write(*((commitment, reporter) + (() if what == "submit" else (reviewer,))))
        query = data.draw(st.sampled_from([{}, {"commitment": duty.code}]))
        cursors = {START.as_text(): 0}
        page = {"next": True, "cursor": None}
        while page["next"]:
            given_cursor = {"cursor": page["cursor"]} if page["cursor"] else {}
            page = changes(page_size=1, **given_cursor, **query)
            cursors[page["cursor"]] = Position.from_text(page["cursor"]).seq
        last = LedgerHead.objects.get().seq
        first_lost = data.draw(st.integers(1, last))
        if data.draw(st.booleans()):
            cut_tail(first_lost)
            # What comes instead has the same numbers.
            if data.draw(st.booleans()):
                steps.published(duty, reporter, reviewer)
        else:
            rewrite_tail(first_lost)
        rows = [row["seq"] for row in changes.every(3, **query)]
        for cursor, seq in cursors.items():
            answer = api().get("/api/v1/changes/", {"cursor": cursor, **query})
            if seq >= first_lost:
                assert answer.status_code == 410
                assert answer.json()["type"].endswith("/problems/unknown-position/")
            else:
                assert [row["seq"] for row in answer.json()["results"]] == [
                    number for number in rows if number > seq
                ]
        transaction.set_rollback(True)


def test_the_cursor_of_another_tracker_is_refused(api, duty, reporter, reviewer):
    steps.published(duty, reporter, reviewer)
    foreign = Position(1, "ab" * 32).as_text()
    answer = api().get("/api/v1/changes/", {"cursor": foreign})
    assert answer.status_code == 410
    assert "restored from a backup" in answer.json()["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
