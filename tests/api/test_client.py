"""A Python client, made of the OpenAPI document by a generator that knows nothing of the tracker,
does what an outside developer wants of it, and its values have types."""

import importlib
import io
import json
import pkgutil
import re
import subprocess
import sys
from contextlib import ExitStack
from datetime import date, timedelta

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from commitments.choices import Kind
from tests import steps
from tests.factories import CommitmentFactory, GoalFactory
from tests.files.sample_files import SAMPLES
from tests.steps import NOW, TODAY

pytestmark = [
    pytest.mark.alike,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("noon"),
]

EARLIER = NOW - timedelta(days=60)
PASSWORD = "a password of some length"
# Formatting the code would start programs that need not be in the path.
CONFIG = {"post_hooks": [], "package_name_override": "tracker_client"}
# Files go out under their own types; docs/api.md tells the generator what to read those as.
DOCUMENTED = re.search(
    r"echo '(.+)' > config.yaml", (settings.BASE_DIR / "docs/api.md").read_text()
)


@pytest.fixture(scope="module")
def tracker(tmp_path_factory):
    """The generated package, all of it imported. A warning of the generator is a failure."""
    folder = tmp_path_factory.mktemp("client")
    document, config = folder / "schema.json", folder / "config.json"
    call_command("spectacular", file=str(document), format="openapi-json")
    config.write_text(json.dumps(CONFIG | yaml.safe_load(DOCUMENTED[1])))
    options = ["--fail-on-warning", "--path", document, "--config", config, "--meta", "none"]
    done = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        package = importlib.import_module("tracker_client")
        for module in pkgutil.walk_packages(package.__path__, "tracker_client."):
            importlib.import_module(module.name)
        yield package


@pytest.fixture
def signed_in(tracker, live_server):
    """`signed_in()` is a client that reads what is public, `signed_in(user)` one with a token that
    it got for the user's password; both fail at a status that the document does not have."""
    options = {"base_url": str(live_server), "raise_on_unexpected_status": True}

    def signed_in(user=None, **httpx_args):
        if user is None:
            return open_clients.enter_context(tracker.Client(httpx_args=httpx_args, **options))
        user.set_password(PASSWORD)
        user.save()
        asking = signed_in(auth=(user.username, PASSWORD))
        token = tracker.api.auth.auth_login.sync(client=asking).token
        client = tracker.AuthenticatedClient(token=token, prefix="Token", **options)
        return open_clients.enter_context(client)

    with ExitStack() as open_clients:
        yield signed_in


@pytest.fixture
def reader(signed_in):
    return signed_in()


@pytest.fixture
def duty_with_a_past(duty, reporter, reviewer):
    """The duty, partly active by what was published two months ago, active by what was today."""
    day = EARLIER.date()
    steps.published(duty, reporter, reviewer, EARLIER, status="partly_active", effective_on=day)
    steps.published(duty, reporter, reviewer, status="active", date_precision="month")
    return duty


def test_plans_are_listed(tracker, reader, plan):
    page = tracker.api.plans.plans_list.sync(client=reader)
    assert (page.count, page.next_) == (1, None)
    title = {"en": "A plan", "zh": "一项计划"}
    assert page.results[0].title == tracker.models.Text.from_dict(title)
    assert page.results[0].languages == list(title)
    assert tracker.api.plans.plans_retrieve.sync("PLAN", client=reader) == page.results[0]


def test_commitments_are_listed_by_a_filter_under_two_clocks(
    tracker, reader, duty_with_a_past, deliverable
):
    models, commitments = tracker.models, tracker.api.commitments.commitments_list

    def assessment(**query):
        kinds = [models.CommitmentKind.STANDING]
        [found] = commitments.sync(client=reader, kind=kinds, **query).results
        assert (found.code, found.area, found.goal) == ("PLAN-1.1", None, None)
        return found.status

    now = assessment()
    assert now.code is models.Status.ACTIVE
    assert (now.effective_on, now.published_at, now.evidence_level) == (TODAY, NOW, 3)
    assert now.date_precision is models.DatePrecision.MONTH
    assert now.freshness is models.Freshness.CURRENT
    assert now.label.to_dict() == {"en": "Active", "zh-Hans": "持续履行"}
    clocks = {"as_of": TODAY - timedelta(days=1), "known_at": NOW - timedelta(days=1)}
    then = assessment(**clocks, status=[models.Status.PARTLY_ACTIVE], evidence_level_min=2)
    assert (then.code, then.published_at) == (models.Status.PARTLY_ACTIVE, EARLIER)
    before = assessment(as_of=date(2026, 1, 1), ordering=models.Ordering.NUMBER_DESCENDING)
    assert (before.code, before.update) == (models.Status.UNASSESSED, None)


def test_status_is_read_by_goal(tracker, reader, plan):
    goal = GoalFactory(plan=plan, number=4)
    CommitmentFactory(plan=plan, number="4.1", kind=Kind.STANDING, goal=goal)
    grouping = tracker.models.Grouping.GOAL
    report = tracker.api.status.status.sync(client=reader, plan=["PLAN"], group_by=grouping)
    assert (report.group_by, report.as_of, report.known_at) == (grouping, TODAY, None)
    [group] = report.groups
    assert (group.key, group.label["en"], group.standing.of) == ("4", "A goal", 1)
    assert group.standing.counts[tracker.models.Status.UNASSESSED] == 1
    assert isinstance(group.standing.reading, tracker.models.Reading)


def test_changes_are_walked_to_their_end_by_cursor(tracker, reader, duty_with_a_past):
    changes, cursor, more = [], tracker.types.UNSET, True
    while more:
        page = tracker.api.changes.changes.sync(client=reader, page_size=1, cursor=cursor)
        changes, cursor, more = changes + page.results, page.cursor, page.next_
    assert [(change.at, change.action) for change in changes] == [
        (EARLIER, tracker.models.PublicAction.PUBLISH),
        (NOW, tracker.models.PublicAction.PUBLISH),
    ]
    status = tracker.models.Status
    assert changes[1].status == tracker.models.StatusChange(
        from_=status.PARTLY_ACTIVE, to=status.ACTIVE
    )


def test_a_draft_is_written_submitted_and_published(tracker, signed_in, duty, reporter, reviewer):
    models, updates = tracker.models, tracker.api.updates
    author, second = signed_in(reporter), signed_in(reviewer)
    kind, source = models.EvidenceKind.REPORT, models.Source.INDEPENDENT
    evidence = models.EvidenceRequest(**steps.REPORT | {"kind": kind, "source": source})
    draft = models.UpdateWriteRequest(
        commitment="PLAN-1.1",
        effective_on=TODAY,
        covers_from=TODAY - timedelta(days=30),
        event_type=models.EventType.PARTICIPATION,
        status=models.AssessmentStatus.ACTIVE,
        summary=models.TextRequestType0.from_dict({"zh": "会议召开。"}),
        search_note="Looked for minutes.",
        evidence=[evidence],
    )
    made = updates.updates_create.sync_detailed(client=author, body=draft)
    assert (made.status_code, made.parsed.state) == (201, models.State.DRAFT)
    assert made.parsed.summary.to_dict() == {"zh": "会议召开。"}
    assert made.parsed.search_note.to_dict() == {"en": "Looked for minutes."}
    assert made.parsed.evidence[0].publisher.to_dict() == {"en": "The institute"}
    assert (made.parsed.evidence[0].source, made.parsed.evidence[0].file) == (source, None)
    one, shown = made.parsed.id, made.headers["ETag"]
    sent = updates.updates_submit.sync_detailed(one, client=author, if_match=shown)
    assert sent.parsed.state is models.State.SUBMITTED
    late = updates.updates_publish.sync(one, client=second, if_match=shown)
    assert (type(late), late.status) == (models.Problem, 412)
    note = models.ActionRequest(note="As the report says.")
    done = updates.updates_publish.sync(
        one, client=second, if_match=sent.headers["ETag"], body=note
    )
    assert (done.state, done.published_at) == (models.State.PUBLISHED, NOW)
    assert done.decisions[-1].action is models.Action.PUBLISH


def test_a_list_of_updates_is_answered_by_a_list(tracker, signed_in, duty, reporter):
    row = tracker.models.UpdateWriteRequest(commitment="PLAN-1.1", effective_on=TODAY)
    create = tracker.api.updates.updates_create.sync
    made = create(client=signed_in(reporter), body=[row, row])
    assert [update.status for update in made] == [None, None]


def test_a_file_goes_up_as_internal_evidence_and_comes_down_again(
    tracker, signed_in, evidence_folder, bare_draft, reporter
):
    models, author = tracker.models, signed_in(reporter)
    content = SAMPLES["minutes.pdf"]
    form = models.EvidenceFileRequest(
        title="Minutes",
        kind=models.EvidenceKind.MEETING_RECORD,
        source=models.Source.OFFICIAL,
        file=tracker.types.File(payload=io.BytesIO(content), file_name="minutes.pdf"),
        dated_on=TODAY,
        public=models.BooleanText.FALSE,
    )
    add = tracker.api.updates.updates_add_file.sync
    piece = add(bare_draft.pk, client=author, body=form)
    assert (piece.public, piece.dated_on, piece.link) == (False, TODAY, None)
    assert (piece.file.name, piece.file.size) == ("minutes.pdf", len(content))
    assert piece.file.media_type == "application/pdf"
    file = tracker.api.evidence.evidence_file.sync(piece.id, client=author)
    assert file.payload.read() == content


def test_an_unknown_filter_and_an_unknown_value_are_typed_problems(tracker, signed_in, plan):
    commitments = tracker.api.commitments.commitments_list.sync_detailed
    answer = commitments(client=signed_in(params={"stauts": "active"}))
    assert (answer.status_code, type(answer.parsed)) == (400, tracker.models.Problem)
    [error] = answer.parsed.errors
    assert (error.parameter, error.pointer) == ("stauts", tracker.types.UNSET)
    assert "status" in error.allowed
    problem = commitments(client=signed_in(), plan=["NONE"]).parsed
    assert [(error.parameter, error.allowed) for error in problem.errors] == [("plan", ["PLAN"])]
