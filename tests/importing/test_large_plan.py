"""What it costs to load, amend and dump a plan of 5,000 commitments.

`python -m pytest -m long -s tests/importing/test_large_plan.py` prints the figures, which
`docs/plan-file.md` quotes.
"""

import time
from copy import deepcopy
from datetime import date, timedelta
from io import StringIO

import pytest
import yaml
from django.core.management import call_command
from django.db import connection

from commitments.models import Commitment, Decision, PlanFile
from tests.documents import NoAliasDumper

COUNT = 5000
# Several times what it takes, so that only a change for the worse is noticed.
MAX_SECONDS = 60
# SQLite takes some 999 values in a statement.
MAX_QUERIES_PER_THOUSAND = 150

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.alike]


class FastDumper(yaml.CSafeDumper):
    ignore_aliases = NoAliasDumper.ignore_aliases


def commitment(n):
    """Return a commitment with something of everything, in two languages."""
    forums = [n % 20, (n + 7) % 20]
    item = {
        "number": f"{n // 500 + 1}.{n % 500 + 1}",
        "area": n // 500 % 10 + 1,
        "title": {"en": f"Publish the contracts of district {n}", "zh": f"公布第{n}区合同"},
        "text": {
            "en": f"The Ministry of Public Works will publish the list of contracts of district "
            f"{n} on the common portal, keep the list up to date every quarter, and answer "
            f"questions on series {n} within thirty days. It will report on what was done at "
            f"Forum {forums[0]:02} and at Forum {forums[1]:02}, and invite the auditors to examine "
            "the accounts of the years concerned.",
            "zh": f"公共工程部将在统一门户网站上公布第{n}区的全部合同清单，每季度更新一次，"
            f"并在三十日内答复就第{n}号系列提出的问题。公共工程部将在第{forums[0]:02}论坛和第{forums[1]:02}论坛上"
            "报告工作情况，并邀请审计人员审查有关年度的账目。",
        },
        "kind": "deliverable" if n % 3 else "standing",
        "kind_reason": {"en": "The list is there or it is not.", "zh": "清单或有或无。"},
        "goal": n % 6 + 1,
        "goal_reason": {"en": f"It opens district {n}.", "zh": f"使第{n}区公开。"},
        "supporting_goals": sorted([(n + 1) % 6 + 1, (n + 3) % 6 + 1]),
        "forums": [
            {"code": f"FORUM-{k:02}", "quote": {"en": f"Forum {k:02}", "zh": f"第{k:02}论坛"}}
            for k in forums
        ],
        "criteria": [
            {
                "key": key,
                "text": {"en": f"District {n}: {en}.", "zh": f"第{n}区：{zh}。"},
                "quote": {"en": en, "zh": zh},
            }
            for key, en, zh in (
                ("a", f"contracts of district {n}", f"第{n}区的全部合同清单"),
                ("b", "keep the list up to date", "每季度更新一次"),
                ("c", f"questions on series {n}", f"第{n}号系列提出的问题"),
            )
        ],
        "criteria_reason": {"en": "One for each thing to do.", "zh": "每项要求各一条。"},
        "start_on": "2026-01-01",
        "lead_office": f"OFFICE-{n % 40:02}",
        "supporting_offices": [f"OFFICE-{(n + 1) % 40:02}"],
    }
    if n % 3:
        item["due_on"] = (date(2027, 1, 1) + timedelta(days=n % 700)).isoformat()
    if n % 12 == 1:
        item["milestones"] = [
            {"key": "m1", "title": {"en": "Portal open", "zh": "门户开通"}, "due_on": "2026-06-30"}
        ]
    return item


def large_plan(count):
    def titled(name, words, n):
        return {"number": n, "title": {"en": f"{name} {n}", "zh": f"{words}{n}"}}

    return {
        "format": 1,
        "plan": {
            "code": "LARGE",
            "languages": ["en", "zh"],
            "title": {"en": "A large plan", "zh": "大型计划"},
            "time_zone": "UTC",
            "review_interval_days": 365,
        },
        "goals": [titled("Goal", "目标", n) for n in range(1, 7)],
        "areas": [titled("Area", "领域", n) for n in range(1, 11)],
        "forums": [
            {
                "code": f"FORUM-{n:02}",
                "name": {"en": f"Forum {n:02}", "zh": f"第{n:02}论坛"},
                "kind": "dialogue",
            }
            for n in range(20)
        ],
        "offices": [
            {"code": f"OFFICE-{n:02}", "name": {"en": f"Office {n}", "zh": f"第{n}处"}}
            for n in range(40)
        ],
        "commitments": [commitment(n) for n in range(count)],
    }


@pytest.fixture
def run(tmp_path):
    """Run a command on a document as a file, within the bounds; return its output."""

    def run(name, *arguments, document=None, **options):
        if document is not None:
            path = tmp_path / "large.yaml"
            path.write_text(yaml.dump(document, Dumper=FastDumper), encoding="utf-8")
            arguments = (str(path), *arguments)
        queries = []

        def count(execute, sql, *rest):
            queries.append(sql[:6])
            return execute(sql, *rest)

        output = StringIO()
        started = time.process_time()
        with connection.execute_wrapper(count):
            call_command(name, *arguments, stdout=output, **options)
        seconds = time.process_time() - started
        doing = "amend" if "amend" in options else name
        print(f"{doing}: {seconds:.1f} s of one processor, {len(queries)} queries")
        assert seconds < MAX_SECONDS
        assert len(queries) < COUNT / 1000 * MAX_QUERIES_PER_THOUSAND
        return output.getvalue()

    return run


def test_a_plan_of_5000_commitments_is_loaded_amended_and_dumped_in_seconds(run, curator):
    document = large_plan(COUNT)
    run("load_plan", document=document)
    assert Commitment.objects.count() == COUNT
    assert yaml.load(run("dump_plan", "LARGE"), yaml.CSafeLoader) == document
    changed = deepcopy(document)
    for item in changed["commitments"][::250]:
        item["title"]["en"] += " at last"
    run("load_plan", document=changed, amend="The title was too short.", by="curator")
    assert len(Decision.objects.latest("seq").meta["subjects"]) == COUNT / 250
    assert PlanFile.objects.latest("pk").document["commitments"] == changed["commitments"]
