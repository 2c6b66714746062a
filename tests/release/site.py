"""A site that has something in all of its tables, for upgrades to carry over. Nothing is requested
over the network."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import call_command
from django.test import Client, override_settings

from commitments import accounts
from commitments.accounts import calendars, followers, record_command
from commitments.choices import Action, LinkStatus, MailKind, SecondRating, SubjectType
from commitments.curation import meetings, report_calls
from commitments.exports.tidy import freeze, last_quarter
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.ledger.proofs.notes import SigningKey, read_note
from commitments.ledger.proofs.witnesses import Witness, ask_witness
from commitments.links import checks
from commitments.links.probe import ProbeResult
from commitments.models import (
    Commitment,
    Forum,
    LedgerHead,
    Mail,
    MailPreference,
    Office,
    Plan,
)
from commitments.operations import recorded_run
from commitments.operations.stored_files import renew_mark
from commitments.webhooks import subscribers
from commitments.webhooks.sending import send_ping
from tests.factories import MeetingFactory, UserFactory
from tests.fixtures.worlds import people
from tests.ledger.proofs.cosigning import TestWitness
from tests.one_time_codes import SIGN_IN
from tests.record import ARCHIVED, LATER, create_record
from tests.steps import NOW, edited, erased, findings_for, perform, rated, submitted, token

ADMINISTRATORS = ("administrator", "administrator-2")
# After the last day of the example's record.
LOADED = datetime(2026, 12, 1, 9, tzinfo=UTC)
EXAMPLE = "fixtures/example"
# What an app for one-time codes was given, in base 32.
APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Refused before a request is made, since it is this machine.
HOOK = "https://127.0.0.1/hook"
ENTRIES_OF_A_NODE = 256
KEY_NAME = "tracker.example.org/ledger"


def make_site():
    """Make the site in an empty database: two plans, updates in every state, files, an erasure, and
    what the staff, readers and regular tasks leave behind."""
    staff = people()
    administrators = [UserFactory(username=name, is_superuser=True) for name in ADMINISTRATORS]
    for user in (*staff, *administrators):
        record_command(user, changed="account", at=NOW)
    record = create_record(*staff)
    erased(record.superseded, ["summary"], *administrators, LATER)
    access = token(staff[0])
    quiet = {"stdout": StringIO(), "stderr": StringIO()}
    # Mails are put into the outbox, and none is sent.
    with time_machine.travel(LOADED, tick=False), override_settings(MAIL_ENABLED=True):
        call_command("load_plan", f"{EXAMPLE}/plan.yaml", **quiet)
        staff[0].offices.set(Office.objects.all())
        options = {"author": "reporter", "publish_as": "reviewer"}
        call_command("load_updates", f"{EXAMPLE}/record.yaml", **options, **quiet)
        _rate(record.other, *staff)
        _call_for_reports(*staff)
        _send_draft(access)
        _sign_in(*administrators)
        _follow(record.duty.plan)
        _send_webhooks()
        _run_tasks(record.duty.plan)
        _fill_a_tile(owner=administrators[1])
        call_command("verify_ledger", **quiet)
        _sign_ledger()


def _rate(commitment, reporter, reviewer, curator):
    """Publish an assessment that was rated blind."""
    plan = Plan.objects.get(pk=commitment.plan_id)
    plan.second_rating = SecondRating.BLIND
    edited(plan, curator, LOADED)
    commitment = Commitment.objects.get(pk=commitment.pk)
    forums = list(Forum.objects.filter(code="UN"))
    update = submitted(commitment, reporter, LOADED, status="partly_active", forums=forums)
    rated(update, reviewer, findings_for(commitment, "partly_active"), at=LOADED)
    perform(update, Action.PUBLISH, reviewer, LOADED)


def _call_for_reports(reporter, _reviewer, curator):
    """Have calls, answers to them, and a meeting of which there is nothing to report."""
    plan = Plan.objects.get(code="ISCC")
    due = date(2026, 12, 15)
    call = report_calls.ask_for_reports(plan, by=curator, at=LOADED, due_on=due, note="Please.")
    report_calls.move_deadline(call, by=curator, at=LOADED, due_on=date(2026, 12, 20))
    mistake = report_calls.ask_for_reports(plan, by=curator, at=LOADED, due_on=due)
    report_calls.withdraw_call(mistake, by=curator, at=LOADED, reason="Asked twice.")
    report_calls.report_nothing_new(plan.commitments.first(), by=reporter, at=LOADED)
    day = date(2026, 11, 3)
    meeting = MeetingFactory(forum=Forum.objects.get(code="UN"), starts_on=day)
    meeting.offices.set(Office.objects.all())
    meetings.answer_nothing_to_report(meeting, by=curator, at=LOADED)


def _send_draft(access):
    """Send a draft as a program does that may have to repeat its request."""
    draft = {
        "commitment": "ISCC-3.2",
        "event_type": "participation",
        "effective_on": "2026-11-02",
        "summary": {"en": "Sent by a program."},
    }
    headers = {"Authorization": f"Token {access}", "Idempotency-Key": "one"}
    answer = Client().post("/api/v1/updates/", draft, "application/json", headers=headers)
    assert answer.status_code == 201, answer.content


def _sign_in(administrator, owner):
    """Have a program's account, an account that waits for a second administrator, what signing in
    needs, and what it leaves behind."""
    service = {"username": "program", "roles": ["reporter"], "owner": owner.pk}
    asked = accounts.request_change(None, service, by=administrator, at=LOADED)
    program = accounts.confirm_change(asked, by=owner, at=LOADED).account
    accounts.issue_service_token(program, "Nightly", by=administrator, at=LOADED)
    waiting = {"username": "newcomer", "is_superuser": True}
    accounts.request_change(None, waiting, by=administrator, at=LOADED)
    TOTP.activate(administrator, APP_SECRET)
    RecoveryCodes.activate(administrator)
    assert Authenticator.objects.filter(user=administrator).count() == 2
    MailPreference.objects.create(user=owner, language="zh-hans", digest="daily")
    calendars.renew_calendar_address(owner, LOADED)
    owner.set_password("only-for-tests")
    owner.save()
    for password in ("only-for-tests", "wrong"):
        Client().post(SIGN_IN, {"username": owner.username, "password": password})


def _follow(plan):
    """Have readers who follow a plan, and one who has not confirmed it."""
    for address in ("reader@example.org", "other@example.org"):
        asked = (address, plan, SubjectType.PLAN, "")
        followers.ask_to_follow(*asked, language="en", at=LOADED)
    asked, _other = mails = Mail.objects.filter(kind=MailKind.CONFIRMATION).order_by("pk")
    rows = [followers.following_wanted_by(mail) for mail in mails]
    queryset = type(rows[0]).objects.filter(pk=rows[0].pk)
    followers.confirm_following(queryset, language=asked.language, at=LOADED)


def _send_webhooks():
    """Have a subscriber with a former secret, and an attempt to reach it."""
    columns = {"name": "An archive", "url": HOOK, "contact": "archive@example.org"}
    subscriber, _secret = subscribers.add_subscriber(at=LOADED, from_the_beginning=True, **columns)
    subscribers.rotate_secret(subscriber.pk, at=LOADED)
    assert send_ping(subscriber, LOADED).error


def _run_tasks(plan):
    """Have a run of a task, links that were checked, a snapshot of a quarter, and a mark beside the
    files."""
    with recorded_run("check_links", lambda: LOADED) as output:
        output.write("Two links.\n")
        reached = ProbeResult(LinkStatus.OK, "200", fingerprint="0" * 64)
        before = LOADED - timedelta(days=7)
        checks.record_probe(ARCHIVED, reached, LOADED, before)
        missing = ProbeResult(LinkStatus.GONE, "404")
        checks.record_probe("https://example.org/statement", missing, LOADED, before)
    assert freeze(plan, last_quarter(plan, LOADED), at=LOADED, publisher="An office")
    renew_mark()


def _fill_a_tile(owner):
    """Have as many entries as the smallest tree with a node that is stored."""
    for _number in range(ENTRIES_OF_A_NODE - LedgerHead.objects.get().seq):
        record_command(owner, changed="language", at=LOADED)


def _sign_ledger():
    """Have a checkpoint that a witness cosigned, and a later one by another key."""
    checkpoint = sign_checkpoint(SigningKey.generate(KEY_NAME), LOADED)
    witness = TestWitness("witness.example.org")

    def post(_address, _body):
        line = witness.line(read_note(checkpoint.note).text, int(LOADED.timestamp()))
        return 200, line.encode()

    address = Witness(witness.key, "https://witness.example.org")
    ask_witness(address, checkpoint, post, LOADED)
    assert sign_checkpoint(SigningKey.generate(f"{KEY_NAME}/2"), LOADED)
