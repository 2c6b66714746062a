"""The commands in the documentation, run against a server, and the output that it prints."""

import io
import re
import subprocess
from pathlib import Path

from django.core.management import call_command

from commitments.importing import plan_file, plan_load
from tests.steps import NOW

PRINTED_HOST = "http://127.0.0.1:8000"


def code_blocks(text, language):
    """Return the code blocks of a page in this language; "" means printed output."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [body for name, body in fenced if name == language]


def load_like_make_run(folder):
    """Load what `make run` loads, and write its accounts and docs to the folder."""
    plan_load.load_plan(plan_file.read_plan_file("fixtures/iscc/plan.yaml").value, at=NOW)
    discarded = io.StringIO()
    call_command("example_accounts", folder / ".accounts", stdout=discarded)
    people = {"author": "reporter", "publish_as": "reviewer"}
    call_command("load_updates", "fixtures/iscc/public-record.yaml", stdout=discarded, **people)
    (folder / "docs").symlink_to(Path("docs").resolve())


def run_script(command, script, folder, host, **environment):
    """Run a script against `host` and return its output, with the host of the documentation."""
    script = script.replace(PRINTED_HOST, str(host))
    completed = subprocess.run(
        [*command, script],
        cwd=folder,
        env=environment or None,
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.stderr == ""
    return completed.stdout.replace(str(host), PRINTED_HOST).replace("\r", "")
