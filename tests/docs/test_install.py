"""`deploy/install.sh` in a throwaway root: the site that it installs answers through nginx, its
units work, its secrets are closed, and it can be run again."""

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.docs.throwaway import Unit, asker, throwaway_root, why_not

HOST = "tracker.example.org"
APP, DATA = "/srv/tracker", "/var/lib/tracker"
CERTIFICATE = f"/etc/letsencrypt/live/{HOST}/fullchain.pem"
SCRIPT = Path("deploy/install.sh").read_text()
[NAMED] = re.findall(r"^apt-get install -y (.+)$", SCRIPT, re.MULTILINE)
PACKAGES = NAMED.split()
WHY_NOT = why_not(PACKAGES)

pytestmark = [
    pytest.mark.alike,
    pytest.mark.long,
    pytest.mark.xdist_group("install"),
    pytest.mark.skipif(WHY_NOT != "", reason=WHY_NOT),
]
# Notes its arguments instead of doing anything.
RECORDER = '#!/bin/sh\necho "$(basename "$0") $*" >>/var/log/recorded\n'


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("root")
    files = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], text=True
    )
    with throwaway_root(folder) as root:
        # What the machine's own site would be.
        root.run("rm", "-rf", APP, DATA, "/var/lib/postgresql", "/etc/postgresql")
        for name in filter(None, files.split("\0")):
            if Path(name).is_file():
                target = root.path(f"{APP}/{name}")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(name, target)
        for program in ("apt-get", "systemctl"):
            root.put(f"/usr/local/sbin/{program}", RECORDER, 0o755)
        _start_postgresql(root)
        _certify(root)
        yield root
    assert not any(folder.iterdir())


def _start_postgresql(root):
    """What installing Debian's package does, where nobody has chosen a locale."""
    root.run("install", "-d", "-o", "postgres", "-g", "postgres", "/var/lib/postgresql")
    root.run("install", "-d", "-o", "postgres", "-g", "postgres", "/etc/postgresql")
    root.run("install", "-d", "-o", "postgres", "-g", "postgres", "-m", "2775", "/run/postgresql")
    version = max(map(int, os.listdir("/usr/lib/postgresql")))
    plain = ["env", "-u", "LC_ALL", "-u", "LC_CTYPE", "LANG=C"]
    root.run(*plain, "pg_createcluster", version, "main", "--port", 5432)
    root.run("pg_ctlcluster", version, "main", "start")


def _certify(root):
    """A certificate, as certbot would fetch it."""
    folder = str(Path(CERTIFICATE).parent)
    root.run("install", "-d", folder)
    root.run(
        *["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}"],
        *["-addext", f"subjectAltName=DNS:{HOST}"],
        *["-keyout", f"{folder}/privkey.pem", "-out", CERTIFICATE],
    )


def install(root):
    return root.run(f"{APP}/deploy/install.sh", HOST, online=True, timeout=1200)


def manage(root, *arguments, **variables):
    given = [f"{name}={value}" for name, value in variables.items()]
    as_user = ["runuser", "-u", "tracker", "--", "env", "-C", APP, *given]
    return root.run(*as_user, f"{APP}/.venv/bin/python", "manage.py", *arguments)


@pytest.fixture(scope="module")
def installed(root):
    """The site after the commands of the page, before its services are started."""
    [pinned] = re.findall(r"^(asgiref==\S+)", Path("requirements.txt").read_text(), re.MULTILINE)
    root.run("python3", "-m", "venv", "/tmp/probe")
    tried = root.command(
        *["/tmp/probe/bin/pip", "download", "--quiet", "--no-deps", "-d", "/tmp", pinned],
        online=True,
    )
    if subprocess.run(tried, check=False, capture_output=True).returncode:
        pytest.skip("pip finds no packages")
    said = install(root)
    assert said.splitlines()[-1].startswith("Installed.")
    manage(root, "load_plan", "fixtures/iscc/plan.yaml")
    password = {"DJANGO_SUPERUSER_PASSWORD": "a long enough pass phrase 7"}
    account = ["createsuperuser", "--noinput", "--username", "administrator"]
    manage(root, *account, "--email", "a@example.org", **password)
    return root


@pytest.fixture
def site(installed):
    """`site.ask(path)` asks nginx while the service runs, as the proxy's readers do."""
    ask = asker(installed, HOST, CERTIFICATE)

    def is_up():
        done = ask("/livez")
        return done.returncode == 0 and json.loads(done.stdout)[0] == 200

    nginx = installed.command("nginx", "-g", "daemon off;")
    application = Unit(installed, "tracker").command()
    with installed.running(application, lambda: True), installed.running(nginx, is_up):
        yield SimpleNamespace(ask=lambda *asked: json.loads(ask(*asked).stdout))


def owner_and_mode(root, path):
    names = {
        int(line.split(":")[2]): line.split(":")[0]
        for line in root.path("/etc/passwd").read_text().splitlines()
    }
    found = root.path(path).lstat()
    return names[found.st_uid], oct(stat.S_IMODE(found.st_mode))


def test_it_asks_for_the_packages_and_starts_nothing_by_itself(installed):
    recorded = installed.path("/var/log/recorded").read_text().splitlines()
    assert {*recorded} == {f"apt-get install -y {' '.join(PACKAGES)}"}


def test_the_site_answers_through_nginx_with_its_static_files(site):
    status, headers, text = site.ask("/en/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "International Strategy of Cooperation on Cyberspace" in text
    [sheet] = re.findall(r'<link rel="stylesheet" href="([^"]+site[^"]*\.css)"', text)
    status, headers, _text = site.ask(sheet)
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/css")
    assert "immutable" in headers["cache-control"]
    status, _headers, text = site.ask("/zh-hans/ISCC/")
    assert status == 200
    assert "网络空间国际合作战略" in text
    assert site.ask("/admin/login/")[0] == 200
    assert site.ask("/readyz")[0] == 200
    status, headers, _text = site.ask("/en/", "http")
    assert (status, headers["location"]) == (301, f"https://{HOST}/en/")


def test_a_picture_with_words_in_chinese_is_drawn(site):
    status, headers, _bytes = site.ask("/zh-hans/ISCC/share.png")
    assert (status, headers["content-type"]) == (200, "image/png")


def test_secrets_and_data_are_closed_and_the_code_belongs_to_root(installed):
    assert {
        path: owner_and_mode(installed, path)
        for path in (
            f"{APP}/.env",
            DATA,
            f"{DATA}/evidence",
            f"{DATA}/backups",
            f"{DATA}/cache",
            f"{DATA}/static",
            f"{DATA}/ledger.key",
            APP,
            f"{APP}/manage.py",
            "/etc/systemd/system/tracker.service",
        )
    } == {
        f"{APP}/.env": ("tracker", "0o600"),
        DATA: ("tracker", "0o700"),
        f"{DATA}/evidence": ("tracker", "0o700"),
        f"{DATA}/backups": ("tracker", "0o700"),
        f"{DATA}/cache": ("tracker", "0o700"),
        f"{DATA}/static": ("tracker", "0o755"),
        f"{DATA}/ledger.key": ("tracker", "0o600"),
        APP: ("root", "0o755"),
        f"{APP}/manage.py": ("root", "0o755"),
        "/etc/systemd/system/tracker.service": ("root", "0o644"),
    }
    code = installed.path(APP)
    for path in (*code.glob("tracker/**/*"), *code.glob("commitments/**/*")):
        assert path.stat().st_uid == 0, path


def test_the_database_is_that_of_the_user_alone_and_takes_every_script(installed):
    asked = ["psql", "-qtA", "-d", "tracker", "-c"]
    encoding = installed.run("runuser", "-u", "tracker", "--", *asked, "SHOW server_encoding")
    assert encoding.strip() == "UTF8"
    refused = subprocess.run(
        installed.command("runuser", "-u", "nobody", "--", *asked, "SELECT 1"),
        check=False,
        capture_output=True,
        text=True,
    )
    assert refused.returncode != 0


def test_the_units_are_ones_that_systemd_takes(installed):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    names = [path.name for path in Path("deploy").glob("tracker*.[st]*")]
    folder = "/etc/systemd/system"
    said = installed.run("systemd-analyze", "verify", *(f"{folder}/{name}" for name in names))
    assert "tracker" not in said, said


def test_the_regular_tasks_run_as_the_service(installed):
    said = Unit(installed, "tracker-tick").run()
    assert "verify_ledger: done" in said
    assert "failed" not in said
    # What runs with each tick, and nothing else.
    again = {line.partition(":")[0] for line in Unit(installed, "tracker-tick").run().splitlines()}
    assert again <= {"send_mail_due", "send_webhooks_due"}


def test_a_backup_is_made_as_the_service_and_those_of_a_month_ago_go(installed):
    folder = installed.path(f"{DATA}/backups")
    (folder / "old.tar").touch()
    os.utime(folder / "old.tar", (0, 0))
    Unit(installed, "tracker-backup").run()
    [archive] = folder.iterdir()
    name = f"{DATA}/backups/{archive.name}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{4}\.tar", archive.name)
    assert owner_and_mode(installed, name) == ("tracker", "0o600")


def test_run_again_it_leaves_the_site_and_its_secrets(installed, request):
    kept = {
        name: installed.path(name).read_bytes() for name in (f"{APP}/.env", f"{DATA}/ledger.key")
    }
    # What an upgrade replaces.
    installed.put("/etc/nginx/sites-available/tracker", "# of an earlier version")
    manage(installed, "verify_ledger")
    # As a copy of a former site's may be.
    installed.path(f"{APP}/.env").chmod(0o644)
    install(installed)
    manage(installed, "verify_ledger")
    for name, content in kept.items():
        assert installed.path(name).read_bytes() == content, name
    assert owner_and_mode(installed, f"{APP}/.env") == ("tracker", "0o600")
    status, _headers, text = request.getfixturevalue("site").ask("/en/")
    assert status == 200
    assert "International Strategy of Cooperation on Cyberspace" in text


@pytest.mark.parametrize(
    ("setting", "needs_more"),
    [
        ("METRICS_TOKEN=secret", True),
        ("OIDC_ISSUER=https://id.example.org", True),
        ("EVIDENCE_STORE=s3://files", True),
        ("CACHE_URL=redis://cache", True),
        ('CACHE_URL="rediss://cache"', True),
        ("CACHE_URL=file:///var/lib/tracker/cache", False),
        ("METRICS_TOKEN=", False),
        ("# EVIDENCE_STORE=s3://files", False),
    ],
)
def test_the_libraries_that_a_setting_needs_are_installed_too(tmp_path, setting, needs_more):
    [condition] = re.findall(r"^if (grep .+); then\n.+requirements-extras", SCRIPT, re.MULTILINE)
    (tmp_path / ".env").write_text(f"SITE_URL=https://{HOST}\n{setting}\n")
    done = subprocess.run(["bash", "-c", condition], cwd=tmp_path, check=False)
    assert (done.returncode == 0) is needs_more
