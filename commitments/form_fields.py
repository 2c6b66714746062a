"""Form fields that accept one way of writing a value, whatever the language of the page; and the
form that takes an e-mail address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.access.rate_limits import count_mail_request
from commitments.choices import ErrorCode, MailKind
from commitments.clocks import PartialDate, parse_datetime, parse_partial_date
from commitments.models import Commitment, Forum, Publisher
from commitments.models.plan_parts import PlanPart
from commitments.models.querysets import CommitmentQuerySet, PublisherQuerySet
from commitments.texts.languages import canonical_tag
from commitments.texts.search_terms import MAX_WORDS_OF_QUERY, SearchTerm
from commitments.workflow.reasons import reason_problems

DATETIME_FORMAT_MESSAGE = gettext_lazy(
    "Enter a date and time with UTC offset, such as 2026-06-30T12:00:00Z."
)


class StrictDateField(forms.DateField):
    """A date written as `2026-06-30`, whatever the reader's language."""

    input_formats: Sequence[str] = ("%Y-%m-%d",)
    default_error_messages = {"invalid": gettext_lazy("Enter a date such as 2026-06-30.")}


class ReasonField(forms.CharField):
    """The reason of a change, which others see with it."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (problems := reason_problems(value)):
            raise forms.ValidationError(problems[0].message)


class IsoDateField(StrictDateField):
    """A date written exactly as `2026-06-30`, which is stricter than Python's `strptime`."""

    def to_python(self, value: str | date | None) -> date | None:
        day = super().to_python(value)
        if day is not None and value not in (day, day.isoformat()):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


def iso_day(text: str) -> date | None:
    """Return the day that a text is, as `IsoDateField` reads it; None for any other text."""
    try:
        day: date | None = IsoDateField(required=False).clean(text)
    except forms.ValidationError:
        return None
    return day


class PartialDateField(forms.CharField):
    """A day, month or year, as a `PartialDate`: `2026-10` is a month."""

    default_error_messages = {
        "invalid": gettext_lazy(
            "Enter a day, month or year such as 2026-10-05, 2026-10 or 2026, the year first."
        )
    }

    def clean(self, value: object) -> PartialDate | None:
        text: str = super().clean(value)
        if not text:
            return None
        parsed = parse_partial_date(text)
        if parsed is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return parsed


class AwareDateTimeField(forms.Field):
    """A time in ISO 8601 with its offset from UTC, such as `2026-06-30T12:00:00Z`."""

    def to_python(self, value: object) -> datetime | None:
        if value in self.empty_values:
            return None
        # A plus sign in a query string arrives as a space.
        time = parse_datetime(str(value).replace(" ", "+"))
        if time is None:
            raise forms.ValidationError(DATETIME_FORMAT_MESSAGE)
        return time


class SearchTermsField(forms.CharField):
    """The words of a search, at most `MAX_WORDS_OF_QUERY`, as `SearchTerm`s. `find_terms` splits a
    query into terms, by default with the names of the forums in the database."""

    def __init__(
        self, *, find_terms: Callable[[str], list[SearchTerm]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.find_terms = find_terms or Forum.objects.search_terms

    def clean(self, value: object) -> list[SearchTerm]:
        query: str = super().clean(value)
        number = len(query.split())
        if number > MAX_WORDS_OF_QUERY:
            message = _("Enter at most %(limit)s words; there are %(number)s.")
            values = {"limit": MAX_WORDS_OF_QUERY, "number": number}
            raise forms.ValidationError(message, ErrorCode.TOO_LONG, values)
        return self.find_terms(query)


class PartsField(forms.MultipleChoiceField):
    """Codes of parts of a plan, or of forums, as the rows that the caller has already read.
    `other_codes` are accepted too, and stay codes."""

    def __init__(
        self,
        parts: Mapping[str, PlanPart | Forum],
        other_codes: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(choices=[(code, code) for code in (*other_codes, *parts)], **kwargs)
        self.parts = parts

    def clean(self, value: object) -> list[PlanPart | Forum | str]:
        codes: list[str] = super().clean(value)
        return [self.parts.get(code, code) for code in codes]


class CommitmentCodesField(forms.Field):
    """Public codes of commitments among these rows, such as `ISCC-3.2`."""

    widget = forms.SelectMultiple

    def __init__(self, queryset: CommitmentQuerySet, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.queryset = queryset

    def to_python(self, value: list[str] | None) -> list[Commitment]:
        codes = dict.fromkeys(value or [])
        found = {row.code: row for row in self.queryset.by_codes(codes)}
        message = _("Commitment “%(code)s” does not exist.")
        unknown = [code for code in codes if code not in found]
        if unknown:
            raise forms.ValidationError(
                [
                    forms.ValidationError(message, ErrorCode.NOT_FOUND, {"code": code})
                    for code in unknown
                ]
            )
        return list(found.values())


class PublishersField(forms.Field):
    """Names of publishers among these rows, in any language; capitals and accents make no
    difference."""

    widget = forms.SelectMultiple

    def __init__(self, queryset: PublisherQuerySet, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.queryset = queryset

    def to_python(self, value: list[str] | None) -> list[Publisher]:
        names = dict.fromkeys(value or [])
        found = self.queryset.named(names) if names else []
        unknown = [name for name in names if not any(row.has_one_of([name]) for row in found)]
        message = _("There is no publisher “%(name)s”.")
        if unknown:
            raise forms.ValidationError(
                [
                    forms.ValidationError(message, ErrorCode.NOT_FOUND, {"name": name})
                    for name in unknown
                ]
            )
        return found


class SourceLanguagesField(forms.Field):
    """BCP 47 tags of languages."""

    widget = forms.SelectMultiple

    def to_python(self, value: list[str] | None) -> list[str]:
        tags = {given: canonical_tag(given) for given in value or []}
        message = _("“%(tag)s” is not the BCP 47 tag of a known language.")
        unknown = [given for given, tag in tags.items() if tag is None]
        if unknown:
            raise forms.ValidationError(
                [forms.ValidationError(message, "invalid", {"tag": given}) for given in unknown]
            )
        return [tag for tag in tags.values() if tag is not None]


class ReferencesField(forms.Field):
    """External references, which are any words."""

    widget = forms.SelectMultiple

    def to_python(self, value: list[str] | None) -> list[str]:
        return list(dict.fromkeys(reference.strip() for reference in value or []))


class AddressForm(forms.Form):
    """Takes an address to which a mail of a kind is to be sent. `caller` is the IP address of the
    person who types it; the number per hour is limited for each kind."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def __init__(self, *, caller: str, kind: MailKind, **options: Any) -> None:
        super().__init__(**options)
        self.caller, self.kind = caller, kind

    def clean(self) -> dict[str, Any]:
        if not self.errors and not count_mail_request(self.caller, self.kind):
            raise forms.ValidationError(
                _("Too many requests from your network. Try again in an hour.")
            )
        return self.cleaned_data
