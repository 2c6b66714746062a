"""Several drafts created at once: as one by one, but all or none, and with few queries."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import workflow
from commitments.exceptions import DuplicateReference, InvalidInput, NotPermitted, TrackerError
from commitments.ledger.content import full_content
from commitments.models import ProgressUpdate, Publisher
from commitments.models.querysets import CONTENT_RELATIONS
from commitments.texts.text import Text
from commitments.workflow import FindingFields
from tests import steps
from tests.examples import examples
from tests.factories import CommitmentFactory, PlanFactory
from tests.steps import NOW, TODAY
from tests.words import en_zh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

NAMES = ("Institute", "INSTITUTE", "Ministry", "部委", "Assembly")


def piece(number, publisher, url="https://example.org/{}"):
    return {
        "title": Text({"en": f"Source {number}"}),
        "publisher": Text({"en": publisher}),
        "url": url.format(number),
        "kind": "report",
        "source": "independent",
    }


@pytest.fixture
def drafts(duty, deliverable, office_duty, forum, reporter, reviewer):
    """`drafts(choices)` are the arguments of drafts, of which some cannot be saved."""
    event = steps.published(duty, reporter, reviewer)
    duties = [duty, deliverable, office_duty]

    def make(choices):
        rows = []
        for place, (which, names, reference, kind) in enumerate(choices):
            row = {
                "commitment": duties[which],
                "effective_on": TODAY,
                "summary": en_zh(f"Meeting {place}", "会议"),
                "evidence": [piece(n, name) for n, name in enumerate(names)],
                "external_ref": reference,
                "forums": [forum],
            }
            rows.append(row | EXTRAS[kind](event, row["commitment"]))
        return rows

    return make


EXTRAS = {
    "event": lambda event, duty: {"event_type": "participation"},
    "rests": lambda event, duty: {"status": "partly_active", "rests_on": [event.pk]},
    "finds": lambda event, duty: {
        "status": "partly_active",
        "covers_from": TODAY,
        "findings": {row.key: FindingFields("shown", [event.pk]) for row in duty.criteria.all()},
    },
    "corrects": lambda event, duty: {"corrects": event},
    "criteria": lambda event, duty: {"criteria": ["a", "none"]},
    "future": lambda event, duty: {"effective_on": TODAY.replace(year=2030)},
    "twice": lambda event, duty: {"evidence": [piece(1, "Institute"), piece(1, "Institute")]},
    "two publishers": lambda event, duty: {
        "evidence": [{**piece(1, "x"), "publisher": Text({"en": "Institute", "zh": "部委"})}]
    },
}

CHOICES = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 2]),
        st.lists(st.sampled_from(NAMES), max_size=3),
        st.sampled_from([None, "one", "two"]),
        st.sampled_from(["event", "event", *EXTRAS]),
    ),
    min_size=1,
    max_size=6,
)


def one_by_one(rows, by):
    """Create drafts one after another as far as they can be; return those, and the problems."""
    created, problems, forbidden = [], [], False
    for index, row in enumerate(rows):
        try:
            created.append(workflow.create_draft(**row, by=by, at=NOW))
        except TrackerError as error:
            forbidden |= isinstance(error, NotPermitted)
            own = [(index, *problem.path) for problem in error.problems]
            if isinstance(error, DuplicateReference):
                own = [(index, "external_ref")]
            problems += own or [(index,)]
    return created, problems, forbidden


def contents(created):
    """What was created, without ids: those of the second turn are others."""
    pks = [update.pk for update in created]
    rows = ProgressUpdate.objects.prefetch_related(*CONTENT_RELATIONS, "editors", "evidence")
    found = rows.in_bulk(pks)
    return [
        (
            {
                name: value
                for name, value in full_content(found[pk]).items()
                if name not in ("update", "evidence", "internal_commit")
            },
            [
                (str(item.title), item.url, item.publisher and item.publisher.key)
                for item in found[pk].evidence.order_by("pk")
            ],
            found[pk].revision,
            found[pk].chain_id - pk if not found[pk].corrects_id else found[pk].chain_id,
            [editor.username for editor in found[pk].editors.all()],
            sorted((basis.event_id == pk, basis.counts) for basis in found[pk].bases.all()),
            found[pk].search_index,
        )
        for pk in pks
    ]


@pytest.mark.long
@settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(choices=CHOICES)
def test_several_at_once_are_as_one_by_one(drafts, colleague, choices):
    rows = drafts(choices)
    with transaction.atomic():
        created, problems, forbidden = one_by_one(rows, colleague)
        expected = contents(created)
        publishers = set(Publisher.objects.values_list("key", flat=True))
        transaction.set_rollback(True)
    with transaction.atomic():
        before = ProgressUpdate.objects.count(), Publisher.objects.count()
        if problems:
            with pytest.raises(NotPermitted if forbidden else InvalidInput) as caught:
                workflow.create_drafts(rows, by=colleague, at=NOW)
            assert [problem.path for problem in caught.value.problems] == problems
            assert (ProgressUpdate.objects.count(), Publisher.objects.count()) == before
        else:
            made = workflow.create_drafts(rows, by=colleague, at=NOW)
            assert contents(made) == expected
            assert set(Publisher.objects.values_list("key", flat=True)) == publishers
        transaction.set_rollback(True)


@pytest.mark.long
def test_the_number_of_queries_does_not_grow_with_that_of_the_drafts(drafts, reporter):
    counts = []
    for n in (2, 40):
        rows = drafts([(0, NAMES, None, "finds")] * n)
        with CaptureQueriesContext(connection) as queries:
            workflow.create_drafts(rows, by=reporter, at=NOW)
        counts.append(len(queries))
    # Statements are cut where the database takes no more values at once.
    assert counts[1] <= counts[0] + 12


def test_drafts_of_several_plans_are_created_at_once(drafts, reporter):
    other = CommitmentFactory(plan=PlanFactory(code="OTHER"), number="1", position=1)
    [row] = drafts([(0, ["Institute"], "one", "event")])
    made = workflow.create_drafts([row, {**row, "commitment": other}], by=reporter, at=NOW)
    assert [update.commitment.code for update in made] == ["PLAN-1.1", "OTHER-1"]
    assert Publisher.objects.filter(key="Institute").count() == 1


def test_a_publisher_whom_somebody_else_has_just_added_is_used(drafts, reporter, monkeypatch):
    """Only a draft of another plan could be written at the same time."""
    [row] = drafts([(0, ["Assembly"], None, "event")])
    named = type(Publisher.objects.all()).named

    def overtaken(rows, names):
        found = named(rows, names)
        Publisher.objects.create(key="Assembly", name=Text({"en": "Assembly"}))
        return found

    monkeypatch.setattr(type(Publisher.objects.all()), "named", overtaken)
    [made] = workflow.create_drafts([row], by=reporter, at=NOW)
    assert made.evidence.get().publisher == Publisher.objects.get(key="Assembly")


def test_a_publisher_of_a_draft_that_is_refused_makes_no_other_ambiguous(drafts, reporter):
    both = {**piece(1, "x"), "publisher": Text({"en": "Institute", "zh": "部委"})}
    first, second, third = drafts(
        [(0, ["Institute"], None, "future"), (0, ["部委"], None, "event"), (0, [], None, "event")]
    )
    third["evidence"] = [both]
    with pytest.raises(InvalidInput) as caught:
        workflow.create_drafts([first, second, third], by=reporter, at=NOW)
    assert [problem.path for problem in caught.value.problems] == [(0, "effective_on")]


@pytest.mark.long
def test_more_new_publishers_than_a_statement_takes_conditions(drafts, reporter):
    [row] = drafts([(0, [], None, "event")])
    rows = [
        {**row, "evidence": [piece(n * 10 + k, f"Publisher {n} {k}") for k in range(10)]}
        for n in range(120)
    ]
    workflow.create_drafts(rows, by=reporter, at=NOW)
    assert Publisher.objects.filter(key__startswith="Publisher ").count() == 1200
