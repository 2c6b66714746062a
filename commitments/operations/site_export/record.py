"""The record and its ledger as files, which `docs/check_ledger.py` checks without the site.

A list of the API becomes a file of JSON Lines; any other response is kept as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from commitments import ledger
from commitments.choices import Action
from commitments.ledger.hashing import canonical_json
from commitments.ledger.proofs.checkpoints import inclusion_proofs, latest_checkpoint
from commitments.ledger.proofs.static_files import write_static_files
from commitments.models import Decision, ProgressUpdate
from commitments.models.namings import each_with_content
from commitments.operations.site_export.answers import API_PATH, AnonymousReader
from commitments.roles import ANONYMOUS

LISTS = (
    "plans",
    "goals",
    "areas",
    "forums",
    "offices",
    "commitments",
    "milestones",
    "meetings",
    "updates",
    "evidence",
    "changes",
    "contents",
    "ledger",
)
# Other responses, with their files.
_ANSWERS = {"codes/": "codes.json", "ledger/head/": "ledger/head.json"}
_ROWS_PER_REQUEST = 200
_ROWS_PER_QUERY = 500


def export_record(reader: AnonymousReader, folder: Path) -> None:
    """Write every public list, the content that the digests of public updates cover, the ledger
    and, if there is a signed checkpoint, its tree and a proof of each publication."""
    for name in LISTS:
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for row in list_rows(reader, name):
                file.write(f"{json.dumps(row, ensure_ascii=False)}\n")
    for path, name in _ANSWERS.items():
        write_file(folder / name, reader.get(f"{API_PATH}{path}").body)
    _export_contents(folder)
    _export_proofs(folder)


def list_rows(reader: AnonymousReader, name: str) -> Iterator[dict[str, Any]]:
    """Yield every row of one of the `LISTS`."""
    return reader.rows(f"{name}/?page_size={_ROWS_PER_REQUEST}")


def public_contents() -> Iterator[dict[str, Any]]:
    """Yield the content that the digest of each published or corrected update covers, in the order
    in which the updates were created."""
    updates = ProgressUpdate.objects.with_public_content().select_related("commitment__plan")
    for update in each_with_content(updates.order_by("pk"), _ROWS_PER_QUERY):
        yield ledger.canonical_content(update, ledger.frozen_version(update))


def write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _export_contents(folder: Path) -> None:
    for content in public_contents():
        write_file(folder / f"updates/{content['update']}/content.json", canonical_json(content))


def _export_proofs(folder: Path) -> None:
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        return
    write_static_files(folder / "ledger", checkpoint)
    write_file(folder / "ledger/key", f"{checkpoint.key}\n".encode())
    publications = (
        Decision.objects.filter(
            action=Action.PUBLISH,
            update__in=ProgressUpdate.objects.visible_to(ANONYMOUS),
            seq__lte=checkpoint.size,
        )
        .select_related("plan", "commitment__plan", "update")
        .order_by("seq")
    )
    decisions = publications.iterator(chunk_size=_ROWS_PER_QUERY)
    for decision, proof in inclusion_proofs(checkpoint, decisions):
        write_file(folder / f"updates/{decision.update_id}/proof.tlog-proof", proof.encode())
