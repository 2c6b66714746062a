"""Progress updates and their evidence: written through `workflow`, read as the reader may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments import workflow
from commitments.api.conditional import etag, seen_revision
from commitments.api.exports import Export, ExportedList, page_of
from commitments.api.lists import DetailToo
from commitments.api.pagination import LARGEST, Cursor
from commitments.api.parsers import Form, StrictFormParser, StrictJSONParser
from commitments.api.requests import checked, person, pointing_below
from commitments.api.serializers.evidence import EvidenceFileSerializer, EvidenceSerializer
from commitments.api.serializers.updates import (
    ActSerializer,
    UpdateChangeSerializer,
    UpdateSerializer,
    UpdateWriteSerializer,
)
from commitments.choices import Action
from commitments.clocks import Clock
from commitments.drafts import EvidenceChanges
from commitments.exports import updates as table
from commitments.exports.tables import CSV, XLSX
from commitments.filters import UpdateFilter
from commitments.models import ProgressUpdate


def _shown(
    update: ProgressUpdate,
    context: Mapping[str, Any],
    code: int = status.HTTP_200_OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An update that was asked for `with_all_shown`, with its ETag."""
    data = UpdateSerializer(update, context=dict(context)).data
    return Response(data, status=code, headers={"ETag": etag(update), **(headers or {})})


def _written(update: ProgressUpdate, *args: Any) -> Response:
    """The update as it now stands; the arguments are those of `_shown`."""
    return _shown(ProgressUpdate.objects.with_all_shown().get(pk=update.pk), *args)


def _draft(sent: Mapping[str, Any]) -> tuple[ProgressUpdate, dict[str, Any]]:
    """An unsaved update, and what `workflow.write` is to write into it."""
    fields = {**sent, "evidence": EvidenceChanges(add=sent.get("evidence", ()))}
    return ProgressUpdate(commitment=fields.pop("commitment")), fields


def _one_or_many(shape: Any) -> PolymorphicProxySerializer:
    """Documents what is one object or a list of such."""
    return PolymorphicProxySerializer(
        component_name="UpdateOrUpdates",
        serializers=[shape, shape(many=True)],
        resource_type_field_name=None,
        many=False,
    )


# What may be posted at once.
A_LIST: dict[str, Any] = {"many": True, "allow_empty": False, "max_length": LARGEST}
ACT: dict[str, Any] = {"detail": True, "methods": ["post"]}
_documented = extend_schema(request=ActSerializer, responses=UpdateSerializer)


def _act(view: Any) -> Any:
    """An act of the workflow at `updates/{id}/<name of the method>/`."""
    return _documented(action(**ACT)(view))


class UpdateView(ExportedList, DetailToo):
    """Progress updates: what was published, and for staff what is under way."""

    queryset = ProgressUpdate.objects.all()
    serializer_class = UpdateSerializer
    filterset_class = UpdateFilter
    pagination_class = Cursor
    exports = {
        "csv": Export("updates", table.COLUMNS, CSV),
        "xlsx": Export("updates", table.COLUMNS, XLSX),
    }
    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "post", "patch", "head", "options"]
    always_sent = ("retrieve",)

    def get_queryset(self) -> QuerySet[ProgressUpdate]:
        visible = ProgressUpdate.objects.visible_to(self.request.user)
        return visible.with_all_shown().order_by(Cursor.ordering)

    def rows(self, items: Iterable[ProgressUpdate], clock: Clock) -> Iterator[table.Row]:
        return table.rows(items, self.request.user, self._place)

    def _place(self, update: ProgressUpdate) -> str:
        """Where a page shows it."""
        return f"{page_of(self.request, update.commitment)}#update-{update.pk}"

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return _shown(self.get_object(), self.get_serializer_context())

    @extend_schema(
        request=_one_or_many(UpdateWriteSerializer),
        responses={201: _one_or_many(UpdateSerializer)},
    )
    def create(self, request: Request) -> Response:
        """A new draft, with evidence as links and citations; of a list of up to 200 all or none."""
        context = self.get_serializer_context()
        if isinstance(request.data, list):
            return self._create_all(request, context)
        draft, fields = _draft(checked(UpdateWriteSerializer(data=request.data, context=context)))
        update = workflow.write(draft, by=person(request), at=timezone.now(), **fields)
        address = reverse("api:update-detail", args=[update.pk], request=request)
        return _written(update, context, status.HTTP_201_CREATED, {"Location": address})

    def _create_all(self, request: Request, context: Mapping[str, Any]) -> Response:
        sent = UpdateWriteSerializer(data=request.data, context=context, **A_LIST)
        sent.is_valid(raise_exception=True)
        pairs = [_draft(fields) for fields in sent.validated_data]
        made = workflow.write_all(pairs, by=person(request), at=timezone.now())
        every = ProgressUpdate.objects.with_all_shown().order_by("pk")
        shown = every.filter(pk__in=[update.pk for update in made])
        data = UpdateSerializer(shown, many=True, context=context).data
        return Response(data, status=status.HTTP_201_CREATED)

    @extend_schema(request=UpdateChangeSerializer, responses=UpdateSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Changes a draft or returned update; its evidence has addresses of its own."""
        update, context = self.get_object(), self.get_serializer_context()
        seen = seen_revision(request)
        fields = checked(
            UpdateChangeSerializer(update, data=request.data, partial=True, context=context)
        )
        changed = workflow.write(update, by=person(request), at=timezone.now(), seen=seen, **fields)
        return _written(changed, context)

    @extend_schema(
        operation_id="updates_add_evidence",
        request={
            "application/json": EvidenceSerializer,
            "multipart/form-data": EvidenceFileSerializer,
        },
        responses={201: EvidenceSerializer},
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="evidence",
        url_name="evidence",
        parser_classes=[StrictJSONParser, StrictFormParser],
    )
    def add_evidence(self, request: Request, pk: str) -> Response:
        """Adds a link, a citation or, as a form, a file to a draft or returned update. Needs no
        `If-Match`."""
        update, context = self.get_object(), self.get_serializer_context()
        sent = request.data
        shape = EvidenceFileSerializer if isinstance(sent, Form) else EvidenceSerializer
        fields = checked(shape(data=sent, context=context))
        with pointing_below("evidence", 0):
            changed = workflow.write(
                update,
                by=person(request),
                at=timezone.now(),
                evidence=EvidenceChanges(add=[fields]),
            )
        added = changed.evidence.latest("pk")
        return Response(
            EvidenceSerializer(added, context=context).data,
            status=status.HTTP_201_CREATED,
            headers={
                "ETag": etag(changed),
                "Location": reverse("api:evidence-detail", args=[added.pk], request=request),
            },
        )

    def _perform(self, request: Request, act: Action) -> Response:
        update, context = self.get_object(), self.get_serializer_context()
        seen = seen_revision(request)
        fields = checked(ActSerializer(data=request.data))
        moved = workflow.perform(
            update,
            act,
            by=person(request),
            at=timezone.now(),
            note=fields.get("note", ""),
            seen=seen,
        )
        return _written(moved, context)

    @_act
    def submit(self, request: Request, pk: str) -> Response:
        """Hands a draft to the reviewers."""
        return self._perform(request, Action.SUBMIT)

    @_act
    def recall(self, request: Request, pk: str) -> Response:
        """Takes a submitted update back into a draft."""
        return self._perform(request, Action.RECALL)

    @_act
    def discard(self, request: Request, pk: str) -> Response:
        """Ends a draft; it stays with staff."""
        return self._perform(request, Action.DISCARD)

    @_documented
    @action(**ACT, url_path="return", url_name="return")
    def send_back(self, request: Request, pk: str) -> Response:
        """Gives a submitted update back to its author, with the reason as note."""
        return self._perform(request, Action.RETURN)

    @_act
    def publish(self, request: Request, pk: str) -> Response:
        """Publishes a submitted update that the caller neither wrote nor edited."""
        return self._perform(request, Action.PUBLISH)

    @_act
    def retract(self, request: Request, pk: str) -> Response:
        """Takes a published update back for a public reason; a tombstone stays."""
        return self._perform(request, Action.RETRACT)
