"""A plan and its record with a mark in every text, which would run as a script, end an attribute,
a title or a field, or be a formula, wherever it is not written as text."""

import io
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import time_machine
import yaml
from django.core.management import call_command

from commitments.choices import Role
from commitments.curation.planning import planned_changes, save_planned
from commitments.models import Commitment, Forum
from tests.factories import MeetingFactory, UserFactory
from tests.steps import draft, returned, submitted
from tests.words import en_zh

SCRIPT = "<script>alert(7)</script>"
MARK = f"=1+1\"'></title></textarea>{SCRIPT}<img src=x onerror=alert(7)>"
WHEN = datetime(2026, 11, 25, 12, tzinfo=UTC)
# Members that must quote another text, or are not words.
UNTOUCHED = {"quote", "words"}
# Members that have words of one language.
PLAIN = {"citation", "publisher", "title"}
# Cells that a spreadsheet would run as a formula.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


def marked(value, name=""):
    """Return a part of a file with the mark before each text."""
    if name in UNTOUCHED:
        return value
    if isinstance(value, str) and name in PLAIN:
        return f"{MARK} {value}"
    if isinstance(value, list):
        return [marked(item, name) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() <= {"en", "zh"} and all(isinstance(text, str) for text in value.values()):
        return {tag: f"{MARK} {text}" for tag, text in value.items()}
    return {key: marked(item, key) for key, item in value.items()}


def build_world(folder):
    """Load the example plan and its record, with the mark in every text, and make updates in every
    state, people and meetings. Return the people by name."""
    with time_machine.travel(WHEN, tick=False):
        for name in ("plan", "record"):
            file = yaml.safe_load(Path(f"fixtures/example/{name}.yaml").read_text())
            changed = yaml.dump(marked(file), allow_unicode=True)
            (folder / f"{name}.yaml").write_text(changed)
        call_command("load_plan", str(folder / "plan.yaml"), stdout=io.StringIO())
        people = {
            role.value: UserFactory(username=role.value, roles=[role], last_name=SCRIPT[:20])
            for role in Role
        }
        reporter, reviewer = people["reporter"], people["reviewer"]
        for commitment in Commitment.objects.select_related("lead_office"):
            if commitment.lead_office:
                commitment.lead_office.members.add(reporter)
        call_command(
            "load_updates",
            str(folder / "record.yaml"),
            "--author=reporter",
            "--publish-as=reviewer",
            stdout=io.StringIO(),
        )
        first = Commitment.objects.order_by("pk").first()
        words = {"summary": en_zh(f"{MARK} Written.")}
        draft(first, reporter, WHEN, **words)
        submitted(first, reporter, WHEN, **words)
        returned(first, reporter, reviewer, WHEN, **words)
        cells = {
            row.number: {"due_on": "2029-12-31"}
            for row in Commitment.objects.filter(kind="deliverable")
        }
        changes, _problems = planned_changes(first.plan, cells)
        reason = f"{MARK} As agreed."
        assert save_planned(changes, by=people["curator"], at=WHEN, reason=reason)
        people["administrator"] = UserFactory(username="administrator", is_superuser=True)
        for forum in Forum.objects.all():
            MeetingFactory(
                forum=forum,
                title=en_zh(f"{MARK} Session"),
                place=en_zh(f"{MARK} Place"),
                starts_on=date(2026, 12, 10),
                public=True,
            )
    return people


class _Acting(HTMLParser):
    """Collects what would run on a page: event handlers, and scripts and addresses that contain the
    mark."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found, self.in_script = [], False

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        self.in_script = tag == "script" and "json" not in values.get("type", "")
        for name, value in values.items():
            scheme = "".join(value.split()).lower()
            if name.startswith("on") or scheme.startswith(("javascript:", "data:text/html")):
                self.found.append((tag, name, value[:99]))
        if tag == "img" and values.get("src") == "x":
            self.found.append((tag, "src", "x"))

    def handle_endtag(self, tag):
        self.in_script = False

    def handle_data(self, data):
        if self.in_script and "alert(7)" in data:
            self.found.append(("script", "", data[:99]))


def acting(page):
    """Return the parts of an HTML page, or of a picture or feed in XML, that would run in a
    browser."""
    parser = _Acting()
    parser.feed(page)
    parser.close()
    return parser.found
