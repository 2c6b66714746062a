"""The tidy tables of a plan described for catalogues: schema.org and DCAT 3, as JSON-LD.

What is not known is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from commitments.exports.tidy.package import PROFILES, PackageFacts
from commitments.exports.tidy.tables import TidyTable
from commitments.ledger import format_utc
from commitments.models import Snapshot
from commitments.texts.languages import best_match, interface_tags, reader_tag
from commitments.texts.text import Text

Node = dict[str, Any]
DCAT_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
# DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/, "Property: language") asks for these identifiers for
# languages with an ISO 639-1 code. Languages with three-letter codes have none and are left out.
ISO_639_1 = "http://id.loc.gov/vocabulary/iso639-1/"
ISO_639_1_LETTERS = 2
DIGEST_METHOD = f"{DCAT_CONTEXT['spdx']}checksumAlgorithm_sha256"
CSV, JSON, ZIP = "text/csv", "application/json", "application/zip"
# The longest description that dataset search engines accept, in characters.
MAX_DESCRIPTION = 5000


@dataclass(frozen=True)
class CatalogueFacts:
    """Facts for catalogues in addition to those of the package.

    `package` is the address of the package's descriptor, `service` that of the API, and
    `service_description` that of its OpenAPI document. `snapshots` are the snapshots that can be
    downloaded, with their addresses. `issued` and `modified` are the times of the first and the
    last public change, None if nothing is recorded.
    """

    package: str
    service: str
    service_description: str
    snapshots: tuple[tuple[Snapshot, str], ...] = ()
    issued: datetime | None = None
    modified: datetime | None = None


@dataclass(frozen=True)
class DataFile:
    """A file with the data or a part of it. `snapshot` is the snapshot that the file holds, if
    any."""

    title: str
    address: str
    media_type: str
    description: str = ""
    profile: str = ""
    snapshot: Snapshot | None = None


def _files(
    facts: PackageFacts, tables: Iterable[TidyTable], more: CatalogueFacts
) -> Iterator[DataFile]:
    for table in tables:
        yield DataFile(str(table.title), facts.path(table), CSV, str(table.description))
    yield DataFile(
        _("Data Package"),
        more.package,
        JSON,
        _("The types, keys and codes of all columns, for programs that read such packages."),
        f"{PROFILES}datapackage.json",
    )
    for snapshot, address in more.snapshots:
        title = f"{facts.title} {snapshot.quarter}"
        yield DataFile(title, address, ZIP, snapshot=snapshot)


def schema_org_dataset(
    facts: PackageFacts, tables: Iterable[TidyTable], more: CatalogueFacts
) -> Node:
    """Return a schema.org Dataset in the active language."""
    plan = facts.plan
    node: Node = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": facts.identifier,
        "name": facts.title,
        "description": facts.description[:MAX_DESCRIPTION],
        "url": facts.homepage,
        "identifier": facts.identifier,
        "version": facts.version,
        "inLanguage": list(plan.languages),
        "isAccessibleForFree": True,
        "publisher": {"@type": "Organization", "name": facts.publisher},
        "isBasedOn": {"@type": "CreativeWork", "name": str(plan.title)},
        "distribution": [_data_download(file) for file in _files(facts, tables, more)],
    }
    if plan.issuer:
        issuer = {"@type": "Organization", "name": str(plan.issuer)}
        node["isBasedOn"]["publisher"] = issuer
    if plan.adopted_on:
        node["temporalCoverage"] = f"{plan.adopted_on.isoformat()}/.."
    if plan.licence:
        node["license"] = facts.licence
    if more.issued:
        node["datePublished"] = format_utc(more.issued)
    if more.modified:
        node["dateModified"] = format_utc(more.modified)
    return node


def _data_download(file: DataFile) -> Node:
    node: Node = {
        "@type": "DataDownload",
        "name": file.title,
        "encodingFormat": file.media_type,
        "contentUrl": file.address,
    }
    if file.description:
        node["description"] = file.description
    if file.snapshot:
        node |= {
            "sha256": file.snapshot.sha256,
            "datePublished": format_utc(file.snapshot.made_at),
        }
    return node


def dcat_dataset(facts: PackageFacts, tables: Iterable[TidyTable], more: CatalogueFacts) -> Node:
    """Return a DCAT Dataset, with the API as the service that provides it."""
    plan = facts.plan
    licence = {"dcterms:license": {"@id": facts.licence}} if plan.licence else {}
    node: Node = {
        "@context": DCAT_CONTEXT,
        "@type": "dcat:Dataset",
        "@id": facts.identifier,
        "dcterms:identifier": facts.identifier,
        "dcterms:title": _titles(facts),
        "dcterms:description": _in_reading_language(facts.description),
        "dcterms:publisher": {"@type": "foaf:Agent", "foaf:name": facts.publisher},
        "dcat:version": facts.version,
        "dcat:landingPage": {"@id": facts.homepage},
        "dcat:distribution": [
            _distribution(file, more) | licence for file in _files(facts, tables, more)
        ],
        # DCAT has no property from a dataset to its service.
        "@reverse": {"dcat:servesDataset": _service(more)},
        **licence,
    }
    languages = _languages(plan.languages)
    if languages:
        node["dcterms:language"] = languages
    if plan.issuer:
        node["dcterms:creator"] = {"@type": "foaf:Agent", "foaf:name": _literals(plan.issuer)}
    if plan.adopted_on:
        day = {"@value": plan.adopted_on.isoformat(), "@type": "xsd:date"}
        node["dcterms:temporal"] = {"@type": "dcterms:PeriodOfTime", "dcat:startDate": day}
    if more.issued:
        node["dcterms:issued"] = _time(more.issued)
    if more.modified:
        node["dcterms:modified"] = _time(more.modified)
    return node


def _distribution(file: DataFile, more: CatalogueFacts) -> Node:
    address = {"@id": file.address}
    node: Node = {
        "@type": "dcat:Distribution",
        "dcterms:title": _in_reading_language(file.title),
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dcat:mediaType": _media_type(file.media_type),
        "dcat:accessService": {"@id": more.service, "@type": "dcat:DataService"},
    }
    if file.description:
        node["dcterms:description"] = _in_reading_language(file.description)
    if file.profile:
        node["dcterms:conformsTo"] = {"@id": file.profile}
    if file.snapshot:
        node |= _packed(file.snapshot)
    return node


def _packed(snapshot: Snapshot) -> Node:
    """Return the statements about an archive of tables."""
    return {
        "dcat:mediaType": _media_type(CSV),
        "dcat:packageFormat": _media_type(ZIP),
        "dcat:byteSize": {"@value": str(snapshot.size), "@type": "xsd:nonNegativeInteger"},
        "dcterms:issued": _time(snapshot.made_at),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": DIGEST_METHOD},
            "spdx:checksumValue": {"@value": snapshot.sha256, "@type": "xsd:hexBinary"},
        },
    }


def _service(more: CatalogueFacts) -> Node:
    return {
        "@type": "dcat:DataService",
        "@id": more.service,
        "dcterms:title": _in_reading_language(_("REST API")),
        "dcat:endpointURL": {"@id": more.service},
        "dcat:endpointDescription": {"@id": more.service_description},
    }


def _titles(facts: PackageFacts) -> list[Node]:
    """Return the title of the data in the reader's language and in each language that both the plan
    and the interface have."""
    titles = {}
    for reader in interface_tags():
        with translation.override(reader.lower()):
            tag, _words = facts.plan.title.for_reader()
            if best_match(reader, [tag]):
                titles[tag] = facts.title
    if facts.title not in titles.values():
        titles[reader_tag()] = facts.title
    return [_literal(words, tag) for tag, words in titles.items()]


def _languages(tags: Iterable[str]) -> list[Node]:
    codes = dict.fromkeys(tag.partition("-")[0] for tag in tags)
    return [{"@id": f"{ISO_639_1}{code}"} for code in codes if len(code) == ISO_639_1_LETTERS]


def _literals(text: Text) -> list[Node]:
    return [_literal(words, tag) for tag, words in text.items()]


def _in_reading_language(words: str) -> Node:
    return _literal(words, reader_tag())


def _literal(words: str, tag: str) -> Node:
    return {"@value": words, "@language": tag}


def _time(at: datetime) -> Node:
    return {"@value": format_utc(at), "@type": "xsd:dateTime"}


def _media_type(name: str) -> Node:
    return {"@id": f"{MEDIA_TYPES}{name}"}
