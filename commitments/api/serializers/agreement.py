"""The agreement of second raters with the authors of assessments."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commitments.api.fields import CodeChoiceField, UtcTimeField
from commitments.api.read_serializers import ReadSerializer
from commitments.choices import Kind, UndefinedAlpha
from commitments.rollups.agreement import Agreement, KindAgreement

ALPHA_DIGITS = 4


class AgreementOnSerializer(ReadSerializer[Agreement]):
    """What both judged: how many, of how many of them they said the same, and Krippendorff's alpha,
    which is 1 for full agreement and 0 for that of chance."""

    units = serializers.IntegerField(help_text="Number of things that both judged.")
    agreed = serializers.IntegerField(help_text="Of how many they said the same.")
    alpha = serializers.SerializerMethodField(help_text="To four digits; null if it is undefined.")
    undefined = CodeChoiceField(
        UndefinedAlpha, allow_null=True, help_text="Why there is no alpha; null if there is one."
    )

    def get_alpha(self, found: Agreement) -> float | None:
        return None if found.alpha is None else round(float(found.alpha), ALPHA_DIGITS)


class KindAgreementSerializer(ReadSerializer[KindAgreement]):
    """The agreement on assessments of commitments of one kind."""

    kind = CodeChoiceField(Kind)
    status = AgreementOnSerializer(help_text="On statuses, each as a name (nominal).")
    scale = AgreementOnSerializer(
        help_text="On places on the scale of the kind (ordinal), where both statuses are on it."
    )
    findings = AgreementOnSerializer(
        help_text="On criteria that both answered, each answer as a name (nominal)."
    )


class AgreementSerializer(ReadSerializer[Any]):
    """The agreement on the selected commitments, by kind."""

    plan = serializers.CharField(allow_null=True)
    as_of = serializers.DateField(allow_null=True)
    known_at = UtcTimeField(allow_null=True)
    methodology = serializers.IntegerField()
    kinds = KindAgreementSerializer(many=True)
