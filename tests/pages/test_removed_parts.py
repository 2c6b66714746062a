"""Goals and areas that an amendment removes: how changes name them, and where their addresses
lead."""

from datetime import timedelta

import pytest

from commitments.importing import plan_dump, plan_load
from commitments.models import Decision, Plan
from tests.steps import NOW

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("built_record"),
]
REASON = "One goal says it all."


@pytest.fixture
def amended(record, curator):
    """The plan without its sixth goal and its ninth area, and with words of its own for goals."""
    document = plan_dump.plan_document(record.duty.plan)
    document["plan"]["words"] = {
        "goal": {
            "one": {"en": "Objective", "zh": "目标"},
            "many": {"en": "Objectives", "zh": "目标"},
        }
    }
    document["goals"] = [row for row in document["goals"] if row["number"] != 6]
    document["areas"] = [row for row in document["areas"] if row["number"] != 9]
    for row in document["commitments"]:
        if row.get("goal") == 6:
            del row["goal"]
            row.pop("goal_reason", None)
        if row.get("area") == 9:
            row["area"] = 1
        if "supporting_goals" in row:
            row["supporting_goals"] = [n for n in row["supporting_goals"] if n != 6]
    plan_load.amend_plan(document, reason=REASON, by=curator, at=NOW + timedelta(days=1))
    return Plan.objects.get(code="ISCC")


def flat(page):
    return " ".join(page.split())


@pytest.mark.parametrize("part", ["goals/6", "areas/9"])
def test_a_removed_goal_or_area_leads_to_its_history(part, amended, client):
    answer = client.get(f"/en/ISCC/{part}/")
    assert (answer.status_code, answer.url) == (302, f"/en/ISCC/{part}/history/")
    page = flat(client.get(answer.url).text)
    assert "The plan no longer has this." in page
    assert "Deleted." in page
    assert REASON in page
    assert f'href="/en/ISCC/{part}/"' not in page


@pytest.mark.parametrize("part", ["goals/77", "areas/77", f"goals/{10**30}"])
def test_what_the_plan_never_had_is_not_found(part, amended, client):
    for page in ("", "history/"):
        assert client.get(f"/en/ISCC/{part}/{page}").status_code == 404


def test_changes_name_goals_and_areas_by_the_words_of_the_plan(amended, client):
    listed = flat(client.get("/en/ISCC/changes/?action=amend").text)
    feed = client.get("/en/ISCC/changes.atom").text
    for page in (listed, feed):
        assert "Objective 6 " in page
        assert "ISCC-6 " not in page
    amendment = Decision.objects.filter(action="amend").latest("seq")
    page = flat(client.get(f"/en/ISCC/changes/{amendment.seq}/").text)
    assert "<h2>Objective 6</h2>" in page
    assert "<h2>Action area 9</h2>" in page
    assert "<h2>Commitment ISCC-9.1</h2>" in page
