"""Actions on several updates at once; each succeeds or fails on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from commitments import workflow
from commitments.api.idempotency import idempotent
from commitments.api.operations import ACT_ON_SEVERAL, operation
from commitments.api.pagination import MAX_PAGE_SIZE
from commitments.api.problems import refusal_errors
from commitments.api.request_data import signed_in_user, validated_list
from commitments.api.serializers.actions import ActionItemSerializer, ActionResultsSerializer
from commitments.choices import Action
from commitments.exceptions import BeyondToken, TrackerError, UnknownUpdate
from commitments.models import ProgressUpdate
from commitments.workflow import ActionRequest

if TYPE_CHECKING:
    from rest_framework.viewsets import GenericViewSet

    _View = GenericViewSet[ProgressUpdate]
else:
    _View = object

# They share one transaction, and other writers have to wait for it to end.
MAX_BULK_ACTIONS = 50
# Options of the serializer for a posted list.
LIST_OPTIONS: dict[str, Any] = {
    "many": True,
    "allow_empty": False,
    "max_length": MAX_PAGE_SIZE,
    "error_messages": {"max_length": _("At most {max_length} updates at once.")},
}

ACTION_OPTIONS = {**LIST_OPTIONS, "max_length": MAX_BULK_ACTIONS}


def _bulk_action(name: str) -> Callable[[Any], Any]:
    """Return a decorator for the action on several updates at `updates/<name>/`."""
    described = operation(
        f"updates_bulk_{name}",
        ACT_ON_SEVERAL,
        ActionResultsSerializer,
        request=ActionItemSerializer(many=True),
    )
    routed = action(detail=False, methods=["post"], url_path=name, url_name=f"bulk-{name}")
    return lambda view: described(routed(idempotent(view)))


class BulkActionsMixin(_View):
    """Submits, returns and publishes several updates, by the same rules as one."""

    def _perform_each(self, request: Request, action: Action) -> Response:
        rows = validated_list(ActionItemSerializer(data=request.data, **ACTION_OPTIONS))
        ids = [row["id"] for row in rows]
        rows_of = self.get_queryset().filter(pk__in=ids).select_related("commitment__plan")
        visible = {update.pk: update for update in rows_of}
        refused = dict(self._refused_before(request, rows, visible))
        asked = {
            index: ActionRequest(visible[row["id"]], row["revision"], row.get("note", ""))
            for index, row in enumerate(rows)
            if index not in refused
        }
        performed = workflow.perform_each(
            list(asked.values()), action, by=signed_in_user(request), at=timezone.now()
        )
        outcomes = refused | dict(zip(asked, performed, strict=True))
        now = {update.pk: update for update in self.get_queryset().filter(pk__in=ids)}
        results = [
            {
                "id": row["id"],
                "done": not isinstance(outcomes[index], TrackerError),
                "state": now[row["id"]].state if row["id"] in now else None,
                "revision": now[row["id"]].revision if row["id"] in now else None,
            }
            for index, row in enumerate(rows)
        ]
        errors = [
            error
            for index, outcome in sorted(outcomes.items())
            if isinstance(outcome, TrackerError)
            for error in refusal_errors(outcome, (index,), request)
        ]
        return Response(ActionResultsSerializer({"results": results, "errors": errors}).data)

    def _refused_before(
        self, request: Request, rows: list[dict[str, Any]], visible: dict[int, ProgressUpdate]
    ) -> Iterator[tuple[int, ProgressUpdate | TrackerError]]:
        """Yield, by index, the refusals of updates that the caller cannot see or the token does not
        cover."""
        for index, row in enumerate(rows):
            if row["id"] not in visible:
                yield index, UnknownUpdate(str(_("Nothing that you may see has this ID.")))
                continue
            try:
                self.check_object_permissions(request, visible[row["id"]])
            except BeyondToken as error:
                yield index, error

    @_bulk_action("submit")
    def submit_each(self, request: Request) -> Response:
        """Submit up to 50 drafts or returned updates, each for itself."""
        return self._perform_each(request, Action.SUBMIT)

    @_bulk_action("return")
    def return_each(self, request: Request) -> Response:
        """Return up to 50 submitted updates to their authors, each for itself and with its
        note."""
        return self._perform_each(request, Action.RETURN)

    @_bulk_action("publish")
    def publish_each(self, request: Request) -> Response:
        """Publish up to 50 submitted updates, each for itself, in the order of the list."""
        return self._perform_each(request, Action.PUBLISH)
