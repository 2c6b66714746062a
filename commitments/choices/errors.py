"""What can be wrong with one value of a request."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commitments.choices.codes import Codes


class ErrorCode(Codes):
    """What is wrong with a value, for programs; the sentence beside it is for people."""

    # The form of the request
    REQUIRED = "required", _("A value is missing.")
    BLANK = "blank", _("The value is empty.")
    MALFORMED = "malformed", _("The value does not have the required type or form.")
    UNDECODABLE = "undecodable", _("The value is not percent-encoded UTF-8.")
    TOO_LONG = "too_long", _("The text, list or file is too long.")
    OUT_OF_RANGE = "out_of_range", _("The number, date or time is outside the allowed range.")
    NOT_ALLOWED = "not_allowed", _("The value is not among those allowed.")
    UNKNOWN_PARAMETER = "unknown_parameter", _("This address has no such parameter.")
    UNKNOWN_KEY = "unknown_key", _("The object has no such key.")
    INVALID_CURSOR = "invalid_cursor", _("The cursor is not from this list.")
    REPEATED = "repeated", _("The value is given twice.")
    CONFLICTING = "conflicting", _("The value does not go with another one.")
    # What the record allows
    STALE = "stale", _("The update has changed since this revision.")
    NOT_POSSIBLE = "not_possible", _("The state of the update does not allow this.")
    NOT_FOUND = "not_found", _("The value names something that does not exist.")
    AMBIGUOUS = "ambiguous", _("The value names several things.")
    DUPLICATE = "duplicate", _("The record already has this value.")
    NOT_PERMITTED = "not_permitted", _("The caller may not do this.")
    IN_FUTURE = "in_future", _("The date or time is in the future.")
    BEFORE_PLAN = "before_plan", _("The date is before the adoption of the plan.")
    WRONG_ORDER = "wrong_order", _("The date is after one that it must not exceed.")
    WRONG_LANGUAGE = "wrong_language", _("The text is in a language that the plan does not have.")
    WRONG_KIND = "wrong_kind", _("The value does not apply to this kind of commitment.")
    WRONG_REFERENCE = "wrong_reference", _("The value names something that does not fit here.")
    ASSESSMENT_ONLY = "assessment_only", _("Only an assessment has this.")
    NOT_PUBLISHED = "not_published", _("What the value names is not published.")
    DROPPED = "dropped", _("What the value names has been dropped or replaced.")
    EVENT_NEEDED = "event_needed", _("An event that shows this is missing.")
    EVIDENCE_NEEDED = "evidence_needed", _("Public evidence of the required level is missing.")
    NOT_SUPPORTED = "not_supported", _("The status does not follow from what is recorded.")
    RATING_NEEDED = "rating_needed", _("A rating is missing, or differs from the assessment.")
    FILE_REFUSED = "file_refused", _("The file is not of an accepted type, or is damaged.")
    FILE_MISSING = "file_missing", _("A stored file is missing, or is not what was recorded.")


# The codes of Django and Django REST framework that differ; any that is not here is MALFORMED.
_LIBRARY_CODES = {
    "null": ErrorCode.REQUIRED,
    "empty": ErrorCode.REQUIRED,
    "max_length": ErrorCode.TOO_LONG,
    "min_value": ErrorCode.OUT_OF_RANGE,
    "max_value": ErrorCode.OUT_OF_RANGE,
    "max_string_length": ErrorCode.OUT_OF_RANGE,
    "invalid_choice": ErrorCode.NOT_ALLOWED,
    "does_not_exist": ErrorCode.NOT_FOUND,
}


def error_code(name: object) -> ErrorCode:
    """Return the code of an error that a library or the tracker itself calls by this name."""
    text = str(name)
    own = ErrorCode(text) if text in ErrorCode.values() else ErrorCode.MALFORMED
    return _LIBRARY_CODES.get(text, own)
