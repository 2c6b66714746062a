"""The README's five minutes, run as printed: its commands in a shell against a running server,
its output compared line by line."""

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from commitments import planfile, planload
from tests.steps import NOW

pytestmark = pytest.mark.alike

README = Path("README.md").read_text(encoding="utf-8")
TOUR = README[README.index("## Five minutes") : README.index("## A plan of your own")]


def blocks(language):
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", TOUR, re.DOTALL | re.MULTILINE)
    return [body for name, body in fenced if name == language]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.django_db(transaction=True, reset_sequences=True)
@time_machine.travel("2026-11-25T12:00:00Z")
def test_the_five_minutes_print_what_the_readme_says(live_server, tmp_path):
    planload.load(planfile.read("fixtures/iscc/plan.yaml"), at=NOW)
    quiet = io.StringIO()
    call_command("example_accounts", tmp_path / ".accounts", stdout=quiet)
    people = {"author": "reporter", "publish_as": "reviewer"}
    call_command("load_updates", "fixtures/iscc/public-record.yaml", stdout=quiet, **people)
    (tmp_path / "docs").symlink_to(Path("docs").resolve())
    script = "\n".join(blocks("sh")).replace("HOST=http://127.0.0.1:8000", f"HOST={live_server}")
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    printed = done.stdout.replace(str(live_server), "http://127.0.0.1:8000").replace("\r", "")
    assert done.stderr == ""
    assert printed == "".join(blocks(""))
