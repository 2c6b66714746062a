"""The package has all that a site needs and nothing else, and works where there is no checkout."""

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings

from commitments import __version__
from tests.release.installing import Installation, build, installed_files

pytestmark = [pytest.mark.alike, pytest.mark.long, pytest.mark.xdist_group("package")]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The paths of the source distribution and of the wheel."""
    return build(Path(), tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installation(built, tmp_path_factory):
    return Installation(built[1], tmp_path_factory.mktemp("installed"))


def test_a_second_build_has_the_same_bytes(built, tmp_path):
    assert [path.read_bytes() for path in build(Path(), tmp_path)] == [
        path.read_bytes() for path in built
    ]


def test_the_source_distribution_builds_the_same_wheel(built, tmp_path):
    with tarfile.open(built[0]) as sources:
        sources.extractall(tmp_path, filter="data")
    [source] = tmp_path.iterdir()
    wheel = build(source, tmp_path / "dist")[1]
    assert wheel.read_bytes() == built[1].read_bytes()


def test_the_wheel_has_every_file_of_the_code(built):
    with zipfile.ZipFile(built[1]) as wheel:
        packed = set(wheel.namelist())
    assert installed_files(Path()) - packed == set()


def test_the_wheel_has_nothing_for_developers_alone(built):
    with zipfile.ZipFile(built[1]) as wheel:
        tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {
        "commitments",
        "tracker",
        f"commitment_tracker-{__version__}.dist-info",
        f"commitment_tracker-{__version__}.data",
    }


def test_what_is_used_as_a_file_is_in_the_wheel(built):
    with zipfile.ZipFile(built[1]) as wheel:
        packed = {name.partition("/share/commitment-tracker/")[2] for name in wheel.namelist()}
    assert set(shared_files()) - packed == set()


def shared_files():
    """Return the paths of what a checkout has in the folders of such files."""
    return [
        str(path)
        for folder in ("deploy", "fixtures")
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.name != "tracker.env"
    ]


SECRETS = (
    "deploy/tracker.env",
    "tracker.env",
    ".env",
    "readers.env",
    "pooler.env",
    "ledger.key",
    ".accounts",
)


def test_no_secret_of_a_checkout_is_packed(tmp_path):
    """hatchling heeds what git ignores, but for folders of files to share."""
    source = tmp_path / "source"
    unneeded = [".*_cache", ".git", ".venv*", ".hypothesis", ".bench", "db.sqlite3*", "evidence"]
    shutil.copytree(Path(), source, ignore=shutil.ignore_patterns(*unneeded))
    for name in SECRETS:
        (source / name).write_text("SECRET_KEY=planted\n")
    sdist, wheel = build(source, tmp_path / "dist")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    with tarfile.open(sdist) as packed:
        names += [name.partition("/")[2] for name in packed.getnames()]
    assert [name for name in names if name.endswith(tuple(f"/{each}" for each in SECRETS))] == []
    assert [name for name in names if name in SECRETS] == []


def test_the_wheel_needs_the_libraries_of_the_requirements(built):
    [metadata] = [
        text.decode()
        for name, text in _contents(built[1]).items()
        if name.endswith(".dist-info/METADATA")
    ]
    needed = [line for line in metadata.splitlines() if line.startswith("Requires-Dist: ")]
    extras = [line for line in needed if "extra == 'extras'" in line]
    assert "Requires-Dist: django<5.3,>=5.2" in needed
    assert len(needed) - len(extras) == len(_named("requirements.in"))
    assert len(extras) == len(_named("requirements-extras.in"))


def _contents(wheel):
    with zipfile.ZipFile(wheel) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _named(requirements):
    lines = Path(requirements).read_text().splitlines()
    return [line for line in lines if line and line[0] not in "#-"]


def test_an_installation_is_a_site_without_a_checkout(installation):
    run, share = installation.run, installation.share
    assert run("--version") == f"commitment-tracker {settings.RELEASE}\n"
    run("migrate", "--verbosity", "0")
    run("load_plan", share / "fixtures/iscc/plan.yaml")
    static = str(installation.folder / "static")
    run("collectstatic", "--noinput", "--verbosity", "0", STATIC_ROOT=static)
    public = {"SITE_URL": "https://tracker.example.org", "SITE_CONTACT": "office@example.org"}
    public |= {"STATIC_ROOT": static, "BEHIND_PROXY": "true"}
    run("check", "--deploy", "--fail-level", "WARNING", **public)
    assert "no difference" in run("verify_ledger").lower()
    assert (installation.folder / "db.sqlite3").is_file()

    with installation.served(STATIC_ROOT=static, HTTPS="false") as address:
        with urlopen(f"{address}/zh-hans/ISCC/") as answer:
            page = answer.read().decode()
        assert "尚未评估" in page
        with urlopen(f"{address}/api/v1/schema/") as answer:
            assert __version__ in answer.read().decode()
        checked = subprocess.run(
            [installation.python, share / "check_ledger.py", address],
            capture_output=True,
            text=True,
            check=False,
        )
    assert "differences: 0" in checked.stdout

    # With the names of static files that `collectstatic` gives them.
    copy = installation.folder / "copy"
    run("export_site", copy, **public)
    page = copy / "en" / "ISCC" / "index.html"
    [style] = re.findall(r'href="([^"]+/site\.[0-9a-f]+\.css)"', page.read_text())
    assert (page.parent / style).is_file()


def test_an_installation_keeps_nothing_in_its_own_folder(installation):
    program = "from tracker import settings as s; print(s.BASE_DIR, s.LEDGER_KEY, sep='\\n')"
    printed = subprocess.check_output(
        [installation.python, "-c", program],
        cwd=installation.folder,
        env=installation.variables(),
        text=True,
    )
    folder, key = printed.splitlines()
    assert Path(folder) == installation.folder
    assert Path(key).parent == installation.folder


def test_the_command_of_a_checkout_says_the_same_version():
    printed = subprocess.check_output([sys.executable, "manage.py", "--version"], text=True)
    assert printed == f"commitment-tracker {settings.RELEASE}\n"
