"""Builds the package, and installs it as somebody does who has no checkout."""

import os
import socket
import subprocess
import sys
import sysconfig
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

EPOCH = "1767225600"
SECONDS_TO_START = 60


def build(source, target):
    """Build the source distribution and the wheel of a folder; return their paths."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": EPOCH}
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    [sdist], [wheel] = target.glob("*.tar.gz"), target.glob("*.whl")
    return sdist, wheel


class Installation:
    """A wheel in a virtual environment of its own, used in a folder that is empty at first. The
    libraries are those with which the tests run, so that nothing is downloaded."""

    def __init__(self, wheel, folder):
        self.environment, self.folder = folder / "venv", folder / "site"
        self.folder.mkdir(mode=0o700)
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", self.environment], check=True
        )
        self.python = self.environment / "bin" / "python"
        libraries = self._site_packages() / "libraries.pth"
        libraries.write_text(f"{sysconfig.get_path('purelib')}\n")
        command = [sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet"]
        options = ["--no-deps", "--no-index", "--no-cache-dir", "--disable-pip-version-check"]
        subprocess.run([*command, *options, wheel], check=True)
        self.share = self.environment / "share" / "commitment-tracker"

    def _site_packages(self):
        [folder] = (self.environment / "lib").glob("python*/site-packages")
        return folder

    def variables(self, **settings):
        return {
            "PATH": f"{self.environment}/bin:{os.environ['PATH']}",
            "SECRET_KEY": "".join(map(chr, range(33, 90))),
            "ALLOWED_HOSTS": "tracker.example.org,127.0.0.1",
            "SITE_OPERATOR": "An office",
            **settings,
        }

    def run(self, *command, **settings):
        """Run a command of the tracker in the folder of the site; return what it printed."""
        done = subprocess.run(
            ["commitment-tracker", *map(str, command)],
            cwd=self.folder,
            env=self.variables(**settings),
            umask=0o077,
            capture_output=True,
            text=True,
            check=False,
            executable=self.environment / "bin" / "commitment-tracker",
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def served(self, **settings):
        """Serve the site; yield its address once it answers."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            host = f"127.0.0.1:{listener.getsockname()[1]}"
        command = [self.python, "-m", "gunicorn", "--config", "python:tracker.gunicorn"]
        server = subprocess.Popen(
            [*command, "tracker.wsgi"],
            cwd=self.folder,
            env=self.variables(BIND=host, WEB_WORKERS="1", **settings),
        )
        try:
            _await(f"http://{host}/livez")
            yield f"http://{host}"
        finally:
            server.terminate()
            server.wait(timeout=SECONDS_TO_START)


def _await(address):
    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, TimeoutError):  # nobody listens yet, or the first answer takes long
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.1)


def installed_files(folder):
    """Return the paths of the package in a checkout that a site needs, relative to it."""
    return {
        str(path.relative_to(folder))
        for name in ("commitments", "tracker")
        for path in Path(folder, name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
