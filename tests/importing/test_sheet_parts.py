"""Areas, goals and offices that a table names, and columns that contradict each other."""

import csv
from datetime import date
from io import StringIO

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from commitments.curation.recording import ChangeReason, record_edits
from commitments.importing import plan_file
from commitments.models import Commitment, Office, Plan
from tests.documents import everything
from tests.factories import OfficeFactory
from tests.importing.harbour_town import HARBOUR
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PLAN = {
    "code": "TABLE",
    "languages": ["zh", "en"],
    "title": {"en": "A table", "zh": "表"},
    "time_zone": "UTC",
}
ROW = {"number": "1", "kind": "deliverable", "title_en": "Build", "text_en": "Build it."}


@pytest.fixture
def load(tmp_path):
    """`load(rows, base)` loads a table with a plan file of these parts; the text of the plan file
    can be given as it is."""

    def load(*rows, text=None, **parts):
        base = tmp_path / "plan.yaml"
        whole = {"format": 1, "plan": PLAN, **parts}
        base.write_text(text or yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
        path = tmp_path / "table.csv"
        columns = dict.fromkeys(name for row in rows for name in row)
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, list(columns))
            lines.writeheader()
            lines.writerows(rows)
        call_command("load_plan", str(path), base=str(base), stdout=StringIO(), stderr=StringIO())
        return Plan.objects.get()

    return load


@pytest.fixture
def refused(load):
    """`refused(rows, …)` returns what is said of a table that is refused; nothing is loaded."""

    def refused(*rows, **options):
        before = everything()
        with pytest.raises(CommandError) as refusal:
            load(*rows, **options)
        assert everything() == before
        return str(refusal.value)

    return refused


def led_by(*names, **more):
    return [
        {**ROW, "number": str(n), "lead_office_name_en": name, **more}
        for n, name in enumerate(names, 1)
    ]


LONG = "Ministry of Everything That Has To Be Done In The Whole Country"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            (f"{LONG} and at Sea", f"{LONG} and in the Air"),
            f"table.csv:3: commitment 2, lead_office_name: “{LONG} and in the Air” would have the "
            f"same code as “{LONG} and at Sea”",
        ),
        (("Ministry of Trade", "Ministry-of-Trade"), "would have the same code as"),
        (
            ("外交部",),
            "table.csv:2: commitment 1, lead_office_name: no code can be made from the name "
            "“外交部”: add the column “lead_office”",
        ),
    ],
)
def test_no_two_offices_become_one_and_none_is_without_a_code(refused, names, message):
    assert message in refused(*led_by(*names))
    assert not Office.objects.exists()


def test_one_long_name_is_enough_for_a_code(load):
    load(*led_by(LONG, LONG))
    assert [len(row.code) for row in Office.objects.all()] == [60]


def test_with_codes_offices_may_have_any_name(load):
    rows = [{**ROW, "lead_office": "MFA", "lead_office_name_zh": "外交部"}]
    assert str(load(*rows).commitments.get().lead_office.name) == "外交部"


def test_a_name_of_several_offices_is_not_enough(refused):
    for code in ("EAST", "WEST"):
        OfficeFactory(code=code, name=en_zh("Port office"))
    message = (
        "several offices have the name “Port office” (EAST, WEST): add the column “lead_office”"
    )
    said = refused(*led_by("Port office"))
    assert message.replace("have the name", "are named") in said or message in said


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"lead_office": "MFA", "lead_office_name_en": "Ministry of Trade"}, "lead_office_name"),
        ({"area": "1", "area_title_en": "Another area"}, "area_title"),
        ({"goal": "1", "goal_title_en": "Another goal"}, "goal_title"),
        ({"area": "1", "Theme": "Another area"}, "theme"),
        (
            {"supporting_offices": "MFA", "supporting_office_names_en": "Ministry of Trade"},
            "supporting_office_names",
        ),
    ],
)
def test_what_is_there_is_not_renamed_without_a_word(refused, row, column):
    parts = {
        "areas": [{"number": 1, "title": {"en": "Water"}}],
        "goals": [{"number": 1, "title": {"en": "Peace"}}],
        "offices": [{"code": "MFA", "name": {"en": "Ministry of Foreign Affairs"}}],
    }
    said = refused({**ROW, **row}, **parts)
    assert f"table.csv:2: commitment 1, {column}: “" in said
    assert "in the plan; a table names only what it adds" in said


@pytest.mark.parametrize("part", ["area", "goal"])
def test_a_title_needs_the_number_of_what_it_names(refused, part):
    said = refused({**ROW, f"{part}_title_en": "Water", "Theme": "Water"})
    assert f"{part}_title: a title without its number: fill in the column “{part}” too" in said


def test_of_two_areas_with_one_title_none_is_guessed(refused, load):
    areas = [{"number": n, "title": {"en": "Water"}} for n in (1, 2)]
    assert "several areas have the title “Water”" in refused({**ROW, "Theme": "Water"}, areas=areas)
    plan = load({**ROW, "Theme": "Water", "area": "2"}, areas=areas)
    assert plan.commitments.get().area.number == 2


@pytest.mark.parametrize(
    ("row", "one", "other"),
    [
        ({"due_on": "2027-01-01", "x_due_on": "2027-01-02"}, "due_on", "x_due_on"),
        ({"due_on": "2027-01-01", "x_due_on": ""}, "due_on", "x_due_on"),
        ({"due_on": "2027-01-01", "End Date": "2027-01-02"}, "due_on", "End Date"),
        ({"x_title_en": "Wreck"}, "title_en", "x_title_en"),
    ],
)
def test_columns_that_mean_the_same_may_not_differ(refused, row, one, other):
    said = refused({**ROW, **row})
    assert f"The columns “{one}” and “{other}” mean the same and differ." in said
    assert "table.csv:2" in said


def test_columns_that_mean_the_same_and_agree_are_taken(load):
    row = {"due_on": "2027-01-01", "x_due_on": "2027-01-01", "End Date": "2027-01-01"}
    assert str(load({**ROW, **row}).commitments.get().due_on) == "2027-01-01"


def test_the_columns_of_the_partnership_are_in_english_if_the_plan_has_it(load):
    row = {"Commitment Number": "1", "Commitment Title": "Build", "Full Text": "Build it."}
    plan = load({**row, "Theme": "Water", "x_kind": "standing"})
    assert plan.commitments.get().title == {"en": "Build"}
    assert plan.areas.get().title == {"en": "Water"}


# The plan file beside a table


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"areas": "none"}, 'plan.yaml:1:1: areas: "none" is not of type array'),
        ({"areas": [{"title": {"en": "x"}}]}, "plan.yaml:2:3: item 1 of areas: missing: “number”"),
        ({"offices": [{"code": "MFA"}]}, "missing: “name”"),
        ({"plan": {"code": "TABLE"}}, "plan: missing: "),
        ({"colour": "red"}, "plan.yaml:1:1: unknown key “colour”"),
    ],
)
def test_mistakes_in_the_plan_file_are_named_in_that_file(refused, parts, message):
    said = refused(ROW, **parts)
    assert "plan.yaml cannot be used." in said
    assert message in said
    assert "table.csv" not in said


@pytest.mark.parametrize("text", ["", "- 1\n", "plan", "format: 1\nformat: 1\nplan: {}\n"])
def test_what_is_no_plan_file_is_refused_with_its_name(refused, text):
    assert "plan.yaml" in refused(ROW, text=text or "\n")


def test_rows_of_several_plans_are_refused(refused):
    rows = [{**ROW, "plan": "ONE"}, {**ROW, "number": "2", "plan": "TWO"}]
    assert "has rows of several plans: ONE, TWO" in refused(*rows)


# Amending by a table


def test_an_edit_made_while_a_table_is_read_is_kept(curator, tmp_path, monkeypatch):
    """A table is read under the locks of the plans: nobody edits between its reading and writing.
    Here the edit comes first of all, as if the command had waited for it."""
    call_command("load_plan", str(HARBOUR), stdout=StringIO(), stderr=StringIO())
    row = Commitment.objects.get(number="B.2")
    path = tmp_path / "table.csv"
    path.write_text(f"plan,number,title_en\nHARBOUR,{row.number},Swim\n", encoding="utf-8")
    seen = []
    read = plan_file.read_plan_sheet
    locked = "commitments.management.commands.load_plan.locked_plans"

    def edit():
        seen.append("locked")
        row.due_on = date(2031, 1, 1)
        row.save()
        record_edits([row], ChangeReason(curator, timezone.now(), "Moved."))

    def reading(*args, **options):
        seen.append("read")
        return read(*args, **options)

    monkeypatch.setattr(locked, edit)
    monkeypatch.setattr(plan_file, "read_plan_sheet", reading)
    options = {"amend": "Renamed.", "by": curator.username}
    call_command("load_plan", str(path), stdout=StringIO(), stderr=StringIO(), **options)
    assert seen == ["locked", "read"]
    row.refresh_from_db()
    assert (row.title["en"], row.due_on.year) == ("Swim", 2031)


def test_nothing_is_said_to_be_loaded_before_it_is(tmp_path, monkeypatch):
    class Closed(StringIO):
        def write(self, text):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        call_command("load_plan", str(HARBOUR), stdout=Closed(), stderr=StringIO())
    assert Plan.objects.exists()
