"""`make release` refuses what cannot be built again or upgraded later, and hands out what can be
verified."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.release import test_upgrade
from tools import migrations, release

pytestmark = pytest.mark.alike

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2027-01-02\n\n### Added\n\n- Add it.\n"


def git(*arguments):
    command = ["git", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A repository in which version 1.2.0 can be released."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@example.org")
    shutil.copytree(Path(__file__).parents[2] / migrations.FOLDER, migrations.FOLDER)
    for pycache in tmp_path.rglob("__pycache__"):
        shutil.rmtree(pycache)
    Path("CHANGELOG.md").write_text(CHANGELOG)
    keep("1.2.0")
    git("init", "--quiet")
    save()
    return tmp_path


def keep(version):
    """Keep what is kept of a version, without a site."""
    migrations.write(version)
    database = gzip.compress(json.dumps({"version": version}).encode())
    release.frozen_database(version).write_bytes(database)
    release.frozen_archive(version).touch()
    release.frozen_promises(version).touch()


def save():
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "Change it")


def refused(version="1.2.0"):
    return " ".join(release.refusals(version))


def test_what_is_ready_is_not_refused(checkout):
    assert refused() == ""


def test_a_version_that_is_being_made_is_refused(checkout):
    assert "one that is still being made" in refused("1.3.0.dev0")


@pytest.mark.parametrize("name", ["CHANGELOG.md", "new.txt"])
def test_what_is_not_committed_is_refused(checkout, name):
    Path(name).write_text(f"{CHANGELOG}more\n")
    assert "not committed" in refused()


def test_a_version_that_has_a_tag_is_refused(checkout):
    git("tag", "v1.2.0")
    assert "v1.2.0 was released already" in refused()


@pytest.fixture
def remote(checkout, tmp_path_factory):
    """The address of a repository from which the checkout came, without its tags."""
    address = str(tmp_path_factory.mktemp("elsewhere"))
    git("clone", "--quiet", "--bare", ".", address)
    git("remote", "add", "upstream", address)
    return address


@pytest.mark.parametrize("refusals", [release.refusals, release.freeze_refusals])
def test_a_version_that_has_a_tag_elsewhere_is_refused(remote, refusals):
    git("-C", remote, "tag", "v1.2.0.1")
    assert list(refusals("1.2.0")) == []
    git("-C", remote, "tag", "v1.2.0")
    [told] = refusals("1.2.0")
    assert "v1.2.0 was released already, as upstream says" in told


def test_a_remote_that_does_not_answer_refuses_nothing_and_is_named(remote, capsys):
    git("remote", "set-url", "upstream", f"{remote}/absent")
    assert refused() == ""
    assert "upstream does not answer" in capsys.readouterr().err


def test_a_key_that_signs_nothing_is_found_before_anything_is_tested(project, monkeypatch, capsys):
    monkeypatch.setenv("SIGNING_KEY", "../absent")
    assert release.main() == 1
    assert "Nothing can be signed with ../absent" in capsys.readouterr().err
    assert not Path("../steps").exists()


def test_nobody_who_is_unknown_to_git_is_found_out_only_when_all_was_built(checkout, monkeypatch):
    monkeypatch.setenv("GIT_COMMITTER_NAME", "")
    assert "Git does not know who makes the tag" in refused()


@pytest.mark.parametrize(
    "heading",
    ["", "## [1.2.0]\n\n- Add it.", "## [1.2.0] - 2027-01-02\n", "## [1.1.0] - 2026-01-02"],
)
def test_a_version_without_a_section_of_the_changelog_is_refused(checkout, heading):
    Path("CHANGELOG.md").write_text(f"# Changelog\n\n## [Unreleased]\n\n{heading}\n")
    save()
    assert "no section “## [1.2.0] - YYYY-MM-DD”" in refused()


def test_a_candidate_promises_nothing_and_keeps_nothing(checkout):
    Path("CHANGELOG.md").write_text(CHANGELOG.replace("1.2.0", "1.3.0rc1"))
    save()
    assert refused("1.3.0rc1") == ""


def test_a_migration_that_is_not_kept_is_refused(checkout):
    (migrations.FOLDER / "0009_later.py").write_text("")
    save()
    assert "make freeze" in refused()


@pytest.mark.parametrize("kept", release.KEPT)
def test_a_version_of_which_something_is_not_kept_is_refused(checkout, kept):
    kept("1.2.0").unlink()
    save()
    assert "make freeze" in refused()


@pytest.mark.parametrize(
    ("released", "being_made"),
    [("1.0.0", "1.1.0.dev0"), ("1.9.3", "1.10.0.dev0"), ("1.2.0rc1", "1.2.0.dev0")],
)
def test_the_version_after_a_release_adds_something(released, being_made):
    assert release.next_version(released) == being_made


def test_a_database_of_another_version_is_refused(checkout):
    release.frozen_database("1.2.0").write_bytes(gzip.compress(b'{"version": "1.1.0"}'))
    save()
    assert "make freeze" in refused()


# Keeping a version


def not_kept(version="1.2.0"):
    return " ".join(release.freeze_refusals(version))


def test_a_version_is_kept_anew_until_it_has_a_tag(checkout):
    assert not_kept() == ""
    git("tag", "v1.2.0")
    assert "v1.2.0 was released already" in not_kept()


@pytest.mark.parametrize("version", ["1.3.0.dev0", "1.3.0rc1"])
def test_nothing_is_kept_of_what_is_no_release(checkout, version):
    assert f"The version is {version}" in not_kept(version)


def test_an_edited_migration_is_found_before_and_after_a_later_version_is_kept(checkout):
    """The edit is there to be refused as long as anything is kept of the earlier release."""
    edited = sorted(migrations.FOLDER.glob("0*.py"))[0]
    edited.write_text(f"{edited.read_text()}# Edited.\n")
    told = f"Databases have run what {edited} did in 1.2.0"
    assert told in not_kept("1.3.0")
    keep("1.3.0")
    assert told in not_kept("1.3.0")
    assert told in refused("1.3.0")
    assert told not in not_kept("1.2.0")


# From the first check to the tag

MAKEFILE = """.PHONY: check audit test test-postgres test-upgrades sbom
check audit test test-postgres test-upgrades:
\t@echo $@ >> ../steps
\t@$($(subst -,_,$@))
sbom:
\t@echo '{}' > sbom.json
"""
PACKAGE = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "commitment-tracker"
version = "1.2.0"

[tool.hatch.build.targets.wheel]
include = ["commitments"]
"""


@pytest.fixture
def project(checkout, monkeypatch):
    """The repository, with a package and with steps that take no time; a variable named as one of
    them is what that step does besides."""
    monkeypatch.setattr(release, "__version__", "1.2.0")
    monkeypatch.delenv("SIGNING_KEY", raising=False)
    # There is no site here.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:django")
    work = checkout / "work"
    work.mkdir()
    for path in [path for path in checkout.iterdir() if path != work]:
        path.rename(work / path.name)
    monkeypatch.chdir(work)
    Path("Makefile").write_text(MAKEFILE)
    Path("pyproject.toml").write_text(PACKAGE)
    Path(".gitignore").write_text("dist/\nsbom.json\n__pycache__/\n.pytest_cache/\n")
    for name in release.REQUIREMENTS:
        Path(name).write_text("")
    tests = Path("tests/release")
    tests.mkdir(parents=True)
    (tests / "test_one.py").write_text("def test_one():\n    pass\n")
    save()
    return checkout


def tags():
    return git("tag", "--list").split()


@pytest.mark.long
def test_a_release_that_passed_everything_is_tagged_at_last_and_not_pushed(project, capsys):
    git("init", "--quiet", "--bare", "../elsewhere")
    git("remote", "add", "origin", "../elsewhere")
    assert release.main() == 0
    steps = Path("../steps").read_text().split()
    assert steps == ["check", "audit", "test", "test-postgres", "test-upgrades"]
    assert git("cat-file", "-t", "v1.2.0") == "tag"
    assert git("for-each-ref", "--format=%(contents:subject)", "refs/tags") == "Release 1.2.0"
    assert git("rev-parse", "v1.2.0^{commit}") == git("rev-parse", "HEAD")
    assert git("ls-remote", "origin") == ""
    told = capsys.readouterr().out
    assert "git push origin v1.2.0" in told
    assert "the next version, such as 1.3.0.dev0," in told
    written = {path.name for path in release.DIST.iterdir()}
    assert {"sbom.json", "SHA256SUMS", "commitment_tracker-1.2.0.tar.gz"} <= written
    assert release.main() == 1
    assert "v1.2.0 was released already" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.parametrize("step", ["check", "audit", "test", "test_postgres", "test_upgrades"])
def test_a_release_of_which_a_step_fails_is_not_tagged(project, monkeypatch, step):
    monkeypatch.setenv(step, "false")
    with pytest.raises(subprocess.CalledProcessError):
        release.main()
    assert tags() == []


@pytest.mark.long
def test_a_release_whose_own_tests_fail_is_not_tagged(project):
    Path("tests/release/test_one.py").write_text("def test_one():\n    assert False\n")
    save()
    with pytest.raises(subprocess.CalledProcessError):
        release.main()
    assert tags() == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        ("echo more >> CHANGELOG.md", "not committed"),
        ("git commit --quiet --allow-empty -m Later", "Another commit is checked out"),
        ("git tag v1.2.0", "was released already"),
    ],
)
def test_what_was_changed_while_it_was_built_is_not_tagged(
    project, monkeypatch, capsys, meanwhile, words
):
    monkeypatch.setenv("test_postgres", meanwhile)
    made = ["v1.2.0"] if "git tag" in meanwhile else []
    assert release.main() == 1
    told = capsys.readouterr()
    assert "Not tagged." in told.err
    assert words in told.err
    assert "git push" not in told.out
    assert tags() == made


def test_the_notes_lead_to_nothing_that_is_not_handed_out():
    section = (
        "- Add [tables](docs/data.md), as [rules\n  say](docs/rules.md#dates), of a\n"
        "  [package](https://example.org/package) (`docs/data.md`)."
    )
    assert release.notes(section) == (
        "- Add tables, as rules\n  say, of a\n  [package](https://example.org/package) "
        "(`docs/data.md`).\n\nMore is in these files of the sources: docs/data.md, docs/rules.md.\n"
    )
    assert release.notes("- Add it.") == "- Add it.\n"


def test_the_notes_of_the_changelog_have_no_link_to_a_file():
    changelog = Path("CHANGELOG.md").read_text("utf-8")
    links = re.findall(r"\]\((?!https://)[^)]*\)", release.notes(changelog))
    assert links == []


def test_the_digests_are_those_of_the_files_and_can_be_signed(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"wheel")
    (tmp_path / "b.tar.gz").write_bytes(b"sources")
    # hatchling leaves one.
    (tmp_path / ".gitignore").touch()
    release.write_sums(tmp_path)
    lines = (tmp_path / release.SUMS).read_text().splitlines()
    assert lines == [
        f"{hashlib.sha256(b'wheel').hexdigest()}  a.whl",
        f"{hashlib.sha256(b'sources').hexdigest()}  b.tar.gz",
    ]
    check = ["sha256sum", "--check", "--quiet", release.SUMS]
    subprocess.run(check, cwd=tmp_path, check=True)

    keys = tmp_path / "keys"
    keys.mkdir()
    key = keys / "release"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    assert list(release.key_refusals(str(key))) == []
    release.sign(tmp_path, str(key))
    (keys / "allowed").write_text(f"release {key.with_suffix('.pub').read_text()}")
    signature = tmp_path / f"{release.SUMS}.sig"
    verify = ["ssh-keygen", "-Y", "verify", "-f", keys / "allowed", "-I", "release"]
    verify += ["-n", release.NAMESPACE, "-s", signature]
    for content, good in ((lines, True), (lines[:1], False)):
        sent = "".join(f"{line}\n" for line in content).encode()
        done = subprocess.run(verify, input=sent, capture_output=True, check=False)
        assert (done.returncode == 0) is good


def made(target, *variables):
    """Return what make would run."""
    return subprocess.check_output(["make", "--dry-run", target, *variables], text=True)


@pytest.mark.parametrize("step", release.STEPS)
def test_every_step_of_a_release_is_a_target(step):
    assert made(step)


def test_upgrades_are_tried_on_postgresql_too():
    assert "test-upgrades" in release.STEPS
    assert "\nmake test-upgrades\n" in Path(".ci/run").read_text()
    assert "tests.run --upgrades" in made("test-upgrades")
    assert [mark.name for mark in test_upgrade.pytestmark] == ["long"]


def test_make_adds_a_migration_with_the_name_that_is_given():
    assert "makemigrations commitments --no-header --name rating" in made(
        "migration", "NAME=rating"
    )
    assert "--name" not in made("migration")
