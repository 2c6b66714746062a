"""The audit of libraries fails for a weakness, and never for want of an answer."""

import json

import pytest

from tests.audit import judged, main

pytestmark = pytest.mark.alike

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
    assert lines[-1] == "Of 1 libraries nothing is known: the data did not answer."


@pytest.mark.parametrize("content", [None, "", "no json", json.dumps({})])
def test_without_an_answer_it_says_so_and_ends_well(content, tmp_path, capsys):
    path = tmp_path / "answer.json"
    if content is not None:
        path.write_text(content)
    assert main(path) == 0
    assert "Of all libraries nothing is known" in capsys.readouterr().out
