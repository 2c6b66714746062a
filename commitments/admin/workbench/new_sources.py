"""New rows of the evidence form, from pasted links and chosen files, with likely values filled
in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from commitments.exceptions import FileRefused
from commitments.files import staging, storage
from commitments.links.probe import LinkProbe, ProbeLimits
from commitments.texts.languages import UNDETERMINED
from commitments.workflow.proposals import propose_sources

PREFIX = "evidence"
TOTAL = f"{PREFIX}-TOTAL_FORMS"
# The author is waiting for the form, so looking up a title must be quick.
TITLE_LIMITS = ProbeLimits(total_seconds=4, step_seconds=3, max_bytes=200_000, max_redirects=3)
# Full-width punctuation is never part of an address: browsers copy it percent-encoded.
_MARK = r"[^\s\0<>\"“”，。；：、！？（）【】《》「」]"
ADDRESS = re.compile(rf"https?://{_MARK}+", re.IGNORECASE)
# A host that begins with “www.”, or one with a path: a file name such as report.pdf is not an
# address.
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::[0-9]{1,5})?"
WITHOUT_SCHEME = re.compile(rf"www\.{_HOST}(?:/{_MARK}*)?|{_HOST}/{_MARK}*", re.IGNORECASE)
# One without a scheme does not begin within a word, a mail address or another address.
EITHER = re.compile(rf"{ADDRESS.pattern}|(?<![\w@./:-])(?:{WITHOUT_SCHEME.pattern})", re.IGNORECASE)
# The number of characters that a message quotes from a line that is not an address.
MAX_LINE = 80
# Titles are looked up for at most this many new sources; further ones are added without a title.
MAX_TITLES = 10


@dataclass(frozen=True)
class NewSources:
    """The data of a form with rows for new sources, how many were added, and a sentence for each
    file and each line that did not become a source. These lines stay in the data as `links`."""

    data: QueryDict
    added: int
    refused: list[str]


def with_new_sources(
    data: QueryDict, files: Iterable[UploadedFile[Any]], user: User, language: str
) -> NewSources:
    """Return the data of a form with a row for each link that was pasted into it and each file that
    was chosen, and for a citation if one is wanted. `user` is who fills it in, `language`
    that in which they write."""
    sent = data.copy()
    addresses, others = _addresses(" \n".join(sent.pop("links", [])))
    message = _("This line has no address that begins with http:// or https://: %(line)s")
    refused = [message % {"line": line[:MAX_LINE]} for line in others]
    if others:
        sent["links"] = "\n".join(others)
    rows = _links(addresses, user)
    for upload in files:
        try:
            storage.inspect_upload(upload)
        except FileRefused as error:
            refused.append(_("%(name)s: %(message)s") % {"name": upload.name, "message": error})
        else:
            title = PurePath(upload.name or "").stem
            rows.append({"staged": staging.stage(upload, user.pk), f"title_{UNDETERMINED}": title})
    if sent.pop("cite", None):
        rows.append({"citation": ""})
    total = str(sent.get(TOTAL, "0"))
    first = int(total) if re.fullmatch("[0-9]{1,4}", total) else 0
    for index, row in enumerate(rows, first):
        for name, value in ({"public": "on", "language": language} | row).items():
            sent[f"{PREFIX}-{index}-{name}"] = value
    sent[TOTAL] = str(first + len(rows))
    return NewSources(sent, len(rows), refused)


def with_chosen_files(data: QueryDict) -> QueryDict:
    """Return the data of a form sent without its files, with a placeholder citation for each of
    them. The browser lists the file inputs that are filled as `chosen`."""
    sent = data.copy()
    for name in sent.pop("chosen", []):
        row, _dash, field = str(name).rpartition("-")
        if row and field == "upload":
            sent[f"{row}-citation"], sent[f"{row}-url"] = "-", ""
    return sent


def _addresses(pasted: str) -> tuple[list[str], list[str]]:
    """Return the distinct addresses in the pasted text, and the lines without any. An address
    without a scheme, as browsers show it, counts as `https` if it is all of a line or beside an
    address with a scheme."""
    found: dict[str, None] = {}
    others = []
    for line in filter(None, map(str.strip, pasted.splitlines())):
        pieces = EITHER.findall(line) if ADDRESS.search(line) else [line]
        addresses = list(filter(None, map(_address, pieces)))
        found |= dict.fromkeys(addresses)
        if not addresses:
            others.append(line)
    return list(found), others


def _address(piece: str) -> str:
    """Return the address that a piece of a line is, with its scheme; "" if it is none."""
    address = _without_punctuation(piece)
    if ADDRESS.fullmatch(address):
        return address
    return f"https://{address}" if WITHOUT_SCHEME.fullmatch(address) else ""


def _without_punctuation(address: str) -> str:
    """Return an address without the punctuation of the surrounding sentence. A closing bracket
    belongs to the address if the opening one does."""
    while address.endswith((".", ",", ";", ":", ")")):
        if address.endswith(")") and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


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


def _links(addresses: Sequence[str], user: User) -> list[dict[str, str]]:
    proposals, titles = propose_sources(addresses, user), _titles(addresses[:MAX_TITLES])
    rows = []
    for address in addresses:
        row = {"url": address, f"title_{UNDETERMINED}": titles.get(address, "")}
        if proposal := proposals.get(address):
            row |= {
                "publisher_name": str(proposal.publisher or ""),
                "kind": proposal.kind,
                "source": proposal.source,
                **({"language": proposal.language} if proposal.language else {}),
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
