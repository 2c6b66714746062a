"""The index, the codes, the caller's account, and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from commitments import choices
from commitments.api import etags
from commitments.api.conditional_get import ConditionalGetMixin
from commitments.api.fields import CodeChoiceField, UtcTimeField
from commitments.api.operations import LIST, PUBLIC_ITEM, PUBLIC_LIST, operation
from commitments.api.problem_types import ProblemType
from commitments.api.serializers.problems import ProblemTypeSerializer, ProblemTypesSerializer
from commitments.api.serializers.reference import CodesSerializer
from commitments.api.serializers.tokens import TokenScopeFields
from commitments.api.strict import StrictQuery
from commitments.choices import STATUS_RULES, CoverageGap, LinkStatus, Reading, Role
from commitments.models import AccessToken
from commitments.roles import roles_of, signed_in
from commitments.workflow import work_queue


class WaitingSerializer(serializers.Serializer[Any]):
    """IDs of updates, longest waiting first; at most 200 in each list."""

    drafts = serializers.ListField(child=serializers.IntegerField())
    returned = serializers.ListField(child=serializers.IntegerField())
    to_review = serializers.ListField(child=serializers.IntegerField())


class UsedTokenSerializer(TokenScopeFields):
    """The access token with which the caller signed in."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    expiry = UtcTimeField()


class MeSerializer(serializers.Serializer[Any]):
    """The caller's account, the token of the request, and the updates that wait for them."""

    username = serializers.CharField()
    roles = serializers.ListField(child=CodeChoiceField(Role))
    offices = serializers.ListField(child=serializers.CharField())
    token = UsedTokenSerializer(
        allow_null=True, help_text="The token of the request; null without one."
    )
    waiting = WaitingSerializer()


PROBLEM_PARAMETER = OpenApiParameter(
    "slug",
    {"type": "string", "enum": ProblemType.values()},
    OpenApiParameter.PATH,
    description="The last part of the `type` of a problem.",
)
# The schema of the index: addresses by name.
ADDRESSES = {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}


class IndexView(StrictQuery, APIView):
    """List the addresses of the API's resources."""

    # The names of the lists by their paths, given by `urls.py`.
    lists: Mapping[str, str] = {}
    OF_THE_STATUS = ("trend", "grid", "compare", "report", "agreement")
    OF_THE_LEDGER = ("head", "checkpoint", "key", "proof", "consistency")

    @operation("index", LIST, ADDRESSES, tags=["index"])
    def get(self, request: Request) -> Response:
        others = {name: f"api:{name}" for name in ("status", "codes", "me", "schema", "docs")}
        others |= {f"status/{name}": f"api:{name}" for name in self.OF_THE_STATUS}
        others |= {f"{name}s/export": f"api:{name}-export" for name in ("commitment", "update")}
        others |= {"changes": "api:changes", "dump": "api:dump", "problems": "api:problem-list"}
        others |= {"ledger": "api:ledger"}
        others |= {f"ledger/{name}": f"api:ledger-{name}" for name in self.OF_THE_LEDGER}
        others |= {"auth/login": "api:login"}
        addresses = {
            name: reverse(view, request=request) for name, view in {**self.lists, **others}.items()
        }
        catalogue = request.build_absolute_uri(reverse("api-catalog"))
        return Response(addresses, headers={"Link": f'<{catalogue}>; rel="api-catalog"'})


class CodesView(ConditionalGetMixin, StrictQuery, APIView):
    """List all codes (statuses, kinds, evidence levels and others) with labels in every
    language of the interface."""

    @operation("codes", PUBLIC_LIST, CodesSerializer)
    def get(self, request: Request) -> Response:
        return Response(CodesSerializer(all_codes()).data)


# The lists of codes that have only a label.
PLAIN_LISTS: dict[str, type[choices.Codes]] = {
    "kinds": choices.Kind,
    "tones": choices.Tone,
    "freshness": choices.Freshness,
    "schedules": choices.Schedule,
    "states": choices.State,
    "actions": choices.Action,
    "roles": choices.Role,
    "forum_kinds": choices.ForumKind,
    "evidence_kinds": choices.EvidenceKind,
    "date_precisions": choices.DatePrecision,
    "subject_types": choices.SubjectType,
    "link_statuses": LinkStatus,
    "rating_outcomes": choices.RatingOutcome,
    "token_scopes": choices.TokenScope,
    "error_codes": choices.ErrorCode,
}


def all_codes() -> dict[str, object]:
    statuses = [
        {
            "code": status.value,
            "label": status.label,
            "definition": rule.definition,
            "kinds": [kind.value for kind in rule.kinds],
            "tone": rule.tone.value,
            "least_evidence": rule.least_evidence,
            "search_note": rule.search_note,
            "needs_action": rule.needs_action,
            "rank": rule.rank,
            "settled": rule.settled,
        }
        for status, rule in STATUS_RULES.items()
    ]
    defined: dict[str, type[choices.Codes]] = {
        "coverage": CoverageGap,
        "finding_results": choices.FindingResult,
        "movements": choices.Movement,
        "readings": Reading,
    }
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
        "event_types": [
            {**_defined(code), "is_action": code.is_action} for code in choices.EventType
        ],
        **{name: [_defined(code) for code in codes] for name, codes in defined.items()},
        **{
            name: [{"code": code.value, "label": code.label} for code in codes]
            for name, codes in PLAIN_LISTS.items()
        },
    }


def _defined(code: choices.Codes) -> dict[str, object]:
    return {"code": code.value, "label": code.label, "definition": code.definition}


class ProblemTypesView(ConditionalGetMixin, StrictQuery, APIView):
    """List the types of problems with which requests are refused."""

    @operation("problems_list", PUBLIC_LIST, ProblemTypesSerializer)
    def get(self, request: Request) -> Response:
        types = list(ProblemType)
        payload = {"count": len(types), "next": None, "previous": None, "results": types}
        return Response(ProblemTypesSerializer(payload, context={"request": request}).data)


class ProblemTypeView(ConditionalGetMixin, StrictQuery, APIView):
    """Show what a type of problem means and what to do."""

    @operation(
        "problems_retrieve",
        PUBLIC_ITEM,
        ProblemTypeSerializer,
        path_parameters=(PROBLEM_PARAMETER,),
    )
    def get(self, request: Request, slug: str) -> Response:
        if slug not in ProblemType.values():
            raise Http404
        context = {"request": request}
        return Response(ProblemTypeSerializer(ProblemType(slug), context=context).data)


class MeView(StrictQuery, APIView):
    """Show the caller's username, roles, offices and pending updates."""

    permission_classes = [IsAuthenticated]

    @operation("me", LIST, MeSerializer)
    def get(self, request: Request) -> Response:
        user = signed_in(request.user)
        return Response(
            MeSerializer(
                {
                    "username": user.username,
                    "roles": sorted(role.value for role in roles_of(user)),
                    "offices": user.offices.order_by("code").values_list("code", flat=True),
                    "token": request.auth if isinstance(request.auth, AccessToken) else None,
                    "waiting": work_queue.queue_ids(user),
                }
            ).data
        )


class SchemaView(ConditionalGetMixin, StrictQuery, SpectacularJSONAPIView):
    """The OpenAPI document of this API."""

    def tag_of(self, request: Request, at: datetime) -> str:
        return etags.release_etag(request)


class DocsView(StrictQuery, SpectacularSwaggerSplitView):
    """The OpenAPI document as a page. Its errors are problem details, as everywhere in the API."""

    http_method_names = ["get", "head"]
    formats = ()
    other_parameters = {"script": {"type": "string"}}

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        if getattr(response, "exception", False):
            request.accepted_renderer = JSONRenderer()
        return super().finalize_response(request, response, *args, **kwargs)
