"""Every operation of the OpenAPI document, asked by everybody with what the document allows, and
with what it forbids: each answer is one that it tells of, and what is forbidden is refused.

Left to the document's patterns, schemathesis would meet next to nothing but 401 and 404. So most of
the ids, codes, ETags and members of bodies are those of things that are there, and half of the
time the caller is somebody who may do this to that. Each call's effects are undone.
"""

import os
import secrets
import time
from base64 import b64encode
from collections import Counter, defaultdict
from datetime import timedelta
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest
import schemathesis
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from commitments.choices import State
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.models import AccessToken, Evidence, Partnership, ProgressUpdate, Snapshot
from tests import steps
from tests.api.test_permissions import ACTIONS, PERSONAS, update_in
from tests.examples import QUICK
from tests.factories import AreaFactory, GoalFactory, MilestoneFactory
from tests.files.sample_files import SAMPLES
from tracker.wsgi import application

pytestmark = pytest.mark.long

FROZEN = {
    "quarter": "2026-Q2",
    "known_at": steps.NOW - timedelta(hours=12),
    "made_at": steps.NOW,
    "sha256": "0" * 64,
    "size": 1,
    "content": b"x",
}
PASSWORD = "four eyes are four"
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
# For calls that no run has made before: FUZZ_SEED repeats those of a run that failed. None are made
# under Hypothesis's profile for continuous integration, where a failure shall be the change's.
FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", "120"))
EXAMPLES_PER_SEED = 10
# How often a made-up value gives way to a real one.
MOSTLY = 0.9

# What there is: for parameters of the address, and for members of bodies.
COMMITMENTS = ["PLAN-1.1", "PLAN-1.2", "PLAN-1.3"]
QUERY = {
    "plan": [["PLAN"]],
    "goal": [[1]],
    "serves": [[1]],
    "area": [[1]],
    "forum": [["FORUM"]],
    "office": [["OFFICE"]],
    "commitment": [[code] for code in COMMITMENTS],
    "external_ref": [["taken"]],
    "as_of": ["2024-02-29", "2026-06-30"],
    "known_at": ["2026-06-30T12:00:00Z", "2026-07-01T04:00:00Z"],
    "changed_since": ["2026-06-30T12:00:00+08:00"],
    "seq": [1],
    "page": [1],
    "page_size": [1, 200],
}
BODY = {
    "commitment": COMMITMENTS,
    "effective_on": ["2026-06-30", "2024-02-29"],
    "status": ["active", None],
    "forums": [["FORUM"], []],
    "external_ref": [None, "taken"],
    "corrects": [None],
    "evidence": [[], [steps.STATEMENT, steps.INTERNAL]],
    "title": ["Minutes", "会议记录"],
    "publisher": ["The ministry"],
    "dated_on": ["2026-06-30"],
    "language": ["en", "zh"],
    "url": ["https://example.org/minutes"],
    "citation": [""],
    "archived_url": ["https://archive.example.org/1"],
    "note": ["Because."],
    "expiry": ["2026-12-31T00:00:00Z"],
}


# The world has no dump, no meeting and no plan with second ratings; they have tests of their own.
NOT_THERE = {
    "GET /api/v1/dump/",
    "GET /api/v1/meetings/{id}/",
    "POST /api/v1/updates/{id}/rate/",
}


@pytest.fixture
def people(request, office):
    """By name, all but `anonymous`. The reporter is a member of the office."""
    found = {name: request.getfixturevalue(name) for name in PERSONAS[1:]}
    office.members.add(found["reporter"])
    for person in found.values():
        person.set_password(PASSWORD)
        person.save()
    return found


class World:
    """An update in every state, what there is to find of them, and who is offered what."""

    def __init__(self, people, commitment, api):
        for state in State:
            update_in(state, commitment, people["reporter"], people["reviewer"])
        steps.draft(commitment, people["reporter"], external_ref="taken")
        updates = {str(update.pk): update for update in ProgressUpdate.objects.all()}
        self.evidence = {str(item.pk): str(item.update_id) for item in Evidence.objects.all()}
        self.etags = {pk: f'"{update.revision}"' for pk, update in updates.items()}
        self.places = {
            "plans": ["PLAN"],
            "forums": ["FORUM"],
            "offices": ["OFFICE"],
            "commitments": COMMITMENTS,
            "updates": list(updates),
            "evidence": list(self.evidence),
            "contents": ["PLAN"],
            "ledger": ["0/000.p/1", "entries/000.p/1"],
            "data": ["PLAN"],
        }
        self.query = QUERY | {"cursor": [_cursor(api(), name) for name in ("updates", "ledger")]}
        self.tokens, self.passwords = {}, {}
        self.offered = defaultdict(set)
        for name, person in people.items():
            pair = f"{name}:{PASSWORD}".encode()
            self.tokens[name] = f"Token {steps.token(person)}"
            self.passwords[name] = f"Basic {b64encode(pair).decode()}"
            for row in api(person).get("/api/v1/updates/").json()["results"]:
                for action in row["allowed_actions"]:
                    self.offered[name, action].add(str(row["id"]))
        self.places["auth"] = [str(pk) for pk in AccessToken.objects.values_list("pk", flat=True)]

    def update_of(self, kind, key):
        return self.evidence.get(key) if kind == "evidence" else key

    def who_and_what(self, case, dice):
        """A persona and a key for the path: half of the time such as may do this to that."""
        kind, last = case.path.split("/")[3], case.path.split("/")[-2]
        action = last if last in (*ACTIONS, "archive") else "write"
        every = self.places.get(kind, [None])
        able = [
            (who, key)
            for who in PERSONAS
            for key in every
            if self.update_of(kind, key) in self.offered[who, action]
        ]
        if able and case.method != "GET" and dice.random() < 0.5:
            return dice.choice(able)
        return dice.choice(PERSONAS), dice.choice(every)

    def etag(self, case):
        update = self.update_of(case.path.split("/")[3], case.path_parameters["id"])
        return self.etags.get(update, '"1"')

    def sign(self, case, who):
        asks_for_one = case.path.endswith("/login/") or case.path.endswith("/auth/tokens/")
        signs = self.passwords if case.method == "POST" and asks_for_one else self.tokens
        return {"Authorization": signs[who]} if who in signs else {}


def _cursor(client, name):
    """The cursor of a list's second page."""
    address = client.get(f"/api/v1/{name}/?page_size=1").json()["next"]
    return parse_qs(urlsplit(address).query)["cursor"][0]


@pytest.fixture
def world(people, plan, office_duty, duty, deliverable, forum, api, evidence_folder, ledger_key):
    duty.goal, duty.area = GoalFactory(plan=plan, number=1), AreaFactory(plan=plan, number=1)
    duty.save()
    Partnership.objects.create(commitment=duty, forum=forum)
    MilestoneFactory(commitment=deliverable)
    steps.record_loaded(plan)
    Snapshot(plan=plan, **FROZEN).save()
    world = World(people, office_duty, api)
    world.query["to"] = [sign_checkpoint(ledger_key, steps.NOW).size]
    return world


def make_real(case, key, world, dice):
    """Most of what was made up gives way to what is there; schemathesis then judges anew whether
    the document allows it. Forms it cannot judge: one in a wrong request stays as it is."""
    forbidden = case.meta.is_negative_at
    if case.path_parameters and not forbidden(ParameterLocation.PATH) and dice.random() < MOSTLY:
        # Of what has a content, only plans are asked for by name; a table has a name of its own.
        table = case.path_parameters.get("table")
        named = {"subject_type": "plan", "table": table, "quarter": FROZEN["quarter"]}
        case.path_parameters = {name: named.get(name, key) for name in case.path_parameters}
    if "If-Match" in case.headers and dice.random() < MOSTLY:
        case.headers["If-Match"] = world.etag(case)
    # An address has no nulls: one would be sent as the word, which some parameters allow.
    written = {name: value for name, value in case.query.items() if value is not None}
    case.query = _real(_as_sent(written, case.operation), world.query, dice)
    if case.query and case.meta.generation.mode.is_positive:
        # An answer has the fields that are chosen, and not all that the document says.
        case.query.pop("fields", None)
    if case.body is NOT_SET:
        return
    if case.media_type == "application/json":
        case.body = _real(case.body, BODY, dice)
    if case.media_type == "multipart/form-data" and case.meta.generation.mode.is_positive:
        # Schemathesis names a file by what it begins with, and of office files knows too little.
        case.body = _real(case.body, BODY, dice) | {"file": SAMPLES["picture.png"]}


def _as_sent(query, operation):
    """The query as an address can say it: for an array that is one value, or an object, which is
    sent as its keys, the array that arrives."""
    lists = {row.name for row in operation.query if row.definition["schema"]["type"] == "array"}
    return {
        name: list(value if isinstance(value, dict | list) else [value]) if name in lists else value
        for name, value in query.items()
    }


def _real(value, real, dice, name=None):
    """The value with members, at any depth, of those that are real. Strings are trimmed, as the
    tracker does before it measures them."""
    if name in real and dice.random() < MOSTLY:
        return dice.choice(real[name])
    if isinstance(value, dict):
        return {key: _real(member, real, dice, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_real(item, real, dice) for item in value]
    return value.strip() if isinstance(value, str) else value


def answer(case, headers):
    """The answer to one call, whose effects are undone."""
    with transaction.atomic():
        # What it reads from WSGI it does not unpack.
        plain = {**(headers or {}), "Accept-Encoding": "identity"}
        response = case.call(headers=plain, buffered=True)
        transaction.set_rollback(True)
    return response


def takes_something(operation):
    return bool(operation.path_parameters or operation.query or operation.body)


def examples_for(operation):
    """As many for each way of writing a body. Which ones Hypothesis makes changes with the code, of
    which it uses the constants."""
    return 100 * max(1, len(list(operation.body))) if takes_something(operation) else 5


def ask(operation, mode, world, mix, number=None):
    """Ask an operation as different people; count the answers in `mix`. The calls are always the
    same ones, unless the number of another seed is given: then a few that follow from it."""
    dice = Random(f"{operation.label} {number}" if number else operation.label)

    @(seed(number) if number else lambda function: function)
    @hypothesis_settings(
        max_examples=EXAMPLES_PER_SEED if number else examples_for(operation),
        deadline=None,
        database=None,
        derandomize=number is None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers_as_described(case):
        one, key = world.who_and_what(case, dice)
        make_real(case, key, world, dice)
        for who in [one] if takes_something(operation) else PERSONAS:
            response = answer(case, world.sign(case, who))
            is_form = case.media_type == "multipart/form-data"
            as_form = " (form)" if is_form else ""
            mix[operation.label + as_form][response.status_code] += 1
            refused = mode is GenerationMode.POSITIVE or response.status_code >= 400
            # All that a form sends is text, so that a number for a text is none on arrival.
            refusal = [] if refused or is_form else [negative_data_rejection]
            case.validate_response(response, checks=CHECKS + refusal)

    answers_as_described()


def operations():
    # Who asks is the test's to say: a made-up `Authorization` would be overwritten.
    config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
    document = schemathesis.openapi.from_wsgi("/api/v1/schema/", application, config=config)
    return [found.ok() for found in document.get_all_operations()]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_answers_everybody_as_the_document_says(world, one_connection, mode):
    mix, failures = defaultdict(Counter), []
    with time_machine.travel(steps.NOW, tick=False):
        for operation in operations():
            if mode is GenerationMode.NEGATIVE and not takes_something(operation):
                continue
            try:
                ask(operation, mode, world, mix)
            except (Exception, BaseExceptionGroup) as failure:
                failures.append(f"{operation.label}: {failure}")
    for label, statuses in mix.items():
        print(f"{label:45}", *(f"{code}:{statuses[code]}" for code in sorted(statuses)))
    assert not failures, "\n\n".join(failures)
    beyond = {200, 201, 204} if mode is GenerationMode.POSITIVE else {400, 404}
    unreached = {label for label, statuses in mix.items() if not beyond & set(statuses)}
    assert unreached - NOT_THERE == set()
    assert len(mix) > 30


@pytest.mark.skipif(
    hypothesis_settings.get_current_profile_name() in ("ci", QUICK)
    and "FUZZ_SEED" not in os.environ,
    reason="this profile of Hypothesis makes the same calls every time",
)
def test_calls_that_no_run_has_made_are_answered_as_described(world, one_connection, capsys):
    number = int(os.environ.get("FUZZ_SEED") or secrets.randbelow(2**32) + 1)
    dice, mix, asked = Random(number), defaultdict(Counter), 0
    every = [operation for operation in operations() if takes_something(operation)]
    # The clock of the test stands still.
    end = time.clock_gettime(time.CLOCK_BOOTTIME) + FUZZ_SECONDS
    with time_machine.travel(steps.NOW, tick=False):
        while asked == 0 or time.clock_gettime(time.CLOCK_BOOTTIME) < end:
            operation = dice.choice(every)
            mode = dice.choice([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
            try:
                ask(operation, mode, world, mix, number=dice.randrange(1, 2**32))
            except (Exception, BaseExceptionGroup) as failure:
                pytest.fail(
                    f"{operation.label}: {failure}\n\nAfter {asked} operations; "
                    f"FUZZ_SEED={number} makes the same calls again."
                )
            asked += 1
    calls = sum(sum(counted.values()) for counted in mix.values())
    with capsys.disabled():
        print(f"\n  FUZZ_SEED={number}: {calls} calls in {FUZZ_SECONDS} s, as described")
