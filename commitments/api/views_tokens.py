"""Access tokens: a person lists, issues and revokes their own."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from knox.views import LoginView as KnoxLoginView
from knox.views import LogoutView as KnoxLogoutView
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments import tokens
from commitments.api.authentication import PasswordAuthentication, TokenAuthentication
from commitments.api.fields import MomentField, Strict, StringField
from commitments.api.lists import DetailToo, ListView
from commitments.api.requests import checked, person
from commitments.api.strict import StrictQuery
from commitments.models import AccessToken
from commitments.models.tokens import LONGEST_NAME


class TokenSerializer(serializers.ModelSerializer[AccessToken]):
    """A token as its owner knows it; its text was shown when it was issued."""

    begins = serializers.CharField(source="token_key", help_text="The first letters of its text.")

    class Meta:
        model = AccessToken
        fields = ["id", "name", "begins", "created", "expiry"]


class IssuedTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="Shown this once. `Authorization: Token …`.")

    class Meta:
        model = AccessToken
        fields = [*TokenSerializer.Meta.fields, "token"]


class TokenWriteSerializer(Strict):
    name = StringField(max_length=LONGEST_NAME, help_text="What it is for.")
    expiry = MomentField(required=False, help_text="At most 366 days ahead; 90 days if not given.")


class SittingSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Send it as `Authorization: Token …`.")
    expiry = serializers.DateTimeField()


class TokenView(ListView, DetailToo):
    """The caller's own access tokens that have not expired."""

    serializer_class = TokenSerializer
    authentication_classes = [TokenAuthentication, SessionAuthentication, PasswordAuthentication]
    permission_classes = [IsAuthenticated]
    lookup_value_regex = "[0-9]{1,18}"
    filter_backends = []
    # For the schema; what is shown is the caller's.
    queryset = AccessToken.objects.none()

    def get_queryset(self) -> QuerySet[AccessToken]:
        return AccessToken.objects.of(person(self.request)).alive(timezone.now())

    @extend_schema(request=TokenWriteSerializer, responses={201: IssuedTokenSerializer})
    def create(self, request: Request) -> Response:
        """Issues a token. A token does not issue another: sign in with name and password, so that
        one that is lost ends when it expires."""
        if isinstance(request.auth, AccessToken):
            raise PermissionDenied(_("A token issues no token. Give name and password."))
        fields = checked(TokenWriteSerializer(data=request.data))
        token, text = tokens.issue(person(request), at=timezone.now(), **fields)
        address = reverse("api:token-detail", args=[token.pk], request=request)
        token.token = text
        return Response(
            IssuedTokenSerializer(token).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": address},
        )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Revokes a token: from now on it opens nothing."""
        tokens.revoke(self.get_object(), by=person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class LoginView(StrictQuery, KnoxLoginView):
    """Name and password (HTTP Basic) for a token that lasts a sitting."""

    authentication_classes = [PasswordAuthentication]
    permission_classes = [IsAuthenticated]

    def create_token(self) -> tuple[AccessToken, str]:
        now = timezone.now()
        return tokens.issue(
            person(self.request), tokens.SITTING_NAME, at=now, expiry=now + tokens.SITTING
        )

    @extend_schema(request=None, responses=SittingSerializer)
    def post(self, request: Request, format: str | None = None) -> Response:
        response: Response = super().post(request, format)
        return response


class LogoutView(StrictQuery, KnoxLogoutView):
    """Revokes the token that is sent."""

    authentication_classes = [TokenAuthentication]

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, format: str | None = None) -> Response:
        response: Response = super().post(request, format)
        return response
