"""The tidy tables of a plan in the words of catalogues: schema.org and DCAT 3, as JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from commitments.exports.tidy.package import PackageFacts
from commitments.exports.tidy.tables import TidyTable
from commitments.texts.languages import reader_tag
from commitments.texts.text import Text

Node = dict[str, Any]
DCAT_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
CSV_IRI = "https://www.iana.org/assignments/media-types/text/csv"
# In characters: the longest description that dataset search engines accept.
MAX_DESCRIPTION = 5000


def schema_org_dataset(facts: PackageFacts, tables: Iterable[TidyTable]) -> Node:
    """Return a schema.org Dataset, in the active language."""
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
        "distribution": [
            {
                "@type": "DataDownload",
                "name": str(table.title),
                "description": str(table.description),
                "encodingFormat": "text/csv",
                "contentUrl": facts.path(table),
            }
            for table in tables
        ],
    }
    if plan.issuer:
        issuer = {"@type": "Organization", "name": str(plan.issuer)}
        node["isBasedOn"]["publisher"] = issuer
    if plan.adopted_on:
        node["temporalCoverage"] = f"{plan.adopted_on.isoformat()}/.."
    if plan.licence:
        node["license"] = facts.licence
    return node


def dcat_dataset(facts: PackageFacts, tables: Iterable[TidyTable], service: str) -> Node:
    """Return a DCAT Dataset; `service` is the address of the API that serves it."""
    plan = facts.plan
    node: Node = {
        "@context": DCAT_CONTEXT,
        "@type": "dcat:Dataset",
        "@id": facts.identifier,
        "dcterms:identifier": facts.identifier,
        "dcterms:title": list(_literals(plan.title)),
        "dcterms:description": _in_reading_language(facts.description),
        "dcterms:publisher": {"@type": "foaf:Agent", "foaf:name": facts.publisher},
        "dcterms:language": list(plan.languages),
        "dcat:version": facts.version,
        "dcat:landingPage": {"@id": facts.homepage},
        "dcat:distribution": [_distribution(facts, table, service) for table in tables],
    }
    if plan.issuer:
        names = list(_literals(plan.issuer))
        node["dcterms:creator"] = {"@type": "foaf:Agent", "foaf:name": names}
    if plan.adopted_on:
        day = {"@value": plan.adopted_on.isoformat(), "@type": "xsd:date"}
        node["dcterms:temporal"] = {"@type": "dcterms:PeriodOfTime", "dcat:startDate": day}
    if plan.licence:
        node["dcterms:license"] = {"@id": facts.licence}
    return node


def _distribution(facts: PackageFacts, table: TidyTable, service: str) -> Node:
    address = {"@id": facts.path(table)}
    return {
        "@type": "dcat:Distribution",
        "dcterms:title": _in_reading_language(str(table.title)),
        "dcterms:description": _in_reading_language(str(table.description)),
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dcat:mediaType": {"@id": CSV_IRI},
        "dcat:accessService": {"@id": service, "@type": "dcat:DataService"},
    }


def _literals(text: Text) -> Iterator[Node]:
    return ({"@value": words, "@language": tag} for tag, words in text.items())


def _in_reading_language(words: str) -> Node:
    return {"@value": words, "@language": reader_tag()}
