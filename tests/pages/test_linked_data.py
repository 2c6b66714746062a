"""The page of a plan's data describes it for catalogues: in the words of DCAT and schema.org, with
the sort of value that each of them asks for, and nothing that is not known."""

from copy import deepcopy
from datetime import UTC, date, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from commitments.exports.tidy import TIDY_TABLES, freeze
from commitments.models import Plan
from tests.factories import PlanFactory
from tests.fixtures.worlds import people, shared_world
from tests.pages.catalogues import linked_data
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

CODE = "LIBRARY"
PAGE = f"/en/{CODE}/data/"
HOST = "http://testserver"
LOADED = datetime(2026, 9, 1, 9, tzinfo=UTC)
LATER = datetime(2026, 10, 2, 9, tzinfo=UTC)

IRI, PLAIN, WORDS = "an IRI", "plain text", "words of a language"
DAY, TIME, SIZE, HEX = "xsd:date", "xsd:dateTime", "xsd:nonNegativeInteger", "xsd:hexBinary"
# Each property that the page writes, with its range by DCAT 3 and the vocabularies that it uses: a
# literal of this sort, an IRI, or a node of this class.
RANGES = {
    "dcat:accessService": "dcat:DataService",
    "dcat:accessURL": IRI,
    "dcat:byteSize": SIZE,
    "dcat:distribution": "dcat:Distribution",
    "dcat:downloadURL": IRI,
    "dcat:endpointDescription": IRI,
    "dcat:endpointURL": IRI,
    "dcat:landingPage": IRI,
    "dcat:mediaType": IRI,
    "dcat:packageFormat": IRI,
    "dcat:servesDataset": "dcat:DataService",  # reversed: the service that serves it
    "dcat:startDate": DAY,
    "dcat:version": PLAIN,
    "dcterms:conformsTo": IRI,
    "dcterms:creator": "foaf:Agent",
    "dcterms:description": WORDS,
    "dcterms:identifier": PLAIN,
    "dcterms:issued": TIME,
    "dcterms:language": IRI,
    "dcterms:license": IRI,
    "dcterms:modified": TIME,
    "dcterms:publisher": "foaf:Agent",
    "dcterms:temporal": "dcterms:PeriodOfTime",
    "dcterms:title": WORDS,
    "foaf:name": PLAIN,
    "spdx:algorithm": IRI,
    "spdx:checksum": "spdx:Checksum",
    "spdx:checksumValue": HEX,
}
# The name of whoever issued the plan is in its languages.
OTHERWISE = {("foaf:name", WORDS)}


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker), time_machine.travel(LOADED, tick=False):
        people()
        call_command("load_plan", "fixtures/example/plan.yaml", stdout=StringIO())
        yield Plan.objects.get(code=CODE)


@pytest.fixture(autouse=True)
def later():
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def shipped(db, built):
    """A plan with a licence, an issuer and its day of adoption, and a frozen quarter."""
    plan = deepcopy(built)
    freeze(plan, date(2026, 9, 30), at=LATER, publisher="The office")
    return plan


@pytest.fixture
def bare(db):
    """A plan of which little is known."""
    return PlanFactory(code="BARE", title=en_zh("A plan"))


def nodes(value):
    """Yield all nodes in a description."""
    if isinstance(value, dict):
        yield value
        for name, part in value.items():
            if name != "@context":
                yield from nodes(part)
    if isinstance(value, list):
        for part in value:
            yield from nodes(part)


def properties(description):
    """Yield the properties of all nodes, each with one value."""
    for node in nodes(description):
        for name, values in node.items():
            if not name.startswith("@"):
                for value in values if isinstance(values, list) else [values]:
                    yield name, value


def sort_of(value):
    """Return what sort of value it is, as `RANGES` names them."""
    if isinstance(value, str):
        return PLAIN
    if "@value" in value:
        return WORDS if "@language" in value else value["@type"]
    return value.get("@type", IRI)


@pytest.fixture(params=["shipped", "bare"])
def dcat(request, get_page):
    plan = request.getfixturevalue(request.param)
    return linked_data(get_page(f"/en/{plan.code}/data/"))[1]


def test_each_property_has_a_value_of_its_range(dcat):
    wrong = [
        (name, value)
        for name, value in properties(dcat)
        if sort_of(value) != RANGES[name] and (name, sort_of(value)) not in OTHERWISE
    ]
    assert wrong == []
    names = [node["@id"] for node in nodes(dcat) if "@id" in node]
    assert [name for name in names if not name.startswith(("http://", "https://"))] == []


def test_prefixes_are_declared_and_nothing_is_empty(dcat):
    used = {name.partition(":")[0] for name, _value in properties(dcat)}
    used |= {node["@type"].partition(":")[0] for node in nodes(dcat) if "@type" in node}
    assert used <= dcat["@context"].keys()
    assert [name for name, value in properties(dcat) if value in (None, "", [], {})] == []


def test_a_shipped_plan_has_them_all(get_page, shipped):
    dcat = linked_data(get_page(PAGE))[1]
    assert {name for name, _value in properties(dcat)} == set(RANGES)


def test_what_is_not_known_is_left_out(get_page, bare):
    schema_org, dcat = linked_data(get_page("/en/BARE/data/"))
    missing = {"issued", "modified", "license", "creator", "temporal"}
    assert not {f"dcterms:{name}" for name in missing} & {name for name, _ in properties(dcat)}
    assert not {"dateModified", "datePublished", "license", "temporalCoverage"} & set(schema_org)


def test_the_tables_are_described_for_catalogues(client, get_page, shipped):
    schema_org, dcat = linked_data(get_page(PAGE))
    assert (schema_org["@type"], dcat["@type"]) == ("Dataset", "dcat:Dataset")
    identifier = f"{HOST}/api/v1/data/{CODE}/"
    assert schema_org["@id"] == dcat["@id"] == identifier
    assert client.get(identifier).status_code == 200
    assert schema_org["url"] == dcat["dcat:landingPage"]["@id"] == f"{HOST}{PAGE}"
    assert dcat["dcterms:license"] == {"@id": schema_org["license"]}


@pytest.mark.long
def test_tables_package_and_frozen_quarters_are_distributions(client, get_page, shipped):
    schema_org, dcat = linked_data(get_page(PAGE))
    files = [item["contentUrl"] for item in schema_org["distribution"]]
    assert files == [item["dcat:downloadURL"]["@id"] for item in dcat["dcat:distribution"]]
    place = f"{HOST}/api/v1/data/{CODE}"
    tables = [f"{place}/{name}.csv" for name in TIDY_TABLES]
    assert files == [*tables, f"{place}/datapackage.json", f"{place}/snapshots/2026-Q3.zip"]
    for address, item in zip(files, schema_org["distribution"], strict=True):
        answer = client.get(address)
        list(answer)  # read to its end, it is closed
        assert answer.headers["Content-Type"].partition(";")[0] == item["encodingFormat"]
    assert {item["dcterms:license"]["@id"] for item in dcat["dcat:distribution"]} == {
        schema_org["license"]
    }


def test_a_frozen_quarter_has_its_size_and_digest_until_it_is_withdrawn(get_page, shipped):
    schema_org, dcat = linked_data(get_page(PAGE))
    snapshot = shipped.snapshots.get()
    frozen = dcat["dcat:distribution"][-1]
    assert frozen["dcat:byteSize"]["@value"] == str(snapshot.size)
    assert frozen["spdx:checksum"]["spdx:checksumValue"]["@value"] == snapshot.sha256
    assert schema_org["distribution"][-1]["sha256"] == snapshot.sha256
    shipped.snapshots.all().withdraw(shipped.decisions.first())
    assert snapshot.sha256 not in str(linked_data(get_page(PAGE)))


@pytest.mark.long
def test_the_service_says_where_it_is_and_how_it_is_described(client, get_page, shipped):
    dcat = linked_data(get_page(PAGE))[1]
    service = dcat["@reverse"]["dcat:servesDataset"]
    served = {item["dcat:accessService"]["@id"] for item in dcat["dcat:distribution"]}
    assert served == {service["@id"]}
    assert service["dcat:endpointURL"] == {"@id": f"{HOST}/api/v1/"}
    described = service["dcat:endpointDescription"]["@id"]
    assert client.get(described).json()["openapi"]


def test_its_days_are_those_of_the_first_and_the_last_public_change(get_page, shipped):
    schema_org, dcat = linked_data(get_page(PAGE))
    first = "2026-09-01T09:00:00.000000Z"
    assert dcat["dcterms:issued"] == {"@value": first, "@type": "xsd:dateTime"}
    assert dcat["dcterms:modified"] == dcat["dcterms:issued"]
    assert (schema_org["datePublished"], schema_org["dateModified"]) == (first, first)


@pytest.mark.parametrize(
    ("languages", "named"),
    [
        (["en", "zh"], ["en", "zh"]),
        (["zh-Hans", "zh-Hant", "pt-BR"], ["zh", "pt"]),
        # ISO 639-1 has no code for it.
        (["yue", "en"], ["en"]),
        (["yue"], []),
    ],
)
def test_languages_are_named_by_the_library_of_congress(get_page, languages, named):
    PlanFactory(code="BARE", languages=languages, title={languages[0]: "A plan"})
    dcat = linked_data(get_page("/en/BARE/data/"))[1]
    found = [row["@id"] for row in dcat.get("dcterms:language", ())]
    assert found == [f"http://id.loc.gov/vocabulary/iso639-1/{code}" for code in named]


def test_one_title_serves_catalogues_package_and_citation(client, get_page, shipped):
    for language, tag in (("en", "en"), ("zh-hans", "zh")):
        schema_org, dcat = linked_data(get_page(f"/{language}/{CODE}/data/"))
        titles = {row["@language"]: row["@value"] for row in dcat["dcterms:title"]}
        assert titles.keys() == shipped.title.keys()
        assert titles[tag] == schema_org["name"]
    package = client.get(f"/api/v1/data/{CODE}/datapackage.json").json()
    assert package["title"] == titles["en"]


def test_a_plan_that_lacks_the_language_of_the_reader_has_a_title_for_them(get_page):
    PlanFactory(code="BARE", languages=["es"], title={"es": "Un plan"})
    schema_org, dcat = linked_data(get_page("/en/BARE/data/"))
    assert dcat["dcterms:title"] == [{"@value": schema_org["name"], "@language": "en"}]


def test_a_description_for_catalogues_cannot_end_its_element(get_page):
    title = en_zh("</script><script>alert(1)</script>&<!--")
    PlanFactory(code="BARE", title=title)
    schema_org, dcat = linked_data(get_page("/en/BARE/data/"))
    assert title["en"] in schema_org["name"]
    assert title["en"] in dcat["dcterms:title"][0]["@value"]


def test_a_plan_in_preparation_is_in_no_catalogue(signed_in, reporter):
    PlanFactory(code="DRAFT", visibility="draft")
    assert linked_data(signed_in(reporter).get("/en/DRAFT/data/").text) == []
