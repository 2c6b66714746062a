"""The audit of libraries fails for a vulnerability, and never for lack of an answer."""

import json
import shutil
import subprocess

import pytest

from tests.audit import judged, main

pytestmark = pytest.mark.alike

WITHOUT_NETWORK = (
    shutil.which("unshare") is not None
    and subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode == 0
)
WEAK = {
    "name": "library",
    "version": "1.0",
    "vulns": [{"id": "CVE-2026-1", "fix_versions": ["1.1"]}],
}
SOUND = {"name": "other", "version": "2.0", "vulns": []}
UNKNOWN = {"name": "third", "skip_reason": "not found"}


def test_a_known_weakness_is_named_with_the_version_that_mends_it():
    lines, failed = judged({"dependencies": [WEAK, SOUND]})
    assert failed
    assert lines == [
        "library 1.0: CVE-2026-1 (mended in 1.1)",
        "2 libraries audited, 1 known weaknesses.",
    ]


def test_what_nobody_knows_of_is_said_and_is_no_failure():
    lines, failed = judged({"dependencies": [SOUND, UNKNOWN]})
    assert not failed
    assert lines[-1] == "not audited: 1 libraries, for which the data did not answer."


@pytest.mark.parametrize("content", [None, "", "no json", json.dumps({})])
def test_without_an_answer_it_says_so_and_ends_well(content, tmp_path, capsys):
    path = tmp_path / "answer.json"
    if content is not None:
        path.write_text(content)
    assert main(path) == 0
    assert "not audited: all libraries" in capsys.readouterr().out


@pytest.mark.long
@pytest.mark.skipif(not WITHOUT_NETWORK, reason="this machine lets nobody take the network away")
@pytest.mark.parametrize("former", [False, True], ids=["fresh", "after-an-audit"])
def test_without_a_network_even_a_fresh_clone_ends_well(former, tmp_path):
    tools = tmp_path / "tools"
    if former:
        # The tools exist but fail; the output of an earlier run must not be used.
        (tools / "bin").mkdir(parents=True)
        (tools / "bin/pip-audit").symlink_to("/bin/false")
        (tools / "audit.json").write_text(json.dumps({"dependencies": [WEAK]}))
        (tools / "made.stamp").touch()
    command = ["unshare", "-n", "make", "audit", f"TOOLS={tools}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "not audited: " in done.stdout
    assert "CVE" not in done.stdout
