"""The page of what is supported says what the project's files say."""

import re
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import django
import pytest
import yaml

from tests.postgres import find_server_programs

pytestmark = pytest.mark.alike

PAGE = Path("docs/support.md").read_text("utf-8")
SUPPORTED = dict(re.findall(r"^\| (\w+) \| ([\d.]+)(?: \(LTS\)| and newer) \|", PAGE, re.MULTILINE))
PROJECT = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))


def numbers(version):
    return tuple(map(int, version.split(".")))


def test_the_versions_of_python_are_those_of_the_project():
    oldest = SUPPORTED["Python"]
    tools = PROJECT["tool"]
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert tools["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert tools["mypy"]["python_version"] == oldest
    assert f"--python-version {oldest} " in Path("Makefile").read_text()
    assert f"Python {oldest} or newer" in Path("README.md").read_text()
    assert sys.version_info >= numbers(oldest)


def test_the_version_of_django_is_that_of_the_requirements():
    release = SUPPORTED["Django"]
    first, second = numbers(release)
    wanted = f"Django>={release},<{first}.{second + 1}"
    assert wanted in Path("requirements.in").read_text().splitlines()
    assert django.VERSION[:2] == (first, second)
    assert f"Framework :: Django :: {release}" in PROJECT["project"]["classifiers"]


def test_the_databases_of_the_tests_are_supported():
    assert sqlite3.sqlite_version_info >= numbers(SUPPORTED["SQLite"])
    needed = re.findall(r"SQLite ([\d.]+) or later", Path("docs/deployment.md").read_text())
    assert needed == [SUPPORTED["SQLite"]]
    oldest = int(SUPPORTED["PostgreSQL"])
    image = yaml.safe_load(Path("deploy/compose.yaml").read_text())["services"]["database"]["image"]
    assert int(image.rpartition(":")[2]) >= oldest
    programs = find_server_programs()
    if programs:
        printed = subprocess.check_output([f"{programs}/postgres", "--version"], text=True)
        assert int(re.search(r"\) (\d+)", printed)[1]) >= oldest


def test_the_version_of_debian_is_that_of_the_script():
    oldest = SUPPORTED["Debian"]
    assert f"Debian {oldest} or later" in Path("deploy/install.sh").read_text()
    assert f"Debian {oldest} or later" in Path("docs/deployment.md").read_text()
