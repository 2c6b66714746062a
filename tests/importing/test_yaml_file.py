"""Plan files are strict YAML: errors are explained, and values are not guessed as in YAML 1.1."""

import copy

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commitments.exceptions import PlanFileError
from commitments.importing import plan_file
from tests.examples import examples

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

PLAN = """\
format: 1
plan:
  code: TOWN
  languages: [en]
  title: {en: Town plan}
  time_zone: UTC
commitments:
- number: A.1
  title: {en: Build}
  text: {en: Build it.}
  kind: deliverable
"""
# Examples may share `tmp_path` and the database: each overwrites one file and writes no row.
many = settings(
    deadline=None,
    max_examples=examples(150),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plan.yaml"


@pytest.fixture
def read(path):
    def read(content):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return plan_file.read_plan_file(str(path)).value

    return read


def test_the_plan_of_these_tests_is_valid(read):
    assert read(PLAN)["commitments"][0]["number"] == "A.1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "null is not of type object", id="empty"),
        pytest.param("# to be written\n", "null is not of type object", id="only a remark"),
        pytest.param("- format: 1\n", '[{"format": 1}] is not of type object', id="a list"),
        pytest.param("a plan", '"a plan" is not of type object', id="a string"),
        pytest.param("3.14", "3.14 is not of type object", id="a number"),
    ],
)
def test_a_file_that_holds_no_mapping_is_refused(read, content, message):
    with pytest.raises(PlanFileError) as refusal:
        read(content)
    [problem] = refusal.value.problems
    assert (problem.place, problem.message) == ("", message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("format: [1", "is not YAML", id="bracket left open"),
        pytest.param("format: 1\n\tplan: x\n", "is not YAML", id="tab as indent"),
        pytest.param("format: 'one\n", "is not YAML", id="quote left open"),
        pytest.param(PLAN + "---\n" + PLAN, "single document", id="two documents"),
        pytest.param(PLAN + "  due: !!python/name:os.system\n", "is not YAML", id="Python tag"),
        pytest.param(PLAN + "  due: !day today\n", "“!day”|'!day'", id="unknown tag"),
        pytest.param(PLAN + "  <<: {due_on: x}\n", "is not YAML", id="merge key"),
        pytest.param("format: !!omap [{[1]: 2}]", "cannot be used", id="a list as key of a pair"),
        pytest.param(b"format: \x00", "is not YAML", id="NUL"),
        pytest.param("{a: " * 2000 + "}" * 2000, "is not YAML", id="endless nesting"),
        pytest.param(b"\xffformat: 1", r"is not UTF-8 \(byte 0\)", id="not UTF-8"),
        pytest.param("title: 计划".encode("gb18030"), r"is not UTF-8 \(byte 7\)", id="GB 18030"),
        pytest.param("format: 1".encode("utf-16"), "is not UTF-8", id="UTF-16"),
    ],
)
def test_what_is_no_yaml_is_refused_with_the_name_of_the_file(read, path, content, message):
    with pytest.raises(PlanFileError, match=message) as refusal:
        read(content)
    assert str(refusal.value).startswith(str(path))


@pytest.mark.parametrize(
    ("content", "key", "line"),
    [
        ("format: 1\n" + PLAN, "format", 2),
        (PLAN + "  kind: standing\n", "kind", 12),
        (PLAN.replace("{en: Build}", "{en: Build, en: Build}"), "en", 9),
    ],
)
def test_a_key_given_twice_is_refused_with_its_line(read, content, key, line):
    with pytest.raises(PlanFileError) as refusal:
        read(content)
    [problem] = refusal.value.problems
    assert str(problem).startswith(f"plan.yaml:{line}:")
    assert str(problem).endswith(f": the key “{key}” occurs twice")


def test_every_key_that_is_refused_is_named_among_the_other_errors_in_the_order_of_the_file(read):
    with pytest.raises(PlanFileError) as refusal:
        read("format: 1\n" + PLAN.replace("code: TOWN", "code: town") + "  9.1: x\n")
    assert [str(problem).partition(": ")[0] for problem in refusal.value.problems] == [
        "plan.yaml:2:1",
        "plan.yaml:4:3",
        "plan.yaml:13:3",
    ]


def test_a_file_that_is_not_there_is_refused(path):
    with pytest.raises(PlanFileError, match="No such file") as refusal:
        plan_file.read_plan_file(str(path))
    assert str(path) in str(refusal.value)


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(PlanFileError, match="Is a directory"):
        plan_file.read_plan_file(str(tmp_path))


def test_a_byte_order_mark_is_no_part_of_the_plan(read):
    assert read("\ufeff" + PLAN) == read(PLAN)


@pytest.mark.parametrize(
    "word",
    [
        *("yes", "no", "on", "off", "Yes", "NO", "On", "OFF", "y", "n", "True", "FALSE"),
        *("2017-03-01", "2017-03-01T10:00:00Z", "A.1", "1e3", "0o17"),
    ],
)
def test_words_that_yaml_1_1_reads_as_something_else_stay_words(read, word):
    document = read(PLAN.replace("en: Town plan", f"en: {word}"))
    assert document["plan"]["title"]["en"] == word


@pytest.mark.parametrize("key", ["yes", "on", "2017-03-01"])
def test_keys_that_yaml_1_1_reads_as_something_else_stay_words(read, key):
    with pytest.raises(PlanFileError) as refusal:
        read(PLAN + f"  {key}: x\n")
    [problem] = refusal.value.problems
    assert problem.message.startswith(f"unknown key “{key}”; ")


def test_a_day_without_quotes_is_read_as_written(read):
    document = read(PLAN.replace("time_zone: UTC", "time_zone: UTC\n  adopted_on: 2017-03-01"))
    assert document["plan"]["adopted_on"] == "2017-03-01"


@pytest.mark.parametrize(
    ("number", "shown"), [("9.1", "9.1"), ("12", "12"), ("~", "null"), ("true", "true")]
)
def test_a_number_without_quotes_is_refused_and_never_guessed_at(read, number, shown):
    with pytest.raises(PlanFileError) as refusal:
        read(PLAN.replace("number: A.1", f"number: {number}"))
    [problem] = refusal.value.problems
    assert problem.place == "commitments[0].number"
    assert problem.message == f"{shown} is not of type string"


@pytest.mark.parametrize("number", ["9.1", "9.10", "1.0", "1e3", "010", "0x1", "12-30"])
def test_a_number_in_quotes_stays_as_it_is_printed(read, number):
    document = read(PLAN.replace("number: A.1", f"number: '{number}'"))
    assert document["commitments"][0]["number"] == number


@pytest.mark.parametrize("spelling", ["1:30", "0132", "0x5A", "0b1011010", "9_0"])
def test_only_decimal_digits_are_a_number(read, spelling):
    """YAML 1.1 reads each of these as 90."""
    with pytest.raises(PlanFileError):
        read(PLAN.replace("time_zone: UTC", f"time_zone: UTC\n  review_interval_days: {spelling}"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("code: TOWN", 'code: "TOWN\\n"'),
        ("number: A.1", 'number: "A.1\\n"'),
        ("{en: Town plan}", '{en: "Town plan\\n"}'),
        ("commitments:", 'forums: [{code: "UN\\n", name: {en: U}, kind: un_body}]\ncommitments:'),
    ],
)
def test_a_code_a_number_or_a_title_does_not_end_in_a_line_break(read, old, new):
    with pytest.raises(PlanFileError):
        read(PLAN.replace(old, new, 1))


@pytest.mark.parametrize("key", ["locality", "plan_number"])
def test_no_text_of_a_plan_holds_a_nul(read, key):
    """PostgreSQL cannot store NUL, so loading it would fail."""
    with pytest.raises(PlanFileError):
        read(PLAN.replace("time_zone: UTC", f'time_zone: UTC\n  {key}: "a\\0b"'))


def test_the_byte_that_is_not_utf8_is_counted_from_the_start_of_the_file(read):
    with pytest.raises(PlanFileError, match=r"\(byte 30002\)"):
        read(b"#" + b"a" * 30_000 + b"\n\xff")


# Any content is either read or refused with PlanFileError


def reads_or_refuses(read, content):
    try:
        document = read(content)
    except PlanFileError:
        return
    assert document.keys() >= {"format", "plan", "commitments"}


@many
@given(content=st.one_of(st.binary(), st.text().map(str.encode)))
def test_random_bytes_are_read_or_refused(read, content):
    reads_or_refuses(read, content)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["en", "code", "number", "UN", "A.1", "2026-01-01", "standing"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars, inner, max_size=3),
    max_leaves=8,
)


def paths(value, path=()):
    """Yield the path of a value and of everything in it."""
    yield path
    if isinstance(value, (dict, list)):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield from paths(value[step], (*path, step))


FULL_PLAN = {
    **yaml.safe_load(PLAN),
    "goals": [{"number": 1, "title": {"en": "Goal"}}],
    "areas": [{"number": 1, "title": {"en": "Area"}}],
    "forums": [{"code": "UN", "name": {"en": "It"}, "kind": "un_body", "parent": "UN"}],
    "offices": [{"code": "WORKS", "name": {"en": "Works"}}],
}
FULL_PLAN["commitments"][0] |= {
    "goal": 1,
    "supporting_goals": [1],
    "area": 1,
    "forums": [{"code": "UN", "quote": {"en": "it"}}],
    "start_on": "2026-01-02",
    "due_on": "2026-01-01",
    "lead_office": "WORKS",
    "supporting_offices": ["WORKS"],
    "milestones": [{"title": {"en": "Step"}, "due_on": "2026-01-01"}] * 2,
}


@many
@given(place=st.sampled_from(sorted(paths(FULL_PLAN), key=str)), value=values, key=scalars)
def test_any_value_anywhere_in_a_plan_is_read_or_refused(read, place, value, key):
    document = copy.deepcopy(FULL_PLAN)
    parent = document
    for step in place[:-1]:
        parent = parent[step]
    if place:
        parent[place[-1]] = value
        if isinstance(parent, dict):
            parent[key] = value
    reads_or_refuses(read, yaml.safe_dump(document if place else value))


@many
@example("{[]: 1}")
@example("!!map x")
@example("!!set x")
@example("!!int x")
@example("!!float x")
@example("!!bool x")
@example("!!timestamp x")
@example("0b_")
@example("0x_")
@example("plan: &a {code: *a}")
@example("&a [*a]")
@given(content=st.text(alphabet="[]{}:,-?!&*'\"|>\n ab01_<=.~%", max_size=40))
def test_random_yaml_is_read_or_refused(read, content):
    reads_or_refuses(read, content)


def test_aliases_are_refused_before_they_are_expanded(path):
    """Each line makes the expanded value ten times larger."""
    lines = ["a0: &a0 x"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 4)]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PlanFileError, match=r"aliases \(\*a0\) are not allowed"):
        plan_file.read_plan_file(str(path))


def test_nesting_beyond_any_use_is_refused(path):
    path.write_text("[" * 60 + "]" * 60, encoding="utf-8")
    with pytest.raises(PlanFileError, match="nested too deeply"):
        plan_file.read_plan_file(str(path))
