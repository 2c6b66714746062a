"""The database tables. Every rule that a single row can break is a named constraint."""

from commitments.models.accounts import AccountRequest, ServiceAccount
from commitments.models.calendars import CalendarAddress
from commitments.models.checkpoints import Checkpoint, Cosignature, LedgerNode
from commitments.models.commitments import Commitment, Partnership
from commitments.models.contents import RecordedContent
from commitments.models.criteria import Criterion
from commitments.models.decisions import Decision, LedgerHead
from commitments.models.dumps import Dump
from commitments.models.erasures import ErasureRequest
from commitments.models.evidence import Evidence
from commitments.models.file_marks import FileMark
from commitments.models.findings import Basis, Finding
from commitments.models.followers import Follower, Following
from commitments.models.forums import Forum, Office
from commitments.models.idempotent_responses import IdempotentResponse
from commitments.models.ledger_checks import LedgerCheck
from commitments.models.link_checks import LinkCheck
from commitments.models.mail import Mail, MailPreference
from commitments.models.meetings import Meeting, NothingToReport
from commitments.models.milestones import KnownDate, Milestone
from commitments.models.plan_files import PlanFile
from commitments.models.plans import ActionArea, Plan, StrategicGoal
from commitments.models.progress import ProgressUpdate
from commitments.models.publishers import Publisher
from commitments.models.ratings import Rating
from commitments.models.report_calls import NothingNew, ReportCall
from commitments.models.returned_content import ReturnedContent
from commitments.models.snapshots import Snapshot
from commitments.models.task_runs import TaskRun
from commitments.models.tokens import AccessToken
from commitments.models.webhooks import WebhookAttempt, WebhookSubscriber

__all__ = [
    "AccessToken",
    "AccountRequest",
    "ActionArea",
    "Basis",
    "CalendarAddress",
    "Checkpoint",
    "Commitment",
    "Cosignature",
    "Criterion",
    "Decision",
    "Dump",
    "ErasureRequest",
    "Evidence",
    "FileMark",
    "Finding",
    "Follower",
    "Following",
    "Forum",
    "IdempotentResponse",
    "KnownDate",
    "LedgerCheck",
    "LedgerHead",
    "LedgerNode",
    "LinkCheck",
    "Mail",
    "MailPreference",
    "Meeting",
    "Milestone",
    "NothingNew",
    "NothingToReport",
    "Office",
    "Partnership",
    "Plan",
    "PlanFile",
    "ProgressUpdate",
    "Publisher",
    "Rating",
    "RecordedContent",
    "ReportCall",
    "ReturnedContent",
    "ServiceAccount",
    "Snapshot",
    "StrategicGoal",
    "TaskRun",
    "WebhookAttempt",
    "WebhookSubscriber",
]
