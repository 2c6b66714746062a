"""The fifth open government plan of the United States agrees with its source.

The digests are of the pages in `_subcommitments` of the repository GSA/open.usa.gov at commit
deb38b9, not of the files here: for each sub-commitment the first 16 hex digits of the SHA-256 of
its text with single blanks, then of the letters and digits of its two progress reports without
addresses; then the status that its owner gives.
"""

import hashlib
import json
import re
from collections import Counter
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from commitments.importing import plan_file
from commitments.models import Commitment, Office, Plan, ProgressUpdate

pytestmark = pytest.mark.alike

FOLDER = Path("fixtures/us-nap5")
DIGESTS = json.loads(Path("tests/data/us_nap5_digests.json").read_text(encoding="utf-8"))


@pytest.fixture
def nap5(db):
    output = StringIO()
    call_command("load_plan", str(FOLDER / "plan.yaml"), stdout=output, stderr=output)
    return Plan.objects.with_parts().get()


@cache
def record():
    text = (FOLDER / "record.yaml").read_text(encoding="utf-8")
    return {row["external_ref"]: row for row in yaml.safe_load(text)["updates"]}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def letters(text):
    return re.sub(r"\W", "", re.sub(r"\(?https?:[^\s)\]]*\)?", " ", text))


@pytest.mark.long
def test_every_sub_commitment_has_the_words_of_its_source(nap5):
    texts = dict(nap5.commitments.values_list("number", "text"))
    assert texts.keys() == DIGESTS.keys()
    found = {number: digest(" ".join(text["en"].split())) for number, text in texts.items()}
    assert found == {number: row[0] for number, row in DIGESTS.items()}


@pytest.mark.long
def test_every_report_has_the_words_of_its_source_and_quotes_the_status(nap5):
    assert len(record()) == 2 * len(DIGESTS)
    for number, (_text, first, second, status) in DIGESTS.items():
        earlier, later = (record()[f"{number}-{label}"] for label in ("2023-08", "2024-02"))
        quoted, report = later["summary"]["en"].split("\n", 1)
        assert digest(letters(earlier["summary"]["en"])) == first
        assert digest(letters(report)) == second
        assert quoted == f"Sub-commitment status given: “{status}”."


def test_it_is_a_plan_of_another_shape(nap5):
    assert nap5.languages == ["en"]
    assert (nap5.goals.count(), nap5.areas.count(), nap5.commitments.count()) == (5, 36, 70)
    assert (nap5.has_offices, nap5.has_dates, nap5.has_forums) == (True, True, False)
    assert Office.objects.filter(led_commitments__plan=nap5).distinct().count() == 27
    assert {row.kind for row in nap5.commitments.all()} == {"deliverable"}
    assert max(len(str(row.title)) for row in nap5.commitments.all()) <= 90


@pytest.mark.long
def test_the_reports_load_as_statements_of_the_owner_and_give_no_status(
    nap5, reporter, reviewer, time_machine
):
    time_machine.move_to("2026-11-27T08:00:00Z")
    for office in Office.objects.all():
        office.members.add(reporter)
    output = StringIO()
    options = {"author": "reporter", "publish_as": "reviewer", "stdout": output}
    call_command("load_updates", str(FOLDER / "record.yaml"), **options)
    assert "Plan US_NAP5: updates published: 140." in output.getvalue()
    updates = ProgressUpdate.objects.all()
    assert {(row.event_type, row.status, row.date_precision) for row in updates} == {
        ("statement", None, "month")
    }
    assert {item.source for row in updates for item in row.evidence.all()} == {"statement"}
    assert {row.status for row in Commitment.objects.all()} == {"unassessed"}
    assert Counter(row.effective_on.year for row in updates) == {2023: 70, 2024: 70}


def test_every_example_plan_can_be_read(db):
    for folder in ("example", "us-nap5"):
        plan_file.read_plan_file(f"fixtures/{folder}/plan.yaml")
