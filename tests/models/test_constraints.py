"""Database constraints: each named constraint refuses a bad row."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import UniqueConstraint

from commitments.choices import PUBLIC_STATES
from commitments.models import (
    AccountRequest,
    Basis,
    Checkpoint,
    Cosignature,
    Criterion,
    Decision,
    ErasureRequest,
    Evidence,
    FileMark,
    Finding,
    Follower,
    IdempotentResponse,
    KnownDate,
    LedgerHead,
    LedgerNode,
    LinkCheck,
    Mail,
    MailPreference,
    Partnership,
    ProgressUpdate,
    Publisher,
    Rating,
    RecordedContent,
    ReportCall,
    ServiceAccount,
    Snapshot,
    TaskRun,
    WebhookSubscriber,
)
from tests.factories import (
    AreaFactory,
    ForumFactory,
    GoalFactory,
    MeetingFactory,
    MilestoneFactory,
)
from tests.models.bad_rows import BAD, DIGEST, FROZEN
from tests.steps import NOW, TODAY
from tests.words import en_zh

DIGESTS = ("note_salt", "note_commit", "actor_salt", "actor_commit", "entry_sha256")

MODELS = list(apps.get_app_config("commitments").get_models())
CONSTRAINTS = {
    constraint.name: (model, constraint)
    for model in MODELS
    for constraint in model._meta.constraints
}


@pytest.fixture
def rows(plan, duty, deliverable, office, forum, reporter, reviewer):
    """Valid rows by name, inserted without the workflow."""

    def update(state, **columns):
        values = {"author": reporter, "created_at": NOW, "changed_at": NOW, "effective_on": TODAY}
        values["event_type"] = "participation"
        if state in PUBLIC_STATES:
            values |= {"publisher": reviewer, "published_at": NOW, "published_on": TODAY}
        return ProgressUpdate.objects.create(commitment=duty, state=state, **values | columns)

    def decision(seq):
        digests = dict.fromkeys(DIGESTS, DIGEST)
        return Decision.objects.create(
            seq=seq, hash=f"{seq:064x}", at=NOW, action="amend", plan=plan, **digests
        )

    def content(decision):
        return RecordedContent.objects.create(
            decision=decision, subject_type="forum", subject_key="UN", content={}, sha256=DIGEST
        )

    def evidence(**columns):
        values = {"title": en_zh("Minutes"), "kind": "meeting_record", "source": "official"}
        return Evidence.objects.create(update=draft, **values | columns)

    def file(name):
        columns = {"file_name": "minutes.pdf", "file_size": 7, "file_sha256": name * 64}
        return evidence(file=f"aa/{name}", **columns)

    draft = update("draft")
    original, other_original = (update("superseded", superseded_at=NOW) for _ in range(2))
    assessment = update("published", status="active")
    duty.status, duty.status_update = "active", assessment
    duty.save()
    link = evidence(url="https://example.org/1")
    criteria = [
        Criterion.objects.create(
            commitment=duty, key=key, position=position, text=en_zh("It is done."), added_at=NOW
        )
        for position, key in enumerate("ab", start=1)
    ]
    findings = [
        Finding.objects.create(update=assessment, criterion=criterion, result="shown")
        for criterion in criteria
    ]
    bases = [
        Basis.objects.create(update=assessment, event=event, counts=True)
        for event in (assessment, original)
    ]
    first_decision, second_decision = decision(1), decision(2)
    ratings = [
        Rating.objects.create(
            update=assessment,
            decision=made,
            rater=reviewer,
            author=reporter,
            basis_sha256=f"{made.seq:064}",
            status="active",
            assessed_status="active",
        )
        for made in (first_decision, second_decision)
    ]
    checkpoints = [
        Checkpoint.objects.create(size=size, root=DIGEST, key="key", note="note", at=NOW)
        for size in (1, 2)
    ]
    cosignatures = [
        Cosignature.objects.create(checkpoint=checkpoints[0], key=str(number), line="line", at=NOW)
        for number in range(2)
    ]
    first_step, second_step = (
        MilestoneFactory(commitment=deliverable, key=key) for key in ("m1", "m2")
    )
    KnownDate.objects.create(commitment=deliverable, name="due_on", known_from=NOW)
    subscriber = WebhookSubscriber.objects.create(
        name="Mirror", url="https://example.org/", secret="secret", created_at=NOW, due_at=NOW
    )
    follower = Follower.objects.create(email="reader@example.org", language="en")
    responses = [
        IdempotentResponse.objects.create(
            user=reporter, key=key, request_sha256=DIGEST, at=NOW, status=201, body="{}"
        )
        for key in ("one", "two")
    ]
    return {
        "plan": plan,
        "first goal": GoalFactory(plan=plan, number=1),
        "second goal": GoalFactory(plan=plan, number=2),
        "first area": AreaFactory(plan=plan, number=1),
        "second area": AreaFactory(plan=plan, number=2),
        "forum": forum,
        "meeting": MeetingFactory(forum=forum),
        "office": office,
        "duty": duty,
        "deliverable": deliverable,
        "first partnership": Partnership.objects.create(commitment=duty, forum=forum),
        "second partnership": Partnership.objects.create(commitment=duty, forum=ForumFactory()),
        "milestone": first_step,
        "second milestone": second_step,
        "known date": second_step.known_dates.get(),
        "first decision": first_decision,
        "second decision": second_decision,
        "request": ErasureRequest.objects.create(
            asked_by=reporter, asked_at=NOW, note_of=first_decision, parts=["note"]
        ),
        "confirmed request": ErasureRequest.objects.create(
            asked_by=reporter,
            asked_at=NOW,
            note_of=first_decision,
            parts=["note"],
            state="confirmed",
            closed_by=reviewer,
            closed_at=NOW,
            decision=second_decision,
        ),
        "waiting mail": Mail.objects.create(
            kind="returned", key="1", person=reporter, made_at=NOW, due_at=NOW
        ),
        "mail to an address": Mail.objects.create(
            kind="password", key="2", address="a@example.org", made_at=NOW, due_at=NOW
        ),
        "follower": follower,
        "following": follower.followings.create(plan=plan, subject_type="plan", asked_at=NOW),
        "second following": follower.followings.create(
            plan=plan, subject_type="goal", subject_key="1", asked_at=NOW
        ),
        "mail preference": MailPreference.objects.create(user=reporter, language="en"),
        "service account": ServiceAccount.objects.create(user=reporter, owner=reviewer),
        "first response": responses[0],
        "second response": responses[1],
        "open run": TaskRun.objects.create(task="daily", started_at=NOW),
        "ended run": TaskRun.objects.create(
            task="daily", started_at=NOW, ended_at=NOW, state="done"
        ),
        "subscriber": subscriber,
        "answered request": subscriber.attempts.create(
            at=NOW, message_id="change-1-ab", type="publish", seq=1, status=204, milliseconds=7
        ),
        "call": ReportCall.objects.create(
            plan=plan, asked_by=reporter, asked_at=NOW, due_on=NOW.date(), due_on_set_at=NOW
        ),
        "first checkpoint": checkpoints[0],
        "second checkpoint": checkpoints[1],
        "first cosignature": cosignatures[0],
        "second cosignature": cosignatures[1],
        "first node": LedgerNode.objects.create(level=1, number=0, hash=DIGEST),
        "second node": LedgerNode.objects.create(level=1, number=1, hash=DIGEST),
        "snapshot": Snapshot.objects.create(plan=plan, quarter="2026-Q1", **FROZEN),
        "later snapshot": Snapshot.objects.create(plan=plan, quarter="2026-Q2", **FROZEN),
        "account request": AccountRequest.objects.create(asked_by=reporter, asked_at=NOW),
        "made account": AccountRequest.objects.create(
            asked_by=reporter,
            asked_at=NOW,
            account=reviewer,
            state="done",
            closed_by=reporter,
            closed_at=NOW,
            decision=first_decision,
        ),
        "first content": content(first_decision),
        "second content": content(second_decision),
        "draft": draft,
        "submitted": update("submitted", request_key="key"),
        "assessment": assessment,
        "retracted": update("retracted", retracted_at=NOW),
        "original": original,
        "correction": update("published", corrects=original),
        "other correction": update("published", corrects=other_original),
        "first rating": ratings[0],
        "second rating": ratings[1],
        "first criterion": criteria[0],
        "second criterion": criteria[1],
        "first finding": findings[0],
        "second finding": findings[1],
        "first basis": bases[0],
        "second basis": bases[1],
        "link": link,
        "check": LinkCheck.objects.create(
            evidence=link, url=link.url, status="ok", first_at=NOW, last_at=NOW
        ),
        "citation": evidence(citation="Report 7."),
        "first file": file("1"),
        "second file": file("2"),
        "publisher": Publisher.objects.create(key="The institute", name=en_zh("The institute")),
        "head": LedgerHead.objects.get(),
        "mark": FileMark.objects.create(),
        "author": reporter,
        "reviewer": reviewer,
    }


def error_text(name):
    """Return how the database's message names a constraint: SQLite lists the columns of a unique
    constraint instead of its name."""
    model, constraint = CONSTRAINTS[name]
    if connection.vendor == "sqlite" and isinstance(constraint, UniqueConstraint):
        fields = [model._meta.get_field(field) for field in constraint.fields]
        return ", ".join(f"{model._meta.db_table}.{field.column}" for field in fields)
    return name


def resolve(rows, value):
    """Return the row for a value such as "@forum", or the value itself."""
    return rows[value[1:]] if isinstance(value, str) and value.startswith("@") else value


@pytest.mark.parametrize(
    ("name", "row", "columns"),
    [pytest.param(*bad, id=f"{bad[0]}: {bad[1]} {', '.join(bad[2])}") for bad in BAD],
)
def test_the_database_refuses_a_bad_row_by_its_constraint(rows, name, row, columns):
    good = type(rows[row]).objects.filter(pk=rows[row].pk)
    before = good.values().get()
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        good.update(**{column: resolve(rows, value) for column, value in columns.items()})
    assert error_text(name) in str(caught.value)
    assert good.values().get() == before


def test_every_constraint_has_its_bad_row():
    assert {name for name, _row, _columns in BAD} == set(CONSTRAINTS)


@pytest.mark.parametrize(
    "column",
    [
        "commitments_plan.code",
        "commitments_forum.code",
        "commitments_office.code",
        "commitments_decision.seq",
        "commitments_decision.hash",
    ],
)
def test_these_columns_are_unique(db, column):
    table, name = column.split(".")
    model = next(model for model in MODELS if model._meta.db_table == table)
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    assert model._meta.get_field(name).unique
    assert any(
        constraint["unique"] and constraint["columns"] == [name]
        for constraint in constraints.values()
    )
