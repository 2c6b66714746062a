"""Commands that the documentation prints, run as printed against a server, and what it says that
they print."""

import io
import re
import subprocess
from pathlib import Path

from django.core.management import call_command

from commitments import planfile, planload
from tests.steps import NOW

PRINTED_HOST = "http://127.0.0.1:8000"


def blocks(text, language):
    """The code blocks of a page in this language; "" for what is printed."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [body for name, body in fenced if name == language]


def as_after_make_run(folder):
    """The tracker as `make run` leaves it, with its accounts in the folder."""
    planload.load(planfile.read("fixtures/iscc/plan.yaml"), at=NOW)
    quiet = io.StringIO()
    call_command("example_accounts", folder / ".accounts", stdout=quiet)
    people = {"author": "reporter", "publish_as": "reviewer"}
    call_command("load_updates", "fixtures/iscc/public-record.yaml", stdout=quiet, **people)
    (folder / "docs").symlink_to(Path("docs").resolve())


def run(command, script, folder, host, **environment):
    """What a script prints, with the printed host in place of the real one."""
    script = script.replace(PRINTED_HOST, str(host))
    done = subprocess.run(
        [*command, script],
        cwd=folder,
        env=environment or None,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.replace(str(host), PRINTED_HOST).replace("\r", "")
