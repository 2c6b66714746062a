"""What the site says of itself: the index, the codes, who is asking."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from commitments import choices, desk
from commitments.api.fields import CodeField
from commitments.api.serializers.reference import CodesSerializer
from commitments.api.strict import StrictQuery
from commitments.choices import STATUS_RULES, Role
from commitments.health import Coverage, LinkOutcome
from commitments.readings import Reading
from commitments.roles import roles_of


class WaitingSerializer(serializers.Serializer[Any]):
    """Ids of updates, the longest waiting first; at most 200 each."""

    drafts = serializers.ListField(child=serializers.IntegerField())
    returned = serializers.ListField(child=serializers.IntegerField())
    to_review = serializers.ListField(child=serializers.IntegerField())


class MeSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    roles = serializers.ListField(child=CodeField(Role))
    offices = serializers.ListField(child=serializers.CharField())
    waiting = WaitingSerializer()


class IndexView(StrictQuery, APIView):
    """Where everything is."""

    PLACES = (
        "plan",
        "goal",
        "area",
        "forum",
        "office",
        "commitment",
        "update",
        "evidence",
        "milestone",
    )

    @extend_schema(
        operation_id="index",
        tags=["index"],
        responses={
            (200, "application/json"): {
                "type": "object",
                "additionalProperties": {"type": "string", "format": "uri"},
            }
        },
    )
    def get(self, request: Request) -> Response:
        lists = {f"{name}s": f"api:{name}-list" for name in self.PLACES if name != "evidence"}
        others = {name: f"api:{name}" for name in ("status", "codes", "me", "schema", "docs")}
        others |= {"status/trend": "api:trend", "changes": "api:changes"}
        others |= {"ledger": "api:ledger", "ledger/head": "api:ledger-head"}
        others |= {"auth/login": "api:login", "auth/tokens": "api:token-list"}
        return Response(
            {name: reverse(view, request=request) for name, view in (lists | others).items()}
        )


class CodesView(StrictQuery, APIView):
    """Statuses, kinds, levels and all other closed lists, with labels in both languages."""

    @extend_schema(responses=CodesSerializer)
    def get(self, request: Request) -> Response:
        return Response(CodesSerializer(all_codes()).data)


def all_codes() -> dict[str, Any]:
    lists: dict[str, type[choices.Codes]] = {
        "kinds": choices.Kind,
        "tones": choices.Tone,
        "freshness": choices.Freshness,
        "schedules": choices.Schedule,
        "readings": Reading,
        "states": choices.State,
        "actions": choices.Action,
        "roles": choices.Role,
        "forum_kinds": choices.ForumKind,
        "evidence_kinds": choices.EvidenceKind,
        "date_precisions": choices.DatePrecision,
        "link_outcomes": LinkOutcome,
        "coverage": Coverage,
    }
    statuses = [
        {
            "code": status.value,
            "label": status.label,
            "definition": rule.definition,
            "kinds": [kind.value for kind in rule.kinds],
            "tone": rule.tone.value,
            "least_evidence": rule.least_evidence,
            "search_note": rule.search_note,
            "settled": rule.settled,
        }
        for status, rule in STATUS_RULES.items()
    ]
    sources = [
        {
            "code": source.value,
            "label": source.label,
            "definition": source.definition,
            "level": source.level,
        }
        for source in choices.Source
    ]
    return {
        "methodology": choices.METHODOLOGY,
        "evidence_levels": [
            {"level": level, "label": label} for level, label in enumerate(choices.EVIDENCE_LEVELS)
        ],
        "statuses": statuses,
        "sources": sources,
        **{
            name: [{"code": code.value, "label": code.label} for code in codes]
            for name, codes in lists.items()
        },
    }


class MeView(StrictQuery, APIView):
    """Who is asking, with roles and offices, and what waits for them."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = cast(User, request.user)
        return Response(
            MeSerializer(
                {
                    "username": user.username,
                    "roles": sorted(role.value for role in roles_of(user)),
                    "offices": user.offices.order_by("code").values_list("code", flat=True),
                    "waiting": desk.waiting_for(user),
                }
            ).data
        )


class SchemaView(StrictQuery, SpectacularJSONAPIView):
    """This description of the API."""


class DocsView(StrictQuery, SpectacularSwaggerSplitView):
    """The description as a page; its errors are JSON like all others."""

    http_method_names = ["get", "head"]
    other_parameters = {"script": {"type": "string"}}

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(response, "exception", False):
            request.accepted_renderer = JSONRenderer()
        return super().finalize_response(request, response, *args, **kwargs)
