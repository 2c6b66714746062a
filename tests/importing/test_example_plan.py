"""The example plan and its record, and the page that walks through them."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from commitments.models import Commitment, Milestone, Office, Plan

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

PAGE = Path("docs/example-plan.md").read_text(encoding="utf-8")
PLAN = Path("fixtures/example/plan.yaml")
COMMANDS = {path.stem for path in Path("commitments/management/commands").glob("*.py")}
RECORD = "fixtures/example/record.yaml"


def run(command, *arguments, **options):
    out, errors = StringIO(), StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=errors, **options)
    return out.getvalue() + errors.getvalue()


@pytest.fixture
def library(reporter):
    printed = run("load_plan", PLAN)
    for office in Office.objects.all():
        office.members.add(reporter)
    return printed


def lines_of(page):
    return {line.strip() for line in page.splitlines()}


def test_loading_prints_what_the_page_says(library):
    assert lines_of(library) <= lines_of(PAGE)


def test_it_has_everything_that_a_plan_can_have(library):
    plan = Plan.objects.with_parts().get()
    for part in ("goals", "areas", "forums", "offices", "dates"):
        assert getattr(plan, f"has_{part}"), part
    assert (plan.languages, set(plan.words)) == (["en", "zh"], {"goal", "forum"})
    assert {row.criteria.count() for row in plan.commitments.all()} == {0, 2, 3}


@pytest.mark.long
def test_the_record_gives_the_statuses_that_the_page_names(
    library, reporter, reviewer, time_machine
):
    time_machine.move_to("2026-11-27T08:00:00Z")
    printed = run("load_updates", RECORD, author="reporter", publish_as="reviewer")
    assert "Plan LIBRARY: updates published: 4." in lines_of(PAGE) & lines_of(printed)
    statuses = dict(Commitment.objects.values_list("number", "status"))
    assert statuses == {
        "1.1": "started",
        "1.2": "partly_active",
        "2.1": "unassessed",
        "2.2": "unassessed",
    }
    assert Milestone.objects.filter(key="m1", updates__isnull=False).exists()


def test_the_amendment_prints_the_line_of_the_page(library, curator, tmp_path):
    amended = tmp_path / "plan.yaml"
    text = PLAN.read_text(encoding="utf-8").replace("2027-05-31", "2027-06-30")
    amended.write_text(text, encoding="utf-8")
    printed = run("load_plan", amended, amend="The permit came late.", by="curator", dry_run=True)
    assert printed.splitlines()[1].strip() in lines_of(PAGE)


def test_the_error_of_the_page_is_what_is_said(reporter, tmp_path):
    wrong = tmp_path / "plan.yaml"
    text = PLAN.read_text(encoding="utf-8")
    wrong.write_text(
        text.replace("- code: LIBRARY-NETWORK\n    quote", "- code: LIBRARY-NETWORKS\n    quote")
    )
    with pytest.raises(Exception, match="LIBRARY-NETWORKS") as refusal:
        run("load_plan", wrong)
    said = str(refusal.value).splitlines()[1].strip()
    assert said in lines_of(PAGE), said


def test_every_command_of_the_page_exists():
    for name in re.findall(r"manage\.py (\w+)", PAGE):
        assert name in COMMANDS, name
