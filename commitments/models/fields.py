"""Model fields with code of the tracker: lists of codes, defaults, validators, a storage.

A migration sees each as the Django field that it extends, with literal arguments only, so that
code can move and labels can change without a migration.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.choices import Codes
from commitments.files.storage import evidence_storage, random_name
from commitments.texts.languages import canonical_tag

Deconstruction = tuple[str, str, Sequence[object], dict[str, object]]


def _deconstructed(field: models.Field[Any, Any], *omitted: str) -> Deconstruction:
    """Return the deconstruction of a field as Django's own class.

    `omitted` names the arguments to leave out.
    """
    base = next(
        cls
        for cls in type(field).__mro__
        if issubclass(cls, models.Field) and cls.__module__.startswith("django.")
    )
    name, _path, args, kwargs = base.deconstruct(field)
    kwargs = {key: value for key, value in kwargs.items() if key not in omitted}
    return name, f"django.db.models.{base.__name__}", args, kwargs


class CodeField(models.CharField):  # type: ignore[type-arg]
    """A code of a closed list. `codes` gives the choices of forms; each model needs a constraint
    of its own to check the column."""

    def __init__(self, *args: Any, codes: type[Codes] | None = None, **kwargs: Any) -> None:
        if codes is not None:
            kwargs["choices"] = codes.choices
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Deconstruction:
        return _deconstructed(self, "choices")


def new_salt() -> str:
    """Return 32 random bytes as 64 hexadecimal digits."""
    return secrets.token_hex(32)


class SaltField(models.CharField):  # type: ignore[type-arg]
    """A `new_salt` for each row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 64, "default": new_salt, **kwargs})

    def deconstruct(self) -> Deconstruction:
        return _deconstructed(self, "default")


def validate_time_zone(name: str) -> None:
    """Raise ValidationError if this system has no time zone of this name."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


class TimeZoneField(models.CharField):  # type: ignore[type-arg]
    """A name in the IANA time zone database, e.g. `Asia/Shanghai`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"max_length": 64, "default": "UTC", **kwargs}
        super().__init__(*args, **{**kwargs, "validators": [validate_time_zone]})

    def deconstruct(self) -> Deconstruction:
        return _deconstructed(self, "validators")


def validate_language(tag: str) -> None:
    """Raise ValidationError if this is not the BCP 47 tag of a known language."""
    if canonical_tag(tag) != tag:
        raise ValidationError(
            _("“%(tag)s” is not a language tag such as en, zh or zh-Hans."), params={"tag": tag}
        )


class LanguageTagField(models.CharField):  # type: ignore[type-arg]
    """The BCP 47 tag of a language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"max_length": 20, **kwargs}
        super().__init__(*args, **{**kwargs, "validators": [validate_language]})

    def deconstruct(self) -> Deconstruction:
        return _deconstructed(self, "validators")


def validate_languages(tags: list[str]) -> None:
    """Raise ValidationError unless this is a list of one or more different BCP 47 tags."""
    known = [tag for tag in dict.fromkeys(tags) if canonical_tag(tag) == tag]
    if not known or known != tags:
        raise ValidationError(_("Give a list of different BCP 47 language tags."))


class LanguageTagsField(models.JSONField):
    """A list of BCP 47 tags, each once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "validators": [validate_languages]})

    def deconstruct(self) -> Deconstruction:
        return _deconstructed(self, "validators")


# After the scheme: no blank, and nothing that would end an address in a page or a list.
ADDRESS_PATTERN = r"^https://[^\s/\"<>\\^`{|}]+[^\s\"<>\\^`{|}]*\Z"
MAX_SAME_AS_LENGTH = 500
NO_ADDRESS = _("“%(address)s” is not an address that begins with https://.")
_ADDRESS = re.compile(ADDRESS_PATTERN)


def validate_address(address: str) -> None:
    """Raise ValidationError unless this is an https address as plan files have them."""
    if not _ADDRESS.match(address):
        raise ValidationError(NO_ADDRESS, params={"address": address})


def validate_addresses(addresses: Any) -> None:
    """Raise ValidationError unless this is a list of different https addresses."""
    if not isinstance(addresses, list) or len({*map(str, addresses)}) != len(addresses):
        raise ValidationError(_("Give a list of different addresses."))
    for address in map(str, addresses):
        if len(address) > MAX_SAME_AS_LENGTH:
            raise ValidationError(NO_ADDRESS, params={"address": address})
        validate_address(address)


class HttpsFormField(forms.URLField):
    default_validators = [validate_address]


class HttpsField(models.URLField):  # type: ignore[type-arg]
    """An https address."""

    default_validators = [validate_address]

    def deconstruct(self) -> Deconstruction:
        return _deconstructed(self)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": HttpsFormField, **kwargs})


class AddressLinesField(forms.CharField):
    """A form field for a list of addresses, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, list) else str(value or "").split()

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class AddressesField(models.JSONField):
    """A list of https addresses, each once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"default": list, "blank": True, **kwargs}
        super().__init__(*args, **{**kwargs, "validators": [validate_addresses]})

    def deconstruct(self) -> Deconstruction:
        return _deconstructed(self, "validators")

    def formfield(self, **kwargs: Any) -> Any:
        kwargs = {"show_hidden_initial": False, **kwargs}
        return models.Field.formfield(self, form_class=AddressLinesField, **kwargs)


class EvidenceFileField(models.FileField):
    """A file in the evidence storage, under a random name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"upload_to": random_name, "storage": evidence_storage, **kwargs})

    def deconstruct(self) -> Deconstruction:
        name, path, args, kwargs = _deconstructed(self, "storage")
        return name, path, args, {**kwargs, "upload_to": ""}
