"""Checkpoints of the ledger, proofs that lead to them, and the tiles of its tree: in the formats of
C2SP (c2sp.org), as text or bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http import HTTPStatus

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from commitments.api.byte_ranges import has_copy
from commitments.api.conditional_get import REVALIDATED
from commitments.api.operations import (
    DIGESTED_ITEM,
    ID,
    NAMED_ITEM,
    OperationKind,
    operation,
)
from commitments.api.refusals import InvalidQuery, QueryCheck, parameter_error
from commitments.api.request_data import given_once
from commitments.api.strict import StrictQuery
from commitments.choices import Action, ErrorCode
from commitments.filters.fields import MAX_SEQ
from commitments.ledger.proofs import checkpoints
from commitments.ledger.proofs.formats import Tile
from commitments.ledger.proofs.stored import tile_content
from commitments.models import Checkpoint, Decision, ProgressUpdate
from commitments.models.querysets import DecisionQuerySet

TEXT = "text/plain"
UTF_8 = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
# For tiles: the content at an address never changes.
STAYS = {"Cache-Control": "public, max-age=31536000, immutable"}


def _number_parameter(name: str, least: int, description: str, required: bool) -> OpenApiParameter:
    schema = {"type": "integer", "minimum": least, "maximum": MAX_SEQ}
    return OpenApiParameter(name, schema, required=required, description=description)


SEQ = _number_parameter("seq", 1, "Sequence number of the ledger link.", True)
FROM = _number_parameter("from", 0, "Number of links that the caller knows.", True)
TO = _number_parameter(
    "to", 1, "Number of links of a signed checkpoint; the latest if omitted.", False
)
TILE = OpenApiParameter(
    "tile",
    {"type": "string", "maxLength": 45},
    OpenApiParameter.PATH,
    description="Level (or `entries`), number and width of the tile, such as `0/x001/234.p/7`.",
)


def _digested(*parameters: OpenApiParameter) -> OperationKind:
    return replace(DIGESTED_ITEM, parameters=(*parameters, *DIGESTED_ITEM.parameters))


class TextView(StrictQuery, APIView):
    """A view whose answers are no JSON."""

    formats = ()


class CheckpointView(TextView):
    """Show the latest signed checkpoint of the ledger (C2SP tlog-checkpoint): its name, the number
    of links, and the root hash of the Merkle tree over their `entry_sha256`, with the signatures of
    the ledger and of witnesses."""

    @operation("ledger_checkpoint", DIGESTED_ITEM, str, media_type=TEXT)
    def get(self, request: Request) -> HttpResponse:
        return _text(request, checkpoints.cosigned_note(_latest_checkpoint()))


class KeyView(TextView):
    """Show the verifier key of the latest checkpoint (C2SP signed-note). Note it down: taken from
    here each time, it proves nothing."""

    @operation("ledger_key", DIGESTED_ITEM, str, media_type=TEXT)
    def get(self, request: Request) -> HttpResponse:
        return _text(request, f"{_latest_checkpoint().key}\n")


class InclusionView(TextView):
    """Prove that a link is in the latest checkpoint (C2SP tlog-proof). The data of the leaf are the
    32 bytes of `entry_sha256`; `extra` is the entry as canonical JSON, if it is public."""

    other_parameters = {"seq": {"type": "integer"}}

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield from super().query_checks(request)
        yield partial(_number, request, "seq")

    @operation("ledger_proof", _digested(SEQ), str, media_type=TEXT)
    def get(self, request: Request) -> HttpResponse:
        seq, checkpoint = _number(request, "seq"), _latest_checkpoint()
        if not 0 < seq <= checkpoint.size:
            sentence = _("The latest checkpoint has the entries 1 to %(size)s.")
            raise _invalid("seq", sentence % {"size": checkpoint.size}, ErrorCode.OUT_OF_RANGE)
        proof = checkpoints.inclusion_proof(checkpoint, _decisions().get(seq=seq))
        return _text(request, proof)


class ConsistencyView(TextView):
    """Prove that a checkpoint continues the ledger of an earlier size: `old`, hashes, and the
    checkpoint, as a witness is sent it (C2SP tlog-witness)."""

    other_parameters = {"from": {"type": "integer"}, "to": {"type": "integer"}}

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield from super().query_checks(request)
        yield partial(_number, request, "from")
        if "to" in request.query_params:
            yield partial(_number, request, "to")

    @operation(
        "ledger_consistency",
        _digested(FROM, TO),
        str,
        media_type=TEXT,
    )
    def get(self, request: Request) -> HttpResponse:
        old, checkpoint = _number(request, "from"), _latest_checkpoint()
        if "to" in request.query_params:
            signed = checkpoints.checkpoint_of(_number(request, "to"))
            if signed is None:
                sentence = _("No checkpoint of this size was signed.")
                raise _invalid("to", sentence, ErrorCode.NOT_FOUND)
            checkpoint = signed
        if old > checkpoint.size:
            sentence = _("The checkpoint has %(size)s entries.") % {"size": checkpoint.size}
            raise _invalid("from", sentence, ErrorCode.OUT_OF_RANGE)
        return _text(request, checkpoints.consistency_proof(checkpoint, old))


class TileView(TextView):
    """Show a tile of the ledger's Merkle tree, or of its entries (C2SP tlog-tiles): at most 256
    hashes, or lengths and data. It stays the same for good, so any host can serve a copy."""

    @operation(
        "ledger_tile",
        replace(NAMED_ITEM, parameters=(TILE,)),
        OpenApiTypes.BINARY,
        media_type=BYTES,
    )
    def get(self, request: Request, tile: Tile) -> HttpResponse:
        if not tile.is_in(_latest_checkpoint().size):
            raise NotFound(_("The latest checkpoint does not have this tile."))
        return HttpResponse(tile_content(tile), content_type=BYTES, headers=STAYS)


class UpdateProofView(TextView):
    """Download the proof that the publication of an update is in the latest checkpoint (C2SP
    tlog-proof). `extra` is the entry, whose SHA-256 are the data of the leaf; its `content_sha256`
    is the digest of the content."""

    @operation("updates_proof", _digested(ID), str, media_type=TEXT)
    def get(self, request: Request, pk: int) -> HttpResponse:
        published = ProgressUpdate.objects.visible_to(AnonymousUser()).filter(pk=pk)
        rows = _decisions().filter(update__in=published.values("pk"), action=Action.PUBLISH)
        decision = rows.order_by("seq").last()
        if decision is None:
            raise NotFound
        checkpoint = _latest_checkpoint()
        if decision.seq > checkpoint.size:
            raise NotFound(_("No checkpoint has been signed since this was published."))
        response = _text(request, checkpoints.inclusion_proof(checkpoint, decision))
        response["Content-Disposition"] = f'attachment; filename="update-{pk}.tlog-proof"'
        return response


def _decisions() -> DecisionQuerySet:
    return Decision.objects.select_related("plan", "commitment__plan", "update")


def _latest_checkpoint() -> Checkpoint:
    checkpoint = checkpoints.latest_checkpoint()
    if checkpoint is None:
        raise NotFound(_("This tracker has signed no checkpoint of its ledger yet."))
    return checkpoint


def _text(request: Request, content: str) -> HttpResponse:
    """Return a text with its digest as ETag, or 304 if the caller has it."""
    tag = f'"{hashlib.sha256(content.encode()).hexdigest()}"'
    headers = {**REVALIDATED, "ETag": tag}
    if has_copy(request, tag):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return HttpResponse(content, content_type=UTF_8, headers=headers)


def _number(request: Request, name: str) -> int:
    """Return the number that a parameter gives once. Raise InvalidQuery if it is not a number."""
    sentence = _("Give one whole number, such as 812.")
    given = given_once(request, name, sentence)
    if not _NUMBER.fullmatch(given) or int(given) > MAX_SEQ:
        raise _invalid(name, sentence, ErrorCode.MALFORMED)
    return int(given)


def _invalid(name: str, sentence: str, code: ErrorCode) -> InvalidQuery:
    return InvalidQuery([parameter_error(name, sentence, code)])
