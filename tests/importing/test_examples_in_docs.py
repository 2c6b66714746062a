"""The examples in docs/plan-file.md can be loaded."""

from pathlib import Path

import pytest
import yaml

from commitments.importing import plan_file, plan_load
from commitments.models import Commitment
from tests.documents import write_file
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

PAGE = Path("docs/plan-file.md").read_text(encoding="utf-8")
PLAN = {"code": "DOCS", "languages": ["en"], "title": {"en": "A plan"}, "time_zone": "UTC"}
FORUM = {"code": "BILATERAL", "name": {"en": "Direct channels"}, "kind": "bilateral"}


def example(introduction):
    """Return the content of the indented lines after a line of the page."""
    text = PAGE.split(f"\n{introduction}\n\n")[1]
    lines = []
    for line in text.splitlines():
        if not line.startswith("    "):
            break
        lines.append(line.removeprefix("    "))
    return yaml.safe_load("\n".join(lines))


def test_the_example_of_updates_answers_the_criteria_of_the_example_of_a_plan(
    tmp_path, load, reporter, reviewer, noon
):
    document = {
        "format": 1,
        "plan": PLAN,
        "areas": [{"number": number, "title": {"en": f"Area {number}"}} for number in (1, 2, 3)],
        "commitments": example("A commitment with criteria:"),
    }
    path = write_file(tmp_path / "plan.yaml", document)
    plan_load.load_plan(plan_file.read_plan_file(path).value, at=NOW)
    updates = example("An event, and an assessment that rests on it:")
    output = load({"format": 1, "plan": "DOCS", "forums": [FORUM], "updates": updates})
    assert "updates published: 2" in output
    assert Commitment.objects.get().status == "partly_active"
