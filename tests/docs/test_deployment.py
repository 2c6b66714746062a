"""The files of `deploy/` and the page that explains them, as far as they can be tried anywhere."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

pytestmark = pytest.mark.alike

DEPLOY = Path("deploy")
PAGE = Path("docs/deployment.md")
HOST = "tracker.example.org"
# Not everybody looks where Debian puts it.
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
CONTAINER_ENGINE = (
    shutil.which("docker") is not None
    and subprocess.run(["docker", "info"], check=False, capture_output=True).returncode == 0
)
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


def filled(name):
    """Return a template of `deploy/` with the name of a site."""
    return (DEPLOY / name).read_text().replace("@HOST@", HOST)


def test_the_script_is_one_that_the_shell_reads():
    subprocess.run(["sh", "-n", DEPLOY / "install.sh"], check=True)
    assert os.access(DEPLOY / "install.sh", os.X_OK)


def test_every_file_that_page_and_script_name_is_there():
    named = re.findall(r"deploy/([a-z-]+\.[a-z]+)", PAGE.read_text() + filled("install.sh"))
    assert {"site.env", "nginx.conf", "compose.yaml"} <= {*named}
    for name in named:
        assert (DEPLOY / name).exists(), name


@pytest.mark.parametrize("file", [PAGE, *UNITS, DEPLOY / "install.sh"], ids=str)
def test_every_command_that_is_named_exists(file):
    commands = re.findall(r"(?:manage(?:\.py)?|^manage) ([a-z_]+)", file.read_text(), re.MULTILINE)
    for command in commands:
        assert command in get_commands(), command


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_unit_runs_as_the_user_who_owns_nothing_but_the_data(unit):
    text = unit.read_text()
    if unit.suffix == ".timer":
        assert unit.with_suffix(".service").exists()
        return
    for line in ("User=tracker", "ProtectSystem=strict", "ReadWritePaths=/var/lib/tracker"):
        assert line in text, line


def instructions(name):
    """Return the arguments of all instructions of this name in the Containerfile."""
    joined = filled("Containerfile").replace("\\\n", " ")
    return re.findall(rf"^{name} (.*)$", joined, re.MULTILINE)


def test_the_container_copies_what_there_is_and_what_the_engine_is_given():
    given = {line[1:] for line in Path(".dockerignore").read_text().splitlines() if line[:1] == "!"}
    copied = {source for words in instructions("COPY") for source in words.split()[:-1]}
    assert copied == given
    assert all(Path(source).exists() for source in copied)


def test_the_container_runs_as_a_user_without_rights():
    assert instructions("USER") == ["tracker"]
    lines = filled("Containerfile").splitlines()
    written = [n for n, line in enumerate(lines) if line.startswith(("RUN", "COPY"))]
    assert max(written) < lines.index("USER tracker")


def test_the_containers_do_not_start_without_a_password():
    services = yaml.safe_load(filled("compose.yaml"))["services"]
    assert services["database"]["environment"]["POSTGRES_PASSWORD"] == "${DATABASE_PASSWORD:?}"
    assert ":${DATABASE_PASSWORD:?}@" in services["web"]["environment"]["DATABASE_URL"]


def test_the_containers_share_a_cache_whose_library_they_have():
    services = yaml.safe_load(filled("compose.yaml"))["services"]
    for name in ("migrate", "web", "tick"):
        service = services[name]
        assert service["environment"]["CACHE_URL"].startswith("rediscache://cache:"), name
        assert service["build"]["args"] == {"REQUIREMENTS": "requirements-extras.txt"}, name
    assert "redis" in Path("requirements-extras.txt").read_text()
    assert services["cache"]["image"].partition(":")[0] == "docker.io/valkey/valkey"


@pytest.mark.long
@pytest.mark.skipif(not CONTAINER_ENGINE, reason="needs a container engine: `docker info` fails")
def test_the_image_is_built_and_starts():
    tag = "tracker-tested"
    command = ["docker", "build", "--quiet", "--tag", tag, "--file", "deploy/Containerfile", "."]
    subprocess.run(command, check=True, timeout=1800)
    run = ["docker", "run", "--rm", "--env", f"SECRET_KEY={'x7-' * 20}", tag]
    asked = [*run, ".venv/bin/python", "manage.py", "check", "--deploy"]
    subprocess.run(asked, check=True, timeout=300)


def test_before_an_upgrade_whatever_may_write_is_stopped_and_the_proxy_reloaded_after():
    upgrade = PAGE.read_text().partition("## Upgrading")[2].partition("### Rolling back")[0]
    [block] = re.findall(r"```sh\n(.*?)```", upgrade, re.DOTALL)
    lines = block.splitlines()
    install = next(n for n, line in enumerate(lines) if line.startswith("deploy/install.sh"))
    [stop] = [line.split()[2:] for line in lines[:install] if line.startswith("systemctl stop")]
    assert {*stop} == {
        "tracker",
        "tracker-tick",
        "tracker-tick.timer",
        "tracker-backup",
        "tracker-backup.timer",
    }
    # First the timers, so that none starts what was just stopped.
    assert all(name.endswith(".timer") for name in stop[:2])
    after = "\n".join(lines[install:])
    assert "systemctl start tracker tracker-tick.timer tracker-backup.timer" in after
    assert "systemctl reload nginx" in after


def test_the_services_of_the_containers_write_to_their_data_alone():
    services = yaml.safe_load(filled("compose.yaml"))["services"]
    for name in ("migrate", "web", "tick"):
        service = services[name]
        assert service["read_only"], name
        assert service["tmpfs"] == ["/tmp"], name
        assert service["volumes"] == ["data:/var/lib/tracker"], name
        assert service["cap_drop"] == ["ALL"], name
    # What has no server would never be healthy.
    without = [name for name in services if services[name].get("healthcheck") == {"disable": True}]
    assert without == ["migrate", "tick"]


@pytest.mark.long
def test_a_site_with_these_settings_passes_the_checks_of_a_deployment(tmp_path):
    lines = filled("site.env").replace("@SECRET_KEY@", "x7-" * 20).splitlines()
    settings = dict(line.split("=", 1) for line in lines if re.match("[A-Z_]+=", line))
    settings |= {
        "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
        "EVIDENCE_DIR": str(tmp_path / "evidence"),
        "STATIC_ROOT": str(tmp_path / "static"),
        "CACHE_URL": f"filecache://{tmp_path}/cache",
    }
    settings["SECRET_KEY"] = "".join(map(chr, range(33, 90)))

    def run(*arguments):
        command = [sys.executable, "manage.py", *arguments]
        environment = {"PATH": os.environ["PATH"], **settings}
        subprocess.run(command, check=True, env=environment, umask=0o077)

    run("migrate", "--verbosity", "0")
    run("collectstatic", "--noinput", "--verbosity", "0")
    run("check", "--deploy", "--fail-level", "WARNING")
    run("tick", "--list")


@pytest.mark.long
@pytest.mark.skipif(NGINX is None, reason="needs nginx")
@pytest.mark.parametrize("replica", [False, True], ids=["alone", "with-a-replica"])
def test_nginx_takes_its_site(tmp_path, replica):
    certificate = tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}"]
    key = tmp_path / "key.pem"
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True)
    site = re.sub(r"(ssl_certificate_key +).*;", rf"\1{key};", filled("nginx.conf"))
    site = re.sub(r"(ssl_certificate +).*;", rf"\1{certificate};", site)
    site = site.replace("/var/lib/nginx/tracker", str(tmp_path / "cache"))
    if replica:
        # As the script does it.
        [change] = re.findall(r"sed -i '([^']+)'", filled("install.sh"))
        site = subprocess.check_output(["sed", change], input=site, text=True)
        assert "http://127.0.0.1:8000" not in site
        site = filled("nginx-replica.conf") + site
    whole = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{site}\n}}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    tried = [NGINX, "-t", "-e", tmp_path / "errors", "-c", tmp_path / "nginx.conf"]
    checked = subprocess.run(tried, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.long
def test_gunicorn_reads_its_settings(monkeypatch):
    monkeypatch.setenv("WEB_WORKERS", "3")
    command = [sys.executable, "-m", "gunicorn", "--config", "python:tracker.gunicorn"]
    shown = subprocess.check_output([*command, "--print-config", "tracker.wsgi"], text=True)
    assert re.search(r"workers +(:|=) 3", shown)
    assert re.search(r"worker_class +(:|=) gthread", shown)
