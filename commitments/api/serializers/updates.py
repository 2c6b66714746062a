"""Progress updates with their evidence and decisions, as returned and as sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from commitments import workflow
from commitments.api.fields import (
    JSON_FIELD_MAPPING,
    CodeChoiceField,
    IdField,
    JsonDateField,
    JsonStringField,
    RejectUnknownKeysMixin,
    RouteField,
    TextField,
    UpdatePageField,
    UtcTimeField,
)
from commitments.api.read_serializers import ReadModelSerializer, ReadSerializer
from commitments.api.serializers.evidence import EvidenceSerializer
from commitments.choices import (
    Action,
    DatePrecision,
    ErrorCode,
    EventType,
    FindingResult,
    RatingOutcome,
    State,
    Status,
)
from commitments.db import storable
from commitments.models import Commitment, Forum, ProgressUpdate
from commitments.models.progress import ASSESSMENT_STATUSES
from commitments.models.querysets import of_visible_plans
from commitments.workflow import UPDATE_FIELDS, FindingFields
from commitments.workflow.public_view import (
    PublicView,
    VisibleDecision,
    VisibleErasure,
    VisibleRating,
    VisibleSecondRating,
)

if TYPE_CHECKING:
    from commitments.roles import Person

# All ids are less than this.
MAX_ID = 2**63


class DecisionSerializer(ReadSerializer[VisibleDecision]):
    """An action on an update. `note` is null if it was erased or the reader may not see it."""

    at = UtcTimeField()
    action = CodeChoiceField(Action)
    role = serializers.CharField()
    note = serializers.CharField(allow_null=True)


class ErasureSerializer(ReadSerializer[VisibleErasure]):
    """What was erased of an update for good. `reason` is null if it was erased too."""

    seq = serializers.IntegerField(help_text="Sequence number of the ledger link.")
    at = UtcTimeField()
    role = serializers.CharField()
    reason = serializers.CharField(allow_null=True)
    parts = serializers.ListField(
        child=serializers.CharField(),
        help_text="What was erased: `summary`, `search_note`, or of a source `evidence/31/title`.",
    )
    former_sha256 = serializers.CharField(help_text="SHA-256 of the content that had it.")


class FindingSerializer(RejectUnknownKeysMixin):
    """What was found of one criterion. `events` are the ids of those that show it; without any it
    is the update itself."""

    result = CodeChoiceField(FindingResult)
    events = serializers.ListField(child=IdField(), required=False)


class FindingsField(serializers.DictField):
    """Findings by the keys of criteria."""

    child = FindingSerializer()

    def to_internal_value(self, data: Any) -> dict[str, FindingFields]:
        findings = super().to_internal_value(data)
        return {
            key: FindingFields(finding["result"], finding.get("events", []))
            for key, finding in findings.items()
        }

    def to_representation(self, value: Mapping[str, FindingFields]) -> dict[str, Any]:
        return {key: finding._asdict() for key, finding in value.items()}


class RatingSerializer(ReadSerializer[VisibleRating]):
    """What a second person found of an assessment before they saw what its author had found, and
    what the author had found then. `commit` is the SHA-256 of `salt` (32 bytes), followed by the
    rating as docs/ledger.md writes it; the ledger's entry of the publication holds it."""

    at = UtcTimeField(help_text="When it was rated.")
    basis_sha256 = serializers.CharField(
        help_text="Digest of what was rated: the period, the criteria, the events, the evidence."
    )
    findings = FindingsField(help_text="What the second person found, by criterion.")
    status = CodeChoiceField(
        Status, only=ASSESSMENT_STATUSES, help_text="The status that the second person found."
    )
    assessed_findings = FindingsField(help_text="What the author had found then.")
    assessed_status = CodeChoiceField(
        Status, only=ASSESSMENT_STATUSES, help_text="The status that the author had assessed then."
    )
    salt = serializers.CharField(help_text="32 random bytes, hexadecimal.")
    commit = serializers.CharField(help_text="The digest of the rating with its salt.")


class SecondRatingSerializer(ReadSerializer[VisibleSecondRating]):
    """The second ratings of an assessment, the first one first, and how they came out."""

    outcome = CodeChoiceField(RatingOutcome, allow_null=True, help_text="Null before publication.")
    ratings = RatingSerializer(many=True, help_text="All ratings, the first one first.")


class UpdateFieldsSerializer(ReadModelSerializer[ProgressUpdate]):
    """What an author set, as others read it: dates, texts and relations as declared here, other
    fields as the model has them."""

    commitment = serializers.CharField(source="commitment.code")
    effective_on = serializers.DateField()
    date_precision = CodeChoiceField(DatePrecision)
    event_type = CodeChoiceField(
        EventType, allow_null=True, help_text="What happened; null if it is no event."
    )
    summary = TextField()
    forums = serializers.ListField(child=serializers.CharField())
    criteria = serializers.ListField(
        child=serializers.CharField(), help_text="Keys of the criteria that the event bears on."
    )
    meets = serializers.ListField(
        child=serializers.CharField(), help_text="Keys of the milestones that are met by it."
    )
    status = CodeChoiceField(
        Status,
        only=ASSESSMENT_STATUSES,
        allow_null=True,
        help_text="The assessed status; null if it is no assessment.",
    )
    covers_from = serializers.DateField(
        allow_null=True,
        help_text="First day of the period that is assessed; its last is `effective_on`.",
    )
    findings = FindingsField(help_text="What was found of each criterion, by its key.")
    rests_on = serializers.ListField(
        child=serializers.IntegerField(), help_text="IDs of the events on which it rests."
    )
    search_note = TextField()
    corrects = serializers.IntegerField(allow_null=True)
    external_ref = serializers.CharField(allow_null=True)


class UpdateSerializer(UpdateFieldsSerializer):
    """An update as visible to the reader. If it was withdrawn, the public sees it without its
    content: texts, forums, criteria, milestones, findings, events and evidence are empty;
    `event_type`, `external_ref` and `evidence_level` are null."""

    url = RouteField("api:update-detail", "id", help_text="Its address in the API.")
    html_url = UpdatePageField(
        source="*",
        read_only=True,
        help_text="Its place on the page of its commitment; for staff, before it is published, "
        "the page on which it is written and reviewed.",
    )

    id = serializers.IntegerField()
    forums = serializers.SerializerMethodField()
    state = CodeChoiceField(State)
    published_at = UtcTimeField(allow_null=True)
    superseded_at = UtcTimeField(allow_null=True)
    retracted_at = UtcTimeField(allow_null=True)
    revision = serializers.IntegerField()
    methodology = serializers.IntegerField(
        allow_null=True,
        help_text=(
            "Version of the methodology by which the assessment was made; null for an event."
        ),
    )
    content_sha256 = serializers.CharField(
        allow_null=True,
        help_text=(
            "SHA-256 of the published content, or of what erasures have left of it, as recorded in "
            "the ledger; null before publication."
        ),
    )
    loaded_from = serializers.CharField(
        allow_null=True,
        help_text=(
            "SHA-256 of the file from which it was loaded; null if it was written in the tracker."
        ),
    )
    decisions = DecisionSerializer(many=True)
    erasures = ErasureSerializer(many=True)
    evidence = EvidenceSerializer(many=True)
    evidence_level = serializers.IntegerField(allow_null=True)
    second_rating = SecondRatingSerializer(
        allow_null=True, help_text="Null if nobody rated it, or the caller may not see it yet."
    )
    withheld = serializers.ListField(
        child=serializers.CharField(),
        help_text=(
            "Fields that are empty for the caller because they have to rate the assessment first, "
            "without having seen what its author found; the notes of decisions are null too."
        ),
    )
    allowed_actions = serializers.ListField(
        child=serializers.CharField(),
        help_text="Actions that the caller may perform now; `write` means editing.",
    )

    class Meta:
        model = ProgressUpdate
        fields = [
            "id",
            "commitment",
            *UPDATE_FIELDS,
            "state",
            "published_at",
            "superseded_at",
            "retracted_at",
            "revision",
            "methodology",
            "content_sha256",
            "loaded_from",
            "decisions",
            "erasures",
            "evidence",
            "evidence_level",
            "second_rating",
            "withheld",
            "allowed_actions",
            "url",
            "html_url",
        ]
        read_only_fields = UPDATE_FIELDS

    def to_representation(self, update: ProgressUpdate) -> dict[str, Any]:
        view: Any = workflow.public_view(update, self.context["request"].user)
        shown: dict[str, Any] = super().to_representation(view)
        return shown

    def get_forums(self, update: PublicView) -> list[str]:
        return [forum.code for forum in update.forums]


class ListedRows:
    """The rows that a posted list of drafts names, read at once instead of for each draft."""

    def __init__(self, drafts: Iterable[object], user: Person) -> None:
        rows = [draft for draft in drafts if isinstance(draft, dict)]
        codes = {code for row in rows if isinstance(code := row.get("commitment"), str)}
        self.commitments = _commitments_by_code(codes, user)
        ids = {pk for row in rows if type(pk := row.get("corrects")) is int and 0 < pk < MAX_ID}
        visible = ProgressUpdate.objects.visible_to(user)
        self.corrected = visible.in_bulk(ids) if ids else {}

    @cached_property
    def forums(self) -> dict[str, Forum]:
        return {forum.code: forum for forum in Forum.objects.all()}


def _commitments_by_code(codes: Iterable[str], user: Person) -> dict[str, Commitment]:
    """Return the commitments with these codes of plans that this person may see, by code."""
    visible = of_visible_plans(Commitment.objects.by_codes(codes), "plan", user)
    return {row.code: row for row in visible}


def forums_by_code(codes: Iterable[str]) -> dict[str, Forum]:
    """Return the existing forums among these codes, by code."""
    return {row.code: row for row in Forum.objects.filter(code__in=storable(codes))}


class ForumCodesField(serializers.ListField):
    """Forums by their codes."""

    child = JsonStringField()
    default_error_messages = {"not_found": _("“{code}” does not exist.")}

    def to_internal_value(self, data: Any) -> list[Forum]:
        codes = super().to_internal_value(data)
        listed = self.context.get("listed")
        forums = listed.forums if listed else forums_by_code(codes)
        message = self.error_messages["not_found"]
        unknown: dict[Any, Any] = {
            index: [ErrorDetail(message.format(code=code), ErrorCode.NOT_FOUND)]
            for index, code in enumerate(codes)
            if code not in forums
        }
        if unknown:
            raise serializers.ValidationError(unknown)
        return [forums[code] for code in dict.fromkeys(codes)]


class CommitmentCodeField(JsonStringField):
    """A commitment by its public code."""

    default_error_messages = {"not_found": _("Commitment “{code}” does not exist.")}

    def to_internal_value(self, data: Any) -> Any:
        code = super().to_internal_value(data)
        listed = self.context.get("listed")
        user = self.context["request"].user
        commitments = listed.commitments if listed else _commitments_by_code([code], user)
        if code not in commitments:
            self.fail("not_found", code=code)
        return commitments[code]


class CorrectedUpdateField(serializers.PrimaryKeyRelatedField[ProgressUpdate]):
    """The id, a whole number, of an update that the caller may see."""

    def run_validation(self, data: Any = empty) -> Any:
        given = data is not empty and data is not None
        if given and (isinstance(data, bool) or not isinstance(data, int)):
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().run_validation(data)

    def get_queryset(self) -> Any:
        return ProgressUpdate.objects.visible_to(self.context["request"].user)

    def to_internal_value(self, data: Any) -> Any:
        listed = self.context.get("listed")
        if listed is None:
            return super().to_internal_value(data)
        if data not in listed.corrected:
            self.fail("does_not_exist", pk_value=data)
        return listed.corrected[data]


class UpdateWriteSerializer(RejectUnknownKeysMixin, serializers.ModelSerializer[ProgressUpdate]):
    """The fields of a draft as sent by its author and, on creation, its evidence."""

    serializer_field_mapping = JSON_FIELD_MAPPING

    commitment = CommitmentCodeField()
    effective_on = JsonDateField()
    summary = TextField(required=False)
    search_note = TextField(required=False)
    forums = ForumCodesField(required=False)
    date_precision = CodeChoiceField(DatePrecision, required=False)
    event_type = CodeChoiceField(EventType, required=False, allow_null=True)
    criteria = serializers.ListField(child=JsonStringField(), required=False)
    meets = serializers.ListField(child=JsonStringField(), required=False)
    status = CodeChoiceField(Status, only=ASSESSMENT_STATUSES, required=False, allow_null=True)
    covers_from = JsonDateField(required=False, allow_null=True)
    findings = FindingsField(required=False)
    rests_on = serializers.ListField(child=IdField(), required=False)
    external_ref = JsonStringField(required=False, allow_null=True, max_length=200)
    corrects = CorrectedUpdateField(required=False, allow_null=True)
    evidence = EvidenceSerializer(many=True, required=False)

    class Meta:
        model = ProgressUpdate
        fields = ["commitment", *UPDATE_FIELDS, "evidence"]


class UpdateChangeSerializer(UpdateWriteSerializer):
    """Changes to a draft. Its commitment cannot be changed; its evidence is changed at its own
    addresses."""

    commitment = None
    evidence = None

    class Meta:
        model = ProgressUpdate
        fields = list(UPDATE_FIELDS)
