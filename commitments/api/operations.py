"""The description of operations in the OpenAPI document: a decorator, and the kinds of operation
with what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)

from commitments.api import examples
from commitments.api.problems import MEDIA_TYPE
from commitments.api.serializers.problems import ProblemSerializer
from commitments.exports.tables import FileFormat
from commitments.models.idempotent_responses import MAX_KEY_LENGTH

PROBLEMS = {
    400: "The request is malformed, or contains an unknown or invalid parameter, key or value.",
    401: "Authentication is required, or the token or password is not valid.",
    403: "The caller does not have permission to do this.",
    404: "The object does not exist, or the caller may not see it.",
    409: "The update's state or content does not allow this, or `external_ref` is already in use; "
    "or the first request with this `Idempotency-Key` is still running.",
    410: "What was here has been withdrawn, or the ledger does not have the position.",
    411: "The `Content-Length` header is missing.",
    412: "The update has changed since the revision given in `If-Match`.",
    413: "The request body or the file is too large.",
    422: "The `Idempotency-Key` was used for another request.",
    416: "The file does not have the bytes that `Range` asks for.",
    415: "The media type or the encoding of the request body is not supported.",
    428: "The `If-Match` header is missing.",
    429: "Too many requests or failed sign-in attempts; see `Retry-After`.",
    503: "The database, the store of files or the cache is busy, or the server's clock or the "
    "ledger has a wrong time: nothing was saved; see `Retry-After`.",
    507: "A disk of the server is full: nothing was saved.",
}


def _response_header(
    name: str, statuses: list[int], description: str, type_: type = str
) -> OpenApiParameter:
    return OpenApiParameter(
        name, type_, OpenApiParameter.HEADER, response=statuses, description=description
    )


ID = OpenApiParameter("id", {"type": "integer", "minimum": 0}, OpenApiParameter.PATH)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="ETag of the update as last received.",
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH},
    OpenApiParameter.HEADER,
    description="A key of your own for this request: if it is repeated with the same key within 24 "
    "hours, it is answered as the first time and nothing is done again.",
)
UPDATE_ETAG = _response_header(
    "ETag", [200, 201, 204, 304], "The update's revision, for use in `If-Match`."
)
CREATED_ETAG = _response_header(
    "ETag",
    [201],
    "The update's revision, for use in `If-Match`. Absent if a list was posted.",
)
PUBLIC_ETAG = _response_header(
    "ETag",
    [200, 304],
    "For use in `If-None-Match`: the response is 304 if nothing has changed. Sent to anonymous "
    "callers only.",
)
RANGE = OpenApiParameter(
    "Range", str, OpenApiParameter.HEADER, description="One range of bytes, `bytes=0-1023`."
)
FILE_ETAG = _response_header(
    "ETag", [200, 206, 304], "SHA-256 of the file, for use in `If-None-Match` and `If-Range`."
)
CONTENT_ETAG = _response_header(
    "ETag", [200, 304], "Digest of the text, for use in `If-None-Match`."
)
LOCATION = _response_header(
    "Location",
    [200, 201, 409],
    "Address of the new object, or of the one that was there before. Absent if a list was posted.",
)
EXISTING = _response_header(
    "Location",
    [409],
    "Address of the update that has the `external_ref`, if the caller may see it.",
)
RETRY_AFTER = _response_header(
    "Retry-After", [409, 429, 503], "Seconds to wait before the next request.", int
)


@dataclass(frozen=True)
class OperationKind:
    """What all operations of one kind have in common: the statuses of their errors, path parameters
    and headers, the statuses of success, and whether callers may get 304."""

    problems: tuple[int, ...]
    parameters: tuple[OpenApiParameter, ...] = ()
    success: int = 200
    may_be_unmodified: bool = False
    other_successes: tuple[int, ...] = ()


LIST = OperationKind((400, 401, 429))
ITEM = OperationKind((400, 401, 404, 429), (ID,))
PUBLIC_LIST = OperationKind((400, 401, 429), (PUBLIC_ETAG,), may_be_unmodified=True)
CONTINUED_LIST = OperationKind((400, 401, 410, 429), (PUBLIC_ETAG,), may_be_unmodified=True)
PUBLIC_ITEM = OperationKind((400, 401, 404, 429), (PUBLIC_ETAG,), may_be_unmodified=True)
NAMED_ITEM = OperationKind((400, 401, 404, 429))
DIGESTED_ITEM = replace(NAMED_ITEM, parameters=(CONTENT_ETAG,), may_be_unmodified=True)
WITHDRAWABLE_ITEM = OperationKind(
    (400, 401, 404, 410, 429), (ID, PUBLIC_ETAG), may_be_unmodified=True
)
FILE = OperationKind(
    (400, 401, 404, 416, 429),
    (ID, RANGE, FILE_ETAG),
    may_be_unmodified=True,
    other_successes=(206,),
)
PUBLIC_FILE = OperationKind(
    (400, 401, 404, 416, 429),
    (RANGE, FILE_ETAG),
    may_be_unmodified=True,
    other_successes=(206,),
)
WITHDRAWABLE_FILE = replace(PUBLIC_FILE, problems=(*PUBLIC_FILE.problems, 410))
REVISED_ITEM = OperationKind((400, 401, 404, 429), (ID, UPDATE_ETAG), may_be_unmodified=True)
SESSION = OperationKind((400, 401, 403, 411, 413, 415, 429))
ISSUE_TOKEN = OperationKind((400, 401, 403, 411, 413, 415, 429, 507), (LOCATION,), success=201)
REVOKE_TOKEN = OperationKind((400, 401, 403, 404, 415, 429), (ID,))
CREATE = OperationKind(
    (400, 401, 403, 409, 411, 413, 415, 422, 429, 507),
    (IDEMPOTENCY_KEY, CREATED_ETAG, LOCATION),
    success=201,
)
ADD = OperationKind(
    (400, 401, 403, 404, 409, 411, 413, 415, 422, 429, 507),
    (ID, IDEMPOTENCY_KEY, UPDATE_ETAG, LOCATION),
    success=201,
    other_successes=(200,),
)
UPLOAD = replace(ADD, other_successes=())
CHANGE = OperationKind(
    (400, 401, 403, 404, 409, 411, 412, 413, 415, 428, 429, 507),
    (ID, IF_MATCH, EXISTING, UPDATE_ETAG),
)
ACT = OperationKind(
    (400, 401, 403, 404, 409, 411, 412, 413, 415, 422, 428, 429, 507),
    (ID, IF_MATCH, IDEMPOTENCY_KEY, UPDATE_ETAG),
)
ACT_ON_SEVERAL = OperationKind(
    (400, 401, 403, 409, 411, 413, 415, 422, 429, 507), (IDEMPOTENCY_KEY,)
)
REMOVE = OperationKind((400, 401, 403, 404, 409, 412, 415, 428, 429), (ID, IF_MATCH, UPDATE_ETAG))


def operation(
    operation_id: str,
    kind: OperationKind,
    response: Any,
    *,
    media_type: str = "application/json",
    files: Iterable[FileFormat] = (),
    path_parameters: Iterable[OpenApiParameter] = (),
    **options: Any,
) -> Callable[[Any], Any]:
    """Return a decorator that describes an operation, with its errors, headers and examples from
    the tables.

    `response` is a serializer, a raw schema or a type of drf-spectacular's, or None if the response
    has no body; `files` are the formats of one that is a file; `path_parameters` are those that
    this operation has in addition to those of its kind. Other options are those of `extend_schema`.
    """
    responses: dict[Any, Any] = {
        (kind.success, file.media_type.partition(";")[0]): OpenApiTypes.BINARY for file in files
    }
    if not responses:
        responses = {204: None} if response is None else {(kind.success, media_type): response}
    if kind.may_be_unmodified:
        responses[304] = OpenApiResponse(description="Nothing has changed.")
    responses |= {(status, media_type): response for status in kind.other_successes}
    # Any request may find the database busy.
    responses |= {(status, MEDIA_TYPE): _problem(status) for status in (*kind.problems, 503)}
    return extend_schema(
        operation_id=operation_id,
        parameters=[*path_parameters, *kind.parameters, RETRY_AFTER],
        responses=responses,
        examples=_examples(operation_id),
        **options,
    )


def _problem(status: int) -> OpenApiResponse:
    example = OpenApiExample("Example", value=examples.PROBLEM_EXAMPLES[status])
    return OpenApiResponse(ProblemSerializer, PROBLEMS[status], [example])


def _examples(operation_id: str) -> list[OpenApiExample]:
    """Return the examples of an operation's requests and responses, if there are any."""
    places: tuple[tuple[Any, dict[str, Any]], ...] = (
        (examples.REQUESTS, {"request_only": True}),
        (examples.FORMS, {"request_only": True, "media_type": "multipart/form-data"}),
        (examples.RESPONSES, {"response_only": True}),
    )
    return [
        OpenApiExample("Example", value=values[operation_id], **options)
        for values, options in places
        if operation_id in values
    ]
