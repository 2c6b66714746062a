"""The list of parts names the licence of every library."""

import json
import re
import subprocess
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

from tools import sbom

pytestmark = pytest.mark.alike

ROOT = Path(__file__).parents[2]
LOCKED = re.findall(
    r"^([\w.-]+)==", (ROOT / "requirements-extras.txt").read_text("utf-8"), re.MULTILINE
)
BSD = [{"license": {"acknowledgement": "declared", "id": "BSD-3-Clause"}}]


@pytest.fixture
def files(tmp_path):
    """`files(parts, installed)` writes two files of CycloneDX, with these libraries."""

    def files(parts, installed):
        paths = [tmp_path / "sbom.json", tmp_path / "installed.json"]
        for path, components in zip(paths, (parts, installed), strict=True):
            rows = [{"name": name, "version": "1.0", **more} for name, more in components.items()]
            document = {"metadata": {"component": {"name": "tracker"}}, "components": rows}
            path.write_text(json.dumps(document))
        return paths

    return files


def licences(path):
    return {
        part["name"]: part.get("licenses") for part in json.loads(path.read_text())["components"]
    }


def test_the_licence_is_that_of_the_installed_package_however_its_name_is_written(files):
    path, installed = files({"et-xmlfile": {}}, {"ET_Xmlfile": {"licenses": BSD}, "pytest": {}})
    assert sbom.main(path, installed) == 0
    assert licences(path) == {"et-xmlfile": BSD}
    assert json.loads(path.read_text())["metadata"]["component"]["version"]


def test_a_licence_that_no_metadata_names_was_read_elsewhere_and_says_so(files):
    path, installed = files({"resvg-py": {}}, {"resvg-py": {}})
    assert sbom.main(path, installed) == 0
    assert licences(path)["resvg-py"] == [{"acknowledgement": "concluded", "expression": "MIT"}]


@pytest.mark.parametrize(
    "installed", [{}, {"one": {}}, {"one": {"version": "2.0", "licenses": BSD}}]
)
def test_a_library_without_a_licence_is_named_and_no_list_is_made(files, capsys, installed):
    assert sbom.main(*files({"one": {}}, installed)) == 1
    assert "No licence is known of one" in capsys.readouterr().err


@pytest.mark.parametrize("name", LOCKED)
def test_every_library_names_its_licence_or_is_listed(name):
    if name in sbom.CONCLUDED:
        return
    try:
        about = metadata(name)
    except PackageNotFoundError:
        pytest.fail(f"{name} is not installed: name its licence in tools/sbom.py")
    classifiers = about.get_all("Classifier", [])
    stated = about.get_all("License-Expression", []) + about.get_all("License", [])
    assert any(stated) or any(row.startswith("License ::") for row in classifiers), name


def test_no_licence_is_listed_of_what_is_not_used():
    assert set(sbom.CONCLUDED) <= set(LOCKED)


@pytest.mark.long
def test_the_list_that_is_made_has_every_library_with_its_licence():
    if not (ROOT / ".venv-tools/made.stamp").exists():
        pytest.skip("`make sbom` has not installed CycloneDX here")
    subprocess.run(["make", "--no-print-directory", "sbom"], cwd=ROOT, check=True)
    found = licences(ROOT / "sbom.json")
    assert sorted(found) == sorted(LOCKED)
    assert all(found.values())
