"""The tidy table of public changes."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from commitments.choices import PUBLIC_ACTIONS, Status, SubjectType
from commitments.exports.tidy.fields import array_field, field
from commitments.exports.tidy.plan import OF_COMMITMENT
from commitments.exports.tidy.tables import Scope, TidyTable
from commitments.exports.workbook import ROWS_PER_QUERY
from commitments.ledger import ERASED
from commitments.ledger.changes import PublicChange, every_change
from commitments.models import Decision


def _changes(scope: Scope) -> Iterator[PublicChange]:
    known_at = scope.clock.known_at
    rows = Decision.objects.public().on_plans([scope.plan]).in_order()
    rows = rows.select_related("update", "commitment__plan")
    rows = rows.defer("commitment__search_index", "update__search_index")
    for change in every_change(rows.iterator(chunk_size=ROWS_PER_QUERY)):
        if known_at is None or change.decision.at <= known_at:
            yield change


CHANGE_TABLE = TidyTable(
    "changes",
    _("Public changes"),
    _(
        "One row for each public change of the plan and of what plans share, in the order of the "
        "ledger."
    ),
    (
        field(
            "seq",
            "decision.seq",
            _("Sequence number in the ledger"),
            type="integer",
            required=True,
        ),
        field("at", "decision.at", _("Time of the change, UTC"), type="datetime", required=True),
        field(
            "action",
            "decision.action",
            _("Action that made the change"),
            required=True,
            codes=PUBLIC_ACTIONS,
        ),
        field(
            "commitment",
            "decision.commitment.code",
            _("Public identifier of the commitment; empty if it concerns no single one"),
        ),
        field(
            "update",
            "decision.update_id",
            _("ID of the update; empty if it concerns none"),
            type="integer",
        ),
        field(
            "subject_type",
            "decision.subject_type",
            _("Type of what was edited"),
            codes=SubjectType,
        ),
        field("subject_key", "decision.subject_key", _("Key of what was edited")),
        field(
            "status_from",
            "before",
            _("Status of the commitment before the change, by what was public then"),
            codes=Status,
        ),
        field(
            "status_to",
            "after",
            _("Status of the commitment after the change, by what was public then"),
            codes=Status,
        ),
        field("note", "note", _("Reason; empty if it is not public or was erased")),
        array_field(
            "erased",
            lambda change: change.decision.meta.get(ERASED, ()),
            _("What an erasure dropped"),
        ),
        field("hash", "decision.hash", _("Hash of the ledger link"), required=True),
    ),
    _changes,
    primary_key=("seq",),
    foreign_keys=(OF_COMMITMENT,),
)
