"""Access tokens: each person lists, issues and revokes their own."""

from __future__ import annotations

from typing import NoReturn

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_view
from knox.views import LoginView as KnoxLoginView
from knox.views import LogoutView as KnoxLogoutView
from rest_framework import status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments.access import tokens
from commitments.api.authentication import PasswordAuthentication, TokenAuthentication
from commitments.api.lists import RetrieveMixin
from commitments.api.operations import (
    ISSUE_TOKEN,
    ITEM,
    LIST,
    REVOKE_TOKEN,
    SESSION,
    operation,
)
from commitments.api.request_data import optional_json, signed_in_user, validated
from commitments.api.serializers.tokens import (
    IssuedTokenSerializer,
    SessionTokenSerializer,
    SessionWriteSerializer,
    TokenSerializer,
    TokenWriteSerializer,
)
from commitments.api.strict import StrictQuery
from commitments.db import WHOLE_NUMBER_PATTERN
from commitments.models import AccessToken


@extend_schema_view(
    list=operation("auth_tokens_list", LIST, TokenSerializer),
    retrieve=operation(
        "auth_tokens_retrieve",
        ITEM,
        TokenSerializer,
        description="Show one of the caller's tokens.",
    ),
)
class TokenView(RetrieveMixin):
    """List the caller's own unexpired access tokens."""

    serializer_class = TokenSerializer
    authentication_classes = [TokenAuthentication, SessionAuthentication, PasswordAuthentication]
    permission_classes = [IsAuthenticated]
    lookup_value_regex = WHOLE_NUMBER_PATTERN
    filter_backends = []
    other_parameters = {}
    token_scopes = {"create": None, "destroy": None}
    # For the OpenAPI document only.
    queryset = AccessToken.objects.none()

    def get_queryset(self) -> QuerySet[AccessToken]:
        return AccessToken.objects.owned_by(signed_in_user(self.request)).unexpired(timezone.now())

    @operation(
        "auth_tokens_create", ISSUE_TOKEN, IssuedTokenSerializer, request=TokenWriteSerializer
    )
    def create(self, request: Request) -> Response:
        """Issue a token. Sign in with name and password: a token cannot issue another one, so
        access through a lost token ends when it expires."""
        if isinstance(request.auth, AccessToken):
            raise PermissionDenied(
                _(
                    "A token cannot be used to issue another token. Sign in with user name and "
                    "password."
                )
            )
        fields = validated(TokenWriteSerializer(data=request.data))
        token, text = tokens.issue_token(signed_in_user(request), at=timezone.now(), **fields)
        address = reverse("api:token-detail", args=[token.pk], request=request)
        token.token = text
        return Response(
            IssuedTokenSerializer(token).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": address},
        )

    @operation("auth_tokens_destroy", REVOKE_TOKEN, None)
    def destroy(self, request: Request, pk: str) -> Response:
        """Revoke a token. It stops working at once. A token with limited scopes or plans can only
        revoke itself."""
        using = request.auth if isinstance(request.auth, AccessToken) else None
        tokens.revoke_token(self.get_object(), by=signed_in_user(request), using=using)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LoginView(StrictQuery, KnoxLoginView):
    """Exchange name and password (HTTP Basic) for a short-lived token."""

    authentication_classes = [PasswordAuthentication]
    permission_classes = [IsAuthenticated]
    token_scopes = {"post": None}

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> NoReturn:
        """Say what this view takes, which is no token."""
        sentence = _("Send your user name and password in the header “Authorization: Basic …”.")
        raise NotAuthenticated(sentence)

    def create_token(self) -> tuple[AccessToken, str]:
        asked = validated(SessionWriteSerializer(data=optional_json(self.request)))
        now = timezone.now()
        token, text = tokens.issue_token(
            signed_in_user(self.request),
            tokens.SESSION_NAME,
            at=now,
            expiry=now + tokens.SESSION_LIFETIME,
            scopes=asked.get("scopes", tokens.ALL_SCOPES),
            plans=asked.get("plans", ()),
        )
        token.token = text
        return token, text

    def get_post_response_data(
        self, request: Request, token: str, instance: AccessToken
    ) -> dict[str, object]:
        return dict(SessionTokenSerializer(instance).data)

    @operation("auth_login", SESSION, SessionTokenSerializer, request=SessionWriteSerializer)
    def post(self, request: Request, format: str | None = None) -> Response:
        """Issue a token for ten hours. It may be used for whatever the caller may do, unless less
        is asked for."""
        response: Response = super().post(request, format)
        return response


class LogoutView(StrictQuery, KnoxLogoutView):
    """Revoke the token used for this request."""

    authentication_classes = [TokenAuthentication]
    token_scopes = {"post": None}

    @operation("auth_logout", SESSION, None, request=None)
    def post(self, request: Request, format: str | None = None) -> Response:
        response: Response = super().post(request, format)
        return response
