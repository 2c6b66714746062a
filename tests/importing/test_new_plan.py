"""`manage.py new_plan CODE FILE`: a commented plan file to start from."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from commitments.importing.new_plan import TEMPLATE
from commitments.importing.schemas import schema_documents
from commitments.models import Plan
from tests.full_disk import no_room

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


PARTS = ["goals", "areas", "forums", "offices"]


def parts(name):
    """Return the keys that a part of a plan file can have."""
    return schema_documents()["plan.schema.json"]["$defs"][name]["properties"].keys()


@pytest.fixture
def new_plan(tmp_path):
    path = tmp_path / "plan.yaml"

    def new_plan(code="TOWN", **options):
        call_command("new_plan", code, str(path), stdout=StringIO(), **options)
        return path

    return new_plan


@pytest.mark.parametrize("languages", [["en"], ["zh", "en"], ["pt-BR"]])
def test_it_can_be_loaded_as_it_is_as_a_draft(new_plan, languages):
    path = new_plan(languages=languages)
    call_command("load_plan", str(path), stdout=StringIO())
    plan = Plan.objects.get()
    assert (plan.code, plan.languages, plan.visibility) == ("TOWN", languages, "draft")
    assert list(plan.title) == [languages[0]]


def test_it_can_be_loaded_with_all_that_is_optional(new_plan):
    path = new_plan(languages=["en"])
    keys = "|".join({*parts("plan"), *parts("commitment"), *PARTS, "goal", "code", "name"})
    text = re.sub(rf"(?m)^( *)# (?=(- |  )*({keys}|key|members|quote): ?)", r"\1", path.read_text())
    for words in (
        "THE COMMITMENT, VERBATIM.",
        "supporting_goals: [2]\n",
        "supporting_offices: [OTHER-OFFICE]\n",
        "members: [USER-NAME]\n",
    ):
        assert words in text
    text = text.replace("VERBATIM.", "VERBATIM. WORDS.")
    for line in ("supporting_goals: [2]", "supporting_offices: [OTHER-OFFICE]"):
        text = text.replace(line, "")
    text = text.replace("members: [USER-NAME]", "")
    path.write_text(text)
    call_command("load_plan", str(path), stdout=StringIO(), stderr=StringIO())
    commitment = Plan.objects.get().commitments.get()
    assert (commitment.criteria.count(), commitment.milestones.count()) == (2, 1)
    assert str(commitment.due_on) == "2027-12-31"


def test_it_shows_every_key_that_a_plan_file_can_have():
    text = TEMPLATE.read_text(encoding="utf-8")
    rare = {"locality", "plan_number", "parent", "successor_of", "closed_on", "note", "ends_on"}
    for part in ("plan", "goal", "area", "forum", "office", "commitment", "milestone", "criterion"):
        for key in parts(part) - rare:
            assert re.search(rf"\b{key}:", text), key


def test_a_file_that_is_there_stays_as_it_is(new_plan):
    path = new_plan()
    path.write_text("My work.")
    with pytest.raises(CommandError, match="File exists"):
        new_plan()
    assert path.read_text() == "My work."


def test_a_file_without_room_can_be_written_again(new_plan, tmp_path):
    with no_room(), pytest.raises(CommandError, match="File too large"):
        new_plan()
    assert list(tmp_path.iterdir()) == []
    assert new_plan().stat().st_size


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"code": "my plan"}, "my plan: use at most 16 capital letters"),
        ({"code": "T" * 17}, "T: use at most 16 capital letters"),
        ({"languages": ["en", "zh", "en"]}, "en: name each language once"),
        ({"languages": ["klingon"]}, "no known language has the tag “klingon”"),
    ],
)
def test_a_code_or_languages_that_no_plan_can_have_are_refused_before_a_file_is_written(
    new_plan, tmp_path, options, message
):
    with pytest.raises(CommandError, match=message):
        new_plan(**options)
    assert list(tmp_path.iterdir()) == []
