"""There is one version, and everything that names one reads it."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from packaging.version import Version

from commitments import __version__
from tools.changelog import UNRELEASED, sections
from tools.sbom import put_version

pytestmark = pytest.mark.alike

CHANGELOG = sections(Path("CHANGELOG.md").read_text("utf-8"))
# Any number of three parts, so that no later version is one that stands somewhere already.
NUMBER = re.compile(r"(?<![\w.])v?\d+\.\d+\.\d+(?:\.dev\d+|rc\d+)?(?!\w|\.\d)")
WCAG = r"[1-4]\.\d\.\d+"
NUMBERS_OF_OTHER_THINGS = {
    "commitments/pages/wcag.py": WCAG,
    "commitments/templates/commitments/accessibility.html": WCAG,
    "commitments/api/examples.yaml": r"1\.0\.153",  # of a Data Package
    "tracker/middleware.py": r"15\.4\.5",  # a section of an RFC
    "tracker/settings.py": r"3\.1\.1",  # OpenAPI
    "tracker/release.py": r"2\.3\.4",  # an example
    "tools/sbom.py": r"3\.11\.3",  # Python
}
PROJECT = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))


def test_the_version_is_one_that_the_documentation_explains():
    """Three numbers; before the release `.dev0`, and `rc1` of a candidate."""
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev0|rc[1-9])?", __version__)


def test_the_release_is_the_version_with_the_digest_of_the_code():
    version, digest = settings.RELEASE.split("+")
    assert version == __version__
    assert re.fullmatch("[0-9a-f]{16}", digest)


def test_the_package_takes_its_version_from_the_code():
    assert PROJECT["tool"]["hatch"]["version"] == {"path": "commitments/__init__.py"}
    assert "version" not in PROJECT["project"]


def test_no_other_file_says_the_version():
    found = {
        (str(path), number)
        for folder in ("commitments", "tracker", "tools", "deploy")
        for path in Path(folder).rglob("*")
        if path.suffix in (".py", ".html", ".yaml", ".sh", ".service", "") and path.is_file()
        for number in NUMBER.findall(path.read_text("utf-8"))
        if not re.fullmatch(NUMBERS_OF_OTHER_THINGS.get(str(path), "-"), number)
    }
    assert found == {("commitments/__init__.py", __version__)}


def test_the_changelog_goes_on_from_the_last_release():
    """A version that is being made has no section; what it changes is under Unreleased. The newest
    section is that of this version once it is released, or of an earlier one."""
    released = [version for version in CHANGELOG if version != UNRELEASED]
    assert next(iter(CHANGELOG)) == UNRELEASED
    assert [Version(name) for name in released] == sorted(map(Version, released), reverse=True)
    assert all(CHANGELOG[name].day for name in released)
    if "dev" in __version__:
        assert all(Version(name) < Version(__version__) for name in released)
    else:
        assert released[0] == __version__


def test_sections_of_a_changelog_are_read():
    found = sections(
        "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2027-01-02\n\n### Added\n\n- One.\n\n"
        "## [1.0.0] - 2026-12-01\n\n- Zero.\n"
    )
    assert [(row.version, row.day, row.text) for row in found.values()] == [
        ("Unreleased", None, ""),
        ("1.1.0", "2027-01-02", "### Added\n\n- One."),
        ("1.0.0", "2026-12-01", "- Zero."),
    ]


def test_the_list_of_parts_says_the_version(tmp_path):
    path = tmp_path / "sbom.json"
    path.write_text(json.dumps({"metadata": {"component": {"name": "commitment-tracker"}}}))
    put_version(path, "1.2.3")
    assert json.loads(path.read_text())["metadata"]["component"] == {
        "name": "commitment-tracker",
        "version": "1.2.3",
        "purl": "pkg:generic/commitment-tracker@1.2.3",
    }
