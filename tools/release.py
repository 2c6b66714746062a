"""Check, test, build and tag what is handed out as a release (`make release`).

It refuses unless everything is committed, CHANGELOG.md has a dated section of the version, and
migrations, a database, a backup and the API of the version are kept for tests of later ones (`make
freeze`). The files are written to dist/, and at the very end the commit gets its tag. Nothing
leaves the machine.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from commitments import __version__
from tools import migrations
from tools.changelog import sections

DIST = Path("dist")
SUMS = "SHA256SUMS"
NOTES = "RELEASE_NOTES.md"
SBOM = "sbom.json"
# Handed out beside the package: the libraries with their digests.
REQUIREMENTS = ("requirements.txt", "requirements-extras.txt")
# What must pass, as targets of the Makefile.
STEPS = ("check", "audit", "test", "test-postgres", "test-upgrades")
# What signatures are for, as `ssh-keygen -Y verify -n` asks.
NAMESPACE = "commitment-tracker"
# How long a remote may take to name its tags.
SECONDS_TO_ANSWER = 60
_LINK_TO_FILE = re.compile(r"\[(?P<words>[^]]+)\]\((?P<file>[\w./-]+)(?:#[^)]*)?\)")
# The end of the names of files that say which API and tables a version has.
PROMISES = ".promises.json"


def refusals(version: str) -> Iterator[str]:
    """Yield why this version cannot be released from here, and what to do."""
    if "dev" in version:
        yield (
            f"The version is {version}, one that is still being made: set that of the release in "
            "commitments/__init__.py."
        )
    if _git("status", "--porcelain"):
        yield "Files were changed and not committed: commit them, or take them away."
    yield from _released_already(version)
    who = ["git", "var", "GIT_COMMITTER_IDENT"]
    if subprocess.run(who, check=False, capture_output=True).returncode:
        yield "Git does not know who makes the tag: set user.name and user.email."
    section = sections(Path("CHANGELOG.md").read_text("utf-8")).get(version)
    if section is None or section.day is None or not section.text:
        yield f"CHANGELOG.md has no section “## [{version}] - YYYY-MM-DD” with an entry."
    yield from _edited_migrations(version)
    if is_final(version) and not _is_kept(version):
        yield (
            f"The migrations, a database, a backup and the API of {version} are not kept for tests "
            "of later versions: run `make freeze`, and commit what it wrote."
        )


def freeze_refusals(version: str) -> Iterator[str]:
    """Yield why nothing of this version can be kept for tests of later ones, and what to do."""
    if not is_final(version):
        yield (
            f"The version is {version}; only what a release promises is kept, so that later ones "
            "keep it too: set the version of the release in commitments/__init__.py."
        )
    yield from _released_already(version)
    yield from _edited_migrations(version)


def is_final(version: str) -> bool:
    """Return whether a version is that of a release, which makes promises, not of a candidate or of
    one that is being made."""
    return re.fullmatch(r"\d+\.\d+\.\d+", version) is not None


def _released_already(version: str) -> Iterator[str]:
    name = f"v{version}"
    if _git("tag", "--list", name):
        yield f"{name} was released already: raise the version in commitments/__init__.py."
        return
    for remote in _git("remote").split():
        if name in _tags_of(remote):
            yield (
                f"{name} was released already, as {remote} says: get its tags with `git fetch "
                "--tags`, and raise the version in commitments/__init__.py."
            )


def _tags_of(remote: str) -> list[str]:
    """Return the names of the tags that a remote has; none, and say so, if it does not answer."""
    command = ["git", "ls-remote", "--tags", "--refs", remote]
    try:
        asked = subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},
            timeout=SECONDS_TO_ANSWER,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        print(f"{remote} does not answer, so its tags are not compared.", file=sys.stderr)
        return []
    return [line.rpartition("refs/tags/")[2] for line in asked.stdout.splitlines()]


def _edited_migrations(version: str) -> Iterator[str]:
    for earlier, paths in migrations.altered_since(version).items():
        yield (
            f"Databases have run what {', '.join(paths)} did in {earlier}: restore it, and change "
            "the tables with another migration."
        )


def _is_kept(version: str) -> bool:
    """Return whether what is kept is there and of this version."""
    database = frozen_database(version)
    return (
        all(kept(version).exists() for kept in KEPT)
        and migrations.released()[version] == migrations.digests()
        and json.loads(gzip.decompress(database.read_bytes()))["version"] == version
    )


def frozen_database(version: str) -> Path:
    return migrations.RELEASED / f"{version}.json.gz"


def frozen_archive(version: str) -> Path:
    return migrations.RELEASED / f"{version}.tar.gz"


def frozen_promises(version: str) -> Path:
    return migrations.RELEASED / f"{version}{PROMISES}"


# The files that are kept of a version.
KEPT = (migrations.kept_digests, frozen_database, frozen_archive, frozen_promises)


def next_version(version: str) -> str:
    """Return the version that is being made after a release, if it will add something, or after a
    candidate."""
    release, is_candidate, _number = version.partition("rc")
    first, second, _third = release.split(".")
    return f"{release if is_candidate else f'{first}.{int(second) + 1}.0'}.dev0"


def _git(*arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], text=True).strip()


# Building


def build(version: str, target: Path) -> None:
    """Write the package, the requirements, the list of its parts, the notes and the digests."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    # The time of the commit, so that whoever builds it again gets the same bytes.
    epoch = _git("log", "-1", "--format=%ct")
    environment = os.environ | {"SOURCE_DATE_EPOCH": epoch}
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    subprocess.run(command, env=environment, check=True)
    for name in REQUIREMENTS:
        shutil.copy(name, target)
    subprocess.run(["make", "--no-print-directory", "sbom"], check=True)
    shutil.move(SBOM, target)
    section = sections(Path("CHANGELOG.md").read_text("utf-8"))[version]
    (target / NOTES).write_text(notes(section.text), encoding="utf-8")
    write_sums(target)


def notes(section: str) -> str:
    """Return what has changed as it is read beside the files of a release: without links to files
    of the sources, which are named at the end."""
    named = sorted({match["file"] for match in _LINK_TO_FILE.finditer(section)})
    more = f"\n\nMore is in these files of the sources: {', '.join(named)}." if named else ""
    text = _LINK_TO_FILE.sub(r"\g<words>", section)
    return f"{text}{more}\n"


def write_sums(target: Path) -> None:
    """Write the digests of all files, as `sha256sum --check` reads them."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(target.iterdir())
        if not path.name.startswith((SUMS, "."))
    ]
    (target / SUMS).write_text("".join(lines), encoding="utf-8")


def sign(target: Path, key: str) -> None:
    """Sign the digests with a key of SSH; the signature is written beside them."""
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", NAMESPACE, str(target / SUMS)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def key_refusals(key: str) -> Iterator[str]:
    """Yield why nothing can be signed with a key, after trying it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / SUMS).touch()
        try:
            sign(Path(folder), key)
        except (OSError, subprocess.CalledProcessError) as error:
            yield f"Nothing can be signed with {key} (SIGNING_KEY): {error}."


def tag(version: str, commit: str) -> list[str]:
    """Give the commit that was checked and built an annotated tag. Return why not, where something
    else is checked out, or the release would be refused by now."""
    found = list(refusals(version))
    if _git("rev-parse", "HEAD") != commit:
        found.append(f"Another commit is checked out than {commit}, which was checked and built.")
    if not found:
        _git("tag", "--annotate", f"v{version}", "--message", f"Release {version}", commit)
    return found


def main() -> int:
    key = os.environ.get("SIGNING_KEY")
    found = [*refusals(__version__), *(key_refusals(key) if key else ())]
    if found:
        print("\n".join(found), file=sys.stderr)
        return 1
    commit = _git("rev-parse", "HEAD")
    for step in STEPS:
        subprocess.run(["make", "--no-print-directory", step], check=True)
    # Whether the package can be installed, and databases of earlier releases upgraded on SQLite.
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-m", "", "tests/release"], check=True)
    build(__version__, DIST)
    if key:
        sign(DIST, key)
    found = tag(__version__, commit)
    if found:
        print("\n".join(["Not tagged.", *found]), file=sys.stderr)
        return 1
    print(
        f"\n{DIST}/ has release {__version__}{'' if key else ', not signed (SIGNING_KEY)'}, and "
        f"its commit the tag v{__version__}. To publish it:\n\n"
        f"    git push origin v{__version__}\n\n"
        f"and hand out the files of {DIST}/ with {NOTES}. Then set the next version, such as "
        f"{next_version(__version__)}, in commitments/__init__.py."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
