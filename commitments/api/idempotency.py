"""Requests that a program may repeat (draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from commitments.api.refusals import KeyInUse, KeyReused
from commitments.api.request_data import signed_in_user
from commitments.db import try_lock
from commitments.files import storage
from commitments.models import IdempotentResponse
from commitments.models.idempotent_responses import MAX_KEY_LENGTH
from commitments.roles import plan_limits

KEPT_HEADERS = ("ETag", "Location")
# A string of RFC 9651, as the draft asks for, or the same without quotes, as many clients send it.
_KEY = re.compile(rf'(?P<quote>"?)(?P<key>[!#-\[\]-~]{{1,{MAX_KEY_LENGTH}}})(?P=quote)\Z')


def idempotent(view: Callable[..., Response]) -> Callable[..., Response | HttpResponse]:
    """Have a writing method answer a repeated request as it answered the first, if that had the
    same `Idempotency-Key`. What it writes and its answer are saved in one transaction; a refusal or
    a failure saves neither."""

    @wraps(view)
    def answer(
        self: Any, request: Request, *args: object, **kwargs: object
    ) -> Response | HttpResponse:
        key = _key_of(request)
        if key is None:
            return view(self, request, *args, **kwargs)
        user, digest = signed_in_user(request), _request_digest(request)
        with storage.delete_unused_files(), transaction.atomic():
            # Take the lock before anything else, so that a repetition of a request that is still
            # running waits or is refused here.
            if not try_lock(f"idempotency-key-{user.pk}-{key}"):
                raise KeyInUse
            now = timezone.now()
            IdempotentResponse.objects.of(user, key).expired(now).delete()
            kept = IdempotentResponse.objects.of(user, key).first()
            if kept is not None:
                return _repeated(kept, digest)
            response = view(self, request, *args, **kwargs)
            IdempotentResponse.objects.create(
                user=user,
                key=key,
                request_sha256=digest,
                at=now,
                status=response.status_code,
                headers={
                    name: response.headers[name]
                    for name in KEPT_HEADERS
                    if name in response.headers
                },
                body=JSONRenderer().render(response.data).decode(),
            )
        return response

    return answer


def _key_of(request: Request) -> str | None:
    sent = request.headers.get("Idempotency-Key")
    if sent is None:
        return None
    found = _KEY.match(sent.strip())
    if found is None:
        raise ParseError(
            _(
                "Idempotency-Key must be a string of 1 to %(most)s printable ASCII characters, "
                "without blanks, quotes and backslashes."
            )
            % {"most": MAX_KEY_LENGTH}
        )
    return found["key"]


def _request_digest(request: Request) -> str:
    """Return the SHA-256 of method, address and body. The body of a form counts as its fields and
    files, since its boundary differs with each request. The limits of a token to plans count too: a
    response is not repeated to a token with other limits."""
    limits = sorted(plan_limits(request.user) or ())
    sent = [request.method, request.get_full_path(), request.data, limits]
    text = json.dumps(sent, sort_keys=True, ensure_ascii=False, default=_file_digest)
    return hashlib.sha256(text.encode()).hexdigest()


def _file_digest(sent: File[Any]) -> list[object]:
    digest, size = storage.digest_and_size(sent)
    sent.seek(0)
    return [sent.name, digest, size]


def _repeated(kept: IdempotentResponse, digest: str) -> HttpResponse:
    if kept.request_sha256 != digest:
        raise KeyReused
    return HttpResponse(
        kept.body, "application/json", status=kept.status, headers=dict(kept.headers)
    )
