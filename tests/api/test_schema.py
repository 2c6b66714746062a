"""The OpenAPI document says what the API does."""

import json
import re
from collections import defaultdict
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import URLPattern, get_resolver
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from commitments import __version__
from commitments.api import descriptions
from commitments.api.bulk_actions import MAX_BULK_ACTIONS
from commitments.api.pagination import MAX_PAGE_SIZE
from commitments.api.urls import router
from commitments.ledger.proofs.merkle import TILE_WIDTH
from commitments.models.querysets.idempotent_responses import RESPONSE_LIFETIME
from commitments.workflow.work_queue import MAX_QUEUE_ROWS

pytestmark = pytest.mark.alike

# The document does not describe itself, nor its page.
API = "/api/v1/"
# What is answered as something else than JSON.
MEDIA_TYPES = {
    "GET /api/v1/evidence/{id}/file/": "*/*",
    "GET /api/v1/ledger/tile/{tile}": "application/octet-stream",
    "GET /api/v1/updates/{id}/proof/": "text/plain",
    **{
        f"GET /api/v1/ledger/{name}/": "text/plain"
        for name in ("checkpoint", "key", "proof", "consistency")
    },
    "GET /api/v1/dump/": "application/gzip",
    "GET /api/v1/data/{code}/{table}.csv": "text/csv",
    "GET /api/v1/data/{code}/snapshots/{quarter}.zip": "application/zip",
}
# Lists as files.
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTED = {"GET /api/v1/commitments/export/", "GET /api/v1/updates/export/"}
UNDESCRIBED = {"/api/v1/schema/", "/api/v1/docs/"}
BULK = ("updates_bulk_submit", "updates_bulk_return", "updates_bulk_publish")
PRIVATE = {"/api/v1/me/", "/api/v1/auth/tokens/", "/api/v1/auth/tokens/{id}/"}
CHANGING = {
    "PATCH /api/v1/updates/{id}/",
    "PATCH /api/v1/evidence/{id}/",
    "DELETE /api/v1/evidence/{id}/",
    "POST /api/v1/evidence/{id}/archive/",
    *(
        f"POST /api/v1/updates/{{id}}/{action}/"
        for action in ("submit", "recall", "discard", "rate", "return", "publish", "retract")
    ),
}


@pytest.fixture(scope="module")
def document():
    return APIClient().get("/api/v1/schema/").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


@pytest.mark.long
def test_the_document_is_made_without_a_warning(tmp_path):
    target = tmp_path / "schema.json"
    call_command("spectacular", file=str(target), fail_on_warn=True, format="openapi-json")
    assert '"openapi": "3.1.' in target.read_text()


@pytest.mark.long
def test_the_document_is_valid(tmp_path):
    call_command("spectacular", file=str(tmp_path / "schema.json"), validate=True)


@pytest.mark.long
def test_the_document_is_the_same_each_time_it_is_made():
    first, second = (SchemaGenerator().get_schema(public=True) for _time in range(2))
    assert json.dumps(first) == json.dumps(second)


@pytest.mark.long
def test_the_document_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["version"] == __version__


def routes(patterns=None, prefix="/"):
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        here = prefix + re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", "{}", str(entry.pattern).strip("^$"))
        if isinstance(entry, URLPattern):
            yield here.replace("^", "").replace("$", "")
        else:
            yield from routes(entry.url_patterns, here)


def test_every_route_is_in_the_document(document):
    ours = {route for route in routes() if route.startswith("/api/")}
    described = {re.sub(r"\{\w+\}", "{}", path) for path in document["paths"]}
    assert described == ours - UNDESCRIBED


def test_every_operation_describes_itself_and_its_errors_as_problem_details(document):
    wrong = []
    for name, operation in operations(document):
        if not operation.get("description"):
            wrong.append((name, "no description"))
        for status, answer in operation["responses"].items():
            good = [MEDIA_TYPES.get(name, "application/json")]
            good = ["text/csv", SHEET] if name in EXPORTED else good
            kinds = good if status < "400" else ["application/problem+json"]
            if list(answer.get("content", {})) != ([] if status in ("204", "304") else kinds):
                wrong.append((name, status, list(answer.get("content", {}))))
    assert wrong == []


def test_what_takes_if_match_says_so_and_may_answer_412_and_428(document):
    taking = {
        name
        for name, operation in operations(document)
        if any(
            (item["name"], item["in"], item.get("required")) == ("If-Match", "header", True)
            for item in operation.get("parameters", [])
        )
        and {"412", "428"} <= set(operation["responses"])
    }
    assert taking == CHANGING


def test_what_shows_one_update_has_the_etag_that_if_match_takes(document):
    tagged = {
        name
        for name, operation in operations(document)
        for answer in operation["responses"].values()
        if "for use in `If-Match`"
        in answer.get("headers", {}).get("ETag", {}).get("description", "")
    }
    assert tagged == CHANGING | {
        "GET /api/v1/updates/{id}/",
        "GET /api/v1/evidence/{id}/",
        "POST /api/v1/updates/",
        "POST /api/v1/updates/{id}/evidence/",
        "POST /api/v1/updates/{id}/files/",
    }


def test_what_may_be_unchanged_says_so(document):
    found = {
        name.removeprefix("GET /api/v1/")
        for name, operation in operations(document)
        if "304" in operation["responses"]
        and "ETag" in operation["responses"]["200"].get("headers", {})
    }
    # Every list but that of the caller's tokens.
    lists = {f"{path}/" for path, _view, _name in router.registry} - {"auth/tokens/"}
    lists |= {"ledger/", "ledger/head/", "contents/{subject_type}/{key}/"}
    lists |= {f"updates/{{id}}/{name}" for name in ("", "content/", "proof/")}
    lists |= {f"ledger/{name}/" for name in ("checkpoint", "key", "proof", "consistency")}
    lists |= {"evidence/{id}/", "evidence/{id}/file/", "dump/", "meetings/{id}/"}
    lists |= {"codes/", "problems/", "problems/{slug}/"}
    lists |= {"changes/", "status/"}
    figures = ("trend", "grid", "compare", "report", "agreement")
    lists |= {f"status/{name}/" for name in figures}
    members = {f"{name}s/{{code}}/" for name in ("plan", "forum", "office", "commitment")}
    histories = {f"{name}history/" for name in members}
    data = {f"data/{{code}}/{name}" for name in ("", "datapackage.json", "{table}.csv")}
    data |= {"data/{code}/snapshots/{quarter}.zip"}
    lists |= {"commitments/export/", "updates/export/"}
    assert found == lists | members | histories | data


def test_whoever_is_refused_for_asking_too_often_learns_for_how_long(document):
    for name, operation in operations(document):
        assert "Retry-After" in operation["responses"]["429"]["headers"], name


def test_an_answer_has_all_its_keys(document):
    sparse = {
        name
        for name, schema in document["components"]["schemas"].items()
        if not name.endswith("Request")
        and set(schema.get("properties", {})) != set(schema.get("required", []))
    }
    assert sparse == {"Problem", "ProblemError"}


def test_every_parameter_and_header_is_described(document):
    without = {
        (name, item["name"])
        for name, operation in operations(document)
        for item in operation.get("parameters", [])
        if not item.get("description")
    }
    assert without == set()


def test_every_operation_has_a_summary_of_one_line_that_begins_with_a_verb(document):
    summaries = [operation["summary"] for _name, operation in operations(document)]
    assert [words for words in summaries if not 10 < len(words) <= 120] == []
    assert [words for words in summaries if words.startswith(("A ", "The ", "This "))] == []


def test_every_field_is_described(document):
    schemas = document["components"]["schemas"]
    without = {
        (name, field)
        for name, component in schemas.items()
        for field, schema in component.get("properties", {}).items()
        if not schema.get("description") and "$ref" not in schema
    }
    assert without == set()
    assert {name for name, schema in schemas.items() if not schema.get("description")} == set()


def test_every_tag_is_described_and_used(document):
    used = {tag for _name, operation in operations(document) for tag in operation["tags"]}
    assert {tag["name"] for tag in document["tags"] if tag["description"]} == used
    assert set(descriptions.TAGS) == used


def test_no_description_is_left_over(document):
    used = {
        (field, schema.get("description"))
        for component in document["components"]["schemas"].values()
        for field, schema in component.get("properties", {}).items()
    }
    left = [
        name
        for name, words in descriptions.FIELDS.items()
        if (name.rpartition(".")[2], words) not in used
    ]
    assert left == []
    assert set(descriptions.COMPONENTS) <= set(document["components"]["schemas"])


@pytest.mark.long
@pytest.mark.parametrize(
    ("contact", "described"),
    [
        ("", {"name": "A secretariat"}),
        ("desk@example.org", {"name": "A secretariat", "email": "desk@example.org"}),
        ("https://example.org/us", {"name": "A secretariat", "url": "https://example.org/us"}),
    ],
)
def test_the_document_says_whom_to_ask(settings, contact, described):
    settings.SITE_OPERATOR, settings.SITE_CONTACT = "A secretariat", contact
    assert APIClient().get("/api/v1/schema/").json()["info"]["contact"] == described


@pytest.mark.long
def test_the_document_is_not_sent_again_to_whoever_has_it(api):
    first = api().get("/api/v1/schema/")
    again = api().get("/api/v1/schema/", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_a_parameter_is_described_by_what_it_means_on_its_own_list(document):
    kinds = {
        path: item["description"]
        for path in ("commitments", "forums")
        for item in document["paths"][f"/api/v1/{path}/"]["get"]["parameters"]
        if item["name"] == "kind"
    }
    assert kinds == {"commitments": "Kinds of commitment.", "forums": "Kinds of forum."}


def test_every_object_has_a_description_of_its_own(document):
    names = defaultdict(set)
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema and not name.startswith("Paginated"):
            names[schema.get("description")].add(re.sub("^Patched|Request$", "", name))
    assert names[None] == set()
    assert {name for name, same in names.items() if len(same) > 1} == set()


def test_public_reads_are_described_as_open_to_everyone(document):
    closed = [
        name
        for name, operation in operations(document)
        if name.startswith("GET ")
        and name.removeprefix("GET ") not in PRIVATE
        and operation.get("security", [{}])
        and {} not in operation.get("security", [{}])
    ]
    assert closed == []


def test_closed_lists_are_described_with_their_codes(document):
    parameters = {
        item["name"]: item["schema"]
        for item in document["paths"]["/api/v1/commitments/"]["get"]["parameters"]
    }
    schemas = document["components"]["schemas"]
    assert parameters["freshness"]["items"] == {"$ref": "#/components/schemas/Freshness"}
    assert set(schemas["Freshness"]["enum"]) == {"current", "due", "lapsed", "settled"}
    assert parameters["kind"]["type"] == "array"
    level = parameters["evidence_level_min"]
    assert (level["type"], level["minimum"], level["maximum"]) == ("integer", 0, 3)
    assert (parameters["as_of"]["format"], parameters["known_at"]["format"]) == (
        "date",
        "date-time",
    )


# The shapes of texts in requests, with the number of characters in one language.
TEXTS = {"TextRequest": 20_000, "TitleRequest": 500, "PublisherNameRequest": 300}


def test_what_may_be_sent_is_described_as_it_is_read(document):
    shapes = document["components"]["schemas"]
    closed = {name for name, shape in shapes.items() if shape.get("additionalProperties") is False}
    assert closed == {name for name, shape in shapes.items() if "Request" in name} - {
        "UpdateOrUpdatesRequest",
        *TEXTS,
    }


def test_a_text_is_described_as_words_by_language_tag_and_taken_as_plain_words_too(document):
    shapes = document["components"]["schemas"]
    for name, longest in TEXTS.items():
        by_language, plain = shapes[name]["anyOf"]
        words = {"type": "string", "maxLength": longest}
        assert by_language["additionalProperties"] == plain == words
    shown = shapes["Text"]
    assert (shown["type"], shown["additionalProperties"]) == ("object", {"type": "string"})
    for text in (by_language, shown):
        assert (text.get("required"), text.get("properties")) == (None, None)
        described = re.compile(text["propertyNames"]["pattern"])
        for tag in ("en", "zh", "zh-Hans", "pt-BR", "es-419", "sr-Latn-RS", "yue"):
            assert described.search(tag), tag
        for other in ("", "english", "EN", "en_GB", "en-", "zh-hans"):
            assert not described.search(other), other


def test_what_cannot_be_created_from_nothing_needs_a_body(document):
    needed = {
        operation["operationId"]
        for _name, operation in operations(document)
        if operation.get("requestBody", {}).get("required")
    }
    adding = {"updates_add_evidence", "updates_add_file"}
    assert needed == {"auth_tokens_create", "evidence_archive", "updates_create", *adding, *BULK}


def test_a_parameter_without_which_there_is_no_answer_is_required(document):
    parameters = document["paths"]["/api/v1/status/trend/"]["get"]["parameters"]
    assert {item["name"] for item in parameters if item.get("required")} == {"by", "plan"}


@pytest.mark.long
def test_every_operation_may_answer_that_a_token_is_none(db, document, api):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names = {
                "code": "PLAN",
                "subject_type": "plan",
                "key": "PLAN",
                "tile": "0/000",
                "slug": "not-found",
                "table": "updates",
                "quarter": "2026-Q2",
            }
            address = path.format(id=1, **names)
            answer = getattr(api(), method)(address, headers={"Authorization": "Token none"})
            assert answer.status_code == 401
            assert "401" in operation["responses"], (method, path)


def test_the_index_names_every_place_that_can_be_read_without_a_name_in_its_address(api, document):
    places = {path for path, methods in document["paths"].items() if "{" not in path}
    places -= {f"{API}updates/{name.rpartition('_')[2]}/" for name in BULK}
    named = {
        address.removeprefix("http://testserver") for address in api().get(API).json().values()
    }
    assert named == (places | UNDESCRIBED) - {API, "/api/v1/auth/logout/"}


def test_limits_in_words_are_those_of_the_code(document):
    said = {op["operationId"]: op["description"] for _name, op in operations(document)}
    schemas = document["components"]["schemas"]
    for name in BULK:
        assert f" up to {MAX_BULK_ACTIONS} " in said[name]
    assert f"A list of up to {MAX_PAGE_SIZE} drafts" in said["updates_create"]
    assert f"at most {MAX_QUEUE_ROWS} in each" in schemas["Waiting"]["description"]
    assert f"at most {TILE_WIDTH}" in said["ledger_tile"]
    [key] = [
        row["description"]
        for _name, op in operations(document)
        if op["operationId"] == "updates_create"
        for row in op["parameters"]
        if row["name"] == "Idempotency-Key"
    ]
    assert f"within {RESPONSE_LIFETIME / timedelta(hours=1):.0f} hours" in key
