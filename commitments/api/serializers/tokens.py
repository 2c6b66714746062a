"""Access tokens, as issued, listed and asked for."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commitments.api.fields import (
    READ_FIELD_MAPPING,
    CodeChoiceField,
    JsonDateTimeField,
    JsonStringField,
    RejectUnknownKeysMixin,
    UtcTimeField,
)
from commitments.choices import TokenScope
from commitments.models import AccessToken
from commitments.models.tokens import MAX_TOKEN_NAME_LENGTH


class TokenScopeFields(serializers.Serializer[Any]):
    """What a token may be used for."""

    scopes = serializers.ListField(
        child=CodeChoiceField(TokenScope),
        help_text="What the token may be used for besides reading; empty if it can only read.",
    )
    plans = serializers.ListField(
        child=serializers.CharField(),
        help_text="Codes of the plans that it may write to, and of which it shows what is not "
        "public; empty for all.",
    )


class TokenSerializer(TokenScopeFields, serializers.ModelSerializer[AccessToken]):
    """An access token, without the token itself, which is shown only when it is issued."""

    serializer_field_mapping = READ_FIELD_MAPPING

    begins = serializers.CharField(
        source="token_key", help_text="The first characters of the token."
    )
    last_used = UtcTimeField(
        allow_null=True, help_text="When it was last used, exact to an hour; null if it never was."
    )

    class Meta:
        model = AccessToken
        fields = ["id", "name", "begins", "scopes", "plans", "created", "expiry", "last_used"]


class IssuedTokenSerializer(TokenSerializer):
    """A new access token."""

    token = serializers.CharField(help_text="Shown only once. Send it as `Authorization: Token …`.")

    class Meta:
        model = AccessToken
        fields = [*TokenSerializer.Meta.fields, "token"]


class SessionWriteSerializer(RejectUnknownKeysMixin):
    """What a token shall be used for."""

    scopes = serializers.ListField(
        child=CodeChoiceField(TokenScope),
        required=False,
        help_text="Everything, if omitted; an empty list for a token that can only read.",
    )
    plans = serializers.ListField(
        child=JsonStringField(), required=False, help_text="All plans, if omitted or empty."
    )


class TokenWriteSerializer(SessionWriteSerializer):
    """A request for an access token."""

    name = JsonStringField(max_length=MAX_TOKEN_NAME_LENGTH, help_text="What the token is for.")
    expiry = JsonDateTimeField(
        required=False, help_text="At most 366 days from now; 90 days from now if omitted."
    )
    scopes = serializers.ListField(
        child=CodeChoiceField(TokenScope),
        required=False,
        help_text="If omitted or empty, the token can only read.",
    )


class SessionTokenSerializer(TokenScopeFields):
    """A token for a session, and when it expires."""

    token = serializers.CharField(help_text="Send it as `Authorization: Token …`.")
    expiry = UtcTimeField()
