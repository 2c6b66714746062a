"""The types of problems (RFC 9457), each with an address that explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commitments.choices import Codes

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class ProblemType(Codes):
    """Why a request was refused: the last part of its address, the HTTP status, a title (`label`),
    what it means (`definition`) and what to do (`remedy`)."""

    status: int
    remedy: StrOrPromise

    def __new__(
        cls,
        value: str,
        status: int = 0,
        label: StrOrPromise = "",
        definition: StrOrPromise = "",
        remedy: StrOrPromise = "",
    ) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.status, member.label = status, label
        member.definition, member.remedy = definition, remedy
        return member

    INVALID_QUERY = (
        "invalid-query",
        400,
        _("Invalid query"),
        _("The query contains an unknown parameter or an invalid value."),
        _("Correct the parameters that “errors” names; “allowed” lists what a parameter takes."),
    )
    INVALID_DATA = (
        "invalid-data",
        400,
        _("Invalid data"),
        _("The data sent is not valid. Nothing was saved."),
        _("Correct the values that “errors” points to and send everything again."),
    )
    MALFORMED_REQUEST = (
        "malformed-request",
        400,
        _("Malformed request"),
        _("The request cannot be read: its body or its headers are damaged or malformed."),
        _("Send JSON in UTF-8, or a complete form, as the description of the API says."),
    )
    SIGN_IN_REQUIRED = (
        "sign-in-required",
        401,
        _("Sign-in required"),
        _("Only callers who have signed in may do this."),
        _("Send an access token in the header “Authorization: Bearer …”."),
    )
    INVALID_TOKEN = (
        "invalid-token",
        401,
        _("Invalid token"),
        _("The access token is unknown, has expired or was revoked."),
        _("Issue another token, or send none to read public data."),
    )
    UNKNOWN_SCHEME = (
        "unknown-scheme",
        401,
        _("Unknown authorization scheme"),
        _("The header “Authorization” has a scheme that this address does not accept."),
        _("Send an access token after “Bearer”, or no such header to read public data."),
    )
    WRONG_PASSWORD = (
        "wrong-password",
        401,
        _("Wrong password"),
        _("The user name or the password is wrong."),
        _("Check both. After too many failed attempts no more are accepted for a while."),
    )
    NOT_PERMITTED = (
        "not-permitted",
        403,
        _("Not permitted"),
        _("You do not have permission to do this."),
        _("Ask somebody whose role allows it; “me/” shows your roles and offices."),
    )
    BEYOND_TOKEN = (
        "beyond-token",
        403,
        _("Beyond the token"),
        _("The access token may not be used for this."),
        _(
            "Use a token with the scope and for the plan that this needs; “scopes” and “plans” say "
            "what this one may be used for besides reading."
        ),
    )
    NOT_FOUND = (
        "not-found",
        404,
        _("Not found"),
        _("There is nothing at this address, or you may not see it."),
        _("Check the address; “/api/v1/” lists those of all resources."),
    )
    MISSING_SLASH = (
        "missing-slash",
        404,
        _("Missing slash"),
        _("This address does not exist: the slash at its end is missing."),
        _("Send the request to the address with a slash at its end."),
    )
    METHOD_NOT_ALLOWED = (
        "method-not-allowed",
        405,
        _("Method not allowed"),
        _("This address does not accept this method."),
        _("Use one of the methods in the header “Allow”."),
    )
    NOT_POSSIBLE = (
        "not-possible",
        409,
        _("Not possible now"),
        _("The state of the update does not allow this, or something is missing in it."),
        _("Read the update again; “errors” names what has to be added first."),
    )
    DUPLICATE_REFERENCE = (
        "duplicate-reference",
        409,
        _("Reference already in use"),
        _("The plan already has an update with this external reference."),
        _("Change the existing update, whose address is in “existing”, or give another reference."),
    )
    KEY_IN_USE = (
        "key-in-use",
        409,
        _("Request still running"),
        _("The first request with this “Idempotency-Key” has not been answered yet."),
        _("Send the same request again after as many seconds as “Retry-After” gives."),
    )
    WITHDRAWN = (
        "withdrawn",
        410,
        _("Withdrawn"),
        _("What was at this address has been withdrawn for good."),
        _("Do not request it again."),
    )
    UNKNOWN_POSITION = (
        "unknown-position",
        410,
        _("Unknown position"),
        _(
            "The ledger does not have the entry after which the list should continue: the tracker "
            "was restored from a backup, its ledger was rewritten, or the cursor is from another "
            "tracker."
        ),
        _("Start again from the latest dump (“dump/”), and set aside what you have kept."),
    )
    LENGTH_REQUIRED = (
        "length-required",
        411,
        _("Length required"),
        _("The Content-Length header is missing."),
        _("Send the length of the body in bytes instead of sending it in chunks."),
    )
    STALE_REVISION = (
        "stale-revision",
        412,
        _("Changed in the meantime"),
        _("The update has changed since the revision that “If-Match” gives."),
        _("Read the update again and repeat the change with its new ETag."),
    )
    TOO_LARGE = (
        "too-large",
        413,
        _("Too large"),
        _("The request or a file in it is larger than allowed."),
        _("Send a smaller file, or less at once."),
    )
    UNSUPPORTED_MEDIA_TYPE = (
        "unsupported-media-type",
        415,
        _("Unsupported media type"),
        _("The body has a media type or an encoding that this address does not accept."),
        _("Send application/json without Content-Encoding; files as multipart/form-data."),
    )
    RANGE_NOT_SATISFIABLE = (
        "range-not-satisfiable",
        416,
        _("Range not satisfiable"),
        _("The file does not have the requested bytes."),
        _("The header “Content-Range” gives the size of the file: request bytes within it."),
    )
    KEY_REUSED = (
        "key-reused",
        422,
        _("Key used for another request"),
        _("The “Idempotency-Key” was used for another request within the past 24 hours."),
        _("Give every request a key of its own; only a repeated request has the same one."),
    )
    PRECONDITION_REQUIRED = (
        "precondition-required",
        428,
        _("Precondition required"),
        _("A change must say in “If-Match” which revision it is based on."),
        _("Send the ETag of the update as you last read it."),
    )
    TOO_MANY_REQUESTS = (
        "too-many-requests",
        429,
        _("Too many requests"),
        _("You have sent more requests than are allowed in this time."),
        _("Wait as many seconds as “Retry-After” gives."),
    )
    TOO_MANY_FAILURES = (
        "too-many-failures",
        429,
        _("Too many failed sign-ins"),
        _("Too many attempts to sign in have failed."),
        _("Wait as many seconds as “Retry-After” gives."),
    )
    SERVER_ERROR = (
        "server-error",
        500,
        _("Error on our side"),
        _("Something went wrong on our side; it has been logged."),
        _("Try again later; if the error persists, tell whoever runs the site."),
    )
    BUSY = (
        "busy",
        503,
        _("Busy"),
        _("The database, the store of files or the cache is busy, and nothing was saved."),
        _(
            "Try again after as many seconds as “Retry-After” gives; if this lasts for minutes, "
            "tell whoever runs the site."
        ),
    )
    WRONG_TIME = (
        "wrong-time",
        503,
        _("Wrong time"),
        _("The server's clock and the ledger disagree, so nothing can be recorded."),
        _("Try again later: an administrator has to check the clock."),
    )
    DISK_FULL = (
        "disk-full",
        507,
        _("Disk full"),
        _("The tracker has no room left and nothing was saved."),
        _("Try again later: its operator must act."),
    )


def problem_address(request: HttpRequest, problem_type: ProblemType) -> str:
    """Return the address of the type's explanation: absolute, unless the request names a host that
    is not ours."""
    path = reverse("api:problem-detail", args=[problem_type.value])
    try:
        return request.build_absolute_uri(path)
    except DisallowedHost:
        return path
