"""Access tokens: each person lists, issues and revokes their own."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_view
from knox.views import LoginView as KnoxLoginView
from knox.views import LogoutView as KnoxLogoutView
from rest_framework import mixins, serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments.access import tokens
from commitments.api.authentication import PasswordAuthentication, TokenAuthentication
from commitments.api.fields import JsonDateTimeField, JsonStringField, RejectUnknownKeysMixin
from commitments.api.lists import ListView
from commitments.api.operations import (
    ISSUE_TOKEN,
    ITEM,
    LIST,
    REVOKE_TOKEN,
    SESSION,
    operation,
)
from commitments.api.requests import signed_in_user, validated
from commitments.api.strict import StrictQuery
from commitments.models import AccessToken
from commitments.models.tokens import MAX_TOKEN_NAME_LENGTH


class TokenSerializer(serializers.ModelSerializer[AccessToken]):
    """An access token, without the token itself, which is shown only when it is issued."""

    begins = serializers.CharField(
        source="token_key", help_text="The first characters of the token."
    )

    class Meta:
        model = AccessToken
        fields = ["id", "name", "begins", "created", "expiry"]


class IssuedTokenSerializer(TokenSerializer):
    """A new access token."""

    token = serializers.CharField(help_text="Shown only once. Send it as `Authorization: Token …`.")

    class Meta:
        model = AccessToken
        fields = [*TokenSerializer.Meta.fields, "token"]


class TokenWriteSerializer(RejectUnknownKeysMixin):
    """A request for an access token."""

    name = JsonStringField(max_length=MAX_TOKEN_NAME_LENGTH, help_text="What the token is for.")
    expiry = JsonDateTimeField(
        required=False, help_text="At most 366 days from now; 90 days from now if omitted."
    )


class SessionTokenSerializer(serializers.Serializer[Any]):
    """A token for a session, and when it expires."""

    token = serializers.CharField(help_text="Send it as `Authorization: Token …`.")
    expiry = serializers.DateTimeField()


@extend_schema_view(
    list=operation("auth_tokens_list", LIST, TokenSerializer),
    retrieve=operation(
        "auth_tokens_retrieve",
        ITEM,
        TokenSerializer,
        description="Show one of the caller's tokens.",
    ),
)
class TokenView(ListView, mixins.RetrieveModelMixin):
    """List the caller's own unexpired access tokens."""

    serializer_class = TokenSerializer
    authentication_classes = [TokenAuthentication, SessionAuthentication, PasswordAuthentication]
    permission_classes = [IsAuthenticated]
    lookup_value_regex = "[0-9]{1,18}"
    filter_backends = []
    other_parameters = {}
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
        """Revoke a token. It stops working at once."""
        tokens.revoke_token(self.get_object(), by=signed_in_user(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class LoginView(StrictQuery, KnoxLoginView):
    """Exchange name and password (HTTP Basic) for a short-lived token."""

    authentication_classes = [PasswordAuthentication]
    permission_classes = [IsAuthenticated]

    def create_token(self) -> tuple[AccessToken, str]:
        now = timezone.now()
        return tokens.issue_token(
            signed_in_user(self.request),
            tokens.SESSION_NAME,
            at=now,
            expiry=now + tokens.SESSION_LIFETIME,
        )

    @operation("auth_login", SESSION, SessionTokenSerializer, request=None)
    def post(self, request: Request, format: str | None = None) -> Response:
        response: Response = super().post(request, format)
        return response


class LogoutView(StrictQuery, KnoxLogoutView):
    """Revoke the token used for this request."""

    authentication_classes = [TokenAuthentication]

    @operation("auth_logout", SESSION, None, request=None)
    def post(self, request: Request, format: str | None = None) -> Response:
        response: Response = super().post(request, format)
        return response
