"""Views of progress updates, which are written through `workflow` and read by `public_view`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import Serializer

from commitments import workflow
from commitments.access import policies
from commitments.api.bulk_actions import LIST_OPTIONS, BulkActionsMixin
from commitments.api.exports import Export, ExportedList, export_operation, update_place
from commitments.api.idempotency import idempotent
from commitments.api.lists import RetrieveMixin
from commitments.api.operations import (
    ACT,
    ADD,
    CHANGE,
    CREATE,
    PUBLIC_LIST,
    REVISED_ITEM,
    UPLOAD,
    operation,
)
from commitments.api.pagination import UpdateCursorPagination
from commitments.api.parsers import StrictFormParser
from commitments.api.preconditions import etag, require_if_match
from commitments.api.read_serializers import all_represented
from commitments.api.request_data import pointing_below, read_list, signed_in_user, validated
from commitments.api.serializers.actions import ActionSerializer, RateSerializer
from commitments.api.serializers.evidence import EvidenceFileSerializer, EvidenceSerializer
from commitments.api.serializers.updates import (
    ListedRows,
    UpdateChangeSerializer,
    UpdateSerializer,
    UpdateWriteSerializer,
)
from commitments.choices import SCOPE_OF_ACTION, Action, TokenScope
from commitments.clocks import Clock
from commitments.db import WHOLE_NUMBER_PATTERN
from commitments.exceptions import InvalidInput
from commitments.exports import updates as table
from commitments.exports.tables import CSV_FORMAT, XLSX_FORMAT
from commitments.exports.workbook import ROWS_PER_QUERY
from commitments.filters import UpdateFilter
from commitments.models import LinkCheck, ProgressUpdate
from commitments.models.namings import each_with_content, fetch_content
from commitments.models.querysets import ProgressUpdateQuerySet, narrowed
from commitments.models.querysets.composed import composed_once, read_by_id
from commitments.roles import is_staff, read_memberships

if TYPE_CHECKING:
    from commitments.roles import Person


def _update_response(
    update: ProgressUpdate,
    context: Mapping[str, object],
    code: int = status.HTTP_200_OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a response with an update and its ETag. The update was read `with_related_content`, or
    returned by the workflow."""
    data = UpdateSerializer(update, context=dict(context)).data
    return Response(data, status=code, headers={"ETag": etag(update), **(headers or {})})


def _written_response(update: ProgressUpdate, was_public: bool, *args: Any) -> Response:
    """Return `_update_response` for an update that the workflow returned. Only links of an update
    that `was_public` before can have been checked, so others need no query for their checks."""
    checks = LinkCheck.objects.all() if was_public else LinkCheck.objects.none()
    prefetch_related_objects([update], Prefetch("evidence__link_checks", checks))
    return _update_response(update, *args)


def _read_in_full(
    ids: Sequence[int], user: Person, clock: Clock | None = None
) -> list[ProgressUpdate]:
    """Return the updates with these ids that the person may see, in the order of their ids, with
    what their payload needs under the clock, or now."""
    if is_staff(user):
        rows = list(_for_staff(clock).visible_to(user).filter(pk__in=ids))
    else:
        rows = _read_public(ids, clock)
    updates = sorted(rows, key=attrgetter("pk"))
    if policies.may_curate(user):
        # They may hand over drafts whose authors are no longer reporters.
        read_memberships(update.author for update in updates)
    fetch_content(updates)
    return updates


@composed_once
def _for_staff(clock: Clock | None) -> ProgressUpdateQuerySet:
    # The search index is as long as the texts, and only searches need it.
    return ProgressUpdate.objects.with_staff_columns(clock).defer("search_index")


def _for_public(clock: Clock | None) -> ProgressUpdateQuerySet:
    return ProgressUpdate.objects.with_public_columns(clock).visible_to(AnonymousUser())


_read_public = read_by_id(_for_public)


def _one_or_many(serializer: type[Serializer[Any]]) -> PolymorphicProxySerializer:
    """Return a schema of one object or a list of objects."""
    return PolymorphicProxySerializer(
        component_name="UpdateOrUpdates",
        serializers=[serializer, serializer(many=True)],
        resource_type_field_name=None,
        many=False,
    )


def _workflow_action(
    name: str, request: type[Serializer[Any]] = ActionSerializer
) -> Callable[[Any], Any]:
    """Return a decorator for the workflow action at `updates/{id}/<name>/`."""
    described = operation(f"updates_{name}", ACT, UpdateSerializer, request=request)
    routed = action(detail=True, methods=["post"], url_path=name, url_name=name)
    return lambda view: described(routed(idempotent(view)))


@extend_schema_view(list=operation("updates_list", PUBLIC_LIST, UpdateSerializer))
class UpdateView(BulkActionsMixin, ExportedList, RetrieveMixin):
    """List progress updates: those published and, for staff, those still in the workflow."""

    queryset = ProgressUpdate.objects.all()
    serializer_class = UpdateSerializer
    filterset_class = UpdateFilter
    pagination_class = UpdateCursorPagination
    exports = {
        "csv": Export("updates", table.UPDATE_COLUMNS, CSV_FORMAT),
        "xlsx": Export("updates", table.UPDATE_COLUMNS, XLSX_FORMAT),
    }
    lookup_value_regex = WHOLE_NUMBER_PATTERN
    http_method_names = ["get", "post", "patch", "head", "options"]
    token_scopes = {
        "create": TokenScope.WRITE,
        "partial_update": TokenScope.WRITE,
        "add_evidence": TokenScope.WRITE,
        "add_file": TokenScope.WRITE,
        "submit": SCOPE_OF_ACTION[Action.SUBMIT],
        "recall": SCOPE_OF_ACTION[Action.RECALL],
        "discard": SCOPE_OF_ACTION[Action.DISCARD],
        "send_back": SCOPE_OF_ACTION[Action.RETURN],
        "publish": SCOPE_OF_ACTION[Action.PUBLISH],
        "retract": SCOPE_OF_ACTION[Action.RETRACT],
        "rate": SCOPE_OF_ACTION[Action.RATE],
        "submit_each": SCOPE_OF_ACTION[Action.SUBMIT],
        "return_each": SCOPE_OF_ACTION[Action.RETURN],
        "publish_each": SCOPE_OF_ACTION[Action.PUBLISH],
    }

    def get_queryset(self) -> QuerySet[ProgressUpdate]:
        visible = ProgressUpdate.objects.visible_to(self.request.user)
        return visible.order_by(UpdateCursorPagination.ordering)

    def in_full(self, ids: Sequence[int]) -> Iterable[ProgressUpdate]:
        return _read_in_full(ids, self.request.user, self.filterset.clock.of_day)

    def exported(self, rows: QuerySet[Any]) -> Iterable[ProgressUpdate]:
        updates = narrowed(rows, ProgressUpdateQuerySet)
        columns = updates.with_columns_for(self.request.user, self.filterset.clock)
        return each_with_content(columns, ROWS_PER_QUERY)

    @export_operation("updates_export", exports)
    def export(self, request: Request) -> HttpResponseBase:
        """Download all updates that the filters select as one file: a CSV table, or the same table
        as XLSX."""
        return self.export_file(request)

    def rows(self, items: Iterable[ProgressUpdate], clock: Clock) -> Iterator[table.UpdateRow]:
        return table.update_rows(items, self.request.user, partial(update_place, self.request))

    @operation(
        "updates_retrieve",
        REVISED_ITEM,
        UpdateSerializer,
        description="Show an update.",
        filters=True,
    )
    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        for update in self.in_full([self.get_object().pk]):
            return Response(self.represented([update])[0], headers={"ETag": etag(update)})
        raise Http404

    @operation(
        "updates_create",
        CREATE,
        _one_or_many(UpdateSerializer),
        request=_one_or_many(UpdateWriteSerializer),
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Create a draft, with links and citations as evidence. A list of up to 200 drafts is
        created as a whole or not at all."""
        context = self.get_serializer_context()
        if isinstance(request.data, list):
            return self._create_all(request, context)
        draft = validated(UpdateWriteSerializer(data=request.data, context=context))
        self.check_object_permissions(request, draft["commitment"])
        update = workflow.create_draft(by=signed_in_user(request), at=timezone.now(), **draft)
        address = reverse("api:update-detail", args=[update.pk], request=request)
        headers = {"Location": address}
        return _written_response(update, False, context, status.HTTP_201_CREATED, headers)

    def _create_all(self, request: Request, context: Mapping[str, object]) -> Response:
        some = islice(request.data, LIST_OPTIONS["max_length"])
        known = {**context, "listed": ListedRows(some, request.user)}
        drafts = read_list(UpdateWriteSerializer(data=request.data, context=known, **LIST_OPTIONS))
        for draft in drafts:
            if not isinstance(draft, InvalidInput):
                self.check_object_permissions(request, draft["commitment"])
        by, at = signed_in_user(request), timezone.now()
        created = workflow.create_drafts(drafts, by=by, at=at)
        rows = _read_in_full([update.pk for update in created], by)
        data = all_represented(UpdateSerializer, rows, context)
        return Response(data, status=status.HTTP_201_CREATED)

    @operation("updates_partial_update", CHANGE, UpdateSerializer, request=UpdateChangeSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a draft or returned update. Its evidence is changed at its own addresses."""
        update, context = self.get_object(), self.get_serializer_context()
        expected_revision = require_if_match(request, update)
        fields = validated(
            UpdateChangeSerializer(update, data=request.data, partial=True, context=context)
        )
        changed = workflow.edit_draft(
            update,
            by=signed_in_user(request),
            at=timezone.now(),
            expected_revision=expected_revision,
            **fields,
        )
        [reloaded] = _read_in_full([changed.pk], signed_in_user(request))
        return _update_response(reloaded, context)

    @operation("updates_add_evidence", ADD, EvidenceSerializer, request=EvidenceSerializer)
    @action(detail=True, methods=["post"], url_path="evidence", url_name="evidence")
    @idempotent
    def add_evidence(self, request: Request, pk: str) -> Response:
        """Add a link or a citation to a draft or returned update. `If-Match` is not required. A
        link that the update has already is answered with its piece, and 200."""
        return self._add(request, EvidenceSerializer)

    @operation("updates_add_file", UPLOAD, EvidenceSerializer, request=EvidenceFileSerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="files",
        url_name="files",
        parser_classes=[StrictFormParser],
    )
    @idempotent
    def add_file(self, request: Request, pk: str) -> Response:
        """Add a file, sent as a form with its description, to a draft or returned update.
        `If-Match` is not required."""
        return self._add(request, EvidenceFileSerializer)

    def _add(self, request: Request, serializer: type[EvidenceSerializer]) -> Response:
        update, context = self.get_object(), self.get_serializer_context()
        fields = validated(serializer(data=request.data, context=context))
        with pointing_below("evidence", 0):
            added = workflow.add_evidence(
                update, fields, by=signed_in_user(request), at=timezone.now()
            )
        return Response(
            EvidenceSerializer(added.piece, context=context).data,
            status=status.HTTP_201_CREATED if added.is_new else status.HTTP_200_OK,
            headers={
                "ETag": etag(added.update),
                "Location": reverse("api:evidence-detail", args=[added.piece.pk], request=request),
            },
        )

    def _perform(self, request: Request, action: Action) -> Response:
        update, context = self.get_object(), self.get_serializer_context()
        expected_revision = require_if_match(request, update)
        sent = RateSerializer if action is Action.RATE else ActionSerializer
        performed = workflow.perform(
            update,
            action,
            by=signed_in_user(request),
            at=timezone.now(),
            expected_revision=expected_revision,
            **validated(sent(data=request.data)),
        )
        return _written_response(performed, update.published_at is not None, context)

    @_workflow_action("submit")
    def submit(self, request: Request, pk: str) -> Response:
        """Submit a draft or returned update for review."""
        return self._perform(request, Action.SUBMIT)

    @_workflow_action("recall")
    def recall(self, request: Request, pk: str) -> Response:
        """Recall a submitted update and make it a draft again."""
        return self._perform(request, Action.RECALL)

    @_workflow_action("discard")
    def discard(self, request: Request, pk: str) -> Response:
        """Discard a draft or returned update. It remains visible to staff."""
        return self._perform(request, Action.DISCARD)

    @_workflow_action("return")
    def send_back(self, request: Request, pk: str) -> Response:
        """Return a submitted update to its author, with the reason in the note."""
        return self._perform(request, Action.RETURN)

    @_workflow_action("rate", RateSerializer)
    def rate(self, request: Request, pk: str) -> Response:
        """Rate a submitted assessment, in a plan whose assessments are rated blind. It cannot be
        changed; the answer shows what the author found."""
        return self._perform(request, Action.RATE)

    @_workflow_action("publish")
    def publish(self, request: Request, pk: str) -> Response:
        """Publish a submitted update that the caller neither wrote, edited nor submitted."""
        return self._perform(request, Action.PUBLISH)

    @_workflow_action("retract")
    def retract(self, request: Request, pk: str) -> Response:
        """Withdraw a published update for a public reason. An entry without its content remains."""
        return self._perform(request, Action.RETRACT)
