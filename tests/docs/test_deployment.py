"""The files of `deploy/` and the page that explains them, as far as they can be tried anywhere."""

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
import yaml
from django.core.management import get_commands

from tests.faults.proxy import nginx_with, wait_for

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
# What readers are told with the page of an application that is stopped.
PAGE_HEADERS = {
    "Retry-After": "30",
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
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
    [user] = instructions("USER")
    assert f"useradd --system --uid {user} " in filled("Containerfile")
    assert int(user) > 0
    lines = filled("Containerfile").splitlines()
    written = [n for n, line in enumerate(lines) if line.startswith(("RUN", "COPY"))]
    assert max(written) < lines.index(f"USER {user}")


def test_images_have_a_registry_and_a_version():
    """A digest would keep the security fixes of the base image out."""
    services = yaml.safe_load(filled("compose.yaml"))["services"]
    images = [row["image"] for row in services.values() if "image" in row]
    assert len(images) == 2
    for image in (*instructions("FROM"), *images):
        assert re.fullmatch(r"docker\.io/[a-z]+/[a-z]+:\d[\w.-]*", image), image


def test_the_container_takes_files_from_here_alone_and_keeps_no_secret():
    assert instructions("ADD") == []
    kept = " ".join(instructions("ENV") + instructions("ARG"))
    assert not re.search(r"secret|password|token|_key=(?!/)", kept, re.IGNORECASE)


def test_the_container_says_whether_it_is_healthy():
    [command] = instructions("HEALTHCHECK")
    assert "/livez" in command
    services = yaml.safe_load(filled("compose.yaml"))["services"]
    assert all("healthcheck" in services[name] for name in ("cache", "database", "migrate", "tick"))


HADOLINT = ("hadolint", "--no-color", "--trusted-registry", "docker.io")
SCHEMA = ("check-jsonschema", "--builtin-schema", "vendor.compose-spec")


def checked(*command):
    """Return what a checker of `make check` says of a file, "" if nothing is wrong."""
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}" if done.returncode else ""


def test_make_checks_the_files_of_the_containers():
    run = subprocess.check_output(["make", "--dry-run", "check"], text=True)
    assert f"{' '.join(HADOLINT)} deploy/Containerfile" in run
    assert f"{' '.join(SCHEMA)} deploy/compose.yaml" in run


@pytest.mark.long
@pytest.mark.parametrize(
    ("find", "put", "rule"),
    [
        ("", "", ""),
        ("USER 900", "USER root", "DL3002"),
        ("python:3.13-slim-trixie", "python", "DL3006"),
        ("docker.io/library/python", "example.org/python", "DL3026"),
        ("WORKDIR /srv/tracker", "WORKDIR srv/tracker", "DL3000"),
        ("rm -rf /var/lib/apt/lists/*", "true", "DL3009"),
    ],
)
def test_the_linter_of_the_image_finds_what_is_wrong(tmp_path, find, put, rule):
    text = filled("Containerfile")
    assert find in text
    (tmp_path / "Containerfile").write_text(text.replace(find, put) if find else text)
    found = checked(*HADOLINT, tmp_path / "Containerfile")
    assert rule in found
    assert bool(found) == bool(rule)


@pytest.mark.long
@pytest.mark.parametrize(
    ("find", "put"),
    [("", ""), ("restart: unless-stopped", "restart: 3"), ("cap_drop:", "capdrop:")],
)
def test_the_schema_of_compose_finds_what_is_wrong(tmp_path, find, put):
    text = filled("compose.yaml")
    assert find in text
    (tmp_path / "compose.yaml").write_text(text.replace(find, put) if find else text)
    assert bool(checked(*SCHEMA, tmp_path / "compose.yaml")) == bool(find)


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
    database = "DATABASE_URL=sqlite:////var/lib/tracker/db.sqlite3"
    given = ["--env", f"SECRET_KEY={'x7-' * 20}", "--env", database]
    run = ["docker", "run", "--rm", *given, tag]
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
        "LEDGER_KEY": str(tmp_path / "ledger.key"),
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
    # The site can read it even if somebody else collected the files.
    assert stat.S_IMODE((tmp_path / "static/staticfiles.json").stat().st_mode) == 0o644
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


@pytest.fixture
def stopped(tmp_path):
    """The port of nginx before an application that is stopped, with the pages of the script."""
    with free_ports(2) as (port, nobody):
        pass
    site = re.sub(r"server \{\s+listen 80;.*?\n\}\n", "", filled("nginx.conf"), flags=re.DOTALL)
    site = re.sub(r"\n *(ssl_[a-z_]+ |listen \[::\]).*;", "", site)
    site = site.replace("listen 443 ssl http2", f"listen 127.0.0.1:{port}")
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{nobody}")
    site = site.replace("/var/lib/nginx/tracker", str(tmp_path / "cache"))
    site = site.replace("/var/www/tracker", str(tmp_path / "pages"))
    [copy] = re.findall(r"^install -D .*/var/www/tracker/.*$", filled("install.sh"), re.MULTILINE)
    copy = copy.replace("/var/www/tracker", str(tmp_path / "pages"))
    subprocess.run(copy.split(), check=True)
    with nginx_with(site, tmp_path):
        wait_for(port)
        yield port


@contextmanager
def free_ports(count):
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for free in found:
            free.bind(("127.0.0.1", 0))
        yield [free.getsockname()[1] for free in found]


@pytest.mark.long
@pytest.mark.skipif(NGINX is None, reason="needs nginx")
def test_while_the_application_is_stopped_readers_are_asked_to_come_back(stopped):
    for method, path in (("GET", "/en/"), ("POST", "/api/v1/updates/"), ("GET", "/en/x.svg")):
        answer = requests.request(method, f"http://127.0.0.1:{stopped}{path}", timeout=10)
        assert answer.status_code == 503, path
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8", path
        assert "try again in half a minute" in answer.text
        assert "请半分钟后再试" in answer.text
        sent = {name: answer.headers[name] for name in PAGE_HEADERS}
        assert sent == PAGE_HEADERS, path
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';"), path
        assert "unsafe" not in policy, path
    by_name = requests.get(f"http://127.0.0.1:{stopped}/unavailable.html", timeout=10)
    assert by_name.status_code == 404


def test_the_page_of_a_stopped_application_needs_nothing_that_its_policy_forbids():
    page = (DEPLOY / "unavailable.html").read_text(encoding="utf-8")
    for part in ("<style", "style=", "<script", "<img", "<link", "<a ", "src="):
        assert part not in page, part


def test_no_server_of_nginx_has_a_log_of_requests():
    servers = filled("nginx.conf").split("\nserver {")[1:]
    assert len(servers) == 2
    for server in servers:
        assert re.search(r"^    access_log +off;$", server, re.MULTILINE), server


def test_the_settings_of_the_containers_are_for_their_owner_alone(tmp_path):
    [block] = re.findall(r"```sh\n(cd deploy\n.*?)```", PAGE.read_text(), re.DOTALL)
    _folder, line, *_rest = block.splitlines()
    shutil.copy(DEPLOY / "site.env", tmp_path)
    subprocess.run(["sh", "-c", line], check=True, cwd=tmp_path, umask=0o022)
    made = tmp_path / "tracker.env"
    assert made.stat().st_mode & 0o777 == 0o600
    text = made.read_text()
    assert f"ALLOWED_HOSTS={HOST}\n" in text
    for name in ("DATABASE_URL", "CACHE_URL", "STATIC_ROOT", "EVIDENCE_DIR"):
        assert f"{name}=" not in text


@pytest.mark.skipif(not Path(".git").exists(), reason="needs a checkout")
@pytest.mark.parametrize("name", [".env", "deploy/tracker.env", "readers.env", "pooler.env"])
def test_no_file_of_secrets_is_committed_by_mistake(name):
    ignored = subprocess.run(["git", "check-ignore", "--quiet", name], check=False)
    assert ignored.returncode == 0


@pytest.mark.long
def test_gunicorn_reads_its_settings(monkeypatch):
    monkeypatch.setenv("WEB_WORKERS", "3")
    command = [sys.executable, "-m", "gunicorn", "--config", "python:tracker.gunicorn"]
    shown = subprocess.check_output([*command, "--print-config", "tracker.wsgi"], text=True)
    assert re.search(r"workers +(:|=) 3", shown)
    assert re.search(r"worker_class +(:|=) gthread", shown)
