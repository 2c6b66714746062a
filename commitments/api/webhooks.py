"""The webhooks in the OpenAPI document: what subscribers are sent, and what they answer."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, OpenApiWebhook, extend_schema

from commitments.api import examples
from commitments.api.serializers.changes import WebhookMessageSerializer

_CHANGE = examples.RESPONSES["changes"]["results"][0]
_EXAMPLE = {"type": _CHANGE["action"], "timestamp": _CHANGE["at"], "data": _CHANGE}

CHANGE_WEBHOOK = OpenApiWebhook(
    "change",
    extend_schema(
        operation_id="webhook_change",
        tags=["changes"],
        summary="A public change, sent to a subscriber",
        description=(
            "Subscribers get every public change as a request of its own, in the order of the "
            "ledger, signed as Standard Webhooks defines it: with the headers `webhook-id`, which "
            "is the same when a message comes again, `webhook-timestamp` and `webhook-signature`."
        ),
        request=WebhookMessageSerializer,
        responses={
            "2XX": OpenApiResponse(description="The message was taken; the next one follows."),
            410: OpenApiResponse(description="Nothing more is to be sent."),
        },
        examples=[OpenApiExample("Example", value=_EXAMPLE)],
    ),
)
