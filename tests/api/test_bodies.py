"""JSON as no good client sends it, to every operation that writes: it is refused with a problem
detail, and nothing is written. All else of a request is right: token, ETag, state of the update."""

import gzip
import io
import json
from itertools import cycle, product
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.api.bodies import ACTIONS, OPERATIONS, SHAPES, caller, good, shape
from tests.api.problem_details import problem
from tests.documents import everything
from tests.examples import examples, some

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]


@pytest.fixture
def call(served, duty, forum, reporter, reviewer, evidence_folder):
    return caller(served, duty, reporter, reviewer)


def beside(member):
    """The same with one more member in its first object."""
    return lambda text: text.replace("{", "{" + member + ", ", 1)


def wrongly_answered(answers, status):
    """Of answers by name, those that are no proper refusal."""
    wrong = {}
    for name, answer in answers:
        try:
            problem(answer, status)
        except AssertionError as error:
            wrong[name] = str(error)[:300]
    return wrong


@pytest.mark.long
@pytest.mark.sampled
def test_each_operation_takes_its_good_body_whatever_charset_it_names(call):
    """It is read as UTF-8, as JSON is."""
    for operation in some(OPERATIONS, shape):
        for charset in ("", "; charset=utf-16", "; charset=hex"):
            answer = call(operation, good(operation), f"application/json{charset}")
            assert answer.status_code in (200, 201), (operation, answer.content)


# What makes any JSON body a bad one: of its text, the text or bytes that are sent instead.
SPOILED = {
    "lists 100,000 deep": lambda text: "[" * 100_000 + "]" * 100_000,
    "objects 100,000 deep": lambda text: '{"a":' * 100_000 + "1" + "}" * 100_000,
    "a member 100,000 deep": beside('"note": ' + "[" * 100_000 + "]" * 100_000),
    "a member 900 deep": beside('"deep": ' + "[" * 900 + "]" * 900),
    "NaN": beside('"note": NaN'),
    "Infinity": beside('"note": -Infinity'),
    "a number of 4,001 digits": beside(f'"corrects": 1{"0" * 4000}'),
    "a number of 5,000 digits": beside(f'"corrects": {"9" * 5000}'),
    "a number beyond all floats": beside('"number": 1e400'),
    "a key twice": lambda text: text.replace("{", "{" + text[text.index('"') : -1] + ", ", 1),
    "an unknown key twice": beside('"a": 1, "a": 1'),
    "a lone surrogate": beside('"note": "\\ud800"'),
    "a lone surrogate in a key": beside('"\\udfff": 1'),
    "NUL in a key": beside('"note\\u0000": "x"'),
    "a bare NUL": beside('"note": "a\0b"'),
    "a bare line break": beside('"note": "a\nb"'),
    "an invisible key": beside('"\\u200b": "x"'),
    "a key from right to left": beside('"\\u202eeton": "x"'),
    "a key of another script": beside('"nоte": "x"'),
    "a single quote": lambda text: text.replace('"', "'"),
    "a comma too many": lambda text: text.replace("}", ",}", 1),
    "a comment": lambda text: text + " // done",
    "two values": lambda text: text + text,
    "cut short": lambda text: text[:-1],
    "UTF-16 with its mark": lambda text: text.encode("utf-16"),
    "UTF-16 without": lambda text: text.encode("utf-16-le"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "a byte order mark": lambda text: text.encode("utf-8-sig"),
    "Latin-1": lambda text: beside('"note": "é"')(text).encode("latin-1", "ignore"),
    "cut within a character": lambda text: beside('"note": "é"')(text).encode()[:-1] + b"\xe4\xbd",
    "an overlong NUL": lambda text: text.encode().replace(b'"', b'"\xc0\x80', 1),
    "a surrogate as UTF-8": lambda text: text.encode().replace(b'"', b'"\xed\xa0\x80', 1),
    "compressed": lambda text: gzip.compress(text.encode()),
    "null": lambda text: "null",
    "true": lambda text: "true",
    "a number": lambda text: "0",
    "a string": lambda text: '"note"',
    "an empty list": lambda text: "[]",
    "a list of null": lambda text: "[null]",
    "a list of lists": lambda text: "[[]]",
    "spaces": lambda text: "   ",
}


@pytest.mark.long
def test_a_body_that_is_no_plain_json_object_is_refused_and_nothing_is_written(call, stored):
    before, files, actions = everything(), stored(), cycle(ACTIONS)
    answers = (
        ((operation, name), call(operation, spoil(good(operation))))
        for name, spoil in SPOILED.items()
        for operation in (*SHAPES, next(actions))
    )
    assert wrongly_answered(answers, 400) == {}
    assert (everything(), stored()) == (before, files)


@pytest.mark.long
@pytest.mark.sampled
def test_a_body_of_ten_megabytes_is_too_large_and_the_refusal_says_what_is_taken(call):
    for operation in some(OPERATIONS, shape):
        for body in (beside(f'"note": "{"x" * 10_000_000}"')(good(operation)), " " * 10_000_000):
            found = problem(call(operation, body), 413)
            assert found["detail"].endswith("at most 2.5 MB is allowed, not counting files.")


CONTENT_TYPES = [
    "application/x-www-form-urlencoded",
    "text/plain",
    "text/json; charset=utf-8",
    "application/vnd.api+json",
    "application/json, text/plain",
    "multipart/mixed; boundary=xx",
    "application",
    "\xe9",
    ";",
    "",
]


@pytest.mark.long
def test_another_content_type_is_refused_whatever_the_body(call):
    actions = cycle(ACTIONS)
    answers = (
        ((operation, content_type), call(operation, good(operation), content_type))
        for content_type in CONTENT_TYPES
        for operation in (*SHAPES, next(actions))
    )
    assert wrongly_answered(answers, 415) == {}


@pytest.mark.long
@pytest.mark.sampled
def test_a_body_with_a_content_encoding_is_refused_as_such(call):
    for operation in some(OPERATIONS, shape):
        for coding in ("gzip", "br", "gzip, identity"):
            for body in (gzip.compress(good(operation).encode()), good(operation)):
                answer = call(operation, body, headers={"Content-Encoding": coding})
                assert "Content-Encoding" in problem(answer, 415)["detail"]


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("said", "read", "status"), [(-1, None, 400), (9, -1, 400), (10**30, 0, 413)]
)
def test_a_length_that_is_not_the_bodys_is_refused(call, said, read, status):
    """A server cuts off what is more than was said, and of what is less gives what there is."""
    for operation in some(OPERATIONS, shape):
        body = good(operation).encode()
        lie = {"CONTENT_LENGTH": str(len(body) + said), "wsgi.input": io.BytesIO(body[:read])}
        problem(call(operation, body, **lie), status)


@pytest.mark.sampled
def test_a_body_that_does_not_say_its_length_is_refused(call):
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    for operation in some(OPERATIONS, shape):
        problem(call(operation, good(operation), **chunked), 411)


# Members


LONG = "x" * 20_001
DAYS = """
0000-00-00 0001-00-01 9999-12-32 2026-02-30 2026-13-01 ٢٠٢٦-٠٦-٣٠ ２０２６-０６-３０ 2026-6-30
20260630 2026-W26-2 2026-06-30T00:00:00Z -2026-06-30 26-06-30 30.06.2026 二〇二六年六月三十日
""".split()  # noqa: SIM905
NO_DAYS = [*DAYS, "2026-06-30\n", " 2026-06-30", "2026-06-30\u200b", "", 20260630, 1e400, [], {}]
NO_IDS = [2**63, 2**64, 10**900, -1, 0, 1.0, 1e400, "1", "١", True, [], {}, "\u200b"]
NO_TEXTS = [None, LONG, 1, [], {"en": 1}, {"en": None}, {"fr": "x"}, {"en": LONG}, {"en": "a\0b"}]
NO_TEXTS += ["a\0b", {"en": ["x"]}, {"en": "x", "zh": LONG}, {"en\u200b": "x"}, {"en_GB": "x"}]
NO_CODES = [None, "", "x", "ACTIVE", "active ", "active\u200b", "\u202eevitca", 1, {}, ["active"]]
NO_STRINGS = [1, 1e400, True, [], {}, ["x"], "a\0b"]
NO_NAMES = [1, 1e400, True, [], ["x"], "a\0b", {"en": 1}, {"en": None}, {"english": "x"}]
NO_LINKS = ["x", "//example.org/", "https://", "https://[::1", "https://a b/"]
NO_LINKS += ["javascript:alert(1)", "https://e.org/\0", f"https://e.org/{'x' * 2000}", 1, None, []]

# What no member may be, by its name in the body.
REFUSED = {
    "commitment": [*NO_STRINGS, None, "", "PLAN", "plan-1.1", "PLAN-1.1\u200b", "PLAN-1.١", LONG],
    "effective_on": [*NO_DAYS, None, "9999-12-31", "2026-07-02"],
    "dated_on": NO_DAYS,
    "date_precision": NO_CODES,
    "status": [code for code in NO_CODES if code is not None] + ["unassessed", "completed"],
    "summary": NO_TEXTS,
    "search_note": NO_TEXTS,
    "forums": [None, "FORUM", {}, ["NONE"], ["forum"], [["FORUM"]], [None], [1], ["FORUM\u200b"]],
    "external_ref": [*NO_STRINGS, "", "  ", "x" * 201],
    "corrects": NO_IDS,
    "evidence": [None, "x", {}, 1, [None], [[]], ["x"], [{}], [1e400]],
    "title": [*NO_NAMES, None, {}, "", {"en": ""}, " \t\n\u3000", "x" * 501, {"en": "x" * 501}],
    "publisher": [*NO_NAMES, "x" * 301, {"en": "x" * 301}],
    "language": [*NO_STRINGS, None, "x" * 21, "english", "en_GB", "qq"],
    "kind": NO_CODES,
    "source": NO_CODES,
    "public": [None, 0, 1, 1e400, "true", "false", "", [], {}],
    "url": [*NO_LINKS, "ftp://example.org/"],
    "archived_url": [*NO_LINKS, ""],
    "citation": [*NO_STRINGS, None, LONG],
    "note": [*NO_STRINGS, None, LONG],
}
UNKNOWN = ["id", "state", "author", "Note", "note ", "a/b~c", "a%62", "é", "\u202e", "x" * 5000]


def members(operation):
    body = OPERATIONS[operation][-1]
    return body[0] if isinstance(body, list) else body


def resolved(pointer, body):
    """What a pointer leads to. KeyError, IndexError or ValueError if to nothing."""
    head, *names = pointer.split("/")
    assert head == "#"
    for name in names:
        key = unquote(name).replace("~1", "/").replace("~0", "~")
        body = body[int(key)] if isinstance(body, list) else body[key]
    return body


def refused_members(operation):
    """Each with all its values, or the first ones where they are read as in another operation."""
    last = {"create several": 1, "change": 4, "change evidence": 4}.get(operation)
    return [(name, value) for name in members(operation) for value in REFUSED[name][:last]]


def with_member(operation, name, value):
    """The body with a member of this value, and a pointer to the object that has it."""
    body = OPERATIONS[operation][-1]
    if isinstance(body, list):
        return [{**body[0], name: value}], "#/0"
    return {**body, name: value}, "#"


def text_of(body):
    """JSON cannot say infinity, but a number that is read as one."""
    return json.dumps(body).replace("Infinity", "1e400")


@pytest.mark.long
def test_a_member_that_cannot_be_is_refused_with_a_pointer_to_it(call):
    before, wrong = everything(), []
    for operation in OPERATIONS:
        for name, value in refused_members(operation):
            body, place = with_member(operation, name, value)
            answer = call(operation, text_of(body))
            found = [error["pointer"] for error in answer.json().get("errors", [])]
            right = all(f"{pointer}/".startswith(f"{place}/{name}/") for pointer in found)
            if answer.status_code != 400 or not found or not right:
                wrong.append((operation, name, str(value)[:50], answer.status_code, found))
    assert wrong == []
    assert everything() == before


@pytest.mark.long
def test_an_unknown_key_is_pointed_at_whatever_it_is(call):
    for operation, key in product((*SHAPES, "submit"), UNKNOWN):
        body, _place = with_member(operation, key, "here")
        [error] = problem(call(operation, text_of(body)), 400)["errors"]
        assert resolved(error["pointer"], body) == "here"
        assert "Unknown key" in error["detail"]


TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
NUMBERS = st.integers() | st.floats(allow_nan=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.sampled_from(DAYS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.long
@pytest.mark.sampled
def test_any_value_of_a_member_is_taken_or_refused_with_a_pointer_to_it_or_above(call):
    @hypothesis_settings(
        max_examples=examples(80),
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        where=st.sampled_from([(one, name) for one in OPERATIONS for name in members(one)]),
        value=VALUES,
    )
    def taken_or_refused(where, value):
        operation, name = where
        body, place = with_member(operation, name, value)
        answer = call(operation, text_of(body))
        if answer.status_code in (200, 201):
            return
        assert answer.status_code in (400, 409)
        here = f"{place}/{name}/"
        for error in problem(answer, answer.status_code)["errors"]:
            pointer = f"{error['pointer']}/"
            assert pointer.startswith(here) or here.startswith(pointer)
            resolved(error["pointer"].rpartition("/")[0] or "#", body)

    taken_or_refused()


ODD_TEXTS = ["\u202bשלום\u202c", "a\u200bb", "\ufeffa"]
ODD_TEXTS += ["👩\u200d🔬", "e\u0301", "\u2028a\n", LONG[:-1]]


@pytest.mark.long
def test_a_text_of_any_script_is_kept_as_it_was_sent(call):
    for text in ODD_TEXTS:
        body, _place = with_member("create", "summary", {"en": text, "zh": text})
        assert call("create", text_of(body)).json()["summary"] == {"en": text, "zh": text}


@pytest.mark.parametrize("operation", ["create", "add evidence", "archive"])
def test_no_body_is_refused_with_what_is_required(call, operation):
    pointers = [error["pointer"] for error in problem(call(operation, b""), 400)["errors"]]
    assert pointers
    assert {pointer.removeprefix("#/") for pointer in pointers} <= set(members(operation))
