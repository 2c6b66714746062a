"""The record that `make bench` generates, at a small size."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client

from commitments.choices import State
from commitments.models import Commitment, Decision, Plan, ProgressUpdate
from commitments.models.querysets import CURRENT_STATE
from commitments.verification import ledger_differences
from commitments.workflow import requirements
from tests.performance import floors
from tests.performance.catalogue import REQUESTS
from tests.performance.generate import Generator
from tests.performance.sizes import Size
from tests.performance.targets import targets
from tests.steps import NOW

SIZE = Size(plans=2, commitments=24)
UNTIL = datetime(2026, 6, 1, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def generate(size=SIZE):
    lines = []
    Generator(size, UNTIL, lines.append).run()
    return lines


def written():
    """Return what was written, without the ids that the database gave."""
    columns = ("pk", "summary", "status", "state", "effective_on", "published_at", "revision")
    updates = ProgressUpdate.objects.order_by("pk").values_list("commitment__number", *columns)
    decided = ("seq", "at", "action", "content_sha256", "note_commit")
    decisions = Decision.objects.order_by("seq").values_list(*decided)
    return list(updates), list(decisions)


def test_every_measured_request_is_answered(client):
    generate()
    found = targets()
    for request in REQUESTS:
        headers = {"Cookie": found["cookie"]} if request.signed_in else {}
        answer = client.get(request.address.format(**found), headers=headers)
        assert answer.status_code == 200, request.name
        answer.getvalue()


def test_the_ledger_holds_on_a_generated_record():
    generate()
    assert ProgressUpdate.objects.filter(state=State.PUBLISHED).count() > 200
    assert set(ProgressUpdate.objects.values_list("state", flat=True)) >= {
        State.SUPERSEDED,
        State.RETRACTED,
    }
    assert list(ledger_differences(NOW)) == []


def test_the_workflow_would_have_let_the_updates_pass():
    generate()
    waiting_or_published = (State.SUBMITTED, State.PUBLISHED)
    rows = ProgressUpdate.objects.filter(state__in=waiting_or_published, corrects=None)
    withdrawn = set(ProgressUpdate.objects.filter(state=State.RETRACTED).values_list("pk"))
    checked = 0
    for row in rows.select_related("commitment__plan"):
        # What was withdrawn later was published when they were.
        if withdrawn.isdisjoint(row.bases.values_list("event")):
            checked += 1
            problems = requirements.check(row, publishing=row.state == State.PUBLISHED)
            assert problems == [], row
    assert checked > 200


def test_the_copies_are_those_that_follow_from_the_updates():
    generate()
    rows = Commitment.objects.with_published_state()
    for row in rows:
        for name, column in CURRENT_STATE.items():
            assert getattr(row, column) == getattr(row, name), (row, column)
    assert rows.filter(status_update__isnull=False).count() > SIZE.commitments
    for plan in Plan.objects.all():
        assert plan.revision == 1 + plan.decisions.public().count()


class Interrupted(Exception):
    pass


def interrupt(line):
    if line.startswith("round 4"):
        raise Interrupted


def rewind_sequences():
    """Let the database give the same ids again, which digests cover: the sequences of PostgreSQL
    take no part in a rollback."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(sql)


def test_an_interrupted_generation_goes_on_to_the_same_record():
    rewind_sequences()
    with transaction.atomic():
        generate()
        expected = written()
        transaction.set_rollback(True)
    rewind_sequences()
    with pytest.raises(Interrupted):
        Generator(SIZE, UNTIL, interrupt).run()
    assert 0 < ProgressUpdate.objects.count() < len(expected[0])
    assert generate()[0].startswith("round 5")
    assert written() == expected


@pytest.fixture
def ask(monkeypatch):
    """Ask the floor with the connection of the test, and the API, for the same."""

    def query(sql, values=()):
        with connection.cursor() as cursor:
            cursor.execute(sql, list(values))
            return cursor.fetchall()

    monkeypatch.setattr(floors, "query", query)
    client = Client()

    def ask(path, **asked):
        return client.get(f"/api/v1/{path}", asked).json()

    return ask


# Those that need not be compared as text.
PLAIN_FIELDS = (
    *("code", "title", "text", "kind", "area", "goal", "lead_office", "status", "update"),
    "evidence_level",
)


def main_fields(row):
    """Return the main fields of a commitment of the API as the floor has them."""
    status = row["status"]
    return {
        "code": row["code"],
        "title": row["title"],
        "text": row["text"],
        "kind": row["kind"],
        "area": row["area"]["number"],
        "goal": row["goal"]["number"],
        "lead_office": row["lead_office"],
        "status": status["code"],
        "effective_on": str(status["effective_on"]),
        "update": status["update"],
        "evidence_level": status["evidence_level"],
        "due_on": str(row["due_on"]),
        "last_action": str(row["last_action"] and row["last_action"]["on"]),
        "forums": [forum["code"] for forum in row["forums"]],
        "criteria": [criterion["key"] for criterion in row["criteria"]],
        "milestones": [milestone["key"] for milestone in row["milestones"]],
    }


def floor_fields(row):
    found = {name: row[name] for name in PLAIN_FIELDS}
    found |= {name: str(row[name]) for name in ("effective_on", "due_on", "last_action")}
    return found | {
        part: [item["code"] for item in row[part]] for part in ("forums", "criteria", "milestones")
    }


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"plan": "P001"},
        {"forum": "FORUM-00", "status": "started"},
        {"forum": "FORUM-02"},
        {"office": "OFFICE-03"},
    ],
    ids=str,
)
def test_a_floor_of_a_list_gives_the_main_fields_of_the_api(ask, asked):
    generate()
    answer, bare = ask("commitments/", **asked), floors.list_page(asked)
    assert answer["count"] == bare["count"] > 0
    assert [floor_fields(row) for row in bare["results"]] == [
        main_fields(row) for row in answer["results"]
    ]


def test_a_floor_of_a_detail_gives_its_main_fields(ask):
    generate()
    assert floor_fields(floors.commitment({"code": "P001-2.2"})) == main_fields(
        ask("commitments/P001-2.2/")
    )


@pytest.mark.parametrize(
    "asked",
    [{}, {"plan": "P001", "by": "goal"}, {"by": "forum"}, {"as_of": "2025-03-01"}],
    ids=str,
)
def test_a_floor_of_a_roll_up_gives_its_counts(ask, asked):
    generate()
    by = asked.get("by")
    answer = ask("status/", **{"group_by" if name == "by" else name: asked[name] for name in asked})
    expected = {}
    for group in answer["groups"] if by else [answer["total"]]:
        for kind in ("deliverable", "standing"):
            counts = {code: n for code, n in group[kind]["counts"].items() if n}
            if counts:
                expected.setdefault(str(group["key"]), {})[kind] = counts
    found = {
        key: {kind: figures["counts"] for kind, figures in kinds.items()}
        for key, kinds in floors.status(asked)["groups"].items()
    }
    assert found == expected


def parts_of_update(row):
    """Return the fields of an update of the API as the floor has them."""
    findings = [
        [key, finding["result"], event]
        for key, finding in row["findings"].items()
        for event in finding["events"] or [None]
    ]
    return {
        "commitment": row["commitment"],
        "summary": row["summary"],
        "status": row["status"],
        "evidence": [[piece["id"], piece["title"]] for piece in row["evidence"]],
        "decisions": [[decision["action"], decision["role"]] for decision in row["decisions"]],
        "findings": sorted(findings, key=str),
        "rests_on": row["rests_on"],
        "forums": row["forums"],
        "criteria": row["criteria"],
        "meets": row["meets"],
    }


def floor_parts_of_update(row):
    found = {name: row[name] for name in ("commitment", "summary", "status")}
    found |= {
        "evidence": [[pk, floors.text(title)] for pk, title, *_others in row["evidence"]],
        "decisions": [[action, role] for _at, action, role, *_others in row["decisions"]],
        "findings": sorted(row["findings"], key=str),
    }
    return found | {
        part: [value for [value] in row[part]]
        for part in ("rests_on", "forums", "criteria", "meets")
    }


@pytest.mark.parametrize("asked", [{}, {"commitment": "P001-2.2"}], ids=str)
def test_a_floor_of_updates_gives_their_fields_and_what_belongs_to_them(ask, asked):
    generate()
    answer, bare = ask("updates/", **asked)["results"], floors.updates(asked)["results"]
    assert [row["id"] for row in bare] == [row["id"] for row in answer]
    readable = [row["state"] != "retracted" for row in answer]
    assert any(readable)
    # The public does not see the content of those that were withdrawn.
    for row, other, is_readable in zip(bare, answer, readable, strict=True):
        if is_readable:
            assert floor_parts_of_update(row) == parts_of_update(other)
    for part in floors.UPDATE_PARTS:
        assert asked or any(row[part] for row in bare)
