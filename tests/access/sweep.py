"""All requests that the API's description and the pages allow, and what the answers reveal of
updates whose texts contain a marker."""

import io
import re
import zipfile
from datetime import timedelta
from itertools import chain

from commitments.choices import Action
from commitments.models import Decision, Evidence
from commitments.pages.urls import urlpatterns as page_routes
from tests.steps import NOW, TODAY

WORD = "zqxmark"
HOUR = timedelta(hours=1)
# Times at which updates are published, one is superseded, and all are retracted.
BEFORE, BETWEEN, AFTER = NOW + HOUR, NOW + 3 * HOUR, NOW + 6 * HOUR


class Requests:
    """All requests that the OpenAPI document allows, with values that concern the updates."""

    def __init__(self, client, updates):
        self.document = client.get("/api/v1/schema/").json()
        evidence = Evidence.objects.filter(update__in=[row.pk for row in updates])
        ids = [str(row.pk) for row in updates]
        self.fill = {
            "plans": ["PLAN"],
            "forums": [f"{WORD}-FORUM".upper()],
            "offices": ["OFFICE"],
            "commitments": ["PLAN-1.1"],
            "updates": ids,
            "evidence": [str(row.pk) for row in evidence],
        }
        # For paths of other resources, every value that may identify something.
        entries = [str(row.seq) for row in Decision.objects.all()]
        self.anything = list(dict.fromkeys(chain(*self.fill.values(), entries)))

    def addresses(self, reading):
        """Yield every path with the parameters of its GET."""
        for path, methods in self.document["paths"].items():
            if "get" not in methods and reading:
                continue
            place = path.removeprefix("/api/v1/").partition("/")[0]
            parameters = methods.get("get", {}).get("parameters", [])
            query = {item["name"]: item["schema"] for item in parameters if item["in"] == "query"}
            for value in self.fill.get(place, self.anything) if "{" in path else [""]:
                yield re.sub(r"\{\w+\}", value, path), query
        if reading:
            yield from (("/api/v1/schema/", {}), ("/api/v1/docs/", {}))
            yield from self.pages()

    def pages(self):
        """Yield every public page in both languages."""
        names = {"plan": "PLAN", "number": "1.1", "seq": "1", "token": "1:x", "pk": "1"}
        codes = {"forums": f"{WORD}-FORUM".upper(), "offices": "OFFICE"}
        clocks = {name: {"format": "date-time"} for name in ("as_of", "known_at")}
        clocks["as_of"] = {"format": "date"}
        for entry in page_routes:
            route = str(entry.pattern)
            code = next((codes[kind] for kind in codes if f"/{kind}/" in route), "")
            fill = names | {"code": code}
            place = re.sub(r"<(?:\w+:)?(\w+)>", lambda name, fill=fill: fill[name[1]], route)
            for language in ("en", "zh-hans"):
                yield f"/{language}/{place}", clocks

    def queries(self, parameters):
        """Yield each parameter with each of its values, now and as known at an earlier time."""
        plan = {"plan": "PLAN"} if "plan" in parameters else {}
        yield {}
        for time in (BEFORE, BETWEEN, AFTER) if "known_at" in parameters else ():
            yield plan | {"known_at": time.isoformat()}
        for name, schema in parameters.items():
            for value in values_of(name, schema):
                yield plan | {name: value}
                if "known_at" in parameters and name != "known_at":
                    yield plan | {"known_at": BEFORE.isoformat(), name: value}
        for form in ("csv", "xlsx", "ogp", "json", "api", "atom"):
            yield plan | {"format": form}
            if "known_at" in parameters:
                yield plan | {"known_at": BEFORE.isoformat(), "format": form}

    def words(self, parameters):
        """Yield the names of the parameters that take any text."""
        for name, schema in parameters.items():
            single = schema.get("items", schema)
            if single.get("type") == "string" and not {"enum", "format"} & set(single):
                yield name


def values_of(name, schema):
    schema = schema.get("items", schema)
    if "enum" in schema:
        return schema["enum"]
    if schema.get("format") == "date":
        return [str(TODAY - timedelta(days=30)), str(TODAY)]
    if schema.get("format") == "date-time":
        return [time.isoformat() for time in (BEFORE, BETWEEN, AFTER)]
    if schema.get("type") == "integer":
        return [1, 200]
    return {"plan": ["PLAN"], "commitment": ["PLAN-1.1"], "office": ["OFFICE"]}.get(name, [])


def text_of(answer):
    """Return the headers and the body of a response, with the content of a ZIP file."""
    assert answer.status_code < 500
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    texts = [f"{name}: {value}" for name, value in answer.headers.items()]
    texts.append(body.decode(errors="replace"))
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            texts += [packed.read(name).decode(errors="replace") for name in packed.namelist()]
    return "\n".join(texts)


def secrets_of(updates):
    """Return the secrets that contain no marker: names and digests of files, and the salts of
    digests of texts and names."""
    secrets = []
    for update in updates:
        secrets.append(update.internal_salt)
        for row in update.evidence.exclude(file=""):
            secrets += [row.file.name, row.file_sha256]
        for decision in update.decisions.all():
            secrets.append(decision.actor_salt)
            if decision.action not in (Action.RETRACT, Action.SUPERSEDE):
                secrets.append(decision.note_salt)
    return secrets


def secrets_in(text, address, secrets):
    text = text.lower()
    words = set(re.findall(rf"{WORD}-\w+(?:-\w+)?", text))
    # The name of the forum is public.
    if "/forums/" in address:
        words.discard(f"{WORD}-forum")
    return words | {secret for secret in secrets if secret in text}


def sweep(client, updates):
    """Make all requests. Return the secrets found, each with the requests that reveal it, and the
    addresses that responded with 200. Lists are also followed page by page."""
    requests, secrets = Requests(client, updates), secrets_of(updates)
    revealed, answered = {}, set()

    def search(answer, method, address, query):
        for word in secrets_in(text_of(answer), address, secrets):
            revealed.setdefault(word, []).append((method, address, query))

    for address, parameters in requests.addresses(reading=True):
        for query in requests.queries(parameters):
            answer = client.get(address, query)
            search(answer, "GET", address, query)
            answered |= {address} if answer.status_code == 200 else set()
        search(client.head(address), "HEAD", address, {})
        next_page = f"{address}?page_size=1" if "page_size" in parameters else None
        while next_page:
            answer = client.get(next_page)
            search(answer, "GET", next_page, {})
            next_page = answer.json().get("next")
    for address, _parameters in requests.addresses(reading=False):
        search(client.options(address), "OPTIONS", address, {})
    return revealed, answered
