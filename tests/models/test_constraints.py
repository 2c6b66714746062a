"""Database constraints: each named constraint refuses a bad row."""

from datetime import date, timedelta

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
    Finding,
    Follower,
    KnownDate,
    LedgerHead,
    LedgerNode,
    LinkCheck,
    Mail,
    MailPreference,
    Partnership,
    ProgressUpdate,
    Publisher,
    RecordedContent,
    Snapshot,
    TaskRun,
)
from commitments.texts.text import NO_TEXT
from tests.factories import (
    AreaFactory,
    ForumFactory,
    GoalFactory,
    MeetingFactory,
    MilestoneFactory,
)
from tests.steps import NOW, TODAY
from tests.words import en_zh

DIGEST = "ab" * 32
DIGESTS = ("note_salt", "note_commit", "actor_salt", "actor_commit", "entry_sha256")

FROZEN = {"known_at": NOW, "made_at": NOW + timedelta(days=1), "sha256": DIGEST}
FROZEN |= {"size": 1, "content": b"x"}
# Who answered a request, and when.
ANSWERED = {"closed_by": "@author", "closed_at": NOW}
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
    follower = Follower.objects.create(email="reader@example.org", language="en")
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
        "open run": TaskRun.objects.create(task="daily", started_at=NOW),
        "ended run": TaskRun.objects.create(
            task="daily", started_at=NOW, ended_at=NOW, state="done"
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
        "author": reporter,
        "reviewer": reviewer,
    }


BAD = [
    # constraint, valid row, columns that make it invalid
    ("checkpoint_once_a_size_and_key", "second checkpoint", {"size": 1}),
    ("checkpoint_size_from_one", "first checkpoint", {"size": 0}),
    ("cosignature_once_a_key", "second cosignature", {"key": "0"}),
    ("ledgernode_unique", "second node", {"number": 0}),
    ("ledgernode_level_from_one", "first node", {"level": 0}),
    ("criterion_key_used_once", "second criterion", {"key": "a"}),
    ("criterion_text_not_empty", "first criterion", {"text": NO_TEXT}),
    ("finding_once", "second finding", {"criterion": "@first criterion"}),
    ("finding_result_known", "first finding", {"result": "proven"}),
    ("basis_once", "second basis", {"event": "@assessment"}),
    ("update_event_type_known", "draft", {"event_type": "deed"}),
    ("update_published_as_event_or_assessment", "correction", {"event_type": None}),
    ("update_period_in_order", "assessment", {"covers_from": TODAY + timedelta(days=1)}),
    ("update_period_in_order", "draft", {"covers_from": TODAY}),
    ("plan_visibility_known", "plan", {"visibility": "secret"}),
    ("plan_review_interval_positive", "plan", {"review_interval_days": 0}),
    ("plan_title_not_empty", "plan", {"title": NO_TEXT}),
    ("goal_title_not_empty", "second goal", {"title": NO_TEXT}),
    ("area_title_not_empty", "second area", {"title": NO_TEXT}),
    ("goal_number_unique_in_plan", "second goal", {"number": 1}),
    ("area_number_unique_in_plan", "second area", {"number": 1}),
    ("forum_kind_known", "forum", {"kind": "club"}),
    ("forum_name_not_empty", "forum", {"name": NO_TEXT}),
    ("meeting_ends_after_it_starts", "meeting", {"ends_on": date(2026, 8, 2)}),
    ("meeting_papers_before_its_end", "meeting", {"papers_due_on": date(2026, 8, 4)}),
    ("office_name_not_empty", "office", {"name": NO_TEXT}),
    ("commitment_number_unique_in_plan", "deliverable", {"number": "1.1"}),
    ("commitment_kind_known", "deliverable", {"kind": "wish"}),
    ("commitment_status_fits_kind", "duty", {"status": "completed"}),
    ("commitment_status_fits_kind", "duty", {"status": "green"}),
    ("commitment_status_has_its_update", "duty", {"status": "unassessed"}),
    ("commitment_status_has_its_update", "duty", {"status_update": None}),
    ("commitment_due_only_if_deliverable", "duty", {"due_on": date(2027, 1, 1)}),
    (
        "commitment_due_not_before_start",
        "deliverable",
        {"start_on": date(2027, 1, 2), "due_on": date(2027, 1, 1)},
    ),
    ("commitment_ends_only_if_standing", "deliverable", {"ends_on": date(2027, 1, 1)}),
    (
        "commitment_end_not_before_start",
        "duty",
        {"start_on": date(2027, 1, 2), "ends_on": date(2027, 1, 1)},
    ),
    ("commitment_end_not_too_early", "duty", {"ends_on": date(999, 12, 31)}),
    ("commitment_title_not_empty", "duty", {"title": NO_TEXT}),
    ("commitment_text_not_empty", "duty", {"text": NO_TEXT}),
    ("partnership_once_per_forum", "second partnership", {"forum": "@forum"}),
    ("milestone_title_not_empty", "milestone", {"title": NO_TEXT}),
    ("milestone_key_used_once", "second milestone", {"key": "m1"}),
    ("known_date_once_per_milestone", "known date", {"milestone": "@milestone"}),
    ("known_date_once_per_commitment", "known date", {"milestone": None}),
    ("known_date_name_known", "known date", {"name": "start_on"}),
    ("content_once_per_decision", "second content", {"decision": "@first decision"}),
    ("content_type_known", "second content", {"subject_type": "person"}),
    ("decision_edit_has_its_subject", "second decision", {"action": "edit"}),
    ("decision_edit_has_its_subject", "second decision", {"plan": None}),
    ("decision_edit_has_its_subject", "second decision", {"subject_type": "forum"}),
    ("update_state_known", "draft", {"state": "lost"}),
    ("update_date_precision_known", "draft", {"date_precision": "week"}),
    ("update_status_known", "draft", {"status": "green"}),
    ("update_status_known", "draft", {"status": "unassessed"}),
    ("update_status_known", "draft", {"status": ""}),
    ("update_author_is_not_publisher", "assessment", {"publisher": "@author"}),
    ("update_author_is_not_publisher", "assessment", {"author": "@reviewer"}),
    ("update_published_by_someone_at_a_time", "assessment", {"publisher": None}),
    ("update_published_by_someone_at_a_time", "assessment", {"published_at": None}),
    ("update_published_by_someone_at_a_time", "assessment", {"published_on": None}),
    ("update_published_by_someone_at_a_time", "retracted", {"publisher": None}),
    ("update_published_by_someone_at_a_time", "original", {"published_at": None}),
    ("update_published_by_someone_at_a_time", "submitted", {"state": "published"}),
    ("update_published_by_someone_at_a_time", "assessment", {"state": "draft"}),
    ("update_published_by_someone_at_a_time", "submitted", {"publisher": "@reviewer"}),
    ("update_published_by_someone_at_a_time", "submitted", {"published_at": NOW}),
    ("update_not_effective_after_publication", "assessment", {"effective_on": date(2026, 7, 2)}),
    ("update_superseded_at_a_time", "original", {"superseded_at": None}),
    ("update_superseded_at_a_time", "assessment", {"superseded_at": NOW}),
    ("update_retracted_at_a_time", "retracted", {"retracted_at": None}),
    ("update_retracted_at_a_time", "assessment", {"retracted_at": NOW}),
    ("update_corrected_once", "other correction", {"corrects": "@original"}),
    ("update_made_once", "draft", {"request_key": "key"}),
    ("update_external_ref_not_empty", "draft", {"external_ref": ""}),
    ("evidence_is_link_file_or_citation", "citation", {"citation": ""}),
    ("evidence_is_link_file_or_citation", "citation", {"url": "https://example.org"}),
    ("evidence_title_not_empty", "link", {"title": NO_TEXT}),
    ("publisher_name_not_empty", "publisher", {"name": NO_TEXT}),
    ("evidence_is_link_file_or_citation", "first file", {"url": "https://example.org"}),
    ("evidence_is_link_file_or_citation", "first file", {"citation": "Report 7."}),
    (
        "evidence_is_link_file_or_citation",
        "first file",
        {"citation": "Report 7.", "url": "https://example.org"},
    ),
    ("evidence_kind_known", "citation", {"kind": "rumour"}),
    ("evidence_source_known", "citation", {"source": "hearsay"}),
    ("evidence_file_has_its_digest", "first file", {"file_sha256": ""}),
    ("evidence_file_has_its_digest", "first file", {"file_size": None}),
    ("evidence_file_has_its_digest", "citation", {"file_sha256": DIGEST}),
    ("evidence_file_once_per_update", "second file", {"file_sha256": "1" * 64}),
    ("link_status_known", "check", {"status": "lost"}),
    ("link_first_before_last", "check", {"last_at": NOW - timedelta(days=1)}),
    ("evidence_is_link_file_or_citation", "link", {"url": ""}),
    ("evidence_file_has_its_digest", "first file", {"file": "", "citation": "Report 7."}),
    ("erasure_of_one_thing", "request", {"note_of": None}),
    ("erasure_of_one_thing", "request", {"update": "@draft"}),
    ("erasurerequest_state_known", "request", {"state": "lost", **ANSWERED}),
    ("erasurerequest_answered_at_a_time", "request", {"closed_by": "@author"}),
    ("erasurerequest_answered_at_a_time", "request", {"state": "declined", "closed_by": "@author"}),
    ("erasurerequest_confirmed_by_a_second_person", "confirmed request", {"closed_by": "@author"}),
    ("erasurerequest_decided_by_persons", "request", {"asked_by": None}),
    ("erasurerequest_decided_by_persons", "confirmed request", {"closed_by": None}),
    ("erasurerequest_done_by_a_decision", "confirmed request", {"decision": None}),
    ("erasurerequest_done_by_a_decision", "confirmed request", {"state": "declined"}),
    ("accountrequest_state_known", "account request", {"state": "lost", **ANSWERED}),
    ("accountrequest_answered_at_a_time", "account request", {"closed_by": "@author"}),
    ("accountrequest_answered_at_a_time", "account request", {"state": "declined"}),
    ("accountrequest_confirmed_by_a_second_person", "made account", {"state": "confirmed"}),
    ("accountrequest_done_by_a_decision", "account request", {"state": "done", **ANSWERED}),
    ("accountrequest_done_on_an_account", "made account", {"account": None}),
    ("accountrequest_emptied_when_closed", "made account", {"changes": {"is_active": True}}),
    ("accountrequest_link_after_decision", "account request", {"link_due": True}),
    ("snapshot_once_per_quarter", "later snapshot", {"quarter": "2026-Q1"}),
    ("snapshot_has_content_unless_withdrawn", "snapshot", {"content": None}),
    ("snapshot_after_its_quarter", "snapshot", {"made_at": FROZEN["known_at"]}),
    ("taskrun_one_open", "ended run", {"state": "running", "ended_at": None}),
    ("taskrun_state_known", "ended run", {"state": "asleep"}),
    ("taskrun_ended_at_a_time", "ended run", {"ended_at": None}),
    ("taskrun_ended_at_a_time", "open run", {"state": "done"}),
    ("mail_kind_known", "waiting mail", {"kind": "advert"}),
    ("mail_state_known", "waiting mail", {"state": "lost", "ended_at": NOW}),
    ("mail_to_one_reader", "waiting mail", {"person": None}),
    ("mail_to_one_reader", "waiting mail", {"follower": "@follower"}),
    ("mail_to_one_reader", "waiting mail", {"address": "a@example.org"}),
    ("mail_to_one_reader", "mail to an address", {"address": ""}),
    ("mail_ended_at_a_time", "waiting mail", {"state": "sent"}),
    ("mail_ended_at_a_time", "waiting mail", {"ended_at": NOW}),
    ("mailpreference_digest_known", "mail preference", {"digest": "hourly"}),
    ("following_of_a_known_type", "following", {"subject_type": "office"}),
    ("following_once", "second following", {"subject_type": "plan", "subject_key": ""}),
    ("decision_action_known", "first decision", {"action": "approve"}),
    ("decision_seq_from_one", "first decision", {"seq": 0}),
    ("ledger_has_one_head", "head", {"id": 2}),
]


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
