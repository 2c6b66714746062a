"""New rows of the evidence form: pasted links and chosen files, with what is likely of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from commitments.files import staging
from commitments.links.probe import LinkProbe, ProbeLimits
from commitments.texts.languages import UNDETERMINED
from commitments.workflow.proposals import propose_sources

PREFIX = "evidence"
TOTAL = f"{PREFIX}-TOTAL_FORMS"
# Who waits for a form does not wait long for a title.
TITLE_LIMITS = ProbeLimits(total_seconds=4, step_seconds=3, max_bytes=200_000, max_redirects=3)
# More are added without their titles.
MAX_TITLES = 10


def with_new_sources(
    data: QueryDict, files: Iterable[UploadedFile[Any]], owner: int
) -> tuple[QueryDict, int]:
    """Return the data of a form with a row for each link that was pasted into it and each file that
    was chosen, and for a citation if one is wanted; and the number of these rows. `owner` is the id
    of the person who fills it in."""
    sent = data.copy()
    pasted = " ".join(sent.pop("links", []))
    addresses = [word for word in dict.fromkeys(pasted.split()) if word]
    rows = [*_links(addresses), *_files(files, owner)]
    if sent.pop("cite", None):
        rows.append({"citation": ""})
    first = int(sent.get(TOTAL) or 0) if str(sent.get(TOTAL, "0")).isdecimal() else 0
    for index, row in enumerate(rows, first):
        for name, value in ({"public": "on"} | row).items():
            sent[f"{PREFIX}-{index}-{name}"] = value
    sent[TOTAL] = str(first + len(rows))
    return sent, len(rows)


def with_waiting_files(
    data: QueryDict, files: MultiValueDict[str, UploadedFile[Any]], owner: int
) -> QueryDict:
    """Return the data of a form that comes back, with a token for each file chosen in a row."""
    sent = data.copy()
    for name, uploads in files.lists():
        if name.endswith("-upload"):
            token = staging.stage(uploads[-1], owner)
            if token:
                sent[f"{name.removesuffix('upload')}staged"] = token
    return sent


def _links(addresses: Sequence[str]) -> list[dict[str, str]]:
    proposals, titles = propose_sources(addresses), _titles(addresses[:MAX_TITLES])
    rows = []
    for address in addresses:
        row = {"url": address, f"title_{UNDETERMINED}": titles.get(address, "")}
        if proposal := proposals.get(address):
            row |= {
                "publisher_name": str(proposal.publisher or ""),
                "kind": proposal.kind,
                "source": proposal.source,
                "language": proposal.language,
            }
        rows.append(row)
    return rows


def _titles(addresses: Sequence[str]) -> dict[str, str]:
    """Return the titles of pages, each by its address; none of those that cannot be reached."""
    probes = [
        LinkProbe(
            address,
            settings.LINK_CHECK_AGENT,
            open_hosts=frozenset(settings.LINK_CHECK_OPEN_HOSTS),
            limits=TITLE_LIMITS,
        )
        for address in addresses
    ]
    if not probes:
        return {}
    with ThreadPoolExecutor(len(probes)) as pool:
        return dict(zip(addresses, pool.map(LinkProbe.read_title, probes), strict=True))


def _files(files: Iterable[UploadedFile[Any]], owner: int) -> list[dict[str, str]]:
    waiting = ((upload, staging.stage(upload, owner)) for upload in files)
    return [
        {"staged": token, f"title_{UNDETERMINED}": PurePath(upload.name or "").stem}
        for upload, token in waiting
        if token
    ]
