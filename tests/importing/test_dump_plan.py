"""`dump_plan` writes the same bytes as the file that was loaded."""

import re
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commitments.importing import plan_dump, plan_file, plan_load, yaml_file
from commitments.models import (
    ActionArea,
    Commitment,
    Criterion,
    Decision,
    Forum,
    KnownDate,
    Milestone,
    Office,
    Partnership,
    Plan,
    PlanFile,
    RecordedContent,
    StrategicGoal,
)
from commitments.texts.visible import is_blank
from tests.examples import examples
from tests.factories import CommitmentFactory, ForumFactory, GoalFactory, OfficeFactory, PlanFactory
from tests.steps import NOW
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

ROOT = Path(__file__).parents[2]
FILES = {
    "ISCC": ROOT / "fixtures" / "iscc" / "plan.yaml",
    "HARBOUR": ROOT / "tests" / "data" / "harbour.yaml",
    "LECTURA": ROOT / "tests" / "data" / "lectura.yaml",
}


def load_plan(file):
    call_command("load_plan", str(file), stdout=StringIO())


def dump_plan(code):
    out = StringIO()
    call_command("dump_plan", code, stdout=out)
    return out.getvalue()


def empty_the_tracker():
    Forum.objects.update(parent=None, successor_of=None)
    for model in (
        RecordedContent,
        Decision,
        KnownDate,
        Milestone,
        Criterion,
        Partnership,
        Commitment,
        PlanFile,
    ):
        model.objects.all().delete()
    for model in (StrategicGoal, ActionArea, Plan, Forum, Office):
        model.objects.all().delete()


@pytest.mark.long
@pytest.mark.parametrize("code", FILES)
def test_a_loaded_plan_is_dumped_as_its_file_byte_for_byte(code):
    load_plan(FILES[code])
    assert dump_plan(code).encode() == FILES[code].read_bytes()


@pytest.mark.long
def test_plans_that_are_loaded_together_do_not_mix():
    for file in FILES.values():
        load_plan(file)
    for code, file in FILES.items():
        assert dump_plan(code).encode() == file.read_bytes()


@pytest.mark.long
@pytest.mark.parametrize("code", FILES)
def test_a_dump_loaded_into_an_empty_tracker_is_dumped_the_same(code, tmp_path):
    load_plan(FILES[code])
    first = dump_plan(code)
    empty_the_tracker()
    copy = tmp_path / "copy.yaml"
    copy.write_bytes(first.encode())
    load_plan(copy)
    assert dump_plan(code) == first


def test_only_a_loaded_plan_can_be_dumped_and_the_loaded_ones_are_named():
    with pytest.raises(CommandError, match=r"There is no plan “NONE”\. Loaded: none\."):
        dump_plan("NONE")
    PlanFactory(code="SECOND")
    PlanFactory(code="FIRST")
    with pytest.raises(CommandError, match=r"Loaded: FIRST, SECOND\."):
        dump_plan("NONE")


def test_what_is_empty_is_left_out():
    plan = PlanFactory(code="PLAN", title=en_zh("A plan"), time_zone="UTC", review_interval_days=30)
    CommitmentFactory(plan=plan, number="1", title=en_zh("", "做"), text=en_zh("", "做。"))
    assert dump_plan("PLAN") == (
        "format: 1\n"
        "plan:\n"
        "  code: PLAN\n"
        "  languages:\n"
        "  - en\n"
        "  - zh\n"
        "  title:\n"
        "    en: A plan\n"
        "  time_zone: UTC\n"
        "  review_interval_days: 30\n"
        "commitments:\n"
        "- number: '1'\n"
        "  title:\n"
        "    zh: 做\n"
        "  text:\n"
        "    zh: 做。\n"
        "  kind: standing\n"
    )


def test_forums_are_dumped_with_what_they_are_part_of_and_what_they_follow():
    """Forums that the plan does not name are left out, even if they belong to one that it names."""
    above = ForumFactory(code="ABOVE")
    before = ForumFactory(code="BEFORE", parent=above)
    named = ForumFactory(code="NAMED", successor_of=before)
    ForumFactory(code="PART", parent=named)
    ForumFactory(code="AFTER", successor_of=named)
    ForumFactory(code="OTHER")
    commitment = CommitmentFactory(plan=PlanFactory(code="PLAN"))
    Partnership.objects.create(commitment=commitment, forum=named)
    dumped = yaml.safe_load(dump_plan("PLAN"))
    assert [forum["code"] for forum in dumped["forums"]] == ["ABOVE", "BEFORE", "NAMED"]


def test_sets_are_dumped_in_order():
    """The order in which a curator added them does not matter."""
    commitment = CommitmentFactory(plan=PlanFactory(code="PLAN"), kind="deliverable")
    for number in (3, 1, 2):
        commitment.supporting_goals.add(GoalFactory(plan=commitment.plan, number=number))
    for code in ("C", "A", "B"):
        commitment.supporting_offices.add(OfficeFactory(code=code))
    for month in (3, 1, 2):
        commitment.milestones.create(
            key=f"m{month}", title=en_zh(f"Month {month}"), due_on=date(2026, month, 1)
        )
    dumped = yaml.safe_load(dump_plan("PLAN"))
    [row] = dumped["commitments"]
    assert row["supporting_goals"] == [1, 2, 3]
    assert row["supporting_offices"] == ["A", "B", "C"]
    assert [step["due_on"] for step in row["milestones"]] == [
        "2026-01-01",
        "2026-02-01",
        "2026-03-01",
    ]
    assert [goal["number"] for goal in dumped["goals"]] == [1, 2, 3]
    assert [office["code"] for office in dumped["offices"]] == ["A", "B", "C"]


def test_criteria_are_dumped_in_their_order_without_those_that_were_replaced():
    commitment = CommitmentFactory(plan=PlanFactory(code="PLAN"))
    for key, position, retired_at in (
        ("b", 1, None),
        ("c", 3, None),
        ("x", 2, NOW),
        ("a", 2, None),
    ):
        commitment.criteria.create(
            key=key, position=position, text=en_zh(key), added_at=NOW, retired_at=retired_at
        )
    [row] = yaml.safe_load(dump_plan("PLAN"))["commitments"]
    assert row["criteria"] == [{"key": key, "text": {"en": key}} for key in "bac"]


# Random plans, as `dump_plan` writes them


def is_read(words):
    return not is_blank(words)


# A file must not contain control characters or the line breaks that only YAML has.
CHARACTERS = st.characters(
    exclude_categories=("Cc", "Cs", "Zl", "Zp"), include_characters="\N{ZERO WIDTH NO-BREAK SPACE}"
)
LINES = st.one_of(
    st.sampled_from(["yes", "NO", "9.1", "2026-01-01", "null", "~", "1e3", "0x1", "a: b", "# c"]),
    st.text(CHARACTERS, min_size=1, max_size=12).map(str.rstrip).filter(is_read),
)
PASSAGES = st.one_of(
    LINES,
    st.text(CHARACTERS | st.sampled_from("\n\t "), min_size=1, max_size=30)
    .map(str.rstrip)
    .filter(is_read),
    st.text("ab ，。\n\t'\":-#", min_size=1, max_size=200).map(str.rstrip).filter(is_read),
)
DAYS = st.dates(min_value=date(1900, 1, 1)).map(date.isoformat)
TAGS = ["en", "zh", "es", "ar", "zh-Hant", "pt-BR", "es-419"]
CODES = st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,8}", fullmatch=True)
NUMBERS = st.from_regex(r"[0-9A-Za-z二（][0-9A-Za-z.()-]{0,5}二?", fullmatch=True).filter(
    re.compile("[0-9A-Za-z二]").search
)
KEYS = st.from_regex(r"[a-z][a-z0-9]{0,9}", fullmatch=True)
LANGUAGES = st.lists(st.sampled_from(TAGS), min_size=1, max_size=4, unique=True)


def texts_in(languages, words):
    """Return texts in some of the languages, in their order."""
    chosen = st.dictionaries(st.sampled_from(languages), words, min_size=1)
    return chosen.map(lambda text: {tag: text[tag] for tag in languages if tag in text})


# Forums and offices belong to no plan: their names may be in any languages, in any order.
ADDRESSES = ["https://www.wikidata.org/wiki/Q1065", "https://example.org/a?b=c#d"]
NAMES = st.dictionaries(st.sampled_from(TAGS), LINES, min_size=1)


def filled(value):
    return {key: item for key, item in value.items() if item not in (None, [], {})}


def optional(strategy):
    return st.none() | strategy


@st.composite
def commitments(draw, number, languages, goals, areas, forums, offices):
    lines, passages = texts_in(languages, LINES), texts_in(languages, PASSAGES)
    text = draw(passages)
    kind = draw(st.sampled_from(["deliverable", "standing"]))
    start, due = sorted(draw(st.tuples(DAYS, DAYS)))
    chosen = draw(st.lists(st.sampled_from(goals), unique=True)) if goals else []
    working = draw(st.lists(st.sampled_from(offices), unique=True)) if offices else []
    partners = draw(st.lists(st.sampled_from(forums), unique=True)) if forums else []
    quotable = {
        key: words
        for key, value in text.items()
        if (words := value[:3].rstrip()).isprintable() and is_read(words)
    }
    quotes = optional(st.just(quotable)) if quotable else st.none()
    keys = draw(st.just([]) | st.lists(KEYS, min_size=2, max_size=6, unique=True))
    within = st.dates(date.fromisoformat(start), date.fromisoformat(due)).map(date.isoformat)
    steps = st.lists(st.tuples(KEYS, lines, within), max_size=3, unique_by=lambda step: step[0])
    return filled(
        {
            "number": number,
            "area": draw(st.sampled_from(areas)) if areas and draw(st.booleans()) else None,
            "title": draw(lines),
            "text": text,
            "kind": kind,
            "kind_reason": draw(optional(passages)),
            "goal": chosen[0] if chosen else None,
            "goal_reason": draw(optional(passages)) if chosen else None,
            "supporting_goals": sorted(chosen[1:]),
            "forums": [filled({"code": code, "quote": draw(quotes)}) for code in partners],
            "criteria": [
                filled({"key": key, "text": draw(lines), "quote": draw(quotes)}) for key in keys
            ],
            "criteria_reason": draw(optional(passages)),
            "note": draw(optional(passages)),
            "start_on": draw(optional(st.just(start))),
            "due_on": draw(optional(st.just(due))) if kind == "deliverable" else None,
            "ends_on": draw(optional(st.just(due))) if kind == "standing" else None,
            "lead_office": working[0] if working else None,
            "supporting_offices": sorted(working[1:]),
            "milestones": [
                {"key": key, "title": title, "due_on": due_on}
                for key, title, due_on in sorted(draw(steps), key=lambda step: step[2])
            ],
        }
    )


@st.composite
def documents(draw):
    """Draw the content of a plan file whose forums and offices all belong to a commitment."""
    languages = draw(LANGUAGES)
    lines, passages = texts_in(languages, LINES), texts_in(languages, PASSAGES)
    goals = list(range(1, draw(st.integers(1, 4))))
    areas = list(range(1, draw(st.integers(1, 3))))
    forums = draw(st.lists(CODES, max_size=4, unique=True))
    offices = sorted(draw(st.lists(CODES, max_size=3, unique=True)))
    numbers = draw(st.lists(NUMBERS, min_size=1, max_size=3, unique=True))
    parts = (languages, goals, areas, forums, offices)
    rows = [draw(commitments(number, *parts)) for number in numbers]
    named = {partner["code"] for row in rows for partner in row.get("forums", [])}
    at_work = {row.get("lead_office") for row in rows}
    at_work |= {code for row in rows for code in row.get("supporting_offices", [])}
    forums = [code for code in forums if code in named]
    kinds = st.sampled_from(["un_body", "dialogue", "bilateral"])
    return filled(
        {
            "format": 1,
            "plan": filled(
                {
                    "code": draw(st.from_regex(r"[A-Z][A-Z0-9_]{0,15}", fullmatch=True)),
                    "languages": languages,
                    "title": draw(lines),
                    "issuer": draw(optional(lines)),
                    "adopted_on": draw(optional(DAYS)),
                    "time_zone": draw(st.sampled_from(["UTC", "Asia/Shanghai"])),
                    "review_interval_days": draw(st.integers(1, 36500)),
                    "notice": draw(optional(passages)),
                    "licence": draw(optional(passages)),
                    "licence_url": draw(optional(st.just("https://example.org/terms"))),
                    "locality": draw(optional(LINES)),
                    "plan_number": draw(optional(LINES)),
                }
            ),
            "goals": [
                filled(
                    {
                        "number": number,
                        "title": draw(lines),
                        "text": draw(optional(passages)),
                    }
                )
                for number in goals
            ],
            "areas": [{"number": number, "title": draw(lines)} for number in areas],
            "forums": [
                filled(
                    {
                        "code": code,
                        "name": draw(NAMES),
                        "kind": draw(kinds),
                        "parent": draw(optional(st.sampled_from(forums[index + 1 :])))
                        if forums[index + 1 :]
                        else None,
                        "successor_of": draw(optional(st.sampled_from(forums[index + 1 :])))
                        if forums[index + 1 :]
                        else None,
                        "same_as": sorted(draw(st.sets(st.sampled_from(ADDRESSES)))),
                    }
                )
                for index, code in enumerate(forums)
            ],
            "offices": [{"code": code, "name": draw(NAMES)} for code in offices if code in at_work],
            "commitments": rows,
        }
    )


@pytest.mark.alike
def test_characters_of_all_planes_are_written_as_they_are():
    assert yaml_file.dump_yaml({"zh": "𠮷田 🐟"}) == "zh: 𠮷田 🐟\n"


def document_with_title(title, text="做。"):
    row = {"number": "1", "title": {"zh": title}, "text": {"zh": text}, "kind": "standing"}
    plan = {"code": "T", "languages": ["zh"], "title": {"zh": "一"}, "time_zone": "UTC"}
    return {"format": 1, "plan": plan | {"review_interval_days": 1}, "commitments": [row]}


@pytest.mark.long
@settings(
    deadline=None,
    max_examples=examples(30),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(document_with_title("\ufeffmark", "mark\ufeff"))
@example(document_with_title(" spaces", " \n a \n\n\tb\n\nc"))
@given(document=documents())
def test_any_plan_comes_out_as_it_went_in(tmp_path, document):
    path = tmp_path / "plan.yaml"
    file = yaml_file.dump_yaml(document)
    path.write_text(file, encoding="utf-8")
    with transaction.atomic():
        plan = plan_load.load_plan(plan_file.read_plan_file(str(path)).value, at=NOW).plan
        dumped = plan_dump.dump_plan(plan)
        again = plan_load.load_plan(plan_file.read_plan_file(str(path)).value, at=NOW).plan
        transaction.set_rollback(True)
    assert again == plan
    assert dumped == file
    path.write_bytes(dumped.encode())
    with transaction.atomic():
        reread = plan_file.read_plan_file(str(path)).value
        assert reread == document
        assert plan_dump.dump_plan(plan_load.load_plan(reread, at=NOW).plan) == dumped
        transaction.set_rollback(True)
    assert yaml.safe_load(dumped) == document, "another reader of YAML reads it the same"
